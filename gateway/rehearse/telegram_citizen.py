"""`gateway rehearse telegram`: a citizen's message to a bot of ours, through a Telegram that exists on this machine only.

In: a name, a text. Out: the bot's answers. A whole gateway is started in a temporary folder for this one message, so that the first
complaint can be seen going through before there is a bot. It never calls the real Telegram.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gateway.app import running
from gateway.journal import Journal, Lines
from gateway.rehearse.citizen import private
from gateway.rehearse.telegram_api import TOKEN, TelegramApi

DOOR = """
[channels.telegram]
kind = "social.telegram"
token = "{token}"
api_url = "{url}"
"""


async def play_telegram(name: str, text: str, *, wait_s: float, say: Callable[[str], None]) -> list[str]:
    """Write to the bot, and return the answers that came within `wait_s` seconds; `say` hears what goes on."""
    api = TelegramApi()
    await api.start()
    say(f"@{name} -> @lapor_latihan_bot: {text}")
    say("(a private gateway answers, with a Telegram of its own; both are gone afterwards)")
    try:
        with tempfile.TemporaryDirectory() as folder:
            settings = private(Path(folder), DOOR, token=TOKEN, url=api.url)
            async with running(settings, Journal(Lines(io.BytesIO()))):
                api.say(text, who=name)
                with suppress(TimeoutError):
                    await api.until(lambda: api.answers_to(name), within_s=wait_s)
    finally:
        await api.stop()
    return api.answers_to(name)
