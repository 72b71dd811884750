"""The operators' address: is it alive, can it take messages, and the numbers.

In: GET /healthz, /readyz, /metrics. Out: words, JSON, Prometheus' text. These change nothing, and tell no text, number or reference.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web
from aiohttp.typedefs import Middleware

from gateway.callers import Callers
from gateway.health import Health
from gateway.journal import Journal, whereabouts

METRICS = "text/plain; version=0.0.4; charset=utf-8"


class CannotListen(Exception):
    """An address is not to be had: the sentence names it."""


@asynccontextmanager
async def serving(
    address: tuple[str, int], health: Health, journal: Journal, *, which: str = "operators", more: Sequence[web.AbstractRouteDef] = ()
) -> AsyncIterator[int]:
    """Serve the operators' address, and what `more` there is; gives the port that was bound. `which` as in `listening`. Raises
    CannotListen."""
    app = web.Application(middlewares=[guarded(journal)])
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz(health))
    app.router.add_get("/metrics", _metrics(health))
    app.router.add_routes(more)
    async with listening(app, *address, which) as bound:
        yield bound


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int, which: str, *, shared: bool = False) -> AsyncIterator[int]:
    """Serve an application; gives the port that was bound. `which` is the key of [http] that says where; `shared`: other processes of this
    gateway listen there too, and the kernel deals out who calls. Raises CannotListen."""
    callers = Callers()
    app.middlewares.insert(0, callers.answer)
    runner = web.AppRunner(app, shutdown_timeout=5, access_log=None)
    await runner.setup()
    watch = asyncio.create_task(callers.watch(lambda: runner.server.connections if runner.server else ()))
    try:
        site = web.TCPSite(runner, host, port, reuse_port=shared)
        try:
            await site.start()
        except OSError as error:
            other = f"; LAPOR__HTTP__{which.upper()}=HOST:PORT gives this process another" if error.errno == errno.EADDRINUSE else ""
            raise CannotListen(f"[http] {which}: cannot listen at {host}:{port}: {os.strerror(error.errno or 0)}{other}") from error
        yield site.port
    finally:
        watch.cancel()
        await runner.cleanup()


Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guarded(journal: Journal) -> Middleware:
    """A fault of ours in one answer is that answer's fault, and says no more than its kind; the journal says where it is."""

    @web.middleware
    async def answer(request: web.Request, handler: Answering) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception as error:  # `http.handle` of design §2: a fault in one page is that page's answer
            journal.trouble("answer_fell", words=whereabouts())
            return web.json_response({"title": type(error).__name__, "status": 500}, status=500, content_type="application/problem+json")

    return answer


async def _healthz(_request: web.Request) -> web.Response:
    return web.Response(text="alive\n")


def _readyz(health: Health) -> Answering:
    async def answer(_request: web.Request) -> web.Response:
        state = await health.state()
        return web.Response(body=msgspec.json.encode(state), status=200 if state.ready else 503, content_type="application/json")

    return answer


def _metrics(health: Health) -> Answering:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=await health.metrics(), headers={"Content-Type": METRICS})

    return answer
