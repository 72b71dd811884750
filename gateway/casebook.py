"""By what a case is found and read, for those who look: by its code, with its record, out of the store or this machine's archive.

In: codes. Out: cases as they stand, and what those who mend may have of one. It changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from channels.base import Channel
from config.settings import Settings
from gateway import archived, ledgers, storing
from gateway.archive import Archive
from gateway.clerk import Clerk
from gateway.console.incident import Door, exported
from gateway.store.base import Store
from gateway.store.record import Life
from gateway.view import Traced
from normalizer.complaint import decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Casebook:
    """One for a process that shows cases."""

    store: Store
    clerk: Clerk
    channels: Mapping[str, Channel]
    doors: Mapping[str, Door]
    archive: Archive
    #: words that may stand in any message and are ours
    keywords: tuple[str, ...]
    #: by ledger, how it is told of one case; see `ledgers.asked`
    asked: Mapping[str, str]

    async def traced(self, code: str) -> Traced | None:
        """One case with its record: the one that was sent, else what it says now. Raises Unavailable."""
        life = await self.store.life(code)
        return None if life is None else await self.read(life)

    async def read(self, life: Life) -> Traced:
        """The same of a life that the store has told."""
        life = await asyncio.to_thread(archived.life, self.archive, life) if life.case.archived else life
        if life.record and life.case.step in {"done", "worklist"}:
            return Traced(case=life.case, complaint=decode(life.record), life=life)
        reading = await self.clerk.said(life.case)
        sent = decode(life.record) if life.record and reading is None else None
        return Traced(case=life.case, complaint=reading.complaint if reading else sent, life=life)

    def incident(self, life: Life) -> bytes | None:
        """The file; None when nothing reads any more what its door kept."""
        name = life.case.arrival.channel
        if name not in self.channels or name not in self.doors:
            return None
        return exported(life, self.doors[name], (self.channels[name], self.clerk), self.keywords)


def of(settings: Settings, store: Store, clerk: Clerk, channels: Mapping[str, Channel]) -> Casebook:
    """As the settings have it."""
    doors = {name: Door(kind=table.kind, table=table.rest) for name, table in settings.channels.items() if table.enabled}
    archive, keywords = storing.archive(settings), tuple(settings.keywords)
    asked = {place.queue: ledgers.asked(place) for place in ledgers.places(settings)}
    return Casebook(store=store, clerk=clerk, channels=channels, doors=doors, archive=archive, keywords=keywords, asked=asked)
