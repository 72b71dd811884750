"""The SQL on the parts of long messages. Runs in the store's thread, inside its transaction.

In: parts, in any order, once or twice. Out: the case to which each belongs, and when that is due because of it. It joins nothing: what
the parts say together is read after the yes. Never commits.

The first part of a message begins its case, which waits for the others in the step `held`. A part that comes when its message has gone
on without it sends the case round again, so that the ledger hears the rest.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import apsw

from channels.base import Accepted, Part
from gateway.store.arrivals import came, free_numbers, next_id
from gateway.store.record import ADDED, Numbers
from gateway.store.tables import rows
from normalizer.reference import write


class NewPart(NamedTuple):
    """A part on its way in."""

    part: Part
    identity: int
    numbers: Numbers


class Due(NamedTuple):
    """When a case becomes due, and in which ledger's queue."""

    ledger: str
    at: float


def hold(db: apsw.Connection, new: NewPart, now: float, counts: Counter[tuple[str, str]]) -> tuple[Accepted, Due | None]:
    """Keep a part; and say when its case becomes due because of it, if that changed."""
    part, at = new.part, new.part.received_at.timestamp()
    groups = rows(
        db,
        "SELECT id, reference, come, expected, step, code, ledger FROM cases "
        "WHERE identity=? AND source_id=? AND received_at>=? ORDER BY id DESC",
        (new.identity, part.group, part.same_since.timestamp()),
    )
    have: dict[int, str | None] = {}
    for group in groups:
        have[group[0]] = db.execute("SELECT fingerprint FROM parts WHERE case_id=? AND number=?", (group[0], part.index)).get
        if have[group[0]] == part.fingerprint:
            return Accepted(case_id=str(group[0]), reference=write(group[1]), duplicate=True), None
    # The newest message that lacks this part has it; a sender whose phone repeats its reference begins another.
    for case_id, reference, come, expected, step, code, ledger in groups:
        if have[case_id] is None:
            # what was joined to another case is joined anew
            goes = step in {"done", "worklist", "asked"} or (step == "declined" and code in ADDED)
            due = _part_changes(db, case_id, (come + 1 == expected, step, goes), (now, part.channel), counts)
            _insert_part(db, case_id, part)
            return Accepted(case_id=str(case_id), reference=write(reference)), None if due is None else Due(ledger, due)
    case_id, (reference,) = next_id(db), free_numbers(db, [new.numbers])
    due = part.wait_until.timestamp()
    db.execute(
        "INSERT INTO cases(id, reference, identity, channel, source_id, received_at, raw, expected, come, step, due) "
        "VALUES (?,?,?,?,?,?,x'',?,0,'held',?)",
        (case_id, reference, new.identity, part.channel, part.group, at, part.count, due),
    )
    _insert_part(db, case_id, part)
    came(db, [part])
    counts[part.channel, "received"] += 1
    counts[part.channel, "held"] += 1
    return Accepted(case_id=str(case_id), reference=write(reference)), Due("", due)


def _insert_part(db: apsw.Connection, case_id: int, part: Part) -> None:
    at = part.received_at.timestamp()
    db.execute("INSERT INTO parts VALUES (?,?,?,?,?)", (case_id, part.index, part.raw, part.fingerprint, at))
    # What it names has not been fetched yet. The files that the case has stay until there are others (`files.replace`).
    db.execute("UPDATE cases SET come=come+1, facts=NULL WHERE id=?", (case_id,))


def _part_changes(
    db: apsw.Connection, case_id: int, state: tuple[bool, str, bool], where: tuple[float, str], counts: Counter[tuple[str, str]]
) -> float | None:
    """A case that is complete goes on now; one that went on without this part is amended."""
    (complete, step, goes), (now, channel) = state, where
    if step == "held" and complete:
        db.execute("UPDATE cases SET due=? WHERE id=?", (now, case_id))
        return now
    if goes:
        # what was only asked about may be with the ledger or not, as before
        db.execute("UPDATE cases SET step='submit', due=?, attempts=0, unsure=unsure AND step='asked' WHERE id=?", (now, case_id))
        counts[channel, step] -= 1
        counts[channel, "submit"] += 1
        return now
    return None
