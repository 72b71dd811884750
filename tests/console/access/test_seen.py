"""What officers see of all this in a real browser: nothing in anybody's way, by day and by night, and nothing that the policy forbids."""

from __future__ import annotations

import time
from base64 import b32decode
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page

from gateway.console.access import totp
from tests.console.opened import PASSWORD, SETTINGS, house
from tests.web.browsing import barriers, on_chromium, visiting

pytestmark = on_chromium

NEW = "gajah putih makan bambu"


async def looked_at(page: Page) -> None:
    schemes: tuple[Literal["dark", "light"], ...] = ("dark", "light")
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)
        assert await barriers(page) == [], (page.url, scheme)


async def test_an_admin_sets_up_a_telephone_invites_an_officer_and_reads_the_audit(chromium: Browser, tmp_path: Path) -> None:
    strict = SETTINGS.replace('"nobody"', '"supervisor"')
    async with house(tmp_path, strict) as here:
        async with visiting(here.url, chromium, width=1280) as visit:
            page = visit.page
            await page.goto("/accounts")
            await page.fill("#name", "admin")
            await page.fill("#password", "salah sekali saja")
            await page.click("main .primary")
            assert "tidak cocok" in await page.inner_text("[role=alert]")
            await page.fill("#name", "admin")
            await page.fill("#password", PASSWORD)
            await page.click("main .primary")
            await page.wait_for_url("**/account")
            await looked_at(page)
            key = b32decode(await page.input_value("input[name=key]"))
            await page.fill("#code", totp.digits(key, int(time.time() // totp.STEP_S)))
            await page.fill("#second-current", PASSWORD)
            await page.click("#second .primary")
            assert await page.locator(".codes li").count() == 10
            await page.goto("/accounts")
            await page.fill("#name", "rini")
            await page.select_option("#role", "operator")
            await page.click("form.card .primary")
            link = await page.inner_text("p.mono")
            await page.goto("/accounts")
            await looked_at(page)
            await page.goto("/audit")
            assert await page.locator("tbody tr").count() >= 7
            await looked_at(page)
        async with visiting(here.url, chromium, script=False) as visit:
            page = visit.page
            await page.goto(link)
            await page.fill("#password", NEW)
            await page.fill("#again", NEW)
            await page.click("main .primary")
            await page.wait_for_url("**/sign-in")
            await page.fill("#name", "rini")
            await page.fill("#password", NEW)
            await page.click("main .primary")
            await page.wait_for_url(f"{here.url}/")
