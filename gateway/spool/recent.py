"""What went round the store lately, so that a redelivery hears what the first one heard.

In: what came, with its answer. Out: the answer of the one before it. Bounded: the oldest are forgotten first, and the store recognises
those as well, when it has them.
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
        self._kept: OrderedDict[tuple[str, str, bool], Kept] = OrderedDict()

    def note(self, what: Arrival | Part, told: int, answer: asyncio.Future[Accepted]) -> None:
        """Remember it; of a long message, its first part."""
        self._kept[_identity(what)] = Kept(what.received_at, told, answer)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def before(self, what: Arrival | Part) -> Kept | None:
        """The same arrival, or a part of the same message, unless it was refused."""
        kept = self._kept.get(_identity(what))
        if kept is None or (what.same_since is not None and kept.at < what.same_since):
            return None
        refused = kept.answer.done() and (kept.answer.cancelled() or kept.answer.exception() is not None)
        return None if refused else kept


def _identity(what: Arrival | Part) -> tuple[str, str, bool]:
    return (what.channel, what.source_id, True) if isinstance(what, Arrival) else (what.channel, what.group, False)
