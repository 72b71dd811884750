"""The watch: who judges, when a silence begins, and what is written down."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
import pytest

from channels.base import Unavailable
from gateway.console import cabinet, history, holidays
from gateway.console.alerts import wiring
from gateway.console.alerts.book import Alert, Plan, open_alerts
from gateway.console.alerts.silences import Silences
from gateway.console.alerts.watch import Watch
from gateway.console.cabinet import Cabinet
from gateway.console.diary import Settled
from gateway.console.lookout import Lookout, Sight
from gateway.console.pulse import Link
from gateway.console.slices import Slice
from gateway.controls import Wanted, Wish
from gateway.journal import Journal, Lines
from gateway.store.board import Pinned
from tests.console.seen import NOTHING, door, link, pulse, sight

JAKARTA = ZoneInfo("Asia/Jakarta")
#: a Wednesday morning with no holiday near it
TEN = datetime(2026, 8, 12, 10, 30, tzinfo=JAKARTA).astimezone(UTC)


class Scene:
    """A lookout and a store that show what the test says."""

    def __init__(self) -> None:
        self.sight, self.holder, self.away = sight(pulse({"sms": door()}), tally=NOTHING), "", False
        self.notes: dict[str, Pinned] = {}

    async def look(self) -> Sight:
        return self.sight

    async def lease(self, name: str, holder: str, for_s: float) -> int | None:
        if self.away:
            raise Unavailable("store_unreachable")
        self.holder = self.holder or holder
        return 1 if self.holder == holder else None

    async def pin(self, board: str, name: str, value: bytes, lasts_s: float | None) -> None:
        if self.away:
            raise Unavailable("store_unreachable")
        self.notes[name] = Pinned(value, TEN)

    async def unpin(self, board: str, name: str) -> None:
        raise NotImplementedError

    async def pinned(self, board: str) -> Mapping[str, Pinned]:
        return dict(self.notes)

    def at(self, after: timedelta, last: datetime | None = None, links: tuple[Link, ...] = (), **wish: Any) -> None:
        now = TEN + after
        seen = sight(pulse({"sms": door(last=last, links=links)}), tally=NOTHING)
        self.sight = msgspec.structs.replace(seen, at=now, wanted=Wanted({"sms": Wish(**wish)}))


@asynccontextmanager
async def watching(scene: Scene, folder: Path, who: str = "a") -> AsyncIterator[tuple[Watch, Cabinet]]:
    async with cabinet.opened(folder, (*history.TABLES, *wiring.TABLES)) as file:
        settled = Settled(channels={"sms": "sms.esme"}, ledgers={})
        silences, journal = Silences(file, holidays.load(), JAKARTA), Journal(Lines(io.BytesIO()))
        yield Watch(
            file, cast("Lookout", scene), settled, silences, store=scene, plan=Plan([], 900), patience=timedelta(minutes=15), holder=who,
            journal=journal,
        ), file  # fmt: skip


async def busy(file: Cabinet) -> None:
    """Five weeks in which two hundred messages came in every hour, up to half past ten."""

    def write(db: Any) -> None:
        start = TEN.replace(minute=0) - timedelta(weeks=5)
        for n in range(5 * 168 + 1):
            for subject, came in (("channel:sms", 200), ("bind:sms transceiver 1", 100)):
                history.add(db, subject, history.HOUR, start + timedelta(hours=n), Slice(came=came))

    await file.run(write)


async def kinds(file: Cabinet) -> list[tuple[str, str]]:
    found: list[Alert] = await file.run(open_alerts)
    return [(alert.kind, alert.on) for alert in found]


async def test_a_channel_that_falls_silent_at_its_busiest_is_told_of_in_time(tmp_path: Path) -> None:
    scene = Scene()
    async with watching(scene, tmp_path) as (watch, file):
        await busy(file)
        scene.at(timedelta(0), last=TEN)
        await watch.round()
        scene.at(timedelta(minutes=4), last=TEN)
        await watch.round()
        assert await kinds(file) == []
        scene.at(timedelta(minutes=12), last=TEN)
        await watch.round()
        assert await kinds(file) == [("silent", "sms")]


async def test_a_bind_that_falls_silent_while_its_channel_goes_on_is_told_of(tmp_path: Path) -> None:
    scene = Scene()
    async with watching(scene, tmp_path) as (watch, file):
        await busy(file)
        silent = msgspec.structs.replace(link(), came=500, last=TEN)
        scene.at(timedelta(0), TEN, (silent,))
        await watch.round()
        scene.at(timedelta(minutes=25), TEN + timedelta(minutes=25), (silent, link("transceiver 2")))
        await watch.round()
        assert await kinds(file) == [("bind_silent", "sms transceiver 1")]
        scene.at(timedelta(minutes=26), TEN, (silent,))
        await watch.round()
        assert ("silent", "sms") in await kinds(file)


async def test_what_was_paused_or_is_new_to_us_begins_anew(tmp_path: Path) -> None:
    scene = Scene()
    async with watching(scene, tmp_path) as (watch, file):
        await busy(file)
        scene.at(timedelta(minutes=30), last=TEN)
        await watch.round()
        assert await kinds(file) == []
        scene.at(timedelta(minutes=34), last=TEN, mode="paused")
        await watch.round()
        scene.at(timedelta(minutes=44), last=TEN)
        await watch.round()
        assert await kinds(file) == []
        scene.at(timedelta(minutes=60), last=TEN)
        await watch.round()
        assert await kinds(file) == [("silent", "sms")]


async def test_one_of_two_judges_and_both_while_the_store_is_away(tmp_path: Path) -> None:
    scene = Scene()
    async with watching(scene, tmp_path, "a") as (one, file), watching(scene, tmp_path, "b") as (other, _):
        await one.round()
        scene.sight = sight(pulse({"sms": door()}, torn=1), tally=NOTHING)
        await other.round()
        assert await kinds(file) == []
        scene.away = True
        for _ in range(2):
            await other.round()
            await one.round()
        assert await kinds(file) == [("spool_torn", "")]


async def test_what_we_sent_ourselves_is_not_learned(tmp_path: Path) -> None:
    def write(db: Any) -> None:
        for n in range(5 * 168 + 1):
            at = TEN.replace(minute=0) - timedelta(weeks=5) + timedelta(hours=n)
            history.add(db, "channel:sms", history.HOUR, at, Slice(came=12 + 20))
            # another was only asked
            history.add(db, "probe:sms", history.HOUR, at, Slice(came=13, went=13, registering=[4, 8]))

    async with cabinet.opened(tmp_path, history.TABLES) as file:
        await file.run(write)
        rhythm = await Silences(file, holidays.load(), JAKARTA).rhythm("channel:sms", TEN)
        assert rhythm is not None
        assert rhythm.rate(TEN) == pytest.approx(20, rel=0.02)


async def test_hours_in_which_nothing_could_come_are_not_learned(tmp_path: Path) -> None:
    """Two weeks of five, in which the channel was paused; its bind is left out with it."""

    def write(db: Any) -> None:
        start = TEN.replace(minute=0) - timedelta(weeks=5)
        for n in range(5 * 168 + 1):
            shut = 168 <= n < 3 * 168
            for subject, came, closed_s in (("channel:sms", 200, 3600), ("bind:sms transceiver 1", 100, 0)):
                slice_ = Slice(came=0, closed_s=closed_s) if shut else Slice(came=came)
                history.add(db, subject, history.HOUR, start + timedelta(hours=n), slice_)

    async with cabinet.opened(tmp_path, history.TABLES) as file:
        await file.run(write)
        silences = Silences(file, holidays.load(), JAKARTA)
        for subject, rate in (("channel:sms", 200), ("bind:sms transceiver 1", 100)):
            rhythm = await silences.rhythm(subject, TEN)
            assert rhythm is not None
            assert rhythm.rate(TEN) == pytest.approx(rate, rel=0.02)
