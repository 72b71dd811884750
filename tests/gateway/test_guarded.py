"""What a caller does to an answer is no fault of ours, and what we do to it is."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.http import guarded
from gateway.journal import Journal, Lines

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def hung_up(request: web.Request) -> web.StreamResponse:
    """Whoever listened is gone in the middle of it, and the connection is just being closed."""
    stream = web.StreamResponse()
    await stream.prepare(request)
    assert request.transport is not None
    request.transport.close()
    await stream.write(b"more")
    return stream


async def broken(_: web.Request) -> web.StreamResponse:
    """Somebody whom we asked ourselves hangs up."""
    raise ConnectionResetError


@pytest.mark.parametrize(("handler", "told"), [(hung_up, False), (broken, True)])
async def test_who_hangs_up_in_the_middle_of_an_answer_is_not_in_the_journal(handler: Handler, told: bool) -> None:
    log = io.BytesIO()
    lines = Lines(log)
    app = web.Application(middlewares=[guarded(Journal(lines))])
    app.router.add_get("/", handler)
    async with TestServer(app) as server, aiohttp.ClientSession() as caller:
        with contextlib.suppress(aiohttp.ClientError):
            async with caller.get(server.make_url("/")) as answer:
                await answer.read()
    lines.flush()
    assert (b"answer_fell" in log.getvalue()) is told
