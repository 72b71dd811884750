"""What becomes of cases that are over: from Redis into the archive of this machine, and back when something happens to them.

In: a store that lets go of cases, the archive of this machine. Out: nothing; it goes on until cancelled. A case is on the archive's disk
before the store lets go of it, and the store does so only when nothing has happened to the case meanwhile.

Several machines may each have an archive: which one has a case is written in its stub. When something happens to such a case (its ledger
says something, its sender adds something), that is kept with the stub, and the case is wanted: the machine that has it brings it back, and
then it goes on. So nothing is lost while that machine is away; it waits, and each machine says so in its journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from channels.base import Unavailable
from gateway.archive import Archive
from gateway.journal import Journal
from gateway.store.shelf import Quiet, Shelf, Shelved, Wanted

#: how often it is looked for what is wanted or condemned, and for what is over, in seconds
ROUND_S, SWEEP_S = 1.0, 60.0
#: no more cases, and hardly more octets, in one file
FILE_CASES, FILE_BYTES = 1000, 32_000_000
#: after so many seconds a case that is wanted and that nobody has brought is told of, and again each time
MISSED_S = 600.0


class Archiving:
    """One for a process that works; several may."""

    def __init__(self, store: Shelf, archive: Archive, journal: Journal, *, after: timedelta) -> None:
        """A case goes when nothing has happened to it for so long."""
        self._store, self._archive, self._journal, self._after = store, archive, journal, after
        self._swept = self._told = self._failed = datetime.min.replace(tzinfo=UTC)
        #: of those that are wanted, how many were passed over since the first one, and of how many that is to be told
        self._passed = self._missed = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with suppress(Unavailable):
                await self.look(datetime.now(UTC))
            await asyncio.sleep(ROUND_S)

    async def look(self, now: datetime) -> None:
        """One round. A disk that will not have one thing does not keep the others from being done. Raises Unavailable."""
        for act in (self._destroy, self._bring_back, self._let_go):
            try:
                await act(now)
            except OSError as error:
                self._fail(error, now)

    def _fail(self, error: OSError, now: datetime) -> None:
        if _since(self._failed, now) >= SWEEP_S:
            self._failed = now
            self._journal.trouble("archive_failed", why=type(error).__name__)

    async def _let_go(self, now: datetime) -> None:
        if _since(self._swept, now) < min(SWEEP_S, self._after.total_seconds()):
            return
        began, self._swept = self._swept, now  # a disk without room is left alone for a while
        if await self._sweep(now - self._after):
            self._swept = began

    async def _sweep(self, before: datetime) -> bool:
        """One file; True when there may be more at once: what is wanted meanwhile comes first."""
        found: list[Quiet] = []
        size = 0
        while len(found) < FILE_CASES and size < FILE_BYTES:
            more = await self._store.quiet(before)
            if not more:
                break
            found += more
            size += sum(len(quiet.bundle.packed()) for quiet in more)
        if found:
            await self._keep(found)
        return len(found) >= FILE_CASES or size >= FILE_BYTES

    async def _keep(self, found: Sequence[Quiet]) -> None:
        machine = await asyncio.to_thread(lambda: self._archive.machine)
        # known as an archive before anything is in it: what is forgotten meanwhile is destroyed here too
        await self._store.let_go(machine, ())
        places = await asyncio.to_thread(self._archive.keep, [quiet.bundle for quiet in found])
        shelved = [Shelved(quiet.bundle.case_id, quiet.print, place) for quiet, place in zip(found, places, strict=True)]
        gone = await self._store.let_go(machine, shelved)
        if stays := {each.case_id for each in shelved} - set(gone):
            await asyncio.to_thread(self._archive.erase, stays)

    async def _bring_back(self, now: datetime) -> None:
        """Some in each round. What is not here is passed over: its archive may be lost, and nobody else's case is to wait for that."""
        some = await self._store.wanted(self._passed)
        missing = [each for each in some if not await self._brought(each, now)]
        self._missed += sum((now - each.since).total_seconds() > MISSED_S for each in missing)
        self._passed += len(missing)
        if self._passed:
            for each in await self._store.newly_wanted():
                await self._brought(each, now)
        if not some:
            self._tell(now)
            self._passed = self._missed = 0

    async def _brought(self, wanted: Wanted, now: datetime) -> bool:
        """False: what there is of it is not here, or cannot be read."""
        try:
            bundle = await asyncio.to_thread(self._archive.find, wanted.place, wanted.case_id)
        except OSError as error:
            self._fail(error, now)
            return False
        if bundle is not None:
            await self._store.bring_back(bundle)
        return bundle is not None

    def _tell(self, now: datetime) -> None:
        if self._missed and _since(self._told, now) > MISSED_S:
            self._told = now
            self._journal.trouble("archive_missing", cases=self._missed)

    async def _destroy(self, _: datetime) -> None:
        if not self._archive.folder.exists():
            return
        machine = await asyncio.to_thread(lambda: self._archive.machine)
        if gone := await self._store.condemned(machine):
            await asyncio.to_thread(self._archive.erase, frozenset(gone))
            await self._store.destroyed(machine, gone)


def _since(then: datetime, now: datetime) -> float:
    """In seconds; a clock that was far ahead and is right again has not just been looked at."""
    return abs((now - then).total_seconds())
