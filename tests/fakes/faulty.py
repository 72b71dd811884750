"""A server on loopback whose calls meet faults by name; the fakes of ledgers stand on it.

In: routes, and what becomes of the next calls. Out: HTTP, or a fault instead of it. It knows of no ledger; what the work of a call is, the
fake says.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

Results = list[dict[str, Any]]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one call instead of the plain thing."""

    #: which calls it waits for; others pass by it
    methods: tuple[str, ...] = ("POST",)
    #: does the work all the same
    commits: bool = False
    #: closes the connection instead of an answer
    drops: bool = False
    #: keeps the connection open and never answers
    holds: bool = False
    delay_s: float = 0.0
    #: does the work after the delay, though nobody may wait for the answer any more
    late: bool = False
    #: answers this instead; 0 for what the work gives
    status: int = 0
    media_type: str = "application/problem+json"
    headers: dict[str, str] = {}
    body: bytes = b'{"title": "as the script says"}'
    #: what becomes of the results of the work, alone or in a batch
    bend: Callable[[Results], object] | None = None

    @property
    def works(self) -> bool:
        """True when the work is done."""
        return self.commits or not (self.status or self.drops or self.holds)


def status(code: int, **headers: str) -> Fault:
    """An answer without the work."""
    return Fault(status=code, headers={name.replace("_", "-"): value for name, value in headers.items()})


#: of every ledger behind HTTP
FAULTS: Mapping[str, Fault] = {
    **{str(code): status(code) for code in (302, 400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 500, 501, 502, 503, 504)},
    "429_seconds": status(429, Retry_After="7"),
    "503_seconds": status(503, Retry_After="7"),
    "503_date": status(503, Retry_After=format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)),
    "503_nonsense": status(503, Retry_After="soon"),
    "503_never": status(503, Retry_After=f"Mon, 01 Jan {'9' * 20} 10:00:00 GMT"),
    "redirect": status(307, Location="/elsewhere"),
    "html": Fault(status=200, media_type="text/html", body=b"<h1>Sedang dalam pemeliharaan</h1>"),
    "html_404": Fault(methods=("GET", "POST"), status=404, media_type="text/html", body=b"<h1>Not Found</h1>"),
    "commit_then_html": Fault(status=200, commits=True, media_type="text/html", body=b"<h1>ok</h1>"),
    "commit_then_500": Fault(status=500, commits=True),
    "drop": Fault(drops=True),
    "commit_then_drop": Fault(commits=True, drops=True),
    "hold": Fault(holds=True),
    "commit_then_hold": Fault(commits=True, holds=True),
    "drop_look_up": Fault(methods=("GET",), drops=True),
    "down_for_look_up": Fault(methods=("GET",), status=503),
    "html_look_up": Fault(methods=("GET",), status=200, media_type="text/html", body=b"<h1>Masuk</h1>"),
    "html_404_look_up": Fault(methods=("GET",), status=404, media_type="text/html", body=b"<h1>Not Found</h1>"),
    "slow": Fault(delay_s=30.0, commits=True),
    "late": Fault(delay_s=1.0, commits=True, late=True),
    "not_json": Fault(status=200, media_type="application/json", body=b'{"tracking_id": '),
    "deep": Fault(status=200, media_type="application/json", body=b'{"results": [' + b"[" * 100_000),
    "wrong_shape": Fault(status=200, media_type="application/json", body=b'["9165816"]'),
    "commit_then_wrong_shape": Fault(status=200, commits=True, media_type="application/json", body=b'["9165816"]'),
    "huge": Fault(status=200, media_type="application/json", body=b" " * (9 * 1024 * 1024)),
}


class Script:
    """What becomes of the next calls; and of every call for which there is nothing there."""

    def __init__(self, faults: Mapping[str, Fault] = FAULTS) -> None:
        self._faults = faults
        self.coming: deque[Fault] = deque()
        self.always: Fault | None = None

    def next(self, *names: str) -> None:
        """Faults by name; each waits for a call of its kind."""
        self.coming.extend(self._faults[name] for name in names)

    def take(self, method: str) -> Fault:
        """What befalls the call that has come."""
        if self.coming and method in self.coming[0].methods:
            return self.coming.popleft()
        return self.always if self.always and method in self.always.methods else Fault()


class Server:
    """Open between `start` and `stop`."""

    def __init__(self, *routes: web.RouteDef, port: int = 0) -> None:
        self._routes, self.port = routes, port
        self._scheme = "http"
        #: called with each request, its body, and the answer
        self.watch: Callable[[web.Request, bytes, web.StreamResponse], None] = lambda request, body, response: None
        self._late: set[asyncio.Task[web.Response]] = set()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen; after a stop at the same port again."""
        self._scheme = "https" if tls else "http"
        app = web.Application(client_max_size=64 * 1024 * 1024, middlewares=[self._watched])
        app.router.add_routes(self._routes)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=tls)
        await site.start()
        self.port = site.port

    @web.middleware
    async def _watched(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        self.watch(request, await request.read(), response)
        return response

    async def stop(self) -> None:
        """Close the connections, when what comes late is done."""
        await self.settled()
        await self._runner.cleanup()

    async def settled(self) -> None:
        """Wait for what is done late."""
        if self._late:
            await asyncio.wait(self._late)

    async def act(self, request: web.Request, fault: Fault, work: Callable[[], web.Response]) -> web.Response:
        """The answer to a call, or none. `work` is what a server without a fault does, and its answer."""
        if fault.late:
            late = asyncio.create_task(self._later(fault, work))
            self._late.add(late)
            late.add_done_callback(self._late.discard)
            return await asyncio.shield(late)
        await asyncio.sleep(fault.delay_s)
        response = work() if fault.works else web.Response()
        if fault.drops and request.transport is not None:
            request.transport.abort()
        if fault.holds:
            await asyncio.Event().wait()
        if fault.status:
            return web.Response(status=fault.status, body=fault.body, content_type=fault.media_type, headers=fault.headers)
        return response

    async def _later(self, fault: Fault, work: Callable[[], web.Response]) -> web.Response:
        await asyncio.sleep(fault.delay_s)
        return work()
