"""The writer of a store: gathers jobs while a transaction is being flushed, and commits them in the next one.

In: jobs, and who waits for work. Out: futures that are done when the store has them. This side runs in the event loop and never touches
the disk; what a transaction is, the engine knows.

While a transaction is being flushed, what comes is gathered for the next one: under load a hundred messages share a flush, and a
single message waits for nobody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import chain
from typing import Any, Protocol

from channels.base import Receipt, Unavailable
from gateway.store.arrivals import New
from gateway.store.fencing import LeaseLost
from gateway.store.jobs import CAME, KINDS, Astray, Jobs, Queue, Results, Want
from gateway.store.parts import NewPart
from gateway.store.record import Claim, LetterClaim

#: settlements in one transaction: with their letters these take some 10 ms, for which a message at a door has to wait
MOST_SETTLED = 100
#: settlements, and likenesses to look up, that go along with a message from a door; when there are more, they wait for the next transaction
ALONG = 10
#: for how long the wish of another process to have the machine counts, in seconds
PRESSED_S = 1.0
#: when a store that could not take claims back is asked again, in seconds
AGAIN_S = 1.0


class Engine(Protocol):
    """What makes transactions of jobs."""

    async def run(self, jobs: Jobs) -> Results:
        """All of them; when it fails because of one of them, that one alone fails."""
        ...

    def quiet(self, want: Want) -> float:
        """Before this time nothing that is wanted can be due."""
        ...

    @property
    def nothing(self) -> object:
        """An act that does nothing but have everybody look for work."""
        ...

    def giving_back(self, mine: Sequence[Claim], others: Sequence[LetterClaim]) -> object:
        """An act that gives back claims which were not tried."""
        ...

    def press(self) -> None:
        """Ask the other processes of this machine to leave it to us for a moment."""
        ...


class Writer:
    """One for a store and a process."""

    def __init__(self, engine: Engine) -> None:
        """Nothing is written before it begins."""
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._jobs, self._futures = Jobs(), _futures()
        #: who waits for the transaction that is under way
        self._under_way = _futures()
        self._wants: dict[tuple[Queue, ...], tuple[Want, asyncio.Future[Any]]] = {}
        self._something = asyncio.Event()
        self._closing = self._put_off = False
        self._pressed_at = -PRESSED_S
        #: see `Store.otherwise`
        self.astray: Astray | None = None

    def add(self, kind: str, job: object) -> asyncio.Future[Any]:
        """A job for the next transaction, by the name of its list in `Jobs`."""
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

    def want(self, want: Want) -> asyncio.Future[Any]:
        """Wait for work; one at a time for the same queues."""
        if self._closing:
            return self._closed()
        future = self._loop.create_future()
        self._wants[want.queues] = (want, future)
        self._something.set()
        return future

    def begin(self) -> asyncio.Task[None]:
        """Commit batch after batch until closed. A fault of ours may end it earlier: it is raised, and whoever waits is told."""
        self.writing = self._loop.create_task(self._write_on())
        return self.writing

    async def _write_on(self) -> None:
        try:
            await self._commit_on()
        finally:
            self.close()
            wanting = [future for _, future in self._wants.values()]
            for future in (*wanting, *chain(*self._under_way.values()), *chain(*self._futures.values())):
                if not future.done():
                    future.set_exception(Unavailable("store_closed"))

    async def _commit_on(self) -> None:
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
            self._under_way = futures
            if jobs == Jobs():
                continue
            results = await self._engine.run(jobs)
            for kind in KINDS:
                for job, future, result in zip(getattr(jobs, kind), futures[kind], results[kind], strict=True):
                    if not (kind in CAME and isinstance(result, Unavailable) and self._taken(job, future, result)):
                        self._answer(kind, future, result)
            self._under_way = _futures()
            # Those who had to wait for this go on first: who takes work asks for more, and gets it in the next transaction.
            await asyncio.sleep(0)

    def _next(self) -> tuple[Jobs, dict[str, list[asyncio.Future[Any]]]]:
        """What the next transaction does: all that came, but of what workers bring no more than leaves the doors waiting for a moment; and
        none, when it is much and a message waits, which then is quicker. But not twice in a row: the doors may never be quiet."""
        jobs, futures = self._jobs, self._futures
        self._jobs, self._futures = Jobs(), _futures()
        brought, came = len(jobs.settled) + len(jobs.sent) + sum(map(len, jobs.kin)), jobs.puts or jobs.parts or jobs.moves
        self._put_off = brought > ALONG and bool(came) and not self._put_off
        most = 0 if self._put_off else MOST_SETTLED
        for kind in ("settled", "sent", "kin"):
            for now, later in ((getattr(jobs, kind), getattr(self._jobs, kind)), (futures[kind], self._futures[kind])):
                later.extend(now[most:])
                del now[most:]
            if self._futures[kind]:
                self._something.set()
        return jobs, futures

    def wake(self) -> None:
        """Somebody may find work before we thought so."""
        self._something.set()

    def look_again(self, *, pressed: bool = False) -> None:
        """Another process has left work, or wants the machine."""
        if pressed:
            self._pressed_at = time.monotonic()
        if not self._closing and any(not future.done() for _, future in self._wants.values()):
            self._jobs.acts.append(self._engine.nothing)
            self._futures["acts"].append(self._unasked())
            self._something.set()

    @property
    def pressed(self) -> bool:
        """See `Store.pressed`."""
        return time.monotonic() - self._pressed_at < PRESSED_S

    def press(self) -> None:
        """See `Store.press`."""
        self._engine.press()

    def _pause(self) -> float:
        """Seconds until somebody who waits for work may find some."""
        quiet = [self._engine.quiet(want) for want, future in self._wants.values() if not future.done()]
        return max(min(quiet, default=time.time() + 3600) - time.time(), 0)

    def _taken(self, job: New | NewPart | Receipt, future: asyncio.Future[Any], trouble: Unavailable) -> bool:
        return self.astray is not None and not future.done() and self.astray(job, future, trouble)

    def _answer(self, kind: str, future: asyncio.Future[Any], result: object) -> None:
        if kind == "wants" and not result:
            return
        if future.done():
            if kind == "wants" and isinstance(result, list):
                self.release(result)
        elif isinstance(result, Exception):
            # Whoever waits for work goes on waiting, unless he may not have it; the trouble is told to those whose word is at stake.
            if kind != "wants" or isinstance(result, LeaseLost):
                future.set_exception(result)
        else:
            future.set_result(result)

    def release(self, claims: Sequence[Claim] | Sequence[LetterClaim]) -> None:
        """See `Store.release`. A store that is away is asked again: each claim has its token, so a late word for it does no harm."""
        mine = [claim for claim in claims if isinstance(claim, Claim)]
        others = [claim for claim in claims if isinstance(claim, LetterClaim)]
        # also while closing: what nobody took must not wait for its lease to end
        self._jobs.acts.append(self._engine.giving_back(mine, others))
        self._futures["acts"].append(given := self._unasked())
        given.add_done_callback(lambda given: self._given(claims, given))
        self._something.set()

    def _given(self, claims: Sequence[Claim] | Sequence[LetterClaim], given: asyncio.Future[Any]) -> None:
        if not self._closing and not given.cancelled() and isinstance(given.exception(), Unavailable):
            self._loop.call_later(AGAIN_S, self._give_again, claims)

    def _give_again(self, claims: Sequence[Claim] | Sequence[LetterClaim]) -> None:
        if not self._closing:
            self.release(claims)

    def _unasked(self) -> asyncio.Future[Any]:
        """A job of ours, that nobody waits for: when it fails, nobody need be told."""
        future: asyncio.Future[Any] = self._loop.create_future()
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        return future

    def close(self) -> None:
        """Take no more; what was taken is committed."""
        self._closing = True
        self._something.set()


def _futures() -> dict[str, list[asyncio.Future[Any]]]:
    return {kind: [] for kind in KINDS}
