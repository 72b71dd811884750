"""The SQL that keeps what arrives. Runs in the store's thread, inside its transaction.

In: arrivals, as many as there are. Out: for each, the case that it became or already was. Never commits.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import apsw
import msgspec

from channels.base import Accepted, Arrival, Enclosure, Part, Unavailable
from gateway.store import files
from gateway.store.case_rows import packed
from gateway.store.cases import Lease
from gateway.store.record import Case, Claim, Numbers
from gateway.store.tables import batches, instant, values
from normalizer.reference import write

#: with a channel's name behind it, the cursor that says when its newest arrival came
LATEST = "latest of "
#: two numbers in a row that are taken are rarer, of 55 bits, than any disaster; so many are a fault
MOST_SALT = 8
#: what came and has more bytes lies apart from its case: each claim and settlement would write it again
LARGE = 2048


class New(NamedTuple):
    """An arrival on its way in, with the identity under which it is recognised."""

    arrival: Arrival
    identity: int
    numbers: Numbers


def identity(channel: str, source_id: str) -> int:
    """63 bits; the store compares the source_id itself as well."""
    digest = hashlib.blake2b(f"{channel}\0{source_id}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


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
        unsure = "0" if lease.sorting else "column12"
        db.execute(
            "INSERT INTO cases(id, reference, identity, channel, source_id, received_at, raw, large, step, due, owner, token, attempts, "
            "unsure) SELECT column1, column2, column3, column4, column5, column6, column7, column8, 'submit', column9, column10, column11, "
            f"column12, {unsure} FROM (VALUES {values(len(cut), 12)})",
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
