"""What holds for every test. None asserts how long something took, so no example of a property has a deadline, nor is a property given up
because its examples are slow to come by on a busy machine. One Chromium is for all tests of pages: to start it takes longer than most of
them. Each has windows of its own. And nobody out there is trusted: each of the processes that tests start would read the machine's
hundreds of authorities, most of them twice."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest_asyncio
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.async_api import Browser

os.environ["SSL_CERT_FILE"] = str(Path(__file__).parent / "fakes" / "nobody.pem")
# ten thousand tests stay to the end: nobody looks for what of them could go, neither while they are gathered nor ever after
gc.disable()
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Tests that use it live in the same loop: `on_chromium` says so."""
    from tests.web.browsing import browser  # noqa: PLC0415  # most workers drive none

    async with browser() as started:
        yield started
