"""Who is connected by HTTP: silence ends, and a crowd of silent callers keeps nobody out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from gateway.callers import Callers


class Caller:
    """A connection that remembers its end."""

    def __init__(self) -> None:
        self.ended = False

    def force_close(self) -> None:
        self.ended = True


def test_whoever_says_nothing_for_too_long_is_left() -> None:
    callers, early, late = Callers(silent_s=60), Caller(), Caller()
    callers.look([early], 100.0)
    callers.look([early, late], 150.0)
    callers.look([early, late], 160.5)
    assert (early.ended, late.ended) == (True, False)


def test_of_too_many_those_go_that_were_silent_longest() -> None:
    callers, crowd = Callers(most=3), [Caller() for _ in range(5)]
    for number in range(1, 6):
        callers.look(crowd[:number], float(number))
    assert [caller.ended for caller in crowd] == [True, True, False, False, False]


@asynccontextmanager
async def served(callers: Callers, route: web.RouteDef) -> AsyncIterator[tuple[web.Server, int]]:
    """A server that these callers call, and its port."""
    app = web.Application(middlewares=[callers.answer])
    app.router.add_routes([route])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    place = web.TCPSite(runner, "127.0.0.1", 0)
    await place.start()
    assert runner.server is not None
    try:
        yield runner.server, place.port
    finally:
        await runner.cleanup()


async def test_whoever_is_answered_is_let_finish_and_may_ask_again() -> None:
    callers, go = Callers(silent_s=0.5), asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        await go.wait()
        return web.Response(text="done")

    async with served(callers, web.get("/", slow)) as (server, port):
        now = asyncio.get_running_loop().time()
        url = f"http://127.0.0.1:{port}/"
        async with aiohttp.ClientSession() as session:
            asking = asyncio.create_task(session.get(url))
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            async with asyncio.timeout(60):
                while len(server.connections) < 2:
                    await asyncio.sleep(0.01)
            for later in (1, 2):
                callers.look(server.connections, now + later)
            assert await asyncio.wait_for(reader.read(), 60) == b""
            writer.close()
            go.set()
            assert await (await asking).text() == "done"
            callers.look(server.connections, asyncio.get_running_loop().time())
            assert await (await session.get(url)).text() == "done"


async def test_of_far_too_many_requests_that_never_end_the_oldest_go_and_one_that_is_whole_is_answered() -> None:
    callers, go = Callers(silent_s=0.5, most=1, most_begun=4), asyncio.Event()

    async def take(request: web.Request) -> web.Response:
        await request.read()
        await go.wait()
        return web.Response(text="done")

    async with served(callers, web.post("/", take)) as (server, port):
        now = asyncio.get_running_loop().time()
        async with aiohttp.ClientSession() as session:
            asking = asyncio.create_task(session.post(f"http://127.0.0.1:{port}/", data=b"whole"))
            begun = []
            for n in range(1, 7):
                begun.append(await asyncio.open_connection("127.0.0.1", port))
                begun[-1][1].write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
                async with asyncio.timeout(60):
                    while len(server.connections) < min(n + 1, 5):
                        await asyncio.sleep(0.01)
                    await asyncio.sleep(0.05)
                callers.look(server.connections, now + n)
            # it and three of the six remain
            ended = [await asyncio.wait_for(reader.read(), 60) for reader, _ in begun[:2]]
            assert [words for words in ended if b"200 OK" in words] == []
            assert not begun[5][0].at_eof()
            go.set()
            assert await (await asking).text() == "done"
            for _, writer in begun:
                writer.close()
