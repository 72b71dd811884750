"""The audit, for admins: who did what, and whether anything of it was changed.

In: an admin's visits. Out: a page of rows, or all of them as CSV. It changes nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.console.audit import Act, Audit, Filter, Written
from gateway.console.page import Page, Visit
from gateway.reports.csv import guarded

PATH: Final = "/audit"
#: rows of a page, and of one read for a file
MOST: Final = 100
_ALL: Final = 1000
#: rows whose chain is looked at whenever somebody comes; all of them when he asks
NEWEST: Final = 5000


def pages(audit: Audit, zone: ZoneInfo) -> list[Page]:
    """`zone`: in which its days begin."""

    async def seen(visit: Visit) -> web.StreamResponse:
        query = visit.request.query
        wanted = _filter(query, zone)
        rows = await audit.found(wanted, MOST + 1, _before(query))
        older = rows[MOST - 1].id if len(rows) > MOST else None
        count, every = await audit.count(), "whole" in query
        return visit.shown(
            "audit.html", rows=rows[:MOST], older=older, query={name: query.get(name, "") for name in _FIELDS}, acts=await audit.acts(),
            broken=await audit.broken(None if every else NEWEST), count=count, looked=count if every else min(count, NEWEST),
        )  # fmt: skip

    async def table(visit: Visit) -> web.StreamResponse:
        wanted, before = _filter(visit.request.query, zone), None
        await audit.write(Act(by=visit.operator.name, act="audit.export"))
        answer = web.StreamResponse(
            headers={"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": 'attachment; filename="audit.csv"'}
        )
        await answer.prepare(visit.request)
        await answer.write(_lines([("id", "at", "by", "act", "on", "words", "chain")]))
        while rows := await audit.found(wanted, _ALL, before):
            await answer.write(_lines([_cells(row) for row in rows]))
            before = rows[-1].id
        await answer.write_eof()
        return answer

    return [
        Page(method="GET", path=PATH, role="admin", answer=seen),
        Page(method="GET", path=f"{PATH}.csv", role="admin", answer=table),
    ]


_FIELDS: Final = ("by", "act", "on", "from", "to")


def _filter(query: Mapping[str, str], zone: ZoneInfo) -> Filter:
    by, act, on = (query.get(name, "").strip() for name in ("by", "act", "on"))
    return Filter(by=by, act=act, on=on, since=_day(query.get("from", ""), zone), until=_day(query.get("to", ""), zone, after=1))


def _day(text: str, zone: ZoneInfo, *, after: int = 0) -> float | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), zone).timestamp() + timedelta(days=after).total_seconds()


def _before(query: Mapping[str, str]) -> int | None:
    text = query.get("before", "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _cells(row: Written) -> tuple[str, ...]:
    at = datetime.fromtimestamp(row.at, UTC).isoformat(timespec="milliseconds")
    return str(row.id), at, *(str(guarded(text)) for text in (row.act.by, row.act.act, row.act.on, row.act.words)), row.chain.hex()


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "replace")
