"""A proxy between the gateway and a server, that passes on what is said and then cuts the line before the answer.

In: the server's port. Out: its own. What was said is done, and nobody hears of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Line:
    """All connections through one proxy."""

    def __init__(self, port: int) -> None:
        self._to = port
        self.port = 0
        #: an answer that has this in the question before it is not given
        self.swallow: bytes | None = None
        #: how many were not
        self.swallowed = 0
        self._open: set[asyncio.StreamWriter] = set()

    async def serve(self, asking: asyncio.StreamReader, answered: asyncio.StreamWriter) -> None:
        try:
            answering, asked = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            answered.close()
            return
        self._open |= {answered, asked}
        caught = asyncio.Event()

        async def there() -> None:
            while data := await asking.read(1 << 16):
                if self.swallow is not None and self.swallow in data:
                    caught.set()
                asked.write(data)

        async def back() -> None:
            while data := await answering.read(1 << 16):
                if caught.is_set():
                    self.swallowed += 1
                    self.swallow = None
                    return
                answered.write(data)

        ways = [asyncio.create_task(there()), asyncio.create_task(back())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for writer in (answered, asked):
                writer.close()
                self._open.discard(writer)

    def cut(self) -> None:
        """All of them, at once."""
        for writer in list(self._open):
            writer.close()


@asynccontextmanager
async def cutting(port: int) -> AsyncIterator[Line]:
    line = Line(port)
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        await line.serve(reader, writer)
        serving.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        line.cut()
        while serving:
            await asyncio.sleep(0.01)
        await server.wait_closed()
