"""A wire that loses the yes: whoever calls through it is cut off when the gateway has said yes, the first time to each.

In: connections for a port. Out: the same, byte for byte, until a yes goes by. It knows a yes by how it begins.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

#: of the mail door, of the API and Open311, of the form, of an aggregator
YES = (b"250 2.0.0 queued as ", b"HTTP/1.1 201 ", b"HTTP/1.1 303 ", b'{"status": "ok"}')


class Deaf:
    """The wire. `lost`: how many yeses never arrived."""

    def __init__(self, most: int) -> None:
        """`most`: so many are lost; later ones go through."""
        self.port = self.target = self.lost = 0
        self._most = most
        self._carrying: set[asyncio.Task[None]] = set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        try:
            with suppress(OSError):
                there, back = await asyncio.open_connection("127.0.0.1", self.target)
                asking = asyncio.create_task(_copy(reader, back))
                try:
                    await self._answers(there, writer)
                finally:
                    asking.cancel()
                    back.close()
        finally:
            writer.close()
            self._carrying.discard(task)

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(65536):
            if self.lost < self._most and any(yes in said for yes in YES):
                self.lost += 1
                return
            writer.write(said)
            await writer.drain()

    async def aclose(self) -> None:
        for task in tuple(self._carrying):
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while said := await reader.read(65536):
            writer.write(said)
            await writer.drain()


@asynccontextmanager
async def deaf(most: int) -> AsyncIterator[Deaf]:
    """A wire at `port`; the test sets its `target`."""
    wire = Deaf(most)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        await wire.aclose()
        await server.wait_closed()
