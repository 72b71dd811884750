"""The wiring of those who keep the doors, and answer through them.

In: the store, the intake, the channels. Out: coroutines to run: one that keeps each door which listens, one for each door's letters. It
starts none of them.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping

from channels.base import Channel, Listener, Single
from gateway import duties
from gateway.intake import Intake
from gateway.journal import Journal
from gateway.keep import keep
from gateway.metrics import Metrics
from gateway.sending import Sending
from gateway.steering import Steering
from gateway.store.base import Store
from gateway.tenure import Tenure, holder

#: A letter is claimed for an operator's answer (30 s) and its place in the window, and then some.
LETTER_LEASE_S = 120.0

Tenures = Mapping[str, Tenure]


def rights(store: Store, intake: Intake, channels: Mapping[str, Channel]) -> Tenures:
    """To those that one process at a time may keep, by name."""
    who = holder()
    return {name: Tenure(store, intake, name, who) for name, channel in channels.items() if isinstance(channel, Single)}


def answering(
    store: Store, channels: Mapping[str, Channel], tenures: Tenures, *, steering: Steering, metrics: Metrics, journal: Journal
) -> list[Coroutine[None, None, None]]:
    """Those who send letters."""
    sendings = {name: Sending(store, channel, metrics=metrics, journal=journal) for name, channel in channels.items()}
    return [
        duties.answer(store, sending, lease_s=LETTER_LEASE_S, tenure=tenures.get(name), latch=steering.latches[name])
        for name, sending in sendings.items()
    ]


def keeping(
    intake: Intake, channels: Mapping[str, Channel], tenures: Tenures, *, steering: Steering, journal: Journal
) -> list[Coroutine[None, None, None]]:
    """Those who listen."""
    listeners = [(channel, channel) for channel in channels.values() if isinstance(channel, Listener)]
    latches = steering.latches
    return [
        keep(door, channel, intake, journal, tenure=tenures.get(channel.name), latch=latches[channel.name]) for door, channel in listeners
    ]
