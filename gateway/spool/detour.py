"""Which way a message takes: into the store, or round it while that cannot be reached.

In: what the doors bring, and how the store answers. Out: a yes from the one or the other. It keeps nothing itself, and reads no message.

The first message that meets a store which has gone waits as long as the store takes to say so; from then on the store is asked once a
second whether it is back, and nobody waits. When it is back, what comes goes straight into it again, and what lies in the spool follows
in its order: cases are worked off by when they came, so nobody loses his place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

import msgspec

from channels.base import Accepted, Arrival, Part, Receipt, Unavailable
from gateway.journal import Journal
from gateway.spool.recent import Recent
from gateway.spool.record import Message, Notice, Piece, Spooled, written
from gateway.spool.writer import Writer
from gateway.store.arrivals import New
from gateway.store.base import Store
from gateway.store.parts import NewPart
from gateway.store.record import Numbers
from gateway.work import Bug, once
from normalizer.reference import number, write

R = TypeVar("R")

#: what a store says that cannot be reached, or on another machine has no room …
AWAY: Final = frozenset({"store_unreachable", "store_unfit", "store_busy", "store_full", "store_not_replicated"})
#: … and one that may be in trouble with everything, or with this message alone
DOUBTFUL: Final = "store_failed"


class Roomy(Protocol):
    """Whoever knows whether the disk of the spool has room."""

    def enough(self) -> bool: ...


class Waiting(Protocol):
    """Where it is counted what waits, by channel, and the store is asked whether it is back."""

    def came(self, channel: str) -> None: ...

    def carries(self, job: object) -> bool:
        """It is on its way from here to the store: it is here already."""
        ...

    async def trouble(self) -> str: ...


class Detour:
    """The way round the store."""

    def __init__(self, store: Store, writer: Writer, waiting: Waiting, *, room: Roomy, journal: Journal) -> None:
        """The store is thought to be there until it says otherwise."""
        self._store, self._writer, self._waiting, self._room, self._journal = store, writer, waiting, room, journal
        store.otherwise(self.astray)
        self._loop = asyncio.get_running_loop()
        self._recent, self._latest = Recent(), dict[str, datetime]()
        self._asking: asyncio.Task[str] | None = None
        #: what the store said when it was found to be away; empty while it is there
        self.why = ""
        #: something may lie in the spool that the store does not know of
        self.behind = False
        #: set when the store is found to be away
        self.lost = asyncio.Event()

    @property
    def able(self) -> bool:
        """The spool has room for more."""
        return self._room.enough()

    def instead(self, what: Arrival | Part, numbers: Numbers) -> asyncio.Future[Accepted] | None:
        """Keep it here, if that is its way; None: the store is to have it."""
        if self.why or (self.behind and self._recent.follows(what)):
            return self._keep(what, numbers)
        return None

    def note(self, receipt: Receipt) -> asyncio.Future[bool]:
        """Keep what an operator says of a letter. False: whether it met its letter is not known yet."""
        return self._noted(receipt) if self.why else self._store.note(receipt)

    def astray(self, job: New | NewPart | Receipt, future: asyncio.Future[Any], trouble: Unavailable) -> bool:
        """The store will not have it: what that means, and what becomes of it then (`Store.otherwise`)."""
        if self._waiting.carries(job):
            return False
        if trouble.code in AWAY:
            self.gone(trouble.code)
            _follow(future, self._aside(job))
        elif trouble.code == DOUBTFUL:
            asked = self._loop.create_task(self.look())
            asked.add_done_callback(lambda asked: self._judged(job, future, trouble, there=asked.cancelled() or asked.result()))
        else:
            return False
        return True

    def since(self, reference: str) -> datetime | None:
        """When that came which was told this reference and may not be in the store yet."""
        return self._recent.told(number(reference)) if self.behind else None

    async def latest(self, channel: str) -> datetime | None:
        """When the newest arrival of a channel came, as far as anybody who can be reached knows."""
        ours = self._latest.get(channel)
        if self.why:
            return ours
        try:
            stored = await self._store.latest(channel)
        except Unavailable:
            return ours
        return max(filter(None, (ours, stored)), default=None)

    async def look(self) -> bool:
        """Ask the store whether it is there; when it is not, it is gone. One question at a time, whoever asks."""
        if self._asking is None or self._asking.done():
            self._asking = self._loop.create_task(self._waiting.trouble())
        trouble = await asyncio.shield(self._asking)
        if trouble:
            self.gone(trouble)
        return not trouble

    def remember(self, spooled: Message | Piece) -> None:
        """It was left by another process, and lies in the spool from before our time."""
        answer: asyncio.Future[Accepted] = self._loop.create_future()
        answer.set_result(Accepted(case_id="", reference=write(spooled.told)))
        if not self._recent.before(spooled.what):
            self._recent.note(spooled.what, spooled.told, answer)
        self.behind = True

    def gone(self, code: str) -> None:
        """It is away, or for another reason than before."""
        if code != self.why:
            self.why, self.behind = code, True
            self.lost.set()
            self._journal.alarm("store_away", why=code)

    def back(self) -> None:
        """It is there again."""
        self.why = ""
        self.lost.clear()
        self._journal.state("store_back")

    def _judged(self, job: New | NewPart | Receipt, future: asyncio.Future[Any], trouble: Unavailable, *, there: bool) -> None:
        """A store that takes other things will not have this one: so its door hears."""
        if there and not future.done():
            future.set_exception(trouble)
        elif not there:
            _follow(future, self._aside(job))

    def _aside(self, job: New | NewPart | Receipt) -> asyncio.Future[Any]:
        if isinstance(job, Receipt):
            return self._noted(job)
        return self._keep(job.arrival if isinstance(job, New) else job.part, job.numbers)

    def _keep(self, what: Arrival | Part, numbers: Numbers) -> asyncio.Future[Accepted]:
        kept = self._recent.before(what)
        if kept and isinstance(what, Arrival):
            return self._again(kept.answer)
        told = kept.told if kept else numbers(0)
        spooled = Message(what=what, told=told) if isinstance(what, Arrival) else Piece(what=what, told=told)
        answer = self._written(spooled, Accepted(case_id="", reference=write(told)))
        if not kept:
            self._recent.note(what, told, answer)
        self._latest[what.channel] = what.received_at
        return answer

    def _noted(self, receipt: Receipt) -> asyncio.Future[bool]:
        return self._written(Notice(what=receipt), False)

    def _written(self, spooled: Spooled, answer: R) -> asyncio.Future[R]:
        future: asyncio.Future[R] = self._loop.create_future()
        if not self._room.enough():
            future.set_exception(Unavailable("disk_nearly_full"))
            return future

        def on_disk(flushed: asyncio.Future[None]) -> None:
            error = flushed.exception()
            if error is None:
                self._waiting.came(spooled.what.channel)
            if future.done():
                return
            if error is None:
                future.set_result(answer)
            else:
                future.set_exception(error)

        body = once(lambda: written(spooled))
        if isinstance(body, Bug):
            # half a character in an identity: the store would not have it either
            future.set_exception(Unavailable("spool_failed"))
            return future
        self._writer.keep(body).add_done_callback(on_disk)
        return future

    def _again(self, first: asyncio.Future[Accepted]) -> asyncio.Future[Accepted]:
        """What the first one hears, once it does."""
        future: asyncio.Future[Accepted] = self._loop.create_future()
        _follow(future, first, lambda accepted: msgspec.structs.replace(accepted, duplicate=True))
        return future


def _follow(future: asyncio.Future[Any], way: asyncio.Future[Any], change: Callable[[Any], Any] = lambda answer: answer) -> None:
    """What becomes of `way` becomes of the future."""

    def done(way: asyncio.Future[Any]) -> None:
        error = None if way.cancelled() else way.exception()
        if future.done():
            return
        if way.cancelled():
            future.cancel()
        elif error is not None:
            future.set_exception(error)
        else:
            future.set_result(change(way.result()))

    way.add_done_callback(done)
