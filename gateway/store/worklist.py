"""The SQL of those who copy complaints into a ledger by hand. Runs in the store's thread, inside its transaction.

In: cases, officers, numbers. Out: who has what in hand, and whether a number could be written down. Every act of an officer stands among
the acts: `next`, `put back`, `set aside`, `done` with its number, `correct` with both, `confirm` for a supplement, `undo` with the number
that it takes back. It sees no sheet and writes no letter; those that come with a number are the caller's to queue.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

import apsw

from gateway.store import case_rows, desk, hands, tracking
from gateway.store.record import Copied, Copying, Hand, Life
from gateway.store.tables import instant, rows

#: what an officer does to a case when he has copied it
DEEDS = ("done", "correct", "confirm")

#: the code of a case that no officer should copy before somebody has looked
SET_ASIDE = "set_aside"


class Queues(NamedTuple):
    """Of which ledgers a case may be, and which cases (ids) it may not be."""

    ledgers: Sequence[str]
    besides: Collection[str]


def take(db: apsw.Connection, deed: desk.Deed, lease_s: float, queues: Queues) -> Life | None:
    """What `deed.by` has in hand, else the oldest that nobody has. What he sees of it is noted: more may come before he is done."""
    now, ledgers, besides = deed.at.timestamp(), queues.ledgers, [int(each) for each in queues.besides]
    but = f"AND id NOT IN ({','.join('?' * len(besides))})"
    mine = f"SELECT case_id FROM hands JOIN cases ON id=case_id WHERE officer=? AND {_of(ledgers)} {but} ORDER BY until DESC LIMIT 1"
    case_id = db.execute(mine, (deed.by, *ledgers, *besides)).get
    if case_id is None:
        # one look for each ledger, so that the index gives the answer and not a sort of a million cases
        held = "SELECT 1 FROM hands WHERE case_id=id AND until>?"
        sql = f"SELECT id FROM cases WHERE step='worklist' AND ledger=? AND NOT EXISTS ({held}) {but} ORDER BY id LIMIT 1"
        free = [found for ledger in ledgers if (found := db.execute(sql, (ledger, now, *besides)).get) is not None]
        if not free:
            return None
        case_id = min(free)
        db.execute("INSERT OR REPLACE INTO hands VALUES (?,?,?,?,NULL)", (case_id, deed.by, now, now))
        desk.write(db, deed.on(case_id))
    db.execute("UPDATE hands SET until=?, seen=? WHERE case_id=?", (now + lease_s, _record(db, case_id), case_id))
    return desk.life_of(db, case_rows.select(db, "id=?", (case_id,))[0])


def listed(db: apsw.Connection, limit: int, ledgers: Sequence[str], now: float) -> list[Hand]:
    """The oldest of the worklist, with whoever has them."""
    found = rows(db, "SELECT case_id, officer, since, until FROM hands WHERE until>?", (now,))
    held = {str(row[0]): {"by": row[1], "since": instant(row[2]), "until": instant(row[3])} for row in found}
    sql = "SELECT id FROM cases WHERE step='worklist' AND ledger=? ORDER BY id LIMIT ?"
    ids = sorted(case_id for ledger in ledgers for (case_id,) in rows(db, sql, (ledger, limit)))[:limit]
    cases = case_rows.select(db, f"id IN ({','.join('?' * len(ids))}) ORDER BY id", ids)
    return [Hand(case=case, **held.get(case.case_id, {})) for case in cases]


def put_back(db: apsw.Connection, deed: desk.Deed) -> bool:
    """False when nobody has it in hand."""
    if not db.execute("SELECT count(*) FROM hands JOIN cases ON id=case_id WHERE case_id=? AND step='worklist'", (deed.case_id,)).get:
        return False
    hands.let_go(db, deed.case_id)
    desk.write(db, deed)
    return True


def set_aside(db: apsw.Connection, deed: desk.Deed, counts: Counter[tuple[str, str]]) -> bool:
    """To those who look at what is parked. False when it is not in the worklist."""
    found = rows(db, "SELECT channel FROM cases WHERE id=? AND step='worklist'", (deed.case_id,))
    if not found:
        return False
    hands.let_go(db, deed.case_id)
    db.execute("UPDATE cases SET code=?, words=? WHERE id=?", (SET_ASIDE, deed.words, deed.case_id))
    _move(db, (deed.case_id, found[0][0], "worklist"), "parked", counts)
    desk.write(db, deed)
    return True


def register(db: apsw.Connection, copied: Copied, deed: desk.Deed, counts: Counter[tuple[str, str]]) -> Copying:
    """Write down that it stands in the ledger, and under which number. What came since the officer saw it keeps it in the worklist."""
    channel, step, had = rows(db, "SELECT channel, step, tracking_id FROM cases WHERE id=?", (deed.case_id,))[0]
    number = copied.registration.tracking_id if copied.registration else had
    if number is None:
        return "numberless"
    if step == "done" and number == had:
        return "again"
    givers = rows(db, "SELECT by FROM acts WHERE case_id=? AND act IN ('done', 'correct') ORDER BY id DESC LIMIT 1", (deed.case_id,))
    if step != "worklist" and (step != "done" or not givers):
        return "elsewhere"
    if number != had and _taken(db, number, deed.case_id):
        return "taken"
    if had is not None and number != had and [deed.by] != [giver for (giver,) in givers]:
        return "theirs"
    seen = db.execute("SELECT seen FROM hands WHERE case_id=?", (deed.case_id,)).get
    more = step == "worklist" and seen is not None and seen != _record(db, deed.case_id)
    if more and number == had:
        return "more"
    if number != had and copied.registration:
        at, url = copied.registration.registered_at.timestamp(), copied.registration.url
        db.execute("UPDATE cases SET tracking_id=?, registered_at=?, url=? WHERE id=?", (number, at, url, deed.case_id))
    desk.write(db, deed.saying(*_said(had, number)))
    hands.let_go(db, deed.case_id)
    if more:
        return "more"
    _move(db, (deed.case_id, channel, step), "done", counts)
    return "done"


def undo(db: apsw.Connection, deed: desk.Deed, counts: Counter[tuple[str, str]]) -> bool:
    """Take back what was last done: that a supplement was copied, else the number. False when nobody did anything by hand."""
    channel, step, had = rows(db, "SELECT channel, step, tracking_id FROM cases WHERE id=?", (deed.case_id,))[0]
    acts = [act for (act,) in rows(db, f"SELECT act FROM acts WHERE case_id=? AND act IN {DEEDS} ORDER BY id", (deed.case_id,))]
    if step not in {"worklist", "done"} or had is None or not acts:
        return False
    if step == "done" and acts[-1] == "confirm":
        desk.write(db, deed)
    elif set(acts) == {"confirm"}:
        # its number is not from here
        return False
    else:
        db.execute("UPDATE cases SET tracking_id=NULL, registered_at=NULL, url=NULL WHERE id=?", (deed.case_id,))
        desk.write(db, deed.saying("undo", f"#{had}"))
    hands.let_go(db, deed.case_id)
    _move(db, (deed.case_id, channel, step), "worklist", counts)
    return True


def _of(ledgers: Sequence[str]) -> str:
    """The condition that a case waits to be copied into one of them."""
    return f"step='worklist' AND ledger IN ({','.join('?' * len(ledgers))})"


def _taken(db: apsw.Connection, number: str, case_id: int) -> bool:
    """Another case has this number from the same ledger."""
    same = f"{tracking.OF}=(SELECT {tracking.OF} FROM cases WHERE id=?)"
    return bool(db.execute(f"SELECT count(*) FROM cases WHERE tracking_id=? AND id<>? AND {same}", (number, case_id, case_id)).get)


def _said(had: str | None, number: str) -> tuple[str, str]:
    if had is None:
        return "done", f"#{number}"
    return ("confirm", "") if had == number else ("correct", f"#{had} -> #{number}")


def _move(db: apsw.Connection, case: tuple[int, str, str], to: str, counts: Counter[tuple[str, str]]) -> None:
    case_id, channel, step = case
    db.execute("UPDATE cases SET step=?, due=NULL WHERE id=?", (to, case_id))
    counts[channel, step] -= 1
    counts[channel, to] += 1


def _record(db: apsw.Connection, case_id: int) -> bytes:
    """By which a record is known again, here and in Redis, which knows no newer hash."""
    record: bytes | None = db.execute("SELECT record FROM records WHERE case_id=?", (case_id,)).get
    return hashlib.sha1(record or b"", usedforsecurity=False).hexdigest().encode()
