"""The SQL on what ledgers say became of cases, and on the cases that ledgers are asked about. Runs in the store's thread, inside its
transaction.

In: what was told, decisions. Out: which of it is new, and of which cases nobody has decided yet what their senders hear. Never commits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import apsw

from forwarder.ledger import Registration
from gateway.store import case_rows, codes, letters, reading
from gateway.store.cases import Lease
from gateway.store.happenings import Decision, Event, Heard, Told
from gateway.store.record import DEFAULT, Case
from gateway.store.tables import named, rows
from gateway.store.tracking import OF

#: with an event's case as c: what was told of it can be decided. One that waits for an attempt is left to it, and one that waits for a
#: person to the person, unless nobody knows whether the ledger has it.
_DECIDABLE = "(c.tracking_id IS NOT NULL OR (c.step='parked' AND c.unsure=1))"
#: where the enrolment of cases to be asked about stands
ENROLLED = "enrolled for polling"
#: cases enrolled at once
ROLL = 1000
#: seconds after which it is looked again at a case whose ledger is not asked; the settings may change
ELSEWHERE_S = 86_400.0


def tell(db: apsw.Connection, told: Sequence[Told]) -> list[Heard]:
    """Keep what is new of it."""
    return [_heard(db, each) for each in told]


def _heard(db: apsw.Connection, told: Told) -> Heard:
    happening = told.happening
    found = rows(db, f"SELECT id, {OF}, tracking_id FROM cases WHERE reference=?", (codes.reference(happening.reference),))
    if not found or found[0][1] != told.ledger or found[0][2] not in {None, happening.tracking_id}:
        return "unknown"
    db.execute(
        "INSERT OR IGNORE INTO events(case_id, ledger, tracking_id, at, status, heard_at, by, state, note) VALUES (?,?,?,?,?,?,?,?,?)",
        (
            found[0][0], told.ledger, happening.tracking_id, happening.at.timestamp(), happening.status, told.heard_at.timestamp(),
            happening.by, told.state, happening.note,
        ),
    )  # fmt: skip
    return "kept" if db.changes() else "known"


def of_case(db: apsw.Connection, case_id: int) -> tuple[Event, ...]:
    """In the order in which they were heard."""
    columns = "id, ledger, tracking_id, at, heard_at, by, status, state, note, letter"
    return tuple(map(reading.event, named(db, columns, "events WHERE case_id=? ORDER BY id", (case_id,))))


def undecided(db: apsw.Connection, limit: int) -> list[Case]:
    """Cases of which something was told and nothing made yet, those heard of first first."""
    sql = (
        f"SELECT c.id FROM events e JOIN cases c ON c.id=e.case_id WHERE e.letter IS NULL AND {_DECIDABLE} "
        "GROUP BY c.id ORDER BY min(e.id) LIMIT ?"
    )
    return [case for row in rows(db, sql, (limit,)) for case in case_rows.select(db, "id=?", (row[0],))]


def decide(db: apsw.Connection, decision: Decision, lease: Lease, most: int, counts: Counter[tuple[str, str]]) -> bool:
    """Write down what was made of events. False, and nothing changed, when somebody else did, or what it rests on is not so any more."""
    marks = ",".join("?" * len(decision.events))
    open_ = db.execute(f"SELECT count(*) FROM events WHERE letter IS NULL AND id IN ({marks})", decision.events).get
    if open_ != len(decision.events):
        return False
    proof = decision.registration
    if proof is not None and not _open(db, decision):
        return False
    if decision.instead is not None and not letters.replace(db, decision.instead):
        return False
    if proof is not None and _taken(db, decision, proof):
        # Another case has this number: one of the two is wrong, and a person must look, as before.
        decision = Decision(case_id=decision.case_id, events=decision.events)
    elif proof is not None:
        _register(db, decision, proof, counts)
    if decision.letters:
        letters.write(db, decision.letters, lease, (0, most), counts)
    db.execute(f"UPDATE events SET letter=? WHERE id IN ({marks})", (decision.number, *decision.events))
    return True


def _open(db: apsw.Connection, decision: Decision) -> bool:
    """A case of which it is still not known whether the ledger has it."""
    sql = f"SELECT 1 FROM cases c WHERE c.id=? AND c.tracking_id IS NULL AND {_DECIDABLE}"
    return db.execute(sql, (int(decision.case_id),)).get is not None


def _taken(db: apsw.Connection, decision: Decision, done: Registration) -> bool:
    sql = f"SELECT 1 FROM cases WHERE tracking_id=? AND {OF}=(SELECT {OF} FROM cases WHERE id=?)"
    return db.execute(sql, (done.tracking_id, int(decision.case_id))).get is not None


def _register(db: apsw.Connection, decision: Decision, done: Registration, counts: Counter[tuple[str, str]]) -> None:
    channel, step = rows(db, "SELECT channel, step FROM cases WHERE id=?", (int(decision.case_id),))[0]
    db.execute(
        "UPDATE cases SET step='done', due=NULL, unsure=0, code='', words='', tracking_id=?, registered_at=?, url=? WHERE id=?",
        (done.tracking_id, done.registered_at.timestamp(), done.url, int(decision.case_id)),
    )
    if decision.record is not None:
        db.execute("INSERT OR REPLACE INTO records VALUES (?,?)", (int(decision.case_id), decision.record))
    counts[channel, step] -= 1
    counts[channel, "done"] += 1


class Asking(NamedTuple):
    """How ledgers are asked: by name, how often about each case; for how long; and what time it is."""

    every_s: Mapping[str, float]
    for_s: float
    now: float


def enrol(db: apsw.Connection, asking: Asking) -> None:
    """Take in new cases, in the order of their ids, whatever becomes of them."""
    cursor = int(db.execute("SELECT value FROM cursors WHERE name=?", (ENROLLED,)).get or 0)
    found = rows(db, "SELECT id, received_at FROM cases WHERE id>? ORDER BY id LIMIT ?", (cursor, ROLL))
    for case_id, at in found:
        if at > asking.now - asking.for_s:
            db.execute("INSERT OR IGNORE INTO polls VALUES (?,?)", (case_id, at + min(asking.every_s.values())))
    if found:
        db.execute("INSERT OR REPLACE INTO cursors VALUES (?,?)", (ENROLLED, str(found[-1][0])))


def due(db: apsw.Connection, asking: Asking, limit: int) -> list[Case]:
    """Registered cases that are to be asked about now; when next is written down with it. Those that are over leave the roll."""
    ask = []
    for (case_id,) in rows(db, "SELECT case_id FROM polls WHERE due<=? ORDER BY due LIMIT ?", (asking.now, limit)):
        (case,) = case_rows.select(db, "id=?", (case_id,))
        newest = db.execute("SELECT state FROM events WHERE case_id=? ORDER BY at DESC, id DESC LIMIT 1", (case_id,)).get
        began = (case.registration.registered_at if case.registration else case.arrival.received_at).timestamp()
        if newest in {"closed", "rejected"} or case.step == "declined" or began < asking.now - asking.for_s:
            db.execute("DELETE FROM polls WHERE case_id=?", (case_id,))
            continue
        every_s = asking.every_s.get(case.ledger or DEFAULT)
        db.execute("UPDATE polls SET due=? WHERE case_id=?", (asking.now + (every_s or ELSEWHERE_S), case_id))
        if case.registration is not None and every_s is not None:
            ask.append(case)
    return ask


def put_off(db: apsw.Connection, case_ids: Sequence[str], until: float) -> None:
    """They could not be asked about: sooner than planned."""
    for case_id in case_ids:
        db.execute("UPDATE polls SET due=? WHERE case_id=?", (until, int(case_id)))
