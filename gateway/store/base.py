"""What every store promises, and the records that go in and out of it.

In: arrivals, parts, settlements, receipts and the acts of operators. Out: yes after the commit, and claims. A store never calls a
channel, a ledger or the normalizer.

The promises (`tests/promises/test_store.py` holds each store to them):
a `put` is on disk when its future is done, and says `duplicate` for what it has; a claim counts the attempt and sets the lease before
anybody tries; settling with a stale token changes nothing; settling a case and queueing its letters is one transaction; delays,
leases and attempts survive a restart; what is due first is claimed first; a note moves with the messages that it covers; whatever an
operator does is written down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from channels.base import Accepted, Arrival, Attachment, Enclosure, Gathered, Letter, Part, Receipt
from forwarder.ledger import Registration
from gateway.store.kinship import Found, Search

#: held: a long message that waits for its parts. submit: waits for the ledger. triage, parked: wait for a person.
Step = Literal["held", "submit", "triage", "parked", "done", "declined"]
#: muted: not sent because the sender has had enough answers for this hour, or wants no news (code `stopped`).
LetterStep = Literal["send", "sent", "parked", "muted"]


#: the code of a case for which something is being gathered; and of one that its sender withdrew
GATHERING, WITHDRAWN = "gathering", "withdrawn"
#: with an address behind it, the note of a channel that this address wants no news
STOPPED = "stopped:"

#: withdrawn: no ledger hears of the case. too_late: one has it, or may have it. busy: an attempt is under way.
Withdrawal = Literal["withdrawn", "too_late", "busy"]

#: the reference number of a new case for each salt, from 0: the next one is asked for when another case happens to have the last
Numbers = Callable[[int], int]


class StoreFault(Exception):
    """The store cannot be opened: one sentence that names the file and what is wrong with it."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A message on its way, as the store has it."""

    case_id: str
    reference: str
    step: Step
    arrival: Arrival
    #: the parts of a long message that have come, by index
    parts: tuple[Part, ...] = ()
    attempts: int = 0
    #: the last attempt ended without a clear answer, or with no end at all: the ledger may have it
    unsure: bool = False
    #: why it is where it is: a stable word, and words for the operator
    code: str = ""
    words: str = ""
    registration: Registration | None = None
    #: what a person read in it, in the place of what it says
    edited: str | None = None
    #: what was gathered about it; None when nothing has been yet
    facts: Mapping[str, str] | None = None
    #: the files that the store has of it
    files: tuple[Enclosure, ...] = ()
    #: a person has said that it goes to the ledger
    admitted: bool = False
    #: when it is claimed next; None when it waits for nobody or for a person
    due: datetime | None = None


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A case in the hands of one worker, until the lease runs out."""

    case: Case
    token: int


class LetterClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A letter in the hands of one worker."""

    letter_id: int
    letter: Letter
    token: int
    attempts: int
    created_at: datetime


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an attempt: where the case goes, and the letters that go with it."""

    claim: Claim
    step: Step
    #: when to try again, for the step `submit`
    due: datetime | None = None
    unsure: bool = False
    code: str = ""
    words: str = ""
    registration: Registration | None = None
    #: the canonical record as it was sent
    record: bytes | None = None
    letters: tuple[Letter, ...] = ()
    #: what was found out about it, kept for the next attempt
    gathered: Gathered | None = None


class LetterSettlement(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an attempt to send a letter."""

    claim: LetterClaim
    step: LetterStep
    due: datetime | None = None
    code: str = ""
    words: str = ""
    provider_ids: tuple[str, ...] = ()


class LetterState(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as an operator sees it."""

    letter: Letter
    step: LetterStep
    attempts: int
    created_at: datetime
    code: str = ""
    words: str = ""
    #: what the operator's receipt said: delivered, failed, pending, or empty
    receipt: str = ""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person did to a case."""

    at: datetime
    by: str
    act: str
    words: str


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """All that the store knows of one case."""

    case: Case
    record: bytes | None
    letters: tuple[LetterState, ...]
    acts: tuple[Act, ...]


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """Counts that hold at one instant."""

    #: by channel: how many messages were ever taken in
    received: Mapping[str, int]
    #: by channel, then step: how many cases stand there
    cases: Mapping[str, Mapping[Step, int]]
    #: by step: when the oldest case that stands there came
    oldest: Mapping[Step, datetime]
    #: by channel, then step: how many letters stand there
    letters: Mapping[str, Mapping[LetterStep, int]]


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel that polls takes in one step, and how far it is then."""

    channel: str
    #: None takes a note away
    notes: Mapping[str, str | None]
    arrivals: Sequence[tuple[Arrival, Numbers]] = ()
    parts: Sequence[tuple[Part, Numbers]] = ()


class Store(Protocol):
    """A durable queue of cases and letters. The futures fail with `channels.base.Unavailable` when nothing was written."""

    def put(self, arrival: Arrival, numbers: Numbers) -> asyncio.Future[Accepted]:
        """Keep an arrival, unless it is here."""
        ...

    def hold(self, part: Part, numbers: Numbers) -> asyncio.Future[Accepted]:
        """Keep a part; the first one of a message begins its case."""
        ...

    def advance(self, move: Move) -> asyncio.Future[Sequence[Accepted]]:
        """Keep arrivals and parts and set the notes that cover them, or nothing of it."""
        ...

    async def recall(self, channel: str, name: str) -> str | None:
        """A channel's note."""
        ...

    async def recalled(self, channel: str, prefix: str, limit: int) -> Mapping[str, str]:
        """A channel's notes whose names begin so, in the order of their names."""
        ...

    def forget(self, channel: str, source_id: str, why: str, *, waiting: bool) -> asyncio.Future[bool]:
        """Take out what a message said, and write down that this was done; False: not here, claimed just now, or waiting when it may
        not be."""
        ...

    async def latest(self, channel: str) -> datetime | None:
        """When the newest arrival of a channel came."""
        ...

    def claim(self, limit: int, lease_s: float) -> asyncio.Future[Sequence[Claim]]:
        """Wait for cases that are due, and take at least one and at most `limit`, those due first first."""
        ...

    def settle(self, settlement: Settlement) -> asyncio.Future[bool]:
        """False, and nothing changed, when the claim is no longer ours."""
        ...

    def kin(self, searches: Sequence[Search]) -> asyncio.Future[Sequence[Found]]:
        """Write the likenesses down and find whom each knows: of those written down before it, the newest few under each key.

        Asked again, a case meets the same; a likeness that changed takes the place of the old one. What came 90 days before need not
        be found, and `forget` takes it out.
        """
        ...

    def claim_letters(self, channel: str, limit: int, lease_s: float) -> asyncio.Future[Sequence[LetterClaim]]: ...

    def settle_letter(self, settlement: LetterSettlement) -> asyncio.Future[bool]: ...

    def note(self, receipt: Receipt) -> asyncio.Future[bool]:
        """True when the receipt met a letter; else it is kept until a letter knows its id."""
        ...

    def release(self, claims: Sequence[Claim] | Sequence[LetterClaim]) -> None:
        """Give back claims that were not tried: as if they had not been made."""
        ...

    @property
    def pressed(self) -> bool:
        """Another process has asked for the machine a moment ago."""
        ...

    def press(self) -> None:
        """Ask the workers of other processes to leave us the machine for a moment. One that does not hear it works on."""
        ...

    async def unanswered(self, before: datetime, limit: int) -> Sequence[Case]:
        """Cases of step `submit` that came before an instant and whose senders have not heard of them, oldest first."""
        ...

    async def comfort(self, cases: Sequence[Case], letters: Sequence[Letter]) -> None:
        """Queue letters to senders of these cases, none of which is `unanswered` from then on; a key that is here is left alone."""
        ...

    async def tally(self) -> Tally: ...

    async def life(self, code: str) -> Life | None:
        """By reference, in any spelling, or by the ledger's tracking id."""
        ...

    async def files(self, case_id: str) -> Sequence[Attachment]:
        """The files of a case, whole."""
        ...

    async def listing(self, step: Step, limit: int) -> Sequence[Case]:
        """Cases of a step, the oldest first; of the declined, the newest."""
        ...

    async def retry(self, case_id: str, by: str, words: str) -> bool:
        """Send a parked, triaged or declined case to the ledger, whatever its channel thinks of it. False when it is none of these."""
        ...

    async def drop(self, case_id: str, by: str, words: str) -> bool:
        """Decline a parked or triaged case, with the reason. False when it is in neither."""
        ...

    async def edit(self, case_id: str, by: str, text: str) -> bool:
        """Put a readable text in the place of what a parked or triaged case says; the bytes that came stay."""
        ...

    async def withdraw(self, case_id: str) -> Withdrawal:
        """Its sender wants it back: decline it, if no ledger can have it. Written down in any case but `busy`; once, however often it is
        said."""
        ...

    async def addressed(self, channel: str, to: str, limit: int) -> Sequence[str]:
        """The references of the cases of which an address has had its last `limit` letters."""
        ...

    async def close(self) -> None: ...
