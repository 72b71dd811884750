"""The desk of those who copy by hand: the sheet, the number that is pasted, and what others hear meanwhile."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.async_api import Browser

from gateway.clerk import Read
from gateway.store.record import Settlement
from normalizer.complaint import encode
from tests.console.opened import officer
from tests.console.shelves import TEXT, Shelves
from tests.web.browsing import barriers, on_chromium, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def handed(here: Shelves, text: str = TEXT, privacy: str = "terbuka") -> str:
    """A complaint that waits to be copied; its code."""
    claim = await here.came(text, privacy)
    read = here.clerk.read(claim.case)
    assert isinstance(read, Read)
    assert await here.store.settle(Settlement(claim=claim, step="worklist", record=encode(read.complaint)))
    return claim.case.reference


async def test_a_case_is_taken_copied_and_its_number_taken_back(here: Shelves) -> None:
    first, second = await handed(here), await handed(here, "Jalan berlubang.")
    async with officer(here.house, "operator") as rini:
        page = (await rini.get("/copying")).text
        assert (first in page, second in page, "Lampu jalan" in page) == (True, True, False)
        await rini.post("/copying/next")
        page = (await rini.get("/copying")).text
        assert TEXT in page
        answer = await rini.post(f"/copying/{first}/done", tracking_id="#10039939", next="1")
        page = (await rini.get(answer.headers["Location"])).text
        assert f"{first} tercatat sebagai #10039939; warga diberi tahu." in page
        assert "Jalan berlubang." in page
        assert await here.step(first) == "done"
        await rini.post(f"/copying/{first}/undo")
        await rini.post(f"/copying/{second}/put-back")
        answer = await rini.post(f"/copying/{second}/set-aside", reason="ganda")
        assert f"{second} disisihkan" in (await rini.get(answer.headers["Location"])).text
        assert (await rini.post(f"/copying/{second}/eat")).status == 404
    assert [await here.step(first), await here.step(second)] == ["worklist", "parked"]
    acts = [(act.removeprefix("worklist."), on == first) for _, act, on in await here.audit(first, second)]
    assert acts == [("next", True), ("done", True), ("next", False), ("undo", True), ("put-back", False), ("set-aside", False)]


async def test_what_is_refused_is_said_and_nobody_gets_what_another_has(here: Shelves) -> None:
    first, second = await handed(here), await handed(here, "Jalan berlubang.")
    async with officer(here.house, "operator") as rini, officer(here.house, "supervisor") as budi:
        await rini.post("/copying/next")
        await budi.post("/copying/next")
        assert TEXT in (await rini.get("/copying")).text
        assert TEXT not in (await budi.get("/copying")).text
        for number, why in (("12", "5 sampai 12 angka"), ("", "isikan nomor")):
            answer = await rini.post(f"/copying/{first}/done", tracking_id=number)
            assert why in (await rini.get(answer.headers["Location"])).text
        await rini.post(f"/copying/{first}/done", tracking_id="10039939")
        answer = await budi.post(f"/copying/{second}/done", tracking_id="10039939")
        assert f"#10039939 adalah nomor {first}" in (await budi.get(answer.headers["Location"])).text
        answer = await budi.post(f"/copying/{first}/done", tracking_id="10039940")
        assert "dari operator" in (await budi.get(answer.headers["Location"])).text


async def test_a_confidential_sheet_is_handed_to_a_supervisor_alone(here: Shelves) -> None:
    secret = await handed(here, "Kepala dinas memeras pedagang", "rahasia")
    plain = await handed(here)
    async with officer(here.house, "operator") as rini, officer(here.house, "supervisor") as budi:
        await rini.post("/copying/next")
        page = (await rini.get("/copying")).text
        assert (TEXT in page, "Kepala dinas" in page) == (True, False)
        await rini.post(f"/copying/{plain}/done", tracking_id="10039939")
        answer = await rini.post("/copying/next")
        assert "khusus untuk supervisor" in (await rini.get(answer.headers["Location"])).text
        await budi.post("/copying/next")
        assert "Kepala dinas" in (await budi.get("/copying")).text
    assert [act for _, act, _ in await here.acts(secret)] == ["next"]


class TestInABrowser:
    pytestmark = on_chromium

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    async def test_a_number_is_pasted(self, here: Shelves, chromium: Browser, scheme: Literal["light", "dark"]) -> None:
        code = await handed(here)
        async with officer(here.house, "operator") as rini, visiting(here.house.url, chromium, scheme=scheme) as visit:
            page = visit.page
            await page.context.add_cookies([{"name": "lapor_session", "value": rini.cookie, "url": here.house.url}])
            await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
            await page.goto("/copying")
            await page.click("form[action='/copying/next'] button")
            await page.click("[data-copy=block]")
            pasted: str = await page.evaluate("navigator.clipboard.readText()")
            assert pasted.endswith(f"Kode laporan: {code}")
            assert await barriers(page) == []
            await page.keyboard.type("10039939")
            await page.keyboard.press("Enter")
            await page.wait_for_selector(f"text={code} tercatat sebagai #10039939")
        assert await here.step(code) == "done"
