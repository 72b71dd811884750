"""The mail door of the stories: people whose mail programs hand a mail over until it is taken, and a relay that brings the answers.

In: complaints. Out: the status of each try, and what came into the mailboxes. A mail that is sent again is the same, with its Message-ID,
as queues of mail servers do it.
"""

from __future__ import annotations

import email
import email.policy
from contextlib import AsyncExitStack
from email.message import EmailMessage
from typing import Literal

import aiosmtplib

from tests.fakes.ports import free_port
from tests.fakes.smtp_sink import Kept, sinking
from tests.stories.doors import NAME
from tests.stories.senders import PICTURE, Callers, Heard, Said

ADDRESS = "lapor@lapor.example"
PASSWORD = "kunci-relay"


class Mail:
    """A mailbox, and the relay beside it."""

    kind = "email.mailbox"
    full = {"452"}  # noqa: RUF012 - a constant of the protocol
    letters: Literal["many"] = "many"
    comes = False
    secrets = (PASSWORD, "@warga.example")

    def __init__(self) -> None:
        #: where it listens, and where the mails are sent
        self.port = self.called_at = free_port()
        self._heard = Heard[Kept](lambda mail: (mail.recipient, _text(mail)))

    def table(self) -> str:
        url = f"smtp://gateway:{PASSWORD}@127.0.0.1:{self.sink.port}"
        return f'[channels.{NAME}]\nkind = "email.mailbox"\nlisten = "127.0.0.1:{self.port}"\naddress = "{ADDRESS}"\nsmtp_url = "{url}"\n'

    async def open(self, stack: AsyncExitStack, public: int) -> None:
        self.sink = await stack.enter_async_context(sinking(password=PASSWORD))
        self._callers = Callers(self._hand_over, gone=(aiosmtplib.SMTPException,))
        stack.push_async_callback(self._callers.aclose)

    def say(self, said: Said) -> None:
        self._callers.say(said)

    def taken(self, said: Said) -> bool:
        return said.taken

    def reached(self) -> int:
        return self._callers.reached

    async def _hand_over(self, said: Said) -> bool:
        try:
            _, answer = await aiosmtplib.send(
                written(said).as_bytes(policy=email.policy.SMTP), sender=_mailbox(said), recipients=[ADDRESS],
                hostname="127.0.0.1", port=self.called_at, timeout=60, local_hostname="pasar.example", start_tls=False,
            )  # fmt: skip
        except aiosmtplib.SMTPResponseException as no:
            said.told.append(str(no.code))
            return False
        assert answer.startswith("2.0.0 queued as "), answer
        reference = answer.rpartition(" ")[2]
        # whoever sends again gets the first reference again
        assert said.reference in {"", reference}
        said.reference = reference
        said.told.append("250")
        return True

    async def heard(self, said: Said) -> list[str]:
        return self._heard.by(_mailbox(said), self.sink.mails)


def written(said: Said) -> EmailMessage:
    """The mail, the same each time."""
    mail = EmailMessage()
    mail["From"] = f"Warga <{_mailbox(said)}>"
    mail["To"] = ADDRESS
    mail["Subject"] = "Lampu jalan"
    mail["Date"] = "Fri, 20 Nov 2026 08:00:00 +0700"
    mail["Message-ID"] = f"<surat-{said.nth}@warga.example>"
    mail.set_content(said.text + "\n")
    said.files = 1
    mail.add_attachment(PICTURE, maintype="image", subtype="png", filename="lampu.png")
    mail.set_boundary("batas")
    return mail


def _mailbox(said: Said) -> str:
    return f"{said.sender}@warga.example"


def _text(mail: Kept) -> str:
    """The plain text of an answer."""
    message = email.message_from_bytes(mail.content, policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
