"""What a store promises to those who work off lists: pages of what waits for a person, and letters that did not arrive.

In: steps, places in a list, acts. Out: a page, or yes. Each question is answered after a look at so many rows, however long the list is
and however rare what is asked for: nothing else waits for it longer than that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import msgspec

from gateway.store.record import Case, LetterState, Step

#: rows that are looked at for one answer
LOOK: Final = 500


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a list; it may be empty, and go on all the same."""

    cases: Sequence[Case]
    #: behind which case the list goes on; empty at its end
    after: str


class Reasons(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the count."""

    #: by channel and code
    counts: Mapping[tuple[str, str], int]
    #: behind which case the count goes on; empty at its end
    after: str


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A letter that its addressee did not get: nobody would have it, or a receipt says that it did not arrive."""

    letter_id: str
    #: of its case, and where that stands
    reference: str
    standing: Step
    state: LetterState


class LostPage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a list, as `Page`."""

    letters: Sequence[Lost]
    after: str


class Lists(Protocol):
    """See above."""

    async def page(self, step: Step, limit: int, *, after: str = "", code: str = "", channel: str = "") -> Page:
        """Cases of a step as `Store.listing` orders them, those behind `after`; of one code or channel, if it is said."""
        ...

    async def reasons(self, step: Step, *, after: str = "") -> Reasons:
        """Why the cases of a step are there."""
        ...

    async def reopen(self, case_id: str, by: str, step: Step) -> bool:
        """Take the last act back: to `step` again, where it was sent to the ledger or dropped from. False when anything has happened since,
        an attempt too."""
        ...

    async def lost(self, limit: int, *, after: str = "", channel: str = "") -> LostPage:
        """Letters that did not arrive, the oldest first; through one channel, if it is said."""
        ...

    async def lettered(self, letter_id: str) -> str:
        """The code of the case to which a letter belongs; empty when there is none."""
        ...

    async def resend(self, letter_id: str, by: str, words: str) -> bool:
        """Try a lost or discarded letter again, as if it had been written now. False when it is neither."""
        ...

    async def discard(self, letter_id: str, by: str, words: str) -> bool:
        """Its addressee need not have this letter: it is muted, with the code `discarded`. False when it is not lost."""
        ...

    async def recover(self, letter_id: str, by: str) -> bool:
        """It is lost again, as before it was discarded. False when it was not."""
        ...
