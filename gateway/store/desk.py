"""The SQL of those who look and mend: counts, one case's life, lists, and the acts of operators.

In: codes, ids, names. Out: cases as they stand. Runs in the store's thread, inside its transaction, and writes down every act.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import apsw
import msgspec

from gateway.store import case_rows, codes, enclosed, events, hands, letters, reading, sqlite_ages, tracking, tries
from gateway.store.happenings import Act
from gateway.store.record import GATHERING, OPEN_STEPS, STEPS, WITHDRAWN, Case, Life, Step, Tally, Withdrawal
from gateway.store.tables import OPEN, instant, named, rows
from gateway.store.tallying import Ages, differences, tallied


def tally(db: apsw.Connection, now: float) -> Tally:
    """The counts as the transactions left them; `recount` says whether they are right."""
    oldest: dict[Step, datetime] = {}
    for step in OPEN_STEPS:
        # one look for each value of `told`, so that the index gives the answer and not a sort of a million cases
        sql = f"SELECT received_at FROM cases WHERE {OPEN} AND step=? AND told=? ORDER BY id LIMIT 1"
        found = [at for told in (0, 1) if (at := db.execute(sql, (step, told)).get) is not None]
        if found:
            oldest[step] = instant(min(found))
    counted = rows(db, "SELECT channel, word, n FROM counts ORDER BY channel, word")
    channels = sorted({channel for channel, _, _ in counted})
    ages = Ages(oldest, sqlite_ages.waiting(db, channels), sqlite_ages.piles(db, now), hands.copied_s(db))
    return tallied(counted, ages)


def recount(db: apsw.Connection) -> list[str]:
    """What the counts say otherwise than the cases themselves: a sentence each. Reads every case."""
    counted = {(row[0], row[1]): row[2] for row in rows(db, "SELECT channel, step, count(*) FROM cases GROUP BY channel, step")}
    counted.update({(row[0], "received"): row[1] for row in rows(db, "SELECT channel, count(*) FROM cases GROUP BY channel")})
    told = {(row[0], row[1]): row[2] for row in rows(db, "SELECT channel, word, n FROM counts") if row[1] in (*STEPS, "received")}
    return differences(counted, told)


def life(db: apsw.Connection, code: str) -> Life | None:
    """By reference, in any spelling, or by a ledger's tracking id, as `tracking.holders` reads it."""
    found: list[Case] = []
    for holder in tracking.holders(db, code)[:1]:
        found = case_rows.select(db, "id=?", (holder,))
    if not found:
        found = case_rows.select(db, "reference=?", (codes.reference(code),))
    return life_of(db, found[0]) if found else None


def life_of(db: apsw.Connection, case: Case) -> Life:
    """All that is known of it."""
    case_id = int(case.case_id)
    acts = named(db, "at, by, act, words", "acts WHERE case_id=? ORDER BY id", (case_id,))
    return Life(
        case=case,
        record=db.execute("SELECT record FROM records WHERE case_id=?", (case_id,)).get,
        letters=letters.of_case(db, case_id),
        files=enclosed.of_case(db, case_id),
        acts=tuple(map(reading.act, acts)),
        events=events.of_case(db, case_id),
        tries=tries.of_case(db, case_id),
    )


def listing(db: apsw.Connection, step: Step, limit: int) -> list[Case]:
    """The cases of a step that is open, the oldest first; or of the declined, the newest first."""
    if step == "declined":
        return case_rows.select(db, "step='declined' ORDER BY id DESC LIMIT ?", (limit,))
    return case_rows.select(db, f"{OPEN} AND step=? ORDER BY id LIMIT ?", (step, limit))


def unanswered(db: apsw.Connection, before: float, limit: int) -> list[Case]:
    """Cases that wait for the ledger, came before an instant, and whose senders have not heard of it. Where something is still being
    gathered, it is not known yet whether the sender may be answered."""
    where = f"{OPEN} AND step='submit' AND told=0 AND code<>'{GATHERING}' AND received_at<? ORDER BY id LIMIT ?"
    return case_rows.select(db, where, (before, limit))


class Deed(Act, frozen=True, kw_only=True):
    """An act on a case that waits for a person."""

    case_id: int

    def on(self, case_id: int) -> Deed:
        """The same, on a case that was found meanwhile."""
        return msgspec.structs.replace(self, case_id=case_id)

    def saying(self, act: str, words: str) -> Deed:
        """The same, as what it turned out to be."""
        return msgspec.structs.replace(self, act=act, words=words)


def retry(db: apsw.Connection, deed: Deed, counts: Counter[tuple[str, str]], *, seen: Step | None = None, after_s: float = 0.0) -> bool:
    """To the ledger, again or after all. What an attempt left unsure stays unsure: the ledger is asked first."""
    return _move(db, deed, ("submit", deed.at.timestamp() + after_s), counts, waiting=_seen(seen, "parked", "triage", "declined"))


def drop(db: apsw.Connection, deed: Deed, counts: Counter[tuple[str, str]], *, seen: Step | None = None) -> bool:
    """Declined, with the reason."""
    return _move(db, deed, ("declined", None), counts, waiting=_seen(seen, "parked", "triage"))


def _seen(seen: Step | None, *steps: Step) -> str:
    """The steps in which it may be, for SQL."""
    return ", ".join(f"'{step}'" for step in steps if seen in {None, step})


def withdraw(db: apsw.Connection, deed: Deed, counts: Counter[tuple[str, str]]) -> Withdrawal:
    """Declined by its sender. One that is unsure may be with the ledger, which cannot be told to forget it."""
    sql = "SELECT channel, step, owner, unsure, tracking_id IS NOT NULL FROM cases WHERE id=?"
    channel, step, owner, unsure, registered = rows(db, sql, (deed.case_id,))[0]
    if (owner or hands.held(db, deed.case_id, deed.at.timestamp())) and not registered:
        return "busy"
    if not db.execute("SELECT count(*) FROM acts WHERE case_id=? AND act=?", (deed.case_id, deed.act)).get:
        write(db, deed)
    if registered or unsure:
        return "too_late"
    if step == "declined":
        return "withdrawn"
    hands.let_go(db, deed.case_id)
    db.execute(f"UPDATE cases SET step='declined', due=NULL, code='{WITHDRAWN}', words='' WHERE id=?", (deed.case_id,))
    counts[channel, step] -= 1
    counts[channel, "declined"] += 1
    return "withdrawn"


def edit(db: apsw.Connection, deed: Deed, text: str | None) -> bool:
    """A readable text beside the bytes that came."""
    db.execute("UPDATE cases SET edited=? WHERE id=? AND step IN ('parked', 'triage')", (text, deed.case_id))
    return _written(db, deed)


def _move(db: apsw.Connection, deed: Deed, to: tuple[Step, float | None], counts: Counter[tuple[str, str]], *, waiting: str) -> bool:
    was = rows(db, f"SELECT channel, step FROM cases WHERE id=? AND step IN ({waiting})", (deed.case_id,))
    if not was:
        return False
    # Where the ledger cannot be asked, a person has looked: what was unknown is so no longer.
    db.execute("UPDATE cases SET step=?, due=?, attempts=0, unsure=unsure AND code<>'unknown', admitted=1 WHERE id=?", (*to, deed.case_id))
    counts[was[0][0], was[0][1]] -= 1
    counts[was[0][0], to[0]] += 1
    return _written(db, deed)


def _written(db: apsw.Connection, deed: Deed) -> bool:
    if not db.changes():
        return False
    write(db, deed)
    return True


def write(db: apsw.Connection, deed: Deed) -> None:
    """Among the acts on its case."""
    db.execute(
        "INSERT INTO acts(case_id, at, by, act, words) VALUES (?,?,?,?,?)",
        (deed.case_id, deed.at.timestamp(), deed.by, deed.act, deed.words),
    )


def add(db: apsw.Connection, counts: Counter[tuple[str, str]]) -> None:
    """Move the counts with the transaction that changed them."""
    for (channel, word), n in counts.items():
        if n:
            sql = "INSERT INTO counts VALUES (?,?,?) ON CONFLICT(channel, word) DO UPDATE SET n=n+excluded.n"
            db.execute(sql, (channel, word, n))
