"""The SQL on who has which case of the worklist in hand, and on how long copying takes. Runs in the store's thread, inside its transaction.

In: ids. Out: what others who touch a case must know of its officer. What officers do is in `worklist`.
"""

from __future__ import annotations

from statistics import median

import apsw

from gateway.store.tables import rows

#: the waiting time is measured by so many of the last numbers
LATELY = 100


def held(db: apsw.Connection, case_id: int, now: float) -> bool:
    """Somebody has it in hand."""
    sql = "SELECT count(*) FROM hands JOIN cases ON id=case_id WHERE case_id=? AND step='worklist' AND until>?"
    return bool(db.execute(sql, (case_id, now)).get)


def let_go(db: apsw.Connection, case_id: int) -> None:
    """Nobody has it in hand any more."""
    db.execute("DELETE FROM hands WHERE case_id=?", (case_id,))


def waits(db: apsw.Connection) -> list[float]:
    """The last waits, from the moment in which a complaint came to its number, in seconds, the newest first."""
    last = f"SELECT case_id, at FROM acts WHERE act='done' ORDER BY id DESC LIMIT {LATELY}"
    sql = f"SELECT last.at - received_at FROM ({last}) last JOIN cases ON id=case_id"
    return [wait for (wait,) in rows(db, sql)]


def copied_s(db: apsw.Connection) -> float | None:
    """The middle one of them."""
    last = waits(db)
    return median(last) if last else None
