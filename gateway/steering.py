"""Makes what officers want so, in a process that keeps doors.

In: the store's board, looked at every second. Out: latches for those who keep doors and send letters, a word for the intake, a pace for
channels that have one, a notice for the pages. While the store does not answer, what was wanted last is wanted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

from channels.base import Channel, Paced, Single, Unavailable
from gateway import controls
from gateway.controls import NOTHING, Wanted, Wish
from gateway.journal import Journal
from gateway.latch import Latch
from gateway.store.base import Store

#: an act of an officer is everywhere within two seconds
LOOK_S: Final = 1.0


class Steering:
    """Of one process."""

    def __init__(self, store: Store, channels: Mapping[str, Channel], journal: Journal) -> None:
        """Everything is open until somebody has looked."""
        self._store, self._channels, self._journal = store, channels, journal
        self.latches = {name: Latch(stays=not isinstance(channel, Single)) for name, channel in channels.items()}
        self._wanted = NOTHING
        #: channels of which it was said that no letter waits any more
        self._drained: set[str] = set()

    def shut(self, channel: str) -> str:
        """Why nothing may come in there now; empty while it may."""
        latch = self.latches.get(channel)
        mode = latch.wish.mode if latch else "open"
        return "" if mode == "open" else mode

    def notice(self) -> tuple[str, str]:
        """What citizens are told, in Indonesian and in English; both empty when there is nothing."""
        notice = self._wanted.notice
        if notice is None or notice.until <= datetime.now(UTC):
            return "", ""
        return notice.id, notice.en

    async def look(self) -> None:
        """Once."""
        try:
            now = await controls.wanted(self._store)
            self._turn(now)
            await self._follow()
        except Unavailable:
            return

    async def run(self) -> None:
        """For as long as the process keeps doors."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    def _turn(self, now: Wanted) -> None:
        before, self._wanted = self._wanted, now
        for name, latch in self.latches.items():
            was, wish = before.of(name), now.of(name)
            if was != wish:
                self._pace(name, was, wish)
                latch.turn(wish)
                if was.mode != wish.mode:
                    self._drained.discard(name)
                    self._journal.state(f"channel_{wish.mode}", channel=name)
                if was.rebinds != wish.rebinds:
                    self._journal.state("channel_rebound", channel=name)

    def _pace(self, name: str, was: Wish, wish: Wish) -> None:
        channel = self._channels[name]
        if was.rate != wish.rate and isinstance(channel, Paced):
            channel.pace(wish.rate)
            self._journal.state("channel_paced", channel=name, rate=wish.rate or 0.0)

    async def _follow(self) -> None:
        """Say of each channel that is drained when it is so. Raises Unavailable."""
        draining = [name for name, latch in self.latches.items() if latch.wish.mode == "draining" and name not in self._drained]
        if not draining:
            return
        letters = (await self._store.tally()).letters
        for name in draining:
            if not letters.get(name, {}).get("send", 0):
                self._drained.add(name)
                self._journal.state("channel_drained", channel=name)


@asynccontextmanager
async def steered(store: Store, channels: Mapping[str, Channel], journal: Journal) -> AsyncIterator[Steering]:
    """What was wanted before this process began is so before a door opens."""
    steering = Steering(store, channels, journal)
    await steering.look()
    looking = asyncio.create_task(steering.run())
    looking.add_done_callback(
        lambda done: None if done.cancelled() else journal.alarm("steering_fell", why=type(done.exception()).__name__)
    )
    try:
        yield steering
    finally:
        looking.cancel()
        await asyncio.wait((looking,))
