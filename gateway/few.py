"""What is for few eyes, for those who act: a complaint that its sender wants kept (rahasia, anonim), one that tells of an abuse of office,
and what cannot be read, because nobody knows what it is.

In: cases. Out: what each says, and whether it is for few. Blocks where it reads: a mail may take a second. It does not decide who may.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import msgspec

from gateway.clerk import Clerk, Read
from gateway.store.record import Case, Life
from normalizer.complaint import Complaint, decode
from normalizer.privacy import restricted

#: cases of which the answer is remembered
REMEMBERED: Final = 10_000


def complaint(clerk: Clerk, case: Case) -> Complaint | None:
    """What a case says, as a person who must judge it would have it read; None when it cannot be read, or lies in the archive."""
    if case.archived:
        return None
    said = clerk.read(msgspec.structs.replace(case, admitted=True, facts=case.facts or {}))
    return said.complaint if isinstance(said, Read) else None


def is_few(said: Complaint | None) -> bool:
    """For few eyes, or nobody knows."""
    return said is None or restricted(said)


class Few:
    """Answers once for each case; what one says changes with what is added to it."""

    def __init__(self, clerk: Clerk) -> None:
        """`clerk`: who reads."""
        self._clerk = clerk
        self._known: dict[tuple[str, str | None, int], bool] = {}

    def case(self, case: Case) -> bool:
        """Of a case as it stands in a list."""
        of = (case.reference, case.edited, len(case.additions))
        if of not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[of] = is_few(complaint(self._clerk, case))
        return self._known[of]

    def life(self, life: Life) -> bool:
        """The same of one whose record may be there: that is what its ledger was told."""
        if life.record and life.case.step in {"done", "worklist"}:
            with suppress(msgspec.DecodeError):
                return is_few(decode(life.record))
        return is_few(complaint(self._clerk, life.case))
