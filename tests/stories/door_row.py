"""Several doors of one gateway in a row: each complaint comes through the next one.

In: doors of different kinds. Out: a `Door` that is all of them; the tables have the names of the doors.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Literal

from tests.stories.doors import NAME, Door
from tests.stories.senders import Said


class Row:
    """Doors by name."""

    kind = "several"
    full: set[str] = set()  # noqa: RUF012 - nobody is in trouble here
    letters: Literal["one"] = "one"
    comes = True

    def __init__(self, doors: Mapping[str, Door]) -> None:
        self._doors = doors

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(secret for door in self._doors.values() for secret in door.secrets)

    def table(self) -> str:
        return "\n".join(door.table().replace(f"[channels.{NAME}]", f"[channels.{name}]") for name, door in self._doors.items())

    async def open(self, stack: AsyncExitStack, public: int) -> None:
        for door in self._doors.values():
            await door.open(stack, public)

    def _door(self, said: Said) -> Door:
        return list(self._doors.values())[said.nth % len(self._doors)]

    def say(self, said: Said) -> None:
        self._door(said).say(said)

    def taken(self, said: Said) -> bool:
        return self._door(said).taken(said)

    def reached(self) -> int:
        """How often the least reached of those has been, to which the gateway comes by itself."""
        return min(door.reached() for door in self._doors.values() if door.comes)

    async def heard(self, said: Said) -> list[str]:
        return await self._door(said).heard(said)
