"""The SQL on boards. Runs in the store's thread, inside its transaction.

In: boards, names, values. Out: what is pinned. It knows nothing of what a note means.
"""

from __future__ import annotations

from collections.abc import Mapping

import apsw

from gateway.store.board import Pinned
from gateway.store.tables import instant, rows


def pin(db: apsw.Connection, place: tuple[str, str], value: bytes, until: tuple[float, float | None]) -> None:
    """`place`: the board and the name; `until`: now, and when it ends. What has ended goes, wherever it was."""
    now, ends = until
    db.execute("DELETE FROM board WHERE until<=?", (now,))
    db.execute("INSERT OR REPLACE INTO board VALUES (?,?,?,?,?)", (*place, value, now, ends))


def unpin(db: apsw.Connection, board: str, name: str) -> None:
    """See `Board.unpin`."""
    db.execute("DELETE FROM board WHERE board=? AND name=?", (board, name))


def pinned(db: apsw.Connection, board: str, now: float) -> Mapping[str, Pinned]:
    """See `Board.pinned`."""
    sql = "SELECT name, value, at FROM board WHERE board=? AND ifnull(until>?, 1) ORDER BY name"
    return {name: Pinned(value, instant(at)) for name, value, at in rows(db, sql, (board, now))}
