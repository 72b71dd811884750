"""Who did what, and when: written down before the officer hears that it is done, and never changed.

In: acts. Out: rows that can only be added, each with a hash over itself and the one before, so that a row that was changed or taken out
shows. No text, number or name of a citizen goes in: `on` is a code, a channel's name or an account's.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
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

    async def broken(self) -> int | None:
        """The first row that is not as it was written, or whose forerunner is missing; None when all are. The newest that were cut off
        at the end do not show."""
        return await self._cabinet.run(_broken)


def add(db: apsw.Connection, act: Act) -> None:
    """A row, within a transaction of the caller's."""
    last = db.execute("SELECT id, chain FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    number, before = (last[0] + 1, last[1]) if last else (1, b"")
    row = (number, time.time(), act.by, act.act, act.on, act.words)
    db.execute("INSERT INTO audit VALUES(?,?,?,?,?,?,?)", (*row, _link(before, row)))


def _link(before: bytes, row: tuple[object, ...]) -> bytes:
    return blake2b(before + msgspec.json.encode(row), digest_size=32).digest()


def _broken(db: apsw.Connection) -> int | None:
    before = b""
    for place, (*row, chain) in enumerate(db.execute('SELECT id, at, by, act, "on", words, chain FROM audit ORDER BY id'), 1):
        if row[0] != place or _link(before, tuple(row)) != chain:
            return place
        before = chain
    return None
