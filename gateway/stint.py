"""How long workers may keep the loop: a few milliseconds, then the doors have their turn.

In: workers between two steps. Out: when each may go on. It knows the clock and whether somebody waits at a door, and not what is done.

Doors and workers share one loop and one interpreter. To read a hundred cases takes as long as to let hundreds in, and several batches
together take that long each; meanwhile nobody hears a yes. So one batch at a time is worked on, and it is put down every few
milliseconds. While somebody waits for a yes it stays down, because the store's thread needs the interpreter for that; but not for ever.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

#: for how long is worked at a stretch: a few SMS are read, or one mail
STRETCH_S = 0.003
#: how often a worker looks whether others have their yes, and how many seconds it waits each time; the doors may never be quiet, and then
#: it works for a fifth of the time
LOOKS, LOOK_S = 10, 0.001


class Doors(Protocol):
    """What is asked of those who let messages in."""

    @property
    def asked(self) -> bool: ...


class Stint:
    """Of those who share it one works: `async with stint` around a batch, `await stint.pause()` after each step of it."""

    def __init__(self, doors: Doors) -> None:
        """Nobody works."""
        self._doors, self._one, self._ends = doors, asyncio.Lock(), 0.0

    async def __aenter__(self) -> None:
        await self._one.acquire()
        self._ends = time.perf_counter() + STRETCH_S

    async def __aexit__(self, *_: object) -> None:
        self._one.release()

    async def pause(self) -> None:
        """At the end of a stretch, let the loop go round and whoever waits for a yes have it."""
        if time.perf_counter() < self._ends:
            return
        await asyncio.sleep(0)
        for _ in range(LOOKS):
            if not self._doors.asked:
                break
            await asyncio.sleep(LOOK_S)
        self._ends = time.perf_counter() + STRETCH_S
