"""One group commit: everything that came since the last one, in one transaction. Runs in the store's thread.

In: jobs. Out: a result for each, or the exception that it deserves. Knows nothing of the event loop.

Two things make it fast. Whole batches go in as single statements (see `tables.batches`). And whoever waits for work gets what is new
in the transaction that keeps it, already claimed, as long as nothing older is due: no second transaction, and nothing to read back.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import Any, NamedTuple

import apsw

from channels.base import Accepted, Letter, Receipt
from gateway.store import arrivals, cases, desk, kin, letters, notes, parts
from gateway.store.arrivals import New
from gateway.store.cases import Lease
from gateway.store.kinship import Found, Search
from gateway.store.parts import NewPart
from gateway.store.presence import Presence
from gateway.store.record import LetterSettlement, Settlement

#: how often to look for work that another process, or an operator, has left for us, in seconds
GLANCE_S = 1.0
#: how long those who wait for work leave a store in trouble alone, in seconds
REST_S = 0.5

Counts = Counter[tuple[str, str]]


class NewMove(NamedTuple):
    """A step of a channel that polls, on its way in."""

    channel: str
    notes: Mapping[str, str | None]
    news: Sequence[New]
    parts: Sequence[NewPart]


class Want(NamedTuple):
    """Somebody waits for work: for cases (channel is None), or for the letters of a channel."""

    channel: str | None
    limit: int
    lease_s: float


@dataclass(slots=True, kw_only=True)
class Jobs:
    """What a transaction is to do, by kind."""

    puts: list[New] = field(default_factory=list)
    parts: list[NewPart] = field(default_factory=list)
    moves: list[NewMove] = field(default_factory=list)
    settled: list[Settlement] = field(default_factory=list)
    sent: list[LetterSettlement] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    kin: list[Sequence[Search]] = field(default_factory=list)
    #: anything rare
    acts: list[Callable[[apsw.Connection, Counts], Any]] = field(default_factory=list)
    #: at most one for each channel, and one for cases
    wants: list[Want] = field(default_factory=list)

    def singly(self) -> Iterator[tuple[str, Jobs]]:
        """Each job alone, with its kind, in the order of kinds."""
        for kind in KINDS:
            for job in getattr(self, kind):
                yield kind, Jobs(**{kind: [job]})


KINDS = tuple(each.name for each in fields(Jobs))

#: by kind: a result or an exception for each job, in order
Results = dict[str, list[Any]]


@dataclass(slots=True, kw_only=True)
class Transactions:
    """The transactions of one process on one file."""

    db: apsw.Connection
    presence: Presence
    #: letters that one sender may have within an hour
    most_letters: int
    #: by want: before this time nothing can be due on disk
    quiet_until: dict[str | None, float] = field(default_factory=dict)
    #: the last transaction left work for which nobody waits here
    left: bool = False
    #: when we last looked who else is here
    looked: float = 0.0
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
        return alone and now - self.looked < GLANCE_S and all(self.quiet_until.get(want.channel, 0) > now for want in jobs.wants)

    def _look(self, now: float) -> None:
        """Once in a while: who else is here, and what did the dead leave."""
        if now - self.looked >= GLANCE_S:
            self.looked = now
            for owner in self.presence.look():
                cases.bury(self.db, owner, now)
                self.buried.append(owner)
                self.quiet_until.clear()

    def _shrink(self) -> None:
        """Give the disk back what the log has of it: on a small disk the log itself may be what fills it."""
        with suppress(apsw.Error):
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _rest(self, jobs: Jobs) -> None:
        """After trouble, whoever waits for work looks again a little later, not at once and for ever."""
        self.quiet_until.clear()
        for want in jobs.wants:
            self.quiet_until[want.channel] = time.time() + REST_S

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
        self.wants = {want.channel: want for want in jobs.wants}
        #: by want: what is handed over without having waited
        self.claimed: dict[str | None, list[Any]] = {}

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
        results["wants"] = [self.claimed.get(want.channel) or self._claim(want) for want in jobs.wants]
        desk.add(self.db, self.counts)
        return results

    def _lease(self, want: Want | None) -> Lease:
        return Lease(self.of.presence.owner, self.now, self.now + (want.lease_s if want else 0))

    def _room(self, queue: str | None) -> int:
        """How many new things somebody waits for: none while older ones may be due, for those go first."""
        want = self.wants.get(queue)
        return want.limit if want and self.of.quiet_until.get(queue, 0) > self.now else 0

    def _due(self, queue: str | None, due: float) -> None:
        self.of.quiet_until[queue] = min(self.of.quiet_until.get(queue, 0), due)
        if due <= self.now and queue not in self.wants:
            self.of.left = True

    def _hold(self, part: NewPart) -> Accepted:
        accepted, due = parts.hold(self.db, part, self.now, self.counts)
        if due is not None:
            self._due(None, due)
        return accepted

    def _put(self) -> list[Accepted]:
        room = self._room(None)
        answers, claimed = arrivals.put(self.db, self.jobs.puts, self._lease(self.wants.get(None)), room, self.counts)
        self.claimed[None] = claimed
        if sum(not answer.duplicate for answer in answers) > len(claimed):
            self._due(None, self.now)
        return answers

    def _advance(self, move: NewMove) -> list[Accepted]:
        answers, _ = arrivals.put(self.db, move.news, self._lease(None), 0, self.counts) if move.news else ([], [])
        if not all(answer.duplicate for answer in answers):
            self._due(None, self.now)
        answers += [self._hold(part) for part in move.parts]
        notes.write(self.db, move.channel, move.notes)
        return answers

    def _settle(self) -> list[bool]:
        fine = cases.settle(self.db, self.jobs.settled, self.counts)
        written: list[Letter] = []
        for settlement, ours in zip(self.jobs.settled, fine, strict=True):
            if ours:
                written += settlement.letters
                # A late part may have sent a finished case round again, at once.
                self._due(None, self.now if settlement.claim.case.parts else settlement.due.timestamp() if settlement.due else math.inf)
        self.write(written)
        return fine

    def write(self, written: Sequence[Letter]) -> None:
        if not written:
            return
        channels = {letter.channel for letter in written}
        room = {channel: self._room(channel) for channel in channels}
        for channel in channels:
            lease = self._lease(self.wants.get(channel))
            mine = [letter for letter in written if letter.channel == channel]
            claimed, queued = letters.write(self.db, mine, lease, (room[channel], self.of.most_letters), self.counts)
            self.claimed[channel] = claimed
            if queued:
                self._due(channel, self.now)

    def _kin(self) -> list[Sequence[Found]]:
        found = iter(kin.find(self.db, [search for searches in self.jobs.kin for search in searches], self.now))
        return [list(islice(found, len(searches))) for searches in self.jobs.kin]

    def _sent(self) -> list[bool]:
        for settlement in self.jobs.sent:
            if settlement.due:
                self._due(settlement.claim.letter.channel, settlement.due.timestamp())
        return letters.settle(self.db, self.jobs.sent, self.counts)

    def _claim(self, want: Want) -> list[Any]:
        if self.of.quiet_until.get(want.channel, 0) > self.now:
            return []
        lease = self._lease(want)
        if want.channel is None:
            found: list[Any] = cases.claim(self.db, want.limit, lease, self.counts)
            due = None if len(found) == want.limit else cases.next_due(self.db)
        else:
            found = letters.claim(self.db, want.channel, want.limit, lease)
            due = None if len(found) == want.limit else letters.next_due(self.db, want.channel)
        self.of.quiet_until[want.channel] = self.now if len(found) == want.limit else min(due or math.inf, self.now + GLANCE_S)
        return found
