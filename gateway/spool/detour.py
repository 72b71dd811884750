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
from functools import partial
from typing import Any, Final, Protocol, TypeVar

import msgspec

from channels.base import Accepted, Arrival, Part, Receipt, Unavailable
from gateway.journal import Journal
from gateway.spool.recent import Recent
from gateway.spool.record import Message, Notice, Piece, Spooled, written
from gateway.spool.writer import Writer
from gateway.store.base import Store
from gateway.store.record import Numbers
from normalizer.reference import write

R = TypeVar("R")

#: what a store says that cannot be reached …
AWAY: Final = frozenset({"store_unreachable", "store_busy"})
#: … and one that may be in trouble with everything, or with this message alone
DOUBTFUL: Final = "store_failed"


class Roomy(Protocol):
    """Whoever knows whether the disk of the spool has room."""

    def enough(self) -> bool: ...


class Waiting(Protocol):
    """Where it is counted what waits, by channel, and the store is asked whether it is back."""

    def came(self, channel: str) -> None: ...

    async def answers(self) -> bool: ...


class Detour:
    """The way round the store."""

    def __init__(self, store: Store, writer: Writer, waiting: Waiting, *, room: Roomy, journal: Journal) -> None:
        """The store is thought to be there until it says otherwise."""
        self._store, self._writer, self._waiting, self._room, self._journal = store, writer, waiting, room, journal
        self._loop = asyncio.get_running_loop()
        self._recent, self._latest = Recent(), dict[str, datetime]()
        self._asking: asyncio.Task[bool] | None = None
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

    def take(self, what: Arrival | Part, numbers: Numbers, direct: Callable[[], asyncio.Future[Accepted]]) -> asyncio.Future[Accepted]:
        """Keep it, whichever way; `direct` is the one into the store."""
        if self.why or (self.behind and self._recent.follows(what)):
            return self._keep(what, numbers)
        return self._either(direct, lambda: self._keep(what, numbers))

    def note(self, receipt: Receipt) -> asyncio.Future[bool]:
        """The same for what an operator says of a letter. False: whether it met its letter is not known yet."""
        if self.why:
            return self._noted(receipt)
        return self._either(lambda: self._store.note(receipt), lambda: self._noted(receipt))

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
        """Ask the store whether it is there. One question at a time, whoever asks."""
        if self._asking is None or self._asking.done():
            self._asking = self._loop.create_task(self._waiting.answers())
        return await asyncio.shield(self._asking)

    def remember(self, spooled: Message | Piece) -> None:
        """It was left by another process, and lies in the spool from before our time."""
        answer: asyncio.Future[Accepted] = self._loop.create_future()
        answer.set_result(Accepted(case_id="", reference=write(spooled.told)))
        if not self._recent.before(spooled.what):
            self._recent.note(spooled.what, spooled.told, answer)
        self.behind = True

    def gone(self, code: str) -> None:
        """It is away."""
        if not self.why:
            self.why, self.behind = code, True
            self.lost.set()
            self._journal.alarm("store_away", why=code)

    def back(self) -> None:
        """It is there again."""
        self.why = ""
        self.lost.clear()
        self._journal.state("store_back")

    def _either(self, direct: Callable[[], asyncio.Future[R]], aside: Callable[[], asyncio.Future[R]]) -> asyncio.Future[R]:
        future: asyncio.Future[R] = self._loop.create_future()
        direct().add_done_callback(partial(self._came, future, aside))
        return future

    def _came(self, future: asyncio.Future[R], aside: Callable[[], asyncio.Future[R]], direct: asyncio.Future[R]) -> None:
        error = direct.exception()
        if future.done():
            return
        if error is None:
            future.set_result(direct.result())
        elif isinstance(error, Unavailable) and error.code in AWAY:
            self.gone(error.code)
            _follow(future, aside())
        elif isinstance(error, Unavailable) and error.code == DOUBTFUL:
            asked = self._loop.create_task(self.look())
            asked.add_done_callback(partial(self._judged, future, error, aside))
        else:
            future.set_exception(error)

    def _judged(
        self, future: asyncio.Future[R], error: Unavailable, aside: Callable[[], asyncio.Future[R]], asked: asyncio.Task[bool]
    ) -> None:
        """A store that takes other things will not have this one: so its door hears."""
        if future.done():
            return
        if asked.cancelled() or asked.result():
            future.set_exception(error)
        else:
            self.gone(error.code)
            _follow(future, aside())

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

        self._writer.keep(written(spooled)).add_done_callback(on_disk)
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
