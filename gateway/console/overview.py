"""The first page: what is wrong, where every message is, and how each channel, ledger and the store are.

In: what the lookout sees and the diary remembers. Out: the page, and its live part. All who watch get what was rendered once; it shows
no word, number or name of a citizen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web
from markupsafe import Markup

from gateway.console import slices, spark, standing
from gateway.console.alerts.book import Alert
from gateway.console.diary import Diary, Settled
from gateway.console.live import live
from gateway.console.lookout import FRESH_S, Lookout, Sight
from gateway.console.page import Page, Visit
from gateway.console.standing import Conservation, Tile
from gateway.store.ages import WAITING
from gateway.store.record import Step

_SPARK: Final = Markup(
    '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
    '<path class="band" d="{}"/><path class="strokes" d="{}"/></svg>'
)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the pages of the overview are made from."""

    settled: Settled
    lookout: Lookout
    diary: Diary
    #: in which times are told
    zone: ZoneInfo
    #: the alerts that are open
    alerts: Callable[[], Awaitable[Sequence[Alert]]]

    async def tiles(self, sight: Sight) -> list[Tile]:
        """With what only time tells: a silence as there never is, and a door that did not open when it was tried."""
        silent = await self._silent("silent")
        return [_over_time(tile, sight, silent.get(tile.name)) for tile in self.settled.tiles(sight)]

    async def binds(self, tiles: Sequence[Tile]) -> dict[str, list[Tile]]:
        """By the subject of a channel that has several binds, the tile of each."""
        silent = await self._silent("bind_silent")
        return {
            tile.subject: [_hushed(bind, silent.get(bind.subject.removeprefix("bind:"))) for bind in standing.binds(tile)] for tile in tiles
        }

    async def _silent(self, kind: str) -> dict[str, Alert]:
        return {each.on: each for each in await self.alerts() if each.kind == kind}


def _hushed(tile: Tile, silent: Alert | None) -> Tile:
    if silent is None or tile.condition != "up":
        return tile
    return msgspec.structs.replace(tile, condition="silent", why="quiet", since=datetime.fromtimestamp(silent.since, UTC))


def _over_time(tile: Tile, sight: Sight, silent: Alert | None) -> Tile:
    if not tile.subject.startswith("channel:") or tile.condition != "up":
        return tile
    if silent is not None:
        return _hushed(tile, silent)
    found = sight.findings.get(tile.name)
    if found is not None and not found.up:
        return msgspec.structs.replace(tile, condition="degraded", why="probe_failed", since=found.at, detail=found.why)
    return tile


def pages(outlook: Outlook) -> list[Page]:
    """The overview, and what keeps it fresh."""
    rendered: dict[str, tuple[datetime, str]] = {}
    turn = asyncio.Lock()

    async def inside(visit: Visit, sight: Sight) -> str:
        async with turn:
            at, text = rendered.get(visit.language, (None, ""))
            if at != sight.at:
                tiles = await outlook.tiles(sight)
                values = _values(visit, outlook, sight, tiles) | {"binds": await outlook.binds(tiles)}
                text = await visit.long_piece("overview_live.html", **values)
                rendered[visit.language] = sight.at, text
        return text

    async def overview(visit: Visit) -> web.StreamResponse:
        at, text = rendered.get(visit.language, (None, ""))
        if at is None or datetime.now(UTC) - at > timedelta(seconds=FRESH_S):
            text = await inside(visit, await outlook.lookout.glance())
        return visit.shown("overview.html", inside=text)

    async def watched(visit: Visit) -> web.StreamResponse:
        async def render() -> str:
            return await inside(visit, await outlook.lookout.look())

        return await live(visit, render)

    return [
        Page(method="GET", path="/", role="viewer", answer=overview),
        Page(method="GET", path="/live/overview", role="viewer", answer=watched),
    ]


def _values(visit: Visit, outlook: Outlook, sight: Sight, tiles: Sequence[Tile]) -> dict[str, Any]:
    line = standing.conservation(sight)
    letters = sight.tally.letters.items() if sight.tally else ()
    return {
        "sight": sight,
        "troubles": troubles(tiles),
        "channels": [tile for tile in tiles if tile.subject.startswith("channel:")],
        "others": [tile for tile in tiles if not tile.subject.startswith("channel:")],
        "line": line,
        "parts": parts(line, sight) if line else (),
        "waiting": slices.waiting(sight.tally) if sight.tally else {},
        "oldest": {name: sight.at - at for name, at in sight.tally.waiting.items()} if sight.tally else {},
        "unsent": {name: steps.get("send", 0) for name, steps in letters},
        "spooled": sum(sum(each.spooled.values()) for each in sight.alive),
        "recents": outlook.diary.of,
        "drawn": drawing(visit, outlook.diary),
        "names": naming(visit),
    }


def troubles(tiles: Sequence[Tile]) -> list[Tile]:
    """What an officer is to look at, the worst first; what somebody paused is no trouble."""
    return sorted(
        (tile for tile in tiles if tile.condition not in {"up", "paused"}),
        key=lambda tile: (standing.ORDER.index(tile.condition), tile.subject != "all"),
    )


def parts(line: Conservation, sight: Sight) -> list[tuple[str, int, str, datetime | None]]:
    """The right side of the equation: sign, how many, word, and since when the oldest of them is there."""
    oldest = sight.tally.oldest if sight.tally else {}

    def since(*steps: Step) -> datetime | None:
        return min((oldest[step] for step in steps if step in oldest), default=None)

    return [
        ("=", line.forwarded, "forwarded", None),
        ("+", line.waiting, "waiting", since(*WAITING)),
        ("+", line.triage, "triage", since("triage")),
        ("+", line.parked, "parked", since("parked")),
        ("+", line.declined, "declined", None),
    ]


def naming(visit: Visit) -> Callable[[Tile], str]:
    """What a tile is called."""
    words = visit.words.overview
    said = {"all": words.store, "spool": words.spool}

    def name(tile: Tile) -> str:
        if tile.subject.startswith(("ledger:", "process:")):
            return f"{getattr(words, tile.subject.partition(':')[0])} {tile.name}"
        return str(said.get(tile.subject, tile.name))

    return name


def drawing(visit: Visit, diary: Diary) -> Callable[[str], Markup]:
    """A spark line of a subject's last day, with its own words for those who do not see it."""

    def drawn(subject: str) -> Markup:
        recent = diary.of(subject)
        words = visit.words.overview.spark if recent.band else visit.words.overview.spark_plain
        return _SPARK.format(len(recent.bars), spark.HEIGHT, words.format(n=recent.most), recent.band, recent.path)

    return drawn
