"""An inbox that a test opens and shuts: what came through a door lies in lists, and its yes comes when the test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from channels.base import Accepted, Arrival, Part, Receipt


class Shelf:
    """Satisfies channels.base.Inbox. `problem` makes every put fail; `slow` makes it wait in `waiting`."""

    def __init__(self, *, slow: bool = False, latest: datetime | None = None) -> None:
        self.arrivals: list[Arrival] = []
        self.parts: list[Part] = []
        self.receipts: list[Receipt] = []
        self.waiting: list[asyncio.Future[Accepted]] = []
        self.slow, self.newest = slow, latest
        self.problem: Exception | None = None

    def accept(self, arrival: Arrival) -> asyncio.Future[Accepted]:
        self.arrivals.append(arrival)
        return self._promise()

    def hold(self, part: Part) -> asyncio.Future[Accepted]:
        self.parts.append(part)
        return self._promise()

    def note(self, receipt: Receipt) -> asyncio.Future[bool]:
        self.receipts.append(receipt)
        noted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        noted.set_result(True)
        return noted

    async def latest(self, channel: str) -> datetime | None:
        if self.problem:
            raise self.problem
        return self.newest

    def _promise(self) -> asyncio.Future[Accepted]:
        promise: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        if self.problem:
            promise.set_exception(self.problem)
        elif self.slow:
            self.waiting.append(promise)
        else:
            promise.set_result(Accepted(case_id="c", reference="r"))
        return promise


async def until(claim: Callable[[], object], within_s: float = 5.0) -> None:
    """Wait until the claim holds. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not claim():
            await asyncio.sleep(0.005)
