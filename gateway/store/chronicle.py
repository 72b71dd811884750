"""What a store promises to those who count what has come: the cases of a period, page by page, without what they say.

In: a period, where the last page ended. Out: entries, and where the next page begins. Whoever asks reads in the background: a page is one
short look, and nothing waits for it at a door.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

import msgspec

from gateway.store.happenings import Event
from gateway.store.record import LetterStep, Step

#: Ids follow the order in which cases were written down, which is that in which they came but for what lay in a spool meanwhile, or was
#: counted by another clock. Nothing lies there for longer.
SLACK: Final = timedelta(days=31)
#: for each case that may be told of so many are passed over in one look: to see when one came costs little
PASSED: Final = 10


class Sent(NamedTuple):
    """A letter: where it stands, and what the operator's receipt said."""

    step: LetterStep
    receipt: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A case, as it is counted."""

    case_id: int
    reference: str
    channel: str
    received_at: datetime
    step: Step
    code: str = ""
    ledger: str = ""
    #: the ledger's number, and since when it has it
    tracking_id: str = ""
    registered_at: datetime | None = None
    #: the canonical record as it was sent; None: none was, its author took it back, or it lies in an archive
    record: bytes | None = None
    letters: tuple[Sent, ...] = ()
    #: without whom and what the ledger named
    events: tuple[Event, ...] = ()
    #: what was done to it, in words of ours
    acts: tuple[str, ...] = ()
    #: where record and letters lie, when the store has let go of them
    archived: str = ""


class Page(NamedTuple):
    """Some of the cases of a period."""

    entries: Sequence[Entry]
    #: where the next page begins; None: there is none
    after: int | None


class Chronicle(Protocol):
    """See above."""

    async def records(self, since: datetime, until: datetime, after: int, limit: int) -> Page:
        """The cases that came from `since` up to, not including, `until`, in the order of their ids: those behind `after` (0: from the
        first), no more than `limit`. Fewer, or none, say nothing of whether there are more. Raises Unavailable."""
        ...


def first_since(at: float, newest: int, came: Callable[[int], float | None]) -> int:
    """The lowest id from which on cases came at `at` or later. `came`: when the case of an id did, or the next one that there is."""
    low, high = 1, newest + 1
    while low < high:
        middle = (low + high) // 2
        found = came(middle)
        if found is None or found >= at:
            high = middle
        else:
            low = middle + 1
    return low
