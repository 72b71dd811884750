"""The operators' address: is it alive, can it take messages, and the numbers.

In: GET /healthz, /readyz, /metrics, and what the console and the worklist serve. Out: words, JSON, Prometheus' text. These change nothing,
and tell no text, number or reference. /healthz is for anybody; the other two are for this machine, and for who shows the token.
"""

from __future__ import annotations

import asyncio
import errno
import hmac
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Middleware

from gateway.callers import Callers
from gateway.health import Health
from gateway.journal import Journal, whereabouts
from gateway.whence import Network, caller, from_this_machine

METRICS = "text/plain; version=0.0.4; charset=utf-8"
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CannotListen(Exception):
    """An address is not to be had: the sentence names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whom the operators' address tells what, before it knows an officer."""

    #: what opens /metrics and /readyz from elsewhere; "": nothing does
    token: str = field(default="", repr=False)
    #: whose X-Forwarded-For is believed
    proxies: Sequence[Network] = ()
    #: whether browsers come by TLS
    secure: bool = False


@asynccontextmanager
async def serving(
    address: tuple[str, int],
    health: Health,
    journal: Journal,
    *,
    which: str = "operators",
    more: Sequence[web.AbstractRouteDef] = (),
    admission: Admission | None = None,
) -> AsyncIterator[int]:
    """Serve the operators' address, and what `more` there is; gives the port that was bound. `which` as in `listening`. Raises
    CannotListen."""
    to = admission or Admission()
    app = web.Application(middlewares=[from_whom(to.proxies), guarded(journal)])
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _numbers(to, _readyz(health)))
    app.router.add_get("/metrics", _numbers(to, _metrics(health)))
    app.router.add_routes(more)
    app.on_response_prepare.append(_dressed(to))
    async with listening(app, *address, which) as bound:
        yield bound


def _dressed(to: Admission) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Every answer, also the server's own (404, 405, 413), forbids a browser to do more than we mean, and to keep it."""
    lasting = {"Strict-Transport-Security": "max-age=31536000"} if to.secure else {}

    async def dress(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Server"] = "lapor-gateway"
        for name, value in (HEADERS | lasting).items():
            response.headers.setdefault(name, value)
        if "immutable" not in response.headers["Cache-Control"]:  # a library says no-cache, which keeps it on the officer's disk
            response.headers["Cache-Control"] = "no-store"

    return dress


def from_whom(proxies: Sequence[Network]) -> Middleware:
    """Behind proxies of ours, the caller is the last one in X-Forwarded-For who is not one of them."""

    @web.middleware
    async def answer(request: web.Request, handler: Answering) -> web.StreamResponse:
        forwarded = request.headers.getall("X-Forwarded-For", [])
        return await handler(request.clone(remote=caller(request.remote or "", forwarded, proxies)))

    return answer


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


def guarded(journal: Journal) -> Middleware:
    """A fault of ours in one answer is that answer's fault, and says no more than its kind; the journal says where it is."""

    @web.middleware
    async def answer(request: web.Request, handler: Answering) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception as error:  # `http.handle` of design §2: a fault in one page is that page's answer
            hung_up = isinstance(error, ConnectionError) and (request.transport is None or request.transport.is_closing())
            if hung_up or isinstance(error, web.RequestPayloadError):  # the body broke off, or is not packed as it says
                return web.Response(status=400, text="the body cannot be read\n")
            journal.trouble("answer_fell", words=whereabouts())
            return web.json_response({"title": type(error).__name__, "status": 500}, status=500, content_type="application/problem+json")

    return answer


async def _healthz(_request: web.Request) -> web.Response:
    return web.Response(text="alive\n")


def _numbers(to: Admission, answer: Answering) -> Answering:
    """For this machine, and for who shows the token, however often it is wrong: nobody guesses one."""

    async def judged(request: web.Request) -> web.StreamResponse:
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        given, token = shown.strip().encode("utf-8", "surrogateescape"), to.token.encode()
        if scheme.lower() == "bearer" and token and hmac.compare_digest(given, token):
            return await answer(request)
        near = _ends(request)
        if near is not None and from_this_machine(*near, request.headers):
            return await answer(request)
        headers = {"WWW-Authenticate": "Bearer"}
        return web.Response(status=401, text="for this machine, or with the token of [http] metrics_token\n", headers=headers)

    return judged


def _ends(request: web.Request) -> tuple[str, str] | None:
    """Both ends of the connection itself, whoever a proxy says is behind it."""
    transport = request.transport
    if transport is None:
        return None
    peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    return (str(peer[0]), str(own[0])) if peer and own else None


def _readyz(health: Health) -> Answering:
    async def answer(_request: web.Request) -> web.Response:
        state = await health.state()
        return web.Response(body=msgspec.json.encode(state), status=200 if state.ready else 503, content_type="application/json")

    return answer


def _metrics(health: Health) -> Answering:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=await health.metrics(), headers={"Content-Type": METRICS})

    return answer
