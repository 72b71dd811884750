"""The file of the embedded ledger: an append-only book in SQLite in which each entry is chained to the one before.

In: records as JSON text, and the time. Out: entries, and what is wrong with the chain. Blocking; `embedded.py` calls it from its
one thread. It never changes or removes an entry, never reads a clock and never looks into a record.

Each statement is one step with one row as its result: SQLite gives up the interpreter at every step, and beside a busy event loop
it waits up to 5 ms to get it back. Hence the multi-row INSERTs and the JSON aggregates.

The chain shows that an entry was altered, removed or put in between. It cannot show that the newest entries were cut off, as an
old backup does: compare the last tracking id with what citizens were told.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal, cast

import apsw
import msgspec

SCHEMA_VERSION = 1
#: "LAPO": tells our file from any other SQLite file
APPLICATION_ID = 0x4C41504F
#: Tracking ids go up in steps of 11: then no single wrong digit and no swap of neighbours turns one into another (a difference of
#: d * 10**n or 9 * d * 10**n is never a multiple of 11), though they have no check digit. Seven digits, eight after 818,181 entries.
FIRST_TRACKING_ID, TRACKING_STEP = 1_000_000, 11

SCHEMA = f"""
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, tracking_id TEXT NOT NULL, reference TEXT NOT NULL,
    at TEXT NOT NULL, record TEXT NOT NULL, hash BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX registration_by_reference ON entries (reference) WHERE kind = 'registration';
CREATE INDEX entry_by_tracking_id ON entries (tracking_id, seq);
CREATE TRIGGER no_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER no_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""
HEAD = "SELECT ifnull(max(seq), 0), ifnull((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), x'') FROM entries"
KNOWN = """SELECT json_group_object(reference, json_array(tracking_id, at)) FROM entries
    WHERE kind = 'registration' AND reference IN (SELECT value FROM json_each(?))"""
LATEST = """SELECT e.tracking_id, e.record FROM entries r JOIN entries e ON e.tracking_id = r.tracking_id
    WHERE r.kind = 'registration' AND r.reference = ? ORDER BY e.seq DESC LIMIT 1"""
PAGE = """SELECT json_group_array(json_array(seq, kind, tracking_id, reference, at, json(record)) ORDER BY seq DESC)
    FROM (SELECT * FROM entries WHERE seq < ? ORDER BY seq DESC LIMIT ?)"""
OF_TRACKING_ID = """SELECT json_group_array(json_array(seq, kind, tracking_id, reference, at, json(record)) ORDER BY seq)
    FROM entries WHERE tracking_id = ?"""
APPEND, APPENDED = "INSERT INTO entries (seq, kind, tracking_id, reference, at, record, hash) VALUES ", "(?,?,?,?,?,?,?)"

Kind = Literal["registration", "amendment"]


class Entry(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One line of the book. An amendment bears the tracking id of the registration that it amends."""

    seq: int
    kind: Kind
    tracking_id: str
    reference: str
    at: datetime
    #: the canonical record, as JSON
    record: msgspec.Raw


class Written(msgspec.Struct, frozen=True, array_like=True):
    """What a registration is called, and when it was made."""

    tracking_id: str
    at: datetime


class ChainFault(msgspec.Struct, frozen=True, kw_only=True):
    """The first entry at which the book no longer proves itself."""

    seq: int
    words: str


class Head(msgspec.Struct, frozen=True):
    """The end of the chain, to which the next entry is tied."""

    seq: int
    hash: bytes


_read_known = msgspec.json.Decoder(dict[str, Written]).decode
_read_entries = msgspec.json.Decoder(tuple[Entry, ...]).decode
_write = msgspec.json.encode


class Book:
    """The open file."""

    def __init__(self, path: Path) -> None:
        """Open, or begin, the book at `path`. Raises ValueError naming the file when it cannot be used."""
        self._db = _open(path)
        self._head = self._read_head()

    def register(self, records: Mapping[str, str], at: datetime) -> dict[str, Written]:
        """Write the records by reference, all or none; a reference that is in the book keeps its first registration."""
        try:
            # nearly always: all are new, nobody else writes, and one statement is the whole transaction
            written, head = self._append("registration", records, at)
        except apsw.ConstraintError:
            with self._transaction():
                known = self._known(list(records))
                self._head = self._read_head()
                new = {reference: record for reference, record in records.items() if reference not in known}
                written, head = self._append("registration", new, at) if new else ({}, self._head)
            written |= known
        self._head = head
        return written

    def amend(self, reference: str, record: str, at: datetime) -> bool:
        """Add an amendment, unless the newest entry says the same already; False when the reference is not in the book."""
        with self._transaction():
            latest = self._db.execute(LATEST, (reference,)).fetchone()
            if latest is None or latest[1] == record:
                return latest is not None
            self._head = self._read_head()
            _, head = self._append("amendment", {reference: record}, at, tracking_id=str(latest[0]))
        self._head = head
        return True

    def find(self, reference: str) -> Written | None:
        """The registration of a reference."""
        return self._known([reference]).get(reference)

    def entries(self, tracking_id: str) -> tuple[Entry, ...]:
        """The registration of a tracking id and its amendments, oldest first; empty when there is none."""
        return _read_entries(self._value(OF_TRACKING_ID, tracking_id))

    def page(self, before: int, limit: int) -> tuple[Entry, ...]:
        """Up to `limit` entries older than the entry `before`, newest first."""
        return _read_entries(self._value(PAGE, before, limit))

    def touch(self) -> None:
        """Raises when the book could not be written to now."""
        with self._transaction():
            pass

    def close(self) -> None:
        """Close the file; SQLite folds its log into it."""
        self._db.close()

    def _append(self, kind: Kind, records: Mapping[str, str], at: datetime, *, tracking_id: str = "") -> tuple[dict[str, Written], Head]:
        """Write entries behind `self._head`; the new head counts once the transaction has."""
        written: dict[str, Written] = {}
        values: list[str | int | bytes] = []
        seq, chained, stamp = self._head.seq, self._head.hash, at.isoformat()
        for reference, record in records.items():
            seq += 1
            number = tracking_id or str(FIRST_TRACKING_ID + TRACKING_STEP * seq)
            chained = link(chained, (seq, kind, number, reference, stamp, record))
            values += seq, kind, number, reference, stamp, record, chained
            written[reference] = Written(number, at)
        self._db.execute(APPEND + ",".join([APPENDED] * len(records)), values)
        return written, Head(seq, chained)

    def _known(self, references: list[str]) -> dict[str, Written]:
        return _read_known(self._value(KNOWN, _write(references).decode()))

    def _read_head(self) -> Head:
        return Head(*cast(tuple[int, bytes], self._db.execute(HEAD).fetchone()))

    def _value(self, statement: str, *bindings: str | int) -> str:
        return cast(str, self._db.execute(statement, bindings).get)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            # a full disk may have rolled back by itself
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


def link(previous: bytes, fields: tuple[int, Kind, str, str, str, str]) -> bytes:
    """The hash of an entry: over the hash before it and all its fields, as JSON so that no two entries read alike."""
    return hashlib.sha256(previous + _write(fields)).digest()


def verify(path: Path) -> ChainFault | None:
    """Read the whole book and say where it first fails to prove itself; None when it holds, or is not begun.

    Raises ValueError naming the file when it is not a book at all.
    """
    if not path.exists():
        return None
    db = _open(path, apsw.SQLITE_OPEN_READONLY)
    seq, chained = 0, b""
    try:
        for *fields, stored in db.execute("SELECT seq, kind, tracking_id, reference, at, record, hash FROM entries ORDER BY seq"):
            seq += 1
            if fields[0] != seq:
                return ChainFault(seq=seq, words="an entry was removed here")
            chained = link(chained, cast(tuple[int, Kind, str, str, str, str], tuple(fields)))
            if chained != stored:
                return ChainFault(seq=seq, words="this entry was altered after it was written")
    except apsw.CorruptError:
        return ChainFault(seq=seq + 1, words="the file is damaged")
    finally:
        db.close()
    return None


def _open(path: Path, flags: int = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE) -> apsw.Connection:
    writing = bool(flags & apsw.SQLITE_OPEN_READWRITE)
    try:
        if writing:
            # the book names citizens: only its owner reads it, and SQLite gives its side files the same mode
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        db = apsw.Connection(str(path), flags=flags)
        try:
            _recognise(db, path, writing)
        except BaseException:
            db.close()
            raise
    except apsw.NotADBError as error:
        raise ValueError(f"{path}: not a ledger file") from error
    except (OSError, apsw.Error) as error:
        raise ValueError(f"{path}: cannot be opened ({error.strerror if isinstance(error, OSError) else error})") from error
    return db


def _recognise(db: apsw.Connection, path: Path, writing: bool) -> None:
    """Begin an empty file, accept our own, refuse any other. Raises ValueError."""
    db.set_busy_timeout(5000)
    owner, version = db.pragma("application_id"), db.pragma("user_version")
    tables = db.execute("SELECT count(*) FROM sqlite_schema").get
    if (owner, version, tables) == (0, 0, 0) and writing:
        db.pragma("journal_mode", "wal")
        db.execute(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT")
    elif owner != APPLICATION_ID:
        raise ValueError(f"{path}: a database of another program, not a ledger file")
    elif cast(int, version) > SCHEMA_VERSION:
        raise ValueError(f"{path}: written by a newer version of the gateway (schema {version}, this one knows {SCHEMA_VERSION})")
    if writing:
        # WAL alone may lose the last commits when the power goes; FULL flushes each
        db.execute("PRAGMA synchronous = FULL")
