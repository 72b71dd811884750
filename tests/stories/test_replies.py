"""A citizen answers our answer: what is written under a code of ours goes to the ledger with the complaint that it belongs to."""

from __future__ import annotations

import asyncio
import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from tests.stories.door_mail import ADDRESS, Mail
from tests.stories.doors import street

CITIZEN = "warga0@warga.example"


def reply(quoted: str) -> EmailMessage:
    """As Gmail writes it; nothing but the quoted code says what it belongs to."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = CITIZEN, ADDRESS, "Re: Lampu jalan"
    mail["Message-ID"] = "<balasan@warga.example>"
    lines = "\n".join(f"> {line}" for line in quoted.splitlines())
    mail.set_content(f"Sampai sekarang lampunya belum menyala.\n\nPada Jum, 20 Nov 2026 08.05 LAPOR <{ADDRESS}> menulis:\n{lines}\n")
    return mail


async def test_a_mail_that_quotes_a_code_is_added_to_its_case(tmp_path: Path) -> None:
    door = Mail()
    async with street(tmp_path, door) as place:
        await place.start()
        first = place.say()
        await place.settled()
        (answer,) = await door.heard(first)
        await aiosmtplib.send(reply(answer).as_bytes(policy=email.policy.SMTP), sender=CITIZEN, recipients=[ADDRESS],
            hostname="127.0.0.1", port=door.port, start_tls=False)  # fmt: skip
        async with asyncio.timeout(60):
            while "[tambahan]" not in place.ledger.records[first.reference]["text"]:
                await asyncio.sleep(0.02)
        (record,) = place.ledger.records.values()
        # what the mail quotes is not said again
        assert record["text"].endswith("[tambahan] Sampai sekarang lampunya belum menyala.")
        # it is confirmed, in its own thread
        async with asyncio.timeout(60):
            while not any(f"Tambahan untuk laporan {first.reference}" in words for words in await door.heard(first)):
                await asyncio.sleep(0.02)
