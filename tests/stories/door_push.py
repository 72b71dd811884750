"""The door of the stories at an aggregator that calls for each SMS, and sends the answers.

In: complaints. Out: the status of each push, and what the telephones heard. A push that is made again has the same id.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Literal

from tests.fakes.aggregator import PASSWORD, Aggregator, Letter, Push, table
from tests.stories.doors import NAME
from tests.stories.senders import Callers, Heard, Said

SECRET = "kunci-agregator"


class SmsPush:
    """An aggregator, and the telephones behind it."""

    kind = "sms.push"
    full = {"503"}  # noqa: RUF012 - a constant of the protocol
    letters: Literal["many"] = "many"
    comes = False
    secrets = (SECRET, PASSWORD)

    def __init__(self) -> None:
        self._aggregator = Aggregator(secret=SECRET)
        self._public = 0
        self._heard = Heard[Letter](lambda letter: (letter.to, letter.text))

    def table(self) -> str:
        return table(self._aggregator, NAME, self._public)

    async def open(self, stack: AsyncExitStack, public: int) -> None:
        self._public = public
        await stack.enter_async_context(self._aggregator)
        self._callers = Callers(self._push, gone=())
        stack.push_async_callback(self._callers.aclose)

    def say(self, said: Said) -> None:
        self._callers.say(said)

    def taken(self, said: Said) -> bool:
        return said.taken

    def reached(self) -> int:
        return self._callers.reached

    async def _push(self, said: Said) -> bool:
        push = Push(id=f"mo-{said.nth}", sender=_number(said), text=said.text)
        await self._aggregator.push(push)
        status, _ = push.answers[-1]
        if not status:
            raise TimeoutError
        said.told.append(str(status))
        return push.taken

    async def heard(self, said: Said) -> list[str]:
        return self._heard.by(_number(said), self._aggregator.letters)


def _number(said: Said) -> str:
    return f"+62812000{said.nth:06d}"
