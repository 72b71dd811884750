"""The installed form: what it keeps while there is no network, and that what it sends arrives once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec
from playwright.async_api import Browser, Error

from channels.base import Unavailable
from tests.fakes.inbox import until
from tests.web.browsing import REPORT, Visit, on_chromium, visiting
from tests.web.house import House, opened

pytestmark = on_chromium

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff3f0005fe02fea7d605a90000000049454e44ae426082"
)
#: the worker speaks for the page, and has what the form needs
READY = """async () => {
  const [cache] = await caches.keys();
  // it controls the page while it is being activated, and answers for it only afterwards
  return navigator.serviceWorker.controller?.state === "activated" && cache && (await (await caches.open(cache)).keys()).length === 5;
}"""


class Network:
    """A house whose server can go and come back at the same port, as a network does."""

    def __init__(self, house: House) -> None:
        self.house, self._port = house, 0
        self._stack = AsyncExitStack()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def comes(self) -> None:
        server = await self._stack.enter_async_context(opened(self.house, port=self._port))
        self._port = server.port or 0

    async def goes(self) -> None:
        await self._stack.aclose()


@asynccontextmanager
async def telephone(house: House, chromium: Browser) -> AsyncIterator[tuple[Network, Visit]]:
    """Somebody with a telephone, and the network that it has."""
    network = Network(house)
    await network.comes()
    try:
        async with visiting(network.address, chromium) as visit:
            yield network, visit
    finally:
        await network.goes()


async def ready(visit: Visit) -> None:
    """It was here before, and works without a network."""
    await visit.page.goto("/")
    await visit.page.wait_for_function(READY)


async def goes_to(visit: Visit, path: str) -> None:
    """On a machine that is too busy to start the worker in time, Chromium shows what the network says; a person tries again."""
    for _ in range(60):
        with contextlib.suppress(Error):
            answer = await visit.page.goto(path)
            if answer and answer.from_service_worker:
                return
        await asyncio.sleep(0.5)
    raise AssertionError("the worker never spoke for the page")


async def queued(visit: Visit) -> None:
    await visit.page.get_by_text("Menunggu jaringan.").wait_for()


async def sent(visit: Visit) -> str:
    await visit.page.get_by_text("Terkirim. Kode laporan:").first.wait_for()
    return await visit.page.locator("#shelf a").first.inner_text()


async def test_it_can_be_installed(chromium: Browser) -> None:
    async with telephone(House(), chromium) as (_network, visit):
        await ready(visit)
        devtools = await visit.page.context.new_cdp_session(visit.page)
        manifest = await devtools.send("Page.getAppManifest")
        assert manifest["errors"] == []
        described = msgspec.json.decode(manifest["data"])
        assert described["short_name"] == "LAPOR!"
        for icon in described["icons"]:
            answer = await visit.page.request.get(icon["src"])
            assert answer.headers["content-type"] == "image/png"
        faults = (await devtools.send("Page.getInstallabilityErrors"))["installabilityErrors"]
        # a window of a test is in-incognito; nothing else may stand in the way
        assert [fault["errorId"] for fault in faults if fault["errorId"] != "in-incognito"] == []


async def test_without_a_network_the_form_opens_and_the_rest_says_why_not(chromium: Browser) -> None:
    async with telephone(House(), chromium) as (network, visit):
        await ready(visit)
        await network.goes()
        await goes_to(visit, "/lacak")
        await visit.page.get_by_role("heading", name="Tidak ada jaringan").wait_for()
        await visit.page.get_by_role("link", name="Buka formulir").click()
        await visit.page.get_by_role("heading", name="Sampaikan laporan Anda").wait_for()
        assert await visit.page.locator("#province").count() == 1
        assert await visit.page.evaluate("getComputedStyle(document.body).margin") == "0px"


async def test_a_report_without_a_network_waits_and_arrives_once(chromium: Browser) -> None:
    house = House()
    async with telephone(house, chromium) as (network, visit):
        await ready(visit)
        await network.goes()
        await visit.page.context.set_offline(True)
        await visit.fill()
        await visit.page.set_input_files("#files", {"name": "lampu.png", "mimeType": "image/png", "buffer": PNG})
        await visit.send()
        await queued(visit)
        assert await visit.page.input_value("#title") == ""
        assert await visit.kept("draft") == []
        assert house.calls == 0
        said = visit.page.locator("#shelf [role=status]")
        assert await said.inner_text() == "Belum terkirim, tetapi sudah tersimpan di perangkat ini."
        await visit.page.click("#shelf-send")
        await said.get_by_text("Masih belum terkirim.").wait_for()
        await network.comes()
        await visit.page.context.set_offline(False)
        code = await sent(visit)
        assert code in house.cases
        await said.get_by_text("Sudah terkirim.").wait_for()
        assert await visit.kept("outbox") == []
    (arrival,) = house.arrivals
    assert msgspec.json.decode(arrival.raw)["text"] == REPORT["text"]
    assert len(arrival.files) == 1


async def test_an_answer_that_was_lost_makes_no_second_report(chromium: Browser) -> None:
    house = House()
    async with telephone(house, chromium) as (_network, visit):
        await ready(visit)
        await visit.fill()
        house.deaf = 100
        await visit.send()
        await queued(visit)
        assert house.calls >= 1
        house.deaf = 0
        await visit.page.click("#shelf-send")
        assert await sent(visit) in house.cases
    assert house.calls >= 2
    assert len(house.arrivals) == 1


async def test_what_waits_survives_the_page_and_is_sent_when_another_is_opened(chromium: Browser) -> None:
    house = House()
    async with telephone(house, chromium) as (network, visit):
        await ready(visit)
        await network.goes()
        await visit.fill()
        await visit.send()
        await queued(visit)
        context = visit.page.context
        await visit.page.close()
        await network.comes()
        pages = [await context.new_page() for _ in range(3)]
        for page in pages:
            await page.goto("/")
        await pages[0].get_by_text("Terkirim. Kode laporan:").wait_for()
    assert len(house.arrivals) == 1


async def test_the_browser_sends_what_waits_when_no_page_is_open(chromium: Browser) -> None:
    """Background Sync, called as the browser calls it."""
    house = House()
    async with telephone(house, chromium) as (network, visit):
        await ready(visit)
        await network.goes()
        await visit.fill()
        await visit.send()
        await queued(visit)
        await network.comes()
        blank = await visit.page.context.new_page()
        devtools = await visit.page.context.new_cdp_session(blank)
        known: list[dict[str, Any]] = []
        devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: known.extend(event["registrations"]))
        await devtools.send("ServiceWorker.enable")
        await visit.page.close()
        await until(lambda: known)
        call = {"origin": network.address, "registrationId": known[0]["registrationId"], "tag": "lapor-outbox", "lastChance": False}
        async with asyncio.timeout(60):
            while not house.arrivals:
                # a browser does so again when it came to nothing, as on a machine that is too busy to start the worker
                await devtools.send("ServiceWorker.dispatchSyncEvent", call)
                with contextlib.suppress(TimeoutError):
                    await until(lambda: house.arrivals, within_s=10)
        later = await visit.page.context.new_page()
        await later.goto(f"{network.address}/")
        await later.get_by_text("Terkirim. Kode laporan:").wait_for()
    assert len(house.arrivals) == 1


async def test_what_the_server_refuses_later_goes_back_to_the_form(chromium: Browser) -> None:
    house = House()
    async with telephone(house, chromium) as (network, visit):
        await ready(visit)
        await network.goes()
        await visit.fill(contact="bukan nomor")
        await visit.send()
        await queued(visit)
        await network.comes()
        await visit.page.click("#shelf-send")
        await visit.page.get_by_role("button", name="Buka di formulir").click()
        await visit.page.get_by_text("dipulihkan").wait_for()
        assert await visit.page.input_value("#title") == REPORT["title"]
        assert await visit.page.input_value("#region") == "32.73"
        await visit.page.fill("#contact", "081200000001")
        await visit.send()
        await visit.code()
    assert len(house.arrivals) == 1


async def test_a_confidential_report_that_goes_back_to_the_form_is_kept_nowhere_else(chromium: Browser) -> None:
    async with telephone(House(), chromium) as (network, visit):
        await ready(visit)
        await network.goes()
        await visit.fill(contact="bukan nomor")
        await visit.page.check("#rahasia")
        await visit.send()
        await queued(visit)
        await network.comes()
        await visit.page.click("#shelf-send")
        await visit.page.get_by_role("button", name="Buka di formulir").click()
        await visit.page.get_by_text("draf tidak disimpan").wait_for()
        assert await visit.page.input_value("#title") == REPORT["title"]
        assert await visit.kept("draft") == await visit.kept("outbox") == []


async def test_trouble_of_ours_leaves_in_the_outbox_what_is_there(chromium: Browser) -> None:
    house = House()
    async with telephone(house, chromium) as (network, visit):
        await ready(visit)
        await network.goes()
        await visit.fill()
        await visit.send()
        await queued(visit)
        house.problem = Unavailable("disk_full")
        await network.comes()
        await visit.page.click("#shelf-send")
        await until(lambda: house.calls)
        await queued(visit)
        house.problem = None
        await visit.page.click("#shelf-send")
        await sent(visit)
    assert len(house.arrivals) == 1


async def test_what_is_typed_survives_a_reload(chromium: Browser) -> None:
    house = House()
    async with telephone(house, chromium) as (_network, visit):
        await ready(visit)
        await visit.fill()
        await visit.page.get_by_text("Draf tersimpan").wait_for()
        await visit.page.reload()
        await visit.page.get_by_text("dipulihkan").wait_for()
        assert {name: await visit.page.input_value(f"#{name}") for name in REPORT} == REPORT
        assert await visit.page.input_value("#region") == "32.73"
        assert await visit.page.is_checked("#classification-pengaduan")
        await visit.page.click("#draft-drop")
        await visit.page.get_by_text("Draf sudah dihapus").wait_for()
        assert await visit.page.input_value("#title") == ""
        await visit.page.reload()
        assert await visit.page.input_value("#title") == ""
    assert house.calls == 0


async def test_nothing_is_kept_of_what_is_to_be_secret(chromium: Browser) -> None:
    async with telephone(House(), chromium) as (_network, visit):
        await ready(visit)
        for name in ("anonim", "rahasia"):
            await visit.fill()
            await visit.page.get_by_text("Draf tersimpan").wait_for()
            await visit.page.check(f"#{name}")
            await visit.page.get_by_text("draf tidak disimpan").wait_for()
            assert await visit.kept("draft") == []
            await visit.page.uncheck(f"#{name}")


async def test_everything_can_be_deleted_from_the_device(chromium: Browser) -> None:
    async with telephone(House(), chromium) as (network, visit):
        await ready(visit)
        await network.goes()
        await visit.fill()
        await visit.send()
        await queued(visit)
        await network.comes()
        await visit.page.context.set_offline(True)
        await visit.page.context.set_offline(False)
        await sent(visit)
        await visit.page.goto("/privasi")
        await visit.page.click("[data-forget]")
        await visit.page.get_by_text("sudah dihapus dari perangkat ini").wait_for()
        assert [await visit.kept(room) for room in ("draft", "outbox", "sent")] == [[], [], []]


async def test_no_page_about_a_report_is_kept_by_the_worker(chromium: Browser) -> None:
    house = House()
    async with telephone(house, chromium) as (_network, visit):
        await ready(visit)
        await visit.fill()
        await visit.send()
        code = await visit.code()
        await visit.page.goto(f"/lacak/{code}")
        kept = await visit.page.evaluate("caches.keys().then(n => caches.open(n[0])).then(c => c.keys()).then(k => k.map(r => r.url))")
        assert [url for url in kept if "terima" in url or "lacak" in url] == []
