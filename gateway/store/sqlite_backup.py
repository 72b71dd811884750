"""A copy of the embedded store's file, made beside a running gateway, and put back.

In: paths. Out: a file that is whole, or none. It never writes over a file.

What was put back is older than the world: a case that waits in it may have been told to the ledger since. So each of those is marked as
unsure, and its ledger is asked before it is told anything.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import apsw

from gateway.store import tables
from gateway.store.record import StoreFault
from gateway.store.sqlite_file import open_store


def backup(path: Path, into: Path) -> int:
    """How many cases are in the copy. Raises StoreFault."""
    if not path.exists():
        raise StoreFault(f"{path}: there is no store yet")
    # a connection that reads holds up nobody who writes
    return _copied(path, into)


def restore(copy: Path, path: Path) -> int:
    """Put a copy in the place of a store that is not there any more; how many of its cases wait. Raises StoreFault."""
    for there in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        if there.exists():
            raise StoreFault(f"{there}: is still there; move it away first")
    if not copy.exists():
        raise StoreFault(f"{copy}: there is no such file")
    part = _part(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part.unlink(missing_ok=True)
    _copied(copy, part)
    try:
        with closing(open_store(part)) as db:
            db.execute(f"UPDATE cases SET unsure=1 WHERE {tables.OPEN}")
            waiting: int = db.changes()
            # one file without a log, so that it can have another name
            db.pragma("journal_mode", "delete")
    except StoreFault:
        part.unlink()
        raise
    _named(part, path)
    return waiting


def _copied(source: Path, into: Path) -> int:
    if into.exists():
        raise StoreFault(f"{into}: is there already")
    part = _part(into)
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READWRITE)) as db, closing(apsw.Connection(str(part))) as copy:
            # says of a file that is no database that it is none, which the copying does not
            db.pragma("schema_version")
            with copy.backup("main", db, "main") as copying:
                copying.step(-1)  # all at one instant
            copy.pragma("journal_mode", "delete")
            if (found := copy.pragma("quick_check")) != "ok":
                raise StoreFault(f"{source}: damaged ({found.splitlines()[0]})")
            cases: int = copy.execute("SELECT count(*) FROM cases").get
        _named(part, into)
    except (apsw.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise StoreFault(f"{into}: cannot be made from {source} ({error})") from error
    return cases


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _named(part: Path, path: Path) -> None:
    """Under its name only when it is on disk."""
    for place in (part, path.parent):
        handle = os.open(place, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    part.rename(path)
    handle = os.open(path.parent, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
