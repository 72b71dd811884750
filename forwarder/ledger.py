"""The one protocol behind which every ledger stands.

In: canonical records. Out: a `Registration` for each, or the reason why not. A ledger never decides whether to try again (that is
`outcome.py`) and never sees the store.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Protocol, runtime_checkable

import msgspec

from channels.base import Refused, Unavailable
from normalizer.complaint import Complaint


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger calls a complaint that it has taken."""

    #: the ledger's own tracking id: 5 to 12 digits in LAPOR!, kept as a string, no check digit
    tracking_id: str
    registered_at: datetime
    url: str = ""


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger has no number for it yet: a person will copy it into it by hand, and say which it got."""


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """What a ledger says became of a complaint, in its own words."""

    tracking_id: str
    reference: str
    #: when, by the ledger's clock
    at: datetime
    status: str
    #: the agency that acted
    by: str = ""
    #: its answer, for the citizen
    note: str = ""


#: characters of a tracking id; a longer one cannot be told to a citizen
LONGEST_ID: Final = 40
#: no clock is that wrong, but a date that nobody ever set is the year 1 in many a server, and that time cannot be computed with
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_LAPOR_NUMBER: Final = re.compile(r"[0-9]{5,12}")


def tellable(number: str) -> bool:
    """True for a tracking id that can be shown and written down: one printable word of ASCII, not too long, that an SMS can carry."""
    return 0 < len(number) <= LONGEST_ID and number.isascii() and number.isprintable() and not {" ", "`"} & set(number)


def credible(at: datetime) -> datetime | None:
    """In UTC; None for a time without a zone, and for one outside this century."""
    return at.astimezone(UTC) if at.tzinfo and FIRST <= at < LAST else None


def lapor_number(written: str) -> str:
    """The digits of one of LAPOR!'s numbers, with or without a # before them; empty when it is none. They have no check digit."""
    digits = written.strip().removeprefix("#").strip()
    return digits if _LAPOR_NUMBER.fullmatch(digits) else ""


#: what a ledger says that can be called; and any ledger
Answer = Registration | Refused | Unavailable
AnyAnswer = Answer | Handed


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file on its way to a ledger, clean of what it says about its maker."""

    #: of the complaint that it came with
    reference: str
    #: from 1, in the order of the record's `attachments`
    number: int
    name: str
    media_type: str
    content: bytes


@runtime_checkable
class Filing(Protocol):
    """A ledger that takes files too, each in a call of its own, after its complaint: none of them holds the words up."""

    @property
    def largest_file(self) -> int:
        """Bytes that a file may have; 0: none is taken."""
        ...

    async def file(self, file: File) -> None:
        """Lay a file beside a registered complaint; a repeat puts it in the place of itself. Raises Refused or Unavailable."""
        ...


class Ledger(Protocol):
    """Where complaints are registered."""

    @property
    def name(self) -> str: ...

    @property
    def finds(self) -> bool:
        """True when `find` can tell whether a reference is registered."""
        ...

    @property
    def idempotent(self) -> bool:
        """True when registering a reference twice is harmless. Without this and `finds`, an unsure attempt waits for a person."""
        ...

    async def register(self, complaints: Sequence[Complaint]) -> Sequence[AnyAnswer]:
        """Register; one answer for each, in order. A failure of the whole call is an answer for each, never an exception."""
        ...

    async def find(self, reference: str, since: datetime) -> Registration | None:
        """None when the ledger does not know the reference, which it cannot have known before `since`. Raises Refused or Unavailable."""
        ...

    async def amend(self, complaint: Complaint) -> Handed | None:
        """Replace what the ledger holds for a registered reference, or have a person do it. Raises Refused or Unavailable."""
        ...

    async def probe(self) -> None:
        """Raises Refused or Unavailable when the ledger could not take a complaint now."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Telling(Protocol):
    """A ledger that says, when it is asked, where a complaint stands."""

    async def standing(self, reference: str, registration: Registration) -> Happening | None:
        """None when it says nothing of it. Raises Refused or Unavailable."""
        ...
