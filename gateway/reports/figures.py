"""What a report is made of.

In: nothing. Out: types. A report is neutral to language: its keys become words in `table`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Literal

import msgspec

Grain = Literal["day", "week", "month"]

#: what became of a message that is a report; each is exactly one of these. taken_back: its author deleted it where he had written it
Disposition = Literal["forwarded", "waiting", "worklist", "triage", "parked", "declined", "withdrawn", "taken_back"]
#: in the order in which they are shown
DISPOSITIONS: Final[tuple[Disposition, ...]] = (
    "forwarded", "waiting", "worklist", "triage", "parked", "declined", "withdrawn", "taken_back",
)  # fmt: skip

#: a count of persons below this is not shown where it could betray them
FEWEST: Final = 3


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """A count, and how sure it is: what its sender said, what we read in his words, what nobody knows."""

    given: int = 0
    derived: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.given + self.derived + self.unknown

    def __add__(self, other: Split) -> Split:
        return Split(given=self.given + other.given, derived=self.derived + other.derived, unknown=self.unknown + other.unknown)


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A day, week or month: what came in it, and how much of that has a number and an answer by now."""

    start: date
    received: int
    forwarded: int
    answered: int


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the message to its number: of so many, half waited no longer than p50."""

    count: int
    p50: float
    p90: float
    p95: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """An evaluation. Mappings are in the order in which they are shown; of a Split, the key "" is what nobody knows."""

    office: str
    #: the last day is part of it
    first: date
    last: date
    timezone: str
    made_at: datetime
    #: of which region alone; empty: of all
    region: str = ""
    #: reports: without tests, and without what only asked us something or added to another message
    received: int = 0
    others: int = 0
    tests: int = 0
    #: reports that no record tells of: not read yet, taken back, or in the archive of another machine
    unread: int = 0
    #: reports of the period of which it is not known whether they belong to the region; they are not in this report
    placeless: int = 0
    channels: Mapping[str, int] = {}
    dispositions: Mapping[str, int] = {}
    #: of those forwarded
    ledgers: Mapping[str, int] = {}
    states: Mapping[str, int] = {}
    waits: Mapping[str, Wait] = {}
    classifications: Mapping[str, Split] = {}
    oversights: Mapping[str, Split] = {}
    topics: Mapping[str, Split] = {}
    #: by code
    regencies: Mapping[str, Split] = {}
    districts: Mapping[str, Split] = {}
    #: keys that would show too few are joined by +
    privacy: Mapping[str, int] = {}
    #: None: from 1 up to, not including, FEWEST
    flags: Mapping[str, int | None] = {}
    letters: Mapping[str, int] = {}
    grain: Grain = "day"
    moments: tuple[Moment, ...] = ()

    @property
    def few(self) -> bool:
        """So few that whoever knows one of their senders would learn what he wrote about: of these it is not told."""
        return 0 < self.received < FEWEST

    @property
    def home(self) -> str:
        """The region, or the only kabupaten that is told of; else empty."""
        told = [code for code in self.regencies if code]
        return self.region or (told[0] if len(told) == 1 else "")
