"""A house with a web door, for the tests of its pages: a host that knows its cases, served on loopback as the gateway serves it."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.test_utils import TestServer

from channels.base import Accepted, Arrival, Part, Progress, Receipt, State
from channels.web import guard, site
from channels.web.settings import Settings
from normalizer import reference
from tests.fakes.inbox import Shelf

KEY = b"a key for tests only"
NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)


class House:
    """Satisfies channels.base.Host and Inbox: what is accepted twice has one code. `problem` is raised instead of any answer."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.left_s = math.inf
        self.cases: dict[str, Progress] = {}
        self.calls = 0
        self.problem: Exception | None = None
        #: the next yes is given, but the caller hangs up before it hears it
        self.deaf = 0
        self.base_url = ""
        self.words = ("", "")

    @property
    def inbox(self) -> House:
        return self

    @property
    def arrivals(self) -> Sequence[Arrival]:
        """Each once."""
        return self.shelf.arrivals

    def accept(self, arrival: Arrival) -> asyncio.Future[Accepted]:
        self.calls += 1
        promise: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        if self.problem:
            promise.set_exception(self.problem)
            return promise
        code = reference.write(reference.mint(KEY, arrival.channel, arrival.source_id))
        known = code in self.cases
        if not known:
            self.shelf.arrivals.append(arrival)
            self.know(code, "received")
        promise.set_result(Accepted(case_id="c", reference=code, duplicate=known))
        return promise

    def know(self, code: str, *states: State, tracking_id: str = "") -> str:
        """A case that has come so far."""
        timeline = tuple((state, NOON.replace(hour=5 + hour)) for hour, state in enumerate(states))
        self.cases[code] = Progress(reference=code, state=states[-1], tracking_id=tracking_id, timeline=timeline)
        return code

    def notice(self) -> tuple[str, str]:
        return self.words

    async def progress(self, written: str) -> Progress | None:
        if self.problem:
            raise self.problem
        number = written.strip().removeprefix("#")
        if number.isdigit():
            return next((found for found in self.cases.values() if found.tracking_id == number), None)
        try:
            return self.cases.get(reference.read(written))
        except reference.BadReference as bad:
            raise ValueError(bad.kind) from bad

    def hold(self, part: Part) -> asyncio.Future[Accepted]:
        return self.shelf.hold(part)

    def note(self, receipt: Receipt) -> asyncio.Future[bool]:
        return self.shelf.note(receipt)

    async def latest(self, channel: str) -> datetime | None:
        return await self.shelf.latest(channel)

    def advance(
        self, channel: str, notes: Mapping[str, str | None], arrivals: Sequence[Arrival] = (), parts: Sequence[Part] = ()
    ) -> asyncio.Future[Sequence[Accepted]]:
        return self.shelf.advance(channel, notes, arrivals, parts)

    async def recall(self, channel: str, name: str) -> str | None:
        return await self.shelf.recall(channel, name)

    async def recalled(self, channel: str, prefix: str, limit: int) -> Mapping[str, str]:
        return await self.shelf.recalled(channel, prefix, limit)

    def forget(self, channel: str, source_id: str, why: str, *, waiting: bool = True) -> asyncio.Future[bool]:
        return self.shelf.forget(channel, source_id, why, waiting=waiting)


def code(name: str) -> str:
    """A code that is written right."""
    return reference.write(reference.mint(KEY, "site", name))


@asynccontextmanager
async def opened(house: House, settings: Settings | None = None, port: int = 0) -> AsyncIterator[TestServer]:
    """The whole site."""

    @web.middleware
    async def hang_up(request: web.Request, handler: guard.Answering) -> web.StreamResponse:
        response = await handler(request)
        if house.deaf and request.method == "POST":
            house.deaf -= 1
            if request.transport:
                request.transport.abort()
        return response

    app = web.Application(middlewares=[hang_up])
    app.router.add_routes(site.channel("site", settings or Settings()).routes(house))
    server = TestServer(app, port=port)
    await server.start_server()
    try:
        yield server
    finally:
        with contextlib.suppress(ConnectionError):
            await server.close()
