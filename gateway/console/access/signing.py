"""Coming in and going out: the sign-in page, signing out, the language.

In: a name and a password. Out: a session. It says the same whatever was wrong with them.
"""

from __future__ import annotations

from aiohttp import web

from gateway.console.access.accounts import Accounts
from gateway.console.access.sessions import COOKIE, Sessions
from gateway.console.audit import Act, Audit
from gateway.console.guard import LANGUAGE, SIGN_IN
from gateway.console.page import Page, Visit
from gateway.console.words import LANGUAGES


def pages(accounts: Accounts, sessions: Sessions, audit: Audit) -> list[Page]:
    """Those before one is in, and the way out."""

    async def door(visit: Visit) -> web.StreamResponse:
        return visit.shown("sign_in.html", to=_inside(visit.request.query.get("to", "/")), wrong=False)

    async def sign_in(visit: Visit) -> web.StreamResponse:
        form = await visit.form()
        name, to = form.get("name", "").strip().lower(), _inside(form.get("to", "/"))
        operator = await accounts.known(name, form.get("password", ""))
        if operator is None:
            return visit.shown("sign_in.html", status=403, to=to, wrong=True)
        await audit.write(Act(by=operator.name, act="session.begin"))
        response = web.Response(status=303, headers={"Location": to})
        await sessions.begin(operator, response, secure=visit.request.secure)
        return response

    async def sign_out(visit: Visit) -> web.StreamResponse:
        await sessions.end(visit.request)
        response = web.Response(status=303, headers={"Location": SIGN_IN})
        response.del_cookie(COOKIE)
        return response

    async def language(visit: Visit) -> web.StreamResponse:
        form = await visit.form()
        response = web.Response(status=303, headers={"Location": _inside(form.get("to", "/"))})
        chosen = next((each for each in LANGUAGES if each == form.get("language")), "id")
        response.set_cookie(LANGUAGE, chosen, max_age=31536000, httponly=True, samesite="Lax", path="/")
        return response

    return [
        Page(method="GET", path=SIGN_IN, role="anyone", answer=door),
        Page(method="POST", path=SIGN_IN, role="anyone", answer=sign_in),
        Page(method="POST", path="/sign-out", role="viewer", answer=sign_out),
        Page(method="POST", path="/language", role="anyone", answer=language),
    ]


def _inside(path: str) -> str:
    """A path of ours, and no address of somebody else's."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
