"""Writes the history as time goes by, and has at hand what the overview shows of the last day.

In: looks, the console's file. Out: a `Recent` for each subject. It looks often, so that a minute in which something was down for a part is
told as such, and writes once a minute; a file that cannot be written costs the history, and nothing else.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import apsw
import msgspec

from gateway.console import history, spark, standing
from gateway.console.cabinet import Cabinet
from gateway.console.history import MINUTE, TEN_MINUTES
from gateway.console.lookout import Lookout, Sight, moment
from gateway.console.rhythm import Rhythm
from gateway.console.slices import ALL, Slice
from gateway.console.standing import Tile
from gateway.journal import Journal

LOOK_S: Final = 5.0
_DOWN, _CLOSED = Slice(down_s=LOOK_S), Slice(closed_s=LOOK_S)
#: of the last day: its ten minutes, how many of them make a bar, and how many are the last hour
DAY, IN_A_BAR, HOUR = 144, 2, 6


#: the rhythm of a channel or bind, as the history calls it, as it is known at an instant; None: it has none yet
Learned = Callable[[str, datetime], Awaitable[Rhythm | None]]


class Recent(msgspec.Struct, frozen=True, kw_only=True):
    """The last day of a subject."""

    #: how many came in each of 72 times twenty minutes; None: nothing is known
    bars: Sequence[int | None] = (None,) * (DAY // IN_A_BAR)
    #: the same as a picture (see `spark`), and the greatest of them
    path: str = ""
    most: int = 0
    #: the picture of what is usual; empty where that is not known
    band: str = ""
    hour: Slice = Slice()
    day: Slice = Slice()


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say there should be: channels and ledgers by name, with their kinds."""

    channels: Mapping[str, str]
    ledgers: Mapping[str, str]
    #: of each ledger that is told by hand, how the store calls it
    worklists: Mapping[str, Sequence[str]] = {}

    @property
    def subjects(self) -> list[str]:
        """Those that have a history, but for the binds, which only their channels know."""
        return [ALL, *self.doors, *(f"ledger:{name}" for name in self.ledgers)]

    @property
    def doors(self) -> list[str]:
        """The channels, as the history calls them."""
        return [f"channel:{name}" for name in self.channels]

    def tiles(self, sight: Sight) -> list[Tile]:
        """Channels, then ledgers, then what all stand on."""
        channels = [standing.channel(sight, name, kind) for name, kind in self.channels.items()]
        ledgers = [standing.ledger(sight, name, kind) for name, kind in self.ledgers.items()]
        return [*channels, *ledgers, standing.store(sight), standing.spool(sight), *standing.fallen(sight)]


class Diary:
    """One for a console."""

    def __init__(self, cabinet: Cabinet, lookout: Lookout, settled: Settled, journal: Journal, *, rhythm: Learned) -> None:
        """Nothing is known before it runs. `rhythm`: what is usual of a channel."""
        self._rhythm = rhythm
        self._cabinet, self._lookout, self._settled, self._journal = cabinet, lookout, settled, journal
        #: since a minute was written, how each subject stood that was not up
        self._stood: dict[str, Slice] = {}
        self._minute = -1
        self.recent: Mapping[str, Recent] = {}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Once; what is seen for the first time in a minute is written."""
        sight = await self._lookout.look()
        tiles = self._settled.tiles(sight)
        closed = self._settled.doors if sight.why else standing.closed(tiles)
        for subject, slice_ in [(each, _DOWN) for each in standing.down(tiles)] + [(each, _CLOSED) for each in closed]:
            self._stood[subject] = self._stood.get(subject, Slice()).then(slice_)
        # read at once, so that the first page after a start has its day
        if int(sight.at.timestamp()) // MINUTE.every_s != self._minute:
            self._minute = int(sight.at.timestamp()) // MINUTE.every_s
            await self._written(sight)

    async def _written(self, sight: Sight) -> None:
        stood, self._stood = self._stood, {}
        work: Callable[[apsw.Connection], bool] = partial(history.keep, moment=moment(sight, stood))
        try:
            await self._cabinet.run(work)
            binds = [bind.subject for tile in self._settled.tiles(sight) for bind in standing.binds(tile)]
            bands = {subject: await self._band(subject, sight.at) for subject in (*self._settled.doors, *binds)}
            subjects = [*self._settled.subjects, *binds]
            told = await self._cabinet.run(partial(history.all_told, subjects=subjects, span=TEN_MINUTES, now=sight.at, last=DAY))
            self.recent = {subject: recent(slices, bands.get(subject, ())) for subject, slices in told.items()}
        except apsw.Error as fault:
            self._journal.trouble("history_failed", why=type(fault).__name__)

    async def _band(self, subject: str, now: datetime) -> list[tuple[float, float]]:
        rhythm = await self._rhythm(subject, now)
        return usual(rhythm, now) if rhythm else []

    def of(self, subject: str) -> Recent:
        """Empty, where nothing is known."""
        return self.recent.get(subject, Recent())


def usual(rhythm: Rhythm, now: datetime) -> list[tuple[float, float]]:
    """Between what the count of each bar of the last day is, nineteen times out of twenty; one for the bars of each hour."""
    began = history.began(TEN_MINUTES, now, DAY)[::HOUR]
    rates = [rhythm.rate(at + timedelta(minutes=30)) * IN_A_BAR / HOUR for at in began]
    reaches = [2 * math.sqrt(rate + rate * rate / rhythm.shape) for rate in rates]
    return [(max(rate - reach, 0.0), rate + reach) for rate, reach in zip(rates, reaches, strict=True)]


def recent(slices: Sequence[Slice | None], band: Sequence[tuple[float, float]] = ()) -> Recent:
    """`slices`: of ten minutes each, the newest last. `band`: of each hour, see `usual`."""
    pairs = [slices[first : first + IN_A_BAR] for first in range(0, len(slices), IN_A_BAR)]
    bars = [sum(each.came for each in pair if each) if any(pair) else None for pair in pairs]
    low, high = [a for a, _ in band], [b for _, b in band]
    top = spark.top(bars, high)
    return Recent(
        bars=bars,
        path=spark.bars(bars, top),
        band=spark.band(low, high, top, every=HOUR // IN_A_BAR),
        most=max((bar for bar in bars if bar), default=0),
        hour=_sum(slices[-HOUR:]),
        day=_sum(slices),
    )


def _sum(slices: Sequence[Slice | None]) -> Slice:
    total = Slice()
    for each in slices:
        total = total.then(each) if each else total
    return total
