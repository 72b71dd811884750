"""The SQL on tries. Runs in the store's thread, inside its transaction.

In: tries, each with the case that it is of. Out: those of one case. Never commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apsw

from gateway.store import trying
from gateway.store.record import FileSettlement, LetterSettlement, Settlement
from gateway.store.tables import batches, rows, values
from gateway.store.trying import MOST, Try


def keep(db: apsw.Connection, settlements: Sequence[Settlement | LetterSettlement | FileSettlement]) -> None:
    """Write down the tries of those that were written, and let go of the oldest where a case has too many."""
    tried = [(_case(each), trying.pack(each.tried)) for each in settlements if each.tried is not None]
    for cut in batches(len(tried), 2):
        bound: list[Any] = [value for row in tried[cut.start : cut.stop] for value in row]
        db.execute(f"INSERT INTO tries(case_id, try) VALUES {values(len(cut), 2)}", bound)
        each = "SELECT id, row_number() OVER (PARTITION BY case_id ORDER BY id DESC) AS n FROM tries"
        cases = ",".join("?" * len(cut))
        db.execute(f"DELETE FROM tries WHERE id IN (SELECT id FROM ({each} WHERE case_id IN ({cases})) WHERE n>{MOST})", bound[::2])


def _case(settlement: Settlement | LetterSettlement | FileSettlement) -> int:
    return int(settlement.claim.letter.case_id if isinstance(settlement, LetterSettlement) else settlement.claim.case.case_id)


def of_case(db: apsw.Connection, case_id: int) -> tuple[Try, ...]:
    """In the order in which they ended."""
    return tuple(trying.read(row[0]) for row in rows(db, "SELECT try FROM tries WHERE case_id=? ORDER BY id", (case_id,)))


def forget(db: apsw.Connection, case_id: int) -> None:
    """What was answered may repeat what the message said."""
    db.execute("DELETE FROM tries WHERE case_id=?", (case_id,))
    db.execute("UPDATE letters SET said='' WHERE case_id=? AND said<>''", (case_id,))
