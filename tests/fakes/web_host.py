"""The gateway's public address as a site sees it, on loopback: a shelf for what comes in, and a status that the test decides."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientSession, web

from channels.base import Progress
from channels.web.site import Settings, Site, channel
from tests.fakes.inbox import Shelf

CODE = "7K3Q-9FXM-2CH4"


class Reception:
    """Satisfies channels.base.Host. `told` by code; one that ends in `X` is mistyped, one with a `U` is none; `problem` fails them all."""

    def __init__(self, shelf: Shelf | None = None, base_url: str = "") -> None:
        self.inbox, self.base_url = shelf or Shelf(), base_url
        self.told: dict[str, Progress] = {}
        self.problem: Exception | None = None
        self.words = ("", "")

    def notice(self) -> tuple[str, str]:
        return self.words

    async def progress(self, reference: str) -> Progress | None:
        if self.problem:
            raise self.problem
        if reference.endswith("X"):
            raise ValueError("check")
        if "U" in reference:
            raise ValueError("shape")
        return self.told.get(reference)


class Door:
    """A site that is open: `url`, a browser-less `client`, and what lies behind it."""

    def __init__(self, url: str, client: ClientSession, site: Site, host: Reception) -> None:
        self.url, self.client, self.site, self.host = url, client, site, host

    @property
    def shelf(self) -> Shelf:
        return self.host.inbox


@asynccontextmanager
async def opened(host: Reception | None = None, client_address: str = "", **settings: Any) -> AsyncIterator[Door]:
    """Open it at a free port; `client_address` is whose every request seems to be."""
    host = host or Reception()
    site = channel("web", Settings(**settings))

    @web.middleware
    async def from_whom(request: web.Request, handler: Any) -> web.StreamResponse:
        answer: web.StreamResponse = await handler(request.clone(remote=client_address) if client_address else request)
        return answer

    app = web.Application(middlewares=[from_whom])
    app.add_routes(site.routes(host))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        place = web.TCPSite(runner, "127.0.0.1", 0)
        await place.start()
        async with ClientSession() as client:
            yield Door(f"http://127.0.0.1:{place.port}", client, site, host)
    finally:
        await runner.cleanup()


def registered(code: str = CODE, *, tracking_id: str = "10039939") -> Progress:
    """A complaint that came in the morning and was registered a minute later."""
    came, booked = datetime(2026, 11, 20, 1, 0, tzinfo=UTC), datetime(2026, 11, 20, 1, 1, tzinfo=UTC)
    return Progress(reference=code, state="registered", tracking_id=tracking_id, timeline=(("received", came), ("registered", booked)))


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by their names in lower case."""
    return {name.lower(): value for name, value in headers.items()}
