"""The SQL on cases and their parts. Runs in the store's thread, inside its transaction.

In: arrivals, parts and settlements, as many as there are. Out: what was kept, claimed or settled. Never commits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import apsw
import msgspec

from channels.base import Accepted, Arrival, Enclosure, Part, Unavailable
from gateway.store import case_rows, files, kin
from gateway.store.base import Case, Claim, Numbers, Settlement
from gateway.store.case_rows import packed
from gateway.store.tables import batches, instant, rows, values
from normalizer.reference import write

#: with a channel's name behind it, the cursor that says when its newest arrival came
LATEST = "latest of "


#: two numbers in a row that are taken are rarer, of 55 bits, than any disaster; so many are a fault
MOST_SALT = 8
#: what came and has more bytes lies apart from its case: each claim and settlement would write it again
LARGE = 2048


class Lease(NamedTuple):
    """Who takes cases, from when, until when."""

    owner: int
    now: float
    until: float


class New(NamedTuple):
    """An arrival on its way in, with the identity under which it is recognised."""

    arrival: Arrival
    identity: int
    numbers: Numbers


def put(
    db: apsw.Connection, news: Sequence[New], lease: Lease, hand_over: int, counts: Counter[tuple[str, str]]
) -> tuple[list[Accepted], list[Claim]]:
    """Keep arrivals; the first `hand_over` new ones are claimed in the same breath, as if they had been put and claimed."""
    known = _known(db, news)
    answers: list[Accepted] = []
    fresh: list[tuple[int, int, New]] = []
    first_id, numbered = next_id(db), free_numbers(db, [new.numbers for new in news])
    for new, reference in zip(news, numbered, strict=True):
        key = (new.identity, new.arrival.source_id)
        seen = known.get(key)
        if seen is None or (new.arrival.same_since is not None and seen[0] < new.arrival.same_since.timestamp()):
            case_id = first_id + len(fresh)
            fresh.append((case_id, reference, new))
            known[key] = (new.arrival.received_at.timestamp(), case_id, reference)
            answers.append(Accepted(case_id=str(case_id), reference=write(reference)))
        else:
            answers.append(Accepted(case_id=str(seen[1]), reference=write(seen[2]), duplicate=True))
    taken = fresh[:hand_over]
    _insert(db, fresh, lease, len(taken))
    for case_id, _, new in fresh:
        if new.arrival.files:
            files.keep(db, case_id, new.arrival.files)
        counts[new.arrival.channel, "received"] += 1
        counts[new.arrival.channel, "submit"] += 1
    came(db, [new.arrival for _, _, new in fresh])
    return answers, [_newborn(case_id, reference, new, lease) for case_id, reference, new in taken]


def _known(db: apsw.Connection, news: Sequence[New]) -> dict[tuple[int, str], tuple[float, int, int]]:
    """(identity, source_id) -> (received_at, id, reference) of the newest case that has it."""
    known: dict[tuple[int, str], tuple[float, int, int]] = {}
    # One sender may have said the same a thousand times: no older ones are looked at than may count.
    since = min((new.arrival.same_since.timestamp() if new.arrival.same_since else 0.0 for new in news), default=0.0)
    for cut in batches(len(news), 1):
        sql = (
            "SELECT json_group_array(json_array(identity, source_id, received_at, id, reference)) FROM "
            f"(SELECT * FROM cases WHERE identity IN ({','.join('?' * len(cut))}) AND received_at>=? ORDER BY id)"
        )
        for identity, source_id, received_at, case_id, reference in packed(db, sql, [*(news[i].identity for i in cut), since]):
            known[identity, source_id] = (received_at, case_id, reference)
    return known


def came(db: apsw.Connection, news: Sequence[Arrival | Part]) -> None:
    """When each channel last brought something."""
    for channel, at in {each.channel: each.received_at for each in news}.items():
        db.execute("INSERT OR REPLACE INTO cursors VALUES (?,?)", (LATEST + channel, str(at.timestamp())))


def free_numbers(db: apsw.Connection, numbers: Sequence[Numbers]) -> list[int]:
    """A reference for each that no case has."""
    chosen = [number(0) for number in numbers]
    taken = _taken(db, chosen)
    seen: set[int] = set()
    for place, number in enumerate(numbers):
        salt = 0
        while chosen[place] in taken or chosen[place] in seen:
            salt += 1
            if salt > MOST_SALT:
                raise Unavailable("no_reference")
            chosen[place] = number(salt)
            taken |= _taken(db, [chosen[place]])
        seen.add(chosen[place])
    return chosen


def _taken(db: apsw.Connection, references: Sequence[int]) -> set[int]:
    taken: set[int] = set()
    for cut in batches(len(references), 1):
        sql = f"SELECT json_group_array(reference) FROM cases WHERE reference IN ({','.join('?' * len(cut))})"
        taken.update(packed(db, sql, [references[i] for i in cut]))
    return taken


def _insert(db: apsw.Connection, fresh: Sequence[tuple[int, int, New]], lease: Lease, taken: int) -> None:
    apart: list[Any] = []
    for cut in batches(len(fresh), 12):
        bound: list[Any] = []
        for i in cut:
            case_id, reference, new = fresh[i]
            arrival, claimed = new.arrival, i < taken
            at, raw = arrival.received_at.timestamp(), arrival.raw
            if large := len(raw) > LARGE:
                apart += (case_id, raw)
                raw = b""
            bound += (case_id, reference, new.identity, arrival.channel, arrival.source_id, at, raw, int(large))
            bound += (lease.until, lease.owner, 1, 1) if claimed else (at, 0, 0, 0)
        # unsure from the claim on: if we die in the attempt, the next one must ask first.
        db.execute(
            "INSERT INTO cases(id, reference, identity, channel, source_id, received_at, raw, large, step, due, owner, token, attempts, "
            "unsure) SELECT column1, column2, column3, column4, column5, column6, column7, column8, 'submit', column9, column10, column11, "
            f"column12, column12 FROM (VALUES {values(len(cut), 12)})",
            bound,
        )
    for cut in batches(len(apart) // 2, 2):
        db.execute(f"INSERT INTO raws VALUES {values(len(cut), 2)}", apart[cut.start * 2 : cut.stop * 2])


def _newborn(case_id: int, reference: int, new: New, lease: Lease) -> Claim:
    enclosures: tuple[Enclosure, ...]
    arrival, enclosures = new.arrival, ()
    if arrival.files:
        enclosures = tuple(Enclosure(name=each.name, media_type=each.media_type, size=len(each.content)) for each in arrival.files)
        arrival = msgspec.structs.replace(arrival, files=())
    due, number = instant(lease.until), write(reference)
    case = Case(case_id=str(case_id), reference=number, step="submit", arrival=arrival, attempts=1, due=due, files=enclosures)
    return Claim(case=case, token=1)


def next_id(db: apsw.Connection) -> int:
    """The id of the next new case; only this transaction can take it."""
    found = db.execute("SELECT max(id) FROM cases").get
    return (found or 0) + 1


def claim(db: apsw.Connection, limit: int, lease: Lease, counts: Counter[tuple[str, str]]) -> list[Claim]:
    """Take what is due, those due first first. A long message whose time is up goes on as it is."""
    sql = f"SELECT json_group_array(json_array({case_rows.COLUMNS})) FROM (SELECT * FROM cases WHERE due<=? ORDER BY due LIMIT ?)"
    found = packed(db, sql, (lease.now, limit))
    if not found:
        return []
    ids = [row[0] for row in found]
    db.execute(
        "UPDATE cases SET step='submit', token=token+1, attempts=attempts+1, unsure=1, due=?, owner=? "
        f"WHERE id IN ({','.join('?' * len(ids))})",
        (lease.until, lease.owner, *ids),
    )
    for row in found:
        if row[2] == "held":
            counts[row[3], "held"] -= 1
            counts[row[3], "submit"] += 1
        row[2], row[6], row[7], row[11] = "submit", row[6] + 1, row[7] + 1, lease.until
    return [Claim(case=case, token=row[6]) for case, row in zip(case_rows.cases(db, found), found, strict=True)]


def next_due(db: apsw.Connection) -> float | None:
    """When the next case is due."""
    due: float | None = db.execute("SELECT min(due) FROM cases WHERE due IS NOT NULL").get
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
    for table in ("cases", "letters"):
        db.execute(f"UPDATE {table} SET due=?, owner=0 WHERE due IS NOT NULL AND owner=?", (now, owner))


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
    found = rows(db, sql, (which.identity, which.source_id, which.waiting))
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
        kin.forget(db, case_id)
        db.execute("INSERT INTO acts(case_id, at, by, act, words) VALUES (?,?,?,'forget',?)", (case_id, which.at, "channel", which.why))
        counts[channel, step] -= 1
        counts[channel, to] += 1
    return bool(found)


def settle(db: apsw.Connection, settlements: Sequence[Settlement], counts: Counter[tuple[str, str]]) -> list[bool]:
    """Write what became of the claims that are still ours; a part that came meanwhile sends its case round again."""
    tokens = _tokens(db, settlements)
    fine: list[bool] = []
    bound: list[Any] = []
    records: list[Any] = []
    for settlement in settlements:
        case_id = int(settlement.claim.case.case_id)
        current = tokens.get(case_id, (None, 0))
        fine.append(current[0] == settlement.claim.token)
        if not fine[-1]:
            continue
        late = settlement.step == "done" and current[1] > len(settlement.claim.case.parts)
        step, due = ("submit", 0.0) if late else (settlement.step, settlement.due.timestamp() if settlement.due else None)
        done = settlement.registration or settlement.claim.case.registration
        bound += (case_id, step, due, int(settlement.unsure), settlement.code, settlement.words)
        bound += (done.tracking_id, done.registered_at.timestamp(), done.url) if done else (None, None, None)
        counts[settlement.claim.case.arrival.channel, settlement.claim.case.step] -= 1
        counts[settlement.claim.case.arrival.channel, step] += 1
        if settlement.record is not None:
            records += (case_id, settlement.record)
        # What came meanwhile may name more: then all of it is fetched.
        if settlement.gathered is not None and current[1] == len(settlement.claim.case.parts):
            db.execute("UPDATE cases SET facts=? WHERE id=?", (msgspec.json.encode(settlement.gathered.facts).decode(), case_id))
            files.replace(db, case_id, settlement.gathered.files)
    for cut in batches(len(bound) // 9, 9):
        db.execute(
            f"WITH new AS (SELECT * FROM (VALUES {values(len(cut), 9)})) UPDATE cases SET step=column2, due=column3, owner=0, "
            "unsure=column4, code=column5, words=column6, tracking_id=column7, registered_at=column8, url=column9 "
            "FROM new WHERE id=column1",
            bound[cut.start * 9 : cut.stop * 9],
        )
    for cut in batches(len(records) // 2, 2):
        db.execute(f"INSERT OR REPLACE INTO records VALUES {values(len(cut), 2)}", records[cut.start * 2 : cut.stop * 2])
    return fine


def _tokens(db: apsw.Connection, settlements: Sequence[Settlement]) -> dict[int, tuple[int, int]]:
    """id -> (token, parts that have come) of the cases that are still claimed."""
    ids = [int(settlement.claim.case.case_id) for settlement in settlements]
    tokens: dict[int, tuple[int, int]] = {}
    for cut in batches(len(ids), 1):
        sql = f"SELECT json_group_array(json_array(id, token, come)) FROM cases WHERE owner<>0 AND id IN ({','.join('?' * len(cut))})"
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
