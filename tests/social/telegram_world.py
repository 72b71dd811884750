"""What the tests of "social.telegram" share: captured updates, a rehearsal Telegram on loopback, a bot that listens to it.

The updates in tests/social/telegram/ are invented and have the form that https://core.telegram.org/bots/api publishes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from channels.base import Arrival, InboundMessage, Inbox, Letter, Part
from channels.social import telegram
from channels.social.telegram_intake import Taken, take
from gateway.rehearse.telegram_api import BOT, TOKEN, TelegramApi, person
from tests.fakes.inbox import until

NAME, NOW = "telegram", datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
UPDATES = sorted((Path(__file__).parent / "telegram").glob("*.json"))


def captured(name: str) -> bytes:
    return (Path(__file__).parent / "telegram" / f"{name}.json").read_bytes()


def taken(raw: bytes) -> Taken:
    return take(NAME, raw, NOW, str(BOT["username"]))


def decoded(*names: str) -> InboundMessage:
    """What these updates say together, as the store would hand them out."""
    kept = [taken(captured(name)).what for name in names]
    parts = [each for each in kept if isinstance(each, Part)]
    whole = next((each for each in kept if isinstance(each, Arrival)), None)
    if whole is None:
        whole = Arrival(channel=NAME, source_id=parts[0].group, raw=b"", received_at=NOW)
    return telegram.decode(whole, parts)


def table(url: str, **settings: Any) -> telegram.Settings:
    values: dict[str, Any] = {"token": TOKEN, "api_url": url, "poll_s": 1}
    return telegram.Settings(**values | settings)


def letter(text: str = "Laporan Anda kami terima.", who: str = "warga", message: int = 101) -> Letter:
    reply_to = {"chat": str(person(who)["id"]), "message": str(message)}
    return Letter(key="k", case_id="c", channel=NAME, to=f"@{who}", kind="receipt", text=text, reply_to=reply_to)


@asynccontextmanager
async def telegram_api(*faults: str) -> AsyncIterator[TelegramApi]:
    api = TelegramApi(faults)
    await api.start()
    try:
        yield api
    finally:
        await api.stop()


def polled(api: TelegramApi, **settings: Any) -> telegram.Polled:
    """A bot that asks."""
    bot = telegram.channel(NAME, table(api.url, **settings))
    assert isinstance(bot, telegram.Polled)
    return bot


def word(bot: telegram.Polled | telegram.Called) -> str:
    return bot.links[0].word


@asynccontextmanager
async def trying(bot: telegram.Polled | telegram.Called, inbox: Inbox) -> AsyncIterator[None]:
    """Listening, with or without success."""
    task = asyncio.create_task(bot.listen(inbox))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def listening(bot: telegram.Polled | telegram.Called, inbox: Inbox) -> AsyncIterator[None]:
    """Listening, and well."""
    async with trying(bot, inbox):
        await until(lambda: bot.up)
        yield
