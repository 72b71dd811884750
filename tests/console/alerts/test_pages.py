"""The pages of alerts: what an officer sees when a bind is dead, what his buttons do, and what stands in the audit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.console import cabinet, room
from gateway.console.audit import Audit
from gateway.console.words import load
from tests.console.alerts.wrong import wrong
from tests.console.opened import House, house, officer

SAID = load()["id"].alerts


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as one:
        yield one


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
