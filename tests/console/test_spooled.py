"""The desk of what lies beside the store: files in quarantine are shown, tried again, put away and read, each by whoever may."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser

from gateway.sheaf import NONCE, Sheaf
from gateway.spool.file import QUARANTINE, SPOOL
from gateway.spool.quarantine import DROPPED
from tests.console.opened import officer
from tests.console.shelves import Shelves
from tests.web.browsing import barriers, on_chromium, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAME, REASON = "00000000001788000000-0123456789abcdef.spool", "cakram sudah diganti"


@pytest.fixture
def torn(here: Shelves) -> Iterator[Path]:
    """A file in quarantine: something that is no record, and a record that nobody knows."""
    folder = here.house.folder / "var" / QUARANTINE
    folder.mkdir(exist_ok=True)
    sheaf, path = Sheaf(os.urandom(NONCE)), folder / NAME
    path.write_bytes(sheaf.head() + b"x" * 40 + sheaf.record(b"no message"))
    yield path
    for each in (*folder.glob("*.spool"), *(folder / DROPPED).glob("*")):
        each.unlink()


async def test_it_says_on_which_machine_what_is_wrong_and_what_to_do(here: Shelves, torn: Path) -> None:
    async with officer(here.house, "viewer") as viewer:
        page = (await viewer.get("/spool")).text
        assert (NAME in page, "bita tidak terbaca" in page, "catatan tidak dikenal" in page) == (True, True, True)
        assert os.uname().nodename in page
        assert 'action="/spool/' not in page
        torn.unlink()
        assert "Kosong." in (await viewer.get("/spool")).text


async def test_one_is_put_away_with_a_reason_and_brought_back(here: Shelves, torn: Path) -> None:
    octets = torn.read_bytes()
    async with officer(here.house, "supervisor") as budi, officer(here.house, "operator") as rini:
        for act in ("drop", "recover", "save"):
            assert (await rini.post(f"/spool/{act}", name=NAME, reason=REASON)).status == 403
        assert (await budi.post("/spool/drop", name=NAME, reason="ya")).status == 422
        answer = await budi.post("/spool/drop", name=NAME, reason=REASON)
        page = (await budi.get(answer.headers["Location"])).text
        assert (f"{NAME} disingkirkan" in page, "/spool/recover" in page, torn.exists()) == (True, True, False)
        answer = await budi.post("/spool/drop", name=NAME, reason=REASON)
        assert "sudah tidak di sini" in (await budi.get(answer.headers["Location"])).text
        await budi.post("/spool/recover", name=NAME)
        assert torn.read_bytes() == octets
    assert [(by, act) for by, act, _ in await here.audit(NAME)][-2:] == [("supervisor", "spool.drop"), ("supervisor", "spool.recover")]


async def test_one_is_read_by_a_supervisor_who_says_why_and_tried_again_by_an_operator(here: Shelves, torn: Path) -> None:
    octets = torn.read_bytes()
    async with officer(here.house, "supervisor") as budi, officer(here.house, "operator") as rini:
        assert (await budi.post("/spool/save", name=NAME, reason="")).status == 422
        async with budi.session.post(
            f"{here.house.url}/spool/save", data={"name": NAME, "reason": REASON}, headers={"Origin": here.house.url}
        ) as answer:
            assert (await answer.read(), answer.headers["Content-Disposition"]) == (octets, f'attachment; filename="{NAME}"')
        for name in ("", f"../{SPOOL}/{NAME}"):
            assert (await budi.post("/spool/save", name=name, reason=REASON)).status == 303
        said = await rini.post("/spool/again", name=NAME)
        assert f"{NAME} menunggu penyimpanan" in (await rini.get(said.headers["Location"])).text
    spooled = here.house.folder / "var" / SPOOL / NAME
    assert spooled.exists() != torn.exists(), "in the one or, once it was looked at, in the other"
    spooled.unlink(missing_ok=True)
    assert [(by, act) for by, act, _ in await here.audit(NAME)][-2:] == [("supervisor", "unmask"), ("operator", "spool.again")]


class TestInABrowser:
    pytestmark = on_chromium

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    async def test_nothing_stands_in_anybodys_way(
        self, here: Shelves, torn: Path, chromium: Browser, scheme: Literal["light", "dark"]
    ) -> None:
        async with officer(here.house, "supervisor") as budi, visiting(here.house.url, chromium, scheme=scheme) as visit:
            page = visit.page
            await page.context.add_cookies([{"name": "lapor_session", "value": budi.cookie, "url": here.house.url}])
            await page.goto("/spool")
            await page.click(".torn summary")
            assert await barriers(page) == []
            await page.fill("#why-1", REASON)
            await page.click(".torn .danger")
            await page.wait_for_selector("[action='/spool/recover'] button")
            assert await barriers(page) == []
