"""The SQL of pages of cases, and of what takes an act back. Runs in the store's thread, inside its transaction.

In: steps, places in a list, acts. Out: pages (see `lists`), and yes. It reads no more than LOOK cases for one answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import apsw

from gateway.store import case_rows, desk
from gateway.store.lists import LOOK, Page, Reasons
from gateway.store.record import Step
from gateway.store.tables import OPEN, rows

#: which act brought a case out of an officer's list, by where it stands since
_BROUGHT: Final = {"submit": "retry", "declined": "drop"}
_LOOKED: Final = "SELECT json_group_array(json_array(id, channel, code)) FROM (SELECT id, channel, code FROM cases WHERE"


class Wanted(NamedTuple):
    """What is looked for; empty is any."""

    code: str
    channel: str

    def fits(self, code: str, channel: str) -> bool:
        """It is one of these."""
        return self.code in {"", code} and self.channel in {"", channel}


def page(db: apsw.Connection, step: Step, limit: int, after: str, wanted: Wanted) -> Page:
    """At most `limit` cases of the next LOOK."""
    looked = _next(db, step, after)
    found: list[int] = []
    last = 0
    for last, channel, code in looked:
        if wanted.fits(code, channel):
            found.append(last)
        if len(found) == limit:
            break
    more = len(looked) == LOOK or bool(looked and last != looked[-1][0])
    order = "DESC" if step == "declined" else ""
    cases = case_rows.select(db, f"id IN ({','.join('?' * len(found))}) ORDER BY id {order}", found)
    return Page(cases=cases, after=str(last) if more else "")


def reasons(db: apsw.Connection, step: Step, after: str) -> Reasons:
    """Of the next LOOK."""
    looked = _next(db, step, after)
    counts = Counter((channel, code) for _, channel, code in looked)
    return Reasons(counts=counts, after=str(looked[-1][0]) if len(looked) == LOOK else "")


def _next(db: apsw.Connection, step: Step, after: str) -> Sequence[tuple[int, str, str]]:
    """The next LOOK cases of a step: id, channel, code."""
    if step == "declined":
        sql = f"{_LOOKED} step='declined' AND id<? ORDER BY id DESC LIMIT ?)"
        return case_rows.packed(db, sql, (int(after or 2**63 - 1), LOOK))
    # one look for each value of `told`, so that the index gives the order
    sql = f"{_LOOKED} {OPEN} AND step=? AND told=? AND id>? ORDER BY id LIMIT ?)"
    found = [row for told in (0, 1) for row in case_rows.packed(db, sql, (step, told, int(after or 0), LOOK))]
    return sorted(found)[:LOOK]


def reopen(db: apsw.Connection, deed: desk.Deed, to: Step, counts: Counter[tuple[str, str]]) -> bool:
    """Back to the list. What was unknown before it was sent on is so again."""
    untouched = "id=? AND step IN ('submit', 'declined') AND owner=0 AND attempts=0"
    found = rows(db, f"SELECT channel, step FROM cases WHERE {untouched}", (deed.case_id,))
    last = db.execute("SELECT act FROM acts WHERE case_id=? ORDER BY id DESC LIMIT 1", (deed.case_id,)).get
    if not found or last != _BROUGHT[found[0][1]]:
        return False
    sql = "UPDATE cases SET step=?, due=NULL, unsure=unsure OR code='unknown', admitted=admitted AND ?<>'triage' WHERE id=?"
    db.execute(sql, (to, to, deed.case_id))
    counts[found[0][0], found[0][1]] -= 1
    counts[found[0][0], to] += 1
    desk.write(db, deed)
    return True
