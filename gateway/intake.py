"""Between the wire and the yes: an identity, a reference number, a commit, and nothing more.

In: arrivals, parts and receipts from the doors. Out: futures that are done when the store has them. It never reads what a message
says and never answers a citizen.
"""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from channels.base import Accepted, Arrival, Part, Receipt, Unavailable
from gateway.journal import Journal, Word
from gateway.metrics import Metrics
from gateway.numbering import Numbering
from gateway.pressure import Pressure
from gateway.spool.detour import Detour
from gateway.store.base import Store
from gateway.store.fencing import Fence
from gateway.store.record import Move, Numbers

A = TypeVar("A", Arrival, Part)

#: how often the disk is asked how full it is, in seconds
LOOK_S = 1.0
#: a disk with less room than this, or than this share of a small one, takes no more: what is in must still be worked off
ROOM_BYTES, ROOM_SHARE = 64 * 2**20, 0.05


#: when to come again to a door that an officer has closed, in seconds: nobody knows when he opens it
SHUT_S = 60.0


class Room:
    """Whether the disk has room for more."""

    def __init__(self, folder: Path) -> None:
        """`folder` lies on the disk in question."""
        self._folder, self._looked, self._enough = folder, 0.0, True

    def enough(self) -> bool:
        """Asked of the disk once a second at most."""
        now = time.monotonic()
        if now - self._looked > LOOK_S:
            self._looked = now
            self._enough = self._asked()
        return self._enough

    def _asked(self) -> bool:
        """A disk that does not answer, or is not there any more, has no room for anything."""
        try:
            disk = os.statvfs(self._folder)
        except OSError:
            return False
        return disk.f_bavail * disk.f_frsize > min(ROOM_BYTES, ROOM_SHARE * disk.f_blocks * disk.f_frsize)


class Intake:
    """The `channels.base.Inbox` of every door."""

    left_s = math.inf

    def __init__(
        self, store: Store, room: Room, *, detour: Detour, numbering: Numbering, metrics: Metrics, journal: Journal,
        shut: Callable[[str], str] = lambda _: "",
    ) -> None:  # fmt: skip
        """`room`: on the store's disk. `detour`: the way round a store that cannot be reached. `shut`: why nothing may come in at a
        channel now, if so."""
        self._shut = shut
        self._store, self._room, self._detour = store, room, detour
        self._numbering, self._metrics, self._journal = numbering, metrics, journal
        self._loop = asyncio.get_running_loop()
        self._waiting, self._pressure = 0, Pressure()

    @property
    def asked(self) -> bool:
        """Somebody waits for a yes."""
        return self._waiting > 0

    @property
    def crowded(self) -> bool:
        """More messages wait for their yes than a flush or two should leave waiting."""
        return self._pressure.crowded(time.perf_counter())

    @property
    def pouring(self) -> bool:
        """Large messages come as fast as the machine takes them, here or at the doors of another process; true for a burst, no longer."""
        return self._store.pressed or self._pressure.pouring(time.perf_counter())

    def accept(self, arrival: Arrival) -> asyncio.Future[Accepted]:
        """See `Inbox.accept`."""
        return self._kept(arrival, "accepted", self._store.put)

    def hold(self, part: Part) -> asyncio.Future[Accepted]:
        """See `Inbox.hold`."""
        return self._kept(part, "held", self._store.hold)

    def advance(
        self, channel: str, notes: Mapping[str, str | None], arrivals: Sequence[Arrival] = (), parts: Sequence[Part] = (),
        *, fence: Fence | None = None,
    ) -> asyncio.Future[Sequence[Accepted]]:  # fmt: skip
        """See `Inbox.advance`."""
        come = len(arrivals) + len(parts)
        self._metrics.received[channel] += come
        # who polls has a cursor in the store, and a provider that keeps the messages: he can wait
        why = self._detour.why or (come and (self._shut(channel) or ("" if self._room.enough() else "disk_nearly_full")))
        if why:
            self._metrics.refused[channel, why] += come
            return self._no(why)
        move = Move(
            channel=channel, notes=notes, arrivals=[(each, self._numbering.of(each)) for each in arrivals],
            parts=[(each, self._numbering.of(each)) for each in parts], fence=fence,
        )  # fmt: skip
        future = self._store.advance(move)
        future.add_done_callback(partial(self._moved, move, time.perf_counter()))
        return future

    async def recall(self, channel: str, name: str) -> str | None:
        """See `Inbox.recall`."""
        return await self._store.recall(channel, name)

    async def recalled(self, channel: str, prefix: str, limit: int) -> Mapping[str, str]:
        """See `Inbox.recalled`."""
        return await self._store.recalled(channel, prefix, limit)

    def forget(self, channel: str, source_id: str, why: str, *, waiting: bool = True) -> asyncio.Future[bool]:
        """See `Inbox.forget`."""
        return self._store.forget(channel, source_id, why, waiting=waiting)

    def note(self, receipt: Receipt) -> asyncio.Future[bool]:
        """See `Inbox.note`."""
        self._metrics.receipts[receipt.channel, receipt.state] += 1
        return self._detour.note(receipt)

    async def latest(self, channel: str) -> datetime | None:
        """See `Inbox.latest`."""
        return await self._detour.latest(channel)

    def _kept(self, what: A, word: Word, keep: Callable[[A, Numbers], asyncio.Future[Accepted]]) -> asyncio.Future[Accepted]:
        channel, numbers = what.channel, self._numbering.of(what)
        self._metrics.received[channel] += 1
        if why := self._shut(channel):
            future = self._no(why, SHUT_S)
        else:
            future = self._detour.instead(what, numbers) or (keep(what, numbers) if self._room.enough() else self._no("disk_nearly_full"))
        now = time.perf_counter()
        self._waiting += 1
        if self._pressure.came(len(what.raw), self._waiting, now):
            self._store.press()
        future.add_done_callback(partial(self._told, channel, word, now))
        return future

    def _told(self, channel: str, word: Word, began: float, future: asyncio.Future[Accepted]) -> None:
        self._waiting -= 1
        if future.cancelled():
            return
        error = future.exception()
        if error is not None:
            self._metrics.refused[channel, error.code if isinstance(error, Unavailable) else "bug"] += 1
            return
        self._metrics.took(channel, time.perf_counter() - began)
        self._tell(channel, word, future.result())

    def _moved(self, move: Move, began: float, future: asyncio.Future[Sequence[Accepted]]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is not None:
            self._metrics.refused[move.channel, error.code if isinstance(error, Unavailable) else "bug"] += len(move.arrivals) + len(
                move.parts
            )
            return
        for place, accepted in enumerate(future.result()):
            self._metrics.took(move.channel, time.perf_counter() - began)
            self._tell(move.channel, "accepted" if place < len(move.arrivals) else "held", accepted)

    def _tell(self, channel: str, word: Word, accepted: Accepted) -> None:
        self._metrics.accepted[channel] += 1
        if accepted.duplicate:
            self._metrics.duplicates[channel] += 1
        # one that went round the store has no case yet
        new = word if accepted.case_id else "spooled"
        self._journal.say("duplicate" if accepted.duplicate else new, accepted.case_id, channel)

    def _no(self, code: str, retry_after: float | None = None) -> asyncio.Future[Any]:
        future = self._loop.create_future()
        future.set_exception(Unavailable(code, retry_after=retry_after))
        return future
