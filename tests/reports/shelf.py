"""A store that has what a test gives it, page by page, for those who count.

In: entries. Out: pages of them, when its gate is open. It keeps nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from channels.base import Unavailable
from gateway.store.chronicle import Entry, Page


class Shelf:
    """A store that has these entries, some on each page; `closed`: it does not answer."""

    def __init__(self, entries: Sequence[Entry], each: int = 10) -> None:
        self.entries, self.each, self.looks, self.closed = entries, each, 0, False
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def pressed(self) -> bool:
        return False

    async def records(self, since: datetime, until: datetime, after: int, limit: int) -> Page:
        await self.gate.wait()
        self.looks += 1
        if self.closed:
            raise Unavailable("store_unreachable")
        assert limit > 0
        found = [each for each in self.entries[after : after + self.each] if since <= each.received_at < until]
        return Page(found, after + self.each if after + self.each < len(self.entries) else None)
