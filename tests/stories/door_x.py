"""The door of the stories at X: people who mention the account, at a simulated X.

In: complaints. Out: which posts the gateway asks for no more, and the account's replies. X says a post again as long as the cursor
(since_id) is before it.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any, Literal

from gateway.rehearse.x_api import FakeX
from tests.stories.doors import NAME
from tests.stories.senders import Heard, Said

KEYS = {name: f"kunci-{name}" for name in ("bearer_token", "consumer_key", "consumer_secret", "access_token", "access_secret")}
#: so often as the gateway asks here, X would not let it
ENDLESS = 10**9


class X:
    """An account that is mentioned."""

    kind = "social.x"
    full: set[str] = set()  # noqa: RUF012 - a constant of the protocol: the cursor stands still
    letters: Literal["one"] = "one"
    comes = True
    secrets = ("kunci-",)

    def __init__(self) -> None:
        self.x = FakeX()
        self._posts: dict[int, str] = {}
        self._since = self._looked = 0
        self._heard = Heard[dict[str, Any]](lambda answer: (answer["to"], answer["text"]))

    def table(self) -> str:
        keys = "\n".join(f'{name} = "{key}"' for name, key in KEYS.items())
        return f'[channels.{NAME}]\nkind = "social.x"\naccount = "lapor1708"\napi_url = "{self.x.url}"\npoll_s = 0.1\n{keys}\n'

    async def open(self, stack: AsyncExitStack, public: int) -> None:
        await self.x.start()
        # a look goes back over several pages, and may be killed between two of them
        self.x.page = 7
        stack.push_async_callback(self.x.stop)
        for path in (self._mentions, "/2/tweets/search/recent", "/2/tweets", "/2/users/me"):
            self.x.remaining[path] = ENDLESS

    @property
    def _mentions(self) -> str:
        return f"/2/users/{self.x.world.account.id}/mentions"

    def say(self, said: Said) -> None:
        self._posts[said.nth] = self.x.world.write(f"@{said.sender}", f"@lapor1708 {said.text}")

    def taken(self, said: Said) -> bool:
        """Whoever asks for what came behind a post has it."""
        for path, query in self.x.queries[self._looked :]:
            if path == self._mentions:
                self._since = max(self._since, int(query["since_id"]))
        self._looked = len(self.x.queries)
        return int(self._posts[said.nth]) <= self._since

    def reached(self) -> int:
        return self.x.requests[f"GET {self._mentions}"]

    async def heard(self, said: Said) -> list[str]:
        return self._heard.by(self._posts[said.nth], self.x.answers)
