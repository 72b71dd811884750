"""An inbox that a test opens and shuts: what came through a door lies in lists, and its yes comes when the test says so."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from channels.base import Accepted, Arrival, Part, Receipt


class Shelf:
    """Satisfies channels.base.Inbox. `problem` makes every put fail; `slow` makes it wait in `waiting`."""

    def __init__(self, *, slow: bool = False, latest: datetime | None = None) -> None:
        self.arrivals: list[Arrival] = []
        self.parts: list[Part] = []
        self.receipts: list[Receipt] = []
        self.waiting: list[asyncio.Future[Accepted]] = []
        self.notes: dict[tuple[str, str], str] = {}
        self.forgotten: list[tuple[str, str]] = []
        self.slow, self.newest = slow, latest
        self.left_s = math.inf
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

    def advance(
        self, channel: str, notes: Mapping[str, str | None], arrivals: Sequence[Arrival] = (), parts: Sequence[Part] = ()
    ) -> asyncio.Future[Sequence[Accepted]]:
        """All or nothing, like the store; what was seen before is a duplicate and does not lie here twice."""
        moved: asyncio.Future[Sequence[Accepted]] = asyncio.get_running_loop().create_future()
        if self.problem:
            moved.set_exception(self.problem)
            return moved
        known = {arrival.source_id for arrival in self.arrivals}
        answers = [Accepted(case_id="c", reference="r", duplicate=each.source_id in known) for each in arrivals]
        answers += [Accepted(case_id="c", reference="r") for _ in parts]
        self.arrivals += [each for each in arrivals if each.source_id not in known]
        self.parts += parts
        for name, value in notes.items():
            self.notes.pop((channel, name), None)
            if value is not None:
                self.notes[channel, name] = value
        moved.set_result(answers)
        return moved

    async def recall(self, channel: str, name: str) -> str | None:
        if self.problem:
            raise self.problem
        return self.notes.get((channel, name))

    async def recalled(self, channel: str, prefix: str, limit: int) -> Mapping[str, str]:
        found = sorted((name, value) for (of, name), value in self.notes.items() if of == channel and name.startswith(prefix))
        return dict(found[:limit])

    def forget(self, channel: str, source_id: str, why: str, *, waiting: bool = True) -> asyncio.Future[bool]:
        forgotten: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if self.problem:
            forgotten.set_exception(self.problem)
        else:
            self.forgotten.append((source_id, why))
            forgotten.set_result(any(each.source_id == source_id for each in self.arrivals))
        return forgotten

    def _promise(self) -> asyncio.Future[Accepted]:
        promise: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        if self.problem:
            promise.set_exception(self.problem)
        elif self.slow:
            self.waiting.append(promise)
        else:
            promise.set_result(Accepted(case_id="c", reference="r"))
        return promise


async def until(claim: Callable[[], object], within_s: float = 60.0) -> None:
    """Wait until the claim holds. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not claim():
            await asyncio.sleep(0.005)
