"""A town for a gateway to serve: citizens at a rehearsed operator, a ledger, and a witness who compares what they saw.

In: texts to send. Out: a `Verdict`. The witness knows what the operator was told (deliver_sm_resp) and what the ledger was told, and
shares no code with the gateway's store.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from channels.sms.pdu import ShortMessage
from gateway.rehearse.link import Mobile
from gateway.rehearse.parts import GSM7, UCS2, long_sms, short_sms
from tests.fakes import smsc as fake_smsc
from tests.fakes.ledger import FakeLedger
from tests.fakes.ports import free_port
from tests.fakes.smsc import Smsc
from tests.stories.process import GatewayProcess

SHORT_CODE = "1708"
#: in every text, so that a log can be searched for it
MARK = "tandaku"


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A complaint on its way; `mobiles` are its parts at the operator."""

    number: str
    text: str
    mobiles: tuple[Mobile, ...]

    @property
    def acknowledged(self) -> bool:
        """The gateway has said yes to all of it."""
        return all(mobile.taken for mobile in self.mobiles)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of what was sent. `strange`: records that nobody sent so."""

    sent: int
    acknowledged: int
    registered: int
    twice: int
    unanswered: int
    lost: int
    strange: int

    @property
    def clean(self) -> bool:
        return not (self.twice or self.unanswered or self.lost or self.strange)


class Town:
    """Citizens, operator, ledger and gateway."""

    def __init__(self, smsc: Smsc, ledger: FakeLedger, gateway: GatewayProcess, open_ledger: Callable[[], Awaitable[object]]) -> None:
        self.smsc, self.ledger, self.gateway, self.open_ledger = smsc, ledger, gateway, open_ledger
        self.sent: list[Sent] = []

    def citizen(self, nth: int = 0) -> tuple[str, str]:
        """A number, and a text that nobody else sends."""
        n = len(self.sent) + nth
        return f"628120000{n % 10_000:04d}", f"{MARK} nomor {n}: lampu jalan mati di depan pasar"

    def say(self, text: str = "", number: str = "") -> Sent:
        """A citizen sends a short text."""
        own_number, own_text = self.citizen()
        return self._send(number or own_number, text or own_text, [short_sms(text or own_text, number or own_number, SHORT_CODE)])

    def say_at_length(self, *, reference: int = 7, coding: int = GSM7) -> Sent:
        """A citizen sends a text in several parts; many phones choose the same reference."""
        number, text, parts = self.at_length(reference=reference, coding=coding)
        return self._send(number, text, parts)

    def at_length(self, *, reference: int = 7, coding: int = GSM7, nth: int = 0) -> tuple[str, str, list[ShortMessage]]:
        """Number, text and the parts in order, of the nth citizen from now, not sent yet; `deliver` sends them one by one."""
        number, text = self.citizen(nth)
        text += "; " + "sudah dua minggu tidak ada yang datang, anak-anak jatuh. " * (3 if coding == UCS2 else 6)
        return number, text, long_sms(text, number, SHORT_CODE, reference, coding=coding)

    def deliver(self, *parts: ShortMessage) -> tuple[Mobile, ...]:
        """Some parts of a message that `expect` will name."""
        return tuple(self.smsc.deliver(part) for part in parts)

    def expect(self, number: str, text: str, mobiles: tuple[Mobile, ...]) -> Sent:
        """What was delivered bit by bit is this."""
        self.sent.append(Sent(number=number, text=text, mobiles=mobiles))
        return self.sent[-1]

    def _send(self, number: str, text: str, messages: Sequence[ShortMessage]) -> Sent:
        return self.expect(number, text, self.deliver(*messages))

    def records(self, sent: Sent) -> list[dict[str, Any]]:
        """The ledger's records of what was sent."""
        return [
            each for each in self.ledger.records.values() if (each["reporter"]["address"], each["text"]) == (f"+{sent.number}", sent.text)
        ]

    def answers(self, number: str) -> list[str]:
        """What the phone has heard."""
        return [answer.body.decode("ascii", "replace") for answer in self.smsc.answers_to(number)]

    async def until_called(self) -> None:
        """Wait until the ledger has been called and has done what it will do."""
        async with asyncio.timeout(60):
            while not self.ledger.calls:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.02)

    async def settled(self, within_s: float = 60.0) -> None:
        """Wait until all that was sent is acknowledged, registered and answered; what is missing after so long is told."""
        try:
            async with asyncio.timeout(within_s):
                while len(self.ledger.registrations) < len(self.sent) or self.verdict() != self._all_well():
                    await asyncio.sleep(0.02 + len(self.sent) / 20_000)
        except TimeoutError:
            raise AssertionError(
                f"{self.verdict()}\n{dict(self.smsc.counts)}\n{self.ledger.calls[-9:]}\n{self.gateway.said[-3000:]}"
            ) from None

    def _all_well(self) -> Verdict:
        n = len(self.sent)
        return Verdict(sent=n, acknowledged=n, registered=n, twice=0, unanswered=0, lost=0, strange=0)

    def verdict(self) -> Verdict:
        """The ledger's records beside what was acknowledged, and the answers beside the records."""
        references: dict[tuple[str, str], list[str]] = {}
        for reference, record in self.ledger.records.items():
            references.setdefault((record["reporter"]["address"], record["text"]), []).append(reference)
        heard = {number: " ".join(self.answers(number)) for number in {sent.number for sent in self.sent}}
        counts: Counter[str] = Counter()
        for sent in self.sent:
            found = references.pop((f"+{sent.number}", sent.text), [])
            counts["acknowledged"] += sent.acknowledged
            counts["registered"] += bool(found)
            counts["twice"] += len(found) > 1
            counts["lost"] += sent.acknowledged and not found
            counts["unanswered"] += sent.acknowledged and not self._told(heard[sent.number], found)
        return Verdict(
            sent=len(self.sent), strange=sum(map(len, references.values())),
            **{name: counts[name] for name in ("acknowledged", "registered", "twice", "unanswered", "lost")},
        )  # fmt: skip

    def _told(self, heard: str, references: Iterable[str]) -> bool:
        """The sender has read the code and the ledger's number of every record."""
        return all(reference in heard and self.ledger.registrations[reference]["tracking_id"] in heard for reference in references)


@asynccontextmanager
async def town(
    folder: Path,
    *,
    data: Path | None = None,
    ledger: str = "timeout_s = 5",
    ledger_open: bool = True,
    channel: str = "",
    receipt_after_s: float = 60,
    ask_wait_s: float = 0,
    store: str = "",
) -> AsyncIterator[Town]:
    """A town whose gateway is not started yet. At the end it is killed, and what it wrote is searched for what it must never write.

    `ledger` and `channel` are more lines of TOML for those tables; a ledger that is not open refuses connections. `store`: the URL of one
    that is no file in the folder.
    """
    folder.mkdir(exist_ok=True)
    async with AsyncExitStack() as stack:
        smsc = await stack.enter_async_context(fake_smsc.running())
        book = FakeLedger(port=free_port())
        if ledger_open:
            await stack.enter_async_context(book)
        lines = f'kind = "http"\nurl = "{book.url}"\n{ledger}'
        gateway = GatewayProcess(
            folder,
            smsc=smsc.port,
            ledger=lines,
            data=data,
            channel=channel,
            receipt_after_s=receipt_after_s,
            ask_wait_s=ask_wait_s,
            store=store,
        )
        try:
            yield Town(smsc, book, gateway, lambda: stack.enter_async_context(book))
        finally:
            gateway.kill()
        assert gateway.leaks() == []
