"""Who counts, in the background, what officers ask for: one report at a time, and each once for a while.

In: a period and a region. Out: a report, or how far it is. It holds nobody up: a page asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from channels.base import Unavailable
from channels.web import categories
from gateway.archive import Archive
from gateway.reports.counting import Counting, Scope
from gateway.reports.figures import Report
from gateway.reports.period import Period
from gateway.reports.source import Read, entries
from gateway.store.chronicle import Entry

#: for so long a report is not counted again; and how many are kept
FRESH: Final = timedelta(minutes=2)
MOST: Final = 20


class Asked(msgspec.Struct, frozen=True):
    """What a report is about."""

    period: Period
    #: as the ministry writes it; empty: of all
    region: str = ""


class _Counted(msgspec.Struct):
    task: asyncio.Task[Report]
    #: when it was begun, and then when it was done: one that takes long is not stale the moment it is there
    at: datetime
    #: cases that were looked at
    read: int = 0


class Bureau:
    """Use `opened`."""

    def __init__(self, store: Read, archive: Archive, *, office: str, zone: ZoneInfo) -> None:
        self._store, self._archive, self.office, self.zone = store, archive, office, zone
        self._counted: dict[Asked, _Counted] = {}
        self._alone = asyncio.Lock()
        listed = categories.load()
        self._topic: Callable[[str], str | None] = lambda name: found.title if (found := listed.find(name)) else None

    @property
    def today(self) -> date:
        """Where the office is."""
        return datetime.now(self.zone).date()

    async def report(self, asked: Asked, wait_s: float | None = None) -> Report | int:
        """The report, when it is done within so many seconds; else how many of its cases have been read. Raises Unavailable or OSError."""
        counted = self._of(asked)
        done, _ = await asyncio.wait({counted.task}, timeout=wait_s)
        if not done:
            return counted.read
        if counted.task.exception() is not None:
            self._counted.pop(asked, None)
        return counted.task.result()

    def _of(self, asked: Asked) -> _Counted:
        now = datetime.now(UTC)
        counted = self._counted.get(asked)
        if counted is None or (counted.task.done() and now - counted.at > FRESH):
            self._forget()
            counted = self._counted[asked] = _Counted(asyncio.create_task(self._count(asked)), now)
        return counted

    def _forget(self) -> None:
        """The oldest that are done, when there are many. Raises Unavailable when too many are still to be counted."""
        done = sorted((each for each, counted in self._counted.items() if counted.task.done()), key=lambda each: self._counted[each].at)
        for old in done[: max(len(self._counted) - MOST + 1, 0)]:
            del self._counted[old]
        if len(self._counted) >= MOST:
            raise Unavailable("busy")

    async def _count(self, asked: Asked) -> Report:
        async with self._alone:
            made_at, counting = datetime.now(UTC), Counting(self.scope(asked))
            async for some in self.entries(asked.period):
                # a thread of its own: it takes the interpreter from the doors for no longer than anybody's turn
                await asyncio.to_thread(counting.add, some)
                if asked in self._counted:
                    self._counted[asked].read += len(some)
            report = await asyncio.to_thread(counting.report, self.office, made_at)
        if asked in self._counted:
            self._counted[asked].at = datetime.now(UTC)
        return report

    def entries(self, period: Period) -> AsyncIterator[Sequence[Entry]]:
        """What came in a period."""
        return entries(self._store, self._archive, period.instants(self.zone))

    def scope(self, asked: Asked) -> Scope:
        """What is counted of it."""
        return Scope(asked.period, self.zone, asked.region, self._topic)

    async def close(self) -> None:
        """Nothing is counted any more."""
        for counted in self._counted.values():
            counted.task.cancel()
        await asyncio.gather(*(counted.task for counted in self._counted.values()), return_exceptions=True)


@asynccontextmanager
async def opened(store: Read, archive: Archive, *, office: str, zone: ZoneInfo) -> AsyncIterator[Bureau]:
    """Closed at the end, whatever it was counting."""
    bureau = Bureau(store, archive, office=office, zone=zone)
    try:
        yield bureau
    finally:
        await bureau.close()
