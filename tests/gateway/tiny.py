"""A small channel, a ledger in hand, and a desk with everything that an attempt needs.

In: bytes. Out: what a test wants to see. The channel keeps the protocol of `channels.base` and nothing more; its store and its ledger
are the real ones.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from channels.base import Accepted, Arrival, InboundMessage, Inbox, Letter, Part, Taken
from forwarder import embedded
from forwarder.ledger import Answer, AnyAnswer, Ledger, Registration
from forwarder.wording import load
from gateway.attempts import Submitting
from gateway.clerk import Clerk
from gateway.gate import Gate
from gateway.journal import Journal, Lines
from gateway.metrics import Metrics
from gateway.relations import Relations
from gateway.sending import Sending
from gateway.stint import Stint
from gateway.store.base import Store
from gateway.store.record import Life
from gateway.store.sqlite import opened
from normalizer.complaint import Complaint
from normalizer.rules import Rules
from tests.promises.stores import KEY, numbers

CITIZEN = "+6281200000001"
SECRET = "rumah saya di Jalan Kenanga 7"


class Tiny:
    """`sender|text`, in UTF-8. `send` does what `fate` says."""

    name = "tiny"

    def __init__(self) -> None:
        self.up = True
        #: raised by the next sends, in order; None sends
        self.fate: list[Exception | None] = []
        self.sent: list[Letter] = []
        self.bug: Exception | None = None

    def decode(self, arrival: Arrival, parts: Sequence[Part]) -> InboundMessage:
        if self.bug:
            raise self.bug
        raw = b"".join(part.raw for part in parts) or arrival.raw
        sender, found, text = raw.decode("utf-8", "surrogatepass").partition("|")
        if not found:
            raise ValueError("no sender in it")
        return InboundMessage(
            channel=self.name, source_id=arrival.source_id, sender=sender, text=text, received_at=arrival.received_at,
            reply_to={"to": sender} if sender.startswith("+") else {},
        )  # fmt: skip

    async def send(self, letter: Letter) -> Taken:
        fate = self.fate.pop(0) if self.fate else None
        if fate is not None:
            raise fate
        self.sent.append(letter)
        return Taken((f"id-{len(self.sent)}",), f"taken {len(self.sent)}")

    async def listen(self, inbox: Inbox) -> None:
        """Nothing ever comes."""
        await asyncio.Event().wait()


class Scripted:
    """The embedded ledger behind a script: what the next calls raise or answer; and how often it was asked for what."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.finds, self.idempotent = True, True
        self.script: list[Any] = []
        self.calls: list[tuple[str, int]] = []
        self.go: asyncio.Event | None = None

    name = "embedded"

    async def register(self, complaints: Sequence[Complaint]) -> Sequence[AnyAnswer]:
        self.calls.append(("register", len(complaints)))
        if self.go is not None:
            await self.go.wait()
        word = self.script.pop(0) if self.script else None
        if isinstance(word, Answer):
            return [word] * len(complaints)
        if isinstance(word, Exception):
            raise word
        return await self._ledger.register(complaints)

    async def find(self, reference: str, since: datetime) -> Registration | None:
        self.calls.append(("find", 1))
        return await self._ledger.find(reference, since)

    async def amend(self, complaint: Complaint) -> None:
        self.calls.append(("amend", 1))
        await self._ledger.amend(complaint)

    async def probe(self) -> None:
        await self._ledger.probe()

    async def close(self) -> None:
        await self._ledger.close()


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """A store, a ledger, a channel, and those who work between them."""

    store: Store
    ledger: Scripted
    channel: Tiny
    clerk: Clerk
    submitting: Submitting
    sending: Sending
    metrics: Metrics
    journal: Journal
    out: io.BytesIO

    async def put(self, raw: bytes | str, name: object = "") -> Accepted:
        data = raw.encode() if isinstance(raw, str) else raw
        arrival = Arrival(channel="tiny", source_id=f"{name or data!r}", raw=data, received_at=datetime.now(UTC))
        return await self.store.put(arrival, numbers(name or data))

    def way(self, most: int) -> Gate:
        """To the ledger, for so many calls at once."""
        return Gate(self.ledger.name, most, self.journal)

    async def submit(self) -> None:
        """One try of everything that is due."""
        await self.submitting.attempt(await asyncio.wait_for(self.store.claim(100, 60), 60))

    async def send(self) -> None:
        await self.sending.attempt(await asyncio.wait_for(self.store.claim_letters("tiny", 100, 60), 60))

    async def life(self, code: str) -> Life:
        life = await self.store.life(code)
        assert life is not None
        return life

    def said(self) -> list[dict[str, Any]]:
        self.journal.lines.flush()
        return [msgspec.json.decode(line) for line in self.out.getvalue().splitlines()]


class Nobody:
    """Doors at which nobody waits."""

    asked = False


def stint() -> Stint:
    """Of workers whom no door holds up."""
    return Stint(Nobody())


@asynccontextmanager
async def desk(folder: Path, *, ask_wait_s: float = 0.0) -> AsyncIterator[Desk]:
    """Everything open on a folder; who leaves out the place is asked when there is a time to wait for the answer."""
    ledger = Scripted(embedded.ledger("embedded", embedded.Settings(), folder, lambda: datetime.now(UTC)))
    channel, metrics, out = Tiny(), Metrics(), io.BytesIO()
    journal = Journal(Lines(out))
    clerk = Clerk({"tiny": channel}, Rules(channels={"tiny": "sms.esme"}), load())
    async with opened(folder / "gateway.db", most_letters=5) as store:
        yield Desk(
            store=store, ledger=ledger, channel=channel, clerk=clerk, metrics=metrics, journal=journal, out=out,
            submitting=Submitting(
                store, ledger, clerk, relations=Relations(store, key=KEY, journal=journal), stint=stint(), metrics=metrics, journal=journal,
                ask_wait_s=ask_wait_s,
            ),
            sending=Sending(store, channel, metrics=metrics, journal=journal),
        )  # fmt: skip
        await ledger.close()
