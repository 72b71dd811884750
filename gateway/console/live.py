"""The live part of a page: its inside again and again, as server-sent events.

In: what renders it. Out: an event whenever it is not what it was. One that is watched by nobody costs nothing, and whoever stops reading is
left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from aiohttp import web
from aiohttp_sse import sse_response

from gateway.console.page import Visit

#: seconds between two looks, and after which a browser asks again when it was cut off
LOOK_S: Final = 2.0
#: a stream ends after so many looks, and is asked for again
LOOKS: Final = 60


async def live(visit: Visit, render: Callable[[], Awaitable[str]]) -> web.StreamResponse:
    """Until the browser goes away, the officer is out, or two minutes are over."""
    shown = ""
    with suppress(ConnectionError):
        async with sse_response(visit.request) as stream:
            for _ in range(LOOKS):
                if not await visit.still():
                    break
                if (now := await render()) != shown:
                    shown = now
                    await stream.send(now, retry=round(LOOK_S * 1000))
                await asyncio.sleep(LOOK_S)
            return stream
    return web.Response()
