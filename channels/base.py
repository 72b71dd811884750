"""The words that every channel speaks to the gateway, and the gateway to every channel.

In: nothing, this file only defines. Out: the protocols of a channel, and the records of `channels.message` under one roof. It never
reads a clock, a socket or a disk.

Raw first: a door hands over exact bytes with an identity (`Arrival`, `Part`), and the gateway says yes when these are on disk. What
the bytes say (`decode` -> `InboundMessage`) is asked after the yes, by the worker, inside its guard: a fault of ours in decoding
parks a message that is already safe.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from channels.message import (
    NEWS,
    Accepted,
    Arrival,
    Attachment,
    Delivery,
    Enclosure,
    Forged,
    Gathered,
    InboundMessage,
    Letter,
    LetterKind,
    Part,
    Progress,
    Question,
    Receipt,
    Refused,
    Request,
    State,
    Taken,
    Unavailable,
    quoted,
    unnamed,
)  # fmt: skip

__all__ = [
    "NEWS",
    "Accepted",
    "Arrival",
    "Attachment",
    "Channel",
    "Delivery",
    "Echoing",
    "Enclosing",
    "Enclosure",
    "Enterable",
    "Forged",
    "Gathered",
    "Gathering",
    "Host",
    "InboundMessage",
    "Inbox",
    "Letter",
    "LetterKind",
    "Listener",
    "Paced",
    "Part",
    "Progress",
    "Question",
    "Receipt",
    "Refused",
    "Request",
    "Sharing",
    "Single",
    "State",
    "Taken",
    "Unavailable",
    "Webhook",
    "quoted",
    "unnamed",
]  # fmt: skip


class Inbox(Protocol):
    """Where a door puts what came. Each future is done when its bytes are on disk, and fails with `Unavailable` when they are not."""

    @property
    def left_s(self) -> float:
        """For how many seconds this process may yet act for the channel, as far as it can know; endless for one that many may keep.

        A `Single` asks before whatever it does at its other side: with nothing left, another process may be doing the same by now.
        """
        ...

    def accept(self, arrival: Arrival) -> asyncio.Future[Accepted]: ...

    def hold(self, part: Part) -> asyncio.Future[Accepted]: ...

    def note(self, receipt: Receipt) -> asyncio.Future[bool]:
        """True when the receipt met its letter; an early one is kept until its letter knows its id."""
        ...

    async def latest(self, channel: str) -> datetime | None:
        """When the newest arrival of this channel came; a door that was away asks it to recognise redeliveries."""
        ...

    def advance(
        self, channel: str, notes: Mapping[str, str | None], arrivals: Sequence[Arrival] = (), parts: Sequence[Part] = ()
    ) -> asyncio.Future[Sequence[Accepted]]:
        """Keep arrivals and parts, and in the same commit set the channel's notes (cursors, what was spent, who opted out), or neither.

        None takes a note away. The answers are those of the arrivals, then those of the parts. `Unavailable` with the code lease_lost,
        and nothing kept, when another process listens in our place by now.
        """
        ...

    async def recall(self, channel: str, name: str) -> str | None:
        """A note of this channel."""
        ...

    async def recalled(self, channel: str, prefix: str, limit: int) -> Mapping[str, str]:
        """The channel's notes whose names begin so, in the order of their names."""
        ...

    def forget(self, channel: str, source_id: str, why: str, *, waiting: bool = True) -> asyncio.Future[bool]:
        """Purge what a message said, because its author took it back; that it came, and what became of it, stays.

        `waiting`: also of a case that still waits for somebody, which is declined by that. False: not here, or not now.
        """
        ...


class Host(Protocol):
    """Where a door that serves pages is opened."""

    @property
    def inbox(self) -> Inbox: ...

    @property
    def base_url(self) -> str:
        """How the public address is written, without a slash at its end; empty when nobody said."""
        ...

    def notice(self) -> tuple[str, str]:
        """What everybody who comes now is to know, in Indonesian and in English; both may be empty."""
        ...

    async def progress(self, reference: str) -> Progress | None:
        """By reference, in any spelling, or by the ledger's number, which is told back in the place of the reference; None when no case
        has it.

        Raises Unavailable, and ValueError for what cannot be a reference: its words are "check" when the check symbol does not agree
        (a symbol is mistyped), else "shape".
        """
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

    def send(self, letter: Letter) -> Awaitable[Taken]:
        """Send, and return the provider's ids of what was sent, with its answer. Raises Refused or Unavailable, with the answer where there
        was one. A coroutine or, cheaper, a future."""
        ...


@runtime_checkable
class Listener(Protocol):
    """A channel that keeps a link or polls."""

    async def listen(self, inbox: Inbox) -> None:
        """Work until cancelled; then stop taking in, finish what was begun, and leave politely. Reconnects by itself."""
        ...


@runtime_checkable
class Single(Listener, Protocol):
    """A listener that one process at a time keeps, because its other side knows only one."""

    @property
    def single(self) -> Literal["bind", "poll"]:
        """poll: it asks for what comes, and moves a cursor. When it is not certain any more that it is the one, it is cancelled.

        bind: what comes is brought to it and has an identity, so it does no harm to take it in twice. While it is not certain who is the
        one, as in an hour without the store, it takes in and sends nothing; it is cancelled when somebody else is.
        """
        ...


@runtime_checkable
class Paced(Protocol):
    """A channel that sends so many letters a second and no more."""

    @property
    def rates(self) -> tuple[float, float]:
        """The least and the most that may be asked of it."""
        ...

    def pace(self, per_s: float | None) -> None:
        """From now on, brought within `rates`; None: as its settings say."""
        ...


@runtime_checkable
class Sharing(Protocol):
    """A channel that listens at an address of its own."""

    def share(self) -> None:
        """From the start several processes of this gateway listen there, and the kernel deals out whoever calls."""
        ...


@runtime_checkable
class Gathering(Protocol):
    """A channel whose messages may name what they do not contain: media at the provider, proof of who sent them."""

    def lacks(self, message: InboundMessage) -> bool:
        """True when there is something to gather. Pure."""
        ...

    async def gather(self, arrival: Arrival, message: InboundMessage) -> Gathered:
        """Fetch it; called after the yes, again later when it raises Unavailable, and given up after ten minutes.

        What is not to be had at all is left out; `complete` is told what was found.
        """
        ...

    def complete(self, message: InboundMessage, facts: Mapping[str, str]) -> InboundMessage:
        """The message with what was found out; `facts` is empty when it was given up. Files are added by the gateway. Pure."""
        ...


@runtime_checkable
class Enterable(Protocol):
    """A channel whose door can be entered from our own side, as a citizen or a provider does."""

    async def enter(self, words: str, public: str) -> str:
        """Bring a message with these words in, and wait for the yes; the code that it names, empty where it names none. `public`: where
        the public address is on this machine, like http://127.0.0.1:8080. Raises Refused or Unavailable."""
        ...


@runtime_checkable
class Echoing(Protocol):
    """A channel whose other side answers a question that says nothing, on each link."""

    async def echo(self) -> Mapping[str, float]:
        """How long that took, in seconds, by link. Raises Unavailable when a link that should be there is not."""
        ...


@runtime_checkable
class Enclosing(Protocol):
    """A channel whose messages hold their files in themselves: a mail."""

    def enclosed(self, arrival: Arrival, number: int) -> Attachment | None:
        """The file with this number among `InboundMessage.attachments`, from 0; None when there is none. Pure."""
        ...


@runtime_checkable
class Webhook(Protocol):
    """A channel that is called."""

    @property
    def path(self) -> str:
        """It is called for this path and all below it."""
        ...

    def read(self, request: Request) -> Delivery:
        """Pure. Raises Forged or ValueError, nothing else, whatever the call contains."""
        ...
