"""The overview and the pages behind its tiles, as officers see them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import apsw
import pytest
from playwright.async_api import Browser

from gateway.console import cabinet, history, room, spark
from gateway.console.diary import recent, usual
from gateway.console.history import Moment
from gateway.console.holidays import Calendar
from gateway.console.rhythm import Rhythm
from gateway.console.slices import ALL, Slice
from tests.console.opened import SETTINGS, House, house, officer
from tests.web.browsing import barriers, on_chromium, visiting

#: an operator with two binds
SEVERAL = SETTINGS.replace('system_id = "lapor"', 'system_id = "lapor"\nsessions = 2')
TILES = (
    "/channel/operator",
    "/bind/operator%20transceiver%201",
    "/bind/operator%20transceiver%202",
    "/channel/web",
    "/ledger/embedded",
    "/store",
)


#: of a door, of which one went well and took three hundredths of a second
TRIES = Slice(came=3, went=1, accepting=[0, 0, 0, 0, 0, 1])


async def remembered(folder: Path) -> None:
    """A day of the web form in the console's file."""

    def work(db: apsw.Connection) -> None:
        now = datetime.now(UTC)
        for minutes in (3000, 600, 30, 20, 10):
            each = Slice(came=minutes, went=2, waiting=1, accepting=[0, 4, 1], registering=[3, 1])
            history.keep(
                db, Moment(at=now - timedelta(minutes=minutes), counted={}, standing={"channel:web": each, ALL: each, "probe:web": TRIES})
            )

    async with cabinet.opened(folder / "var", room.TABLES) as file:
        await file.run(work)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[House]:
    await remembered(tmp_path)
    async with house(tmp_path, SEVERAL) as one:
        yield one


async def test_every_tile_has_a_page_with_the_same_numbers_as_a_table(here: House) -> None:
    async with officer(here, "viewer") as viewer:
        async with asyncio.timeout(60):
            # the binds are known when the process has told of them
            while "/bind/" not in (overview := (await viewer.get("/")).text):
                await asyncio.sleep(0.2)
        for path in TILES:
            assert f'href="{path}"' in overview
            assert (await viewer.get(path)).status == 200
        week = (await viewer.get("/channel/web?span=week")).text
        assert re.findall(r'<td class="right" data-n="(\d+)', week)
        assert 'data-n="3000"' in week
        assert 'data-n="3000"' not in (await viewer.get("/channel/web?span=day")).text
        assert "<figcaption>Uji saluran yang gagal</figcaption>" in week
        assert 'data-n="2"' in (await viewer.get("/channel/web?span=hours")).text
        assert "Uji saluran" not in (await viewer.get("/channel/operator")).text
        for path in ("/channel/nobody", "/bind/nobody", "/ledger/nobody"):
            assert (await viewer.get(path)).status == 404


async def test_what_comes_is_counted_on_the_overview_and_adds_up(here: House) -> None:
    async with officer(here, "viewer") as viewer, aiohttp.ClientSession() as citizen:
        report = {"classification": "pengaduan", "title": "Lampu padam", "text": "Sudah tiga minggu gelap di depan sekolah."}
        async with citizen.post(f"http://127.0.0.1:{here.public}/api/v1/complaints", json=report) as answer:
            assert answer.status == 201
        text = ""
        while "<b>1</b> diteruskan" not in text:
            await asyncio.sleep(0.2)
            text = (await viewer.get("/")).text
        assert "<b>1</b> diterima" in text
        assert "tidak ada pesan yang hilang" in text
        assert "gelap di depan" not in text


def test_a_picture_of_nothing_is_empty_and_the_greatest_reaches_the_top() -> None:
    assert spark.bars([None, 0], spark.top([None, 0])) == ""
    assert spark.bars([None, 5, 10], spark.top([None, 5, 10])) == "M1.5 40V20M2.5 40V0"
    assert spark.band([0, 0], [10, 5], 10, every=3) == "M1.5 0L4.5 20L4.5 40L1.5 40Z"
    assert spark.band([], [], 1) == ""


def test_what_is_usual_stands_behind_what_came_on_one_scale() -> None:
    zone = ZoneInfo("Asia/Jakarta")
    rhythm = Rhythm(zone, Calendar({}, frozenset()), [30.0] * 168, {}, 1e9)
    band = usual(rhythm, datetime(2026, 11, 22, tzinfo=UTC))
    assert len(band) == 24
    assert band[0] == pytest.approx((10 - 2 * 10**0.5, 10 + 2 * 10**0.5))
    day = recent([Slice(came=5)] * 144, band)
    assert day.band.startswith("M1.5 0L4.5 0")
    assert day.path.startswith("M0.5 40V15.5M1.5 40V15.5")


def test_a_day_has_a_bar_for_every_twenty_minutes() -> None:
    day = recent([Slice(came=5), None, Slice(came=3), Slice(came=2)])
    assert (day.bars, day.most, day.hour.came) == ([5, 5], 5, 10)


class TestSeen:
    """With a browser."""

    pytestmark = on_chromium

    async def test_nothing_stands_in_anybodys_way(self, chromium: Browser, tmp_path: Path) -> None:
        await remembered(tmp_path)
        async with house(tmp_path) as here, visiting(here.url, chromium, width=390) as visit, officer(here, "viewer") as viewer:
            await visit.page.context.add_cookies([{"name": "lapor_session", "value": viewer.cookie, "url": here.url}])
            for path in ("/", "/channel/web", "/store"):
                await visit.page.emulate_media(color_scheme="light")
                await visit.page.goto(path)
                if path != "/":
                    await visit.page.click("main summary")
                    await visit.page.wait_for_selector(".u-wrap canvas")
                assert await barriers(visit.page) == [], path
                await visit.page.emulate_media(color_scheme="dark")
                assert await barriers(visit.page, "color-contrast") == [], path
