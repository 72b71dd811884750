"""What moves from store to store, and into the archive: bundles, each all rows of one case.

In: rows, as a store has them. Out: the same rows in one form that every store agrees on, a checksum over it, and what a store must be
able to do so that its cases can move. It opens no store.

The form is that of the tables in `tables`: a row is its columns by name, without those that are NULL or have their default. Left out is
what belongs to a process that runs, or follows from other rows: who has a lease (what is leased is due when its lease ends, as the
tables say), where large messages lie, where likenesses are found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, Literal, NamedTuple, Protocol

import apsw
import msgspec

from gateway.store import tables

Value = int | float | str | bytes
#: a row, by the names of its columns
Row = dict[str, Value]
#: rows, by the names of their tables
Rows = dict[str, list[Row]]

#: the tables of which a case has rows, and the column that says whose a row is
OF_CASE: Final = {
    "cases": "id", "parts": "case_id", "files": "case_id", "records": "case_id", "letters": "case_id", "provider_ids": "letter_id",
    "acts": "case_id", "likenesses": "case_id", "hands": "case_id", "events": "case_id", "polls": "case_id", "questions": "case_id",
    "additions": "case_id", "enclosed": "case_id", "tries": "case_id",
}  # fmt: skip
#: those that belong to no case
LOOSE: Final = ("notes", "cursors", "counts", "early_receipts", "board")
#: those that do not move: what is in them follows from other rows, or belongs to a process that runs
LEFT: Final = frozenset({"raws", "kin", "leases"})
_LEFT_OUT: Final = frozenset({"cases.owner", "cases.large", "letters.owner", "enclosed.owner", "acts.id", "tries.id"})
#: the cursor that says that a store is being moved, or was
MOVING: Final = "moving"
#: cursors of the store itself
OWN_CURSORS: Final = frozenset({"opened", MOVING})

#: bytes that are read or written at once, but for a case that has more by itself
MOST_BYTES = 4_000_000

_KINDS: Final[Mapping[str, type]] = {"INTEGER": int, "REAL": float, "TEXT": str, "BLOB": bytes}
pack = msgspec.msgpack.Encoder(order="deterministic").encode


class Column(NamedTuple):
    """What its values are, and which one stands for itself when it is left out."""

    kind: type
    default: Value | None


class Table(NamedTuple):
    """Its columns by name, and those by which its rows are told apart and put in order."""

    columns: Mapping[str, Column]
    key: tuple[str, ...]


class Bundle(msgspec.Struct, frozen=True):
    """One case. Made by `bundle`, or read from where one was packed."""

    case_id: int
    rows: Rows

    def packed(self) -> bytes:
        """The same bytes for the same rows, whichever store they are from."""
        return pack((self.case_id, self.rows))

    def digest(self) -> bytes:
        """By which it is compared."""
        return digest(self.packed())


class Mark(msgspec.Struct, frozen=True):
    """What a store says of itself while it is moved: `from` another one, not finished; `to` another one, for good."""

    way: Literal["from", "to"]
    other: str

    @property
    def words(self) -> str:
        """Why no gateway starts on it."""
        if self.way == "from":
            return f"a move from {self.other} into it is not finished; run `gateway migrate` again"
        return f"it was moved to {self.other}, where its cases go on"


class Movable(Protocol):
    """A store from which everything can be taken, and into which it can be put. Nobody else works on it meanwhile."""

    @property
    def name(self) -> str:
        """Its address, without a password."""
        ...

    async def mark(self) -> Mark | None: ...

    async def set_mark(self, mark: Mark | None) -> None:
        """Raises StoreFault when somebody else has worked on it since it was opened."""
        ...

    async def count(self) -> int:
        """How many cases it has."""
        ...

    async def newest(self) -> int:
        """The id of its newest case, 0 without any."""
        ...

    async def bundles(self, after: int, limit: int) -> Sequence[Bundle]:
        """The cases with the next higher ids: at most `limit`, and no more than are read at once."""
        ...

    async def take_in(self, bundles: Sequence[Bundle]) -> None:
        """Keep these cases just so, in the place of what it has of them. The counts of cases are not touched."""
        ...

    async def rest(self) -> Rows:
        """What belongs to no case."""
        ...

    async def waits(self) -> Sequence[float]:
        """The last waits for a number that was given by hand, in seconds, the newest first."""
        ...

    async def take_rest(self, rest: Rows, waits: Sequence[float]) -> None:
        """Keep just this in the place of what it has of it. The waits follow from the acts, where these are in the order of time."""
        ...


@cache
def layout() -> Mapping[str, Table]:
    """The tables as this version has them; they are named in one place only, and SQLite itself knows best what that says."""
    db = apsw.Connection(":memory:")
    for step in tables.STEPS:
        db.execute(step)
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    return {name: _table(db, name) for name in names}


def _table(db: apsw.Connection, name: str) -> Table:
    found = list(db.execute(f"PRAGMA table_info({name})"))
    columns = {row[1]: Column(_KINDS[row[2]], _default(row[4])) for row in found if f"{name}.{row[1]}" not in _LEFT_OUT}
    return Table(columns, tuple(row[1] for row in sorted(found, key=lambda row: row[5]) if row[5]))


def _default(written: str | None) -> Value | None:
    if written is None:
        return None
    return written[1:-1] if written.startswith("'") else int(written)


def plain(name: str, row: Mapping[str, Any]) -> Row:
    """A row without what goes without saying."""
    columns = layout()[name].columns
    kept = {key: value for key, value in row.items() if key in columns and value is not None and value != columns[key].default}
    return {key: columns[key].kind(value) for key, value in kept.items()}


def whole(name: str, row: Row) -> dict[str, Value | None]:
    """A row with all its columns; what a newer version had besides is left out."""
    return {key: row.get(key, column.default) for key, column in layout()[name].columns.items()}


def bundle(case_id: int, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Bundle:
    """The rows of a case, put in order."""
    return Bundle(case_id, in_order(rows))


def in_order(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Rows:
    """Rows in the form that every store agrees on."""
    return {name: _sorted(name, found) for name, found in rows.items() if found}


def _sorted(name: str, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    key = layout()[name].key
    return sorted((plain(name, row) for row in rows), key=lambda row: [row.get(column) for column in key])


def unpacked(packed: bytes) -> Bundle:
    """Raises ValueError for what is no bundle."""
    try:
        case_id, rows = msgspec.msgpack.decode(packed, type=tuple[int, dict[str, list[dict[str, Any]]]])
    except msgspec.DecodeError as error:
        raise ValueError("no bundle") from error
    return Bundle(case_id, rows)


def digest(packed: bytes) -> bytes:
    """16 bytes that change with every bit of it."""
    return hashlib.blake2b(packed, digest_size=16).digest()
