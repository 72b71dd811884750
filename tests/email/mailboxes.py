"""A mailbox that listens on a free port of loopback, and clients that say to it what a test wants said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from channels.email import mailbox
from channels.email.mailbox import Mailbox
from tests.fakes.inbox import Shelf, until

US, CITIZEN = "lapor@lapor.example", "budi@warga.example"
MAIL = b"From: budi@warga.example\r\nSubject: jalan rusak\r\nMessage-ID: <1@warga.example>\r\n\r\nLubang di Jl. Mawar RT 02.\r\n"


def made(**settings: Any) -> Mailbox:
    """A channel `surat` whose clients on loopback are strangers, unless the settings say otherwise."""
    table = {"address": US, "listen": "127.0.0.1:0", "trusted_relays": (), **settings}
    return mailbox.channel("surat", mailbox.Settings(**table))


@asynccontextmanager
async def listening(channel: Mailbox, shelf: Shelf) -> AsyncIterator[int]:
    """Its port, while it listens."""
    task = asyncio.ensure_future(channel.listen(shelf))
    try:
        await until(lambda: channel.port or task.done())
        yield channel.port
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Client:
    """Says bytes and reads replies; nothing is put right on the way."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def reply(self) -> str:
        """A whole reply, all its lines."""
        lines = []
        async with asyncio.timeout(60):
            while True:
                line = (await self.reader.readline()).decode()
                lines.append(line.rstrip("\r\n"))
                if line[3:4] != "-":
                    return "\n".join(lines)

    async def say(self, *commands: str) -> str:
        """Each after the reply to the one before; the last reply."""
        answer = ""
        for command in commands:
            self.writer.write(command.encode() + b"\r\n")
            answer = await self.reply()
        return answer

    async def begin(self, sender: str = CITIZEN, *recipients: str) -> str:
        """Up to the reply to DATA."""
        to = [f"RCPT TO:<{recipient}>" for recipient in recipients or (US,)]
        return await self.say("EHLO mx.warga.example", f"MAIL FROM:<{sender}>", *to, "DATA")

    async def give(self, mail: bytes) -> str:
        """What stands between DATA and its reply."""
        self.writer.write(mail + b".\r\n")
        return await self.reply()

    async def ended(self) -> bool:
        """True when the server closes, after whatever it says first."""
        async with asyncio.timeout(60):
            with suppress(ConnectionResetError):
                await self.reader.read()
        return True

    async def close(self) -> None:
        """Go away without a word."""
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()


@asynccontextmanager
async def calling(port: int) -> AsyncIterator[Client]:
    """A client that has read the banner."""
    client = Client(*await asyncio.open_connection("127.0.0.1", port))
    try:
        assert (await client.reply()).startswith("220 ")
        yield client
    finally:
        await client.close()
