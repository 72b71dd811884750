"""A relay on loopback that takes mail and keeps it in lists, with faults by name. A server of its own, without aiosmtpd.

Faults: `greylist` (451 to each recipient the first time), `reject` (550 5.1.1), `full` (452), `no_sender` (550 to MAIL), `spam` (554 to
the mail), `busy` (421 instead of a banner), `silent` (no banner), `drop_after_data` (the mail is kept, the connection dropped),
`drop_after_mail`, `tls_broken` (STARTTLS, and then no TLS), `no_starttls`, `auth_required`, `auth_refused`, `no_smtputf8`.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that was taken, with its envelope as it was written."""

    sender: str
    recipient: str
    content: bytes


class Sink:
    """`mails` are those that were taken; `counts`: connections, sessions that ended with quit, encrypted ones."""

    def __init__(self, faults: tuple[str, ...], tls: ssl.SSLContext | None, password: str) -> None:
        self.faults = set(faults)
        self.mails: list[Kept] = []
        self.commands: list[str] = []
        self.counts: Counter[str] = Counter()
        self.port = 0
        self._tls, self._password = tls, password
        self._greylisted: set[str] = set()
        self.tasks: set[asyncio.Task[None]] = set()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        self.counts["connections"] += 1
        try:
            await _Session(self, reader, writer).run()
        except (asyncio.IncompleteReadError, OSError):
            self.counts["dropped"] += 1
        finally:
            self.tasks.discard(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def first_time(self, recipient: str) -> bool:
        """Whether a greylist has not seen it."""
        new = recipient not in self._greylisted
        self._greylisted.add(recipient)
        return new

    @property
    def tls(self) -> ssl.SSLContext | None:
        return self._tls

    def knows(self, credentials: bytes) -> bool:
        """AUTH PLAIN."""
        return credentials.split(b"\0")[2:] == [self._password.encode()]


class _Session:
    def __init__(self, sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._sink, self._reader, self._writer = sink, reader, writer
        self._encrypted = writer.get_extra_info("sslcontext") is not None
        self._sender = self._recipient = ""
        self._known = False

    async def run(self) -> None:
        faults = self._sink.faults
        if "silent" in faults:
            await self._reader.read()
            return
        self._say("421 4.3.2 busy" if "busy" in faults else "220 sink.test ESMTP")
        while line := await self._reader.readline():
            command = line.decode().rstrip("\r\n")
            self._sink.commands.append(command)
            if not await self._obey(command.partition(" ")[0].upper(), command):
                return

    def _say(self, words: str) -> None:
        self._writer.write(words.encode() + b"\r\n")

    async def _obey(self, word: str, command: str) -> bool:
        """False when the connection ends."""
        faults = self._sink.faults
        match word:
            case "EHLO":
                self._say("\r\n".join(["250-sink.test", *(f"250-{offer}" for offer in self._offers()), "250 SIZE 10000000"]))
            case "STARTTLS":
                self._say("220 go ahead")
                if "tls_broken" in faults:
                    self._writer.write(b"this is no TLS\r\n")
                    return False
                await self._writer.start_tls(self._sink.tls)  # type: ignore[arg-type]  # it was offered because there is one
                self._encrypted = True
                self._sink.counts["encrypted"] += 1
            case "AUTH":
                given = base64.b64decode(command.rpartition(" ")[2])
                self._known = self._sink.knows(given) and "auth_refused" not in faults
                self._say("235 2.7.0 welcome" if self._known else "535 5.7.8 no")
            case "MAIL":
                refused = "550 5.7.1 not you" if "no_sender" in faults else ""
                refused = "530 5.7.0 who are you" if "auth_required" in faults and not self._known else refused
                self._sender = "" if refused else _address(command)
                self._say(refused or "250 2.1.0 ok")
                return "drop_after_mail" not in faults
            case "RCPT":
                self._say(self._judged(_address(command)))
            case "DATA":
                return await self._take()
            case "QUIT":
                self._say("221 2.0.0 bye")
                self._sink.counts["quit"] += 1
                return False
            case _:
                self._say("250 2.0.0 ok")
        return True

    def _offers(self) -> list[str]:
        faults = self._sink.faults
        offers = [] if "no_smtputf8" in faults else ["SMTPUTF8"]
        if (self._sink.tls or "tls_broken" in faults) and not self._encrypted and "no_starttls" not in faults:
            offers.append("STARTTLS")
        return [*offers, "AUTH PLAIN"]

    def _judged(self, recipient: str) -> str:
        faults = self._sink.faults
        if "reject" in faults:
            return f"550 5.1.1 <{recipient}>: nobody here has this name"
        if "full" in faults:
            return "452 4.2.2 mailbox full"
        if "greylist" in faults and self._sink.first_time(recipient):
            return "451 4.7.1 please come again"
        self._recipient = recipient
        return "250 2.1.5 ok"

    async def _take(self) -> bool:
        self._say("354 go ahead")
        lines = []
        while (line := await self._reader.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line.removeprefix(b"."))
        if "spam" in self._sink.faults:
            self._say("554 5.7.1 we do not like it")
            return True
        self._sink.mails.append(Kept(sender=self._sender, recipient=self._recipient, content=b"".join(lines)))
        if "drop_after_data" in self._sink.faults:
            return False
        self._say("250 2.0.0 ok")
        return True


def _address(command: str) -> str:
    return command.partition("<")[2].partition(">")[0]


@asynccontextmanager
async def sinking(*faults: str, tls: ssl.SSLContext | None = None, at_once: bool = False, password: str = "rahasia") -> AsyncIterator[Sink]:
    """A relay at `sink.port`. `tls`: offered as STARTTLS, or spoken from the first byte (`at_once`)."""
    sink = Sink(faults, None if at_once else tls, password)
    server = await asyncio.start_server(sink.converse, "127.0.0.1", 0, ssl=tls if at_once else None)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()
        for task in tuple(sink.tasks):
            task.cancel()
        await asyncio.gather(*sink.tasks, return_exceptions=True)
        await server.wait_closed()
