"""The desk of those who copy complaints into a ledger by hand: the sheet to copy from, the number to paste, and who has what in hand.

In: what officers press and paste. Out: sheets, unmasked, because they are what the ledger gets; acts by way of `gateway.worklist`, each
audited. It is not at /worklist, which is for programs. A case that is for a supervisor is handed to no other officer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from gateway.console.audit import Act, Audit
from gateway.console.page import Page, Visit
from gateway.console.roles import may
from gateway.console.steady import steady
from gateway.store.base import Store
from gateway.worklist import LOOK, NotDone, Standing, Work, Worklist
from gateway.worklist_api import Desk

#: cases of the list that are shown
MOST: Final = 50


def pages(store: Store, book: Audit, desks: Sequence[Desk]) -> list[Page]:
    """None where there is nobody who copies."""
    if not desks:
        return []
    copying = _Copying(store, book, {desk.ledger: desk.worklist for desk in desks})
    return [
        Page(method="GET", path="/copying", role="viewer", answer=steady(copying.shown)),
        Page(method="POST", path="/copying/next", role="operator", answer=steady(copying.next)),
        Page(method="POST", path="/copying/{code}/{act}", role="operator", answer=steady(copying.acted)),
    ]


class _Copying:
    def __init__(self, store: Store, book: Audit, worklists: dict[str, Worklist]) -> None:
        self._store, self._book = store, book
        #: for other officers, and for supervisors
        self._worklists = {name: (worklist.without_few(), worklist) for name, worklist in worklists.items()}

    async def shown(self, visit: Visit) -> web.Response:
        """The sheet in this officer's hand, and what waits."""
        ledger, worklist = self._desk(visit, visit.request.query.get("ledger", ""))
        waits, tally = await worklist.waiting(LOOK), await self._store.tally()
        work = await self._mine(visit, worklist) if may(visit.operator.role, "operator") else None
        total = sum(steps.get("worklist", 0) for steps in tally.cases.values())
        return visit.shown(
            "worklist.html", work=work, waits=waits[:MOST], total=total, copied_s=tally.copied_s, ledger=ledger,
            ledgers=list(self._worklists), last=visit.request.query.get("last", ""),
        )  # fmt: skip

    async def next(self, visit: Visit) -> web.Response:
        """Take the oldest that nobody has."""
        ledger, worklist = self._desk(visit, (await visit.form()).get("ledger", ""))
        if not await self._taken(visit, worklist):
            return await visit.done(_address(ledger), visit.words.worklist.nothing_for_you)
        return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": _address(ledger)})

    async def acted(self, visit: Visit) -> web.Response:
        """What became of a case that he had."""
        form, code, by, said = await visit.form(), visit.request.match_info["code"], visit.operator.name, visit.words.worklist
        ledger, worklist = self._desk(visit, form.get("ledger", ""))
        acts: dict[str, tuple[Callable[[], Awaitable[Standing]], str]] = {
            "done": (lambda: worklist.done(code, by, form.get("tracking_id", "")), said.did_done),
            "undo": (lambda: worklist.undo(code, by), said.did_undo),
            "put-back": (lambda: worklist.put_back(code, by), said.did_put_back),
            "set-aside": (lambda: worklist.set_aside(code, by, form.get("reason", "")), said.did_set_aside),
        }
        verb = visit.request.match_info["act"]
        if verb not in acts:
            raise web.HTTPNotFound
        act, sentence = acts[verb]
        try:
            after = await act()
        except NotDone as refusal:
            why = getattr(said, f"not_{refusal.key}").format_map(refusal.values)
            return await visit.done(_address(ledger), "{said}", said=why)
        await self._book.write(Act(by=by, act=f"worklist.{verb}", on=after.code, words=f"#{after.tracking_id}" if verb == "done" else ""))
        if verb == "done" and after.step == "worklist":
            sentence = said.did_done_more
        if verb == "done" and "next" in form:
            await self._taken(visit, worklist)
        last = after.code if verb == "done" else ""
        return await visit.done(_address(ledger, last=last), sentence, code=after.code, number=after.tracking_id)

    def _desk(self, visit: Visit, ledger: str) -> tuple[str, Worklist]:
        """The first, when it is none of these; as far as this officer may act on it."""
        name = ledger if ledger in self._worklists else next(iter(self._worklists))
        return name, self._worklists[name][may(visit.operator.role, "supervisor")]

    async def _mine(self, visit: Visit, worklist: Worklist) -> Work | None:
        """What he has in hand."""
        hands = await worklist.cases(LOOK)
        return await worklist.next(visit.operator.name) if any(hand.by == visit.operator.name for hand in hands) else None

    async def _taken(self, visit: Visit, worklist: Worklist) -> bool:
        """What a sheet says is not masked, so it is written down who was given it."""
        work = await worklist.next(visit.operator.name)
        if work is not None:
            await self._book.write(Act(by=visit.operator.name, act="worklist.next", on=work.code))
        return work is not None


def _address(ledger: str, **more: str) -> str:
    return "/copying?" + urlencode({name: value for name, value in {"ledger": ledger, **more}.items() if value})
