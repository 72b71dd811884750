"""The cases of a period, out of the store and of this machine's archive.

In: a store, an archive, a period. Out: entries, some at a time. It reads in the background: a third of the time it does nothing, and it
waits while another process wants the machine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec

from gateway.archive import Archive
from gateway.store.bundle import Bundle
from gateway.store.chronicle import Chronicle, Entry, Sent

#: cases that are looked at in one go: a Redis answers nobody else meanwhile
LOOK: Final = 100
#: so many times as long as a look took nobody looks; and while somebody else is in a hurry, for so many seconds
REST, PRESSED_S = 0.5, 0.05


class Read(Chronicle, Protocol):
    """The store, as far as it is read here."""

    @property
    def pressed(self) -> bool: ...


async def entries(store: Read, archive: Archive, span: tuple[datetime, datetime]) -> AsyncIterator[Sequence[Entry]]:
    """Those of a period. Raises Unavailable or OSError."""
    after: int | None = 0
    while after is not None:
        began = time.monotonic()
        page = await store.records(*span, after, LOOK)
        after = page.after
        if any(entry.archived for entry in page.entries):
            yield await asyncio.to_thread(_whole, archive, page.entries)
        else:
            yield page.entries
        await asyncio.sleep(PRESSED_S if store.pressed else (time.monotonic() - began) * REST)


def _whole(archive: Archive, found: Sequence[Entry]) -> list[Entry]:
    return [whole(entry, archive.find(entry.archived, entry.case_id)) if entry.archived else entry for entry in found]


def whole(entry: Entry, there: Bundle | None) -> Entry:
    """With record and letters, when they are in this archive."""
    if there is None:
        return entry
    records, letters = there.rows.get("records", ()), there.rows.get("letters", ())
    record = records[0].get("record") if records else None
    sent = msgspec.convert([(row["step"], row.get("receipt", "")) for row in letters], tuple[Sent, ...])
    return msgspec.structs.replace(entry, record=record if isinstance(record, bytes) else None, letters=sent)
