"""What stands before every page of the console: who is it, may he, and was it he who sent the form.

In: pages. Out: routes. A page without a role cannot be written (`Page` asks for one); whoever is not signed in sees the sign-in page and
nothing else; a form that another site sent is refused; every answer carries the headers that forbid a browser to do more than we mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from aiohttp import web

from channels.web.guard import ours
from gateway.console.access.sessions import Session, Sessions
from gateway.console.frame import Frame
from gateway.console.page import Page, Visit
from gateway.console.roles import may
from gateway.console.words import LANGUAGES, Language

SIGN_IN: Final = "/sign-in"
LANGUAGE: Final = "language"
HEADERS: Final[Mapping[str, str]] = {
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


def guarded(page: Page, sessions: Sessions, frame: Frame) -> web.RouteDef:
    """The route of a page."""

    async def answer(request: web.Request) -> web.StreamResponse:
        session = await sessions.of(request)
        visit = _visit(request, frame, session, sessions)
        try:
            if not ours(request, ""):
                response: web.StreamResponse = visit.shown("refused.html", status=403, why=visit.words.frame.foreign)
            elif page.role == "anyone":
                response = await page.answer(visit)
            elif session is None:
                response = web.Response(status=303, headers={"Location": f"{SIGN_IN}?to={quote(_back(request), safe='')}"})
            elif not may(session.operator.role, page.role):
                response = visit.shown("refused.html", status=403, why=visit.words.frame.not_yours)
            else:
                response = await page.answer(visit)
        except web.HTTPException as error:  # aiohttp's own way of a redirect and of 404
            error.headers.update(HEADERS)
            raise
        if not response.prepared:
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
        return response

    return web.RouteDef(page.method, page.path, answer, {})


def _back(request: web.Request) -> str:
    return request.path_qs if request.method == "GET" else "/"


def _visit(request: web.Request, frame: Frame, session: Session | None, sessions: Sessions) -> Visit:
    if session is None:
        return Visit(request, frame, None, language=language(request))

    async def tell(sentence: str) -> None:
        await sessions.tell(session, sentence)

    return Visit(request, frame, session.operator, language=language(request), told=session.told, tell=tell)


def language(request: web.Request) -> Language:
    """As the officer chose it; Indonesian when he did not."""
    chosen = request.cookies.get(LANGUAGE)
    return next((each for each in LANGUAGES if each == chosen), "id")
