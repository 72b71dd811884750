"""The desk of what is parked, and of what was declined: why it is there, what to do, and doing it, one case or many.

In: filters, codes, reasons. Out: lists with what each case says, masked; acts by way of the store, each audited. The whole text of a case
is shown to one who edits it, when he has said why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from gateway.clerk import Clerk
from gateway.console import previews
from gateway.console.access.unmask import unmask
from gateway.console.acting import GRACE_S, Acting, Deed, Verb
from gateway.console.audit import Act, Audit
from gateway.console.listing import Listing, Wanted, place
from gateway.console.page import Page, Visit
from gateway.console.reasons import reason
from gateway.console.roles import may
from gateway.console.steady import steady
from gateway.few import complaint
from gateway.store.base import Store
from gateway.store.record import Case, Life, Step

#: cases that one press of a button may send on
MOST: Final = 1000
#: what a ledger may have, and cannot be asked about: a person looks for each before it is sent again
ONE_BY_ONE: Final = frozenset({"unknown"})
#: characters that an officer may put in the place of a text
LONGEST: Final = 20_000


def pages(store: Store, clerk: Clerk, book: Audit, listing: Listing) -> list[Page]:
    """`listing` may be another desk's too."""
    desk = _Parked(store, clerk, book, listing)
    return [
        Page(method="GET", path="/parked", role="viewer", answer=steady(desk.listed)),
        Page(method="POST", path="/parked", role="operator", answer=steady(desk.acted)),
        Page(method="POST", path="/parked/all", role="operator", answer=steady(desk.all_sent)),
        Page(method="GET", path="/parked/{code}", role="viewer", answer=steady(desk.one)),
        Page(method="POST", path="/parked/{code}/text", role="operator", answer=steady(desk.whole)),
        Page(method="POST", path="/parked/{code}/edit", role="operator", answer=steady(desk.edited)),
    ]


class _Parked:
    def __init__(self, store: Store, clerk: Clerk, book: Audit, listing: Listing) -> None:
        self._store, self._clerk, self._book, self._listing = store, clerk, book, listing
        self._acting = Acting(store, clerk, book)

    async def listed(self, visit: Visit) -> web.Response:
        """A page of the list."""
        query = visit.request.query
        wanted = Wanted(_step(query.get("step", "")), query.get("code", ""), query.get("channel", ""))
        figures = await self._listing.figures(wanted.step)
        page = await self._listing.page(wanted, place(query.get("after", "")))
        cases = await previews.previews(visit, self._clerk, page.cases)
        codes = [(code, n, reason(visit.words, code)) for code, n in figures.codes]
        undo = [code for code in query.get("undo", "").split(",") if code]
        return visit.shown(
            "parked.html", wanted=wanted, figures=figures, cases=cases, codes=codes, undo=undo, seconds=GRACE_S, most=MOST,
            one_by_one=ONE_BY_ONE, after=_address(wanted, after=page.after) if page.after else "", first=bool(query.get("after")),
            here=_address(wanted),
            channels=sorted({channel for channel, _ in figures.counts} | {wanted.channel} - {""}), address=_address,
        )  # fmt: skip

    async def acted(self, visit: Visit) -> web.Response:
        """On each that is ticked."""
        form = await visit.form()
        step, words = _step(form.get("step", "")), form.get("reason", "").strip()
        wanted = Wanted(step, form.get("code", ""), form.get("channel", ""))
        codes = (await visit.ticked("case"))[:MOST]
        verb: Verb = "drop" if form.get("act") == "drop" else "undo" if form.get("act") == "undo" else "retry"
        said = visit.words.parked
        if not codes:
            return await visit.done(_address(wanted), said.nothing_ticked)
        if verb == "drop" and not words:
            return await visit.done(_address(wanted), said.reason_missing)
        came = await self._acting.each(visit, codes, Deed(verb, "parked" if verb == "undo" else step, words))
        self._listing.forget()
        sentence = {"retry": said.retried, "drop": said.dropped, "undo": said.undone}[verb]
        undo = ",".join(came.done[:50]) if verb != "undo" else ""
        return await visit.done(_address(wanted, undo=undo), "{said}", said=came.said(sentence, said.and_others))

    async def all_sent(self, visit: Visit) -> web.Response:
        """All that have one reason, the oldest first."""
        form = await visit.form()
        wanted = Wanted("parked", form.get("code", ""), form.get("channel", ""))
        done, after, by = 0, "", visit.operator.name
        while done < MOST:
            page = await self._listing.page(wanted, after, min(100, MOST - done))
            words, safe = form.get("reason", "").strip(), await asyncio.to_thread(self._sendable, visit, page.cases)
            done += sum(await asyncio.gather(*(self._store.retry(case.case_id, by, words, seen="parked") for case in safe)))
            after = page.after
            if not after:
                break
        await self._book.write(Act(by=by, act="parked.retry_all", on=wanted.channel, words=f"{wanted.code} {done}"))
        self._listing.forget()
        return await visit.done(_address(wanted), visit.words.parked.all_retried, n=done)

    def _sendable(self, visit: Visit, cases: Sequence[Case]) -> list[Case]:
        """Those that this officer may send on together with others. Blocks."""
        everybody_s = may(visit.operator.role, "supervisor")
        return [case for case in cases if case.code not in ONE_BY_ONE and (everybody_s or not self._acting.few.case(case))]

    async def one(self, visit: Visit) -> web.Response:
        """A case, with what can be done to it."""
        life = await self._acting.life(visit.request.match_info["code"])
        if life is None or life.case.step not in {"parked", "declined"}:
            return _elsewhere(visit, life)
        (case,) = await previews.previews(visit, self._clerk, [life.case], previews.LONG)
        return visit.shown("parked_case.html", case=case, unsure=life.case.unsure, whole=None, missing=False)

    async def whole(self, visit: Visit) -> web.Response:
        """The same with its whole text, to be edited, for one who says why; that is written down."""
        life = await self._acting.life(visit.request.match_info["code"])
        if life is None or life.case.step != "parked":
            return _elsewhere(visit, life)
        (case,) = await previews.previews(visit, self._clerk, [life.case], previews.LONG)
        why = await unmask(visit, case.code, (await visit.form()).get("reason", ""), audit=self._book, restricted=case.few)
        if why:
            return visit.shown("parked_case.html", 422, case=case, unsure=life.case.unsure, whole=None, missing=why == "reason")
        return visit.shown("parked_case.html", case=case, unsure=life.case.unsure, whole=self._text(life), missing=False)

    async def edited(self, visit: Visit) -> web.Response:
        """Another text in the place of what it says, or that again."""
        life = await self._acting.life(visit.request.match_info["code"])
        if life is None or life.case.step != "parked":
            return _elsewhere(visit, life)
        (case,) = await previews.previews(visit, self._clerk, [life.case])
        form, code = await visit.form(), life.case.reference
        if case.closed:
            return visit.shown("refused.html", 403, why=visit.words.desks.only_supervisor.format(code=code))
        text = None if "restore" in form else form.get("text", "").replace("\r\n", "\n").strip()[:LONGEST]
        path, by = f"/parked/{code}", visit.operator.name
        if text == "":
            return await visit.done(path, visit.words.parked.text_missing)
        if not await self._store.edit(life.case.case_id, by, text):
            return _elsewhere(visit, await self._store.life(code))
        await self._book.write(Act(by=by, act="parked.restore" if text is None else "parked.edit", on=code))
        return await visit.done(path, visit.words.parked.restored if text is None else visit.words.parked.edited, code=code)

    def _text(self, life: Life) -> str:
        said = complaint(self._clerk, life.case)
        if said is not None:
            return said.text
        raw = life.case.arrival.raw or b"".join(part.raw for part in life.case.parts)
        return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in raw.decode(errors="replace"))


def _elsewhere(visit: Visit, life: Life | None) -> web.Response:
    why = previews.became(visit, life, visit.request.match_info["code"][:20])
    return visit.shown("refused.html", 404 if life is None else 409, why=why)


def _step(word: str) -> Step:
    return "declined" if word == "declined" else "parked"


def _address(wanted: Wanted, **more: str | Sequence[str]) -> str:
    plain = {"step": "" if wanted.step == "parked" else wanted.step, "code": wanted.code, "channel": wanted.channel, **more}
    query = urlencode({name: value for name, value in plain.items() if value}, safe=",")
    return f"/parked?{query}" if query else "/parked"
