"""How long the oldest have waited, as the embedded store knows it. Runs in the store's thread, inside its transaction.

In: names of channels. Out: ages, each by one look into an index, however many wait. Reads no case as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

import apsw

from gateway.store.ages import Pile
from gateway.store.tables import instant

#: the condition of the index, word for word: SQLite uses it only for queries that say the same
_WAITING: Final = "step IN ('held', 'asked', 'submit', 'worklist')"


def waiting(db: apsw.Connection, channels: Iterable[str]) -> dict[str, datetime]:
    """By channel: when the oldest case came that waits for its ledger."""
    sql = f"SELECT min(received_at) FROM cases WHERE {_WAITING} AND channel=?"
    found = {channel: db.execute(sql, (channel,)).get for channel in channels}
    return {channel: instant(at) for channel, at in found.items() if at is not None}


def piles(db: apsw.Connection, now: float) -> dict[str, Pile]:
    """By ledger that has a worklist."""
    free = (
        "SELECT received_at FROM cases WHERE step='worklist' AND ledger=? "
        "AND NOT EXISTS (SELECT 1 FROM hands WHERE case_id=id AND until>?) ORDER BY id LIMIT 1"
    )
    # they are few: as many as there are officers
    taken = "SELECT min(since) FROM hands CROSS JOIN cases ON id=case_id WHERE until>? AND step='worklist' AND ledger=?"
    return {
        ledger: Pile(free=_at(db.execute(free, (ledger, now)).get), taken=_at(db.execute(taken, (now, ledger)).get))
        for ledger in _ledgers(db)
    }


def _ledgers(db: apsw.Connection) -> Iterator[str]:
    ledger = db.execute("SELECT min(ledger) FROM cases WHERE step='worklist'").get
    while ledger is not None:
        yield ledger
        ledger = db.execute("SELECT min(ledger) FROM cases WHERE step='worklist' AND ledger>?", (ledger,)).get


def _at(seconds: float | None) -> datetime | None:
    return None if seconds is None else instant(seconds)
