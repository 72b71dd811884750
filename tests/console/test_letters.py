"""The desk of letters that did not arrive."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.async_api import Browser

from gateway.store.record import LetterSettlement
from tests.console.opened import officer
from tests.console.shelves import Shelves
from tests.promises.stores import done, letter, letters
from tests.web.browsing import barriers, on_chromium, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def lost(here: Shelves) -> str:
    """A letter that nobody would have; the code of its case."""
    claim = await here.came()
    await here.store.settle(done(claim, letter(f"{claim.case.case_id}:registered", claim.case.case_id)))
    (sending,) = await letters(here.store, 1)
    await here.store.settle_letter(
        LetterSettlement(claim=sending, step="parked", code="rinvdstadr", words="ESME_RINVDSTADR +6281200004321")
    )
    return claim.case.reference


async def first(here: Shelves) -> str:
    """The id of the letter that is listed first."""
    return (await here.store.lost(1)).letters[0].letter_id


async def test_the_list_says_why_and_shows_neither_address_nor_text(here: Shelves) -> None:
    code = await lost(here)
    async with officer(here.house, "viewer") as viewer:
        page = (await viewer.get("/letters")).text
        assert (code in page, "nomor tujuan tidak sah" in page, "Nomor laporan" in page) == (True, True, True)
        assert "4321" not in page
        assert 'name="act"' not in page
        assert code not in (await viewer.get("/letters?channel=web")).text


async def test_one_is_sent_again_or_left_and_brought_back(here: Shelves) -> None:
    code = await lost(here)
    letter_id = await first(here)
    async with officer(here.house, "operator") as rini:
        for reason, said in (("", "tuliskan alasannya"), ("sudah ditelepon", "1 balasan disingkirkan")):
            answer = await rini.post("/letters", act="drop", letter=letter_id, reason=reason)
            assert said in (await rini.get(answer.headers["Location"])).text
        await rini.post("/letters", act="undo", letter=letter_id)
        answer = await rini.post("/letters", act="retry", letter=letter_id, reason="nomor aktif lagi")
        assert "1 balasan dikirim lagi." in (await rini.get(answer.headers["Location"])).text
        answer = await rini.post("/letters", act="retry", letter=letter_id)
        assert "sudah tidak di sini" in (await rini.get(answer.headers["Location"])).text
        assert (await rini.post("/letters", act="eat", letter=letter_id)).status == 400
    assert [act for _, act, _ in await here.acts(code)] == ["letter drop", "letter undo", "letter retry"]
    assert [act for _, act, _ in await here.audit(code)] == ["letters.drop", "letters.undo", "letters.retry"]


class TestInABrowser:
    pytestmark = on_chromium

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    async def test_nothing_stands_in_anybodys_way(self, here: Shelves, chromium: Browser, scheme: Literal["light", "dark"]) -> None:
        await lost(here)
        async with officer(here.house, "operator") as rini, visiting(here.house.url, chromium, scheme=scheme) as visit:
            await visit.page.context.add_cookies([{"name": "lapor_session", "value": rini.cookie, "url": here.house.url}])
            await visit.page.goto("/letters")
            assert await barriers(visit.page) == []
