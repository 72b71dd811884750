"""The SQL on the channels' notes: cursors, what was spent, who opted out. Runs in the store's thread, inside its transaction.

In: names and values of a channel's own. Out: the same. It knows nothing of what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping

import apsw

from gateway.store.tables import rows


def write(db: apsw.Connection, channel: str, notes: Mapping[str, str | None]) -> None:
    """Set them; None takes one away."""
    for name, value in notes.items():
        if value is None:
            db.execute("DELETE FROM notes WHERE channel=? AND name=?", (channel, name))
        else:
            db.execute("INSERT OR REPLACE INTO notes VALUES (?,?,?)", (channel, name, value))


def read(db: apsw.Connection, channel: str, name: str) -> str | None:
    """One of them."""
    value: str | None = db.execute("SELECT value FROM notes WHERE channel=? AND name=?", (channel, name)).get
    return value


def beginning(db: apsw.Connection, channel: str, prefix: str, limit: int) -> dict[str, str]:
    """Those whose names begin so, in the order of their names."""
    sql = "SELECT name, value FROM notes WHERE channel=? AND name>=? AND substr(name, 1, ?)=? ORDER BY name LIMIT ?"
    return dict(rows(db, sql, (channel, prefix, len(prefix), prefix, limit)))
