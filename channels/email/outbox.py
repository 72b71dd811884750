"""Letters on their way to the relay, over a few connections that are shared while there is more to send.

In: mails. Out: that the relay has taken them, or why not: Refused when it never will, Unavailable when it may later. It never sends a
mail twice by itself, and keeps no connection open when there is nothing to send.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import time
from collections import Counter, deque

import msgspec
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from channels.base import Refused, Unavailable, quoted
from channels.email.settings import Relay

CONNECT_S, ANSWER_S, QUIT_S = 10.0, 60.0, 2.0
#: connections to the relay at once
COURIERS = 4
#: no letter is tried for so long after the relay could not be reached
REST_S = 15.0

#: what a relay says of us and not of the letter: it wants to know us, or to speak in private first (RFC 4954 §6, RFC 3207 §4)
_ABOUT_US = frozenset({530, 534, 535, 538})
_ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """An envelope and what is in it."""

    sender: str
    recipient: str
    content: bytes


class Outbox:
    """The way out of one mailbox. `counts`: relay_unreachable, letter_deferred, letter_refused."""

    def __init__(self, relay: Relay, *, hostname: str, ca: str, counts: Counter[str]) -> None:
        """Raises ValueError when the file of certificates cannot be used."""
        self._relay, self._hostname, self._counts = relay, hostname, counts
        try:
            self._trust = None if relay.security == "plain" else ssl.create_default_context(cafile=ca or None)
        except OSError as problem:
            raise ValueError(f"smtp_ca: {problem.strerror or 'no certificates that can be used'}") from None
        self._waiting: deque[tuple[Mail, asyncio.Future[str]]] = deque()
        self._couriers: set[asyncio.Task[None]] = set()
        self._rests_until = 0.0

    @property
    def up(self) -> bool:
        """False for a while after the relay could not be reached."""
        return time.monotonic() >= self._rests_until

    def put(self, mail: Mail) -> asyncio.Future[str]:
        """Its last reply, when the relay has it; fails with Refused or Unavailable."""
        fate: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append((mail, fate))
        if len(self._couriers) < COURIERS:
            courier = asyncio.ensure_future(self._carry())
            self._couriers.add(courier)
            courier.add_done_callback(self._couriers.discard)
        return fate

    async def reach(self) -> None:
        """Connect, say hello and goodbye. Raises Unavailable."""
        await _quit(await self._dial())

    async def _carry(self) -> None:
        """Over one connection, until there is nothing left to send."""
        client: SMTP | None = None
        try:
            while self._waiting:
                mail, fate = self._waiting.popleft()
                if fate.done():  # whoever wanted it sent has given up
                    continue
                try:
                    client = client if client is not None and client.is_connected else await self._dial()
                    self._tell(fate, await _hand_over(client, mail))
                except (Refused, Unavailable) as problem:
                    self._tell(fate, problem)
        finally:
            if client is not None:
                await _quit(client)

    def _tell(self, fate: asyncio.Future[str], what: str | Refused | Unavailable) -> None:
        if not isinstance(what, str):
            self._counts["letter_refused" if isinstance(what, Refused) else "letter_deferred"] += 1
        if fate.done():
            return
        if isinstance(what, str):
            fate.set_result(what)
        else:
            fate.set_exception(what)

    async def _dial(self) -> SMTP:
        relay = self._relay
        client = SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.user or None,
            password=relay.password or None,
            local_hostname=self._hostname,
            use_tls=relay.security == "tls",
            start_tls=relay.security == "starttls",
            tls_context=self._trust,
            timeout=ANSWER_S,
        )
        try:
            await client.connect(timeout=CONNECT_S)
        except SMTPResponseException as problem:  # whatever it is, it says nothing of any letter
            raise self._unreachable(f"relay_said_{problem.code}", _reply(problem.code, problem.message)) from None
        except (SMTPException, OSError, UnicodeError) as problem:
            raise self._unreachable("relay_unreachable") from problem
        self._rests_until = 0.0
        return client

    def _unreachable(self, code: str, said: str = "") -> Unavailable:
        """Nobody else need try for a while: those that wait hear the same."""
        self._counts["relay_unreachable"] += 1
        self._rests_until = time.monotonic() + REST_S
        while self._waiting:
            _, fate = self._waiting.popleft()
            self._tell(fate, Unavailable(code, said=said))
        return Unavailable(code, said=said)


async def _hand_over(client: SMTP, mail: Mail) -> str:
    """One mail over a connection that is ready for one; the reply by which the relay took it. Raises Refused or Unavailable."""
    wide = not mail.recipient.isascii() or not mail.sender.isascii()
    try:
        if wide and not client.supports_esmtp:
            await client.ehlo()
        if wide and not client.supports_extension("smtputf8"):
            raise Refused("needs_smtputf8")
        encoding, options = ("utf-8", ["SMTPUTF8"]) if wide else ("ascii", [])
        await client.mail(mail.sender, options=options, encoding=encoding)
        await client.rcpt(mail.recipient, encoding=encoding)
    except SMTPResponseException as problem:
        await _reset(client)
        raise _judged(problem) from None
    except (SMTPException, OSError):
        client.close()
        raise Unavailable("relay_lost") from None
    try:
        return _reply(*await client.data(mail.content))
    except SMTPResponseException as problem:
        await _reset(client)
        raise _judged(problem) from None
    except (SMTPException, OSError):
        client.close()
        raise Unavailable("relay_silent", unsure=True) from None


def _judged(problem: SMTPResponseException) -> Refused | Unavailable:
    """What a reply means for a letter. Its words repeat addresses: they stand in `said` alone."""
    enhanced = _ENHANCED.search(str(problem.message))
    said = _reply(problem.code, problem.message)
    words = f"{problem.code} {enhanced[0]}" if enhanced else str(problem.code)
    if problem.code in _ABOUT_US:
        return Unavailable(f"relay_said_{problem.code}", said=said)
    if 500 <= problem.code <= 599:
        return Refused("rejected", words, said=said)
    return Unavailable(f"relay_said_{problem.code}", said=said)


def _reply(code: int, message: str) -> str:
    """As the relay said it; aiosmtplib has the code apart, and of several lines the words."""
    return quoted("\n".join(f"{code} {line}".rstrip() for line in message.splitlines() or [""]))


async def _reset(client: SMTP) -> None:
    """Ready for the next mail, or closed."""
    try:
        await client.rset()
    except (SMTPException, OSError):
        client.close()


async def _quit(client: SMTP) -> None:
    with contextlib.suppress(SMTPException, OSError):
        await client.quit(timeout=QUIT_S)
    client.close()
