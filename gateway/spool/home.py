"""The spool of one process, from its opening to its end: it watches whether the store is back, and sees that what waits gets there.

In: a folder of its own in the data directory, and the store. Out: a `Detour` for the doors, and what waits. A process that ends leaves its
files to the next one that looks, its own successor or another on the same data directory.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from channels.base import Unavailable
from gateway.journal import Journal
from gateway.numbering import Numbering
from gateway.spool import file, quarantine
from gateway.spool.detour import AWAY, DOUBTFUL, Detour, Roomy
from gateway.spool.drain import Draining, counted, lying
from gateway.spool.file import QUARANTINE, SPOOL, Left
from gateway.spool.record import Notice, Spooled
from gateway.spool.writer import Writer
from gateway.store.base import Store

R = TypeVar("R")

#: how often a store that is away is asked whether it is back, and how often the folder is searched for what others left, in seconds
ASK_S, LOOK_S = 1.0, 10.0


class SpoolState(msgspec.Struct, frozen=True, kw_only=True):
    """What went round the store."""

    #: by channel, what lies on this machine's disk until the store has it
    waiting: Mapping[str, int]
    #: files that somebody must look at: something in them could not be read, or the store would not have it
    torn: int


def survey(data_dir: Path) -> SpoolState:
    """What lies in a data directory, whoever has it in hand. Blocks. Raises OSError."""
    return SpoolState(waiting=counted(file.waiting(data_dir / SPOOL)), torn=len(file.waiting(data_dir / QUARANTINE)))


class Spool:
    """What waits, and how it gets home."""

    def __init__(self, store: Store, data_dir: Path, *, room: Roomy, numbering: Numbering, journal: Journal) -> None:
        """Use `opened`."""
        self._thread = ThreadPoolExecutor(1, "spool")
        self.folder, self.quarantine, self._journal = data_dir / SPOOL, data_dir / QUARANTINE, journal
        self._draining = Draining(store, numbering, self.quarantine, self._thread, journal)
        self._writer = Writer(self.folder, self._thread)
        self.detour = Detour(store, self._writer, self._draining, room=room, journal=journal)
        self._held: list[Left] = []
        #: how many files lie in quarantine
        self.torn = 0

    @property
    def state(self) -> SpoolState:
        """What this process has in hand, and what is in quarantine."""
        return SpoolState(waiting=+self._draining.waiting, torn=self.torn)

    async def run(self) -> None:
        """Bring home what waits, whenever the store is there; until cancelled."""
        while True:
            try:
                await self.round()
            except OSError as fault:
                # not even the folder can be read: no file can be opened now, or the disk fails; who says yes by the store can go on
                self._stuck(self.folder, fault)
            if self.detour.why:
                await asyncio.sleep(ASK_S)
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.detour.lost.wait(), LOOK_S)

    async def round(self) -> None:
        """Ask a store that is away whether it is back; and when it is there, bring it what waits."""
        if self.detour.why and await self.detour.look():
            self.detour.back()
        if not self.detour.why:
            await self._bring()
        self.torn = await self._aside(self._looked)

    async def _bring(self) -> None:
        """All that waits, the oldest first."""
        await self._adopt()
        while not self._writer.empty or self._held:
            self._held += await self._writer.end()
            for left in list(self._held):
                try:
                    await self._draining.bring(left)
                except Unavailable as trouble:
                    if trouble.code in AWAY or trouble.code == DOUBTFUL:
                        self.detour.gone(trouble.code)
                    return
                except OSError as fault:
                    # this file cannot be read, or not be taken away: the others can
                    self._stuck(left.path, fault)
                    continue
                self._held.remove(left)
                left.close()
            if self._held:
                return
        self.detour.behind = False

    async def _adopt(self) -> None:
        """What nobody has in hand is ours from now on."""
        for left in await self._aside(lambda: self._taken(self.folder)):
            self._held.append(left)
            # one that the disk does not give back is shouted about when it is to be brought home
            with suppress(OSError):
                for spooled in await self._aside(partial(_read, left.path)):
                    self._draining.came(spooled.what.channel)
                    if not isinstance(spooled, Notice):
                        self.detour.remember(spooled)

    async def open(self) -> None:
        """Make the folder, take up what was left, shout about what lies in quarantine, see whether the store is there. Raises OSError."""
        await self._aside(lambda: self.folder.mkdir(mode=0o700, parents=True, exist_ok=True))
        await self._adopt()
        await self._aside(self._shout)
        await self.detour.look()

    def _looked(self) -> int:
        quarantine.forget(self.quarantine.parent, datetime.now(UTC))
        return len(file.waiting(self.quarantine))

    def _shout(self) -> None:
        self.torn = len(file.waiting(self.quarantine))
        for left in self._taken(self.quarantine):
            try:
                for _ in left.records():
                    pass
                self._draining.tell(left)
            except OSError as fault:
                self._stuck(left.path, fault)
            left.close()

    def _taken(self, folder: Path) -> list[Left]:
        """The files of a folder that nobody has in hand."""
        found = []
        for path in file.waiting(folder):
            try:
                left = Left.taken(path)
            except OSError as fault:
                self._stuck(path, fault)
                continue
            if left is not None:
                found.append(left)
        return found

    def _stuck(self, path: Path, fault: OSError) -> None:
        self._journal.alarm("spool_stuck", file=path.name, why=errno.errorcode.get(fault.errno or 0, "?"))

    async def close(self) -> None:
        """What waits is ended and left to whoever comes next."""
        self._held += await self._writer.end()
        for left in self._held:
            left.close()
        self._thread.shutdown()

    async def _aside(self, blocking: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._thread, blocking)


def _read(path: Path) -> list[Spooled]:
    return list(lying(path))


@asynccontextmanager
async def opened(store: Store, data_dir: Path, *, room: Roomy, numbering: Numbering, journal: Journal) -> AsyncIterator[Spool]:
    """The spool in a data directory. Raises OSError when that cannot be used."""
    spool = Spool(store, data_dir, room=room, numbering=numbering, journal=journal)
    try:
        await spool.open()
        yield spool
    finally:
        await spool.close()
