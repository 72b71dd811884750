"""The page of reports: what an officer sees and takes away, and what is written down of it."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Literal

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from playwright.async_api import Browser

from gateway.archive import Archive
from gateway.console import cabinet, report, room
from gateway.console.access.sessions import COOKIE
from gateway.console.audit import Audit
from gateway.console.frame import Frame
from gateway.console.page import Operator, Visit
from gateway.reports import bureau
from gateway.store import sqlite
from gateway.store.record import Settlement
from tests.console.opened import House, house, officer
from tests.promises.stores import arrival, claimed, letter, now, numbers, registered
from tests.reports.ponorogo import ZONE, record, said, year
from tests.reports.shelf import Shelf
from tests.web.browsing import barriers, on_chromium, visiting

ONE = ("2026-01-01", "2026-01-31")


#: one gateway for all of them, in the browser's loop
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Four reports of this month: one is secret, one has been dropped, and of one nobody knows where it is."""
    folder = tmp_path_factory.mktemp("reports")
    (folder / "var").mkdir()
    bodies = [
        record(location=said({"code": "35.02.17.1001"}, "given"), category=said("KESEHATAN")),
        record(location=said({"code": "35.02.16"}), privacy="rahasia"),
        record(location=said(None)),
    ]
    async with sqlite.opened(folder / "var" / "gateway.db", most_letters=5) as store:
        for name in range(4):
            await store.put(arrival(name, channel="operator", at=now()), numbers(name))
        *claims, last = await claimed(store, 4)
        for claim, body in zip(claims, bodies, strict=True):
            since = claim.case.arrival.received_at + timedelta(minutes=3)
            done = msgspec.structs.replace(registered(claim), registered_at=since)
            letters = (letter(claim.case.case_id, claim.case.case_id, channel="operator"),)
            await store.settle(Settlement(claim=claim, step="done", registration=done, record=body, letters=letters))
        await store.settle(Settlement(claim=last, step="parked", code="unreadable"))
        await store.drop(last.case.case_id, "ani", "tidak terbaca")
    async with house(folder) as one:
        yield one


async def test_a_viewer_sees_the_evaluation_and_takes_it_away(here: House) -> None:
    async with officer(here, "viewer") as viewer:
        page = await viewer.get("/reports")
        assert page.status == 200
        for words in ("Laporan diterima", "Saluran", "Kesehatan", "Tidak diteruskan, dengan alasan petugas", "Kabupaten Ponorogo"):
            assert words in page.text
        assert "/reports/cases" not in page.text
        for form, first in (("pdf", b"%PDF-"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
            async with viewer.session.get(f"{here.url}/reports/{form}") as file:
                assert (file.status, (await file.read())[: len(first)]) == (200, first)
                assert f'.{form}"' in file.headers["Content-Disposition"]
        assert (await viewer.post("/reports/cases", form="csv")).status == 403


async def test_a_region_and_days_can_be_chosen_and_what_cannot_be_is_said(here: House) -> None:
    async with officer(here, "viewer") as viewer:
        one = (await viewer.get("/reports?region=35.02&district=35.02.17")).text
        assert "Wilayah: Ponorogo, Kabupaten Ponorogo" in one
        assert '<option value="35.02.16">Babadan</option>' in one
        assert "Wilayah: Kabupaten Bojonegoro" in (await viewer.get("/reports?region=35.22&district=35.02.17")).text
        assert "Tidak ada laporan yang diterima" in (await viewer.get(f"/reports?period=own&first={ONE[0]}&last={ONE[1]}")).text
        assert "Kode wilayah itu tidak ada" in (await viewer.get("/reports?region=99")).text
        assert "Tanggalnya belum benar" in (await viewer.get(f"/reports?period=own&first={ONE[1]}&last={ONE[0]}")).text
        await viewer.post("/language", language="en", to="/reports")
        assert "Reports received" in (await viewer.get("/reports?period=this_year")).text


@pytest.mark.parametrize(
    ("role", "words", "known"), [("operator", "open", ["", "Pengaduan", "Pengaduan"]), ("supervisor", "all", ["Pengaduan"] * 3)]
)
async def test_a_list_of_cases_is_written_down(here: House, role: Literal["operator", "supervisor"], words: str, known: list[str]) -> None:
    async with officer(here, role) as one:
        answer = await one.post("/reports/cases", period="this_month", form="csv")
        assert answer.status == 200
        _, *lines = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
        assert sorted(line[8] for line in lines if line[5]) == known
        assert "jangan dibaca" not in answer.text
    async with cabinet.opened(here.folder / "var", room.TABLES) as file:
        act = (await Audit(file).last(1))[0].act
        assert (act.by, act.act, act.words) == (role, "report.cases", words)
        assert "/" in act.on


@asynccontextmanager
async def visited(folder: Path, shelf: Shelf, path: str = "/reports") -> AsyncIterator[tuple[int, str]]:
    """The page of a viewer over a store of the test's own."""
    viewer = Operator(name="viewer", role="viewer")
    frame = Frame(room.MENU, name="Dinas", zone=ZONE)
    async with bureau.opened(shelf, Archive(folder), office="Dinas", zone=ZONE) as counting, cabinet.opened(folder, room.TABLES) as file:
        (page,) = [page for page in report.pages(counting, Audit(file)) if page.path == path]
        answer = await page.answer(Visit(make_mocked_request("GET", path), frame, viewer, language="id"))
        assert isinstance(answer, web.Response)
        yield answer.status, answer.text or ""


async def test_a_page_that_is_not_ready_says_so_and_asks_again(tmp_path: Path) -> None:
    shelf = Shelf(year())
    shelf.gate.clear()
    async with visited(tmp_path, shelf) as (status, text):
        assert (status, "Sedang menghitung: 0" in text, "report.js" in text) == (200, True, True)
        shelf.gate.set()


@pytest.mark.parametrize("path", ["/reports", "/reports/pdf"])
async def test_a_store_that_is_away_is_said_to_be_away(tmp_path: Path, path: str) -> None:
    shelf = Shelf([])
    shelf.closed = True
    async with visited(tmp_path, shelf, path) as (status, text):
        assert (status, "Penyimpanan tidak menjawab" in text) == (503, True)


class TestInABrowser:
    """By day and by night, on a desk and on a telephone."""

    pytestmark = on_chromium

    async def test_nothing_stands_in_anybodys_way(self, here: House, chromium: Browser) -> None:
        async with officer(here, "operator") as one:
            cookie = one.cookie
        schemes: list[tuple[Literal["light", "dark"], int]] = [("light", 1440), ("dark", 390)]
        for scheme, width in schemes:
            async with visiting(here.url, chromium, scheme=scheme, width=width) as visit:
                await visit.page.context.add_cookies([{"name": COOKIE, "value": cookie, "url": here.url}])
                await visit.page.goto("/reports")
                await visit.page.select_option("#region", "35.02")
                await visit.page.click("form.choose button")
                await visit.page.wait_for_selector("#sheet-channels")
                assert await visit.page.input_value("#region") == "35.02"
                assert await barriers(visit.page) == []
                assert await visit.page.evaluate("document.documentElement.scrollWidth") <= width
