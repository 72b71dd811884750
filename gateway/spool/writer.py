"""Group commit for the spool: what comes while a flush is under way shares the next one.

In: bodies of records. Out: futures that are done when the disk has them. The thread does the writing; this side runs in the event loop and
touches no disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from channels.base import Unavailable
from gateway.spool.file import Left, Writing, word
from gateway.work import Bug, once_awaited

#: a file that has so many octets is ended, and the next one begun: each is read whole
LARGEST = 16 * 2**20


class Writer:
    """One for a folder and a process."""

    def __init__(self, folder: Path, thread: ThreadPoolExecutor) -> None:
        """No file is made before there is something to write."""
        self._folder, self._thread = folder, thread
        self._loop = asyncio.get_running_loop()
        self._bodies: list[bytes] = []
        self._futures: list[asyncio.Future[None]] = []
        self._flushing: asyncio.Task[None] | None = None
        self._file: Writing | None = None
        self._ended: list[Left] = []

    @property
    def empty(self) -> bool:
        """There is no file that has not been handed over by `end`."""
        return self._file is None and self._flushing is None and not self._ended

    def keep(self, body: bytes) -> asyncio.Future[None]:
        """Done when it is on the disk; fails with Unavailable when it is not."""
        future = self._loop.create_future()
        self._bodies.append(body)
        self._futures.append(future)
        if self._flushing is None:
            self._flushing = self._loop.create_task(self._flush())
        return future

    async def _flush(self) -> None:
        while self._bodies:
            bodies, futures = self._bodies, self._futures
            self._bodies, self._futures = [], []
            done = await once_awaited(self._loop.run_in_executor(self._thread, self._write, bodies))
            fault = done.error if isinstance(done, Bug) else done
            for future in futures:
                if future.cancelled():
                    continue
                if fault is None:
                    future.set_result(None)
                else:
                    future.set_exception(Unavailable(word(fault)))
        self._flushing = None

    async def end(self) -> list[Left]:
        """End the file in which everything is that was kept so far; it and those that grew full before, still ours, in order."""
        while self._flushing is not None:
            await asyncio.wait([self._flushing])
        return await self._loop.run_in_executor(self._thread, self._handed_over)

    def _write(self, bodies: Sequence[bytes]) -> OSError | None:
        try:
            if self._file is None:
                self._file = Writing(self._folder)
            self._file.append(bodies)
        except OSError as fault:
            self._cut()
            return fault
        if self._file.size >= LARGEST:
            self._end()
        return None

    def _handed_over(self) -> list[Left]:
        self._end()
        ended, self._ended = self._ended, []
        return ended

    def _cut(self) -> None:
        """Nobody was promised what is behind the last flush. Where even that cannot be cut off, the file is used no more."""
        if self._file is not None:
            try:
                self._file.cut()
            except OSError:
                self._give_up()

    def _end(self) -> None:
        if self._file is not None:
            try:
                self._file.end()
            except OSError:
                # it is read as far as it goes, like one whose writer died
                self._cut()
        self._give_up()

    def _give_up(self) -> None:
        if self._file is not None:
            self._ended.append(Left(self._file.path, self._file.handle))
            self._file = None
