"""The mailbox as a subject: mails from a client that tries again, answers to a relay with faults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import msgspec

from channels.base import Arrival, Channel, Letter
from channels.email import mailbox
from tests.email.mailboxes import US, calling, listening
from tests.email.mails import NAMES, NOW, captured, kept
from tests.fakes.inbox import Shelf
from tests.fakes.ports import free_port
from tests.fakes.smtp_sink import sinking
from tests.promises.channels import ANSWER, WORDS, Kept, Reluctant, Subject

WHO = "warga.pasar@warga.example"
PASSWORD = "kunci-relay"
MAILBOX: dict[str, Any] = {"address": US, "listen": "127.0.0.1:0", "smtp_url": f"smtp://lapor:{PASSWORD}@127.0.0.1:9"}
MAIL = f"From: {WHO}\r\nSubject: lampu\r\nMessage-ID: <7@warga.example>\r\n\r\n{WORDS}\r\n".encode()


def _made(**more: Any) -> mailbox.Mailbox:
    return mailbox.channel("pintu", msgspec.convert(MAILBOX | more, mailbox.Settings))


@asynccontextmanager
async def _coming(inbox: Reluctant) -> AsyncIterator[Channel]:
    channel = _made()
    # it satisfies the same protocol as the shelf that it has
    async with listening(channel, cast(Shelf, inbox)) as port:
        for answer in ("451", "250"):
            async with calling(port) as client:
                await client.begin(WHO)
                assert (await client.give(MAIL)).startswith(answer)
        yield channel


@asynccontextmanager
async def _sending(fault: str) -> AsyncIterator[tuple[Channel, Letter]]:
    reply_to = {"to": WHO, "message_id": "<7@warga.example>", "subject": "lampu"}
    letter = Letter(key="1:receipt", case_id="1", channel="pintu", to=WHO, kind="receipt", text=ANSWER, reply_to=reply_to)
    async with sinking(*filter(None, [fault.removeprefix("gone")]), password=PASSWORD) as sink:
        port = free_port() if fault == "gone" else sink.port
        scheme = "smtp+starttls" if fault == "tls_broken" else "smtp"
        channel = _made(smtp_url=f"{scheme}://lapor:{PASSWORD}@127.0.0.1:{port}")
        async with listening(channel, Shelf()):
            yield channel, letter


MAIL_SUBJECT = Subject(
    kind="email.mailbox",
    table=MAILBOX,
    secrets=(PASSWORD,),
    private=(WHO, "warga.pasar"),
    examples=[
        *(Kept(arrival=Arrival(channel="pintu", source_id=name, raw=kept(captured(name)), received_at=NOW)) for name in NAMES),
        Kept(arrival=Arrival(channel="pintu", source_id="7", raw=kept(MAIL, WHO), received_at=NOW)),
    ],
    coming=_coming,
    sending=_sending,
    fates={
        "taken": ("",), "broken": ("greylist", "full", "busy", "auth_refused"), "garbled": ("tls_broken",),
        "dropped": ("drop_after_data", "drop_after_mail"), "gone": ("gone", "silent"), "refused": ("reject", "spam"),
    },
    never={
        "throttled": "SMTP has no word for when to come again; its 4xx are among the broken",
        "silent": "a relay is given a minute, in the code; an answer that does not come is told like one that was dropped",
    },
    slow=frozenset({"silent"}),
)  # fmt: skip
