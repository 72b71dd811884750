"""What waits for a person, in pages and in figures.

In: a step, filters, a place in the list. Out: a page of cases; and how many wait for which reason, counted at most once in a while and no
further than the oldest some thousand, however many there are.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

from gateway.store.base import Store
from gateway.store.lists import LOOK, Page
from gateway.store.record import Case, Step

#: cases on a page; and of those that wait, how many are looked at for the reasons
SIZE: Final = 25
COUNTED: Final = 20 * LOOK
#: seconds for which a count is good enough
GOOD_S: Final = 5.0


class Wanted(NamedTuple):
    """Which cases; empty is any."""

    step: Step
    code: str = ""
    channel: str = ""


class Figures(NamedTuple):
    """`counts` by channel and code; `whole`: all that wait were counted."""

    counts: Mapping[tuple[str, str], int]
    whole: bool
    total: int

    @property
    def codes(self) -> list[tuple[str, int]]:
        """The most frequent first."""
        counts: Counter[str] = Counter()
        for (_, code), n in self.counts.items():
            counts[code] += n
        return counts.most_common()


class Listing:
    """One for the console; it remembers its last counts."""

    def __init__(self, store: Store) -> None:
        """`store`: which has them."""
        self._store = store
        self._figures: dict[Step, tuple[float, Figures]] = {}

    async def page(self, wanted: Wanted, after: str = "", size: int = SIZE) -> Page:
        """The next so many, however far they lie apart. Raises Unavailable."""
        found: list[Case] = []
        while True:
            page = await self._store.page(wanted.step, size - len(found), after=after, code=wanted.code, channel=wanted.channel)
            found += page.cases
            after = page.after
            if not after or len(found) == size:
                return Page(cases=found, after=after)

    async def figures(self, step: Step) -> Figures:
        """How many wait, and why. Raises Unavailable."""
        at, known = self._figures.get(step, (0.0, None))
        if known is not None and time.monotonic() - at < GOOD_S:
            return known
        counts: Counter[tuple[str, str]] = Counter()
        after, looked = "", 0
        while looked < COUNTED:
            part = await self._store.reasons(step, after=after)
            counts.update(part.counts)
            after, looked = part.after, looked + LOOK
            if not after:
                break
        tally = await self._store.tally()
        total = sum(steps.get(step, 0) for steps in tally.cases.values())
        figures = Figures(counts, not after, total)
        self._figures[step] = (time.monotonic(), figures)
        return figures

    def forget(self) -> None:
        """Somebody has just changed them."""
        self._figures.clear()


def place(after: str) -> str:
    """A place in a list, out of an address; what is none is the beginning."""
    return after if after.isascii() and after.isdigit() and len(after) < 19 else ""
