"""One client's SMTP session (RFC 5321), as aiosmtpd speaks it.

In: what a connection says. Out: mails to the house, and its answers. It never says 250 to a mail before the house has it on disk, and
never repeats in an answer what the client wrote.

What of aiosmtpd is not used, and why: its constructor looks through the whole class for each connection, its DATA goes line by line,
its time-out cuts off a slow upload, its loop logs addresses, and the end of a client's stream cancels a commit under way. Nor is its task
for each connection with a stream to read from: a command is obeyed where it comes in, which takes half the time. Its commands are
coroutines that wait for nothing, but for STARTTLS; what has to wait for the disk is a callback.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from aiosmtpd.smtp import MISSING, SMTP, TLSSetupException

from channels.base import Accepted
from channels.email.data import NO_ROOM
from channels.email.house import House
from channels.email.journey import Trace
from channels.email.loading import Loading
from channels.email.wire import Wire

#: for a command to come whole (RFC 5321 §4.5.3.2.7)
COMMAND_S = 300.0
#: for a client to read that it was too slow
PARTING_S = 10.0
MOST_MAILS, MOST_ERRORS, MOST_COMMANDS = 100, 10, 1_000

_PLAIN = re.compile(r"<([^<>\s\"\\,;:]*)>[ \t]*(.*)\Z", re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class Conversation(SMTP):
    """With one client. `peer` is its address, `trusted` says that it is our own edge, `deadline` when it is too slow (loop time)."""

    def __init__(self, house: House, loop: asyncio.AbstractEventLoop) -> None:  # see above why the library's is not called
        self.loop, self._house, self.hostname, self.tls_context = loop, house, house.host, house.tls
        self.data_size_limit, self.enable_SMTPUTF8, self._decode_data = house.max_bytes, True, False
        self._auth_required, self._tls_handshake_okay = False, True
        self._handle_hooks = {}
        self.session = self.envelope = self.transport = None
        self._tls_protocol = self._original_transport = None
        self.peer, self.trusted, self.deadline = "", False, loop.time() + COMMAND_S
        self._loading: Loading | None = None
        self._encrypting: asyncio.Task[None] | None = None
        self._wire = Wire()
        self._mails = self._errors = self._commands = 0
        self._closing = self._expired = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come, or has begun to encrypt."""
        self._wire.carried_by(transport)
        if self._original_transport is None:
            self.peer = str((transport.get_extra_info("peername") or ("",))[0]).removeprefix("::ffff:")
            if refusal := self._house.admit(self):
                self._wire.part(refusal)
                return
        self.transport = transport
        self.session, self.envelope = self._create_session(), self._create_envelope()
        if self._original_transport is None:
            self._say(f"220 {self.hostname} ESMTP")

    def connection_lost(self, error: Exception | None) -> None:
        """A commit under way goes on, and its mail takes memory until it is done."""
        self._house.gone(self)
        if self._loading is not None and not self._loading.whole:
            self._loading.release()
        if self._encrypting is not None:
            self._encrypting.cancel()
        if self._original_transport is not None:
            self._original_transport.close()
        self.transport = None
        self._wire.carried_by(None)

    def eof_received(self) -> bool | None:
        """A client that has said all may still listen; one that stops within a mail has gone."""
        self._wire.silent = True
        return self._loading is not None and self._loading.whole and self._tls_protocol is None

    def pause_writing(self) -> None:
        self._wire.choked = True
        self._wire.listen()

    def resume_writing(self) -> None:
        self._wire.choked = False
        self.loop.call_soon(self.data_received, b"")  # asyncio cannot bear that a transport is closed within this call

    def data_received(self, data: bytes) -> None:
        """Called with nothing to go on with what has come before."""
        if self.transport is None:
            return
        fine = False
        try:
            if self._loading is None or self._loading.whole:
                self._wire.said += data
            else:
                self._load(self._loading, data)
            self._obey()
            fine = True
        finally:
            if not fine:
                self._faulty()

    # commands

    def _obey(self) -> None:
        """Every command that is whole, until one has to wait."""
        wire = self._wire
        while not (self._loading or self._encrypting or self._closing or wire.choked) and (line := wire.line()) is not None:
            self.deadline = self.loop.time() + COMMAND_S
            self._command(line)
        if wire.flooded:
            self._say("500 5.5.2 line too long")
            self._closing = True
        if self._loading is None and (self._closing or wire.silent):
            wire.part()
        else:
            wire.listen()

    def _command(self, line: bytes) -> None:
        self._commands += 1
        word, _, rest = line.partition(b" ")
        command = _COMMANDS.get(word.upper())
        if not self.trusted and (self._commands > MOST_COMMANDS or self._errors >= MOST_ERRORS):
            self._house.counts["nuisance"] += 1
            self._say("421 4.7.0 too many commands or errors, goodbye")
            self._closing = True
        elif command is None:
            self._say("500 5.5.2 no such command")
        elif _CONTROL.search(rest):  # a CR within an address would end a line of what we keep
            self._say("501 5.5.4 control characters")
        elif (waiting := command(self, rest.strip().decode("utf-8", "surrogateescape") or None)) is not None:
            with contextlib.suppress(StopIteration):  # it waits for nothing, so that is how it returns
                waiting.send(None)

    def _say(self, status: str) -> None:
        if status[0] == "5":
            self._errors += 1
        self._wire.say(status)

    async def push(self, status: str | bytes) -> None:
        """The library's commands answer by this; it never waits, see `Wire.choked`."""
        self._say(status if isinstance(status, str) else status.decode())

    def _ehlo(self, hostname: str | None) -> None:
        """One answer in one piece; the library's would offer AUTH, which nobody here has."""
        if not hostname or self.session is None:
            self._say("501 5.5.4 Syntax: EHLO hostname")
            return
        self.envelope = self._create_envelope()
        self.session.extended_smtp, self.session.host_name = True, hostname
        offers = [self.hostname, "PIPELINING", f"SIZE {self._house.max_bytes}", "8BITMIME", "SMTPUTF8"]
        if self.tls_context and not self._tls_protocol:
            offers.append("STARTTLS")
        self._say("".join(f"250-{offer}\r\n" for offer in offers) + "250 HELP")

    def _starttls(self, arg: str | None) -> None:
        if self._tls_protocol or arg or not self.tls_context:
            self._say("501 5.5.4 Syntax: STARTTLS" if arg else "503 5.5.1 already encrypted" if self._tls_protocol else "454 4.7.0 no TLS")
            return
        self._wire.rest()
        self._encrypting = self.loop.create_task(self._encrypt())
        self._encrypting.add_done_callback(self._encrypted)

    async def _encrypt(self) -> None:
        try:
            await self.smtp_STARTTLS("")
        except TLSSetupException:
            self._house.counts["tls_failed"] += 1
            self.connection_lost(None)  # which asyncio does not call for a handshake that failed

    def _encrypted(self, task: asyncio.Task[None]) -> None:
        self._encrypting = None
        if not task.cancelled() and task.exception():
            self._report(task.exception())
        self.data_received(b"")

    def _quit(self, arg: str | None) -> None:
        self._say("221 2.0.0 goodbye")
        self._closing = True

    def _vrfy(self, arg: str | None) -> None:
        self._say("252 2.1.5 send some mail, we shall see" if arg else "501 5.5.4 Syntax: VRFY address")

    def _help(self, arg: str | None) -> None:
        self._say("214 2.0.0 see RFC 5321")

    def _data(self, arg: str | None) -> None:
        """Take a mail in; what came behind the command belongs to it."""
        envelope, session = self.envelope, self.session
        if arg or envelope is None or session is None or not envelope.rcpt_tos:
            self._say("501 5.5.4 Syntax: DATA" if arg else "503 5.5.1 need RCPT first")
            return
        trace = Trace(
            mail_from="" if envelope.mail_from == "<>" else envelope.mail_from or "", recipients=tuple(envelope.rcpt_tos), ip=self.peer,
            helo=session.host_name or "", tls=self._tls_protocol is not None, smtputf8=envelope.smtp_utf8,
        )  # fmt: skip
        self._loading = Loading(self._house, self.loop, trace)
        self.deadline = self._loading.deadline
        self._say("354 go ahead, end with <CR><LF>.<CR><LF>")
        if early := self._wire.rest():  # the client did not wait for our 354
            self._load(self._loading, early)

    def _load(self, loading: Loading, block: bytes) -> None:
        """A client that goes away while its mail is written does not stop that."""
        self._wire.said += loading.take(block)
        self.deadline = float("inf") if loading.whole else loading.deadline  # once it is whole, it waits for us
        if loading.whole:
            if refusal := loading.refusal():
                self._end(refusal)
            else:
                loading.keep().add_done_callback(self._kept)

    def _kept(self, promise: asyncio.Future[Accepted]) -> None:
        if self._loading is not None and (answer := self._loading.answer(promise)):
            self._end(answer)
        else:
            self._report(promise.exception())
        self.data_received(b"")

    def _end(self, answer: str) -> None:
        """The last word on a mail."""
        if self._loading is not None:
            self._loading.release()
        self._loading, self.envelope = None, self._create_envelope()
        self.deadline = self.loop.time() + COMMAND_S
        self._say(answer)

    def leave(self) -> None:
        """End it, once the answer to a mail that is under way is given."""
        self._closing = True
        if self._loading is None:
            self._wire.part("421 4.3.2 closing down, please come again")

    def expire(self) -> None:
        """It was too slow."""
        if self._expired:
            self._wire.abort()
            return
        self._expired, self.deadline = True, self.loop.time() + PARTING_S
        self._house.counts["too_slow"] += 1
        self._wire.part("421 4.4.2 too slow, goodbye")

    # what the library asks

    async def _call_handler_hook(self, command: str, *args: Any) -> Any:
        """MISSING lets the library go on with its own answer."""
        if command == "MAIL":
            self._mails += 1
            if not self.trusted and self._mails > MOST_MAILS:
                self._closing = True
                return "421 4.7.0 enough mails for one connection, please come again"
            return MISSING if self._house.room(0) else NO_ROOM
        if command == "RCPT" and self.envelope is not None:
            return self._house.refusal(args[0], len(self.envelope.rcpt_tos)) or MISSING
        return MISSING

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

    def _report(self, problem: BaseException | None) -> None:
        self.loop.call_exception_handler({"message": "a mail session ended by a fault of ours", "exception": problem})
        self._faulty()

    def _faulty(self) -> None:
        """It ends by a fault of ours; of which the client is told nothing but to try again."""
        self._closing = True
        self._house.counts["fault"] += 1
        self._wire.part("451 4.3.0 a fault of ours, please try again later")


#: AUTH and EXPN are not offered
_COMMANDS: Mapping[bytes, Callable[[Conversation, Any], Coroutine[Any, Any, None] | None]] = {
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
