"""What a duty officer sees on the overview when something breaks: a bind, the ledger, a crowd of advertisements, the process itself.

The page is left alone: it changes by itself. How long each change took is printed (`pytest -s`); none is held to a time.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from gateway.rehearse.parts import short_sms
from tests.fakes.faulty import FAULTS
from tests.stories.process import TOP, GatewayProcess
from tests.stories.town import SHORT_CODE, town
from tests.web.browsing import on_chromium, visiting

pytestmark = on_chromium

PASSWORD = "kata sandi yang panjang"
ADVERTISEMENTS = 5
ADVERTISEMENT = "SLOT GACOR hari ini, bonus new member 100%, daftar sekarang klik link di bio"
WITHIN_MS = 60_000


class Duty:
    """An officer who looks at the wall."""

    def __init__(self, page: Page) -> None:
        self._page, self._since = page, time.monotonic()

    def now(self) -> None:
        """Something happens now."""
        self._since = time.monotonic()

    @property
    def since_s(self) -> float:
        return time.monotonic() - self._since

    async def sees(self, text: str, what: str) -> None:
        """Somewhere on the page, sooner or later."""
        await expect(self._page.locator("main")).to_contain_text(text, timeout=WITHIN_MS)
        print(f"{what}: seen after {self.since_s:.1f} s")


def account(gateway: GatewayProcess) -> None:
    """An officer may sign in."""
    argv = [sys.executable, "-m", "gateway", "operators", "add", "sari", "--role", "viewer", "--config", str(gateway.config)]
    subprocess.run(argv, input=f"{PASSWORD}\n".encode(), cwd=TOP, check=True, stdout=subprocess.DEVNULL)


async def test_an_officer_sees_what_breaks_and_that_it_is_mended(tmp_path: Path, chromium: Browser) -> None:
    async with town(tmp_path) as place:
        account(place.gateway)
        await place.gateway.start()
        async with visiting(f"http://127.0.0.1:{place.gateway.operators}", chromium, width=1440) as visit:
            await visit.page.goto("/")
            await visit.page.fill("#name", "sari")
            await visit.page.fill("#password", PASSWORD)
            await visit.page.click("main button")
            duty = Duty(visit.page)
            await duty.sees("Semua berjalan baik", "all is well")

            place.say()
            duty.now()
            await duty.sees("1 diteruskan", "a message that was forwarded")

            place.ledger.script.always = FAULTS["503"]
            for _ in range(3):
                place.say()
            duty.now()
            await duty.sees("Buku besar menunda", "a ledger that answers no more")
            await duty.sees("3 menunggu", "what waits for it")
            place.ledger.script.always = None
            duty.now()
            await duty.sees("4 diteruskan", "the ledger that is back")
            await duty.sees("Semua berjalan baik", "all is well again")

            for nth in range(ADVERTISEMENTS):
                place.smsc.deliver(short_sms(ADVERTISEMENT, f"628120000{nth:04d}", SHORT_CODE))
            duty.now()
            await duty.sees(f"{ADVERTISEMENTS} perlu dipilah", "advertisements to be sorted")
            await duty.sees("Cocok: tidak ada pesan yang hilang", "that nothing is missing")

            port = place.smsc.port
            await place.smsc.stop()
            duty.now()
            await duty.sees("Sambungan ke operator putus", "a bind that was lost")
            await place.smsc.start("127.0.0.1", port)
            duty.now()
            await duty.sees("Semua berjalan baik", "the bind that is back")

            place.gateway.kill()
            duty.now()
            await expect(visit.page.locator(".cut")).to_be_visible(timeout=WITHIN_MS)
            print(f"a gateway that is gone: seen after {duty.since_s:.1f} s")
            # the browser complains of the stream that was cut, as it should
            visit.faults.clear()
