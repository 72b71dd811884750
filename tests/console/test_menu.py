"""The menu is one line on a desk, and its rest behind "more"; on a telephone all of it stands in a row."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.console.opened import officer
from tests.console.shelves import Shelves
from tests.web.browsing import barriers, on_chromium, visiting

pytestmark = on_chromium


@pytest.mark.parametrize("language", ["id", "en"])
async def test_it_is_one_line_from_1024_up_and_leads_everywhere(here: Shelves, chromium: Browser, language: str) -> None:
    async with officer(here.house, "admin") as admin, visiting(here.house.url, chromium, width=1024) as visit:
        page = visit.page
        await page.context.add_cookies([{"name": "lapor_session", "value": admin.cookie, "url": here.house.url}])
        await page.goto("/spool")
        if language == "en":
            await page.click("[name=language]")
        heights: list[int] = await page.evaluate(
            "[document.querySelector('.top').offsetHeight, document.querySelector('.top nav > a').offsetHeight]"
        )
        assert heights[0] < 2 * heights[1]
        assert await page.evaluate("document.documentElement.scrollWidth") == 1024
        await page.click(".top summary")
        assert await barriers(page) == []
        await page.click(".more a[href='/audit']")
        await page.wait_for_url("**/audit")
        await page.set_viewport_size({"width": 390, "height": 844})
        assert await page.locator(".top nav > a[href='/audit']").is_visible()
        assert not await page.locator(".more").is_visible()
