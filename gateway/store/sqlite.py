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
from datetime import UTC, datetime
from pathlib import Path

import apsw

from channels.base import Accepted, Arrival, Attachment, Letter, Part, Receipt
from gateway.store import arrivals, cases, desk, enclosed, events, files, letters, notes, parts, stray, tables, worklist
from gateway.store.batch import Transactions
from gateway.store.happenings import Decision, Heard, Told
from gateway.store.jobs import Counts, NewMove, Queue, Want
from gateway.store.kinship import Found, Search
from gateway.store.presence import Presence
from gateway.store.record import (
    ALONE,
    Case,
    Claim,
    Copied,
    Copying,
    FileClaim,
    FileSettlement,
    Hand,
    LetterClaim,
    LetterSettlement,
    Life,
    Move,
    Numbers,
    Settlement,
    Step,
    Tally,
    Withdrawal,
)
from gateway.store.writer import Writer

#: The thread needs the interpreter a few times in each transaction; with Python's 5 ms it would wait that long each time.
SWITCH_S = 0.0005


@asynccontextmanager
async def opened(path: Path, *, most_letters: int) -> AsyncIterator[SqliteStore]:
    """The store on a file, closed at the end with everything in it that was promised. Raises StoreFault."""
    thread = ThreadPoolExecutor(1, "store")
    loop = asyncio.get_running_loop()
    db = await loop.run_in_executor(thread, tables.open_store, path)
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


class SqliteStore:
    """See `gateway.store.base.Store`."""

    def __init__(self, writer: Writer, most_letters: int, owner: int) -> None:
        """Use `opened`."""
        self._writer, self._most_letters, self._owner = writer, most_letters, owner

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
        return self._writer.add("moves", NewMove(move.channel, move.notes, news, come))

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

    def claim_letters(self, channel: str, limit: int, lease_s: float) -> asyncio.Future[Sequence[LetterClaim]]:
        """See `Store.claim_letters`. One at a time for each channel."""
        return self._writer.want(Want((Queue("letters", channel),), limit, lease_s))

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

    async def close(self) -> None:
        """See `Store.close`."""
        self._writer.close()

    # --- who looks and mends ---

    async def recall(self, channel: str, name: str) -> str | None:
        """See `Store.recall`."""
        return await self._writer.act(lambda db, _: notes.read(db, channel, name))

    async def recalled(self, channel: str, prefix: str, limit: int) -> Mapping[str, str]:
        """See `Store.recalled`."""
        return await self._writer.act(lambda db, _: notes.beginning(db, channel, prefix, limit))

    async def files(self, case_id: str) -> Sequence[Attachment]:
        """See `Store.files`."""
        return await self._writer.act(lambda db, _: files.contents(db, int(case_id)))

    async def latest(self, channel: str) -> datetime | None:
        """See `Store.latest`."""
        at = await self._writer.act(lambda db, _: db.execute("SELECT value FROM cursors WHERE name=?", (arrivals.LATEST + channel,)).get)
        return None if at is None else tables.instant(float(at))

    async def unanswered(self, before: datetime, limit: int) -> Sequence[Case]:
        """See `Store.unanswered`."""
        return await self._writer.act(lambda db, _: desk.unanswered(db, before.timestamp(), limit))

    async def comfort(self, told: Sequence[Case], written: Sequence[Letter]) -> None:
        """See `Store.comfort`."""

        def act(db: apsw.Connection, counts: Counts) -> None:
            for case in told:
                db.execute("UPDATE cases SET told=1 WHERE id=?", (int(case.case_id),))
            self._queue(db, written, counts)

        await self._writer.act(act)

    def _queue(self, db: apsw.Connection, written: Sequence[Letter], counts: Counts) -> None:
        for channel in {letter.channel for letter in written}:
            mine = [letter for letter in written if letter.channel == channel]
            letters.write(db, mine, cases.Lease(0, time.time(), 0), (0, self._most_letters), counts)

    async def tally(self) -> Tally:
        """See `Store.tally`."""
        return await self._writer.act(lambda db, _: desk.tally(db))

    async def recount(self) -> list[str]:
        """Where the running counts and the cases themselves differ; reads every case."""
        return await self._writer.act(lambda db, _: desk.recount(db))

    async def life(self, code: str) -> Life | None:
        """See `Store.life`."""
        return await self._writer.act(lambda db, _: desk.life(db, code))

    async def listing(self, step: Step, limit: int) -> Sequence[Case]:
        """See `Store.listing`."""
        return await self._writer.act(lambda db, _: desk.listing(db, step, limit))

    async def retry(self, case_id: str, by: str, words: str) -> bool:
        """See `Store.retry`."""
        return await self._writer.act(lambda db, counts: desk.retry(db, _deed(case_id, by, "retry", words), counts))

    async def drop(self, case_id: str, by: str, words: str) -> bool:
        """See `Store.drop`."""
        return await self._writer.act(lambda db, counts: desk.drop(db, _deed(case_id, by, "drop", words), counts))

    async def edit(self, case_id: str, by: str, text: str) -> bool:
        """See `Store.edit`."""
        return await self._writer.act(lambda db, _: desk.edit(db, _deed(case_id, by, "edit", ""), text))

    async def stray(self, known: Sequence[str], limit: int) -> Mapping[str, int]:
        """See `Store.stray`."""
        return await self._writer.act(lambda db, counts: stray.park(db, known, limit, counts))

    async def withdraw(self, case_id: str) -> Withdrawal:
        """See `Store.withdraw`."""
        return await self._writer.act(lambda db, counts: desk.withdraw(db, _deed(case_id, "sender", "withdraw", ""), counts))

    async def take(self, by: str, lease_s: float, *, ledgers: Sequence[str] = ALONE) -> Life | None:
        """See `Store.take`."""
        return await self._writer.act(lambda db, _: worklist.take(db, _deed("0", by, "next", ""), lease_s, ledgers))

    async def hands(self, limit: int, *, ledgers: Sequence[str] = ALONE) -> Sequence[Hand]:
        """See `Store.hands`."""
        return await self._writer.act(lambda db, _: worklist.listed(db, limit, ledgers, time.time()))

    async def put_back(self, case_id: str, by: str) -> bool:
        """See `Store.put_back`."""
        return await self._writer.act(lambda db, _: worklist.put_back(db, _deed(case_id, by, "put back", "")))

    async def set_aside(self, case_id: str, by: str, words: str) -> bool:
        """See `Store.set_aside`."""
        return await self._writer.act(lambda db, counts: worklist.set_aside(db, _deed(case_id, by, "set aside", words), counts))

    async def register(self, copied: Copied) -> Copying:
        """See `Store.register`."""

        def act(db: apsw.Connection, counts: Counts) -> Copying:
            word = worklist.register(db, copied, _deed(copied.case_id, copied.by, "done", ""), counts)
            if word in {"done", "more"}:
                self._queue(db, copied.letters, counts)
            return word

        return await self._writer.act(act)

    async def undo(self, case_id: str, by: str) -> bool:
        """See `Store.undo`."""
        return await self._writer.act(lambda db, counts: worklist.undo(db, _deed(case_id, by, "undo", ""), counts))

    async def addressed(self, channel: str, to: str, limit: int) -> Sequence[str]:
        """See `Store.addressed`."""
        return await self._writer.act(lambda db, _: letters.addressed(db, channel, to, limit))

    # --- what ledgers say ---

    async def tell(self, told: Sequence[Told]) -> Sequence[Heard]:
        """See `Store.tell`."""
        return await self._writer.act(lambda db, _: events.tell(db, told))

    async def undecided(self, limit: int) -> Sequence[Life]:
        """See `Store.undecided`."""
        return await self._writer.act(lambda db, _: [desk.life_of(db, case) for case in events.undecided(db, limit)])

    async def decide(self, decision: Decision) -> bool:
        """See `Store.decide`."""
        lease = cases.Lease(0, time.time(), 0)
        return await self._writer.act(lambda db, counts: events.decide(db, decision, lease, self._most_letters, counts))

    async def to_ask(self, every_s: Mapping[str, float], for_s: float, limit: int) -> Sequence[Life]:
        """See `Store.to_ask`."""
        asking = events.Asking(every_s, for_s, time.time())

        def act(db: apsw.Connection, _: Counts) -> list[Life]:
            events.enrol(db, asking)
            return [desk.life_of(db, case) for case in events.due(db, asking, limit)]

        return await self._writer.act(act)

    async def put_off(self, case_ids: Sequence[str], until: datetime) -> None:
        """See `Store.put_off`."""
        await self._writer.act(lambda db, _: events.put_off(db, case_ids, until.timestamp()))


def _deed(case_id: str, by: str, act: str, words: str) -> desk.Deed:
    return desk.Deed(case_id=int(case_id), at=datetime.now(UTC), by=by, act=act, words=words)
