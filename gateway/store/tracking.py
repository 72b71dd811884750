"""The SQL on the ledgers' numbers: which case has which. Runs in the store's thread, inside its transaction.

In: settlements, what somebody looks for. Out: whose number it is. It writes nothing.

A number is one ledger's own: two ledgers may well give the same one. One ledger that gives it to two cases makes a mistake, or we read
its answer wrongly, and two citizens would be told the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from gateway.store import codes
from gateway.store.case_rows import packed
from gateway.store.record import DEFAULT, NumberTaken, Settlement
from gateway.store.tables import batches
from normalizer.reference import write

#: a case that no ledger was chosen for is the default one's
OF = f"iif(ledger='', '{DEFAULT}', ledger)"


class Numbers:
    """The new numbers of one transaction's settlements, and who had them before."""

    def __init__(self, db: apsw.Connection, settlements: Sequence[Settlement]) -> None:
        """Asks once for all of them."""
        new = [number for settlement in settlements if (number := new_number(settlement)) is not None]
        #: by ledger and number: the case that has it, and its reference
        self._holders: dict[tuple[str, str], tuple[int, str]] = {}
        for cut in batches(len(new), 1):
            sql = (
                f"SELECT json_group_array(json_array({OF}, tracking_id, id, reference)) FROM cases "
                f"WHERE tracking_id IN ({','.join('?' * len(cut))})"
            )
            for ledger, number, case_id, reference in packed(db, sql, new[cut.start : cut.stop]):
                self._holders[ledger, number] = (case_id, write(reference))

    def taken(self, settlement: Settlement) -> NumberTaken | None:
        """Whether another case has its new number; if not, it has it from now on."""
        number, case = new_number(settlement), settlement.claim.case
        if number is None:
            return None
        case_id, reference = self._holders.setdefault((case.ledger or DEFAULT, number), (int(case.case_id), case.reference))
        return None if case_id == int(case.case_id) else NumberTaken(reference)


def new_number(settlement: Settlement) -> str | None:
    """An amendment brings the number that its case has already."""
    if settlement.registration is None or settlement.registration == settlement.claim.case.registration:
        return None
    return settlement.registration.tracking_id


def holders(db: apsw.Connection, code: str) -> list[int]:
    """The cases that have a number, as `codes` reads it."""
    quoted = codes.quoted(code)
    if quoted is None:
        return []
    ledger, number = quoted
    sql = f"SELECT json_group_array(json_array({OF}, id)) FROM (SELECT * FROM cases WHERE tracking_id=? ORDER BY id)"
    found = [(of, case_id) for of, case_id in packed(db, sql, (number,)) if ledger in {"", of}]
    # Two ledgers may give the same number: nobody is told of a case that may be another's.
    return [case_id for _, case_id in found] if len({of for of, _ in found}) == 1 else []
