"""The processes of a run, as a supervisor has them: started, started again when they end, killed, stopped and woken.

In: commands. Out: processes, each with a file for what it writes, and a line in the book for each that ended by itself.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from chaos.book import Book
from chaos.message import SECRET

#: seconds between an end and the next start, and between two looks
AGAIN_S, LOOK_S = 0.3, 0.05
#: what a process has written is read for secrets and forgotten when it is longer
LONGEST_LOG = 8 * 2**20


class Process:
    """One, under its name."""

    def __init__(self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str], folder: Path) -> None:
        self.name, self.log = name, log
        self._command, self._environment, self._folder = command, environment, folder
        self._popen: subprocess.Popen[bytes] | None = None
        #: whoever breaks it has it for himself
        self.lock = asyncio.Lock()
        #: where what it says since its last start begins
        self._from = 0
        #: it was ended here; and it is not to be started for now
        self.meant = self.held = False

    def start(self) -> None:
        """Start it, and wait for nothing."""
        self.meant = False
        with self.log.open("ab") as log:
            self._from = log.tell()
            self._popen = subprocess.Popen(
                self._command, cwd=self._folder, env=os.environ | self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    @property
    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    async def up(self, within_s: float = 60.0) -> None:
        """Wait until it says that it has started, or no longer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not self._started():
                    await asyncio.sleep(LOOK_S)

    def _started(self) -> bool:
        if not self.alive:
            return False
        with self.log.open("rb") as log:
            # one that has said so much that its words were forgotten has long started
            return self._from > log.seek(0, os.SEEK_END) or b'"event":"started"' in self._since(log)

    def _since(self, log: IO[bytes]) -> bytes:
        log.seek(self._from)
        return log.read()

    @property
    def status(self) -> int | None:
        return None if self._popen is None else self._popen.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; nothing when it has gone."""
        if self._popen is not None and self.alive:
            self._popen.send_signal(number)

    def kill(self) -> None:
        """As the kernel does when memory runs out."""
        self.meant = True
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()

    async def stop(self, within_s: float = 60.0) -> int:
        """Ask it to end; its status, or what a kill gives. What one says that was not up yet does not count."""
        self.meant, started = True, self._started()
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        for _ in range(int(within_s / LOOK_S)):
            if not self.alive:
                break
            await asyncio.sleep(LOOK_S)
        else:
            self.kill()
        return (self.status or 0) if started else 0

    def leaks(self) -> int:
        """How often what it wrote holds what must never be written; a long file is read piece by piece as it grows, and forgotten."""
        text = self.log.read_bytes() if self.log.exists() else b""
        if len(text) > LONGEST_LOG:
            os.truncate(self.log, 0)
        return len(SECRET.findall(text))


async def supervise(processes: Sequence[Process], book: Book) -> None:
    """Start again whatever has ended, for as long as the run lasts."""
    while True:
        for process in processes:
            if not process.alive and not process.held:
                if not process.meant:
                    book.write("ended", process.name, process.status)
                await asyncio.sleep(AGAIN_S)
                if not process.held:
                    process.start()
            if process.log.stat().st_size > LONGEST_LOG:
                book.tally["leaks"] += process.leaks()
        await asyncio.sleep(LOOK_S)
