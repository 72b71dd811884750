"""One Chromium for all tests of pages: to start it takes longer than most of them. Each test has windows of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from tests.web.browsing import browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Tests that use it live in the same loop: `on_chromium` says so."""
    async with browser() as started:
        yield started
