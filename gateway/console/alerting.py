"""The pages of alerts: what is wrong now, what to do, who sees to it; what is over; and what each channel's silence is judged by.

In: the desk of alerts. Out: pages, a live part, acts. It judges nothing and tells nobody: the watch and the couriers do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.console.alerts.book import Alert
from gateway.console.alerts.telling import Voice
from gateway.console.alerts.wiring import Alerts
from gateway.console.live import live
from gateway.console.page import Page, Visit

PATH: Final = "/alerts"
#: how many that are over are shown
PAST: Final = 50
#: what an officer may choose, in seconds: words of the file, and how long
MUTES: Final[Mapping[str, float]] = {"hour": 3600.0, "shift": 8 * 3600.0, "day": 86_400.0, "week": 7 * 86_400.0}


def pages(alerts: Alerts, zone: ZoneInfo) -> list[Page]:
    """`zone`: in which times are told."""
    room = _Room(alerts, zone)
    return [
        Page(method="GET", path=PATH, role="viewer", answer=room.show),
        Page(method="GET", path="/live/alerts", role="viewer", answer=room.live),
        Page(method="GET", path=f"{PATH}/{{number}}", role="viewer", answer=room.one),
        Page(method="POST", path=f"{PATH}/{{number}}/take", role="operator", answer=room.take),
        Page(method="POST", path=f"{PATH}/{{number}}/mute", role="operator", answer=room.mute),
        Page(method="POST", path=f"{PATH}/{{number}}/unmute", role="operator", answer=room.unmute),
    ]


class _Room:
    def __init__(self, alerts: Alerts, zone: ZoneInfo) -> None:
        self._alerts, self._desk, self._zone = alerts, alerts.desk, zone

    async def show(self, visit: Visit) -> web.Response:
        past, rhythms = await self._desk.past(PAST), await self._rhythms()
        return visit.shown("alerts.html", past=past, rhythms=rhythms, told_to=self._alerts.told, **await self._open(visit))

    async def live(self, visit: Visit) -> web.StreamResponse:
        async def render() -> str:
            return visit.piece("alerts_live.html", **await self._open(visit))

        return await live(visit, render)

    async def one(self, visit: Visit) -> web.Response:
        return await self._page(visit)

    async def take(self, visit: Visit) -> web.Response:
        alert = await self._desk.take(_number(visit), visit.operator.name)
        mine = alert is not None and alert.by == visit.operator.name
        return await self._did(visit, alert, "did_take" if mine else "was_taken")

    async def mute(self, visit: Visit) -> web.Response:
        form = await visit.form()
        reason, for_s = form.get("reason", "").strip(), MUTES.get(form.get("for", ""))
        if not reason or for_s is None:
            return await self._page(visit, why=visit.words.alerts.need_reason, status=422)
        return await self._did(visit, await self._desk.mute(_number(visit), visit.operator.name, for_s, reason[:500]), "did_mute")

    async def unmute(self, visit: Visit) -> web.Response:
        return await self._did(visit, await self._desk.unmute(_number(visit), visit.operator.name), "did_unmute")

    async def _did(
        self, visit: Visit, alert: Alert | None, did: Literal["did_take", "was_taken", "did_mute", "did_unmute"]
    ) -> web.Response:
        """On to the list, which says what was done."""
        if alert is None:
            return await visit.done(PATH, visit.words.alerts.gone)
        return await visit.done(PATH, getattr(visit.words.alerts, did), by=alert.by, at=self._voice(visit).time(alert.muted))

    async def _page(self, visit: Visit, *, why: str = "", status: int = 200) -> web.Response:
        alert = await self._desk.one(_number(visit))
        if alert is None:
            return visit.shown("refused.html", status=404, why=visit.words.alerts.gone)
        return visit.shown("alert.html", status=status, alert=alert, voice=self._voice(visit), why=why, mutes=list(MUTES))

    async def _open(self, visit: Visit) -> dict[str, Any]:
        return {"alerts": await self._desk.open(), "voice": self._voice(visit)}

    async def _rhythms(self) -> list[tuple[str, tuple[float, float] | None]]:
        """By channel, what is usual in this hour."""
        now = datetime.now(UTC)
        rhythms = [(name, await self._alerts.silences.rhythm(f"channel:{name}", now)) for name in self._alerts.channels]
        return [(name, rhythm.band(now) if rhythm else None) for name, rhythm in rhythms]

    def _voice(self, visit: Visit) -> Voice:
        return Voice(visit.words.alerts, "", self._zone)


def _number(visit: Visit) -> int:
    """0 for what is no number: no alert has it."""
    written = visit.request.match_info["number"]
    return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else 0
