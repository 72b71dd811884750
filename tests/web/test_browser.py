"""The pages in a real Chromium: with a script and without, by keyboard alone, and how much a first visit weighs."""

from __future__ import annotations

import asyncio

import msgspec
from playwright.async_api import Browser, Page, Route

from channels.base import Unavailable
from tests.fakes.inbox import until
from tests.web.browsing import REPORT, browser, on_chromium, visited, visiting, weighed
from tests.web.house import House, opened

pytestmark = on_chromium

#: bytes; issue 3
FIRST_VISIT = 60_000
#: the service worker has what the form needs without a network
KEPT = """async () => {
  const [cache] = await caches.keys();
  return cache && (await (await caches.open(cache)).keys()).length === 5;
}"""

#: words that stand on more than one line
BROKEN = """within => {
  const broken = [];
  const texts = document.createTreeWalker(document.querySelector(within), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    for (const word of texts.currentNode.data.matchAll(/\\S+/g)) {
      const place = document.createRange();
      place.setStart(texts.currentNode, word.index);
      place.setEnd(texts.currentNode, word.index + word[0].length);
      if (new Set([...place.getClientRects()].map((line) => line.top)).size > 1) broken.push(word[0]);
    }
  }
  return broken;
}"""


async def test_a_report_is_sent_without_a_script(chromium: Browser) -> None:
    house = House()
    async with visited(house, chromium, script=False) as visit:
        await visit.page.goto("/")
        await visit.fill()
        await visit.send()
        assert await visit.code() in house.cases
    assert msgspec.json.decode(house.arrivals[0].raw)["region"] == "32.73"


async def test_a_report_is_sent_with_a_script(chromium: Browser) -> None:
    house = House()
    async with visited(house, chromium) as visit:
        await visit.page.goto("/")
        await visit.fill()
        await visit.send()
        assert await visit.code() in house.cases
        assert await visit.kept("draft") == []
    kept = msgspec.json.decode(house.arrivals[0].raw)
    assert {name: kept[name] for name in REPORT} == REPORT
    assert kept["region"] == "32.73"


async def test_a_double_click_sends_once(chromium: Browser) -> None:
    for script in (True, False):
        house = House()
        async with visited(house, chromium, script=script) as visit:
            await visit.page.goto("/")
            await visit.fill()
            await visit.page.dblclick("#report button[type=submit]")
            assert await visit.code() in house.cases
        assert len(house.arrivals) == 1


async def test_a_reload_of_the_receipt_sends_nothing(chromium: Browser) -> None:
    house = House()
    async with visited(house, chromium, script=False) as visit:
        await visit.page.goto("/")
        await visit.fill()
        await visit.send()
        await visit.code()
        await visit.page.reload()
        await visit.page.go_back()
    assert house.calls == 1


async def test_faults_are_told_at_once_and_lead_to_their_fields(chromium: Browser) -> None:
    house = House()
    async with visited(house, chromium) as visit:
        await visit.page.goto("/")
        await visit.fill(title="", location="")
        await visit.page.select_option("#province", "")
        await visit.send()
        assert await visit.page.evaluate("document.activeElement.id") == "summary"
        assert await visit.page.locator("#summary a").all_inner_texts() == [
            "Tulis judul laporan",
            "Pilih kabupaten atau kota, atau tulis alamat kejadian",
        ]
        await visit.page.click("#summary a >> nth=0")
        assert await visit.page.evaluate("document.activeElement.id") == "title"
        assert await visit.page.get_attribute("#title", "aria-describedby") == "title-fault title-hint"
        await visit.page.fill("#title", "Sekarang ada")
        await visit.page.fill("#location", "Depan SDN 3")
        await visit.send()
        await visit.code()
    assert house.calls == 1


async def test_with_a_script_the_chosen_files_survive_a_fault_that_only_the_server_sees(chromium: Browser) -> None:
    house = House()
    async with visited(house, chromium) as visit:
        await visit.page.goto("/")
        await visit.fill(contact="bukan nomor")
        await visit.page.set_input_files("#files", {"name": "lampu.png", "mimeType": "image/png", "buffer": PNG})
        await visit.send()
        await visit.page.wait_for_selector("#contact-fault")
        assert await visit.page.locator("[data-files-lost]").count() == 0
        assert await visit.page.evaluate("document.activeElement.id") == "summary"
        await visit.page.fill("#contact", "0812 0000 0001")
        await visit.send()
        await visit.code()
    assert [file.media_type for file in house.arrivals[0].files] == ["image/png"]


async def test_files_that_are_too_large_are_not_even_sent(chromium: Browser) -> None:
    house = House()
    async with visited(house, chromium) as visit:
        await visit.page.goto("/")
        await visit.fill()
        await visit.page.set_input_files("#files", {"name": "besar.png", "mimeType": "image/png", "buffer": b"\0" * 2_200_000})
        await visit.send()
        assert await visit.page.locator("#summary a").all_inner_texts() == ["Satu lampiran terlalu besar; setiap berkas paling besar 2 MB"]
    assert house.calls == 0


async def test_trouble_of_ours_keeps_everything_on_the_page(chromium: Browser) -> None:
    house = House()
    async with visited(house, chromium) as visit:
        await visit.page.goto("/")
        await visit.fill()
        await visit.page.set_input_files("#files", {"name": "lampu.png", "mimeType": "image/png", "buffer": PNG})
        house.problem = Unavailable("disk_full", retry_after=30)
        await visit.send()
        await visit.page.get_by_text("Laporan belum tersimpan").wait_for()
        assert await visit.page.input_value("#title") == REPORT["title"]
        assert await visit.page.input_value("#region") == "32.73"
        house.problem = None
        await visit.send()
        await visit.code()
    assert len(house.arrivals) == 1
    assert len(house.arrivals[0].files) == 1


async def test_anonymous_greys_out_who_it_is(chromium: Browser) -> None:
    house = House()
    async with visited(house, chromium) as visit:
        await visit.page.goto("/")
        await visit.fill(name="Warga Contoh")
        await visit.page.check("#anonim")
        assert await visit.page.is_disabled("#name")
        assert await visit.page.is_disabled("#contact")
        await visit.send()
        await visit.code()
    assert b"Warga" not in house.arrivals[0].raw


async def test_the_regions_of_a_province_are_offered_alone(chromium: Browser) -> None:
    async with visited(House(), chromium) as visit:
        await visit.page.goto("/")
        await visit.page.select_option("#province", label="Bali")
        offered = await visit.page.locator("#region option").all_inner_texts()
        assert offered[0] == "Bali (provinsi)"
        assert "Kota Denpasar" in offered
        assert len(offered) == 10
        assert await visit.page.input_value("#region") == "51"


async def tab_to(page: Page, place: str) -> None:
    """By keyboard; somebody who sees must see where they are."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("place => document.activeElement.matches(place)", place):
            assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    raise AssertionError(f"no key leads to {place}")


async def test_what_is_typed_before_a_late_script_stays_as_it_was_typed(chromium: Browser) -> None:
    """On a slow network the form is there long before its script, which then gives a draft back, to the fields that are empty."""
    async with visited(House(), chromium) as visit:
        page, late = visit.page, asyncio.Event()
        await page.add_init_script("delete Navigator.prototype.serviceWorker")  # what it keeps is there at once
        await page.goto("/")
        await visit.fill(title="Draf lama")
        await page.get_by_text("Draf tersimpan").wait_for()

        async def later(route: Route) -> None:
            await late.wait()
            await route.continue_()

        await page.route("**/app.js", later)
        await page.goto("/", wait_until="commit")
        await page.fill("#title", "Jembatan putus")
        await page.select_option("#region", "33.74")
        await page.check("#classification-aspirasi")
        late.set()
        await page.get_by_text("dipulihkan").wait_for()
        assert await page.input_value("#title") == "Jembatan putus"
        assert await page.input_value("#region") == "33.74"
        assert await page.is_checked("#classification-aspirasi")
        assert await page.input_value("#text") == REPORT["text"]


async def test_a_report_is_sent_by_keyboard_alone(chromium: Browser) -> None:
    house = House()
    async with visited(house, chromium) as visit:
        page, keys = visit.page, visit.page.keyboard
        await page.goto("/")
        await keys.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == "Langsung ke isi halaman"
        await keys.press("Enter")
        await tab_to(page, "[name=classification]")
        await keys.press("Space")
        await tab_to(page, "#title")
        await keys.type("Lampu jalan padam")
        await tab_to(page, "#text")
        await keys.type("Sudah tiga minggu gelap.")
        await tab_to(page, "#incident_date")
        await keys.type("11012026")  # Chromium's own language decides the order, and here it is English
        await tab_to(page, "#province")
        await keys.type("Jawa Barat")
        await tab_to(page, "#region")
        await keys.type("Kota Bandung")
        await tab_to(page, "#rahasia")
        await keys.press("Space")
        await tab_to(page, "button[type=submit]")
        await keys.press("Enter")
        await visit.code()
    kept = msgspec.json.decode(house.arrivals[0].raw)
    assert (kept["place"], kept["privacy"], kept["incident_date"]) == ("Kota Bandung, Jawa Barat", "rahasia", "2026-11-01")


async def test_no_word_of_the_menu_is_broken_on_the_smallest_telephone(chromium: Browser) -> None:
    """Nor on a desk that shows everything four times as large (WCAG 1.4.10)."""
    async with visited(House(), chromium, width=320) as visit:
        for path in ("/", "/lacak", "/privasi"):
            await visit.page.goto(path)
            assert await visit.page.evaluate(BROKEN, "nav") == []
            assert await visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_first_visit_weighs_less_than_a_photograph(chromium: Browser) -> None:
    """All bytes of all connections, headers and the service worker's own among them."""
    async with opened(House()) as server, weighed(server.port or 0) as (port, weights):
        address = f"http://127.0.0.1:{port}"
        async with visiting(address, chromium) as visit:
            await visit.page.goto("/", wait_until="networkidle")
            await visit.page.evaluate("navigator.serviceWorker.ready")
            await until(lambda: sum(weights) > 10_000)
            await visit.page.wait_for_function(KEPT)
            assert 10_000 < sum(weights) <= FIRST_VISIT, weights


async def test_the_code_is_copied(chromium: Browser) -> None:
    house = House()
    async with visited(house, chromium, permissions=["clipboard-read", "clipboard-write"]) as visit:
        await visit.page.goto("/")
        await visit.fill()
        await visit.send()
        code = await visit.code()
        await visit.page.click("[data-copy]")
        await visit.page.get_by_text("Kode sudah disalin.").wait_for()
        assert await visit.page.evaluate("navigator.clipboard.readText()") == code


async def test_the_form_works_where_the_browser_names_no_site() -> None:
    """By plain http at a name that is not localhost there is no Sec-Fetch-Site, no service worker and no randomUUID."""
    house = House()
    async with opened(house) as server, browser("--host-resolver-rules=MAP lapor.test 127.0.0.1") as far:
        for script in (True, False):
            async with visiting(f"http://lapor.test:{server.port}", far, script=script) as visit:
                await visit.page.goto("/")
                await visit.fill(title=f"Lampu padam {script}")
                await visit.send()
                assert await visit.code() in house.cases
    assert len(house.arrivals) == 2


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff3f0005fe02fea7d605a90000000049454e44ae426082"
)
