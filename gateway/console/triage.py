"""The desk of those who judge: is it a complaint or not? One case at a time, with the keyboard alone.

In: y, n, undo, from a keyboard or from a form. Out: the case of the moment with the next ones behind it, masked; acts by way of the store,
each audited. What was passed on can be taken back until the ledger hears of it, what was dropped at any time.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web

from gateway.clerk import Clerk
from gateway.console import previews
from gateway.console.acting import GRACE_S, Acting, Deed, Verb
from gateway.console.audit import Audit
from gateway.console.listing import Listing, Wanted, place
from gateway.console.page import Page, Visit
from gateway.console.steady import steady
from gateway.store.base import Store

#: cases that a page brings at once
AHEAD: Final = 12
_WANTED: Final = Wanted("triage")
_VERBS: Final[dict[str, Verb]] = {"yes": "retry", "no": "drop", "undo": "undo"}


def pages(store: Store, clerk: Clerk, book: Audit, listing: Listing) -> list[Page]:
    """`listing` may be another desk's too."""
    desk = _Triage(Acting(store, clerk, book), clerk, listing)
    return [
        Page(method="GET", path="/triage", role="viewer", answer=steady(desk.shown)),
        Page(method="GET", path="/triage/more", role="viewer", answer=steady(desk.more)),
        Page(method="POST", path="/triage/{code}", role="operator", answer=steady(desk.judged)),
    ]


class _Triage:
    def __init__(self, acting: Acting, clerk: Clerk, listing: Listing) -> None:
        self._acting, self._clerk, self._listing = acting, clerk, listing

    async def shown(self, visit: Visit) -> web.Response:
        """The first ones behind a place."""
        cases, after = await self._next(visit)
        figures = await self._listing.figures("triage")
        last = visit.request.query.get("last", "")
        return visit.shown("triage.html", cases=cases, after=after, total=figures.total, last=last, seconds=GRACE_S)

    async def more(self, visit: Visit) -> web.Response:
        """The next ones alone, for a page that runs out."""
        cases, after = await self._next(visit)
        text = visit.piece("triage_cases.html", cases=cases)
        return web.Response(text=text, content_type="text/html", headers={"X-After": after})

    async def _next(self, visit: Visit) -> tuple[list[previews.Preview], str]:
        page = await self._listing.page(_WANTED, place(visit.request.query.get("after", "")), AHEAD)
        return await previews.previews(visit, self._clerk, page.cases, previews.LONG), page.after

    async def judged(self, visit: Visit) -> web.Response:
        """A form goes on to the next case; a script is told in a sentence whether it was done."""
        form, code = await visit.form(), visit.request.match_info["code"]
        verb, said = _VERBS.get(form.get("act", "")), visit.words.triage
        if verb is None:
            raise web.HTTPBadRequest
        life = await self._acting.life(code)
        if life is None:
            why = previews.became(visit, None, code[:20])
        else:
            why = await self._acting.do(visit, life, Deed(verb, "triage", "" if verb == "retry" else said.not_a_complaint))
        self._listing.forget()
        sentence = why or {"retry": said.did_yes, "drop": said.did_no, "undo": said.did_undo}[verb].format(code=code)
        if visit.request.headers.get("Accept") == "application/json":
            status = HTTPStatus.CONFLICT if why else HTTPStatus.OK
            return web.json_response({"said": sentence}, status=status, dumps=lambda told: msgspec.json.encode(told).decode())
        back = f"/triage?last={life.case.reference}" if life and not why and verb != "undo" else "/triage"
        return await visit.done(back, "{said}", said=sentence)
