"""People with a mail program, and the relay that brings them the gateway's answers.

In: messages; SMTP sessions of the gateway. Out: mails, each handed over with the same Message-ID until it is taken; answers, noted in the
book.
"""

from __future__ import annotations

import asyncio
import email
from collections.abc import Awaitable, Callable

from chaos.book import Book
from chaos.message import Message
from chaos.operator import hear
from chaos.senders import Address, Told

ADDRESS = "lapor@lapor.example"
LONGEST_LINE = 1 << 16


class _No(Exception):
    """The code of a refusal."""


async def hand_over(door: Address, message: Message) -> Told:
    """One try. Raises OSError, EOFError or ValueError when no whole answer came."""
    reader, writer = await asyncio.open_connection(*door, limit=LONGEST_LINE)

    async def said(command: bytes, good: bytes) -> bytes:
        if command:
            writer.write(command + b"\r\n")
        while (line := await reader.readline())[3:4] == b"-":
            pass
        if not line.endswith(b"\n"):
            raise EOFError
        if not line.startswith(good):
            raise _No(line[:3].decode("ascii", "replace"))
        return line

    try:
        return await _session(said, message)
    except _No as no:
        return Told("", str(no))
    finally:
        writer.close()


async def _session(said: Callable[[bytes, bytes], Awaitable[bytes]], message: Message) -> Told:
    await said(b"", b"220")
    await said(b"EHLO pasar.example", b"250")
    await said(b"MAIL FROM:<%s>" % message.sender.encode(), b"250")
    await said(b"RCPT TO:<%s>" % ADDRESS.encode(), b"250")
    await said(b"DATA", b"354")
    line = await said(_written(message) + b"\r\n.", b"250")
    return Told(line.split()[-1].decode("ascii"))


def _written(message: Message) -> bytes:
    """The mail, the same each time."""
    head = [
        f"From: Warga <{message.sender}>", f"To: {ADDRESS}", "Subject: Laporan warga", "Date: Fri, 20 Nov 2026 08:00:00 +0700",
        f"Message-ID: <surat-{message.serial}@warga.example>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=us-ascii",
    ]  # fmt: skip
    return "\r\n".join([*head, "", message.text]).encode("ascii")


class Relay:
    """`busy`: it takes no mail for now."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self.busy = False
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> None:
        """Until `close`."""
        self._server = await asyncio.start_server(self._converse, host, port, limit=LONGEST_LINE)

    def close(self) -> None:
        """For good."""
        if self._server is not None:
            self._server.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._session(reader, writer)
        except (OSError, EOFError, ValueError):
            self._book.tally["mail sessions dropped"] += 1
        finally:
            writer.close()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = ""
        if self.busy:
            writer.write(b"421 4.3.2 busy\r\n")
            return
        writer.write(b"220 relay.example ESMTP\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"RCPT":
                recipient = line.decode("ascii").partition("<")[2].partition(">")[0]
            elif word == b"DATA":
                writer.write(b"354 go ahead\r\n")
                mail = await _mail(reader)
                hear(self._book, "mail", recipient, _text(mail))
            writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


async def _mail(reader: asyncio.StreamReader) -> bytes:
    lines = []
    while (line := await reader.readline()) != b".\r\n":
        if not line:
            raise EOFError
        lines.append(line.removeprefix(b"."))
    return b"".join(lines)


def _text(mail: bytes) -> str:
    for part in email.message_from_bytes(mail).walk():
        if part.get_content_type() == "text/plain":
            said = part.get_payload(decode=True)
            return said.decode("utf-8", "replace") if isinstance(said, bytes) else ""
    return ""
