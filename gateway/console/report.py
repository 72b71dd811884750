"""The evaluation of a period as a page, and as files to take away; and the list of its cases, which is written down.

In: a period, a region. Out: tables with their charts, PDF, XLSX, CSV. It waits for no long count: a page that is not ready says how far it
is, and asks again by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from aiohttp import web

from channels.base import Unavailable
from gateway.console.audit import Act, Audit
from gateway.console.page import Page, Visit
from gateway.console.roles import may
from gateway.console.words import say
from gateway.reports import cases, chart, forms, places, table
from gateway.reports.bureau import Asked, Bureau
from gateway.reports.figures import Report
from gateway.reports.period import CHOICES, Choice, Period, chosen, own
from gateway.reports.wording import Wording

PATH: Final = "/reports"
#: so long a page waits for a count before it says how far it is
WAIT_S: Final = 1.5
#: of the large chart, in units of its own
WIDE, HIGH = 1200, 260
#: a table has no more rows here; the files have all
MOST_ROWS: Final = 25


class Wish(NamedTuple):
    """What was asked for; `fault` names a word of ours where it cannot be had, and this month is shown instead."""

    asked: Asked
    choice: str
    fault: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The same, as a form says it."""
        first, last = (day.isoformat() for day in self.asked.period)
        return {"period": self.choice, "first": first, "last": last, "region": self.asked.region}


def pages(bureau: Bureau, audit: Audit) -> list[Page]:
    """The page, its files, and the list."""
    room = _Room(bureau, audit)
    return [
        Page(method="GET", path=PATH, role="viewer", answer=room.show),
        *(Page(method="GET", path=f"{PATH}/{form}", role="viewer", answer=room.file(form)) for form in forms.FORMS),
        Page(method="POST", path=f"{PATH}/cases", role="operator", answer=room.cases),
    ]


class _Room:
    def __init__(self, bureau: Bureau, audit: Audit) -> None:
        self._bureau, self._audit = bureau, audit

    async def show(self, visit: Visit) -> web.Response:
        wish = await self._wished(visit.request.query)
        values: dict[str, Any] = {
            "wish": wish, "query": wish.query, "choices": CHOICES, "provinces": await asyncio.to_thread(places.provinces), "forms": forms,
            "districts": await asyncio.to_thread(places.districts, wish.asked.region), "paper": None, "read": None, "away": False,
        }  # fmt: skip
        try:
            report = await self._bureau.report(wish.asked, WAIT_S)
        except (Unavailable, OSError):
            return visit.shown("report.html", status=503, **{**values, "away": True})
        if isinstance(report, int):
            return visit.shown("report.html", **{**values, "read": report})
        words = Wording(visit.language)
        paper = await _paper(report, words)
        values |= {"paper": paper, "chart": chart, "written": lambda cell, kind: table.written(cell, kind, words), "words": words}
        values |= {"cut": lambda sheet: table.cut(sheet, words, MOST_ROWS)}
        values |= {"described": lambda sheet: chart.described(sheet, words), "size": (WIDE, HIGH)}
        return visit.shown("report.html", **values)

    def file(self, form: str) -> Callable[[Visit], Any]:
        """The page of a file."""

        async def answer(visit: Visit) -> web.Response:
            wish, words = await self._wished(visit.request.query), Wording(visit.language)
            try:
                report = await self._bureau.report(wish.asked)
            except (Unavailable, OSError):
                return visit.shown("refused.html", status=503, why=visit.words.report.away)
            assert isinstance(report, Report)  # noqa: S101 - it was waited for without an end
            paper = await _paper(report, words)
            return _taken(await asyncio.to_thread(forms.made, form, paper, words), form, wish.asked)

        return answer

    async def cases(self, visit: Visit) -> web.Response:
        """Written down before it is handed out."""
        fields = await visit.form()
        wish, words = await self._wished(fields), Wording(visit.language)
        form = next((form for form in forms.LISTS if form == fields.get("form")), forms.LISTS[0])
        few = may(visit.operator.role, "supervisor")
        period = wish.asked.period
        on = f"{period.first}/{period.last}" + (f" {wish.asked.region}" if wish.asked.region else "")
        await self._audit.write(Act(by=visit.operator.name, act="report.cases", on=on, words="all" if few else "open"))
        try:
            lines = await cases.listed(self._bureau, wish.asked, words, few=few)
        except cases.TooMany:
            return visit.shown("refused.html", status=422, why=say(visit.words.report.too_many, n=words.number(cases.MOST)))
        except (Unavailable, OSError):
            return visit.shown("refused.html", status=503, why=visit.words.report.away)
        return _taken(await asyncio.to_thread(forms.listed, form, lines, words), form, wish.asked, name="daftar")

    async def _wished(self, fields: Mapping[str, str]) -> Wish:
        today = self._bureau.today
        choice: Choice = next((choice for choice in CHOICES if choice == fields.get("period")), "this_month")
        region = fields.get("district") or fields.get("region") or ""
        if fields.get("district") and not fields["district"].startswith(f"{fields.get('region', '')}."):
            # the kabupaten was changed, and the kecamatan is still that of the old one
            region = fields.get("region", "")
        plain = Asked(chosen("this_month", today))
        if region and not await asyncio.to_thread(places.known, region):
            return Wish(plain, "this_month", "no_region")
        if choice != "own":
            return Wish(Asked(chosen(choice, today), region), choice)
        try:
            return Wish(Asked(own(fields.get("first", ""), fields.get("last", "")), region), choice)
        except ValueError:
            return Wish(plain, "this_month", "no_period")


async def _paper(report: Report, words: Wording) -> table.Paper:
    """In a thread: the first one loads the list of regions."""
    return await asyncio.to_thread(lambda: table.paper(report, words, places.naming(report.home)))


def _taken(content: bytes, form: str, asked: Asked, name: str = "evaluasi") -> web.Response:
    """To be kept as a file."""
    period: Period = asked.period
    file = f"{name}-{period.first}-{period.last}{f'-{asked.region}' if asked.region else ''}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return web.Response(body=content, content_type=forms.TYPES[form], headers=headers)
