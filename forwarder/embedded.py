"""The embedded ledger: a book of complaints in a file of its own, for an office that has no ledger yet.

In: canonical records. Out: registrations, kept for good and chained (`book.py`). It never blocks the event loop: one thread works
on the file. It never sends anything anywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import apsw
import msgspec
from msgspec import Meta

from channels.base import Refused, Unavailable
from forwarder.book import Book, Entry, Written
from forwarder.ledger import Answer, Registration
from normalizer.complaint import Complaint

T = TypeVar("T")

#: `Book.page` counts down from here when nothing is named
NEWEST = 2**62
#: what the disk may do to us, by the word that goes into the metrics; anything else from SQLite is a bug of ours
DISK_TROUBLE: dict[type[apsw.Error], str] = {
    apsw.FullError: "disk_full",
    apsw.IOError: "disk_failed",
    apsw.CantOpenError: "disk_failed",
    apsw.ReadOnlyError: "read_only",
    apsw.BusyError: "busy",
    apsw.CorruptError: "damaged",
    apsw.NotADBError: "damaged",
}


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table [ledger] of kind "embedded"."""

    #: empty: `ledger.db` in the data directory
    path: str = ""
    #: complaints in one commit
    batch: Annotated[int, Meta(ge=1, le=1000)] = 100
    #: batches in flight; one is written while the next is made ready
    concurrency: Annotated[int, Meta(ge=1, le=64)] = 2


def place(settings: Settings, data_dir: Path) -> Path:
    """Where the book lies."""
    return Path(settings.path) if settings.path else data_dir / "ledger.db"


def ledger(name: str, settings: Settings, data_dir: Path, now: Callable[[], datetime]) -> EmbeddedLedger:
    """Open the book; `now` gives aware UTC. Raises ValueError naming the file when it cannot be used."""
    return EmbeddedLedger(name, Book(place(settings, data_dir)), now)


class EmbeddedLedger:
    """A `Ledger` over a `Book`. Registering a reference again gives the first registration; looking up always works."""

    finds = True
    idempotent = True

    def __init__(self, name: str, book: Book, now: Callable[[], datetime]) -> None:
        self.name = name
        self._book, self._now = book, now
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")

    async def register(self, complaints: Sequence[Complaint]) -> Sequence[Answer]:
        """Write all in one transaction."""
        if not complaints:
            return []
        # the first of two with one reference counts, as it would in two calls
        records = {complaint.reference: complaint for complaint in reversed(complaints)}
        at = self._now()
        try:
            written = await self._work(lambda: self._book.register({r: _text(c) for r, c in reversed(records.items())}, at))
        except Unavailable as failure:
            return [failure] * len(complaints)
        return [_registration(written[complaint.reference]) for complaint in complaints]

    async def find(self, reference: str, since: datetime) -> Registration | None:
        """None when the reference is not in the book. Raises Unavailable."""
        written = await self._work(lambda: self._book.find(reference))
        return _registration(written) if written else None

    async def amend(self, complaint: Complaint) -> None:
        """Add an amendment; the registration stays as it is. Raises Refused for an unknown reference, or Unavailable."""
        at = self._now()
        if not await self._work(lambda: self._book.amend(complaint.reference, _text(complaint), at)):
            raise Refused("unknown_reference")

    async def entries(self, tracking_id: str) -> tuple[Entry, ...]:
        """The registration of a tracking id, then its amendments; empty when there is none. Raises Unavailable."""
        return await self._work(lambda: self._book.entries(tracking_id))

    async def page(self, *, before: int = NEWEST, limit: int = 50) -> tuple[Entry, ...]:
        """The newest entries, or those older than the entry `before` (the `seq` of the last one shown). Raises Unavailable."""
        return await self._work(lambda: self._book.page(before, limit))

    async def probe(self) -> None:
        """Raises Unavailable when the book could not be written to."""
        await self._work(self._book.touch)

    async def close(self) -> None:
        """Finish what was begun and close the file."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._book.close)
        self._thread.shutdown()

    async def _work(self, job: Callable[[], T]) -> T:
        """Do it in the thread. Trouble with the disk is Unavailable and never unsure: to repeat is harmless here."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, job)
        except tuple(DISK_TROUBLE) as error:
            raise Unavailable(DISK_TROUBLE[type(error)]) from error


def _text(complaint: Complaint) -> str:
    return msgspec.json.encode(complaint).decode()


def _registration(written: Written) -> Registration:
    return Registration(tracking_id=written.tracking_id, registered_at=written.at)
