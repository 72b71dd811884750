"""Cases, as the rows of the store say them. Runs in the store's thread, inside its transaction.

In: conditions of our own making, rows of COLUMNS. Out: cases with their parts, and with the names of their files. It writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import apsw
import msgspec

from channels.base import Arrival, Enclosure, Part
from forwarder.ledger import Registration
from gateway.store import files
from gateway.store.record import Addition, Case
from gateway.store.tables import batches, instant, rows
from normalizer.reference import write

_addition = msgspec.msgpack.Decoder(Addition).decode

COLUMNS = (
    "id, reference, step, channel, source_id, received_at, token, attempts, unsure, expected, hex(raw), due, code, words, "
    "tracking_id, registered_at, url, edited, facts, files, admitted, come, large, ledger, asked, added"
)


def select(db: apsw.Connection, where: str, bound: Sequence[Any]) -> list[Case]:
    """Cases by a condition of our own making."""
    sql = f"SELECT json_group_array(json_array({COLUMNS})) FROM (SELECT * FROM cases WHERE {where})"
    return cases(db, packed(db, sql, bound))


def cases(db: apsw.Connection, found: Iterable[Sequence[Any]]) -> list[Case]:
    """Cases of rows of COLUMNS, with their parts."""
    found = list(found)
    parts = _parts(db, [row for row in found if row[21]])
    read = [_case(row, _raw(db, row), tuple(parts.get(row[0], ())), files.noted(db, row[0]) if row[19] else ()) for row in found]
    return [
        msgspec.structs.replace(case, additions=_additions(db, row[0])) if row[25] else case for case, row in zip(read, found, strict=True)
    ]


def _additions(db: apsw.Connection, case_id: int) -> tuple[Addition, ...]:
    return tuple(_addition(row[0]) for row in rows(db, "SELECT addition FROM additions WHERE case_id=? ORDER BY by_case", (case_id,)))


def _raw(db: apsw.Connection, row: Sequence[Any]) -> bytes:
    if not row[22]:
        return bytes.fromhex(row[10])
    raw: bytes = db.execute("SELECT raw FROM raws WHERE case_id=?", (row[0],)).get
    return raw


def _parts(db: apsw.Connection, found: Sequence[Sequence[Any]]) -> dict[int, list[Part]]:
    by_id = {row[0]: row for row in found}
    parts: dict[int, list[Part]] = {}
    for cut in batches(len(found), 1):
        sql = (
            "SELECT json_group_array(json_array(case_id, number, hex(raw), fingerprint, received_at)) FROM "
            f"(SELECT * FROM parts WHERE case_id IN ({','.join('?' * len(cut))}) ORDER BY case_id, number)"
        )
        for case_id, number, raw, fingerprint, at in packed(db, sql, [found[i][0] for i in cut]):
            row, when = by_id[case_id], instant(at)
            part = Part(
                channel=row[3], group=row[4], index=number, count=row[9], raw=bytes.fromhex(raw), fingerprint=fingerprint,
                received_at=when, wait_until=when, same_since=when,
            )  # fmt: skip
            parts.setdefault(case_id, []).append(part)
    return parts


def _case(row: Sequence[Any], raw: bytes, parts: tuple[Part, ...], enclosures: tuple[Enclosure, ...]) -> Case:
    registration = None
    if row[14] is not None:
        registration = Registration(tracking_id=row[14], registered_at=instant(row[15]), url=row[16])
    arrival = Arrival(channel=row[3], source_id=row[4], raw=raw, received_at=instant(row[5]))
    return Case(
        case_id=str(row[0]), reference=write(row[1]), step=row[2], arrival=arrival, parts=parts, attempts=row[7], unsure=bool(row[8]),
        code=row[12], words=row[13], registration=registration, edited=row[17], due=None if row[11] is None else instant(row[11]),
        facts=None if row[18] is None else msgspec.json.decode(row[18]), files=enclosures, admitted=bool(row[20]),
        ledger=row[23], asked=bool(row[24]),
    )  # fmt: skip


def packed(db: apsw.Connection, sql: str, bound: Sequence[Any]) -> list[Any]:
    """The rows of a query that SQLite packed into one value: one step, whatever their number."""
    found: list[Any] = msgspec.json.decode(db.execute(sql, bound).get)
    return found
