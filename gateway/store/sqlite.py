"""The embedded store: one SQLite file, one writer thread, group commit.

In: arrivals, settlements, receipts, acts. Out: futures that are done when the file has them, and claims. What is here says which SQL
answers which promise; when it runs is the writer's matter.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import apsw

from gateway.store import arrivals, cases, enclosed, leases, letters, sqlite_board
from gateway.store.batch import Transactions
from gateway.store.board import Pinned
from gateway.store.chronicle import Page
from gateway.store.fencing import Fence, Held
from gateway.store.jobs import Counts, Jobs, Results
from gateway.store.presence import Presence
from gateway.store.record import (
    ALONE,
    Claim,
    FileClaim,
    FileSettlement,
    LetterClaim,
)
from gateway.store.sqlite_bundles import open_for_work
from gateway.store.sqlite_chronicle import SqliteChronicle
from gateway.store.sqlite_lists import SqliteLists
from gateway.store.writer import Writer

#: The thread needs the interpreter a few times in each transaction; with Python's 5 ms it would wait that long each time.
SWITCH_S = 0.0005


@asynccontextmanager
async def opened(path: Path, *, most_letters: int) -> AsyncIterator[SqliteStore]:
    """The store on a file, closed at the end with everything in it that was promised. Raises StoreFault."""
    thread = ThreadPoolExecutor(1, "store")
    loop = asyncio.get_running_loop()
    db = await loop.run_in_executor(thread, open_for_work, path)
    presence = Presence(path)
    writer = Writer(_Threaded(Transactions(db=db, presence=presence, most_letters=most_letters), thread))
    chronicle = SqliteChronicle(path)
    store = SqliteStore(writer, most_letters, presence.owner, chronicle)
    sys.setswitchinterval(SWITCH_S)
    loop.add_reader(presence.ear, lambda: writer.look_again(pressed=presence.hear()))
    writing = asyncio.create_task(writer.write_on())
    try:
        yield store
    finally:
        await store.close()
        await writing
        loop.remove_reader(presence.ear)
        await asyncio.to_thread(chronicle.close)
        await loop.run_in_executor(thread, db.close)
        thread.shutdown()
        presence.close()


class _Threaded:
    """The transactions in their thread, for the writer; the thread never touches the loop."""

    nothing: object = staticmethod(lambda _db, _counts: None)

    def __init__(self, transactions: Transactions, thread: ThreadPoolExecutor) -> None:
        self._transactions, self._thread = transactions, thread
        self.quiet = transactions.quiet
        self.press = transactions.presence.press

    async def run(self, jobs: Jobs) -> Results:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transactions.run, jobs)

    def giving_back(self, mine: Sequence[Claim], others: Sequence[LetterClaim]) -> object:
        def act(db: apsw.Connection, _: Counts) -> None:
            cases.release(db, mine)
            letters.release(db, others)

        return act


class SqliteStore(SqliteLists):
    """See `gateway.store.base.Store`."""

    def __init__(self, writer: Writer, most_letters: int, owner: int, chronicle: SqliteChronicle) -> None:
        """Use `opened`."""
        super().__init__(writer, most_letters)
        self._owner, self._chronicle = owner, chronicle

    def forget(self, channel: str, source_id: str, why: str, *, waiting: bool) -> asyncio.Future[bool]:
        """See `Store.forget`."""
        which = cases.Forgotten(arrivals.identity(channel, source_id), source_id, why, time.time(), waiting)
        return self._act(lambda db, counts: cases.forget(db, which, counts))

    async def claim_files(self, limit: int, lease_s: float, *, ledgers: Sequence[str] = ALONE) -> Sequence[FileClaim]:
        """See `Store.claim_files`."""
        lease = cases.Lease(self._owner, now := time.time(), now + lease_s)
        return await self._act(lambda db, _: enclosed.claim(db, cases.Queues(ledgers, limit), lease))

    async def settle_file(self, settlement: FileSettlement) -> bool:
        """See `Store.settle_file`."""
        return await self._act(lambda db, _: enclosed.settle(db, settlement))

    async def lease(self, name: str, holder: str, for_s: float) -> int | None:
        """See `Store.lease`."""
        wish = leases.Wish(name, holder, self._owner, for_s)
        return await self._act(lambda db, _: leases.take(db, wish))

    async def unlease(self, fence: Fence) -> None:
        """See `Store.unlease`."""
        await self._act(lambda db, _: leases.give_back(db, fence))

    async def leases(self) -> Sequence[Held]:
        """See `Store.leases`."""
        return await self._act(lambda db, _: leases.held(db))

    async def pin(self, board: str, name: str, value: bytes, lasts_s: float | None) -> None:
        """See `Board.pin`."""
        now = time.time()
        ends = None if lasts_s is None else now + lasts_s
        await self._act(lambda db, _: sqlite_board.pin(db, (board, name), value, (now, ends)))

    async def unpin(self, board: str, name: str) -> None:
        """See `Board.unpin`."""
        await self._act(lambda db, _: sqlite_board.unpin(db, board, name))

    async def pinned(self, board: str) -> Mapping[str, Pinned]:
        """See `Board.pinned`."""
        return await self._act(lambda db, _: sqlite_board.pinned(db, board, time.time()))

    async def records(self, since: datetime, until: datetime, after: int, limit: int) -> Page:
        """See `Chronicle.records`."""
        return await self._chronicle.records(since, until, after, limit)
