"""One code in, the whole life of the case out: `/trace` finds it, `/case/{code}` tells it.

In: a code as somebody wrote it. Out: pages, and the incident file. What belongs to a person is masked until a reason is given, and that is
audited; of a case for few eyes only a supervisor sees more than that it exists and where it stands.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import quote

import msgspec
from aiohttp import web

from channels.base import Unavailable
from gateway import view
from gateway.casebook import Casebook
from gateway.console import exchange
from gateway.console.access.unmask import unmask
from gateway.console.audit import Act, Audit
from gateway.console.hops import after, hops
from gateway.console.incident import Door
from gateway.console.live import live
from gateway.console.page import Page, Visit
from gateway.console.reasons import plain
from gateway.console.roles import may
from gateway.store.record import ADDED, DEFAULT, OPEN_STEPS, Life
from gateway.view import Traced
from normalizer.reference import BadReference, read

#: of what was typed; no code is longer
_LONGEST: Final = 60


def pages(cases: Casebook, audit: Audit) -> list[Page]:
    """The search, the case, what is masked in it, and the file for those who mend."""
    desk = _Desk(cases, audit)
    return [
        Page(method="GET", path="/trace", role="viewer", answer=desk.search),
        Page(method="GET", path="/case/{code}", role="viewer", answer=desk.case),
        Page(method="GET", path="/live/case/{code}", role="viewer", answer=desk.live),
        Page(method="POST", path="/case/{code}/unmask", role="operator", answer=desk.unmasked),
        Page(method="POST", path="/case/{code}/incident", role="operator", answer=desk.incident),
    ]


class _Desk:
    """What the pages do."""

    def __init__(self, cases: Casebook, audit: Audit) -> None:
        self._cases, self._audit = cases, audit

    async def search(self, visit: Visit) -> web.StreamResponse:
        """A code in any spelling; who finds one is taken there."""
        code = visit.request.query.get("code", "").strip()[:_LONGEST]
        if not code:
            return visit.shown("trace.html", code="", why="")
        try:
            life = await self._cases.store.life(code)
        except Unavailable:
            return visit.shown("trace.html", status=503, code=code, why="away")
        if life is None:
            return visit.shown("trace.html", status=404, code=code, why=unfound(code))
        return web.Response(status=303, headers={"Location": f"/case/{quote(life.case.reference)}"})

    async def case(self, visit: Visit) -> web.StreamResponse:
        """All of it, masked."""
        found = await self._found(visit)
        return found if isinstance(found, web.StreamResponse) else await self._told(visit, found)

    async def live(self, visit: Visit) -> web.StreamResponse:
        """Where it stands and its life, as long as it goes on. What has not changed is neither read nor rendered again."""
        code = visit.request.match_info["code"][:_LONGEST]
        seen: Life | None = None
        shown = ""
        with suppress(Unavailable):
            if await self._cases.store.life(code) is None:
                raise web.HTTPNotFound

        async def render() -> str:
            nonlocal seen, shown
            with suppress(Unavailable):
                life = await self._cases.store.life(code)
                if life is not None and life != seen:
                    seen, shown = life, visit.piece("case_live.html", **_standing(visit, await self._cases.read(life), self._kind(life)))
            return shown

        return await live(visit, render)

    async def unmasked(self, visit: Visit) -> web.StreamResponse:
        """The same with what belongs to a person, once, for a reason."""
        found = await self._found(visit)
        if isinstance(found, web.StreamResponse):
            return found
        reason = (await visit.form()).get("reason", "")
        no = await unmask(visit, found.case.reference, reason, audit=self._audit, restricted=found.restricted or found.complaint is None)
        return await self._told(visit, found, lifted=not no, refused=no)

    async def incident(self, visit: Visit) -> web.StreamResponse:
        """The file."""
        found = await self._found(visit)
        if isinstance(found, web.StreamResponse):
            return found
        if _few(visit, found):
            return await self._told(visit, found, refused="role")
        file = await asyncio.to_thread(self._cases.incident, found.life)
        if file is None:
            return await self._told(visit, found, refused="no_door")
        await self._audit.write(Act(by=visit.operator.name, act="incident", on=found.case.reference))
        name = f"incident-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(body=file, content_type="application/json", headers=headers)

    async def _found(self, visit: Visit) -> Traced | web.StreamResponse:
        code = visit.request.match_info["code"][:_LONGEST]
        try:
            found = await self._cases.traced(code)
        except Unavailable:
            return visit.shown("trace.html", status=503, code=code, why="away")
        return found or visit.shown("trace.html", status=404, code=code, why=unfound(code))

    async def _told(self, visit: Visit, traced: Traced, *, lifted: bool = False, refused: str = "") -> web.StreamResponse:
        few, case = _few(visit, traced), traced.case
        door = self._cases.doors.get(case.arrival.channel, Door(kind=""))
        closed = _closed(visit, traced)
        asked = self._cases.asked.get(case.ledger or DEFAULT, "")
        # a large mail takes a while
        frames = [] if closed else await asyncio.to_thread(exchange.frames, traced, door, masked=not lifted, asked=asked)
        return visit.shown(
            "case.html", status={"": 200, "reason": 422}.get(refused, 403), frames=frames, few=few, closed=closed, lifted=lifted,
            refused=refused, said=None if few else said(traced, lifted=lifted), unfinished=unfinished(traced.life),
            **_standing(visit, traced, door.kind),
        )  # fmt: skip

    def _kind(self, life: Life) -> str:
        door = self._cases.doors.get(life.case.arrival.channel)
        return door.kind if door else ""


def _standing(visit: Visit, traced: Traced, kind: str) -> dict[str, Any]:
    """What `case_live.html` takes."""
    few = _few(visit, traced)
    return {
        "life": view.life(traced, deciding=not few), "kind": kind, "hops": hops(traced, few=few), "related": related(traced, few),
        "after": partial(after, came=traced.case.arrival.received_at), "plain": partial(plain, visit.words),
    }  # fmt: skip


def unfinished(life: Life) -> bool:
    """Something of it waits: the case, a letter, a file."""
    return life.case.step in OPEN_STEPS or "send" in {*(each.step for each in life.letters), *(each.step for each in life.files)}


def _few(visit: Visit, traced: Traced) -> bool:
    """It is not for the eyes of whoever looks."""
    return traced.restricted and not may(visit.operator.role, "supervisor")


def _closed(visit: Visit, traced: Traced) -> bool:
    """What came is not for his eyes: what cannot be read may be for few."""
    return (traced.restricted or traced.complaint is None) and not may(visit.operator.role, "supervisor")


def unfound(code: str) -> str:
    """What the check symbol knows of a code that nobody has: `check` is mistyped, `shape` is none of ours, `unknown` could be one."""
    if code.rpartition(":")[2].removeprefix("#").isdigit():
        return "number"
    try:
        read(code)
    except BadReference as error:
        return error.kind
    return "unknown"


def said(traced: Traced, *, lifted: bool) -> dict[str, Any] | None:
    """Who and what."""
    if traced.complaint is None:
        return None
    plain = view.record(traced.complaint)
    if lifted:
        who = traced.complaint.reporter
        plain |= {"text": traced.complaint.text, "reporter": {"kind": who.kind, "address": f"{who.name} {who.address}".strip()}}
        plain |= {name: msgspec.to_builtins(getattr(traced.complaint, name)) for name in ("title", "location")}
    return plain


def related(traced: Traced, few: bool) -> list[tuple[str, str]]:
    """Other cases, by what they have to do with this one: (code, kind), each once."""
    found: dict[str, str] = {} if few or traced.complaint is None else {each.id: each.kind for each in traced.complaint.related}
    found |= {addition.reference: addition.kind for addition in traced.case.additions}
    if traced.case.code in ADDED and traced.case.words:
        found[traced.case.words] = "part_of"
    return list(found.items())
