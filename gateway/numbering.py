"""From the identity of what came to the numbers that its case may have.

In: arrivals and parts. Out: for each, the numbers behind its reference, the likeliest first. It never reads what a message says.
"""

from __future__ import annotations

from functools import partial

from channels.base import Arrival, Part
from gateway.store.record import Numbers
from normalizer.reference import mint


class Numbering:
    """The numbers of one gateway."""

    def __init__(self, key: bytes) -> None:
        """`key` makes them unguessable."""
        self._key = key

    def of(self, what: Arrival | Part) -> Numbers:
        """A redelivery of the same thing has the same."""
        return partial(mint, self._key, what.channel, _of_arrival(what) if isinstance(what, Arrival) else _of_part(what))


def _of_arrival(arrival: Arrival) -> str:
    # A fingerprint may come again as another message, so its time belongs to the identity; a provider's id never does.
    return arrival.source_id if arrival.same_since is None else f"{arrival.source_id} {arrival.received_at.timestamp()}"


def _of_part(part: Part) -> str:
    return f"{part.group} {part.received_at.timestamp()}"
