"""Whether everybody can use the pages: axe-core against WCAG 2.2 AA in a real Chromium, each page in each state, light and dark, on a
telephone of 360 pixels and on a desk."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.async_api import Browser

from channels.base import Unavailable
from channels.web.settings import Settings
from tests.web.browsing import Visit, barriers, on_chromium, visited
from tests.web.house import House, code

pytestmark = [
    *on_chromium,
    pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 360), ("light", 1280), ("dark", 1280)]),
]

Scheme = Literal["light", "dark"]


async def nothing_in_the_way(visit: Visit, state: str) -> None:
    """Nor anything that makes a page scroll sideways (WCAG 1.4.10). In the dark nothing but the colours is another."""
    dark = await visit.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert (state, await barriers(visit.page, *(["color-contrast"] if dark else []))) == (state, [])
    assert await visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{state} is too wide"


async def test_the_form(chromium: Browser, scheme: Scheme, width: int) -> None:
    house = House()
    async with visited(house, chromium, scheme=scheme, width=width) as visit:
        page = visit.page
        await page.goto("/")
        await nothing_in_the_way(visit, "empty")
        await visit.send()
        await page.wait_for_selector("#summary")
        await nothing_in_the_way(visit, "faults told by the script")
        await visit.fill(contact="bukan nomor")
        await page.check("#anonim")
        await page.uncheck("#anonim")
        await visit.send()
        await page.wait_for_selector("#contact-fault")
        await nothing_in_the_way(visit, "faults told by the server")
        house.problem = Unavailable("disk_full")
        await page.fill("#contact", "081200000001")
        await visit.send()
        await page.get_by_text("Laporan belum tersimpan").wait_for()
        await nothing_in_the_way(visit, "trouble of ours")
        house.problem = None
        await page.check("#anonim")
        await nothing_in_the_way(visit, "anonymous")
        await visit.send()
        await visit.code()
        await nothing_in_the_way(visit, "receipt")


async def test_the_form_without_its_script(chromium: Browser, scheme: Scheme, width: int) -> None:
    async with visited(House(), chromium, scheme=scheme, width=width) as visit:
        # axe itself is a script, so it cannot be taken from the whole window
        await visit.page.route("**/app.js", lambda route: route.fulfill(body=""))
        await visit.page.goto("/")
        assert await visit.page.locator("#province").count() == 0
        await nothing_in_the_way(visit, "empty")
        await visit.send()
        await visit.page.wait_for_selector("#summary")
        await nothing_in_the_way(visit, "faults")


async def test_tracking(chromium: Browser, scheme: Scheme, width: int) -> None:
    house = House()
    registered = house.know(code("a"), "received", "registered", tracking_id="10039939")
    reviewed = house.know(code("b"), "received", "under_review")
    declined = house.know(code("c"), "received", "not_forwarded")
    async with visited(house, chromium, scheme=scheme, width=width) as visit:
        for path in ("", f"/{registered}", f"/{reviewed}", f"/{declined}", f"/{code('nobody')}", "?kode=AAAA-AAAA-AAAB", "?kode=10039939"):
            await visit.page.goto(f"/lacak{path}")
            await nothing_in_the_way(visit, path)
        house.problem = Unavailable("store_away")
        await visit.page.goto(f"/lacak/{registered}")
        await nothing_in_the_way(visit, "trouble of ours")


async def test_pages_that_say_one_thing(chromium: Browser, scheme: Scheme, width: int) -> None:
    async with visited(House(), chromium, scheme=scheme, width=width) as visit:
        for path in ("/privasi", "/luring", "/tidak/ada"):
            await visit.page.goto(path)
            await nothing_in_the_way(visit, path)


async def test_too_many(chromium: Browser, scheme: Scheme, width: int) -> None:
    house = House()
    async with visited(
        house, chromium, settings=Settings(submissions_per_hour=1, lookups_per_minute=1), scheme=scheme, width=width
    ) as visit:
        await visit.page.goto("/lacak/" + house.know(code("a"), "received"))
        await visit.page.reload()
        await nothing_in_the_way(visit, "look-ups")
        for _ in range(2):
            await visit.page.goto("/")
            await visit.fill()
            await visit.send()
            await visit.page.wait_for_selector("#code, #summary")
        await nothing_in_the_way(visit, "submissions")


async def test_what_this_device_keeps(chromium: Browser, scheme: Scheme, width: int) -> None:
    async with visited(House(), chromium, scheme=scheme, width=width) as visit:
        await visit.page.goto("/luring")
        await visit.page.evaluate(
            """async ([code]) => {
              const entry = { key: "1", fields: [["title", "Lampu padam"]], files: [], at: 0 };
              await lapor.store.put("outbox", "1", { ...entry, refused: true });
              await lapor.store.put("outbox", "2", { ...entry, key: "2" });
              await lapor.store.put("sent", code, { reference: code, at: 0 });
              await lapor.shelf.show("Belum terkirim.");
            }""",
            [code("a")],
        )
        assert await visit.page.locator("#shelf li").count() == 3
        await nothing_in_the_way(visit, "shelf")


async def test_a_barrier_is_seen(chromium: Browser, scheme: Scheme, width: int) -> None:
    """That the tests above can fail."""
    async with visited(House(), chromium, scheme=scheme, width=width) as visit:
        await visit.page.goto("/lacak")
        # on white and on the dark card alike just below 4.5 to 1
        await visit.page.evaluate("document.querySelector('.hint').style.color = '#777'")
        assert "color-contrast" in "".join(await barriers(visit.page))
