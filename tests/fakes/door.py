"""A door to a simulated SMSC, for the tests of "sms.esme": settings that point at it, and a bind for the length of a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from channels.base import Inbox, Letter
from channels.sms import esme
from tests.fakes.inbox import until

CITIZEN = "628120000001"


def door(port: int, **settings: Any) -> esme.Esme:
    """A channel that would bind at this port."""
    table: dict[str, Any] = {"host": "127.0.0.1", "port": port, "system_id": "lapor", "password": "rahasia"}
    return esme.channel("telkomsel", esme.Settings(**table | settings))


@asynccontextmanager
async def listening(channel: esme.Esme, inbox: Inbox, *, links: int = 1) -> AsyncIterator[None]:
    """Bound; in the end asked to leave, and gone."""
    async with trying(channel, inbox):
        await until(lambda: words(channel).count("bound") == links)
        yield


@asynccontextmanager
async def trying(channel: esme.Esme, inbox: Inbox) -> AsyncIterator[None]:
    """Listening, bound or not."""
    task = asyncio.create_task(channel.listen(inbox))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def words(channel: esme.Esme) -> list[str]:
    """The states of its links."""
    return [link.word for link in channel.links]


def letter(text: str = "Laporan Anda kami terima.", to: str = "+628120000001", *, reply_to: dict[str, str] | None = None) -> Letter:
    """A receipt to a citizen."""
    return Letter(key="k", case_id="c", channel="telkomsel", to=to, kind="receipt", text=text, reply_to=reply_to or {})
