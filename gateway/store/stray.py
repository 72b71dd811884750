"""The SQL on cases whose ledger is gone from the settings. Runs in the store's thread, inside its transaction.

In: the ledgers that there are. Out: how many cases were parked, by ledger. What the ledger had before, it keeps; never commits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import apsw

from gateway.store.record import ALONE
from gateway.store.tables import rows

#: the code of a case whose ledger is not in the settings
NO_LEDGER = "no_ledger"
#: … and its words, with the name of that
GONE = "[ledgers.%s] is not in the settings any more"

#: one look into the index for each ledger, however many cases wait
_WAITING = """
WITH RECURSIVE waiting(name) AS (
    SELECT min(ledger) FROM cases WHERE due IS NOT NULL
    UNION ALL
    SELECT (SELECT min(ledger) FROM cases WHERE due IS NOT NULL AND ledger>name) FROM waiting WHERE name IS NOT NULL
) SELECT name FROM waiting WHERE name IS NOT NULL
"""


def park(db: apsw.Connection, known: Sequence[str], limit: int, counts: Counter[tuple[str, str]]) -> dict[str, int]:
    """Park what nobody would ever claim."""
    parked: dict[str, int] = {}
    for (ledger,) in rows(db, _WAITING):
        if ledger in known or ledger in ALONE:
            continue
        sql = "SELECT id, channel, step FROM cases WHERE ledger=? AND due IS NOT NULL AND owner=0 LIMIT ?"
        found = rows(db, sql, (ledger, limit))
        words = GONE % ledger
        for case_id, channel, step in found:
            db.execute("UPDATE cases SET step='parked', due=NULL, code=?, words=? WHERE id=?", (NO_LEDGER, words, case_id))
            counts[channel, step] -= 1
            counts[channel, "parked"] += 1
        if found:
            parked[ledger] = len(found)
    return parked
