"""Who is connected to an HTTP address, and how long they may say nothing.

In: the connections of an aiohttp server. Out: the end of those that are silent too long, or longest when there are too many, and of those
whose request comes slowest when there are far too many. It never ends one whose whole request is here and is being answered: the answer has
times of its own.

aiohttp waits for the first request for ever, and for the next one an hour. A thousand connections that never say anything, or never
finish what they say, take all the files that a process may open by default, and no door of ours, not even that of another protocol, could
be opened any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from aiohttp import web

#: seconds for a request to be made, from the connection or the last answer on
SILENT_S = 60.0
#: connections at once, beyond which those that are silent go …
MOST = 500
#: … and beyond which those go that have begun a request and not ended it: on a slow line a photograph takes a minute
MOST_BEGUN = 2000
#: how often somebody looks, in seconds
LOOK_S = 1.0


class Connection(Protocol):
    """One of aiohttp's."""

    def force_close(self) -> None:
        """What was said is still sent."""
        ...


class Callers:
    """Those of one address. It joins the application's middlewares as `answer`."""

    def __init__(self, *, silent_s: float = SILENT_S, most: int = MOST, most_begun: int = MOST_BEGUN) -> None:
        """Nobody is there."""
        self._silent_s, self._most, self._most_begun = silent_s, most, most_begun
        self._silent_since: dict[Connection, float] = {}
        self._answered: dict[Connection, web.Request] = {}

    @web.middleware
    async def answer(self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
        """While it is answered, a connection is not silent."""
        connection = request.protocol
        self._answered[connection] = request
        try:
            return await handler(request)
        finally:
            self._answered.pop(connection, None)
            self._silent_since[connection] = asyncio.get_running_loop().time()

    def look(self, there: Iterable[Connection], now: float) -> None:
        """End what is too much. `now`: the loop's time."""
        connections = set(there)
        whole = {one for one, request in self._answered.items() if request.content.is_eof()}
        self._silent_since = since = {one: self._silent_since.get(one, now) for one in connections - whole}
        longest_first = sorted(since, key=lambda one: (one in self._answered, since[one]))
        for place, one in enumerate(longest_first):
            if one in self._answered:
                ends = place < len(connections) - self._most_begun
            else:
                ends = place < len(connections) - self._most or now - since[one] > self._silent_s
            if ends:
                one.force_close()

    async def watch(self, there: Callable[[], Iterable[Connection]]) -> None:
        """For as long as the address is open."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_S)
            self.look(there(), loop.time())
