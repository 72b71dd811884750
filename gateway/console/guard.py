"""What stands before every page of the console: who is it, may he, and was it he who sent the form.

In: pages. Out: routes. A page without a role cannot be written (`Page` asks for one); whoever is not signed in sees the sign-in page and
nothing else; a form that another site sent is refused. The headers that every answer carries are `gateway.http`'s.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from aiohttp import web

from gateway.console.access.sessions import LIVE, Session, Sessions
from gateway.console.frame import Frame
from gateway.console.page import Page, Visit
from gateway.console.roles import may
from gateway.console.words import LANGUAGES, Language
from gateway.whence import from_our_page

SIGN_IN: Final = "/sign-in"
LANGUAGE: Final = "language"
#: an officer's own account
ACCOUNT: Final = "/account"
#: what an officer who must set up a second proof may do before he has
_OPEN: Final = (ACCOUNT, f"{ACCOUNT}/password", f"{ACCOUNT}/second", f"{ACCOUNT}/sessions", "/sign-out")


class Guard:
    """Before one page."""

    def __init__(self, page: Page, sessions: Sessions, frame: Frame) -> None:
        """Nobody is there."""
        self.page, self._sessions, self._frame = page, sessions, frame

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The page, or what stands in its place."""
        session = await self._sessions.of(request)
        visit = _visit(request, self._frame, session, self._sessions)
        origins = [self._sessions.terms.url, f"{request.scheme}://{request.host}"]
        if not from_our_page(request.method, request.headers, origins):
            return visit.shown("refused.html", status=403, why=visit.words.frame.foreign)
        if self.page.role == "anyone":
            return await self.page.answer(visit)
        if session is None:
            return _who(request)
        if not may(session.operator.role, self.page.role):
            return visit.shown("refused.html", status=403, why=visit.words.frame.not_yours)
        if session.lacking and self.page.path not in _OPEN:
            return web.Response(status=303, headers={"Location": ACCOUNT})
        return await self.page.answer(visit)


def guarded(page: Page, sessions: Sessions, frame: Frame) -> web.RouteDef:
    """The route of a page. A HEAD would be answered like its GET, and is of no use here."""
    return web.RouteDef(page.method, page.path, Guard(page, sessions, frame).answer, {"allow_head": False} if page.method == "GET" else {})


def _who(request: web.Request) -> web.Response:
    """Who is not signed in is asked to; the live part of a page, which nobody reads, is told so."""
    if request.path.startswith(LIVE):
        return web.Response(status=401, text="signed out\n")
    back = request.path_qs if request.method == "GET" else "/"
    return web.Response(status=303, headers={"Location": f"{SIGN_IN}?to={quote(back, safe='')}"})


def _visit(request: web.Request, frame: Frame, session: Session | None, sessions: Sessions) -> Visit:
    if session is None:
        return Visit(request, frame, None, language=language(request))

    async def tell(sentence: str) -> None:
        await sessions.tell(session, sentence)

    async def still() -> bool:
        return await sessions.of(request) is not None

    return Visit(request, frame, session.operator, language=language(request), told=session.told, tell=tell, still=still)


def language(request: web.Request) -> Language:
    """As the officer chose it; Indonesian when he did not."""
    chosen = request.cookies.get(LANGUAGE)
    return next((each for each in LANGUAGES if each == chosen), "id")
