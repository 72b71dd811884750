"""Two gateways, each of which takes the other for a citizen: by SMS, and by mail over a relay that hides that a machine wrote it."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiosmtplib
import msgspec

from tests.fakes import smsc as fake_smsc
from tests.fakes.ports import free_port
from tests.fakes.smsc import Smsc, short_sms
from tests.fakes.smtp_sink import Sink, sinking
from tests.stories.process import GatewayProcess
from tests.stories.town import MARK

MAILBOX = """
[channels.surat]
kind = "email.mailbox"
listen = "127.0.0.1:{port}"
address = "{address}"
smtp_url = "smtp://gateway:kunci@127.0.0.1:{relay}"
"""
#: so long nothing more may be said
QUIET_S = 3.0


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two, what it sends, and how it is reached."""

    gateway: GatewayProcess
    smsc: Smsc
    sink: Sink
    number: str
    address: str
    port: int

    def said(self) -> int:
        return len(self.smsc.answers) + len(self.sink.mails)


@asynccontextmanager
async def side(folder: Path, number: str, *, words: str = "") -> AsyncIterator[Side]:
    """`words`: its office has a text of its own for what is registered."""
    wordings = folder / "wordings"
    wordings.mkdir(parents=True)
    (wordings / "id.toml").write_text(f'registered = "{words}"\n' if words else "", encoding="utf-8")
    async with fake_smsc.running() as smsc, sinking(password="kunci") as sink:
        port, address = free_port(), f"lapor@kota{number[-1]}.example"
        tables = MAILBOX.format(port=port, address=address, relay=sink.port)
        gateway = GatewayProcess(
            folder, smsc=smsc.port, ledger='kind = "embedded"', channel=f'short_code = "{number}"', tables=tables, wordings=wordings
        )
        await gateway.start()
        try:
            yield Side(gateway=gateway, smsc=smsc, sink=sink, number=number, address=address, port=port)
        finally:
            gateway.kill()
        assert gateway.leaks() == []


async def relay(one: Side, other: Side) -> None:
    """Carry what the one says to the other, as if a citizen had said it."""
    texts = mails = 0
    while True:
        for answer in one.smsc.answers[texts:]:
            texts += 1
            other.smsc.deliver(short_sms(answer.body.decode("ascii"), one.number, other.number))
        for mail in one.sink.mails[mails:]:
            mails += 1
            await post(bare(mail.content), one.address, other)
        await asyncio.sleep(0.02)


def bare(content: bytes) -> bytes:
    """Without what says that a machine wrote it."""
    message = email.message_from_bytes(content, policy=email.policy.SMTP)
    for name in ("Auto-Submitted", "X-Auto-Response-Suppress", "In-Reply-To", "References"):
        del message[name]
    return message.as_bytes()


async def post(content: bytes, sender: str, to: Side) -> None:
    await aiosmtplib.send(content, sender=sender, recipients=[to.address], hostname="127.0.0.1", port=to.port, start_tls=False)


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not what():
            await asyncio.sleep(0.02)


async def silence(one: Side, other: Side) -> None:
    """Until nobody has said anything for a while."""
    said, since = -1, 0.0
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(60):
        while loop.time() - since < QUIET_S:
            if said != (now := one.said() + other.said()):
                said, since = now, loop.time()
            await asyncio.sleep(0.05)


async def test_two_gateways_that_are_pointed_at_each_other_fall_silent_within_three_messages(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(side(tmp_path / "satu", "6281200009001"))
        words = "Dinas Kota: laporan {reference} tercatat sebagai nomor {tracking_id}, terima kasih."
        other = await stack.enter_async_context(side(tmp_path / "dua", "6281200009002", words=words))
        carriers = [asyncio.create_task(relay(one, other)), asyncio.create_task(relay(other, one))]
        mail = b"From: <%s>\r\nTo: <%s>\r\nSubject: Lampu\r\nMessage-ID: <1@kota.example>\r\n\r\n%s mati di Jalan Mawar 7\r\n"
        for spark, of in ((one, other), (other, one)):
            spark.smsc.deliver(short_sms(f"{MARK} lampu mati di Jalan Mawar", of.number, spark.number))
            await post(mail % (of.address.encode(), spark.address.encode(), MARK.encode()), of.address, spark)
        await until(lambda: one.said() >= 2 and other.said() >= 2)
        await silence(one, other)
        for each in (one, other):
            assert len(each.smsc.answers) <= 3
            assert len(each.sink.mails) <= 3
        # the one cannot know the words of the other's office; what it answers is known, and ends it
        declined = (await other.gateway.command("declined", "list", "--json")).json
        assert [case["code"] for case in declined].count("own_words") == len(declined) >= 2
        for carrier in carriers:
            carrier.cancel()
        await asyncio.wait(carriers)
