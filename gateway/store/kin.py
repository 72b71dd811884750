"""The SQL on what cases have in common. Runs in the store's thread, inside its transaction.

In: likenesses. Out: for each, the cases that share a key with it and were written down before it. It decides nothing: `normalizer.kin`
says what two likenesses mean. Never commits.

Links go from the case that was written down later to the earlier one, so that an attempt which is repeated finds what it found before,
and of two processes that work at once one sees the other's. Keys lie together by time, each kind for as long as it is looked for: what
comes in touches a small part of the table, and what is old goes in steps, a few rows with each batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import apsw
import msgspec

from gateway.store import talk
from gateway.store.case_rows import packed
from gateway.store.kinship import KINDS, NEWEST, Found, Search, by_kind
from gateway.store.tables import batches, instant, values
from gateway.store.tracking import holders
from normalizer.likeness import Kin, Likeness
from normalizer.reference import write

#: rows that are taken out for each that goes in, until nothing old is left
OLD_FOR_NEW = 4

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Likeness).decode


class Mark(NamedTuple):
    """A likeness as it is written down; `at` in seconds."""

    id: int
    at: float
    written: bytes
    search: Search


def find(db: apsw.Connection, searches: Sequence[Search], now: float) -> list[Found]:
    """Write the likenesses down, unless they are, and find whom each knows."""
    marks = _written_down(db, searches, now)
    shared = _shared(db, marks)
    kin = _kin(db, {other for ids in shared for other in ids})
    asked = talk.asked(db, [(search.channel, search.sender) for search in searches if search.sender], now)
    return [
        Found(
            kin=tuple(kin[other] for other in ids if other in kin),
            references=_references(db, mark.search) if _names(mark.search) else {},
            asked=asked.get((mark.search.channel, mark.search.sender), ""),
        )
        for mark, ids in zip(marks, shared, strict=True)
    ]


def forget(db: apsw.Connection, case_id: int) -> None:
    """As if it had never been compared."""
    found = list(db.execute("SELECT id, at, likeness FROM likenesses WHERE case_id=?", (case_id,)))
    for number, at, written in found:
        _unlink(db, number, at, written)
        db.execute("DELETE FROM likenesses WHERE id=?", (number,))


def link(db: apsw.Connection, written: Iterable[Mapping[str, Any]]) -> None:
    """Likenesses that came as whole rows are found again."""
    for row in written:
        for where in _rows(_decode(row["likeness"]), row["at"]):
            db.execute("INSERT OR IGNORE INTO kin VALUES (?,?,?,?)", (*where, row["id"]))


def _written_down(db: apsw.Connection, searches: Sequence[Search], now: float) -> list[Mark]:
    known = _known(db, [int(search.case_id) for search in searches])
    next_id = (db.execute("SELECT max(id) FROM likenesses").get or 0) + 1
    marks: list[Mark] = []
    fresh: list[Mark] = []
    for search in searches:
        case_id, written, at = int(search.case_id), _encode(search.likeness), search.received_at.timestamp()
        before = known.get(case_id)
        mark = Mark(before[0] if before else next_id, at, written, search)
        marks.append(mark)
        if before is None:
            next_id += 1
            fresh.append(mark)
        elif before[2] != written:  # a late part, or what a person read in it
            _unlink(db, *before)
            db.execute("UPDATE likenesses SET at=?, likeness=? WHERE id=?", (at, written, mark.id))
            _link(db, [mark])
        known[case_id] = (mark.id, at, written)
    _insert(db, fresh)
    _link(db, fresh)
    if fresh:
        _prune(db, now, OLD_FOR_NEW * len(fresh))
    return marks


def _known(db: apsw.Connection, case_ids: Sequence[int]) -> dict[int, tuple[int, float, bytes]]:
    known: dict[int, tuple[int, float, bytes]] = {}
    for cut in batches(len(case_ids), 1):
        marks = ",".join("?" * len(cut))
        sql = f"SELECT json_group_array(json_array(case_id, id, at, hex(likeness))) FROM likenesses WHERE case_id IN ({marks})"
        for case_id, number, at, written in packed(db, sql, case_ids[cut.start : cut.stop]):
            known[case_id] = (number, at, bytes.fromhex(written))
    return known


def _insert(db: apsw.Connection, marks: Sequence[Mark]) -> None:
    for cut in batches(len(marks), 4):
        bound: list[object] = []
        for mark in marks[cut.start : cut.stop]:
            bound += (mark.id, int(mark.search.case_id), mark.at, mark.written)
        db.execute(f"INSERT INTO likenesses VALUES {values(len(cut), 4)}", bound)


def _link(db: apsw.Connection, marks: Sequence[Mark]) -> None:
    bound: list[int] = []
    for mark in marks:
        for row in _rows(mark.search.likeness, mark.at):
            bound += (*row, mark.id)
    for cut in batches(len(bound) // 4, 4):
        db.execute(f"INSERT OR IGNORE INTO kin VALUES {values(len(cut), 4)}", bound[cut.start * 4 : cut.stop * 4])


def _unlink(db: apsw.Connection, number: int, at: float, written: bytes) -> None:
    for row in _rows(_decode(written), at):
        db.execute("DELETE FROM kin WHERE kind=? AND bucket=? AND key=? AND id=?", (*row, number))


def _rows(likeness: Likeness, at: float) -> Iterator[tuple[int, int, int]]:
    """Kind, bucket and key of each."""
    for kind, keys in enumerate(by_kind(likeness)):
        for key in keys:
            yield kind, int(at) // KINDS[kind].bucket_s, key


def _shared(db: apsw.Connection, marks: Sequence[Mark]) -> list[list[int]]:
    """The ids of those who share a key with each, written down before it; of each kind the newest, and newest first."""
    looks: dict[tuple[int, int, int], list[int]] = {}
    for place, mark in enumerate(marks):
        at = int(mark.at)
        for kind, keys in enumerate(by_kind(mark.search.likeness)):
            window_s, bucket_s = KINDS[kind]
            for key in keys:
                looks.setdefault((kind, (at - window_s) // bucket_s, at // bucket_s), []).extend((place, key, mark.id))
    met: dict[int, dict[int, set[int]]] = {}
    for (kind, first, last), bound in looks.items():
        for place, ids in _looked_up(db, (kind, range(first, last + 1)), bound):
            met.setdefault(place, {}).setdefault(kind, set()).update(ids)
    return [
        list(dict.fromkeys(other for ids in met[place].values() for other in sorted(ids, reverse=True)[:NEWEST])) if place in met else []
        for place in range(len(marks))
    ]


def _looked_up(db: apsw.Connection, where: tuple[int, range], bound: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """`bound`: place, key and own id, one after the other. A pass over the buckets for all of them at once: few have any kin."""
    kind, buckets = where
    for cut in batches(len(bound) // 3, 3):
        sql = (
            "SELECT json_group_array(json_array(place, json(ids))) FROM (SELECT a.column1 AS place, "
            f"(SELECT json_group_array(id) FROM (SELECT id FROM kin WHERE kind={kind} AND bucket=b.column1 AND key=a.column2 "
            f"AND id<a.column3 ORDER BY id DESC LIMIT {NEWEST})) AS ids "
            f"FROM (VALUES {values(len(cut), 3)}) a CROSS JOIN (VALUES ({'),('.join(map(str, buckets))})) b) WHERE ids<>'[]'"
        )
        yield from packed(db, sql, bound[cut.start * 3 : cut.stop * 3])


def _kin(db: apsw.Connection, ids: Iterable[int]) -> dict[int, Kin]:
    """Those that are still here."""
    wanted = list(ids)
    kin: dict[int, Kin] = {}
    for cut in batches(len(wanted), 1):
        sql = (
            "SELECT json_group_array(json_array(l.id, c.reference, l.at, hex(l.likeness))) "
            f"FROM likenesses l JOIN cases c ON c.id=l.case_id WHERE l.id IN ({','.join('?' * len(cut))})"
        )
        for number, reference, at, written in packed(db, sql, wanted[cut.start : cut.stop]):
            kin[number] = Kin(reference=write(reference), received_at=instant(at), likeness=_decode(bytes.fromhex(written)))
    return kin


def _names(search: Search) -> bool:
    return bool(search.answers or search.quotes)


def _references(db: apsw.Connection, search: Search) -> dict[str, str]:
    """The cases whose letter was answered or whose number was quoted."""
    sql = (
        "SELECT c.reference FROM provider_ids p JOIN letters l ON l.id=p.letter_id JOIN cases c ON c.id=l.case_id "
        "WHERE p.channel=? AND p.provider_id=?"
    )
    found = {answered: db.execute(sql, (search.channel, answered)).get for answered in search.answers}
    for quoted in search.quotes:
        found[quoted] = next((db.execute("SELECT reference FROM cases WHERE id=?", (id_,)).get for id_ in holders(db, quoted)), None)
    return {named: write(reference) for named, reference in found.items() if reference is not None}


def _prune(db: apsw.Connection, now: float, limit: int) -> None:
    """Take out a bounded number of what is no longer looked for."""
    for kind, (window_s, bucket_s) in enumerate(KINDS):
        db.execute(
            "DELETE FROM kin WHERE (kind, bucket, key, id) IN "
            "(SELECT kind, bucket, key, id FROM kin WHERE kind=? AND bucket<? ORDER BY bucket, key, id LIMIT ?)",
            (kind, int(now - window_s) // bucket_s, limit),
        )
    # the oldest come first, so that no more are looked at than may go
    db.execute(
        "DELETE FROM likenesses WHERE at<? AND id IN (SELECT id FROM likenesses ORDER BY id LIMIT ?)",
        (now - max(window_s for window_s, _ in KINDS), limit),
    )
