"""The embedded store's cases of a period, read beside the writer: by a connection and a thread of its own.

In: a path, a period. Out: pages. It takes no lock that a door waits for, and cannot write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw
import msgspec

from channels.base import Unavailable
from gateway.store import reading
from gateway.store.chronicle import PASSED, SLACK, Entry, Page, Sent, first_since
from gateway.store.happenings import Event
from gateway.store.sqlite_file import BUSY_S
from gateway.store.tables import instant, rows
from normalizer.reference import write

_EVENTS = "'id', id, 'ledger', ledger, 'tracking_id', tracking_id, 'at', at, 'heard_at', heard_at, 'status', status, 'state', state"
_PAGE = f"""
SELECT c.id, c.reference, c.channel, c.received_at, c.step, c.code, c.ledger, coalesce(c.tracking_id, ''), c.registered_at,
    (SELECT record FROM records WHERE case_id=c.id),
    (SELECT json_group_array(json_array(step, receipt)) FROM letters WHERE case_id=c.id),
    (SELECT json_group_array(json_object({_EVENTS})) FROM (SELECT * FROM events WHERE case_id=c.id ORDER BY id)),
    (SELECT json_group_array(act) FROM (SELECT act FROM acts WHERE case_id=c.id ORDER BY id))
FROM cases c WHERE c.id>=? AND c.id<? AND c.received_at>=? AND c.received_at<? ORDER BY c.id LIMIT ?
"""
_letters = msgspec.json.Decoder(tuple[Sent, ...]).decode
_events = msgspec.json.Decoder(list[dict[str, Any]]).decode
_acts = msgspec.json.Decoder(tuple[str, ...]).decode


class SqliteChronicle:
    """See `gateway.store.chronicle.Chronicle`. Nothing is opened before somebody asks."""

    def __init__(self, path: Path) -> None:
        """A store that somebody has opened for work."""
        self._path = path
        self._thread = ThreadPoolExecutor(1, "chronicle")
        self._db: apsw.Connection | None = None
        self._closed = False

    async def records(self, since: datetime, until: datetime, after: int, limit: int) -> Page:
        """See `Chronicle.records`."""
        if self._closed:
            raise Unavailable("store_closed")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._page, (since, until), after, limit)
        except apsw.Error as error:
            raise Unavailable("store_failed") from error

    def close(self) -> None:
        """No more is asked."""
        self._closed = True
        if self._db is not None:
            self._thread.submit(self._db.close).result()
        self._thread.shutdown()

    def _page(self, span: tuple[datetime, datetime], after: int, limit: int) -> Page:
        if self._db is None:
            self._db = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READONLY)
            self._db.set_busy_timeout(int(BUSY_S * 1000))
        db, (since, until) = self._db, span
        newest: int = db.execute("SELECT coalesce(max(id), 0) FROM cases").get
        first = max(after + 1, first_since((since - SLACK).timestamp(), newest, lambda id_: _came(db, id_)))
        last = first_since((until + SLACK).timestamp(), newest, lambda id_: _came(db, id_))
        end = min(first + limit * PASSED, last)
        found = [_entry(row) for row in rows(db, _PAGE, (first, end, since.timestamp(), until.timestamp(), limit))]
        if len(found) == limit:
            end = found[-1].case_id + 1
        return Page(found, end - 1 if end < last else None)


def _came(db: apsw.Connection, case_id: int) -> float | None:
    at: float | None = db.execute("SELECT received_at FROM cases WHERE id>=? ORDER BY id LIMIT 1", (case_id,)).get
    return at


def _entry(row: tuple[Any, ...]) -> Entry:
    id_, reference, channel, came, step, code, ledger, number, registered_at, record, letters, events, acts = row
    return Entry(
        case_id=id_, reference=write(reference), channel=channel, received_at=instant(came), step=step, code=code, ledger=ledger,
        tracking_id=number, registered_at=None if registered_at is None else instant(registered_at), record=record,
        letters=_letters(letters), events=tuple(map(_event, _events(events))), acts=_acts(acts),
    )  # fmt: skip


def _event(row: Mapping[str, Any]) -> Event:
    return reading.event({**row, "by": "", "note": ""})
