"""The embedded store's rarer half: what people ask and do, what waits for them, and what ledgers say.

In: acts and questions. Out: answers, when the file has what was done. Each is one transaction of its own; what comes and goes by the
thousand is in `sqlite`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import apsw

from channels.base import Attachment, Letter
from gateway.store import arrivals, cases, desk, events, files, letters, notes, stray, tables, worklist
from gateway.store.happenings import Decision, Heard, Told
from gateway.store.jobs import Counts
from gateway.store.queued import Queued
from gateway.store.record import (
    ALONE,
    Case,
    Copied,
    Copying,
    Hand,
    Life,
    Step,
    Tally,
    Withdrawal,
)

R = TypeVar("R")


class SqliteDesk(Queued):
    """See `gateway.store.base.Store`."""

    def _act(self, act: Callable[[apsw.Connection, Counts], R]) -> asyncio.Future[R]:
        """Anything rare, in the next transaction."""
        return self._writer.add("acts", act)

    # --- who looks and mends ---

    async def recall(self, channel: str, name: str) -> str | None:
        """See `Store.recall`."""
        return await self._act(lambda db, _: notes.read(db, channel, name))

    async def recalled(self, channel: str, prefix: str, limit: int) -> Mapping[str, str]:
        """See `Store.recalled`."""
        return await self._act(lambda db, _: notes.beginning(db, channel, prefix, limit))

    async def files(self, case_id: str) -> Sequence[Attachment]:
        """See `Store.files`."""
        return await self._act(lambda db, _: files.contents(db, int(case_id)))

    async def latest(self, channel: str) -> datetime | None:
        """See `Store.latest`."""
        at = await self._act(lambda db, _: db.execute("SELECT value FROM cursors WHERE name=?", (arrivals.LATEST + channel,)).get)
        return None if at is None else tables.instant(float(at))

    async def unanswered(self, before: datetime, limit: int) -> Sequence[Case]:
        """See `Store.unanswered`."""
        return await self._act(lambda db, _: desk.unanswered(db, before.timestamp(), limit))

    async def comfort(self, told: Sequence[Case], written: Sequence[Letter]) -> None:
        """See `Store.comfort`."""

        def act(db: apsw.Connection, counts: Counts) -> None:
            for case in told:
                db.execute("UPDATE cases SET told=1 WHERE id=?", (int(case.case_id),))
            self._queue(db, written, counts)

        await self._act(act)

    def _queue(self, db: apsw.Connection, written: Sequence[Letter], counts: Counts) -> None:
        for channel in {letter.channel for letter in written}:
            mine = [letter for letter in written if letter.channel == channel]
            letters.write(db, mine, cases.Lease(0, time.time(), 0), (0, self._most_letters), counts)

    async def tally(self) -> Tally:
        """See `Store.tally`."""
        return await self._act(lambda db, _: desk.tally(db, time.time()))

    async def recount(self) -> list[str]:
        """Where the running counts and the cases themselves differ; reads every case."""
        return await self._act(lambda db, _: desk.recount(db))

    async def life(self, code: str) -> Life | None:
        """See `Store.life`."""
        return await self._act(lambda db, _: desk.life(db, code))

    async def listing(self, step: Step, limit: int) -> Sequence[Case]:
        """See `Store.listing`."""
        return await self._act(lambda db, _: desk.listing(db, step, limit))

    async def retry(self, case_id: str, by: str, words: str, *, seen: Step | None = None, after_s: float = 0.0) -> bool:
        """See `Store.retry`."""
        deed = _deed(case_id, by, "retry", words)
        return await self._act(lambda db, counts: desk.retry(db, deed, counts, seen=seen, after_s=after_s))

    async def drop(self, case_id: str, by: str, words: str, *, seen: Step | None = None) -> bool:
        """See `Store.drop`."""
        return await self._act(lambda db, counts: desk.drop(db, _deed(case_id, by, "drop", words), counts, seen=seen))

    async def edit(self, case_id: str, by: str, text: str | None) -> bool:
        """See `Store.edit`."""
        return await self._act(lambda db, _: desk.edit(db, _deed(case_id, by, "edit", ""), text))

    async def stray(self, known: Sequence[str], limit: int) -> Mapping[str, int]:
        """See `Store.stray`."""
        return await self._act(lambda db, counts: stray.park(db, known, limit, counts))

    async def withdraw(self, case_id: str) -> Withdrawal:
        """See `Store.withdraw`."""
        return await self._act(lambda db, counts: desk.withdraw(db, _deed(case_id, "sender", "withdraw", ""), counts))

    async def take(self, by: str, lease_s: float, *, ledgers: Sequence[str] = ALONE, besides: Collection[str] = ()) -> Life | None:
        """See `Store.take`."""
        return await self._act(lambda db, _: worklist.take(db, _deed("0", by, "next", ""), lease_s, worklist.Queues(ledgers, besides)))

    async def hands(self, limit: int, *, ledgers: Sequence[str] = ALONE) -> Sequence[Hand]:
        """See `Store.hands`."""
        return await self._act(lambda db, _: worklist.listed(db, limit, ledgers, time.time()))

    async def put_back(self, case_id: str, by: str) -> bool:
        """See `Store.put_back`."""
        return await self._act(lambda db, _: worklist.put_back(db, _deed(case_id, by, "put back", "")))

    async def set_aside(self, case_id: str, by: str, words: str) -> bool:
        """See `Store.set_aside`."""
        return await self._act(lambda db, counts: worklist.set_aside(db, _deed(case_id, by, "set aside", words), counts))

    async def register(self, copied: Copied) -> Copying:
        """See `Store.register`."""

        def act(db: apsw.Connection, counts: Counts) -> Copying:
            word = worklist.register(db, copied, _deed(copied.case_id, copied.by, "done", ""), counts)
            if word in {"done", "more"}:
                self._queue(db, copied.letters, counts)
            return word

        return await self._act(act)

    async def undo(self, case_id: str, by: str) -> bool:
        """See `Store.undo`."""
        return await self._act(lambda db, counts: worklist.undo(db, _deed(case_id, by, "undo", ""), counts))

    async def addressed(self, channel: str, to: str, limit: int) -> Sequence[str]:
        """See `Store.addressed`."""
        return await self._act(lambda db, _: letters.addressed(db, channel, to, limit))

    # --- what ledgers say ---

    async def tell(self, told: Sequence[Told]) -> Sequence[Heard]:
        """See `Store.tell`."""
        return await self._act(lambda db, _: events.tell(db, told))

    async def undecided(self, limit: int) -> Sequence[Life]:
        """See `Store.undecided`."""
        return await self._act(lambda db, _: [desk.life_of(db, case) for case in events.undecided(db, limit)])

    async def decide(self, decision: Decision) -> bool:
        """See `Store.decide`."""
        lease = cases.Lease(0, time.time(), 0)
        return await self._act(lambda db, counts: events.decide(db, decision, lease, self._most_letters, counts))

    async def to_ask(self, every_s: Mapping[str, float], for_s: float, limit: int) -> Sequence[Life]:
        """See `Store.to_ask`."""
        asking = events.Asking(every_s, for_s, time.time())

        def act(db: apsw.Connection, _: Counts) -> list[Life]:
            events.enrol(db, asking)
            return [desk.life_of(db, case) for case in events.due(db, asking, limit)]

        return await self._act(act)

    async def put_off(self, case_ids: Sequence[str], until: datetime) -> None:
        """See `Store.put_off`."""
        await self._act(lambda db, _: events.put_off(db, case_ids, until.timestamp()))


def _deed(case_id: str, by: str, act: str, words: str) -> desk.Deed:
    return desk.Deed(case_id=int(case_id), at=datetime.now(UTC), by=by, act=act, words=words)
