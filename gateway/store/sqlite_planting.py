"""Bundles as rows of the embedded store's tables.

In: bundles, a connection in a transaction. Out: rows; or the life of a case that lies in an archive, as the embedded store would tell it.
Never commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import apsw

from gateway.store import bundle, case_rows, desk, kin, tables
from gateway.store.arrivals import LARGE
from gateway.store.bundle import OF_CASE, Bundle, Row
from gateway.store.record import Life


def plant(db: apsw.Connection, bundles: Sequence[Bundle]) -> None:
    """Cases of which nothing is here."""
    _insert_cases(db, [row for each in bundles for row in each.rows["cases"]])
    for name in OF_CASE:
        if name != "cases":
            insert(db, name, [row for each in bundles for row in each.rows.get(name, ())])


def clear(db: apsw.Connection, case_id: int) -> None:
    """Nothing is left of it."""
    kin.forget(db, case_id)
    db.execute("DELETE FROM provider_ids WHERE letter_id IN (SELECT id FROM letters WHERE case_id=?)", (case_id,))
    for name, column in {**OF_CASE, "raws": "case_id"}.items():
        if name != "provider_ids":
            db.execute(f"DELETE FROM {name} WHERE {column}=?", (case_id,))


def _insert_cases(db: apsw.Connection, rows: Sequence[Row]) -> None:
    """What is large lies apart, as `arrivals` has it."""
    large = {row["id"]: row["raw"] for row in rows if isinstance(row["raw"], bytes) and len(row["raw"]) > LARGE}
    insert(db, "cases", [{**row, "raw": b""} if row["id"] in large else row for row in rows])
    db.executemany("INSERT INTO raws VALUES (?,?)", large.items())
    db.executemany("UPDATE cases SET large=1 WHERE id=?", ((case_id,) for case_id in large))


def insert(db: apsw.Connection, name: str, rows: Sequence[Row]) -> None:
    """Rows of one table."""
    columns = list(bundle.layout()[name].columns)
    # an operator may give an id of his twice, and the last letter has it
    verb = "INSERT OR REPLACE" if name == "provider_ids" else "INSERT"
    sql = f"{verb} INTO {name}({', '.join(columns)}) VALUES ({','.join('?' * len(columns))})"
    db.executemany(sql, (tuple(bundle.whole(name, row).values()) for row in rows))
    if name == "likenesses":
        kin.link(db, rows)


def life(of: Bundle) -> Life:
    """All that is known of a case that lies in an archive."""
    with closing(apsw.Connection(":memory:")) as db:
        for step in tables.STEPS:
            db.execute(step)
        plant(db, [of])
        (case,) = case_rows.select(db, "id=?", (of.case_id,))
        return desk.life_of(db, case)
