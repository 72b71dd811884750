"""The accounts, for admins: who there is, and what each may.

In: an admin's visits. Out: accounts, changed; invitations, each shown once. It never shows or sets a password.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from gateway.console.access.accounts import Accounts, NotDone
from gateway.console.access.sessions import Sessions
from gateway.console.page import Page, Visit
from gateway.console.roles import ROLES, Role

PATH = "/accounts"

#: what is done to one account: by its name, the form, the admin; gives an invitation or nothing
Deed = Callable[[str, Mapping[str, str], str], Awaitable[str | None]]


def pages(accounts: Accounts, sessions: Sessions) -> list[Page]:
    """Seen and done by admins alone."""

    async def seen(visit: Visit) -> web.StreamResponse:
        return await shown(visit)

    async def shown(visit: Visit, *, fault: str = "", status: int = 200) -> web.Response:
        return visit.shown("accounts.html", status, accounts=await accounts.all(), roles=ROLES, fault=fault)

    async def add(name: str, form: Mapping[str, str], by: str) -> str | None:
        return await accounts.invite(name.strip().lower(), _role(form), by=by)

    async def role(name: str, form: Mapping[str, str], by: str) -> str | None:
        _not_oneself(name, by)
        await accounts.set_role(name, _role(form), by=by)
        return None

    async def disable(name: str, _form: Mapping[str, str], by: str) -> str | None:
        _not_oneself(name, by)
        await accounts.switch(name, on=False, by=by)
        return None

    async def enable(name: str, _form: Mapping[str, str], by: str) -> str | None:
        await accounts.switch(name, on=True, by=by)
        return None

    async def reset(name: str, _form: Mapping[str, str], by: str) -> str | None:
        _not_oneself(name, by)
        return await accounts.reset(name, by=by)

    def doing(word: str, deed: Deed) -> Page:
        async def answer(visit: Visit) -> web.StreamResponse:
            form = await visit.form()
            name = form.get("name", "")
            try:
                token = await deed(name, form, visit.operator.name)
            except NotDone as no:
                return await shown(visit, fault=no.why, status=422)
            if token is None:
                return await visit.done(PATH, visit.words.access.changed, name=name)
            origin = sessions.terms.url or str(visit.request.url.origin())
            return visit.shown("invitation.html", name=name, link=f"{origin}/invited/{token}")

        return Page(method="POST", path=f"{PATH}/{word}", role="admin", answer=answer)

    deeds: Mapping[str, Deed] = {"add": add, "role": role, "disable": disable, "enable": enable, "reset": reset}
    return [Page(method="GET", path=PATH, role="admin", answer=seen), *(doing(word, deed) for word, deed in deeds.items())]


def _role(form: Mapping[str, str]) -> Role:
    found = next((role for role in ROLES if role == form.get("role")), None)
    if found is None:
        raise NotDone("role")
    return found


def _not_oneself(name: str, by: str) -> None:
    """Nobody raises himself, and nobody locks himself out by a slip."""
    if name == by:
        raise NotDone("oneself")
