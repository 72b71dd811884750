"""The words that every channel speaks to the gateway, and the gateway to every channel.

In: nothing, this file only defines. Out: records that cross the store (msgspec structs, so that they are small and fast) and the
protocols of a channel. It never reads a clock, a socket or a disk.

Raw first: a door hands over exact bytes with an identity (`Arrival`, `Part`), and the gateway says yes when these are on disk. What
the bytes say (`decode` -> `InboundMessage`) is asked after the yes, by the worker, inside its guard: a fault of ours in decoding
parks a message that is already safe.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

import msgspec

LetterKind = Literal["receipt", "registered", "status", "help", "ask"]


class Refused(Exception):
    """The other side understood and will not have it; the same again would be refused again."""

    def __init__(self, code: str, words: str = "") -> None:
        """`code` is a stable lower-case word for metrics; `words` are the other side's own, for the operator's eyes."""
        super().__init__(code)
        self.code, self.words = code, words


class Unavailable(Exception):
    """The other side, or the store, cannot do it now. `unsure`: it may have done it all the same (no answer came)."""

    def __init__(self, code: str, *, retry_after: float | None = None, unsure: bool = False) -> None:
        """`retry_after` in seconds, when the other side named it."""
        super().__init__(code)
        self.code, self.retry_after, self.unsure = code, retry_after, unsure


class Forged(Exception):
    """A call that does not prove that it comes from whom it claims to come from."""


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


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a message that comes in several; 1 <= index <= count."""

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


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came with a message."""

    name: str
    media_type: str
    content: bytes


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
    attachments: tuple[Attachment, ...] = ()
    #: what `send` needs to answer; empty when no answer is possible or allowed
    reply_to: dict[str, str] = {}
    #: what a form or an API gave explicitly, by the record's field names
    fields: dict[str, str] = {}
    #: what the channel noticed while reading: incomplete_sms, undecodable …
    flags: tuple[str, ...] = ()
    #: vendor facts kept beside the message (TLVs as hex by tag)
    extras: dict[str, str] = {}


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The yes of the store."""

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


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator says became of a letter."""

    channel: str
    #: every spelling of the provider's id that may be on file, the likeliest first
    provider_ids: tuple[str, ...]
    #: delivered, failed or pending; the provider's own word stands in `words`
    state: Literal["delivered", "failed", "pending"]
    words: str
    at: datetime


class Inbox(Protocol):
    """Where a door puts what came. Each future is done when its bytes are on disk, and fails with `Unavailable` when they are not."""

    def accept(self, arrival: Arrival) -> asyncio.Future[Accepted]: ...

    def hold(self, part: Part) -> asyncio.Future[Accepted]: ...

    def note(self, receipt: Receipt) -> asyncio.Future[bool]:
        """True when the receipt met its letter; an early one is kept until its letter knows its id."""
        ...

    async def latest(self, channel: str) -> datetime | None:
        """When the newest arrival of this channel came; a door that was away asks it to recognise redeliveries."""
        ...


class Channel(Protocol):
    """A door, seen from the gateway."""

    @property
    def name(self) -> str:
        """The table in the settings: `telkomsel` for [channels.telkomsel]."""
        ...

    @property
    def up(self) -> bool:
        """True while a letter could be sent."""
        ...

    def decode(self, arrival: Arrival, parts: Sequence[Part]) -> InboundMessage:
        """Read the bytes; pure. `parts` is empty for a message that came whole. Raises ValueError when there is nothing to read."""
        ...

    def send(self, letter: Letter) -> Awaitable[tuple[str, ...]]:
        """Send, and return the provider's ids of what was sent. Raises Refused or Unavailable. A coroutine or, cheaper, a future."""
        ...


@runtime_checkable
class Listener(Protocol):
    """A channel that keeps a link or polls."""

    async def listen(self, inbox: Inbox) -> None:
        """Work until cancelled; then stop taking in, finish what was begun, and leave politely. Reconnects by itself."""
        ...


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP call to a webhook channel."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What a webhook read in a call: what to keep, and what to answer once it is kept."""

    arrivals: tuple[Arrival, ...] = ()
    parts: tuple[Part, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    status: int = 200
    media_type: str = "text/plain"
    body: bytes = b""


@runtime_checkable
class Webhook(Protocol):
    """A channel that is called."""

    @property
    def path(self) -> str: ...

    def read(self, request: Request) -> Delivery:
        """Pure. Raises Forged or ValueError, nothing else, whatever the call contains."""
        ...
