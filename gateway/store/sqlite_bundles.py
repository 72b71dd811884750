"""Bundles out of the embedded store's file, and into it.

In: a path, bundles. Out: bundles. It works on the file without the writer and without a loop's help: nobody else may be there, and it
finds out whether somebody was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import msgspec

from gateway.store import board, bundle, hands, sqlite_planting, tables
from gateway.store.bundle import LOOSE, MOST_BYTES, MOVING, OF_CASE, OWN_CURSORS, Bundle, Mark, Rows
from gateway.store.presence import Presence
from gateway.store.record import StoreFault
from gateway.store.sqlite_file import open_store

#: octets by which an earlier version knew a record again; they were no text
OLD_PRINT = 16
#: whose letter an id is, sorted by letter: the table itself is sorted by id
_PROVIDED = """
CREATE TEMP TABLE provided AS SELECT letter_id, channel, provider_id FROM provider_ids;
CREATE INDEX temp.provided_letter ON provided(letter_id);
"""


@contextmanager
def movable(path: Path, *, made: bool) -> Iterator[SqliteBundles]:
    """The store on a file, `made` when it is not there. Raises StoreFault, also when a gateway runs on it."""
    if not made and not path.exists():
        raise StoreFault(f"{path}: there is no store yet")
    db = open_store(path)
    presence = Presence(path)
    try:
        store = SqliteBundles(db, presence)
        store.alone()
        yield store
    finally:
        presence.close()
        db.close()


def open_for_work(path: Path) -> apsw.Connection:
    """The file, for a gateway; not one that has been left, or is not whole yet. Raises StoreFault."""
    db = open_store(path)
    if (found := mark(db)) is not None:
        db.close()
        raise StoreFault(f"{path}: {found.words}")
    return db


def mark(db: apsw.Connection) -> Mark | None:
    """Whether it is being moved, or was."""
    written = db.execute("SELECT value FROM cursors WHERE name=?", (MOVING,)).get
    return None if written is None else msgspec.json.decode(written, type=Mark)


class SqliteBundles:
    """See `bundle.Movable`."""

    def __init__(self, db: apsw.Connection, presence: Presence) -> None:
        """Use `movable`."""
        self._db, self._presence = db, presence
        self._seen = db.pragma("data_version")
        self._provided = False

    def alone(self) -> None:
        """Raises StoreFault when another process is here, or wrote here since this was opened."""
        self._presence.look()
        if self._presence.others:
            raise StoreFault(f"{self._presence.path}: another process works on it; stop the gateway first")
        # SQLite changes this number when another connection has written, and only then
        if self._db.pragma("data_version") != self._seen:
            raise StoreFault(f"{self._presence.path}: somebody has worked on it meanwhile; run it again")

    @property
    def name(self) -> str:
        """See `Movable.name`."""
        return f"sqlite:///{self._presence.path.resolve()}"

    async def mark(self) -> Mark | None:
        """See `Movable.mark`."""
        return mark(self._db)

    async def set_mark(self, mark: Mark | None) -> None:
        """See `Movable.set_mark`."""
        with self._db:
            self.alone()
            if mark is None:
                self._db.execute("DELETE FROM cursors WHERE name=?", (MOVING,))
            else:
                self._db.execute("INSERT OR REPLACE INTO cursors VALUES (?,?)", (MOVING, msgspec.json.encode(mark).decode()))

    async def count(self) -> int:
        """See `Movable.count`."""
        found: int = self._db.execute("SELECT count(*) FROM cases").get
        return found

    async def newest(self) -> int:
        """See `Movable.newest`."""
        return self._db.execute("SELECT max(id) FROM cases").get or 0

    async def bundles(self, after: int, limit: int) -> Sequence[Bundle]:
        """See `Movable.bundles`."""
        if not self._provided:
            self._db.execute(_PROVIDED)
            self._provided = True
        ids = self._next(after, limit)
        of_case: dict[int, dict[str, list[Mapping[str, Any]]]] = {case_id: {} for case_id in ids}
        letters: dict[int, int] = {}
        for name, column in OF_CASE.items():
            of = ids if name != "provider_ids" else list(letters)
            for row in self._rows("provided" if name == "provider_ids" else name, f"{column} IN ({','.join('?' * len(of))})", of):
                case_id = letters[row[column]] if name == "provider_ids" else row[column]
                if name == "letters":
                    letters[row["id"]] = case_id
                of_case[case_id].setdefault(name, []).append(row)
        return [bundle.bundle(case_id, rows) for case_id, rows in of_case.items()]

    def _next(self, after: int, limit: int) -> list[int]:
        """As many as can be read at once. SQLite knows how long a value is without reading it."""
        sql = (
            "SELECT id, length(raw) + ifnull((SELECT length(raw) FROM raws WHERE case_id=id), 0) "
            "+ ifnull((SELECT sum(length(content)) FROM files WHERE case_id=id), 0) FROM cases WHERE id>? ORDER BY id LIMIT ?"
        )
        ids: list[int] = []
        size = 0
        for case_id, more in self._db.execute(sql, (after, limit)):
            size += more
            if ids and size > MOST_BYTES:
                break
            ids.append(case_id)
        return ids

    def _rows(self, name: str, where: str, bound: Sequence[Any]) -> Iterator[dict[str, Any]]:
        order = "ORDER BY id" if name in {"acts", "tries"} else ""
        cursor = self._db.execute(f"SELECT * FROM {name} WHERE {where} {order}", bound)
        for row in cursor:
            named = dict(zip((column[0] for column in cursor.getdescription()), row, strict=True))
            if name == "cases" and named["large"]:
                named["raw"] = self._db.execute("SELECT raw FROM raws WHERE case_id=?", (named["id"],)).get
            if name == "hands" and len(named["seen"] or b"") == OLD_PRINT:
                named["seen"] = named["seen"].hex().encode()
            yield named

    async def take_in(self, bundles: Sequence[Bundle]) -> None:
        """See `Movable.take_in`."""
        with self._db:
            ids = [each.case_id for each in bundles]
            for (case_id,) in tables.rows(self._db, f"SELECT id FROM cases WHERE id IN ({','.join('?' * len(ids))})", ids):
                if self._provided:
                    self._db.execute("DELETE FROM provided WHERE letter_id IN (SELECT id FROM letters WHERE case_id=?)", (case_id,))
                sqlite_planting.clear(self._db, case_id)
            sqlite_planting.plant(self._db, bundles)
            if self._provided:
                rows = [row for each in bundles for row in each.rows.get("provider_ids", ())]
                self._db.executemany("INSERT INTO provided VALUES (:letter_id, :channel, :provider_id)", rows)

    async def rest(self) -> Rows:
        """See `Movable.rest`."""
        found = {name: list(self._rows(name, "1", ())) for name in LOOSE}
        found["board"] = [row for row in found["board"] if row["board"] in board.MOVING]
        found["cursors"] = [row for row in found["cursors"] if row["name"] not in OWN_CURSORS]
        return bundle.in_order(found)

    async def waits(self) -> Sequence[float]:
        """See `Movable.waits`."""
        return hands.waits(self._db)

    async def take_rest(self, rest: Rows, waits: Sequence[float]) -> None:
        """See `Movable.take_rest`. The waits are looked up among the acts."""
        with self._db:
            for name in LOOSE:
                kept = f" WHERE name NOT IN ({','.join(map(repr, sorted(OWN_CURSORS)))})" if name == "cursors" else ""
                self._db.execute(f"DELETE FROM {name}{kept}")
                sqlite_planting.insert(self._db, name, rest.get(name, ()))
