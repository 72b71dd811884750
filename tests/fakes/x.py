"""An account at a simulated X, for the tests of "social.x": settings that point at it, and a channel that listens for a test's length."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from channels.base import Inbox, Letter
from channels.social import x
from gateway.rehearse.x_api import FakeX
from tests.fakes.inbox import until

KEYS = {name: f"kunci-{name}" for name in ("bearer_token", "consumer_key", "consumer_secret", "access_token", "access_secret")}


def account(url: str, **settings: Any) -> x.X:
    """A channel that would ask this address, soon and often."""
    table: dict[str, Any] = {"account": "@LAPOR1708", "api_url": url, "poll_s": 0.02, **KEYS}
    return x.channel("x", x.Settings(**table | settings))


@asynccontextmanager
async def simulated(*faults: str) -> AsyncIterator[FakeX]:
    """An X on loopback; the faults strike until they are taken away."""
    fake = FakeX()
    fake.faults.update(dict.fromkeys(faults, -1))
    await fake.start()
    try:
        yield fake
    finally:
        await fake.stop()


@asynccontextmanager
async def trying(channel: x.X, inbox: Inbox) -> AsyncIterator[None]:
    """Listening, whatever comes of it."""
    task = asyncio.create_task(channel.listen(inbox))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def listening(channel: x.X, inbox: Inbox) -> AsyncIterator[None]:
    """Listening, and the first looks are over."""
    async with trying(channel, inbox):
        await until(lambda: channel.links and all(link.state != "starting" for link in channel.links if link.task != "stream"))
        yield


def state(channel: x.X, task: str) -> str:
    return next((link.state for link in channel.links if link.task == task), "")


def letter(text: str = "LAPOR! Kode: 7K3Q-9FXM-2CH4.", *, post: str = "1", author: str = "2", key: str = "1:answer") -> Letter:
    """An answer to a post."""
    return Letter(key=key, case_id="1", channel="x", to="@warga", kind="registered", text=text, reply_to={"post": post, "author": author})
