"""Citizens ask instead of complaining, by SMS and by mail: what they hear, and that the ledger hears nothing of it."""

from __future__ import annotations

import asyncio
import email.policy
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from tests.fakes.smsc import short_sms
from tests.stories.door_mail import ADDRESS, Mail
from tests.stories.doors import NAME, street
from tests.stories.process import GatewayProcess
from tests.stories.town import MARK, SHORT_CODE, Town, town

CITIZEN, OTHER = "6281200000001", "6281200000002"
MAILBOX = "warga0@warga.example"


async def hears(answers: Callable[[], Awaitable[list[str]]], words: str) -> str:
    """The answer with these words, once it has come."""
    async with asyncio.timeout(60):
        while not (found := [answer for answer in await answers() if words in answer]):
            await asyncio.sleep(0.02)
    return found[-1]


async def conserved(gateway: GatewayProcess, channel: str, **steps: int) -> None:
    """All that came stands somewhere, and stands where it should."""
    tally = (await gateway.command("status", "--json")).json["tally"]
    assert {step: n for step, n in tally["cases"][channel].items() if n} == steps
    assert tally["received"][channel] == sum(steps.values())
    assert await gateway.metric(f'lapor_conservation_difference{{channel="{channel}"}}') == 0


def sms(place: Town, number: str) -> Callable[[str, str], Awaitable[str]]:
    """Sends from a telephone, and waits for an answer with these words."""

    async def ask(text: str, words: str) -> str:
        async def answers() -> list[str]:
            return place.answers(number)

        place.deliver(short_sms(text, number, SHORT_CODE))
        return await hears(answers, words)

    return ask


async def test_who_asks_by_sms_is_answered_and_who_stops_hears_no_more_news(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await place.gateway.start()
        first = place.say(f"{MARK}: lampu jalan mati di depan pasar", CITIZEN)
        await place.settled()
        (record,) = place.records(first)
        code = record["reference"]
        mine, theirs = sms(place, CITIZEN), sms(place, OTHER)
        assert code in await theirs(f"cek status laporan {code.lower()} pak", "terdaftar, nomor")
        assert code in await mine(f"STATUS {code[:-1]}{7 if code[-1] != '7' else 8}", "barangkali")
        assert code in await theirs(f"BATAL {code}", "hanya bisa oleh pengirimnya")
        place.gateway.kill()
        await place.gateway.start()
        assert code in await mine(f"BATAL {code}", "sudah di tangan petugas")
        await mine("INFO", "STATUS kode")
        await theirs("STOP", "tidak akan mengirim kabar")
        place.say(f"Stop! {MARK}: pungli di samsat", OTHER)
        async with asyncio.timeout(60):
            while len(place.ledger.registrations) < 2:
                await asyncio.sleep(0.02)
        assert await theirs(f"STATUS {code.lower()}", f"Status laporan {code}")
        assert not [answer for answer in place.answers(OTHER) if "sudah terdaftar" in answer]
        await conserved(place.gateway, "operator", done=2, declined=7)
        assert len(place.ledger.registrations) == 2


async def test_a_mail_withdraws_what_the_ledger_has_not_heard_of(tmp_path: Path) -> None:
    door = Mail()
    async with street(tmp_path, door, ledger_open=False, receipt_after_s=0) as place:
        await place.start()
        first = place.say()

        async def answers() -> list[str]:
            return await door.heard(first)

        await hears(answers, "ketik STATUS dan kode itu")
        await send(door, "Re: Lampu jalan", f"STATUS {first.reference}\n\n> Kode laporan: {first.reference}\n> Simpan kode ini.")
        await hears(answers, "menunggu pencatatan")
        await send(door, f"Batal {first.reference}", "")
        await hears(answers, "dibatalkan, tidak diteruskan ke instansi")
        await place.open_ledger()
        await conserved(place.gateway, NAME, declined=3)
        shown = (await place.gateway.command("trace", first.reference, "--json")).json
        assert ([act["act"] for act in shown["acts"]], shown["code"]) == (["withdraw"], "withdrawn")
        assert place.ledger.records == {}


async def send(door: Mail, subject: str, text: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = MAILBOX, ADDRESS, subject, f"<{len(subject + text)}@warga.example>"
    mail.set_content(text + "\n")
    await aiosmtplib.send(
        mail.as_bytes(policy=email.policy.SMTP), sender=MAILBOX, recipients=[ADDRESS], hostname="127.0.0.1", port=door.port, start_tls=False
    )
