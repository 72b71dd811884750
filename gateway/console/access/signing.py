"""Coming in and going out: the sign-in page, invitations, signing out, the language.

In: a name, a password, the digits of a telephone. Out: a session. It says the same whatever was wrong with them.
"""

from __future__ import annotations

import math

from aiohttp import web

from gateway.console.access.accounts import Accounts, NotDone
from gateway.console.access.entering import Entrance, Refused, Typed
from gateway.console.access.passwords import SHORTEST, Busy
from gateway.console.access.sessions import Sessions
from gateway.console.guard import LANGUAGE, SIGN_IN
from gateway.console.page import Page, Visit
from gateway.console.words import LANGUAGES


def pages(accounts: Accounts, entrance: Entrance, sessions: Sessions) -> list[Page]:
    """Those before one is in, and the way out."""

    def at_the_door(visit: Visit, to: str, *, status: int = 200, wrong: str = "", minutes: int = 0) -> web.Response:
        elsewhere = sessions.terms.elsewhere is not None
        return visit.shown("sign_in.html", status, to=inside(to), wrong=wrong, minutes=minutes, elsewhere=elsewhere)

    async def door(visit: Visit) -> web.StreamResponse:
        return at_the_door(visit, visit.request.query.get("to", "/"), wrong="elsewhere" if "elsewhere" in visit.request.query else "")

    async def sign_in(visit: Visit) -> web.StreamResponse:
        form = await visit.form()
        to = form.get("to", "/")
        typed = Typed(name=form.get("name", ""), password=form.get("password", ""), code=form.get("code", ""))
        try:
            entered = await entrance.enter(typed, visit.request.remote or "")
        except Busy:
            return at_the_door(visit, to, status=503, wrong="busy")
        if isinstance(entered, Refused):
            return at_the_door(visit, to, status=403, wrong="wait" if entered.wait_s else "wrong", minutes=math.ceil(entered.wait_s / 60))
        response = web.Response(status=303, headers={"Location": inside(to)})
        await sessions.begin(entered, visit.request, response)
        return response

    async def sign_out(visit: Visit) -> web.StreamResponse:
        response = web.Response(status=303, headers={"Location": SIGN_IN})
        await sessions.end(visit.request, response)
        return response

    async def language(visit: Visit) -> web.StreamResponse:
        form = await visit.form()
        response = web.Response(status=303, headers={"Location": inside(form.get("to", "/"))})
        chosen = next((each for each in LANGUAGES if each == form.get("language")), "id")
        secure = sessions.terms.secure or visit.request.secure
        response.set_cookie(LANGUAGE, chosen, max_age=31536000, httponly=True, samesite="Lax", secure=secure, path="/")
        return response

    return [
        Page(method="GET", path=SIGN_IN, role="anyone", answer=door),
        Page(method="POST", path=SIGN_IN, role="anyone", answer=sign_in),
        Page(method="POST", path="/sign-out", role="viewer", answer=sign_out),
        Page(method="POST", path="/language", role="anyone", answer=language),
        *_invitations(accounts),
    ]


def _invitations(accounts: Accounts) -> list[Page]:
    """Where who was invited chooses a password."""

    async def invitation(visit: Visit) -> web.StreamResponse:
        name = await accounts.invited(visit.request.match_info["token"])
        return visit.shown("invited.html", 200 if name else 404, name=name, fault="", shortest=SHORTEST)

    async def accept(visit: Visit) -> web.StreamResponse:
        token, form = visit.request.match_info["token"], await visit.form()
        name = await accounts.invited(token)
        try:
            if form.get("password") != form.get("again"):
                return visit.shown("invited.html", 422, name=name, fault="differ", shortest=SHORTEST)
            await accounts.accept(token, form.get("password", ""))
        except NotDone as no:
            return visit.shown("invited.html", 422, name=name, fault=no.why, shortest=SHORTEST)
        except Busy:
            return visit.shown("invited.html", 503, name=name, fault="busy", shortest=SHORTEST)
        return web.Response(status=303, headers={"Location": SIGN_IN})

    return [
        Page(method="GET", path="/invited/{token}", role="anyone", answer=invitation),
        Page(method="POST", path="/invited/{token}", role="anyone", answer=accept),
    ]


def inside(path: str) -> str:
    """A path of ours, and no address of somebody else's."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
