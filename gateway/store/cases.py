"""The SQL on cases and their parts. Runs in the store's thread, inside its transaction.

In: arrivals, parts and settlements, as many as there are. Out: what was kept, claimed or settled. Never commits.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import apsw
import msgspec

from channels.base import Unavailable
from gateway.store import case_rows, enclosed, files, hands, kin, leases, talk, tracking, tries
from gateway.store.case_rows import packed
from gateway.store.record import DEFAULT, Claim, NumberTaken, Settlement
from gateway.store.tables import batches, rows, values


class Lease(NamedTuple):
    """Who takes cases, from when, until when."""

    owner: int
    now: float
    until: float
    #: only to find out which ledger they belong to: no ledger hears of them
    sorting: bool = False


class Queues(NamedTuple):
    """Of which ledgers cases are taken, and how many."""

    ledgers: Sequence[str]
    limit: int


def claim(db: apsw.Connection, queues: Queues, lease: Lease, counts: Counter[tuple[str, str]]) -> list[Claim]:
    """Take what is due, those due first first. A case that waited for parts or for an answer in vain goes on as it is."""
    # by the index first, and the rows of those alone that are taken
    one = "SELECT * FROM (SELECT id, due FROM cases WHERE ledger=? AND due<=? ORDER BY due LIMIT ?)"
    each = f"({' UNION ALL '.join([one] * len(queues.ledgers))} ORDER BY due LIMIT ?)"
    sql = f"SELECT json_group_array(json_array({case_rows.COLUMNS})) FROM (SELECT cases.* FROM {each} n CROSS JOIN cases ON cases.id=n.id)"
    bound = [value for ledger in queues.ledgers for value in (ledger, lease.now, queues.limit)]
    found = packed(db, sql, [*bound, queues.limit])
    if not found:
        return []
    ids = [row[0] for row in found]
    db.execute(
        "UPDATE cases SET token=token+1, attempts=attempts+1, unsure=max(unsure, ?), due=?, owner=? "
        f"WHERE id IN ({','.join('?' * len(ids))})",
        (int(not lease.sorting), lease.until, lease.owner, *ids),
    )
    for row in found:
        if row[2] != "submit":
            # apart, for it is rare, and naming a column writes every index anew that has it
            db.execute("UPDATE cases SET step='submit' WHERE id=?", (row[0],))
            counts[row[3], row[2]] -= 1
            counts[row[3], "submit"] += 1
        row[2], row[6], row[7], row[11] = "submit", row[6] + 1, row[7] + 1, lease.until
    return [Claim(case=case, token=row[6]) for case, row in zip(case_rows.cases(db, found), found, strict=True)]


def next_due(db: apsw.Connection, ledger: str) -> float | None:
    """When the next case of a ledger is due."""
    due: float | None = db.execute("SELECT min(due) FROM cases WHERE ledger=? AND due IS NOT NULL", (ledger,)).get
    return due


def release(db: apsw.Connection, claims: Sequence[Claim]) -> None:
    """Give back claims that nobody took any more: as if they had not been made."""
    for claim in claims:
        db.execute(
            "UPDATE cases SET due=received_at, owner=0, attempts=attempts-1, unsure=? WHERE id=? AND token=? AND owner<>0",
            (int(claim.case.unsure), int(claim.case.case_id), claim.token),
        )


def bury(db: apsw.Connection, owner: int, now: float) -> None:
    """End the leases of a process that died."""
    for table in ("cases", "letters", "enclosed"):
        db.execute(f"UPDATE {table} SET due=?, owner=0 WHERE due IS NOT NULL AND owner=?", (now, owner))
    leases.end(db, owner)


class Forgotten(NamedTuple):
    """What its author took back: identity and source_id, why, when; and whether it may still wait for somebody."""

    identity: int
    source_id: str
    why: str
    at: float
    waiting: bool


def forget(db: apsw.Connection, which: Forgotten, counts: Counter[tuple[str, str]]) -> bool:
    """Take out what a message said. False when it is not here, in somebody's hands now, or waits and may not."""
    sql = "SELECT id, channel, step FROM cases WHERE identity=? AND source_id=? AND owner=0 AND (? OR step IN ('done', 'declined'))"
    found = [row for row in rows(db, sql, (which.identity, which.source_id, which.waiting)) if not hands.held(db, row[0], which.at)]
    for case_id, channel, step in found:
        to = step if step in {"done", "declined"} else "declined"
        db.execute(
            "UPDATE cases SET raw=x'', large=0, facts=NULL, files=0, edited=NULL, words='', step=?, code=?, due=NULL WHERE id=?",
            (to, which.why, case_id),
        )
        db.execute("DELETE FROM raws WHERE case_id=?", (case_id,))
        db.execute("UPDATE parts SET raw=x'' WHERE case_id=?", (case_id,))
        db.execute("DELETE FROM files WHERE case_id=?", (case_id,))
        db.execute("DELETE FROM records WHERE case_id=?", (case_id,))
        db.execute("UPDATE events SET by='', note='' WHERE case_id=?", (case_id,))
        kin.forget(db, case_id)
        hands.let_go(db, case_id)
        talk.forget(db, case_id, which.at, counts)
        tries.forget(db, case_id)
        enclosed.forget(db, case_id)
        db.execute("INSERT INTO acts(case_id, at, by, act, words) VALUES (?,?,?,'forget',?)", (case_id, which.at, "channel", which.why))
        counts[channel, step] -= 1
        counts[channel, to] += 1
    return bool(found)


def settle(
    db: apsw.Connection, settlements: Sequence[Settlement], now: float, counts: Counter[tuple[str, str]]
) -> list[Settlement | NumberTaken | None]:
    """Write what became of the claims that are still ours; a part or an addition that came meanwhile sends its case round again. A number
    that another case has is not written.

    Returns what was written for each: None for a stale one, another settlement for one that asks or adds and cannot (`talk.said`).
    """
    tokens = _tokens(db, settlements)
    if any(settlement.asks or settlement.adds for settlement in settlements):
        mine = [tokens.get(int(each.claim.case.case_id), (None, 0))[0] == each.claim.token for each in settlements]
        settlements = [talk.said(db, each, now, counts) if ours else each for each, ours in zip(settlements, mine, strict=True)]
        tokens = _tokens(db, settlements)
    numbers = tracking.Numbers(db, settlements)
    written: list[Settlement | NumberTaken | None] = []
    bound: list[Any] = []
    for settlement in settlements:
        token, come = tokens.get(int(settlement.claim.case.case_id), (None, 0))
        ours = token == settlement.claim.token
        taken = numbers.taken(settlement) if ours else None
        written.append(taken or (settlement if ours else None))
        if ours and not taken:
            bound += _row(settlement, come, counts)
            _enclose(db, settlement, come)
    _write(db, bound)
    kept = [each for each in written if isinstance(each, Settlement)]
    _record(db, kept)
    tries.keep(db, kept)
    return written


def _known(settlement: Settlement) -> int:
    """How many parts and additions whoever settles has seen."""
    return len(settlement.claim.case.parts) + len(settlement.claim.case.additions)


def _row(settlement: Settlement, come: int, counts: Counter[tuple[str, str]]) -> tuple[Any, ...]:
    """What its case becomes, now that so many parts and additions have come; it is counted there."""
    case = settlement.claim.case
    late = settlement.step in {"done", "worklist", "asked"} and come > _known(settlement)
    step, due = ("submit", 0.0) if late else (settlement.step, settlement.due.timestamp() if settlement.due else None)
    counts[case.arrival.channel, case.step] -= 1
    counts[case.arrival.channel, step] += 1
    done = settlement.registration or case.registration
    number = (done.tracking_id, done.registered_at.timestamp(), done.url) if done else (None, None, None)
    # what lies with people has been told to the only ledger that there was
    kept = case.ledger or (DEFAULT if step == "worklist" else "")
    ledger = (kept, 0) if settlement.ledger is None else (settlement.ledger, 1)
    return (int(case.case_id), step, due, int(settlement.unsure), settlement.code, settlement.words, *number, *ledger)


def _enclose(db: apsw.Connection, settlement: Settlement, come: int) -> None:
    """Its files: those that the ledger wants, and those that were fetched."""
    case_id = int(settlement.claim.case.case_id)
    if settlement.files:
        enclosed.queue(db, case_id, settlement.files, time.time())
    # What came meanwhile may name more: then all of it is fetched.
    if settlement.gathered is not None and come == _known(settlement):
        db.execute("UPDATE cases SET facts=? WHERE id=?", (msgspec.json.encode(settlement.gathered.facts).decode(), case_id))
        files.replace(db, case_id, settlement.gathered.files)


def _write(db: apsw.Connection, bound: Sequence[Any]) -> None:
    """The rows of `_row`, one after the other."""
    for cut in batches(len(bound) // 11, 11):
        db.execute(
            f"WITH new AS (SELECT * FROM (VALUES {values(len(cut), 11)})) UPDATE cases SET step=column2, due=column3, owner=0, "
            "unsure=column4, code=column5, words=column6, tracking_id=column7, registered_at=column8, url=column9, "
            "ledger=column10, attempts=attempts-column11 FROM new WHERE id=column1",
            bound[cut.start * 11 : cut.stop * 11],
        )


def _record(db: apsw.Connection, settlements: Sequence[Settlement]) -> None:
    records = [(int(each.claim.case.case_id), each.record) for each in settlements if each.record is not None]
    for cut in batches(len(records), 2):
        flat = [value for record in records[cut.start : cut.stop] for value in record]
        db.execute(f"INSERT OR REPLACE INTO records VALUES {values(len(cut), 2)}", flat)


def _tokens(db: apsw.Connection, settlements: Sequence[Settlement]) -> dict[int, tuple[int, int]]:
    """id -> (token, parts and additions that have come) of the cases that are still claimed."""
    ids = [int(settlement.claim.case.case_id) for settlement in settlements]
    tokens: dict[int, tuple[int, int]] = {}
    for cut in batches(len(ids), 1):
        sql = f"SELECT json_group_array(json_array(id, token, come+added)) FROM cases WHERE owner<>0 AND id IN ({','.join('?' * len(cut))})"
        for case_id, token, come in packed(db, sql, ids[cut.start : cut.stop]):
            tokens[case_id] = (token, come)
    return tokens


def unkept(error: apsw.Error) -> Unavailable:
    """What a door hears when a transaction failed."""
    if isinstance(error, apsw.FullError):
        return Unavailable("disk_full")
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return Unavailable("store_busy")
    return Unavailable("store_failed")
