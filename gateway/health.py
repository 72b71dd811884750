"""How the gateway feels, for operators and for whoever watches over it.

In: the store, the channels, the counts. Out: a `State` and the text of the metrics. It mends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from channels.base import Channel, Unavailable
from gateway.controls import Mode
from gateway.findings import BOARD, Finding, read
from gateway.gate import Gate
from gateway.latch import Latch
from gateway.metrics import Metrics
from gateway.spool.detour import AWAY
from gateway.spool.home import Spool, SpoolState
from gateway.steering import Steering
from gateway.store.base import Store
from gateway.store.record import Tally


class ChannelState(msgspec.Struct, frozen=True, kw_only=True):
    """A door: whether an answer could be sent through it, and each of its links in the channel's own words."""

    up: bool
    links: Sequence[object] = ()
    events: Mapping[str, int] = {}
    #: of one that a single process at a time keeps: whether this one does
    held: bool | None = None
    #: what an officer wants of it: one that is paused or drained is no fault
    mode: Mode = "open"


class LedgerState(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger: whether it answers, as far as it was asked."""

    up: bool


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What `/readyz` says. `ready`: a message that comes now can be kept, in the store or in the spool. `why` when not in the store."""

    ready: bool
    why: str
    channels: Mapping[str, ChannelState]
    #: those that this process tells; none where there are only doors
    ledgers: Mapping[str, LedgerState]
    tally: Tally | None
    spool: SpoolState


@runtime_checkable
class Linked(Protocol):
    """A channel that has links to tell of."""

    @property
    def links(self) -> Sequence[object]: ...


@runtime_checkable
class Counting(Protocol):
    """A channel that counts what it meets."""

    @property
    def counts(self) -> Mapping[str, int]: ...


class Lasting(Protocol):
    """A right that ends."""

    @property
    def left_s(self) -> float: ...


class Roomy(Protocol):
    """Whoever knows whether the disk has room."""

    def enough(self) -> bool: ...


class Health:
    """The state of one process."""

    def __init__(
        self, store: Store, channels: Mapping[str, Channel], room: Roomy, metrics: Metrics, *, ways: Mapping[str, Gate],
        tenures: Mapping[str, Lasting], spool: Spool, steering: Steering | None = None,
    ) -> None:  # fmt: skip
        """Nothing is asked before somebody asks. `ways`: to each ledger that this process tells, by its name; `tenures`: of the doors that
        one process at a time keeps."""
        self._store, self._channels, self._room, self._metrics = store, channels, room, metrics
        self._ways, self._tenures, self._spool = ways, tenures, spool
        self._latches: Mapping[str, Latch] = steering.latches if steering else {}
        # what a channel can tell is asked of it once: the overview of thirty would ask for longer than it takes to tell
        self._linked = {name: channel for name, channel in channels.items() if isinstance(channel, Linked)}
        self._counting = {name: channel for name, channel in channels.items() if isinstance(channel, Counting)}

    async def state(self) -> State:
        """Asks the store, so it says when the store does not answer."""
        tally, why = await self._tallied()
        return self._told(tally, why)

    def here(self) -> State:
        """What this process knows without asking anybody."""
        return self._told(None, self._spool.detour.why or self._lacking())

    def _told(self, tally: Tally | None, why: str) -> State:
        away = why in AWAY or (bool(why) and why == self._spool.detour.why)
        ready = not why or (away and self._spool.detour.able)
        channels = {name: self._channel(name, channel) for name, channel in self._channels.items()}
        ledgers = {name: LedgerState(up=not way.away) for name, way in self._ways.items()}
        return State(ready=ready, why=why, channels=channels, ledgers=ledgers, tally=tally, spool=self._spool.state)

    def _lacking(self) -> str:
        return "" if self._room.enough() else "disk_nearly_full"

    async def _tallied(self) -> tuple[Tally | None, str]:
        """The store's counts, and what is wrong with it. A store that is known to be away is not asked: it would take its time."""
        if self._spool.detour.why:
            return None, self._spool.detour.why
        try:
            return await self._store.tally(), self._lacking()
        except Unavailable as trouble:
            return None, trouble.code

    async def metrics(self) -> bytes:
        """The text of /metrics; without the store's part when the store does not answer."""
        state = await self.state()
        tally = state.tally or Tally(received={}, cases={}, oldest={}, letters={})
        channels = {name: (channel.up, channel.events) for name, channel in state.channels.items()}
        ledgers = {name: ledger.up for name, ledger in state.ledgers.items()}
        modes = {name: channel.mode for name, channel in state.channels.items()}
        leases = {name: channel.held for name, channel in state.channels.items() if channel.held is not None}
        probes = await self._probes() if state.tally else ()
        spool = (state.spool.waiting, state.spool.torn)
        return self._metrics.text(tally, channels, ledgers, leases, modes=modes, probes=probes, spool=spool)

    async def _probes(self) -> Sequence[Finding]:
        """The last of each door, whichever process found it."""
        try:
            pinned = await self._store.pinned(BOARD)
        except Unavailable:
            return ()
        return [finding for note in pinned.values() if (finding := read(note.value))]

    def _channel(self, name: str, channel: Channel) -> ChannelState:
        links = self._linked[name].links if name in self._linked else ()
        events = dict(self._counting[name].counts) if name in self._counting else {}
        tenure, latch = self._tenures.get(name), self._latches.get(name)
        held, mode = tenure.left_s > 0 if tenure else None, latch.wish.mode if latch else "open"
        return ChannelState(up=channel.up, links=links, events=events, held=held, mode=mode)
