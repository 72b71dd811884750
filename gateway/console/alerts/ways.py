"""The ways to a recipient: mail, Telegram, a webhook.

In: a message. Out: the other side has it, or Refused when it never will, Unavailable when it may later. Nothing is tried twice here, and no
token, address or answer of the other side stands in an error.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import Final, Protocol

import aiohttp
import msgspec

from channels.base import Refused, Unavailable
from channels.email.outbox import Mail, Outbox
from channels.email.settings import relay_at
from forwarder.signature import HEADER, signed
from gateway.console.alerts.telling import Message

#: for one call, in seconds
PATIENCE_S: Final = 20.0
#: of a Telegram message, in characters; it takes 4096
LONGEST: Final = 3900


class Way(Protocol):
    """To one recipient."""

    async def tell(self, message: Message) -> None:
        """Raises Refused or Unavailable."""
        ...


class ByMail:
    """Over a relay that several share."""

    def __init__(self, outbox: Outbox, sender: str, recipient: str) -> None:
        self._outbox, self._sender, self._recipient = outbox, sender, recipient

    async def tell(self, message: Message) -> None:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = Address(addr_spec=self._sender), Address(addr_spec=self._recipient)
        mail["Subject"], mail["Date"] = message.subject, formatdate()
        mail["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's robot shall answer
        mail.set_content(message.text)
        await self._outbox.put(Mail(sender=self._sender, recipient=self._recipient, content=bytes(mail)))


class ByTelegram:
    """sendMessage of the Bot API (https://core.telegram.org/bots/api#sendmessage)."""

    def __init__(self, session: aiohttp.ClientSession, api: str, *, token: str, chat: str) -> None:
        self._session, self._url, self._chat = session, f"{api}/bot{token}/sendMessage", chat

    async def tell(self, message: Message) -> None:
        text = message.text if len(message.text) <= LONGEST else f"{message.text[:LONGEST]}…"
        await _post(
            self._session, self._url, {"Content-Type": "application/json"}, msgspec.json.encode({"chat_id": self._chat, "text": text})
        )


class ByWebhook:
    """POST of JSON, signed as ledgers sign what they tell us (`forwarder.signature`)."""

    def __init__(self, session: aiohttp.ClientSession, url: str, secret: str) -> None:
        self._session, self._url, self._secret = session, url, secret

    async def tell(self, message: Message) -> None:
        headers = {"Content-Type": "application/json", HEADER: signed(self._secret, int(time.time()), message.document)}
        await _post(self._session, self._url, headers, message.document)


def outbox(url: str, ca: str, host: str) -> Outbox:
    """The way of mails. Raises ValueError, which shows no part of the URL."""
    return Outbox(relay_at(url), hostname=host, ca=ca, counts=Counter())


async def _post(session: aiohttp.ClientSession, url: str, headers: Mapping[str, str], body: bytes) -> None:
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    try:
        async with session.post(url, data=body, headers=headers, timeout=timeout, allow_redirects=False) as answer:
            if answer.status in {408, 429} or answer.status >= 500:
                raise Unavailable(f"http_{answer.status}")
            if not 200 <= answer.status < 300:
                raise Refused(f"http_{answer.status}")
    except TimeoutError:
        raise Unavailable("no_answer") from None
    except (aiohttp.ClientError, OSError):
        raise Unavailable("unreachable") from None
