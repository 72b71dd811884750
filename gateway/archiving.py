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
from datetime import UTC, datetime, timedelta

from channels.base import Unavailable
from gateway.archive import Archive
from gateway.journal import Journal
from gateway.store.shelf import Quiet, Shelf, Shelved

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
        self._swept = self._told = datetime.min.replace(tzinfo=UTC)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look(datetime.now(UTC))
            except Unavailable:
                pass
            except OSError as error:
                self._journal.trouble("archive_failed", why=type(error).__name__)
            await asyncio.sleep(ROUND_S)

    async def look(self, now: datetime) -> None:
        """One round. Raises Unavailable or OSError."""
        await self._destroy()
        await self._bring_back(now)
        if (now - self._swept).total_seconds() >= min(SWEEP_S, self._after.total_seconds()) and not await self._sweep(now - self._after):
            self._swept = now

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
        missed = 0
        for each in await self._store.wanted():
            bundle = await asyncio.to_thread(self._archive.find, each.place, each.case_id)
            if bundle is not None:
                await self._store.bring_back(bundle)
            elif (now - each.since).total_seconds() > MISSED_S:
                missed += 1
        if missed and (now - self._told).total_seconds() > MISSED_S:
            self._told = now
            self._journal.trouble("archive_missing", cases=missed)

    async def _destroy(self) -> None:
        if not self._archive.folder.exists():
            return
        machine = await asyncio.to_thread(lambda: self._archive.machine)
        if gone := await self._store.condemned(machine):
            await asyncio.to_thread(self._archive.erase, frozenset(gone))
            await self._store.destroyed(machine, gone)
