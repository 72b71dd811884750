"""The first page: how every channel is, now.

In: what the gateway knows of itself. Out: a page, and its live part.
"""

from __future__ import annotations

from aiohttp import web

from gateway.console.live import live
from gateway.console.page import Page, Visit
from gateway.health import Health


def pages(health: Health) -> list[Page]:
    """The overview, and what keeps it fresh."""

    async def channels() -> list[tuple[str, bool]]:
        return [(name, channel.up) for name, channel in (await health.state()).channels.items()]

    async def overview(visit: Visit) -> web.StreamResponse:
        return visit.shown("overview.html", channels=await channels())

    async def inside(visit: Visit) -> web.StreamResponse:
        async def render() -> str:
            return visit.piece("overview_live.html", channels=await channels())

        return await live(visit, render)

    return [
        Page(method="GET", path="/", role="viewer", answer=overview),
        Page(method="GET", path="/live/overview", role="viewer", answer=inside),
    ]
