"""The watch: looks every few seconds at what is wrong, and writes it into the book.

In: the lookout, how things stand, the rhythm of channels. Out: alerts in the book; lines in the journal. One process of all judges, under a
lease, and the others hear of it over the store; while that is away and knows no lease, every console judges, and the file of each machine
sees that a thing is one alert.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

import apsw

from channels.base import Unavailable
from gateway.console.alerts import book, sharing, signs
from gateway.console.alerts.book import Plan
from gateway.console.alerts.signs import Circumstances, Sign
from gateway.console.alerts.silences import Silences
from gateway.console.cabinet import Cabinet
from gateway.console.diary import Settled
from gateway.console.lookout import Lookout, Sight
from gateway.console.standing import Tile
from gateway.journal import Journal
from gateway.store.board import Board
from gateway.store.record import Tally

#: how often is judged; how long the right to lasts, and how long it is asked for; how often a count is kept for comparison, and how
#: many; in seconds
ROUND_S: Final = 15.0
LEASE_S: Final = 40.0
LEASE: Final = "alerts"
PATIENCE_S: Final = 5.0
COUNT_S: Final = 60.0
COUNTS: Final = 60


class Store(Board, Protocol):
    """What is asked of a store."""

    async def lease(self, name: str, holder: str, for_s: float) -> int | None: ...


class Watch:
    """One for a console."""

    def __init__(
        self, cabinet: Cabinet, lookout: Lookout, settled: Settled, silences: Silences, *, store: Store, plan: Plan, patience: timedelta,
        holder: str, journal: Journal,
    ) -> None:  # fmt: skip
        """`patience`: how long a case may wait for its ledger; `holder`: who this process is."""
        self._cabinet, self._lookout, self._settled, self._silences, self._store = cabinet, lookout, settled, silences, store
        self._plan, self._patience, self._holder, self._journal = plan, patience, holder, journal
        self._counts: deque[tuple[datetime, Tally]] = deque(maxlen=COUNTS)
        #: channels and binds that could bring messages, and since when
        self._able: dict[str, datetime] = {}
        #: when the book was pinned that was heard of last
        self._heard: datetime | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.round()
            except apsw.Error as fault:
                self._journal.trouble("alerts_not_kept", why=type(fault).__name__)
            await asyncio.sleep(ROUND_S)

    async def round(self) -> None:
        """Judge once, if it is ours to judge; hear what others say, and say what they have not heard."""
        ours, notes = True, {}
        try:
            async with asyncio.timeout(PATIENCE_S):
                ours = await self._store.lease(LEASE, self._holder, LEASE_S) is not None
                notes = dict(await self._store.pinned(sharing.BOARD))
        except (Unavailable, TimeoutError):
            pass  # then everybody judges, and the first thing that is wrong is the store
        await self._cabinet.run(partial(sharing.hear, notes=notes, heard=self._heard))
        self._heard = notes[sharing.BOOK].at if sharing.BOOK in notes else self._heard
        if ours:
            await self._judge()
        news = await self._cabinet.run(partial(sharing.tell, notes=notes, now=time.time(), judged=ours))
        with suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                for note in news:
                    await self._store.pin(sharing.BOARD, *note)

    async def _judge(self) -> None:
        sight = await self._lookout.look()
        found = await self._found(sight)
        turn = await self._cabinet.run(partial(book.turn, signs=found, now=time.time(), plan=self._plan, unknown=signs.unknown(sight)))
        for key in turn.opened:
            self._journal.alarm("alert_opened", alert=key)
        for key in turn.closed:
            self._journal.state("alert_closed", alert=key)

    async def _found(self, sight: Sight) -> list[Sign]:
        tiles = self._settled.tiles(sight)
        around = Circumstances(before=self._counts[0][1] if self._counts else None, patience=self._patience)
        found = signs.signs(sight, tiles, around)
        fresh = not self._counts or (sight.at - self._counts[-1][0]).total_seconds() >= COUNT_S
        if fresh and sight.tally is not None and not signs.away(sight):
            self._counts.append((sight.at, sight.tally))
        return [*found, *await self._silences.signs(self._silent_since(sight, tiles), sight.at)]

    def _silent_since(self, sight: Sight, tiles: Sequence[Tile]) -> Mapping[str, datetime]:
        """By channel or bind that could bring messages, since when it brings none. What was down, paused, or not watched, begins anew then:
        nothing could come, or nobody knows."""
        working = [tile for tile in tiles if tile.subject.startswith("channel:") and tile.condition in {"up", "degraded"}]
        last = {tile.subject: tile.last for tile in working}
        for name, link in ((name, link) for each in sight.alive for name, door in each.doors.items() for link in door.links):
            if f"channel:{name}" in last and link.up:
                last[f"bind:{name} {link.name}"] = link.last
        able = {} if signs.away(sight) else last
        self._able = {subject: self._able.get(subject, sight.at) for subject in able}
        return {subject: max(since, last[subject] or since) for subject, since in self._able.items()}
