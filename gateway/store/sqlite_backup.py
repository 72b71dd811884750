"""A copy of the embedded store's file, made beside a running gateway, and put back.

In: paths. Out: a file that is whole, or none. It never writes over a file.

What was put back is older than the world: a case that waits in it may have been told to the ledger since. So each of those is marked as
unsure, and its ledger is asked before it is told anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import apsw

from gateway.store import tables
from gateway.store.presence import Presence
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
    with _made(part, path, copy):
        path.parent.mkdir(parents=True, exist_ok=True)
        _alone(path)
        _clear(part)
        _copied(copy, part)
        with closing(open_store(part)) as db:
            db.execute(f"UPDATE cases SET unsure=1 WHERE {tables.OPEN}")
            waiting: int = db.changes()
            # one file without a log, so that it can have another name
            db.pragma("journal_mode", "delete")
        _named(part, path)
    return waiting


def _copied(source: Path, into: Path) -> int:
    if into.exists():
        raise StoreFault(f"{into}: is there already")
    part = _part(into)
    with _made(part, into, source):
        _clear(part)
        os.close(os.open(part, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READWRITE)) as db, closing(apsw.Connection(str(part))) as copy:
            # says of a file that is no database that it is none, which the copying does not
            db.pragma("schema_version")
            with copy.backup("main", db, "main") as copying:
                copying.step(-1)  # all at one instant
            copy.pragma("journal_mode", "delete")
            found: str = copy.execute("PRAGMA quick_check(1)").get
            if found != "ok":
                raise StoreFault(f"{source}: damaged ({found.splitlines()[-1]})")
            cases: int = copy.execute("SELECT count(*) FROM cases").get
        _named(part, into)
    return cases


def _alone(path: Path) -> None:
    """Who still works on a file that was moved away says yes to what nobody would find again. Raises StoreFault."""
    with closing(Presence(path)) as presence:
        presence.look()
        if presence.others:
            raise StoreFault(f"{path}: a process works on the store that was here; stop the gateway first")


@contextmanager
def _made(part: Path, into: Path, source: Path) -> Iterator[None]:
    """A file under its name, or nothing of it. Raises StoreFault."""
    try:
        yield
    except (apsw.Error, OSError) as error:
        raise StoreFault(f"{into}: cannot be made from {source} ({error})") from error
    finally:
        with suppress(OSError):
            _clear(part)


def _clear(part: Path) -> None:
    """Also the logs beside it, which one who was killed has left: SQLite would work them into another file of this name."""
    for beside in ("", "-wal", "-shm", "-journal"):
        part.with_name(f"{part.name}{beside}").unlink(missing_ok=True)


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
