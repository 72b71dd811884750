"""The page of controls: what an officer sees of each channel, what his buttons do, and who may press them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import msgspec
import pytest

from gateway.console import cabinet, room
from gateway.console.audit import Audit
from gateway.console.words import load
from gateway.findings import BOARD, Finding
from gateway.store.sqlite import opened
from tests.console.opened import House, house, officer

SAID = load()["id"].controls


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as one:
        yield one


async def written(of: House) -> list[tuple[str, str, str]]:
    async with cabinet.opened(of.folder / "var", room.TABLES) as file:
        rows = await Audit(file).last(20)
    return [(row.act.by, row.act.act, row.act.on) for row in rows if row.act.act.startswith(("channel.", "notice."))]


async def test_an_officer_pauses_a_channel_sees_that_it_is_so_and_opens_it_again(here: House) -> None:
    async with officer(here, "operator") as rini:
        await here.smsc.until(lambda: here.smsc.counts["binds"] == 1, within_s=60)
        assert (await rini.post("/controls", channel="operator", act="pause")).status == 303
        page = (await rini.get("/controls")).text
        assert SAID.did_pause.format(channel="operator") in page
        assert SAID.means_paused in page
        await here.smsc.until(lambda: here.smsc.counts["unbinds"] == 1, within_s=60)
        assert (await rini.post("/controls", channel="operator", act="resume")).status == 303
        await here.smsc.until(lambda: here.smsc.counts["binds"] == 2, within_s=60)
    assert await written(here) == [("operator", "channel.resume", "operator"), ("operator", "channel.pause", "operator")]


async def test_what_cannot_be_done_is_said_in_a_sentence_and_nothing_is_changed(here: House) -> None:
    async with officer(here, "operator") as rini:
        for fields, words in (
            ({"channel": "nobody", "act": "pause"}, SAID.unknown),
            ({"channel": "operator", "act": "blow up"}, SAID.unknown),
            ({"channel": "operator", "act": "rate", "rate": "fast"}, SAID.no_number),
            (
                {"channel": "operator", "act": "rate", "rate": "nan"},
                SAID.out_of_bounds.format(channel="operator", least="0.1", most="5000"),
            ),
            ({"channel": "web", "act": "rate", "rate": "5"}, SAID.no_rate.format(channel="web")),
            ({"channel": "web", "act": "rebind"}, SAID.no_link.format(channel="web")),
        ):
            answer = await rini.post("/controls", **fields)
            assert (answer.status, words in answer.text) == (422, True), fields
        assert (await rini.post("/controls", channel="operator", act="rate", rate="12,5")).status == 303
        assert SAID.did_rate.format(channel="operator", rate="12.5") in (await rini.get("/controls")).text
    assert await written(here) == [("operator", "channel.rate", "operator")]


async def test_a_notice_that_an_officer_puts_up_stands_on_the_form_and_a_bad_one_is_given_back(here: House) -> None:
    async with officer(here, "operator") as rini:
        again = await rini.post("/controls/notice", words="Perawatan malam ini", english="", until="2020-01-01T00:00")
        assert (again.status, SAID.past in again.text, "Perawatan malam ini</textarea>" in again.text) == (422, True, True)
        assert (await rini.post("/controls/notice", words="Perawatan", english="", until="besok")).status == 422
        assert (await rini.post("/controls/notice", words="Perawatan", english="", until="0001-01-01T00:00")).status == 422
        assert (await rini.post("/controls/notice", words="Perawatan malam ini", english="", until="2099-01-01T00:00")).status == 303
        assert SAID.did_notice.format(until="01-01-2099 00.00") in (await rini.get("/controls")).text

        async def form() -> str:
            async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{here.public}/") as answer:
                return await answer.text()

        async with asyncio.timeout(30):
            while "Perawatan malam ini" not in await form():
                await asyncio.sleep(0.05)
        assert (await rini.post("/controls/notice/off")).status == 303
        assert SAID.no_notice in (await rini.get("/controls")).text


async def test_how_a_door_was_when_it_was_last_tried_is_said_in_words(here: House) -> None:
    async with opened(here.folder / "var" / "gateway.db", most_letters=5) as store:
        for channel, why in (("operator", "not_bound"), ("web", "http_418")):
            finding = Finding(
                channel=channel, how="entered", at=datetime(2026, 11, 22, tzinfo=UTC), why=why, took_s={"yes": 0.25, "x 1": 2}
            )
            await store.pin(BOARD, channel, msgspec.json.encode(finding), None)
    async with officer(here, "viewer") as viewer:
        page = (await viewer.get("/controls")).text
    for words in (SAID.probe_bad, SAID.why_not_bound, "http_418", f"{SAID.took_yes} 0.25 s", "x 1 2.00 s"):
        assert words in page


async def test_a_viewer_sees_all_of_it_and_touches_nothing(here: House) -> None:
    async with officer(here, "viewer") as viewer:
        page = await viewer.get("/controls")
        assert (page.status, SAID.means_open in page.text, "<button class" in page.text) == (200, True, False)
        for path, fields in (
            ("/controls", {"channel": "web", "act": "pause"}),
            ("/controls/notice", {"words": "x"}),
            ("/controls/notice/off", {}),
        ):
            assert (await viewer.post(path, **fields)).status == 403
    assert await written(here) == []
