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

from channels.base import Unavailable
from gateway.store import arrivals, cases, enclosed, leases, letters, sqlite_board
from gateway.store.batch import Transactions
from gateway.store.board import Pinned
from gateway.store.chronicle import Page
from gateway.store.fencing import Fence, Held
from gateway.store.jobs import KINDS, Counts, Jobs, Results, Want
from gateway.store.presence import Presence
from gateway.store.record import (
    ALONE,
    Claim,
    FileClaim,
    FileSettlement,
    LetterClaim,
    StoreFault,
    StoreHeld,
)
from gateway.store.sqlite_bundles import open_for_work
from gateway.store.sqlite_chronicle import SqliteChronicle
from gateway.store.sqlite_lists import SqliteLists
from gateway.store.writer import Writer

#: The thread needs the interpreter a few times in each transaction; with Python's 5 ms it would wait that long each time.
SWITCH_S = 0.0005
#: how long a file that another program holds is left alone after each try to open it, in seconds
AGAIN_S = 1.0


@asynccontextmanager
async def opened(path: Path, *, most_letters: int, patient: bool = False) -> AsyncIterator[SqliteStore]:
    """The store on a file, closed at the end with everything in it that was promised; `patient`: a file that another program holds is
    waited for in the background. Raises StoreFault."""
    thread = ThreadPoolExecutor(1, "store")
    loop = asyncio.get_running_loop()
    try:
        db = await loop.run_in_executor(thread, open_for_work, path)
    except StoreHeld:
        if not patient:
            raise
        db = None
    presence = Presence(path)
    engine = _Threaded(presence, most_letters, thread, db)
    writer = Writer(engine)
    chronicle = SqliteChronicle(path)
    store = SqliteStore(writer, most_letters, presence.owner, chronicle)
    sys.setswitchinterval(SWITCH_S)
    loop.add_reader(presence.ear, lambda: writer.look_again(pressed=presence.hear()))
    writing = writer.begin()
    try:
        yield store
    finally:
        await store.close()
        await asyncio.wait((writing,))
        loop.remove_reader(presence.ear)
        await asyncio.to_thread(chronicle.close)
        await loop.run_in_executor(thread, engine.close)
        thread.shutdown()
        presence.close()
        await writing


class _Threaded:
    """The transactions in their thread, for the writer; the thread never touches the loop."""

    nothing: object = staticmethod(lambda _db, _counts: None)

    def __init__(self, presence: Presence, most_letters: int, thread: ThreadPoolExecutor, db: apsw.Connection | None) -> None:
        """`db` is None while another program holds the file."""
        self._presence, self._most_letters, self._thread = presence, most_letters, thread
        self._transactions = self._begun(db) if db else None
        self._why, self._again = "store_busy", time.monotonic() + AGAIN_S
        self.press = presence.press

    async def run(self, jobs: Jobs) -> Results:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, jobs)

    def quiet(self, want: Want) -> float:
        return self._transactions.quiet(want) if self._transactions else time.time() + AGAIN_S

    def giving_back(self, mine: Sequence[Claim], others: Sequence[LetterClaim]) -> object:
        def act(db: apsw.Connection, _: Counts) -> None:
            cases.release(db, mine)
            letters.release(db, others)

        return act

    def close(self) -> None:
        if self._transactions:
            self._transactions.db.close()

    def _run(self, jobs: Jobs) -> Results:
        if self._transactions is None and time.monotonic() >= self._again:
            self._try()
        if self._transactions is None:
            return {kind: [Unavailable(self._why) for _ in getattr(jobs, kind)] for kind in KINDS}
        return self._transactions.run(jobs)

    def _try(self) -> None:
        """Whether the file is free by now; it may turn out to be one that is no store, or another's."""
        try:
            self._transactions = self._begun(open_for_work(self._presence.path))
        except StoreHeld:
            self._why = "store_busy"
        except StoreFault:
            self._why = "store_unfit"
        self._again = time.monotonic() + AGAIN_S

    def _begun(self, db: apsw.Connection) -> Transactions:
        return Transactions(db=db, presence=self._presence, most_letters=self._most_letters)


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
