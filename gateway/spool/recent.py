"""What went round the store lately: so that a redelivery hears what the first one heard, and what belongs together keeps its order.

In: what came, with its answer. Out: the answer of the one before it, and whether there was one. Bounded: the oldest are forgotten first.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import datetime
from typing import NamedTuple

from channels.base import Accepted, Arrival, Part

#: how many; at a burst of 50 a second these are the ten minutes in which an operator redelivers
MOST = 30_000


class Kept(NamedTuple):
    """An answer, on its way or given."""

    at: datetime
    told: int
    answer: asyncio.Future[Accepted]


class Recent:
    """Those of one process."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._kept: OrderedDict[tuple[str, str], Kept] = OrderedDict()
        self._told: OrderedDict[int, Kept] = OrderedDict()

    def note(self, what: Arrival | Part, told: int, answer: asyncio.Future[Accepted]) -> None:
        """Remember it; of a long message, its first part."""
        self._kept[_identity(what)] = self._told[told] = Kept(what.received_at, told, answer)
        for kept in (self._kept, self._told):
            if len(kept) > MOST:
                kept.popitem(last=False)

    def before(self, what: Arrival | Part) -> Kept | None:
        """The same arrival, or one to whose message this part belongs."""
        kept = self._of(what)
        return None if kept is None or (what.same_since is not None and kept.at < what.same_since) else kept

    def told(self, number: int) -> datetime | None:
        """When that came for which this number was told."""
        kept = _standing(self._told.get(number))
        return kept and kept.at

    def follows(self, what: Arrival | Part) -> bool:
        """It, or something that cannot be told from it but by its time, came this way: who overtook that would be taken for it."""
        return self._of(what) is not None

    def _of(self, what: Arrival | Part) -> Kept | None:
        return _standing(self._kept.get(_identity(what)))


def _standing(kept: Kept | None) -> Kept | None:
    """None for what was refused."""
    refused = kept is not None and kept.answer.done() and (kept.answer.cancelled() or kept.answer.exception() is not None)
    return None if refused else kept


def _identity(what: Arrival | Part) -> tuple[str, str]:
    """A part may also amend an arrival, whose identity is its group then."""
    return what.channel, what.source_id if isinstance(what, Arrival) else what.group
