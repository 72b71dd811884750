"""A store that can be out of reach: the real one, behind a wire that a test cuts.

In: a store. Out: the same, or `Unavailable` while the wire is cut. It keeps nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

from channels.base import Accepted, Arrival, Part, Receipt, Unavailable
from gateway.store.arrivals import New
from gateway.store.base import Store
from gateway.store.jobs import Astray
from gateway.store.parts import NewPart
from gateway.store.record import Life, Move, Numbers

Do = Callable[[], asyncio.Future[Any]]


class Fickle:
    """What the doors and the spool ask of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        #: what it says instead of doing it
        self.code = ""
        #: source ids that it does not take, whatever they are in
        self.loathes: set[str] = set()
        #: commits until the wire is cut by itself; each is done, and its answer lost
        self.left: int | None = None

    @property
    def store(self) -> Store:
        """As whoever asks for a store wants it; what is not asked here is not there."""
        return cast(Store, self)

    def otherwise(self, astray: Astray) -> None:
        self._astray = astray

    def put(self, arrival: Arrival, numbers: Numbers) -> asyncio.Future[Accepted]:
        return self._came(New(arrival, 0, numbers), [arrival], lambda: self._store.put(arrival, numbers))

    def hold(self, part: Part, numbers: Numbers) -> asyncio.Future[Accepted]:
        return self._came(NewPart(part, 0, numbers), [], lambda: self._store.hold(part, numbers))

    def note(self, receipt: Receipt) -> asyncio.Future[bool]:
        return self._came(receipt, [], lambda: self._store.note(receipt))

    def _came(
        self, job: New | NewPart | Receipt, arrivals: Sequence[Arrival], do: Callable[[], asyncio.Future[Any]]
    ) -> asyncio.Future[Any]:
        asked = self._asked(arrivals, do)
        if asked.done() and isinstance(trouble := asked.exception(), Unavailable):
            answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            if not self._astray(job, answer, trouble):
                answer.set_exception(trouble)
            return answer
        return asked

    def advance(self, move: Move) -> asyncio.Future[Sequence[Accepted]]:
        return self._asked([arrival for arrival, _ in move.arrivals], lambda: self._store.advance(move))

    async def recall(self, channel: str, name: str) -> str | None:
        if self.code:
            raise Unavailable(self.code)
        return await self._store.recall(channel, name)

    async def life(self, code: str) -> Life | None:
        if self.code:
            raise Unavailable(self.code)
        return await self._store.life(code)

    async def latest(self, channel: str) -> datetime | None:
        if self.code:
            raise Unavailable(self.code)
        return await self._store.latest(channel)

    def _asked(self, arrivals: Sequence[Arrival], do: Do) -> asyncio.Future[Any]:
        if self.code or any(each.source_id in self.loathes for each in arrivals):
            return failed(self.code or "store_failed")
        if self.left is None:
            return do()
        self.left -= 1
        if self.left < 0:
            self.code = "store_unreachable"
            return failed(self.code)
        if self.left == 0:
            do()
            self.code = "store_unreachable"
            return failed(self.code)
        return do()


def failed(code: str) -> asyncio.Future[Any]:
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.set_exception(Unavailable(code))
    return future
