"""The public address: pages and API of the web door, and the calls of providers to the channels that are called.

In: HTTP requests from anywhere. Out: what the channels answer, once the store has what they read. It reads no body but to hand it on,
tells no caller what went wrong inside, and keeps no log of who asked for what.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from channels.base import Accepted, Channel, Delivery, Forged, Host, Inbox, Progress, Request, Unavailable, Webhook
from channels.web.guard import headers
from gateway.calls import AGAIN, LARGEST, Calls, Unread
from gateway.http import Answering, from_whom, guarded, listening
from gateway.journal import Journal
from gateway.progress import about, numbered, progress
from gateway.store.base import Store
from gateway.whence import Network
from normalizer.reference import BadReference, read

Signalled = Callable[[web.Request, web.StreamResponse], Awaitable[None]]


@runtime_checkable
class Site(Protocol):
    """A channel that serves pages of its own."""

    def routes(self, host: Host) -> Sequence[web.AbstractRouteDef]:
        """What it serves, and where; called once, when the address is opened."""
        ...


class Reception:
    """What a site may ask of the gateway. See `channels.base.Host`."""

    def __init__(
        self, inbox: Inbox, base_url: str, store: Store, since: Callable[[str], datetime | None] = lambda _: None,
        *, notice: Callable[[], tuple[str, str]] = lambda: ("", ""),
    ) -> None:  # fmt: skip
        """`base_url` as in the settings. `since`: when that came which has this code and is on its way to the store."""
        self.notice = notice
        self._inbox, self._base_url, self._store, self._since = inbox, base_url, store, since

    @property
    def inbox(self) -> Inbox:
        return self._inbox

    @property
    def base_url(self) -> str:
        return self._base_url

    async def progress(self, reference: str) -> Progress | None:
        """See `Host.progress`."""
        number = numbered(reference)
        try:
            code = number or read(reference)
        except BadReference as error:
            raise ValueError(error.kind) from error
        at = None if number else self._since(code)
        waiting = None if at is None else Progress(reference=code, state="received", timeline=(("received", at),))
        try:
            life = await about(self._store, code)
        except Unavailable:
            if waiting is None:
                raise
            return waiting
        if life is None:
            return waiting
        found = progress(life)
        # The ledger's number can be guessed: who has only that is not given our code, which opens more doors.
        return msgspec.structs.replace(found, reference=number) if number and number == found.tracking_id else found


@asynccontextmanager
async def opened(
    address: tuple[str, int],
    channels: Mapping[str, Channel],
    host: Host,
    *,
    proxies: Sequence[Network],
    journal: Journal,
    shared: bool = False,
    routes: Sequence[web.AbstractRouteDef] = (),
) -> AsyncIterator[int | None]:
    """Serve the channels that are called or have pages, and `routes` besides; None when there is nothing to serve. `shared` as in
    `http.listening`. Raises CannotListen."""
    called = [channel for channel in channels.values() if isinstance(channel, Webhook)]
    sites = [channel for channel in channels.values() if isinstance(channel, Site)]
    if not called and not sites and not routes:
        yield None
        return
    app = web.Application(middlewares=[from_whom(proxies), guarded(journal)], client_max_size=LARGEST)
    app.router.add_routes(routes)
    calls = Calls()
    for channel in called:
        path = "/" + channel.path.strip("/")
        answer = _call(channel, host.inbox, calls)
        app.router.add_route("*", path, answer)
        app.router.add_route("*", path + "/{rest:.*}", answer)
    for site in sites:
        app.router.add_routes(site.routes(host))
    app.on_response_prepare.append(_dressed(headers("page", host.base_url)))
    async with listening(app, *address, "public", shared=shared) as port:
        yield port


def _dressed(always: Mapping[str, str]) -> Signalled:
    """What the server is made of helps only those who look for its faults; and its own answers (404, 405, 413) are pages too."""

    async def dress(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Server"] = "lapor-gateway"
        if "Content-Security-Policy" not in response.headers:
            response.headers.update(always)

    return dress


def _call(channel: Webhook, inbox: Inbox, calls: Calls) -> Answering:
    """A provider's call: read, kept, answered, in this order."""

    async def answer(request: web.Request) -> web.Response:
        try:
            async with calls.body(request) as body:
                delivery = channel.read(_request(request, body))
                kept = await _kept(delivery, inbox)
        except Unread as unread:
            return web.Response(status=unread.status, text=f"{unread.words}\n", headers=unread.headers)
        except Forged:
            return web.Response(status=403, text="not allowed\n")
        except ValueError as error:
            return web.Response(status=400, text=f"{error}\n")
        except Unavailable as trouble:
            again = {"Retry-After": str(max(int(trouble.retry_after), 1))} if trouble.retry_after else AGAIN
            return web.Response(status=503, text="not now\n", headers=again)
        reference = kept[0].reference if kept else ""
        answer = delivery.body.replace(b"{reference}", reference.encode())
        return web.Response(status=delivery.status, body=answer, headers={"Content-Type": delivery.media_type})

    return answer


def _request(request: web.Request, body: bytes) -> Request:
    """As channels see it."""
    return Request(
        method=request.method, path=request.path, query=_query(request), body=body, received_at=datetime.now(UTC),
        headers={name.lower(): value for name, value in request.headers.items()}, client=request.remote or "",
    )  # fmt: skip


def _query(request: web.Request) -> dict[str, str]:
    """The first of each name. Octets that are no UTF-8 (a Kannel's UDH) stay what they are, as lone surrogates."""
    pairs = parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True, errors="surrogateescape")
    return dict(reversed(pairs))


async def _kept(delivery: Delivery, inbox: Inbox) -> list[Accepted]:
    """The store's yes to all of it. Raises Unavailable; what was kept by then is recognised when it comes again."""
    accepted = [inbox.accept(arrival) for arrival in delivery.arrivals] + [inbox.hold(part) for part in delivery.parts]
    noted = [inbox.note(receipt) for receipt in delivery.receipts]
    results = await asyncio.gather(*accepted, return_exceptions=True)
    await asyncio.gather(*noted)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if isinstance(result, Accepted)]
