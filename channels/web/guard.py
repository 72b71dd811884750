"""What stands before every page and every call: who may, how often, and what a browser may do with the answer.

In: routes. Out: the same routes behind the guard. A form that another site makes a browser send is refused; every answer carries the
headers of its kind. It never looks at what a request says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final, Literal

from aiohttp import hdrs, web

if TYPE_CHECKING:  # the public server has its headers from here, and need not load what reads citizens' files
    from channels.web.desk import Desk

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]
Kind = Literal["page", "api"]

#: pages: everything from ourselves, nothing inline, in nobody's frame
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: what a machine reads is no page, whoever opens it in a browser
API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    # other sites learn nothing; under no-referrer a browser writes `Origin: null` on our own forms, and they could not be told from others
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
}
#: any site may call: no cookie is ever read, so nobody acts in a citizen's name
_OPEN: Final = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Location, Retry-After"}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type, Idempotency-Key, X-API-Key",
    "Access-Control-Max-Age": "86400",
}
_READING: Final = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})


def headers(kind: Kind, base_url: str) -> Mapping[str, str]:
    """Of every answer of its kind; HSTS only where we are reached by https."""
    policy = {"Content-Security-Policy": PAGE_POLICY if kind == "page" else API_POLICY}
    lasting = {"Strict-Transport-Security": "max-age=31536000"} if base_url.startswith("https://") else {}
    shared = _OPEN if kind == "api" else {"Cross-Origin-Resource-Policy": "same-origin"}
    return _ALWAYS | policy | lasting | shared


def guarded(route: web.AbstractRouteDef, desk: Desk, foreign: Callable[[], web.Response] | None = None) -> web.AbstractRouteDef:
    """The route with its guard before it; what is no single route (a folder of files) stays as it is.

    `foreign` is for pages: the answer to a form that was sent from another site. Without it the route is of an interface for machines,
    which any site may call.
    """
    if not isinstance(route, web.RouteDef):
        return route
    handler: Answering = route.handler
    always = headers("page" if foreign else "api", desk.host.base_url)

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            if foreign and not ours(request, desk.host.base_url):
                desk.counts["cross_site"] += 1
                response: web.StreamResponse = foreign()
            else:
                response = await handler(request)
        except web.HTTPException as redirect:  # aiohttp's own way of a redirect and of 404
            redirect.headers.update(always)
            raise
        for name, value in always.items():
            response.headers.setdefault(name, value)
        return response

    return web.RouteDef(route.method, route.path, answer, route.kwargs)


def ours(request: web.Request, base_url: str) -> bool:
    """A browser says where a form was (Fetch Metadata §2.1, Origin in RFC 6454 §7); what says nothing is no browser of today."""
    if request.method in _READING:
        return True
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin in {base_url, f"{request.scheme}://{request.host}"}


def address(request: web.Request, base_url: str) -> str:
    """How we are reached: as the settings say, else as the caller wrote it; empty, for a relative link, when that is no address.

    A complaint is on disk by the time its link is written, so whatever stands in Host must not come between it and its yes.
    """
    try:
        return base_url or str(request.url.origin())
    except ValueError:
        return ""


def preflight() -> web.Response:
    """The answer to what a browser asks before it calls from another site (Fetch §3.2.2)."""
    return web.Response(status=204, headers=_PREFLIGHT)


def client(request: web.Request) -> str:
    """Whose request it is: behind trusted proxies the server has put the true address there."""
    return request.remote or ""
