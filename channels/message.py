"""What passes between a channel and the gateway: records that cross the store, and the two kinds of failure.

In: nothing, this file only defines. Out: msgspec structs, so that they are small and fast. It never reads a clock, a socket or a disk.
`channels.base` has the protocols, and gives these names on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, NamedTuple

import msgspec

LetterKind = Literal[
    "receipt", "registered", "corrected", "status", "help", "ask", "added", "withdrawn", "stopped", "resumed", "change"
]  # fmt: skip
#: letters for which nobody asked: who wants no news gets none of these
NEWS: Final = frozenset[LetterKind]({"receipt", "registered", "corrected", "ask", "change"})
#: what may be told of a case to whoever holds its code; `under_review`: a person looks at it. From `verified` on the ledger says it
State = Literal[
    "received", "under_review", "registered", "not_forwarded",
    "verified", "forwarded", "moved", "in_progress", "answered", "needs_reply", "closed", "rejected",
]  # fmt: skip

#: characters that are kept of what another side answered
QUOTED: Final = 300


def quoted(said: str) -> str:
    """What another side answered, for a person's eyes: its head, in lines, without signs that would steer a terminal. It may repeat a
    number or an address, so it is in no log and no exception's text."""
    return "\n".join("".join(sign if sign.isprintable() else " " for sign in line) for line in said[:QUOTED].splitlines()).strip()


def unnamed(name: str, number: int) -> str:
    """What a file is called where nobody may be named: `ktp_budi.jpg` says who it was. `number` from 1; a short ending stays."""
    stem, dot, ending = name.rpartition(".")
    kept = f".{ending.lower()}" if stem and dot and ending.isascii() and ending.isalnum() and len(ending) <= 4 else ""
    return f"lampiran-{number}{kept}"


class Taken(NamedTuple):
    """Another side has taken a letter: the provider's ids of what was sent, and what it answered, `quoted`; empty where it says nothing."""

    ids: tuple[str, ...]
    said: str = ""


class Refused(Exception):
    """The other side understood and will not have it; the same again would be refused again."""

    def __init__(self, code: str, words: str = "", *, said: str = "") -> None:
        """`code` is a stable lower-case word for metrics; `words` are the other side's own, for the operator's eyes; `said` is its answer,
        `quoted`."""
        super().__init__(code)
        self.code, self.words, self.said = code, words, said


class Unavailable(Exception):
    """The other side, or the store, cannot do it now. `unsure`: it may have done it all the same (no answer came)."""

    def __init__(self, code: str, *, retry_after: float | None = None, unsure: bool = False, said: str = "") -> None:
        """`retry_after` in seconds, when the other side named it; `said` is its answer as it came, empty where there was none."""
        super().__init__(code)
        self.code, self.retry_after, self.unsure, self.said = code, retry_after, unsure, said


class Forged(Exception):
    """A call that does not prove that it comes from whom it claims to come from."""


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file on its way to the store."""

    #: what its sender called it; never a path, never trusted
    name: str
    media_type: str
    content: bytes


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """What came through a door, before anyone has read it."""

    channel: str
    #: the provider's own id, or a fingerprint of the message; (channel, source_id) is accepted once
    source_id: str
    #: the exact bytes
    raw: bytes
    received_at: datetime
    #: for fingerprints only: an equal source_id that came before this instant was another message
    same_since: datetime | None = None
    #: files that came apart from `raw` and are kept in the same commit; a mail's are in its raw
    files: tuple[Attachment, ...] = ()


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a message that comes in several; 1 <= index <= count.

    Also what amends a message that came whole: `group` is then the source_id of its arrival, `index` orders the amendments, `count`
    is 0 and `wait_until` is now. The case goes round again with it, before or after it was registered.
    """

    channel: str
    #: whose parts belong together: sender, recipient, reference, reference width and total
    group: str
    index: int
    count: int
    #: the exact bytes
    raw: bytes
    #: two parts of one group and index with equal fingerprints are one part that came twice
    fingerprint: str
    received_at: datetime
    #: a first part waits until then for the others
    wait_until: datetime
    #: parts of a message that was begun before this instant belong to another message
    same_since: datetime


class Enclosure(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came with a message, as it is told of."""

    name: str
    media_type: str
    #: bytes; 0 when the file could not be had
    size: int


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A message that is no complaint but asks us something, and is answered."""

    #: `private`: in a group, where nothing is taken in; the way to us is what it needs to hear
    kind: Literal["help", "private", "status", "withdraw", "stop", "start"]
    #: for `status` and `withdraw`: the code as it was written
    code: str = ""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator says became of a letter."""

    channel: str
    #: every spelling of the provider's id that may be on file, the likeliest first
    provider_ids: tuple[str, ...]
    #: delivered, failed or pending; the provider's own word stands in `words`
    state: Literal["delivered", "failed", "pending"]
    words: str
    at: datetime


class InboundMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel read in the bytes of an arrival."""

    channel: str
    source_id: str
    #: as the channel writes it: a number, a handle, a mail address
    sender: str
    #: verbatim
    text: str
    received_at: datetime
    sent_at: datetime | None = None
    subject: str = ""
    attachments: tuple[Enclosure, ...] = ()
    #: what `send` needs to answer; empty when no answer is possible or allowed
    reply_to: dict[str, str] = {}
    #: at most one answer may be sent, whatever happens to the case (X: one per interaction)
    one_answer: bool = False
    #: an answer can be read by everybody
    public: bool = False
    #: what a form or an API gave explicitly, by the record's field names
    fields: dict[str, str] = {}
    #: what the channel noticed while reading: incomplete_sms, undecodable …
    flags: tuple[str, ...] = ()
    #: vendor facts kept beside the message (TLVs as hex by tag)
    extras: dict[str, str] = {}
    #: what proves that the sender is who the message says, in a few words; empty when nothing does
    verified: str = ""
    #: the provider's ids of the messages to which it says that it is an answer; some may be letters of ours
    answers: tuple[str, ...] = ()
    #: triage: a person decides whether it is a complaint. declined: it is none, and nobody is answered (an out-of-office)
    goes_to: Literal["submit", "triage", "declined"] = "submit"
    #: a stable lower-case word for why it does not go to the ledger
    why: str = ""
    #: what it asks us; such a message goes to no ledger
    question: Question | None = None
    #: what it says became of our letters (a delivery status notification)
    receipts: tuple[Receipt, ...] = ()


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """What a message named and did not contain, fetched after the yes."""

    files: tuple[Attachment, ...] = ()
    #: what was found out, for `Gathering.complete`
    facts: dict[str, str] = {}


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The yes of the store, or of the spool."""

    #: empty while it waits for a store that is away
    case_id: str
    reference: str
    duplicate: bool = False


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """An answer to a citizen, sent through the door by which the complaint came."""

    #: idempotency: a second letter with the same key is the same letter
    key: str
    case_id: str
    channel: str
    #: the address within the channel
    to: str
    kind: LetterKind
    text: str
    reply_to: dict[str, str] = {}
    #: who hears it, by an address that is his at every door: his number or his mail address. Empty: he is known here alone
    person: str = ""
    #: it waits until then, and a newer one may take its place
    not_before: datetime | None = None
    #: hours of every day in which it is not sent, whatever held it up: from when until when, the first time
    quiet: tuple[datetime, datetime] | None = None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What may be told of a case to whoever holds its code: no text and no identity."""

    reference: str
    state: State
    #: the ledger's, once it is registered
    tracking_id: str = ""
    #: what happened when, oldest first
    timeline: tuple[tuple[State, datetime], ...]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP call to a webhook channel."""

    method: str
    path: str
    #: of a name that comes twice, the first; octets that are no UTF-8 are lone surrogates (`surrogateescape`)
    query: Mapping[str, str]
    #: names in lower case
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    #: the caller's address, behind the proxies that the settings trust
    client: str = ""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What a webhook read in a call: what to keep, and what to answer once it is kept."""

    arrivals: tuple[Arrival, ...] = ()
    parts: tuple[Part, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    status: int = 200
    media_type: str = "text/plain"
    #: `{reference}` in it becomes the reference of the first arrival (or part)
    body: bytes = b""
