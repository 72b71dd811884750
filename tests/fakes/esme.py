"""A raw SMPP client for tests: it does nothing by itself, and reads with smpplib, so that our own codec is never its own judge."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from smpplib import consts, smpp
from smpplib.pdu import PDU

CITIZEN = "628120000001"
ROK = consts.SMPP_ESME_ROK


class Numbers:
    """What smpplib wants of a client."""

    sequence = 0

    def next_sequence(self) -> int:
        return 0


def read(raw: bytes) -> PDU:
    """A PDU as smpplib reads it."""
    return smpp.parse_pdu(raw, client=Numbers(), allow_unknown_opt_params=True)


class Esme:
    """A client that does nothing by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer, self.numbers = reader, writer, count(1)

    def send(self, command: str, *, sequence: int = 0, status: int = 0, **fields: object) -> int:
        made = smpp.make_pdu(command, client=Numbers(), **fields)
        made.sequence, made.status = sequence or next(self.numbers), status
        self.writer.write(made.generate())
        return int(made.sequence)

    async def raw(self) -> bytes:
        """The next PDU; empty when the session is closed."""
        async with asyncio.timeout(60):
            try:
                head = await self.reader.readexactly(4)
                return head + await self.reader.readexactly(int.from_bytes(head, "big") - 4)
            except (asyncio.IncompleteReadError, ConnectionError):
                return b""

    async def next(self) -> PDU:
        """The next PDU as smpplib reads it."""
        return read(await self.raw())

    async def nothing(self, seconds: float = 0.15) -> bool:
        """True when nothing comes for so long."""
        try:
            async with asyncio.timeout(seconds):
                return not await self.reader.read(1)
        except TimeoutError:
            return True

    async def bind(self, system_id: str = "gateway", *, mode: str = "transceiver", password: str = "") -> int:
        """Returns the status."""
        self.send(f"bind_{mode}", system_id=system_id, password=password)
        answer = await self.next()
        assert answer.command == f"bind_{mode}_resp"
        return int(answer.status)

    async def take(self, status: int = ROK) -> PDU:
        """Read one deliver_sm, and answer it."""
        delivered = await self.next()
        assert delivered.command == "deliver_sm"
        self.send("deliver_sm_resp", sequence=delivered.sequence, status=status)
        return delivered

    def submit(self, text: bytes = b"Diterima", *, to: str = CITIZEN, receipt: bool = False) -> int:
        return self.send(
            "submit_sm", source_addr="1708", destination_addr=to, short_message=text, registered_delivery=int(receipt), data_coding=0
        )


@asynccontextmanager
async def connected(port: int, system_id: str = "gateway", *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Esme]:
    """A client that is bound, or only connected when system_id is empty."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname="localhost" if tls else None)
    esme = Esme(reader, writer)
    try:
        if system_id:
            assert await esme.bind(system_id) == ROK
        yield esme
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
