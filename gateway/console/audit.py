"""Who did what, and when: written down before the officer hears that it is done, and never changed.

In: acts. Out: rows that can only be added, each with a hash over itself and the one before, so that a row that was changed or taken out
shows. No text, number or name of a citizen goes in: `on` is a code, a channel's name or an account's.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from hashlib import blake2b

import apsw
import msgspec

from gateway.console.cabinet import Cabinet

TABLES = (
    """CREATE TABLE IF NOT EXISTS audit(
    id INTEGER PRIMARY KEY, at REAL NOT NULL, by TEXT NOT NULL, act TEXT NOT NULL, "on" TEXT NOT NULL, words TEXT NOT NULL,
    chain BLOB NOT NULL                 -- hash of this row and of the chain before it
)""",
    """CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit is never changed'); END""",
    """CREATE TRIGGER IF NOT EXISTS audit_lasts BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit is never changed'); END""",
)


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """`act` is a word like `parked.retry`, `words` a reason or a figure."""

    by: str
    act: str
    on: str = ""
    words: str = ""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A row; `at` in seconds since 1970."""

    id: int
    at: float
    act: Act
    #: of this row and of all before it
    chain: bytes


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows: "" and None ask for nothing. `act` may be the first word of several: "operators"."""

    by: str = ""
    act: str = ""
    on: str = ""
    since: float | None = None
    until: float | None = None


_ACT = ("by", "act", "on", "words")
#: rows that are looked at in one turn of the cabinet's thread
STRETCH = 2000
_STRETCH = 'SELECT id, at, by, act, "on", words, chain FROM audit WHERE id > ? ORDER BY id LIMIT ?'
_FOUND = """SELECT id, at, by, act, "on", words, chain FROM audit WHERE id < :before
AND (:by = '' OR by = :by) AND (:act = '' OR act = :act OR substr(act, 1, length(:act) + 1) = :act || '.') AND (:on = '' OR "on" = :on)
AND (:since IS NULL OR at >= :since) AND (:until IS NULL OR at < :until) ORDER BY id DESC LIMIT :limit"""


class Audit:
    """The book of one console."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet

    async def write(self, act: Act) -> None:
        """It is on disk when this returns."""
        await self._cabinet.run(lambda db: add(db, act))

    async def last(self, limit: int, before: int | None = None) -> Sequence[Written]:
        """The newest first; `before` is an id."""
        return await self.found(Filter(), limit, before)

    async def found(self, wanted: Filter, limit: int, before: int | None = None) -> Sequence[Written]:
        """Those that are wanted, the newest first; `before` is an id."""
        asked = {**msgspec.structs.asdict(wanted), "limit": limit, "before": 2**62 if before is None else before}
        rows = await self._cabinet.run(lambda db: list(db.execute(_FOUND, asked)))
        return [Written(id=id_, at=at, act=Act(**dict(zip(_ACT, act, strict=True))), chain=bytes(chain)) for id_, at, *act, chain in rows]

    async def count(self) -> int:
        """Rows there are."""
        return await self._cabinet.run(lambda db: int(db.execute("SELECT count(*) FROM audit").get))

    async def acts(self) -> Sequence[str]:
        """The words of all acts that there are."""
        return await self._cabinet.run(lambda db: [str(row[0]) for row in db.execute("SELECT DISTINCT act FROM audit ORDER BY act")])

    async def broken(self, newest: int | None = None) -> int | None:
        """The first row that is not as it was written, or whose forerunner is missing, of all or of so many of the `newest`; None when all
        are. The newest that were cut off at the end do not show. Others have their turn between two stretches of it."""
        place, chain = await self._cabinet.run(lambda db: _begin(db, newest))
        while True:
            look = partial(_looked, after=place, before=chain)
            broken, last, chain = await self._cabinet.run(look)
            if broken is not None or last == place:
                return broken
            place = last


def add(db: apsw.Connection, act: Act) -> None:
    """A row, within a transaction of the caller's."""
    last = db.execute("SELECT id, chain FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    number, before = (last[0] + 1, last[1]) if last else (1, b"")
    row = (number, time.time(), act.by, act.act, act.on, act.words)
    db.execute("INSERT INTO audit VALUES(?,?,?,?,?,?,?)", (*row, _link(before, row)))


def _link(before: bytes, row: tuple[object, ...]) -> bytes:
    return blake2b(before + msgspec.json.encode(row), digest_size=32).digest()


def _begin(db: apsw.Connection, newest: int | None) -> tuple[int, bytes]:
    """The row after which to begin, and its link; before the first row there is none."""
    last = db.execute("SELECT coalesce(max(id), 0) FROM audit").get
    at = 0 if newest is None else max(int(last) - newest, 0)
    row = db.execute("SELECT chain FROM audit WHERE id=?", (at,)).fetchone()
    return at, bytes(row[0]) if row else b""


def _looked(db: apsw.Connection, *, after: int, before: bytes) -> tuple[int | None, int, bytes]:
    """The first broken one of a stretch, its last row, and that one's link."""
    place = after
    for *row, chain in db.execute(_STRETCH, (after, STRETCH)):
        place += 1
        if row[0] != place or _link(before, tuple(row)) != chain:
            return place, place, before
        before = bytes(chain)
    return None, place, before
