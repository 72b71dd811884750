"""Who is connected to an HTTP address, and how long they may say nothing.

In: the connections of an aiohttp server. Out: the end of those that are silent too long, or longest when there are too many. It never
ends one whose request is being answered: the answer has times of its own.

aiohttp waits for the first request for ever, and for the next one an hour. A thousand connections that never say anything take all the
files that a process may open by default, and no door of ours, not even that of another protocol, could be opened any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from aiohttp import web

#: seconds for a request to be made, from the connection or the last answer on
SILENT_S = 60.0
#: connections at once; whoever is answered is not disturbed by more
MOST = 500
#: how often somebody looks, in seconds
LOOK_S = 1.0


class Connection(Protocol):
    """One of aiohttp's."""

    def force_close(self) -> None:
        """What was said is still sent."""
        ...


class Callers:
    """Those of one address. It joins the application's middlewares as `answer`."""

    def __init__(self, *, silent_s: float = SILENT_S, most: int = MOST) -> None:
        """Nobody is there."""
        self._silent_s, self._most = silent_s, most
        self._silent_since: dict[Connection, float] = {}
        self._answered: set[Connection] = set()

    @web.middleware
    async def answer(self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
        """While it is answered, a connection is not silent."""
        connection = request.protocol
        self._answered.add(connection)
        try:
            return await handler(request)
        finally:
            self._answered.discard(connection)
            self._silent_since[connection] = asyncio.get_running_loop().time()

    def look(self, there: Iterable[Connection], now: float) -> None:
        """End what is too much. `now`: the loop's time."""
        connections = set(there)
        silent = {one: self._silent_since.get(one, now) for one in connections - self._answered}
        self._silent_since = silent
        longest_first = sorted(silent, key=lambda one: silent[one])
        for place, one in enumerate(longest_first):
            if place < len(connections) - self._most or now - silent[one] > self._silent_s:
                one.force_close()

    async def watch(self, there: Callable[[], Iterable[Connection]]) -> None:
        """For as long as the address is open."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_S)
            self.look(there(), loop.time())
