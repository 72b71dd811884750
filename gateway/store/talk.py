"""The SQL on questions to citizens and on what they say later. Runs in the store's thread, inside its transaction.

In: settlements that ask or add. Out: what can be done of them, and whose question is open. It reads no text and decides nothing about
one. Never commits.

A case is asked about once in its life, and an address about one case at a time. An addition is kept with the case to which it belongs,
and the message that brought it stays a case of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import apsw
import msgspec

from gateway.store.record import ADDED, Addition, Claim, Settlement
from gateway.store.tables import batches, instant, rows, values
from normalizer.reference import write

_encode = msgspec.msgpack.Encoder().encode

#: seconds until an addition that has changed is tried again, while the other case is in somebody's hands
BUSY_S = 1.0

Counts = Counter[tuple[str, str]]


def said(db: apsw.Connection, settlement: Settlement, now: float, counts: Counts) -> Settlement:
    """Ask or add, as a settlement says whose claim is ours; where that cannot be, the case goes round again at once instead."""
    done = True
    if settlement.asks:
        done = _ask(db, settlement, now)
    elif settlement.adds is not None:
        done = _add(db, settlement.claim, settlement.adds, (now, counts))
    case = settlement.claim.case
    if done:
        return settlement
    due = instant(now + (BUSY_S if case.code in ADDED else 0))
    return Settlement(claim=settlement.claim, step="submit", due=due, unsure=case.unsure, code=case.code, words=case.words)


def _ask(db: apsw.Connection, settlement: Settlement, now: float) -> bool:
    """Either way it is not tried again."""
    case = settlement.claim.case
    db.execute("UPDATE cases SET asked=1 WHERE id=?", (int(case.case_id),))
    db.execute("DELETE FROM questions WHERE until<=?", (now,))
    if case.asked or asked(db, [(case.arrival.channel, settlement.asks)], now):
        return False
    until = settlement.due.timestamp() if settlement.due else now
    db.execute("INSERT INTO questions VALUES (?,?,?,?)", (int(case.case_id), case.arrival.channel, settlement.asks, until))
    return True


def _add(db: apsw.Connection, claim: Claim, adds: tuple[str, Addition], when: tuple[float, Counts]) -> bool:
    """False when the other case has come to its end meanwhile, or when what was an answer to its question would be a second one; and while
    somebody reads it who would not see that an addition has changed."""
    case_id, by_case, addition = int(adds[0]), int(claim.case.case_id), adds[1]
    found = rows(db, "SELECT channel, step, owner FROM cases WHERE id=? AND step<>'declined'", (case_id,))
    before = rows(db, "SELECT 1 FROM additions WHERE case_id=? AND by_case=?", (case_id, by_case))
    if not found or (before and found[0][2]):
        return False
    db.execute("DELETE FROM questions WHERE case_id=?", (case_id,))
    if addition.kind == "answer" and not before and not db.changes():
        return False
    db.execute("INSERT OR REPLACE INTO additions VALUES (?,?,?)", (case_id, by_case, _encode(addition)))
    db.execute("UPDATE cases SET added=added+? WHERE id=?", (int(not before), case_id))
    acted = (case_id, when[0], addition.kind, addition.reference)
    db.execute("INSERT INTO acts(case_id, at, by, act, words) VALUES (?,?,'sender',?,?)", acted)
    _goes_on(db, case_id, found[0], when)
    return True


def _goes_on(db: apsw.Connection, case_id: int, found: tuple[str, str, int], when: tuple[float, Counts]) -> None:
    """What waits for its answer, or has been registered, is read again; what is in somebody's hands goes round by itself."""
    (channel, step, owner), (now, counts) = found, when
    if owner or step not in {"asked", "done", "worklist"}:
        return
    db.execute("UPDATE cases SET step='submit', due=?, attempts=0, unsure=unsure AND step='asked' WHERE id=?", (now, case_id))
    counts[channel, step] -= 1
    counts[channel, "submit"] += 1


def asked(db: apsw.Connection, whom: Sequence[tuple[str, str]], now: float) -> dict[tuple[str, str], str]:
    """(channel, sender) -> the reference of the case about which he may still answer."""
    if not whom or not db.execute("SELECT EXISTS(SELECT 1 FROM questions)").get:
        return {}
    found: dict[tuple[str, str], str] = {}
    for cut in batches(len(whom), 2):
        sql = (
            "SELECT q.channel, q.sender, c.reference FROM questions q JOIN cases c ON c.id=q.case_id "
            f"WHERE q.until>? AND c.step<>'declined' AND (q.channel, q.sender) IN (VALUES {values(len(cut), 2)})"
        )
        for channel, sender, reference in rows(db, sql, [now, *(each for i in cut for each in whom[i])]):
            found[channel, sender] = write(reference)
    return found


def unheard(db: apsw.Connection, case_ids: Sequence[str], now: float, counts: Counts) -> set[str]:
    """Those of them go on whose question nobody will hear: its letter is not sent, or did not arrive. Returns their ledgers."""
    gone: set[str] = set()
    for case_id in map(int, case_ids):
        sql = (
            "SELECT c.channel, c.step, c.owner, c.ledger FROM cases c JOIN letters l ON l.case_id=c.id "
            "WHERE c.id=? AND c.step='asked' AND l.key=c.id||':ask' AND l.step NOT IN ('send', 'sent')"
        )
        for *found, ledger in rows(db, sql, (case_id,)):
            db.execute("DELETE FROM questions WHERE case_id=?", (case_id,))
            _goes_on(db, case_id, (found[0], found[1], found[2]), (now, counts))
            gone.add(ledger)
    return gone


def forget(db: apsw.Connection, case_id: int, now: float, counts: Counts) -> None:
    """What was said in this case, and what was said of it; those to which it was added are read again without it."""
    for (other,) in rows(db, "SELECT case_id FROM additions WHERE by_case=?", (case_id,)):
        db.execute("DELETE FROM additions WHERE case_id=? AND by_case=?", (other, case_id))
        db.execute("UPDATE cases SET added=added-1 WHERE id=?", (other,))
        _goes_on(db, other, rows(db, "SELECT channel, step, owner FROM cases WHERE id=?", (other,))[0], (now, counts))
    db.execute("DELETE FROM additions WHERE case_id=?", (case_id,))
    db.execute("DELETE FROM questions WHERE case_id=?", (case_id,))
    db.execute("UPDATE cases SET added=0 WHERE id=?", (case_id,))
