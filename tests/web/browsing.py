"""A citizen with a real browser before the door of a house, for the tests of pages: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

from channels.web.settings import Settings
from tests.web.house import House, opened

CHROMIUM = Path("/usr/bin/chromium")
#: the marks of a test that uses the fixture `chromium`
on_chromium = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}: apt-get install chromium"),
    pytest.mark.asyncio(loop_scope="session"),
]

REPORT: Mapping[str, str] = {
    "title": "Lampu jalan padam",
    "text": "Sudah tiga minggu gelap.",
    "incident_date": "2026-11-01",
    "location": "Depan SDN 3",
}
#: what Chromium writes to its console about a status that we meant
_MEANT = re.compile(
    r"Failed to load resource: the server responded with a status of (403|404|413|422|429|503)\b"
    # and about a header that needs https
    r"|The Cross-Origin-Opener-Policy header has been ignored, because the URL's origin was untrustworthy"
)
#: the same about a network that a test took away
_AWAY = re.compile(r"net::ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|FAILED|CONNECTION_CLOSED)")


class Visit:
    """One page and what it complained of; `address` ends in no slash."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.faults: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not (_MEANT.search(message.text) or _AWAY.search(message.text)):
            self.faults.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, "blob:", "data:")):
            self.faults.append(f"asked somebody else: {request.url}")

    async def fill(self, **changes: str) -> None:
        """A report that has no faults, but for the changes."""
        await self.page.check("#classification-pengaduan")
        for name, value in (dict(REPORT) | changes).items():
            await self.page.fill(f"#{name}", value)
        if await self.page.locator("#province").count():
            await self.page.select_option("#province", "32")
        await self.page.select_option("#region", "32.73")

    async def send(self) -> None:
        await self.page.click("#report button[type=submit]")

    async def code(self) -> str:
        """What the receipt shows."""
        await self.page.wait_for_url("**/terima/*")
        return await self.page.inner_text("#code")

    async def kept(self, room: str) -> list[Any]:
        """What this device keeps."""
        found: list[Any] = await self.page.evaluate("room => lapor.store.all(room)", room)
        return found


@asynccontextmanager
async def browser(*flags: str) -> AsyncIterator[Browser]:
    """One Chromium, with flags of its own."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *flags])
        try:
            yield chromium
        finally:
            await chromium.close()


@asynccontextmanager
async def visiting(
    address: str,
    chromium: Browser,
    *,
    script: bool = True,
    scheme: Literal["light", "dark"] = "light",
    width: int = 360,
    **context: Any,
) -> AsyncIterator[Visit]:
    """A window of its own; in the end nothing may have gone wrong in it that the test did not mean."""
    window = await chromium.new_context(
        base_url=address,
        java_script_enabled=script,
        color_scheme=scheme,
        viewport={"width": width, "height": 740},
        locale="id-ID",
        **context,
    )
    window.set_default_timeout(30_000)
    visit = Visit(await window.new_page(), address)
    try:
        yield visit
        assert visit.faults == []
    finally:
        await window.close()


@asynccontextmanager
async def visited(house: House, chromium: Browser, *, settings: Settings | None = None, **visit: Any) -> AsyncIterator[Visit]:
    """A house and a window for one test."""
    async with opened(house, settings) as server, visiting(str(server.make_url("")).rstrip("/"), chromium, **visit) as seen:
        yield seen


async def barriers(page: Page, *rules: str) -> list[str]:
    """What axe finds, as rule and element: against these rules, or against WCAG 2.2 AA and good practice."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": tags}
    found = await Axe().run(page, options={"runOnly": only})
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found.response["violations"] for node in rule["nodes"]]


@asynccontextmanager
async def weighed(port: int) -> AsyncIterator[tuple[int, list[int]]]:
    """A port that leads to the other one, and how many bytes came back on each connection: all that a telephone pays for."""
    weights: list[int] = []

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        weights.append(0)
        place = len(weights) - 1

        async def up() -> None:
            with contextlib.suppress(ConnectionError):
                while chunk := await reader.read(65536):
                    back.write(chunk)
            back.close()

        asking = asyncio.create_task(up())
        with contextlib.suppress(ConnectionError):
            while chunk := await there.read(65536):
                weights[place] += len(chunk)
                writer.write(chunk)
        writer.close()
        await asking

    server = await asyncio.start_server(lead, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], weights
