"""The pages of alerts: what an officer sees when a bind is dead, what his buttons do, and what stands in the audit."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import apsw
import pytest
from playwright.async_api import Browser

from gateway.console import cabinet, room
from gateway.console.access.sessions import COOKIE
from gateway.console.alerts.book import Plan, open_alerts, turn
from gateway.console.alerts.signs import Kind, Sign
from gateway.console.audit import Audit
from gateway.console.words import load
from tests.console.opened import House, house, officer
from tests.console.seen import AGO
from tests.web.browsing import barriers, on_chromium, visiting

SAID = load()["id"].alerts


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as one:
        yield one


async def wrong(of: House, *kinds: Kind) -> str:
    """These were found wrong an hour ago, and still are; the address of the first one."""
    began = time.time() - 3600
    async with cabinet.opened(of.folder / "var", room.TABLES) as file:
        signs = [Sign(kind=kind, on="telkomsel", since=AGO, figure=12) for kind in kinds]

        def twice(db: apsw.Connection) -> None:  # at once, so that no round of the watch comes between
            for now in (began, began + 130):
                turn(db, signs, now, Plan(["piket"], 900))

        await file.run(twice)
        return next(f"/alerts/{alert.id}" for alert in await file.run(open_alerts) if alert.kind == kinds[0])


async def test_an_officer_takes_an_alert_on_and_another_hears_whose_it_is(here: House) -> None:
    one = await wrong(here, "channel_down")
    async with officer(here, "operator") as rini, officer(here, "admin") as budi:
        page = (await rini.get("/alerts")).text
        assert SAID.channel_down.format(on="telkomsel") in page
        assert SAID.channel_down_do in page
        assert (await rini.post(f"{one}/take")).status == 303
        assert SAID.did_take in (await rini.get("/alerts")).text
        await budi.post(f"{one}/take")
        assert SAID.was_taken.format(by="operator") in (await budi.get("/alerts")).text
        assert (await rini.post(f"{one}/mute", **{"for": "hour", "reason": " "})).status == 422
        assert (await rini.post(f"{one}/mute", **{"for": "century", "reason": "galian"})).status == 422
        assert (await rini.post(f"{one}/mute", **{"for": "hour", "reason": "galian kabel"})).status == 303
        assert SAID.unmute in (await rini.get(one)).text
        assert (await rini.post(f"{one}/unmute")).status == 303
        assert SAID.mute in (await rini.get(one)).text
        for path in ("/alerts/999", "/alerts/x"):
            assert (await rini.get(path)).status == 404
        assert (await rini.post("/alerts/999/take")).status == 303
        assert SAID.gone in (await rini.get("/alerts")).text
    async with cabinet.opened(here.folder / "var", room.TABLES) as file:
        acts = [(row.act.by, row.act.act, row.act.on, row.act.words) for row in await Audit(file).last(20) if "alert" in row.act.act]
    assert acts == [
        ("operator", "alert.unmute", "channel_down:telkomsel", ""),
        ("operator", "alert.mute", "channel_down:telkomsel", "galian kabel"),
        ("operator", "alert.take", "channel_down:telkomsel", ""),
    ]


async def test_a_viewer_sees_and_presses_nothing(here: House) -> None:
    one = await wrong(here, "channel_down")
    async with officer(here, "viewer") as visitor:
        for path in ("/alerts", one):
            assert '<button class="button' not in (await visitor.get(path)).text
        assert (await visitor.post(f"{one}/take")).status == 403


async def test_a_channel_that_is_new_says_that_it_has_no_rhythm(here: House) -> None:
    async with officer(here, "viewer") as visitor:
        page = (await visitor.get("/alerts")).text
    assert page.count(SAID.no_rhythm) == 2
    assert SAID.nobody_told in page


@pytest.mark.parametrize("scheme", ["light", "dark"])
class TestSeen:
    """With a browser."""

    pytestmark = on_chromium

    async def test_an_alert_is_taken_on_and_the_pages_stand_in_nobodys_way(
        self, scheme: Literal["light", "dark"], chromium: Browser, tmp_path: Path
    ) -> None:
        async with house(tmp_path) as here, officer(here, "operator") as rini, visiting(here.url, chromium, scheme=scheme) as visit:
            await wrong(here, "channel_down", "spool_torn")
            await visit.page.context.add_cookies([{"name": COOKIE, "value": rini.cookie, "url": here.url}])
            await visit.page.goto("/alerts")
            assert await barriers(visit.page) == []
            await visit.page.click(f"text='{SAID.take}' >> nth=0")
            await visit.page.wait_for_selector(".badge.good")
            await visit.page.click(".alert h3 a")
            await visit.page.wait_for_selector("#reason")
            assert await barriers(visit.page) == []
