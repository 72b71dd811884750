"""A mail on its way in over one connection.

In: blocks of bytes. Out: a future that is done when the mail is whole, and the time by which more must come. It never holds more than
the house has room for: what is beyond is forgotten while it comes, and refused at its end (RFC 5321 §4.2.5).
"""

from __future__ import annotations

import asyncio

from channels.email.data import Collector
from channels.email.house import House

#: for the next bytes (RFC 5321 §4.5.3.2.8), and for all of them: a slow line that goes on sending has this long
BLOCK_S, MAIL_S = 180.0, 3600.0


class Loading:
    """`whole` is done when the end has come; `deadline` (loop time) is when the client has been too slow."""

    def __init__(self, house: House, loop: asyncio.AbstractEventLoop) -> None:
        self._house, self._loop, self._collector = house, loop, Collector(house.max_bytes)
        self._held = 0
        self._until = loop.time() + MAIL_S
        self.deadline = loop.time() + BLOCK_S
        self.whole: asyncio.Future[None] = loop.create_future()
        self.no_room = False

    @property
    def too_big(self) -> bool:
        return self._collector.too_big

    def take(self, block: bytes) -> bytes:
        """What came behind the end; nothing while the end has not come."""
        behind = self._collector.feed(block)
        if not self._hold(self._collector.size) and not self.too_big:
            self.no_room = True
            self._collector.give_up()
            self._hold(self._collector.size)
        self.deadline = min(self._loop.time() + BLOCK_S, self._until)
        if behind is None:
            return b""
        if not self.whole.done():
            self.whole.set_result(None)
        return behind

    def message(self) -> bytes:
        """The mail, once it is whole; what it was made of is forgotten."""
        return self._collector.message()

    def release(self) -> None:
        """Give back the memory."""
        self._hold(0)

    def _hold(self, size: int) -> bool:
        fits = self._house.room(size - self._held)
        self._held = size
        return fits
