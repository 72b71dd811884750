"""The Telegram doors of the stories: people who write to a bot, at a rehearsed Bot API that is asked or that calls.

In: complaints. Out: which updates Telegram takes for confirmed, and the messages that the bot sent. Telegram gives an update again until
it is confirmed.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Literal

from gateway.rehearse.telegram_api import TOKEN, TelegramApi, person
from tests.stories.doors import NAME
from tests.stories.senders import PICTURE, Heard, Said

#: what Telegram says to prove that it is Telegram
SECRET = "latihan-webhook"


class Telegram:
    """A bot that polls, or is called."""

    kind = "social.telegram"
    full: set[str] = set()  # noqa: RUF012 - a constant of the protocol: the offset stands still
    letters: Literal["many"] = "many"
    comes = True
    secrets = (TOKEN, SECRET)

    def __init__(self, *, webhook: bool = False) -> None:
        self._webhook, self._public = webhook, 0
        self.api = TelegramApi()
        self._updates: dict[int, int] = {}
        self._heard = Heard[dict[str, str]](lambda sent: (sent["chat_id"], sent["text"]))

    def table(self) -> str:
        lines = [f"[channels.{NAME}]", 'kind = "social.telegram"', f'token = "{TOKEN}"', f'api_url = "{self.api.url}"']
        if self._webhook:
            url = f"http://127.0.0.1:{self._public}/telegram/{NAME}"
            lines += ["webhook = true", f'webhook_url = "{url}"', f'webhook_secret = "{SECRET}"']
        return "\n".join(lines) + "\n"

    async def open(self, stack: AsyncExitStack, public: int) -> None:
        self._public = public
        await self.api.start()
        stack.push_async_callback(self.api.stop)

    def say(self, said: Said) -> None:
        if said.nth % 3:
            self.api.say(said.text, who=said.sender)
        else:
            said.files = 1
            document = self.api.keep(PICTURE, f"berkas-{said.nth}") | {"file_name": "lampu.png", "mime_type": "image/png"}
            self.api.say(who=said.sender, caption=said.text, document=document)
        self._updates[said.nth] = max(self.api.waiting)

    def taken(self, said: Said) -> bool:
        return self._updates[said.nth] not in self.api.waiting

    def reached(self) -> int:
        return self.api.counts["setwebhook" if self._webhook else "confirmations"]

    async def heard(self, said: Said) -> list[str]:
        return self._heard.by(str(person(said.sender)["id"]), self.api.sent)
