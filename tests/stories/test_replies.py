"""A citizen answers our answer: what is written under a code of ours is a follow-up of that case, and a case of its own."""

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


async def test_a_mail_that_quotes_a_code_is_a_follow_up_of_its_case(tmp_path: Path) -> None:
    door = Mail()
    async with street(tmp_path, door) as place:
        await place.start()
        first = place.say()
        await place.settled()
        (answer,) = await door.heard(first)
        await aiosmtplib.send(reply(answer).as_bytes(policy=email.policy.SMTP), sender=CITIZEN, recipients=[ADDRESS],
            hostname="127.0.0.1", port=door.port, start_tls=False)  # fmt: skip
        async with asyncio.timeout(60):
            while len(place.ledger.records) < 2:
                await asyncio.sleep(0.02)
        record = next(one for reference, one in place.ledger.records.items() if reference != first.reference)
        assert [(link["id"], link["kind"]) for link in record["related"] if link["id"] == first.reference] == [
            (first.reference, "follow_up")
        ]
        assert "Sampai sekarang lampunya belum menyala." in record["text"]
        # it is answered with a code of its own, in its own thread
        async with asyncio.timeout(60):
            while not any(record["reference"] in words for words in await door.heard(first)):
                await asyncio.sleep(0.02)
