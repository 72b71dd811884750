"""The page from which officers steer channels, and tell citizens on the web what is going on.

In: what is wanted of each channel now. Out: a page, its live part, and acts. It touches no channel: who keeps a door hears of an act within
two seconds, whichever process it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from aiohttp import web

from channels.base import Unavailable
from gateway.console.live import live
from gateway.console.page import Page, Visit
from gateway.controlling import Controlling, NotWanted
from gateway.controls import MOST_WORDS, Act

PATH: Final = "/controls"
#: nothing was typed yet
_BLANK: Final[Mapping[str, str]] = {"words": "", "english": "", "until": ""}


def pages(controlling: Controlling, zone: ZoneInfo) -> list[Page]:
    """`zone`: in which officers say when a notice ends."""
    room = _Room(controlling, zone)
    return [
        Page(method="GET", path=PATH, role="viewer", answer=room.show),
        Page(method="GET", path="/live/controls", role="viewer", answer=room.live),
        Page(method="POST", path=PATH, role="operator", answer=room.act),
        Page(method="POST", path=f"{PATH}/notice", role="operator", answer=room.announce),
        Page(method="POST", path=f"{PATH}/notice/off", role="operator", answer=room.be_silent),
    ]


class _Room:
    def __init__(self, controlling: Controlling, zone: ZoneInfo) -> None:
        self._controlling, self._zone = controlling, zone

    async def show(self, visit: Visit) -> web.Response:
        return await self._page(visit)

    async def live(self, visit: Visit) -> web.StreamResponse:
        async def render() -> str:
            return visit.piece("controls_live.html", **await self._standing())

        return await live(visit, render)

    async def act(self, visit: Visit) -> web.Response:
        """A button, or a rate."""
        form = await visit.form()
        act, name = next((act for act in get_args(Act) if act == form.get("act")), None), form.get("channel", "")
        try:
            rate = float(form["rate"].replace(",", ".")) if act == "rate" and form.get("rate", "").strip() else None
        except ValueError:
            return await self._page(visit, why=visit.words.controls.no_number, status=422)
        if act is None:
            return await self._page(visit, why=visit.words.controls.unknown, status=422)
        try:
            await self._controlling.act(name, act, by=visit.operator.name, rate=rate)
        except NotWanted as refusal:
            return await self._page(visit, why=_why(visit, refusal), status=422)
        except Unavailable:
            return await self._page(visit, why=visit.words.controls.store_away, status=503)
        told = "rate_as_set" if act == "rate" and rate is None else f"did_{act}"
        return await visit.done(PATH, getattr(visit.words.controls, told), channel=name, rate=f"{rate or 0:g}")

    async def announce(self, visit: Visit) -> web.Response:
        """A notice."""
        form = {**_BLANK, **await visit.form()}
        try:
            until = datetime.fromisoformat(form["until"]).replace(tzinfo=self._zone)
            notice = await self._controlling.announce(form["words"], form["english"], until=until, by=visit.operator.name)
        except NotWanted as refusal:
            return await self._page(visit, why=_why(visit, refusal), status=422, typed=form)
        except (ValueError, OverflowError):  # the first day that there is begins in no other zone
            return await self._page(visit, why=visit.words.controls.no_time, status=422, typed=form)
        except Unavailable:
            return await self._page(visit, why=visit.words.controls.store_away, status=503, typed=form)
        return await visit.done(PATH, visit.words.controls.did_notice, until=f"{notice.until.astimezone(self._zone):%d-%m-%Y %H.%M}")

    async def be_silent(self, visit: Visit) -> web.Response:
        """Take the notice off."""
        try:
            await self._controlling.be_silent(visit.operator.name)
        except Unavailable:
            return await self._page(visit, why=visit.words.controls.store_away, status=503)
        return await visit.done(PATH, visit.words.controls.did_silence)

    async def _page(self, visit: Visit, *, why: str = "", status: int = 200, typed: Mapping[str, str] = _BLANK) -> web.Response:
        return visit.shown("controls.html", status=status, why=why, typed=typed, most=MOST_WORDS, **await self._standing())

    async def _standing(self) -> dict[str, Any]:
        """`standing` is None while the store does not answer."""
        try:
            return {"standing": await self._controlling.standing(), "notice": await self._controlling.notice()}
        except Unavailable:
            return {"standing": None, "notice": None}


def _why(visit: Visit, refusal: NotWanted) -> str:
    least, most = refusal.rates
    words: str = getattr(visit.words.controls, refusal.why)
    return words.format(channel=refusal.channel, least=f"{least:g}", most=f"{most:g}", n=MOST_WORDS)
