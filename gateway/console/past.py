"""The pages behind the tiles: how a channel, a ledger or the store is, and how it was within hours, a day, a week, a year.

In: what the lookout sees, the history. Out: pages with a table of numbers for each span, from which a script of ours draws charts for
those who have it. They show no word, number or name of a citizen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby, starmap
from typing import Any, Final, NamedTuple

from aiohttp import web

from gateway.console import history, spark, standing
from gateway.console.cabinet import Cabinet
from gateway.console.history import HOUR, MINUTE, QUARTER_DAY, TEN_MINUTES, Span
from gateway.console.lookout import Sight
from gateway.console.overview import Outlook, naming
from gateway.console.page import Page, Visit
from gateway.console.slices import Slice
from gateway.console.standing import Tile
from gateway.store.ages import Pile, together


class View(NamedTuple):
    """How a span is shown: how finely it is kept, how many of these, and whether those of a day are put together."""

    span: Span
    last: int
    daily: bool = False


VIEWS: Final = {
    "hours": View(MINUTE, 120),
    "day": View(TEN_MINUTES, 144),
    "week": View(HOUR, 168),
    "year": View(QUARTER_DAY, QUARTER_DAY.rows, daily=True),
}


class Row(NamedTuple):
    """A line of the table; nothing was kept where a slice is None."""

    at: datetime
    slice: Slice | None
    #: of our own tries of a channel's door
    probe: Slice | None = None


class Chart(NamedTuple):
    """Which numbers are drawn together: columns of the table, and the word above."""

    word: str
    columns: Sequence[str]
    #: line, or bars for what is counted
    way: str


_TIMES: Final = (Chart("chart_accept", ("accept_50", "accept_95"), "line"), Chart("chart_register", ("register_50", "register_95"), "line"))
_DOWN: Final = Chart("chart_down", ("down",), "bars")
CHARTS: Final = {
    "channel": (
        Chart("chart_came", ("came",), "bars"), Chart("chart_waiting", ("waiting",), "line"), Chart("chart_oldest", ("oldest",), "line"),
        *_TIMES, Chart("chart_went", ("went",), "bars"), _DOWN,
    ),
    "bind": (Chart("chart_came", ("came",), "bars"), _DOWN),
    "ledger": (Chart("chart_came_ledger", ("came",), "bars"), Chart("chart_went_ledger", ("went",), "bars"), _TIMES[1], _DOWN),
    "all": (
        Chart("chart_came", ("came",), "bars"), Chart("chart_waiting", ("waiting",), "line"), Chart("chart_oldest", ("oldest",), "line"),
        *_TIMES, _DOWN,
    ),
}  # fmt: skip
#: of a channel whose door we try
PROBES: Final = (Chart("chart_probe", ("probe_50", "probe_95"), "line"), Chart("chart_probe_failed", ("probe_failed",), "bars"))
#: columns that are no seconds
_PLAIN: Final = frozenset({"came", "went", "waiting", "down", "probe_failed"})


def pages(outlook: Outlook, cabinet: Cabinet) -> list[Page]:
    """Of each channel, each of its binds where it has several, each ledger, and the store."""

    async def shown(visit: Visit, subject: str) -> web.StreamResponse:
        sight = await outlook.lookout.glance()
        tiles = await outlook.tiles(sight)
        binds = [bind for found in (await outlook.binds(tiles)).values() for bind in found]
        tile = next((tile for tile in (*tiles, *binds) if tile.subject == subject), None)
        if tile is None:
            raise web.HTTPNotFound
        chosen = visit.request.query.get("span", "day")
        view = VIEWS.get(chosen, VIEWS["day"])
        probe = f"probe:{tile.name}"
        work = partial(history.all_told, subjects=(subject, probe), span=view.span, now=sight.at, last=view.last)
        told = await cabinet.run(work)
        spans = zip(history.began(view.span, sight.at, view.last), told[subject], told[probe], strict=True)
        rows = lines(list(starmap(Row, spans)), view, outlook)
        sort = subject.partition(":")[0]
        charts = [*CHARTS[sort], *(PROBES if sort == "channel" and any(row.probe for row in rows) else ())]
        values: dict[str, Any] = {"sight": sight, "tile": tile, "name": naming(visit)(tile), "views": VIEWS, "chosen": chosen}
        values |= {
            "processes": standing.alive(sight) if subject == "all" else (),
            "fallen": standing.fallen(sight),
            "zone": outlook.zone.key,
            "pile": pile(outlook, sight, tile),
        }
        columns = [column for chart in charts for column in chart.columns]
        return visit.shown("past.html", rows=rows, charts=charts, columns=columns, number=number, drawn=drawn, plain=_PLAIN, **values)

    async def channel(visit: Visit) -> web.StreamResponse:
        return await shown(visit, f"channel:{visit.request.match_info['name']}")

    async def bind(visit: Visit) -> web.StreamResponse:
        return await shown(visit, f"bind:{visit.request.match_info['name']}")

    async def ledger(visit: Visit) -> web.StreamResponse:
        return await shown(visit, f"ledger:{visit.request.match_info['name']}")

    async def store(visit: Visit) -> web.StreamResponse:
        return await shown(visit, "all")

    return [
        Page(method="GET", path="/channel/{name}", role="viewer", answer=channel),
        Page(method="GET", path="/bind/{name}", role="viewer", answer=bind),
        Page(method="GET", path="/ledger/{name}", role="viewer", answer=ledger),
        Page(method="GET", path="/store", role="viewer", answer=store),
    ]


def pile(outlook: Outlook, sight: Sight, tile: Tile) -> Pile | None:
    """What lies before those who copy into this ledger by hand; None: nobody does, or it is not known."""
    queues = outlook.settled.worklists.get(tile.name) if tile.subject.startswith("ledger:") else None
    if queues is None or sight.tally is None:
        return None
    return together([found for queue in queues if (found := sight.tally.piles.get(queue))])


def lines(rows: Sequence[Row], view: View, outlook: Outlook) -> Sequence[Row]:
    """The oldest first, from the first that is known."""
    if view.daily:
        days = groupby(rows, key=lambda row: row.at.astimezone(outlook.zone).date())
        rows = [_day(list(day)) for _, day in days]
    known = [place for place, row in enumerate(rows) if row.slice is not None]
    return rows[known[0] :] if known else []


def _day(rows: Sequence[Row]) -> Row:
    return Row(rows[0].at, _sum(row.slice for row in rows), _sum(row.probe for row in rows))


def _sum(slices: Iterable[Slice | None]) -> Slice | None:
    total: Slice | None = None
    for each in slices:
        total = each if total is None else total.then(each) if each else total
    return total


def number(row: Row, column: str) -> float | None:
    """What stands in a column; seconds, minutes or how many."""
    word, _, share = column.partition("_")
    found = row.probe if word == "probe" else row.slice
    if found is None:
        return None
    if share.isdigit():
        of = found.register_s if word == "register" else found.accept_s
        return of(int(share) / 100)
    if column == "probe_failed":
        return found.came - found.went
    plain = {"came": found.came, "went": found.went, "waiting": found.waiting, "oldest": found.oldest_s, "down": found.down_s / 60}
    return plain[word]


def drawn(rows: Sequence[Row], chart: Chart) -> str:
    """The path of a plain picture, for those who have no script."""
    numbers = [number(row, chart.columns[-1]) for row in rows]
    return spark.bars(numbers, spark.top(numbers))
