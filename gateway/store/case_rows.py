"""Cases, as the rows of the store say them. Runs in the store's thread, inside its transaction.

In: conditions of our own making, rows of COLUMNS. Out: cases with their parts, and with the names of their files. It writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import apsw
import msgspec

from gateway.store import files, reading
from gateway.store.record import Case
from gateway.store.tables import batches, rows

COLUMNS = (
    "id, reference, step, channel, source_id, received_at, token, attempts, unsure, expected, hex(raw), due, code, words, "
    "tracking_id, registered_at, url, edited, facts, files, admitted, come, large, ledger, asked, added"
)
_NAMES = COLUMNS.replace("hex(raw)", "raw").split(", ")


def select(db: apsw.Connection, where: str, bound: Sequence[Any]) -> list[Case]:
    """Cases by a condition of our own making."""
    sql = f"SELECT json_group_array(json_array({COLUMNS})) FROM (SELECT * FROM cases WHERE {where})"
    return cases(db, packed(db, sql, bound))


def cases(db: apsw.Connection, found: Iterable[Sequence[Any]]) -> list[Case]:
    """Cases of rows of COLUMNS, with their parts."""
    all_ = [dict(zip(_NAMES, row, strict=False)) for row in found]
    parts = _parts(db, [row["id"] for row in all_ if row["come"]])
    return [
        reading.case(
            row,
            _raw(db, row),
            parts=parts.get(row["id"], ()),
            files=files.noted(db, row["id"]) if row["files"] else (),
            additions=_additions(db, row["id"]) if row["added"] else (),
        )
        for row in all_
    ]


def _additions(db: apsw.Connection, case_id: int) -> list[bytes]:
    return [addition for (addition,) in rows(db, "SELECT addition FROM additions WHERE case_id=? ORDER BY by_case", (case_id,))]


def _raw(db: apsw.Connection, row: Mapping[str, Any]) -> bytes:
    if not row["large"]:
        return bytes.fromhex(row["raw"])
    raw: bytes = db.execute("SELECT raw FROM raws WHERE case_id=?", (row["id"],)).get
    return raw


def _parts(db: apsw.Connection, case_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    parts: dict[int, list[dict[str, Any]]] = {}
    for cut in batches(len(case_ids), 1):
        sql = (
            "SELECT json_group_array(json_array(case_id, number, hex(raw), fingerprint, received_at)) FROM "
            f"(SELECT * FROM parts WHERE case_id IN ({','.join('?' * len(cut))}) ORDER BY case_id, number)"
        )
        for case_id, number, raw, fingerprint, at in packed(db, sql, [case_ids[i] for i in cut]):
            part = {"number": number, "raw": bytes.fromhex(raw), "fingerprint": fingerprint, "received_at": at}
            parts.setdefault(case_id, []).append(part)
    return parts


def packed(db: apsw.Connection, sql: str, bound: Sequence[Any]) -> list[Any]:
    """The rows of a query that SQLite packed into one value: one step, whatever their number."""
    found: list[Any] = msgspec.json.decode(db.execute(sql, bound).get)
    return found
