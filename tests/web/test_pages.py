"""The pages as a browser without a script gets them: what is sent, what comes back, and what is on the page when something is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

import msgspec
import pytest
from aiohttp import ClientResponse, ClientSession, FormData

from channels.base import Unavailable
from channels.web.settings import Settings
from tests.web.house import House, code, opened

REPORT = {
    "key": "a-key-of-this-page",
    "classification": "pengaduan",
    "title": "Lampu jalan padam",
    "text": 'Sudah tiga minggu "gelap" <b>sekali</b>',
    "incident_date": "2026-11-01",
    "region": "32.73",
    "location": "Depan SDN 3",
    "name": "Warga Contoh",
    "contact": "081200000001",
}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff3f0005fe02fea7d605a90000000049454e44ae426082"
)


class Browser:
    """One that follows no redirect by itself."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session

    async def get(self, path: str, **headers: str) -> tuple[ClientResponse, str]:
        async with self.session.get(path, allow_redirects=False, headers=headers) as answer:
            return answer, await answer.text()

    async def send(self, fields: Mapping[str, str], files: Mapping[str, bytes] | None = None, **headers: str) -> tuple[ClientResponse, str]:
        form = FormData(default_to_multipart=True)
        for name, value in fields.items():
            form.add_field(name, value)
        for name, content in (files or {}).items():
            form.add_field("files", content, filename=name)
        headers = {"Sec-Fetch-Site": "same-origin"} | {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.post("/", data=form, allow_redirects=False, headers=headers) as answer:
            return answer, await answer.text()


class Town:
    """A house, and somebody before its door."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.house, self._settings = House(), settings

    async def __aenter__(self) -> tuple[House, Browser]:
        self._opened = opened(self.house, self._settings)
        server = await self._opened.__aenter__()
        self._session = ClientSession(server.make_url("/"))
        return self.house, Browser(self._session)

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await self._opened.__aexit__(None, None, None)


async def test_a_report_is_kept_and_leads_to_its_receipt() -> None:
    async with Town() as (house, browser):
        answer, _ = await browser.send(REPORT)
        assert answer.status == 303
        (arrival,) = house.arrivals
        kept = msgspec.json.decode(arrival.raw)
        assert kept["text"] == REPORT["text"]
        assert kept["place"] == "Kota Bandung, Jawa Barat"
        answer, page = await browser.get(answer.headers["Location"])
        assert answer.status == 200
        assert next(iter(house.cases)) in page
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_receipt_says_nothing_of_what_was_reported() -> None:
    async with Town() as (_, browser):
        answer, _ = await browser.send(REPORT)
        _, receipt = await browser.get(answer.headers["Location"])
        _, status = await browser.get(answer.headers["Location"].replace("terima", "lacak"))
        for page in (receipt, status):
            assert [said for name, said in REPORT.items() if name not in {"region", "classification"} and said in unescape(page)] == []


async def test_a_report_that_is_sent_twice_from_one_page_is_one_report() -> None:
    async with Town() as (house, browser):
        first, _ = await browser.send(REPORT)
        second, _ = await browser.send(REPORT)
        assert first.headers["Location"] == second.headers["Location"]
        assert len(house.arrivals) == 1


async def test_every_page_has_a_key_of_its_own() -> None:
    async with Town() as (_, browser):
        keys = [re.findall(r'name="key" value="(.+?)"', (await browser.get("/"))[1]) for _ in range(2)]
        assert keys[0] != keys[1]


async def test_a_script_is_told_the_code_itself() -> None:
    async with Town() as (house, browser):
        answer, text = await browser.send(REPORT, X_Requested_With="lapor")
        assert answer.status == 201
        assert msgspec.json.decode(text) == {"reference": next(iter(house.cases))}


async def test_with_faults_everything_that_was_typed_is_still_there() -> None:
    async with Town() as (house, browser):
        answer, page = await browser.send(REPORT | {"title": "", "incident_date": "2999-01-01", "rahasia": "1"})
        assert answer.status == 422
        assert house.arrivals == []
        assert "Perlu diperbaiki" in re.findall("<title>(.+?)</title>", page)[0]
        assert re.findall(r'<li><a href="#(\w+)">(.+?)</a>', page) == [
            ("title", "Tulis judul laporan"),
            ("incident_date", "Tanggal kejadian tidak boleh setelah hari ini"),
        ]
        assert 'aria-describedby="title-fault title-hint" aria-invalid="true"' in page
        typed = unescape(page)
        assert all(said in typed for name, said in REPORT.items() if name not in {"title", "incident_date"})
        assert '<option value="32.73" selected>' in page
        assert re.search(r'id="rahasia"[^>]* checked', page)
        assert re.search(r'value="pengaduan"[^>]* checked', page)
        assert "<b>sekali</b>" not in page


async def test_neither_a_region_nor_a_place_is_a_fault_of_the_region() -> None:
    async with Town() as (house, browser):
        _, page = await browser.send(REPORT | {"region": "", "location": ""})
        assert re.findall(r'<li><a href="#(\w+)">', page) == ["region"]
        answer, _ = await browser.send(REPORT | {"region": ""})
        assert answer.status == 303
        assert len(house.arrivals) == 1


async def test_a_text_that_begins_with_an_empty_line_keeps_it_on_the_page() -> None:
    """HTML drops the first line feed after <textarea>."""
    async with Town() as (_, browser):
        _, page = await browser.send(REPORT | {"text": "\r\nsatu", "title": ""})
        assert ">\n\r\nsatu</textarea>" in page or ">\n\nsatu</textarea>" in page


async def test_files_that_are_none_of_ours_are_named_and_must_be_chosen_again() -> None:
    async with Town() as (house, browser):
        answer, page = await browser.send(REPORT, {"jahat.exe": b"MZ" + b"\0" * 100})
        assert answer.status == 422
        assert 'id="files-fault"' in page
        assert "data-files-lost" in page
        assert REPORT["title"] in page
        assert house.arrivals == []


async def test_a_fault_of_a_file_hides_none_of_the_words() -> None:
    """Without a script each further round is to choose the files again."""
    async with Town() as (house, browser):
        _, page = await browser.send(REPORT | {"title": "", "contact": "bukan nomor"}, {"jahat.exe": b"MZ" + b"\0" * 100})
        assert re.findall(r'<li><a href="#(\w+)">', page) == ["title", "files", "contact"]
        assert house.arrivals == []


async def test_a_picture_is_kept_without_what_it_hides() -> None:
    async with Town() as (house, browser):
        answer, _ = await browser.send(REPORT, {"lampu.png": PNG})
        assert answer.status == 303
        (file,) = house.arrivals[0].files
        assert file.media_type == "image/png"


async def test_anonymous_means_that_no_name_is_kept() -> None:
    async with Town() as (house, browser):
        await browser.send(REPORT | {"anonim": "1"})
        await browser.send(REPORT | {"anonim": "1", "rahasia": "1", "key": "another"})
        assert [msgspec.json.decode(arrival.raw)["privacy"] for arrival in house.arrivals] == ["anonim", "rahasia"]
        assert not any(b"Warga" in arrival.raw or b"0812" in arrival.raw for arrival in house.arrivals)


async def test_trouble_of_ours_keeps_the_words_and_offers_to_send_again() -> None:
    async with Town() as (house, browser):
        house.problem = Unavailable("disk_full", retry_after=45)
        answer, page = await browser.send(REPORT)
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "45"
        assert "belum tersimpan" in page
        # the first that a screen reader says of a page
        assert "<title>Belum tersimpan: Sampaikan laporan" in page
        assert "45 detik" in page
        assert f'name="key" value="{REPORT["key"]}"' in page
        assert REPORT["title"] in page
        house.problem = None
        answer, _ = await browser.send(REPORT)
        assert answer.status == 303


async def test_who_sends_too_much_waits_and_loses_no_word() -> None:
    async with Town(Settings(submissions_per_hour=1)) as (house, browser):
        await browser.send(REPORT)
        answer, page = await browser.send(REPORT | {"title": "Yang kedua"})
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) > 0
        assert "Yang kedua" in page
        assert len(house.arrivals) == 1


async def test_of_who_sends_too_much_no_file_is_looked_at() -> None:
    async with Town(Settings(submissions_per_hour=1)) as (_, browser):
        await browser.send(REPORT)
        for content in (PNG, b"no picture at all"):
            answer, page = await browser.send(REPORT | {"title": "Yang kedua"}, {"foto.png": content})
            assert answer.status == 429
            assert "Yang kedua" in page
            assert "Lampiran harus dipilih ulang" in page


async def test_a_form_on_another_site_sends_nothing() -> None:
    async with Town() as (house, browser):
        answer, page = await browser.send(REPORT, Sec_Fetch_Site="cross-site")
        assert answer.status == 403
        assert "Buka formulir" in page
        assert house.arrivals == []


async def test_what_is_no_form_is_told_so() -> None:
    async with Town() as (_, browser):
        answer = await browser.session.post("/", data=b"x", headers={"Content-Type": "multipart/form-data; boundary=y"})
        assert answer.status in {400, 422}
        assert "text/html" in answer.headers["Content-Type"]


async def test_a_code_leads_to_a_timeline() -> None:
    async with Town() as (house, browser):
        known = house.know(code("a"), "received", "registered", tracking_id="10039939")
        for path in (
            f"/lacak/{known}",
            *(f"/lacak?kode={each}" for each in (known.lower().replace("-", "+"), f"%23{known}", f"Kode+Anda:+{known}.")),
        ):
            answer, page = await browser.get(path)
            assert answer.status == 200
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Status: Terdaftar di SP4N-LAPOR!" in page
            assert "#10039939" in page
            assert "20 November 2026, 13.00 WIB" in page


@pytest.mark.parametrize(
    ("typed", "status", "title"),
    [
        ("AAAA-AAAA-AAAB", 422, "Kode salah ketik"),
        ("apa ini", 422, "Kode salah ketik"),
        ("10039939", 404, "Kode tidak ditemukan"),
        ("", 422, "Kode belum diisi"),
        (code("nobody"), 404, "Kode tidak ditemukan"),
    ],
)
async def test_a_mistyped_code_is_told_from_an_unknown_one(typed: str, status: int, title: str) -> None:
    async with Town() as (_, browser):
        answer, page = await browser.get(f"/lacak?kode={typed}")
        assert answer.status == status
        assert f'<h2 id="summary-title">{title}</h2>' in page
        assert f"<title>{title}: Lacak laporan" in page


async def test_who_asks_too_often_waits() -> None:
    async with Town(Settings(lookups_per_minute=1)) as (house, browser):
        known = house.know(code("a"), "received")
        await browser.get(f"/lacak/{known}")
        answer, _ = await browser.get(f"/lacak/{known}")
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) > 0
        # the receipt is still shown: whoever was sent there holds the code
        answer, page = await browser.get(f"/terima/{known}")
        assert answer.status == 200
        assert known in page
        # and whoever typed it himself is told the same of one that nobody has: not that we have it, nor that we have it not
        _, guessed = await browser.get(f"/terima/{code('nobody')}")
        assert guessed.replace(code("nobody"), known) == page
        assert "<title>Laporan diterima" not in page
        assert "Laporan Anda sudah kami terima" not in page


async def test_a_store_that_is_away_hides_no_receipt() -> None:
    async with Town() as (house, browser):
        house.problem = Unavailable("store_away")
        answer, page = await browser.get(f"/terima/{code('a')}")
        assert answer.status == 200
        assert code("a") in page
        assert "Laporan Anda sudah kami terima" not in page
        assert (await browser.get("/terima/%3Cscript%3E"))[0].status == 404
        assert (await browser.get(f"/lacak/{code('a')}"))[0].status == 503


@pytest.mark.parametrize("path", ["/terima/apa", f"/terima/{code('nobody')}", "/tidak/ada", "/statis/0/ada.js"])
async def test_what_is_not_here_is_told_so(path: str) -> None:
    async with Town() as (_, browser):
        assert (await browser.get(path))[0].status == 404


async def test_files_of_ours_are_kept_for_a_year_and_pages_are_not() -> None:
    async with Town() as (_, browser):
        _, page = await browser.get("/")
        address = re.findall(r'href="(/statis/\w+/style.css)"', page)[0]
        answer, _ = await browser.get(address)
        assert answer.headers["Cache-Control"].endswith("immutable")
        assert answer.headers["Content-Encoding"] == "gzip"
        assert (await browser.get(address, **{"If-None-Match": answer.headers["ETag"]}))[0].status == 304
        old, _ = await browser.get(re.sub(r"/statis/\w+/", "/statis/0123/", address))
        assert old.headers["Cache-Control"] == "no-cache"


async def test_every_page_comes_with_its_guard() -> None:
    async with Town() as (_, browser):
        for path in ("/", "/lacak", "/privasi", "/luring", "/tidak/ada"):
            answer, page = await browser.get(path)
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert not re.search(r"<script(?! src=)|<style|\son\w+=|style=", page)
