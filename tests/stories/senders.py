"""Citizens before a door of the stories: what each says, who calls until there is a yes, and what was heard back.

In: a way to say something once. Out: what each was told. It knows no protocol.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

#: a picture to send along
PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGPk5ORkYGBgYmBgYGBgAAABbgAfXn6dLgAAAABJRU5ErkJggg==")
#: seconds until a sender who heard no yes sends again
AGAIN_S = 0.15


@dataclass(slots=True)
class Said:
    """A complaint on its way."""

    nth: int
    sender: str
    text: str
    #: what its sender was told, each time; "gone" where nobody answered
    told: list[str] = field(default_factory=list)
    #: a caller has heard yes
    taken: bool = False
    #: as the yes had it, where the yes has one
    reference: str = ""
    #: the door sends them along
    files: int = 0


class Heard(Generic[T]):
    """The answers by addressee, of a list that only grows; each is looked at once, for there may be thousands."""

    def __init__(self, read: Callable[[T], tuple[str, str]]) -> None:
        """`read` gives the addressee of an answer and its words."""
        self._read, self._looked = read, 0
        self._words: dict[str, list[str]] = {}

    def by(self, addressee: str, answers: Sequence[T]) -> list[str]:
        for answer in answers[self._looked :]:
            whose, words = self._read(answer)
            self._words.setdefault(whose, []).append(words)
        self._looked = len(answers)
        return self._words.get(addressee, [])


class Callers:
    """Senders that call the gateway: each sends its own message again until it hears yes."""

    def __init__(self, call: Callable[[Said], Awaitable[bool]], gone: tuple[type[Exception], ...]) -> None:
        """`call` notes in `told` what it was told, and returns True for yes; `gone` is what it raises when nobody answers."""
        self._call = call
        self._gone: tuple[type[Exception], ...] = (*gone, OSError, TimeoutError)
        self._sending: set[asyncio.Task[None]] = set()
        #: answers of any kind
        self.reached = 0

    def say(self, said: Said) -> None:
        sending = asyncio.create_task(self._insist(said))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)

    async def _insist(self, said: Said) -> None:
        while not said.taken:
            try:
                said.taken = await self._call(said)
                self.reached += 1
            except self._gone:
                said.told.append("gone")
            if not said.taken:
                await asyncio.sleep(AGAIN_S)

    async def aclose(self) -> None:
        for sending in self._sending:
            sending.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
