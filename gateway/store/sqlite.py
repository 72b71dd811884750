"""The embedded store: one SQLite file, one writer thread, group commit.

In: arrivals, settlements, receipts, acts. Out: futures that are done when the file has them, and claims. What is here says which SQL
answers which promise; when it runs is the writer's matter.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

from channels.base import Accepted, Arrival, Part, Receipt
from gateway.store import arrivals, cases, enclosed, leases, parts
from gateway.store.batch import Transactions
from gateway.store.fencing import Fence, Held
from gateway.store.jobs import NewMove, Queue, Want
from gateway.store.kinship import Found, Search
from gateway.store.presence import Presence
from gateway.store.record import (
    ALONE,
    Claim,
    FileClaim,
    FileSettlement,
    LetterClaim,
    LetterSettlement,
    Move,
    Numbers,
    Settlement,
)
from gateway.store.sqlite_bundles import open_for_work
from gateway.store.sqlite_desk import SqliteDesk
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
    writer = Writer(Transactions(db=db, presence=presence, most_letters=most_letters), thread)
    store = SqliteStore(writer, most_letters, presence.owner)
    sys.setswitchinterval(SWITCH_S)
    loop.add_reader(presence.ear, writer.look_again)
    writing = asyncio.create_task(writer.write_on())
    try:
        yield store
    finally:
        await store.close()
        await writing
        loop.remove_reader(presence.ear)
        await loop.run_in_executor(thread, db.close)
        thread.shutdown()
        presence.close()


class SqliteStore(SqliteDesk):
    """See `gateway.store.base.Store`."""

    def __init__(self, writer: Writer, most_letters: int, owner: int) -> None:
        """Use `opened`."""
        super().__init__(writer, most_letters)
        self._owner = owner

    # --- what comes in ---

    def put(self, arrival: Arrival, numbers: Numbers) -> asyncio.Future[Accepted]:
        """See `Store.put`."""
        return self._writer.add("puts", arrivals.New(arrival, arrivals.identity(arrival.channel, arrival.source_id), numbers))

    def hold(self, part: Part, numbers: Numbers) -> asyncio.Future[Accepted]:
        """See `Store.hold`."""
        return self._writer.add("parts", parts.NewPart(part, arrivals.identity(part.channel, part.group), numbers))

    def settle(self, settlement: Settlement) -> asyncio.Future[bool]:
        """See `Store.settle`."""
        return self._writer.add("settled", settlement)

    def settle_letter(self, settlement: LetterSettlement) -> asyncio.Future[bool]:
        """See `Store.settle_letter`."""
        return self._writer.add("sent", settlement)

    def note(self, receipt: Receipt) -> asyncio.Future[bool]:
        """See `Store.note`."""
        return self._writer.add("receipts", receipt)

    def advance(self, move: Move) -> asyncio.Future[Sequence[Accepted]]:
        """See `Store.advance`."""
        news = [arrivals.New(arrival, arrivals.identity(arrival.channel, arrival.source_id), numbers) for arrival, numbers in move.arrivals]
        come = [parts.NewPart(part, arrivals.identity(part.channel, part.group), numbers) for part, numbers in move.parts]
        return self._writer.add("moves", NewMove(move.channel, move.notes, news, come, move.fence))

    def forget(self, channel: str, source_id: str, why: str, *, waiting: bool) -> asyncio.Future[bool]:
        """See `Store.forget`."""
        which = cases.Forgotten(arrivals.identity(channel, source_id), source_id, why, time.time(), waiting)
        return self._writer.act(lambda db, counts: cases.forget(db, which, counts))

    # --- what goes out ---

    def claim(
        self, limit: int, lease_s: float, *, ledgers: Sequence[str] = ALONE, sorting: bool = False
    ) -> asyncio.Future[Sequence[Claim]]:
        """See `Store.claim`. One at a time for the same ledgers."""
        return self._writer.want(Want(tuple(Queue("cases", ledger) for ledger in ledgers), limit, lease_s, sorting))

    def kin(self, searches: Sequence[Search]) -> asyncio.Future[Sequence[Found]]:
        """See `Store.kin`."""
        return self._writer.add("kin", searches)

    def claim_letters(
        self, channel: str, limit: int, lease_s: float, *, fence: Fence | None = None
    ) -> asyncio.Future[Sequence[LetterClaim]]:
        """See `Store.claim_letters`. One at a time for each channel."""
        return self._writer.want(Want((Queue("letters", channel),), limit, lease_s, fence=fence))

    async def claim_files(self, limit: int, lease_s: float, *, ledgers: Sequence[str] = ALONE) -> Sequence[FileClaim]:
        """See `Store.claim_files`."""
        lease = cases.Lease(self._owner, now := time.time(), now + lease_s)
        return await self._writer.act(lambda db, _: enclosed.claim(db, cases.Queues(ledgers, limit), lease))

    async def settle_file(self, settlement: FileSettlement) -> bool:
        """See `Store.settle_file`."""
        return await self._writer.act(lambda db, _: enclosed.settle(db, settlement))

    def release(self, claims: Sequence[Claim] | Sequence[LetterClaim]) -> None:
        """See `Store.release`."""
        self._writer.release(claims)

    @property
    def pressed(self) -> bool:
        """See `Store.pressed`."""
        return self._writer.pressed

    def press(self) -> None:
        """See `Store.press`."""
        self._writer.press()

    async def lease(self, name: str, holder: str, for_s: float) -> int | None:
        """See `Store.lease`."""
        wish = leases.Wish(name, holder, self._owner, for_s)
        return await self._writer.act(lambda db, _: leases.take(db, wish))

    async def unlease(self, fence: Fence) -> None:
        """See `Store.unlease`."""
        await self._writer.act(lambda db, _: leases.give_back(db, fence))

    async def leases(self) -> Sequence[Held]:
        """See `Store.leases`."""
        return await self._writer.act(lambda db, _: leases.held(db))

    async def close(self) -> None:
        """See `Store.close`."""
        self._writer.close()
