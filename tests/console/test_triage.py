"""The desk of those who judge: a complaint or not, by form and by keyboard."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.async_api import Browser

from tests.console.opened import officer
from tests.console.shelves import TEXT, Shelves
from tests.web.browsing import barriers, on_chromium, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


def judged(page: str) -> list[str]:
    return re.findall(r'data-code="([\w-]+)"', page)


async def triaged(here: Shelves, count: int) -> list[str]:
    return [await here.aside("triage", "hashtag_only", f"{TEXT} Nomor {n}.") for n in range(count)]


async def test_a_form_says_yes_or_no_and_takes_the_last_back(here: Shelves) -> None:
    first, second = await triaged(here, 2)
    async with officer(here.house, "operator") as rini:
        page = (await rini.get("/triage")).text
        assert (judged(page), "4321" in page) == ([first, second], False)
        answer = await rini.post(f"/triage/{first}", act="yes")
        page = (await rini.get(answer.headers["Location"])).text
        assert f"{first} diteruskan sebagai laporan." in page
        assert judged(page) == [second]
        await rini.post(f"/triage/{first}", act="undo")
        await rini.post(f"/triage/{second}", act="no")
        assert judged((await rini.get("/triage")).text) == [first]
        assert (await rini.post(f"/triage/{first}", act="perhaps")).status == 400
    assert [await here.step(first), await here.step(second)] == ["triage", "declined"]
    assert await here.acts(second) == [("operator", "drop", "bukan laporan")]
    assert [act for _, act, _ in await here.audit(first, second)] == ["triage.retry", "triage.undo", "triage.drop"]


async def test_who_comes_second_and_who_may_not_read_it_decide_nothing(here: Shelves) -> None:
    (code,) = await triaged(here, 1)
    secret = await here.aside("triage", "spam_suspect", "Kepala dinas memeras", privacy="rahasia")
    async with officer(here.house, "operator") as rini, officer(here.house, "supervisor") as budi:
        await budi.post(f"/triage/{code}", act="no")
        json = {"Accept": "application/json", "Origin": here.house.url}
        async with rini.session.post(f"{here.house.url}/triage/{code}", data={"act": "yes"}, headers=json) as answer:
            assert answer.status == 409
            assert "Yang terakhir menanganinya supervisor" in (await answer.json())["said"]
        page = (await rini.get("/triage")).text
        assert (secret in page, "Kepala dinas" in page, 'value="yes"' in page) == (True, False, False)
        await rini.post(f"/triage/{secret}", act="yes")
        assert await here.step(secret) == "triage"
        assert "Kepala dinas" in (await budi.get("/triage")).text
        await budi.post(f"/triage/{secret}", act="yes")
    assert await here.step(secret) == "submit"


class TestInABrowser:
    pytestmark = on_chromium

    async def test_twenty_are_judged_without_a_mouse(self, here: Shelves, chromium: Browser) -> None:
        codes = await triaged(here, 20)
        async with officer(here.house, "operator") as rini, visiting(here.house.url, chromium, width=1280) as visit:
            page = visit.page
            await page.context.add_cookies([{"name": "lapor_session", "value": rini.cookie, "url": here.house.url}])
            await page.goto("/triage")
            for n, code in enumerate(codes):
                await page.wait_for_selector(f'.judge.now[data-code="{code}"]')
                await page.keyboard.press("n" if n % 2 else "y")
                if n == 4:
                    await page.wait_for_function("code => document.querySelector('#said').textContent.includes(code)", arg=code)
                    await page.keyboard.press("u")
                    await page.wait_for_selector(f'.judge.now[data-code="{code}"]')
                    await page.keyboard.press("y")
            await page.wait_for_selector("#none:not([hidden])")
            await page.wait_for_function("code => document.querySelector('#said').textContent.includes(code)", arg=codes[-1])
        assert [await here.step(code) for code in codes] == ["submit", "declined"] * 10

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    async def test_nothing_stands_in_anybodys_way(self, here: Shelves, chromium: Browser, scheme: Literal["light", "dark"]) -> None:
        await triaged(here, 2)
        await here.aside("parked", "bug", words="normalize.py:12")
        async with officer(here.house, "supervisor") as budi, visiting(here.house.url, chromium, scheme=scheme) as visit:
            await visit.page.context.add_cookies([{"name": "lapor_session", "value": budi.cookie, "url": here.house.url}])
            for path in ("/triage", "/parked"):
                await visit.page.goto(path)
                assert await barriers(visit.page) == []
