"""The embedded store: one SQLite file, one writer thread, group commit.

In: arrivals, settlements, receipts, acts. Out: futures that are done when the file has them, and claims. This side runs in the event
loop and never touches the disk; the thread never touches the loop.

While a transaction is being flushed, what comes is gathered for the next one: under load a hundred messages share a flush, and a
single message waits for nobody.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import apsw

from channels.base import Accepted, Arrival, Letter, Part, Receipt, Unavailable
from gateway.store import cases, desk, letters, parts, tables
from gateway.store.base import Case, Claim, LetterClaim, LetterSettlement, Life, Numbers, Settlement, Step, Tally
from gateway.store.batch import KINDS, Counts, Jobs, Transactions, Want
from gateway.store.presence import Presence

R = TypeVar("R")

#: The thread needs the interpreter a few times in each transaction; with Python's 5 ms it would wait that long each time.
SWITCH_S = 0.0005
#: settlements in one transaction: with their letters these take some 10 ms, for which a message at a door has to wait
MOST_SETTLED = 100


@asynccontextmanager
async def opened(path: Path, *, most_letters: int) -> AsyncIterator[SqliteStore]:
    """The store on a file, closed at the end with everything in it that was promised. Raises StoreFault."""
    thread = ThreadPoolExecutor(1, "store")
    loop = asyncio.get_running_loop()
    db = await loop.run_in_executor(thread, tables.open_store, path)
    presence = Presence(path)
    store = SqliteStore(Transactions(db=db, presence=presence, most_letters=most_letters), thread)
    sys.setswitchinterval(SWITCH_S)
    loop.add_reader(presence.ear, store.look_again)
    writing = asyncio.create_task(store.write_on())
    try:
        yield store
    finally:
        await store.close()
        await writing
        loop.remove_reader(presence.ear)
        await loop.run_in_executor(thread, db.close)
        thread.shutdown()
        presence.close()


class SqliteStore:
    """See `gateway.store.base.Store`."""

    def __init__(self, transactions: Transactions, thread: ThreadPoolExecutor) -> None:
        """Use `opened`."""
        self._transactions, self._thread = transactions, thread
        self._loop = asyncio.get_running_loop()
        self._jobs, self._futures = Jobs(), _futures()
        self._wants: dict[str | None, tuple[Want, asyncio.Future[Any]]] = {}
        self._something = asyncio.Event()
        self._closing = False

    # --- what comes in ---

    def put(self, arrival: Arrival, numbers: Numbers) -> asyncio.Future[Accepted]:
        """See `Store.put`."""
        return self._add("puts", cases.New(arrival, _identity(arrival.channel, arrival.source_id), numbers))

    def hold(self, part: Part, numbers: Numbers) -> asyncio.Future[Accepted]:
        """See `Store.hold`."""
        return self._add("parts", parts.NewPart(part, _identity(part.channel, part.group), numbers))

    def settle(self, settlement: Settlement) -> asyncio.Future[bool]:
        """See `Store.settle`."""
        return self._add("settled", settlement)

    def settle_letter(self, settlement: LetterSettlement) -> asyncio.Future[bool]:
        """See `Store.settle_letter`."""
        return self._add("sent", settlement)

    def note(self, receipt: Receipt) -> asyncio.Future[bool]:
        """See `Store.note`."""
        return self._add("receipts", receipt)

    def advance(self, cursor: str, value: str, arrivals: Sequence[tuple[Arrival, Numbers]]) -> asyncio.Future[Sequence[Accepted]]:
        """See `Store.advance`."""
        news = [cases.New(arrival, _identity(arrival.channel, arrival.source_id), numbers) for arrival, numbers in arrivals]

        def act(db: apsw.Connection, counts: Counts) -> list[Accepted]:
            answers, _ = cases.put(db, news, cases.Lease(0, time.time(), 0), 0, counts)
            db.execute("INSERT OR REPLACE INTO cursors VALUES (?,?)", (cursor, value))
            return answers

        return self.act(act)

    def act(self, act: Callable[[apsw.Connection, Counts], R]) -> asyncio.Future[R]:
        """Anything rare, in the next transaction."""
        return self._add("acts", act)

    def _add(self, kind: str, job: object) -> asyncio.Future[Any]:
        if self._closing:
            return self._closed()
        future = self._loop.create_future()
        getattr(self._jobs, kind).append(job)
        self._futures[kind].append(future)
        self._something.set()
        return future

    def _closed(self) -> asyncio.Future[Any]:
        future = self._loop.create_future()
        future.set_exception(Unavailable("store_closed"))
        return future

    # --- what goes out ---

    def claim(self, limit: int, lease_s: float) -> asyncio.Future[Sequence[Claim]]:
        """See `Store.claim`. One at a time."""
        return self._want(Want(None, limit, lease_s))

    def claim_letters(self, channel: str, limit: int, lease_s: float) -> asyncio.Future[Sequence[LetterClaim]]:
        """See `Store.claim_letters`. One at a time for each channel."""
        return self._want(Want(channel, limit, lease_s))

    def _want(self, want: Want) -> asyncio.Future[Any]:
        if self._closing:
            return self._closed()
        future = self._loop.create_future()
        self._wants[want.channel] = (want, future)
        self._something.set()
        return future

    # --- the commits ---

    async def write_on(self) -> None:
        """Commit batch after batch until closed."""
        while not self._closing or self._jobs != Jobs():
            timer = self._loop.call_later(self._pause(), self._something.set)
            await self._something.wait()
            timer.cancel()
            self._something.clear()
            if self._jobs == Jobs() and self._pause() > 0:
                # somebody waits for work, and there can be none yet
                continue
            jobs, futures = self._next()
            wants = [(want, future) for want, future in self._wants.values() if not future.done()]
            jobs.wants, futures["wants"] = [want for want, _ in wants], [future for _, future in wants]
            if jobs == Jobs():
                continue
            results = await self._loop.run_in_executor(self._thread, self._transactions.run, jobs)
            for kind in KINDS:
                for future, result in zip(futures[kind], results[kind], strict=True):
                    self._answer(kind, future, result)
            # Those who had to wait for this go on first: who takes work asks for more, and gets it in the next transaction.
            await asyncio.sleep(0)
        for _, future in self._wants.values():
            if not future.done():
                future.set_exception(Unavailable("store_closed"))

    def _next(self) -> tuple[Jobs, dict[str, list[asyncio.Future[Any]]]]:
        """What the next transaction does: all that came, but of settlements no more than leave the doors waiting for a moment."""
        jobs, futures = self._jobs, self._futures
        self._jobs, self._futures = Jobs(), _futures()
        for kind in ("settled", "sent"):
            for now, later in ((getattr(jobs, kind), getattr(self._jobs, kind)), (futures[kind], self._futures[kind])):
                later.extend(now[MOST_SETTLED:])
                del now[MOST_SETTLED:]
            if self._futures[kind]:
                self._something.set()
        return jobs, futures

    def look_again(self) -> None:
        """Another process has left work."""
        self._transactions.presence.hear()
        if any(not future.done() for _, future in self._wants.values()):
            self.act(lambda db, _: None)

    def _pause(self) -> float:
        """Seconds until somebody who waits for work may find some."""
        quiet = [self._transactions.quiet_until.get(channel, 0.0) for channel, (_, future) in self._wants.items() if not future.done()]
        return max(min(quiet, default=time.time() + 3600) - time.time(), 0)

    def _answer(self, kind: str, future: asyncio.Future[Any], result: object) -> None:
        if kind == "wants" and not result:
            return
        if future.done():
            if kind == "wants" and isinstance(result, list):
                self.release(result)
        elif isinstance(result, Exception):
            # Whoever waits for work goes on waiting; the trouble is told to those whose word is at stake.
            if kind != "wants":
                future.set_exception(result)
        else:
            future.set_result(result)

    def release(self, claims: Sequence[Claim] | Sequence[LetterClaim]) -> None:
        """See `Store.release`."""
        mine = [claim for claim in claims if isinstance(claim, Claim)]
        others = [claim for claim in claims if isinstance(claim, LetterClaim)]

        def act(db: apsw.Connection, _: Counts) -> None:
            cases.release(db, mine)
            letters.release(db, others)

        # also while closing: what nobody took must not wait for its lease to end
        self._jobs.acts.append(act)
        self._futures["acts"].append(self._loop.create_future())
        self._something.set()

    async def close(self) -> None:
        """Take no more; what was taken is committed."""
        self._closing = True
        self._something.set()

    # --- who looks and mends ---

    async def cursor(self, name: str) -> str | None:
        """See `Store.cursor`."""
        return await self.act(lambda db, _: db.execute("SELECT value FROM cursors WHERE name=?", (name,)).get)

    async def latest(self, channel: str) -> datetime | None:
        """See `Store.latest`."""
        at = await self.cursor(cases.LATEST + channel)
        return None if at is None else tables.instant(float(at))

    async def unanswered(self, before: datetime, limit: int) -> Sequence[Case]:
        """See `Store.unanswered`."""
        return await self.act(lambda db, _: desk.unanswered(db, before.timestamp(), limit))

    async def comfort(self, told: Sequence[Case], written: Sequence[Letter]) -> None:
        """See `Store.comfort`."""

        def act(db: apsw.Connection, counts: Counts) -> None:
            for case in told:
                db.execute("UPDATE cases SET told=1 WHERE id=?", (int(case.case_id),))
            for channel in {letter.channel for letter in written}:
                mine = [letter for letter in written if letter.channel == channel]
                letters.write(db, mine, cases.Lease(0, time.time(), 0), (0, self._transactions.most_letters), counts)

        await self.act(act)

    async def tally(self) -> Tally:
        """See `Store.tally`."""
        return await self.act(lambda db, _: desk.tally(db))

    async def recount(self) -> list[str]:
        """Where the running counts and the cases themselves differ; reads every case."""
        return await self.act(lambda db, _: desk.recount(db))

    async def life(self, code: str) -> Life | None:
        """See `Store.life`."""
        return await self.act(lambda db, _: desk.life(db, code))

    async def listing(self, step: Step, limit: int) -> Sequence[Case]:
        """See `Store.listing`."""
        return await self.act(lambda db, _: desk.listing(db, step, limit))

    async def retry(self, case_id: str, by: str, words: str) -> bool:
        """See `Store.retry`."""
        return await self.act(lambda db, counts: desk.retry(db, _deed(case_id, by, "retry", words), counts))

    async def drop(self, case_id: str, by: str, words: str) -> bool:
        """See `Store.drop`."""
        return await self.act(lambda db, counts: desk.drop(db, _deed(case_id, by, "drop", words), counts))

    async def edit(self, case_id: str, by: str, text: str) -> bool:
        """See `Store.edit`."""
        return await self.act(lambda db, _: desk.edit(db, _deed(case_id, by, "edit", ""), text))


def _deed(case_id: str, by: str, act: str, words: str) -> desk.Deed:
    return desk.Deed(case_id=int(case_id), at=datetime.now(UTC), by=by, act=act, words=words)


def _identity(channel: str, source_id: str) -> int:
    """63 bits; the store compares the source_id itself as well."""
    digest = hashlib.blake2b(f"{channel}\0{source_id}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def _futures() -> dict[str, list[asyncio.Future[Any]]]:
    return {kind: [] for kind in KINDS}
