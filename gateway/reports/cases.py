"""The cases of a period as a list, for an officer who must follow them up: where each stands, and nothing of what it says.

In: entries. Out: lines of cells. Who may not see a case for few eyes (anonim, rahasia, a tale of an abuse of office) sees that it is there,
since when, and what became of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from gateway.reports import places
from gateway.reports.bureau import Asked, Bureau
from gateway.reports.counting import Scope, disposition, standing
from gateway.reports.gist import Gist, gist
from gateway.reports.table import Cell
from gateway.reports.wording import Wording
from gateway.store.chronicle import Entry
from gateway.store.record import DEFAULT

_COLUMNS: Final = (
    "reference", "channel", "received", "disposition", "ledger", "number", "registered", "state", "classification", "oversight", "topic",
    "place", "restricted",
)  # fmt: skip
#: more is no list that anybody works through, and would be held in memory
MOST: Final = 50_000


class TooMany(Exception):
    """The period has more reports than a list may have."""


class Listing:
    """`few`: also what is for few eyes; `region`: what one is called, by its code."""

    def __init__(self, scope: Scope, words: Wording, region: Callable[[str], str], *, few: bool) -> None:
        self._scope, self._words, self._region, self._few = scope, words, region, few

    def head(self) -> Sequence[Cell]:
        """Above the columns."""
        return [self._words(f"case_{name}") for name in _COLUMNS]

    def lines(self, entries: Iterable[Entry]) -> Iterator[Sequence[Cell]]:
        """A line for each report; tests, and what is no report, are left out."""
        for entry in entries:
            known, became = gist(entry.record) or Gist(), disposition(entry)
            code = (known.location.value.code if known.location.value else None) or ""
            if became and "test" not in known.flags and self._here(code):
                restricted = known.privacy != "terbuka" or "whistleblowing" in known.flags
                yield [
                    *self._standing(entry, became),
                    *(self._about(known, code) if self._few or not restricted else [""] * 4),
                    self._words("restricted") if restricted else "",
                ]

    def _here(self, code: str) -> bool:
        return not self._scope.region or f"{code}.".startswith(f"{self._scope.region}.")

    def _standing(self, entry: Entry, became: str) -> list[Cell]:
        words, zone = self._words, self._scope.zone
        here = [entry.reference, entry.channel, f"{entry.received_at.astimezone(zone):%Y-%m-%d %H:%M}", words(became)]
        if entry.registered_at is None:
            return [*here, "", "", "", ""]
        ledger = words("main_ledger") if entry.ledger in {"", DEFAULT} else entry.ledger
        since = f"{entry.registered_at.astimezone(zone):%Y-%m-%d %H:%M}"
        return [*here, ledger, entry.tracking_id, since, words(f"state_{standing(entry, entry.registered_at)}")]

    def _about(self, known: Gist, code: str) -> list[Cell]:
        said = [known.classification.value, known.oversight.value]
        topic = known.category.value and (self._scope.topic(known.category.value) or self._words("other_topic"))
        return [*(self._words(f"value_{value}") if value else "" for value in said), topic or "", self._region(code) if code else ""]


async def listed(bureau: Bureau, asked: Asked, words: Wording, *, few: bool, most: int = MOST) -> list[Sequence[Cell]]:
    """All of a period, under their headings. Raises TooMany, Unavailable or OSError."""
    listing = Listing(bureau.scope(asked), words, places.naming(asked.region), few=few)
    lines = [listing.head()]
    async for some in bureau.entries(asked.period):
        lines += await asyncio.to_thread(lambda found: list(listing.lines(found)), some)
        if len(lines) > most + 1:
            raise TooMany
    return lines
