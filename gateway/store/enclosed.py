"""The SQL on files on their way to a ledger, each after its case. Runs in the store's thread, inside its transaction.

In: cases that were registered, what became of their files. Out: claims. Never commits, and never opens a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import apsw

from gateway.store import case_rows, reading, tries
from gateway.store.record import FileClaim, FileSettlement, FileState
from gateway.store.tables import named, rows

if TYPE_CHECKING:  # cases queue the files
    from gateway.store.cases import Lease, Queues


def queue(db: apsw.Connection, case_id: int, numbers: Sequence[int], now: float) -> None:
    """Files of a registered case; one that is here stays as it is."""
    for number in numbers:
        db.execute("INSERT OR IGNORE INTO enclosed(case_id, number, due) VALUES (?,?,?)", (case_id, number, now))


def claim(db: apsw.Connection, queues: Queues, lease: Lease) -> list[FileClaim]:
    """Take what is due at these ledgers, those due first first."""
    sql = (
        "SELECT case_id, number, e.token, e.attempts FROM enclosed e JOIN cases c ON c.id=e.case_id "
        f"WHERE e.due<=? AND c.ledger IN ({','.join('?' * len(queues.ledgers))}) ORDER BY e.due LIMIT ?"
    )
    found = rows(db, sql, (lease.now, *queues.ledgers, queues.limit))
    claims = []
    for case_id, number, token, attempts in found:
        db.execute(
            "UPDATE enclosed SET due=?, owner=?, token=token+1, attempts=attempts+1 WHERE case_id=? AND number=?",
            (lease.until, lease.owner, case_id, number),
        )
        (case,) = case_rows.select(db, "id=?", (case_id,))
        record = db.execute("SELECT record FROM records WHERE case_id=?", (case_id,)).get
        claims.append(FileClaim(case=case, record=record, number=number, token=token + 1, attempts=attempts + 1))
    return claims


def settle(db: apsw.Connection, settlement: FileSettlement) -> bool:
    """Write what became of a file whose claim is still ours."""
    claim, due = settlement.claim, settlement.due.timestamp() if settlement.due else None
    bound: tuple[Any, ...] = (settlement.step, due, settlement.code, settlement.words, int(claim.case.case_id), claim.number, claim.token)
    db.execute("UPDATE enclosed SET step=?, due=?, owner=0, code=?, words=? WHERE case_id=? AND number=? AND token=?", bound)
    ours = bool(db.changes())
    if ours:
        tries.keep(db, [settlement])
    return ours


def of_case(db: apsw.Connection, case_id: int) -> tuple[FileState, ...]:
    """The files of a case that are to go to the ledger."""
    found = named(db, "number, step, attempts, code, words", "enclosed WHERE case_id=? ORDER BY number", (case_id,))
    return tuple(map(reading.file_state, found))


def forget(db: apsw.Connection, case_id: int) -> None:
    """Its files are taken back."""
    db.execute("DELETE FROM enclosed WHERE case_id=?", (case_id,))
