"""One client's SMTP session (RFC 5321), as aiosmtpd speaks it.

In: what a connection says. Out: mails to the house, and its answers. It never says 250 to a mail before the house has it on disk, and
never repeats in an answer what the client wrote.

What of aiosmtpd is not used, and why: its constructor looks through the whole class for each connection, its DATA goes line by line,
its time-out cuts off a slow upload, its loop logs addresses, and the end of a client's stream cancels a commit under way.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from aiosmtpd.smtp import MISSING, SMTP, TLSSetupException

from channels.base import Unavailable
from channels.email.data import TOO_BIG, fault
from channels.email.house import House
from channels.email.journey import Trace
from channels.email.loading import Loading

#: for a command to come whole (RFC 5321 §4.5.3.2.7)
COMMAND_S = 300.0
#: for a client to read that it was too slow
PARTING_S = 10.0
#: RFC 5321 §4.5.3.1.8 wants at least 100
MOST_RECIPIENTS = 100
MOST_MAILS, MOST_ERRORS, MOST_COMMANDS = 100, 10, 1_000
#: octets of a command; RFC 5321 says 512, long addresses and SMTPUTF8 need more
LONGEST_COMMAND = 4_096

_PLAIN = re.compile(r"<([^<>\s\"\\,;:]*)>[ \t]*(.*)\Z", re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_FULL = frozenset({"disk_nearly_full", "disk_full"})
_NO_ROOM = "452 4.3.1 no room for this mail now, please try again later"


class Conversation(SMTP):
    """With one client. `peer` is its address, `trusted` says that it is our own edge, `deadline` when it is too slow (loop time)."""

    def __init__(self, house: House, loop: asyncio.AbstractEventLoop) -> None:  # see above why the library's is not called
        reader = asyncio.StreamReader(limit=LONGEST_COMMAND, loop=loop)
        asyncio.StreamReaderProtocol.__init__(self, reader, client_connected_cb=self._cb_client_connected, loop=loop)
        self.loop, self._house, self.hostname, self.tls_context = loop, house, house.host, house.tls
        self.data_size_limit, self.enable_SMTPUTF8, self._decode_data = house.max_bytes, True, False
        self._auth_required, self._tls_handshake_okay = False, True
        self._handle_hooks = {}
        self.session = self.envelope = self.transport = None
        self._tls_protocol = self._original_transport = self._handler_coroutine = None
        self.peer, self.trusted, self.deadline = "", False, loop.time() + COMMAND_S
        self._loading: Loading | None = None
        self._mails = self._errors = self._commands = 0
        self._closing = self._expired = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come, or has begun to encrypt."""
        begins = self._original_transport is None
        if begins:
            self.peer = str((transport.get_extra_info("peername") or ("",))[0]).removeprefix("::ffff:")
            if refusal := self._house.admit(self):
                _part(transport, refusal)
                return
        super().connection_made(transport)
        if begins and self._handler_coroutine is not None:
            self._handler_coroutine.add_done_callback(self._over)

    def connection_lost(self, error: Exception | None) -> None:
        """The handler is cancelled; a commit under way goes on, see `_commit`."""
        self._house.gone(self)
        if self._loading is not None:
            self._loading.release()
        if self._original_transport is not None:
            self._original_transport.close()
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
        self.transport = None

    def eof_received(self) -> bool | None:
        """A client that has said all may still listen; one that stops within a mail has gone."""
        if self.session is None or (self._loading is not None and not self._loading.whole.done()):
            return False
        stays = asyncio.StreamReaderProtocol.eof_received(self)
        return stays and self._tls_protocol is None

    def data_received(self, data: bytes) -> None:
        if self._loading is None or self._loading.whole.done():
            super().data_received(data)
        elif behind := self._loading.take(data):
            super().data_received(behind)
        else:
            self.deadline = self._loading.deadline

    # commands

    async def _handle_client(self) -> None:
        await self.push(f"220 {self.hostname} ESMTP")
        while not self._closing:
            self._reset_timeout()
            try:
                line = await self._reader.readuntil()
            except asyncio.IncompleteReadError:
                return
            except asyncio.LimitOverrunError:
                await self.push("500 5.5.2 line too long")
                return
            word, _, rest = line.rstrip(b"\r\n").partition(b" ")
            command = _COMMANDS.get(word.upper())
            if self._too_many():
                self._house.counts["nuisance"] += 1
                await self.push("421 4.7.0 too many commands or errors, goodbye")
                return
            if command is None:
                await self.push("500 5.5.2 no such command")
                continue
            if _CONTROL.search(rest):  # a CR within an address would end a line of what we keep
                await self.push("501 5.5.4 control characters")
                continue
            await command(self, rest.strip().decode("utf-8", "surrogateescape") or None)

    def _too_many(self) -> bool:
        self._commands += 1
        return not self.trusted and (self._commands > MOST_COMMANDS or self._errors >= MOST_ERRORS)

    async def push(self, status: str | bytes) -> None:
        answer = status if isinstance(status, bytes) else status.encode()
        if answer[:1] == b"5":
            self._errors += 1
        if self.transport is not None and not self.transport.is_closing():
            self._writer.write(answer + b"\r\n")
            await self._writer.drain()

    async def _ehlo(self, hostname: str | None) -> None:
        """One answer in one piece; the library's would offer AUTH, which nobody here has."""
        if not hostname or self.session is None:
            await self.push("501 5.5.4 Syntax: EHLO hostname")
            return
        self.envelope = self._create_envelope()
        self.session.extended_smtp, self.session.host_name = True, hostname
        offers = [self.hostname, "PIPELINING", f"SIZE {self._house.max_bytes}", "8BITMIME", "SMTPUTF8"]
        if self.tls_context and not self._tls_protocol:
            offers.append("STARTTLS")
        await self.push("".join(f"250-{offer}\r\n" for offer in offers) + "250 HELP")

    async def _starttls(self, arg: str | None) -> None:
        if self._tls_protocol:
            await self.push("503 5.5.1 already encrypted")
            return
        try:
            await self.smtp_STARTTLS(arg or "")
        except TLSSetupException:
            self._house.counts["tls_failed"] += 1
            self.connection_lost(None)  # which asyncio does not call for a handshake that failed

    async def _quit(self, arg: str | None) -> None:
        await self.push("221 2.0.0 goodbye")
        self._closing = True

    async def _vrfy(self, arg: str | None) -> None:
        await self.push("252 2.1.5 send some mail, we shall see" if arg else "501 5.5.4 Syntax: VRFY address")

    async def _help(self, arg: str | None) -> None:
        await self.push("214 2.0.0 see RFC 5321")

    async def _data(self, arg: str | None) -> None:
        """Take a mail in, and answer when it is on disk."""
        envelope = self.envelope
        if arg or envelope is None or not envelope.rcpt_tos:
            await self.push("501 5.5.4 Syntax: DATA" if arg else "503 5.5.1 need RCPT first")
            return
        loading = self._loading = Loading(self._house, self.loop)
        self.deadline = loading.deadline
        try:
            await self.push("354 go ahead, end with <CR><LF>.<CR><LF>")
            self._early()
            await loading.whole
            self.deadline = float("inf")  # from here on it waits for us
            answer = _NO_ROOM if loading.no_room else TOO_BIG if loading.too_big else await self._commit(loading.message())
        finally:
            loading.release()
        self.envelope = self._create_envelope()
        await self.push(answer)
        self._loading = None

    def leave(self) -> None:
        """End it, once the answer to a mail that is under way is given."""
        self._closing = True
        if self._loading is None:
            _part(self.transport, "421 4.3.2 closing down, please come again")

    def expire(self) -> None:
        """It was too slow."""
        if self._expired:
            _writing(self.transport).abort()
            return
        self._expired, self.deadline = True, self.loop.time() + PARTING_S
        self._house.counts["too_slow"] += 1
        _part(self.transport, "421 4.4.2 too slow, goodbye")

    # a mail

    def _early(self) -> None:
        """A client that did not wait for our 354 has filled the reader already."""
        early = bytes(self._reader._buffer)  # type: ignore[attr-defined]  # the library empties it in the same way
        if early:
            self._reader._buffer.clear()  # type: ignore[attr-defined]  # see above
            self.data_received(early)

    async def _commit(self, message: bytes) -> str:
        """Put it on disk, and say how that went. A client that goes away meanwhile does not stop it."""
        refusal = fault(message)
        if refusal or self.session is None or self.envelope is None:
            self._house.counts["malformed"] += 1
            return refusal
        trace = Trace(
            mail_from="" if self.envelope.mail_from == "<>" else self.envelope.mail_from or "",
            recipients=tuple(self.envelope.rcpt_tos),
            ip=self.peer,
            helo=self.session.host_name or "",
            tls=self._tls_protocol is not None,
            smtputf8=self.envelope.smtp_utf8,
        )
        try:
            accepted = await asyncio.shield(self._house.keep(trace, message))
        except Unavailable as problem:
            self._house.counts["not_kept"] += 1
            return _NO_ROOM if problem.code in _FULL else "451 4.3.0 cannot keep this mail now, please try again later"
        return f"250 2.0.0 queued as {accepted.reference}"

    async def _call_handler_hook(self, command: str, *args: Any) -> Any:
        """MISSING lets the library go on with its own answer."""
        if command == "MAIL":
            self._mails += 1
            if not self.trusted and self._mails > MOST_MAILS:
                self._closing = True
                return "421 4.7.0 enough mails for one connection, please come again"
            return MISSING if self._house.room(0) else _NO_ROOM
        if command == "RCPT" and self.envelope is not None:
            if len(self.envelope.rcpt_tos) >= MOST_RECIPIENTS:
                return "452 4.5.3 too many recipients, send the others another copy"
            if args[0] not in self._house.ours:
                self._house.counts["unknown_recipient"] += 1
                return "550 5.1.1 no such mailbox here"
        return MISSING

    def _reset_timeout(self, duration: float | None = None) -> None:
        self.deadline = self.loop.time() + COMMAND_S

    def _getaddr(self, arg: str | None) -> tuple[str | None, str | None]:
        """Nearly every address is plain; the library's parser of the others costs more than all the rest of a session."""
        plain = _PLAIN.match(arg.lstrip()) if arg else None
        if plain:
            return plain[1] or "<>", plain[2]
        try:
            found: tuple[str | None, str | None] = super()._getaddr(arg or "")
        except (IndexError, AttributeError, ValueError, RecursionError):  # which that parser raises for some that are none
            return None, None
        return found

    def _over(self, task: asyncio.Task[None]) -> None:
        """The conversation has ended, well or by a fault of ours; of which the client is told nothing but to try again."""
        problem = None if task.cancelled() else task.exception()
        if problem is not None and not isinstance(problem, OSError):
            self._house.counts["fault"] += 1
            self.loop.call_exception_handler({"message": "a mail session ended by a fault of ours", "exception": problem})
            _part(self.transport, "451 4.3.0 a fault of ours, please try again later")
        elif self.transport is not None:
            self.transport.close()


def _writing(transport: asyncio.BaseTransport | None) -> asyncio.WriteTransport:
    """uvloop's transports are no subclasses of asyncio's."""
    return cast("asyncio.WriteTransport", transport)


def _part(transport: asyncio.BaseTransport | None, words: str) -> None:
    if transport is not None and not transport.is_closing():
        _writing(transport).write(words.encode() + b"\r\n")
        transport.close()


#: AUTH and EXPN are not offered
_COMMANDS: Mapping[bytes, Callable[[Conversation, Any], Awaitable[None]]] = {
    b"HELO": Conversation.smtp_HELO,
    b"EHLO": Conversation._ehlo,
    b"MAIL": Conversation.smtp_MAIL,
    b"RCPT": Conversation.smtp_RCPT,
    b"DATA": Conversation._data,
    b"RSET": Conversation.smtp_RSET,
    b"NOOP": Conversation.smtp_NOOP,
    b"VRFY": Conversation._vrfy,
    b"HELP": Conversation._help,
    b"QUIT": Conversation._quit,
    b"STARTTLS": Conversation._starttls,
}
