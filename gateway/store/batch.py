"""One group commit: everything that came since the last one, in one transaction. Runs in the store's thread.

In: jobs. Out: a result for each, or the exception that it deserves. Knows nothing of the event loop.

Two things make it fast. Whole batches go in as single statements (see `tables.batches`). And whoever waits for work gets what is new
in the transaction that keeps it, already claimed, as long as nothing older is due: no second transaction, and nothing to read back.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import apsw

from channels.base import Accepted, Letter
from gateway.store import arrivals, cases, desk, kin, leases, letters, notes, parts, talk
from gateway.store.cases import Lease
from gateway.store.fencing import LeaseLost
from gateway.store.jobs import KINDS, NEW, Counts, Jobs, NewMove, Queue, Results, Want
from gateway.store.kinship import Found
from gateway.store.parts import NewPart
from gateway.store.presence import Presence
from gateway.store.record import NumberTaken, Settlement

#: how often to look for work that another process, or an operator, has left for us, in seconds
GLANCE_S = 1.0
#: for how long a receipt waits for its letter, and how often those are forgotten that waited longer, in seconds
EARLY_S, FORGET_S = 86_400.0, 3_600.0
#: what is claimed from the disk at once: it takes some 4 ms, for which a message at a door has to wait
MOST_CLAIMED = 100
#: how long those who wait for work leave a store in trouble alone, in seconds
REST_S = 0.5


@dataclass(slots=True, kw_only=True)
class Transactions:
    """The transactions of one process on one file."""

    db: apsw.Connection
    presence: Presence
    #: letters that one sender may have within an hour
    most_letters: int
    #: before this time nothing can be due on disk
    quiet_until: dict[Queue, float] = field(default_factory=dict)
    #: the last transaction left work for which nobody waits here
    left: bool = False
    #: when we last looked who else is here
    looked: float = 0.0
    #: when we last forgot receipts
    forgot: float = 0.0
    #: whose leases this transaction ends
    buried: list[int] = field(default_factory=list)

    def run(self, jobs: Jobs) -> Results:
        """Do all jobs in one transaction; when it fails because of one of them, each in its own."""
        try:
            return self._together(jobs)
        except (apsw.FullError, apsw.IOError, apsw.BusyError, apsw.LockedError, apsw.ReadOnlyError) as error:
            self._rest(jobs)
            if isinstance(error, apsw.FullError):
                self._shrink()
            return {kind: [cases.unkept(error)] * len(getattr(jobs, kind)) for kind in KINDS}
        except Exception as error:  # one bad job must neither take the others with it nor stop the writer
            self._rest(jobs)
            return self._apart(jobs, error)

    def _together(self, jobs: Jobs) -> Results:
        self.db.pragma("synchronous", "normal" if self._lightly(jobs) else "full")
        self.db.execute("BEGIN IMMEDIATE")
        try:
            self.left, self.buried = False, []
            self._look(now := time.time())
            results = _Transaction(self, jobs, now).run()
            self.db.execute("COMMIT")
        finally:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
        for owner in self.buried:
            self.presence.bury(owner)
        if self.left:
            self.presence.nudge()
        return results

    def _lightly(self, jobs: Jobs) -> bool:
        """True for likenesses alone, which nobody was promised: the next flush takes them along, and what is lost of them with the power is
        written again by the next attempt of their cases."""
        now = time.time()
        alone = bool(jobs.kin) and jobs == Jobs(kin=jobs.kin, wants=jobs.wants)
        return alone and now - self.looked < GLANCE_S and all(self.quiet(want) > now for want in jobs.wants)

    def quiet(self, want: Want) -> float:
        """Before this time nothing that is wanted can be due on disk."""
        return min(self.quiet_until.get(queue, 0) for queue in want.queues)

    def _look(self, now: float) -> None:
        """Once in a while: who else is here, and what did the dead leave; and what came for no letter of ours."""
        if now - self.looked >= GLANCE_S:
            self.looked = now
            for owner in self.presence.look():
                cases.bury(self.db, owner, now)
                self.buried.append(owner)
                self.quiet_until.clear()
        if now - self.forgot >= FORGET_S:
            self.forgot = now
            letters.forget_receipts(self.db, now - EARLY_S)

    def _shrink(self) -> None:
        """Give the disk back what the log has of it: on a small disk the log itself may be what fills it."""
        with suppress(apsw.Error):
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _rest(self, jobs: Jobs) -> None:
        """After trouble, whoever waits for work looks again a little later, not at once and for ever."""
        self.quiet_until.clear()
        for queue in (queue for want in jobs.wants for queue in want.queues):
            self.quiet_until[queue] = time.time() + REST_S

    def _apart(self, jobs: Jobs, error: Exception) -> Results:
        results: Results = {kind: [] for kind in KINDS}
        alone = list(jobs.singly())
        for kind, job in alone:
            if len(alone) > 1:
                results[kind] += self.run(job)[kind]
            else:
                results[kind].append(cases.unkept(error) if isinstance(error, apsw.Error) else error)
        return results


class _Transaction:
    """What one transaction knows while it runs."""

    def __init__(self, of: Transactions, jobs: Jobs, now: float) -> None:
        self.of, self.jobs, self.now, self.db = of, jobs, now, of.db
        self.counts: Counts = Counter()
        self.wants = {queue: want for want in jobs.wants for queue in want.queues}
        #: what is handed over without having waited
        self.claimed: dict[Want | None, list[Any]] = {}

    def run(self) -> Results:
        jobs = self.jobs
        results: Results = {
            "parts": [self._hold(part) for part in jobs.parts],
            "puts": self._put() if jobs.puts else [],
            "moves": [self._advance(move) for move in jobs.moves],
            "settled": self._settle() if jobs.settled else [],
            "sent": self._sent() if jobs.sent else [],
            "receipts": [letters.note(self.db, receipt, self.counts) for receipt in jobs.receipts],
            "kin": self._kin() if jobs.kin else [],
            "acts": [act(self.db, self.counts) for act in jobs.acts],
        }
        if jobs.acts:
            self.of.quiet_until.clear()
        results["wants"] = [self.claimed.get(want) or self._claim(want) for want in jobs.wants]
        desk.add(self.db, self.counts)
        return results

    def _lease(self, want: Want | None) -> Lease:
        return Lease(self.of.presence.owner, self.now, self.now + (want.lease_s if want else 0), want is not None and want.sorting)

    def _room(self, want: Want | None) -> int:
        """How many new things somebody waits for: none while older ones may be due, for those go first; nor for one without his lease."""
        return want.limit if want and self.of.quiet(want) > self.now and not leases.stale(self.db, want.fence) else 0

    def _due(self, queue: Queue, due: float) -> None:
        self.of.quiet_until[queue] = min(self.of.quiet_until.get(queue, 0), due)
        if due <= self.now and queue not in self.wants:
            self.of.left = True

    def _hold(self, part: NewPart) -> Accepted:
        accepted, due = parts.hold(self.db, part, self.now, self.counts)
        if due is not None:
            self._due(Queue("cases", due.ledger), due.at)
        return accepted

    def _put(self) -> list[Accepted]:
        want = self.wants.get(NEW)
        answers, claimed = arrivals.put(self.db, self.jobs.puts, self._lease(want), self._room(want), self.counts)
        self.claimed[want] = claimed
        if sum(not answer.duplicate for answer in answers) > len(claimed):
            self._due(NEW, self.now)
        return answers

    def _advance(self, move: NewMove) -> list[Accepted] | LeaseLost:
        if leases.stale(self.db, move.fence):
            return LeaseLost()
        answers, _ = arrivals.put(self.db, move.news, self._lease(None), 0, self.counts) if move.news else ([], [])
        if not all(answer.duplicate for answer in answers):
            self._due(NEW, self.now)
        answers += [self._hold(part) for part in move.parts]
        notes.write(self.db, move.channel, move.notes)
        return answers

    def _settle(self) -> list[bool | NumberTaken]:
        settled = cases.settle(self.db, self.jobs.settled, self.now, self.counts)
        written: list[Letter] = []
        asking: list[str] = []
        if any(settlement.adds for settlement in self.jobs.settled):
            # the cases to which something was added may wait in any ledger's queue
            self.of.quiet_until.clear()
        for settlement in settled:
            if isinstance(settlement, Settlement):
                written += settlement.letters
                if settlement.asks:
                    asking.append(settlement.claim.case.case_id)
                self._due(*self._again(settlement))
        self.write(written)
        self._unheard(asking)
        return [settlement if isinstance(settlement, NumberTaken) else settlement is not None for settlement in settled]

    def _unheard(self, asked: Sequence[str]) -> None:
        for ledger in talk.unheard(self.db, asked, self.now, self.counts):
            self._due(Queue("cases", ledger), self.now)

    def _again(self, settlement: Settlement) -> tuple[Queue, float]:
        """Where and when a case is due because of this. A late part, or an addition, may have sent a finished one round again, at once."""
        case = settlement.claim.case
        queue = Queue("cases", case.ledger if settlement.ledger is None else settlement.ledger)
        if case.parts or case.additions:
            return queue, self.now
        return queue, settlement.due.timestamp() if settlement.due else math.inf

    def write(self, written: Sequence[Letter]) -> None:
        if not written:
            return
        channels = {letter.channel for letter in written}
        for channel in channels:
            queue = Queue("letters", channel)
            want = self.wants.get(queue)
            mine = [letter for letter in written if letter.channel == channel]
            claimed, queued = letters.write(self.db, mine, self._lease(want), (self._room(want), self.of.most_letters), self.counts)
            self.claimed[want] = claimed
            if queued:
                self._due(queue, self.now)

    def _kin(self) -> list[Sequence[Found]]:
        found = iter(kin.find(self.db, [search for searches in self.jobs.kin for search in searches], self.now))
        return [list(islice(found, len(searches))) for searches in self.jobs.kin]

    def _sent(self) -> list[bool]:
        for settlement in self.jobs.sent:
            if settlement.due:
                self._due(Queue("letters", settlement.claim.letter.channel), settlement.due.timestamp())
        fine = letters.settle(self.db, self.jobs.sent, self.counts)
        lost = [each.claim.letter for each, ours in zip(self.jobs.sent, fine, strict=True) if ours and each.step not in {"sent", "send"}]
        self._unheard([letter.case_id for letter in lost if letter.kind == "ask"])
        return fine

    def _claim(self, want: Want) -> list[Any] | LeaseLost:
        if self.of.quiet(want) > self.now:
            return []
        if leases.stale(self.db, want.fence):
            return LeaseLost()
        lease, (kind, name), limit = self._lease(want), want.queues[0], min(want.limit, MOST_CLAIMED)
        if kind == "cases":
            ledgers = [queue.name for queue in want.queues]
            found: list[Any] = cases.claim(self.db, cases.Queues(ledgers, limit), lease, self.counts)
        else:
            found = letters.claim(self.db, name, limit, lease, self.counts)
        next_due = cases.next_due if kind == "cases" else letters.next_due
        for queue in want.queues:
            due = self.now if len(found) == limit else next_due(self.db, queue.name)
            self.of.quiet_until[queue] = min(due or math.inf, self.now + GLANCE_S)
        return found
