"""The desk of letters that did not arrive: why, through which door, and sending them again or leaving them.

In: ids from a form, a reason. Out: a list without texts and addresses; acts by way of `gateway.undelivered`, each audited.
"""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple
from urllib.parse import urlencode

from aiohttp import web

from gateway import view
from gateway.clerk import Clerk
from gateway.console.audit import Act, Audit
from gateway.console.listing import SIZE, place
from gateway.console.page import Page, Visit
from gateway.console.reasons import Reason, reason
from gateway.console.roles import may
from gateway.console.steady import steady
from gateway.few import Few
from gateway.store.base import Store
from gateway.store.lists import Lost
from gateway.undelivered import Undelivered, outdated
from gateway.worklist import NotDone

#: letters of one press, and sentences about those with which somebody else was quicker
MOST, MOST_SAID = 200, 3
_LOST: Final = ("parked", "failed")
_ACTS: Final = ("retry", "drop", "undo")


class Line(NamedTuple):
    """A letter in the list."""

    lost: Lost
    reason: Reason
    words: str
    #: it asks something to which nobody waits for an answer
    outdated: bool
    #: its case is for few eyes, and this officer is none of them
    closed: bool


def pages(store: Store, clerk: Clerk, book: Audit) -> list[Page]:
    """Its two pages."""
    desk = _Letters(store, Few(clerk), book)
    return [
        Page(method="GET", path="/letters", role="viewer", answer=steady(desk.listed)),
        Page(method="POST", path="/letters", role="operator", answer=steady(desk.acted)),
    ]


class _Letters:
    def __init__(self, store: Store, few: Few, book: Audit) -> None:
        self._store, self._few, self._book, self._letters = store, few, book, Undelivered(store)

    async def listed(self, visit: Visit) -> web.Response:
        """A page of the list."""
        query = visit.request.query
        channel, after = query.get("channel", ""), place(query.get("after", ""))
        page, tally = await self._letters.page(SIZE, after=after, channel=channel), await self._store.tally()
        lost = {name: sum(steps.get(step, 0) for step in _LOST) for name, steps in tally.letters.items()}
        lines = [await self._line(visit, each) for each in page.letters]
        return visit.shown(
            "letters.html", lines=lines, channel=channel, channels=sorted((name, n) for name, n in lost.items() if n),
            after=_address(channel, after=page.after) if page.after else "", first=bool(after), here=_address(channel),
            undo=[each for each in query.get("undo", "").split(",") if place(each)], address=_address,
        )  # fmt: skip

    async def _line(self, visit: Visit, lost: Lost) -> Line:
        told, words = reason(visit.words, lost.state.code), view.words(lost.state.words).strip()
        return Line(lost, told, words, outdated(lost), await self._closed(visit, lost.reference))

    async def _closed(self, visit: Visit, code: str) -> bool:
        if may(visit.operator.role, "supervisor"):
            return False
        life = await self._store.life(code)
        return life is None or await asyncio.to_thread(self._few.life, life)

    async def acted(self, visit: Visit) -> web.Response:
        """On each that is ticked; one that cannot be done holds up none."""
        form, said, by = await visit.form(), visit.words.letters, visit.operator.name
        act, why, channel = form.get("act", ""), form.get("reason", ""), form.get("channel", "")
        if act not in _ACTS:
            raise web.HTTPBadRequest
        done, refused = [], []
        for letter_id in (await visit.ticked("letter"))[:MOST]:
            try:
                if await self._closed(visit, code := await self._letters.case(letter_id)):
                    refused.append(visit.words.desks.only_supervisor.format(code=code))
                    continue
                lost = await self._do(act, letter_id, by, why)
            except NotDone as refusal:
                refused.append(getattr(said, f"not_{refusal.key}").format_map(refusal.values))
                continue
            done.append(letter_id)
            await self._book.write(Act(by=by, act=f"letters.{act}", on=lost.reference, words=lost.state.letter.kind))
        sentences = [{"retry": said.retried, "drop": said.dropped, "undo": said.undone}[act].format(n=len(done))] if done else []
        sentences += dict.fromkeys(refused[:MOST_SAID])
        back = _address(channel, undo=",".join(done[:50]) if act == "drop" else "")
        return await visit.done(back, "{said}", said=" ".join(sentences) or said.nothing_ticked)

    async def _do(self, act: str, letter_id: str, by: str, why: str) -> Lost:
        if act == "retry":
            return await self._letters.retry(letter_id, by, why)
        if act == "drop":
            return await self._letters.drop(letter_id, by, why)
        return await self._letters.undo(letter_id, by)


def _address(channel: str, **more: str) -> str:
    query = urlencode({name: value for name, value in {"channel": channel, **more}.items() if value}, safe=",")
    return f"/letters?{query}" if query else "/letters"
