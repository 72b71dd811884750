"""What is wanted of one door, for whoever keeps it.

In: wishes. Out: when it may be opened, and when it is to be left. It opens nothing itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gateway.controls import OPEN, Wish


class Latch:
    """Of one channel."""

    def __init__(self, *, stays: bool = False) -> None:
        """It is open. `stays`: also while it is paused, for its callers are told there to come later."""
        self.wish = OPEN
        self._stays = stays
        self._turned = asyncio.Event()

    def turn(self, wish: Wish) -> None:
        """From now on."""
        self.wish = wish
        turned, self._turned = self._turned, asyncio.Event()
        turned.set()

    async def free(self) -> Wish:
        """Wait until the door may be open; what is wanted of it then."""
        await self._until(lambda wish: not self._barred(wish))
        return self.wish

    async def turned(self, since: Wish) -> None:
        """Wait until it is to be left: for a while, or to be opened again at once."""
        await self._until(lambda wish: self._barred(wish) or wish.rebinds != since.rebinds)

    @property
    def shut(self) -> bool:
        """No letter goes out. This, and what follows, is what `work.Way` is for letters."""
        return self.wish.mode == "paused"

    async def entered(self, batch: int) -> int:
        """When letters may go out, as many as are wanted."""
        await self._until(lambda wish: wish.mode != "paused")
        return batch

    def left(self, how: object) -> None:
        """Nobody counts them."""

    def _barred(self, wish: Wish) -> bool:
        return wish.mode == "paused" and not self._stays

    async def _until(self, so: Callable[[Wish], bool]) -> None:
        while not so(self.wish):
            await self._turned.wait()
