"""With a browser: the pages that an officer has before him all day stand in nobody's way, and their buttons do what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page

from gateway.console.words import load
from tests.console.alerts.wrong import wrong
from tests.console.opened import PASSWORD, house
from tests.web.browsing import barriers, on_chromium, visiting

pytestmark = on_chromium
SAID = load()["id"]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


async def test_an_officer_signs_in_takes_an_alert_on_and_pauses_a_channel(chromium: Browser, tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await wrong(here, "channel_down", "spool_torn")
        # each round takes one of the two alerts, and pauses one of the two channels
        for done, scheme in enumerate(SCHEMES):
            async with visiting(here.url, chromium, scheme=scheme) as visit:
                await _signs_in(visit.page)
                await _takes_one_on(visit.page, done)
                await _pauses_one(visit.page, done)


async def _signs_in(page: Page) -> None:
    await page.goto("/")
    assert await barriers(page) == []
    await page.fill("#name", "operator")
    await page.fill("#password", PASSWORD)
    await page.click("main button")
    await page.wait_for_selector("[data-live] .badge")
    assert await barriers(page) == []


async def _takes_one_on(page: Page, done: int) -> None:
    await page.goto("/alerts")
    assert await barriers(page) == []
    await page.click(f"text='{SAID.alerts.take}' >> nth=0")
    await page.wait_for_selector(f".badge.good >> nth={done}")
    await page.click(".alert h3 a >> nth=0")
    await page.wait_for_selector("#reason")
    assert await barriers(page) == []


async def _pauses_one(page: Page, done: int) -> None:
    await page.goto("/controls")
    await page.click(f"text='{SAID.controls.pause}' >> nth=0")
    await page.wait_for_selector(f".badge:text('{SAID.controls.is_paused}') >> nth={done}")
    assert await barriers(page) == []
