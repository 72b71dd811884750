"""A mail on its way in over one connection.

In: how it comes, and blocks of bytes. Out: a refusal or the promise of the inbox once it is whole, and the time by which more must come.
It never holds more than the house has room for: what is beyond is forgotten while it comes, and refused at its end (RFC 5321 §4.2.5).
"""

from __future__ import annotations

import asyncio

from channels.base import Accepted, Unavailable
from channels.email.data import NO_ROOM, TOO_BIG, Collector
from channels.email.fault import fault
from channels.email.house import House
from channels.email.journey import Trace

#: for the next bytes (RFC 5321 §4.5.3.2.8), and for all of them: a slow line that goes on sending has this long
BLOCK_S, MAIL_S = 180.0, 3600.0

_FULL = frozenset({"disk_nearly_full", "disk_full"})


class Loading:
    """`whole` when the end has come; `deadline` (loop time) is when the client has been too slow."""

    def __init__(self, house: House, loop: asyncio.AbstractEventLoop, trace: Trace) -> None:
        self._house, self._loop, self._trace, self._collector = house, loop, trace, Collector(house.max_bytes)
        self._held = 0
        self._until = loop.time() + MAIL_S
        self.deadline = loop.time() + BLOCK_S
        self.whole = self._no_room = False
        self._message = b""

    def take(self, block: bytes) -> bytes:
        """What came behind the end; nothing while the end has not come."""
        behind = self._collector.feed(block)
        if not self._hold(self._collector.size) and not self._collector.too_big:
            self._no_room = True
            self._collector.give_up()
            self._hold(self._collector.size)
        self.deadline = min(self._loop.time() + BLOCK_S, self._until)
        if behind is None:
            return b""
        self.whole = True
        return behind

    def refusal(self) -> str:
        """Why a whole mail cannot be kept; empty for nearly every one."""
        if self._no_room or self._collector.too_big:
            return NO_ROOM if self._no_room else TOO_BIG
        self._message = self._collector.message()
        refusal = fault(self._message)
        if refusal:
            self._house.counts["malformed"] += 1
        return refusal

    def keep(self) -> asyncio.Future[Accepted]:
        """Done when it is on disk, once nothing refuses it; fails with Unavailable."""
        message, self._message = self._message, b""
        return self._house.keep(self._trace, message)

    def answer(self, promise: asyncio.Future[Accepted]) -> str:
        """What the client is told of a promise that is done; nothing for a fault of ours. The memory is given back."""
        self.release()
        problem = Unavailable("closing") if promise.cancelled() else promise.exception()
        if problem is None:
            return f"250 2.0.0 queued as {promise.result().reference}"
        if not isinstance(problem, Unavailable):
            return ""
        self._house.counts["not_kept"] += 1
        return NO_ROOM if problem.code in _FULL else "451 4.3.0 cannot keep this mail now, please try again later"

    def release(self) -> None:
        """Give back the memory."""
        self._hold(0)

    def _hold(self, size: int) -> bool:
        fits = self._house.room(size - self._held)
        self._held = size
        return fits
