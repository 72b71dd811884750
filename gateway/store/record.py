"""The records that go in and out of every store: cases, letters, what becomes of them, and what is told of them.

In: nothing. Out: types. They live here because a store is where they are born; what a store promises of them is in `base`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from channels.base import Arrival, Enclosure, Gathered, Letter, Part
from forwarder.ledger import Registration
from gateway.store.ages import Pile
from gateway.store.fencing import Fence
from gateway.store.happenings import Act, Event
from gateway.store.trying import Try
from normalizer import additions

#: held: a long message that waits for its parts. asked: waits for what its sender answers. submit: waits for the ledger.
#: worklist: waits for the person who copies it into the ledger. triage, parked: wait for a person.
Step = Literal["held", "asked", "submit", "worklist", "triage", "parked", "done", "declined"]
STEPS: Final[tuple[Step, ...]] = get_args(Step)
#: those in which a case waits for something
OPEN_STEPS: Final = STEPS[:-2]
#: muted: not sent because the sender has had enough answers for this hour, wants no news (code `stopped`), or because an officer has said
#: that it need not be (code `discarded`).
#: parked: nobody would have it. failed: it was taken, and a receipt says that it did not arrive.
LetterStep = Literal["send", "sent", "failed", "parked", "muted"]
FileStep = Literal["send", "sent", "parked"]


#: the code of a case for which something is being gathered; and of one that its sender withdrew
GATHERING, WITHDRAWN = "gathering", "withdrawn"
#: … and of a message that was joined to another case, whose reference its words are
ADDED: Final = frozenset({"answer", "follow_up"})
#: with an address behind it, the note of a channel that this address wants no news
STOPPED = "stopped:"
#: the code of a letter that an officer has said its addressee need not have
DISCARDED: Final = "discarded"

#: what the ledger of the table [ledger] is called here, which takes whatever no other one takes
DEFAULT = "ledger"
#: the queues of a gateway that has no other ledger: what has come, and what had been sorted when there were several
ALONE: Final = ("", DEFAULT)

#: the acts whose words are numbers of a ledger: what an officer gave a case, corrected, or took back
NUMBERED: Final = frozenset({"done", "correct", "undo"})

#: withdrawn: no ledger hears of the case. too_late: one has it, or may have it. busy: an attempt is under way.
Withdrawal = Literal["withdrawn", "too_late", "busy"]

#: the reference number of a new case for each salt, from 0: the next one is asked for when another case happens to have the last
Numbers = Callable[[int], int]


class StoreFault(Exception):
    """The store cannot be opened: one sentence that names the file and what is wrong with it."""


class StoreHeld(StoreFault):
    """Nothing is wrong with the file; another program holds it."""


class NumberTaken(Exception):
    """The ledger gave this case a number that another case has from it."""

    def __init__(self, other: str) -> None:
        """`other` is the reference of that case."""
        super().__init__("number_taken")
        self.other = other


class Addition(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender of a case said of it later, in another message."""

    kind: additions.Kind
    #: of the case that the other message is
    reference: str
    at: datetime
    text: str


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
    #: its sender was asked something about it; never again
    asked: bool = False
    #: what its sender said of it later, in the order in which it came
    additions: tuple[Addition, ...] = ()
    #: when it is claimed next; None when it waits for nobody or for a person
    due: datetime | None = None
    #: the ledger to which it belongs for good; empty: none has been chosen, or there is only one
    ledger: str = ""
    #: where what it says lies, when the store has let go of it
    archived: str = ""


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
    #: the record's attachments, from 1, that the ledger is to get
    files: tuple[int, ...] = ()
    #: what was found out about it, kept for the next attempt
    gathered: Gathered | None = None
    #: the ledger that it belongs to from now on; to have found that out was no attempt. None: as before
    ledger: str | None = None
    #: who is asked, for the step `asked`
    asks: str = ""
    #: the message says more of this other case (its id), and is no complaint of its own
    adds: tuple[str, Addition] | None = None
    #: the try that it ends, where that is worth a record
    tried: Try | None = None


class LetterSettlement(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an attempt to send a letter."""

    claim: LetterClaim
    step: LetterStep
    due: datetime | None = None
    code: str = ""
    words: str = ""
    provider_ids: tuple[str, ...] = ()
    #: what the other side answered, and when
    said: str = ""
    answered_at: datetime | None = None
    tried: Try | None = None


class FileClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A file in the hands of one worker, who brings it to the ledger of its case."""

    case: Case
    #: the canonical record as it was sent
    record: bytes | None
    #: from 1, in the order of the record's attachments
    number: int
    token: int
    attempts: int


class FileSettlement(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an attempt to bring a file to the ledger."""

    claim: FileClaim
    step: FileStep
    due: datetime | None = None
    code: str = ""
    words: str = ""
    tried: Try | None = None


class FileState(msgspec.Struct, frozen=True, kw_only=True):
    """A file as an operator sees it."""

    number: int
    step: FileStep
    attempts: int
    code: str
    words: str


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
    #: what the other side answered last, and when; it may repeat a number or an address
    said: str = ""
    answered_at: datetime | None = None


class Hand(msgspec.Struct, frozen=True, kw_only=True):
    """A case of the worklist, and which officer has it in hand, if one has."""

    case: Case
    by: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer says of a case that he has copied into the ledger."""

    case_id: str
    by: str
    #: None: what the ledger has under the number that the case has already is complete again
    registration: Registration | None = None
    #: to its sender, when the number is written down
    letters: tuple[Letter, ...] = ()


#: what came of it. more: what it says has changed since the officer saw it, and waits in the worklist, with the number if one was given.
#: again: it has this number. numberless: it has none yet. elsewhere: nobody copies it. taken: another case has this number. theirs:
#: another officer gave it the number that it has.
Copying = Literal["done", "more", "again", "numberless", "elsewhere", "taken", "theirs"]


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """All that the store knows of one case."""

    case: Case
    record: bytes | None
    letters: tuple[LetterState, ...]
    #: those on their way to the ledger, or there
    files: tuple[FileState, ...]
    acts: tuple[Act, ...]
    #: what ledgers said of it, in the order in which they were heard
    events: tuple[Event, ...] = ()
    #: the last ones, in the order in which they ended; see `trying`
    tries: tuple[Try, ...] = ()


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
    #: the middle one of the last hundred waits for a number that was given by hand, in seconds
    copied_s: float | None = None
    #: by channel: when the oldest case came that waits for its ledger
    waiting: Mapping[str, datetime] = {}
    #: by ledger that is told by hand
    piles: Mapping[str, Pile] = {}


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel that polls takes in one step, and how far it is then."""

    channel: str
    #: None takes a note away
    notes: Mapping[str, str | None]
    arrivals: Sequence[tuple[Arrival, Numbers]] = ()
    parts: Sequence[tuple[Part, Numbers]] = ()
    #: under which lease; None for a channel that needs none
    fence: Fence | None = None
