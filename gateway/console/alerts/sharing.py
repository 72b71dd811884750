"""What the consoles on one store tell each other of alerts, so that each shows the same, and nothing is lost when another one judges.

In: the notes of a board, the book of this console's file. Out: what others said is in the book; what they have not heard is to be pinned.
The one that judges says what is open and who has been told of it; each says what its officers took on and muted, and the last word counts.
Runs in the cabinet's thread; reads no clock.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import apsw
import msgspec

from gateway.console.alerts.book import LIFTED_S
from gateway.console.alerts.signs import Kind
from gateway.store.board import Pinned

TABLES: Final = ("CREATE TABLE IF NOT EXISTS alert_file(one INTEGER PRIMARY KEY CHECK(one=1), name TEXT NOT NULL)",)
BOARD: Final = "alerts"
BOOK: Final = "book"
#: how long the word of one who judges counts, and that somebody took an alert on, in seconds
LASTS_S: Final = 86_400.0
TOOK_S: Final = 7 * 86_400.0

#: by whoever was the first
_TAKEN: Final = """UPDATE alerts SET taken=?1, by=?2
WHERE key=?3 AND closed IS NULL AND opened=?4 AND times=?5 AND coalesce(taken>?1, 1) RETURNING id"""
_UNSAID: Final = "DELETE FROM alert_letters WHERE state='waiting' AND tries=0 AND alert IN (SELECT id FROM alerts WHERE key=?)"
#: whoever took it on did so for this time
_AS_THERE: Final = """UPDATE alerts SET figure=?1, closed=NULL, calm=NULL, told=?3, told_at=?4,
taken=iif(times=?2, taken, NULL), by=iif(times=?2, by, ''), times=?2 WHERE id=?5"""


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that is open; fields as in the book."""

    key: str
    kind: Kind
    on: str
    figure: int
    since: float
    first: float
    opened: float
    times: int
    #: who has it, and how many of the recipients, in their order, need not be told again
    have: Sequence[str]
    told: int
    told_at: float | None


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """Of the one that judges: the name of its file, when it judged, what is open."""

    file: str
    at: float
    alerts: Sequence[Open]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody sees to it, this time."""

    opened: float
    times: int
    at: float
    by: str


class Muted(msgspec.Struct, frozen=True, kw_only=True):
    """`until` is 0 when it was lifted."""

    until: float
    by: str
    words: str
    at: float


class Note(NamedTuple):
    """To be pinned."""

    name: str
    value: bytes
    lasts_s: float


def hear(db: apsw.Connection, notes: Mapping[str, Pinned], heard: datetime | None) -> None:
    """Put into the book what others say. `heard`: when what was last heard of another's book was pinned; the same again is no news."""
    said = _read(notes[BOOK], Book) if BOOK in notes and notes[BOOK].at != heard else None
    if said is not None and said.file != _file(db):
        _as_there(db, said)
    for key, taken in _notes(notes, "take", Taken):
        for (number,) in list(db.execute(_TAKEN, (taken.at, taken.by, key, taken.opened, taken.times))):
            db.execute("DELETE FROM alert_letters WHERE alert=? AND news='opened' AND state='waiting' AND tries=0", (number,))
    for key, muted in _notes(notes, "mute", Muted):
        sql = "INSERT INTO alert_muted VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET (until, by, words, at) = (?2, ?3, ?4, ?5) WHERE at<?5"
        db.execute(sql, (key, muted.until, muted.by, muted.words, muted.at))
        if muted.until:
            db.execute(_UNSAID, (key,))


def tell(db: apsw.Connection, notes: Mapping[str, Pinned], now: float, *, judged: bool) -> list[Note]:
    """What the others have not heard; `judged`: by this one, just now."""
    news = []
    there: dict[str, Taken | Muted] = {f"take {key}": taken for key, taken in _notes(notes, "take", Taken)}
    there |= {f"mute {key}": muted for key, muted in _notes(notes, "mute", Muted)}
    here: list[tuple[str, Taken | Muted, float]] = [*_taken(db), *_muted(db, now)]
    for name, ours, lasts_s in here:
        theirs = there.get(name)
        if theirs is None or _later(ours, theirs):
            news.append(Note(name, msgspec.json.encode(ours), lasts_s))
    if judged:
        book = Book(file=_file(db), at=now, alerts=list(_open(db)))
        news.append(Note(BOOK, msgspec.json.encode(book), LASTS_S))
    return news


def _later(ours: Taken | Muted, theirs: Taken | Muted) -> bool:
    """The last word about a mute counts; of two who took the same thing on, the first."""
    if isinstance(ours, Taken) and isinstance(theirs, Taken) and (ours.opened, ours.times) == (theirs.opened, theirs.times):
        return ours.at < theirs.at
    return ours.at > theirs.at


def _as_there(db: apsw.Connection, said: Book) -> None:
    """Our book as the other's: what is open, and who was told of it. It is for the other to tell them more; that something is over, which
    we have written down, we still say."""
    db.execute("DELETE FROM alert_letters WHERE state='waiting' AND news='opened'")
    db.execute("DELETE FROM alerts WHERE opened IS NULL")
    open_there = {alert.key for alert in said.alerts}
    for number, key in list(db.execute("SELECT id, key FROM alerts WHERE closed IS NULL")):
        if key not in open_there:
            db.execute("UPDATE alerts SET closed=? WHERE id=?", (said.at, number))
    for alert in said.alerts:
        number = _same(db, alert)
        db.execute(_AS_THERE, (alert.figure, alert.times, alert.told, alert.told_at, number))
        db.execute("DELETE FROM alert_letters WHERE alert=?", (number,))
        rows = [(number, who, "opened", alert.opened, alert.opened, "sent") for who in alert.have]
        db.executemany("INSERT INTO alert_letters(alert, recipient, news, asked, due, state) VALUES(?,?,?,?,?,?)", rows)


def _same(db: apsw.Connection, alert: Open) -> int:
    """Its number here."""
    known = "SELECT id FROM alerts WHERE key=? AND (closed IS NULL OR opened=?) ORDER BY closed IS NOT NULL, id DESC LIMIT 1"
    number = db.execute(known, (alert.key, alert.opened)).get
    if number is None:
        sql = 'INSERT INTO alerts(key, kind, "on", figure, since, first, opened, times) VALUES(?,?,?,?,?,?,?,?)'
        db.execute(sql, (alert.key, alert.kind, alert.on, alert.figure, alert.since, alert.first, alert.opened, alert.times))
        return db.last_insert_rowid()
    db.execute("UPDATE alerts SET since=?, first=?, opened=? WHERE id=?", (alert.since, alert.first, alert.opened, number))
    return int(number)


def _open(db: apsw.Connection) -> Iterator[Open]:
    sql = 'SELECT id, key, kind, "on", figure, since, first, opened, times, told_at FROM alerts WHERE opened IS NOT NULL AND closed IS NULL'
    names = ("key", "kind", "on", "figure", "since", "first", "opened", "times", "told_at")
    for number, *row in list(db.execute(sql)):
        of_it = "SELECT recipient, state FROM alert_letters WHERE alert=? AND news='opened' ORDER BY id"
        letters = [(str(who), str(state)) for who, state in db.execute(of_it, (number,))]
        told = next((place for place, (_, state) in enumerate(letters) if state == "waiting"), len(letters))
        have = [who for who, state in letters if state == "sent"]
        facts = dict(zip(names, row, strict=True)) | {"have": have, "told": told}
        if not told:
            facts["told_at"] = None
        yield msgspec.convert(facts, Open)


def _taken(db: apsw.Connection) -> Iterator[tuple[str, Taken, float]]:
    sql = "SELECT key, opened, times, taken, by FROM alerts WHERE closed IS NULL AND opened IS NOT NULL AND taken IS NOT NULL"
    for key, opened, times, at, by in list(db.execute(sql)):
        yield f"take {key}", Taken(opened=opened, times=times, at=at, by=by), TOOK_S


def _muted(db: apsw.Connection, now: float) -> Iterator[tuple[str, Muted, float]]:
    for key, until, by, words, at in list(db.execute("SELECT key, until, by, words, at FROM alert_muted")):
        lasts_s = (until or at + LIFTED_S) - now
        if lasts_s > 0:
            yield f"mute {key}", Muted(until=until, by=by, words=words, at=at), lasts_s


def _notes(notes: Mapping[str, Pinned], word: str, of: Any) -> Iterator[tuple[str, Any]]:
    for name, note in notes.items():
        what, _, key = name.partition(" ")
        if what == word and (said := _read(note, of)) is not None:
            yield key, said


def _read(note: Pinned, of: Any) -> Any:
    """None: a console of another version wrote it, and it is not for us."""
    try:
        return msgspec.json.decode(note.value, type=of)
    except msgspec.DecodeError:
        return None


def _file(db: apsw.Connection) -> str:
    """What this console's file is called, so that the processes of one machine, which share it, are one."""
    db.execute("INSERT OR IGNORE INTO alert_file VALUES(1, ?)", (secrets.token_hex(8),))
    return str(db.execute("SELECT name FROM alert_file").get)
