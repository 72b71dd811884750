"""How the embedded store's file is opened.

In: a path. Out: a connection that keeps its word on power loss, on a file with the tables of today. Reads no case.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import apsw

from gateway.store.record import StoreFault, StoreHeld
from gateway.store.tables import STEPS, VERSION

#: how long another process's transaction is waited for, in seconds
BUSY_S = 5.0
#: how long one that was turned away waits before it asks again, in seconds
AGAIN_S = 0.005


def open_store(path: Path) -> apsw.Connection:
    """Open or make the file. Raises StoreFault with one sentence that names it; StoreHeld when another has had it for `BUSY_S`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # What citizens wrote is for its owner alone; SQLite gives the files beside it the same mode. A file that is there is not opened
            # like this: to close it again would take the locks of this process's other connections from it.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        db = apsw.Connection(str(path), statementcachesize=256)
        try:
            _prepare(db, path)
        except BaseException:
            db.close()
            raise
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise StoreFault(f"{path}: not a database of the gateway ({error})") from error
    except (apsw.BusyError, apsw.LockedError) as error:
        raise StoreHeld(f"{path}: cannot be opened for writing ({error})") from error
    except (apsw.Error, OSError) as error:
        raise StoreFault(f"{path}: cannot be opened for writing ({error})") from error
    return db


def _prepare(db: apsw.Connection, path: Path) -> None:
    """Find out whether it is a store, and can be written, and bring it up to date."""
    db.set_busy_handler(_patience())
    _recognise(db, path)
    _keep_log(db)
    # FULL: the log is flushed at each commit, so that a yes outlives the power.
    for name, value in (("synchronous", "full"), ("wal_autocheckpoint", _log_pages(path)), ("cache_size", -8000)):
        db.pragma(name, value)
    # A transaction that begins by reading cannot become a writing one once another process has written: take the lock at once.
    db.transaction_mode = "IMMEDIATE"
    with db:
        # asked under the lock: another process may have made it, or brought it up to date, a moment ago
        version: int = db.pragma("user_version")
        for number, step in enumerate(STEPS[version:], version + 1):
            db.execute(step)
            db.pragma("user_version", number)
        # A file that can be read but not written shows it only at the first write: find out now.
        db.execute("INSERT OR REPLACE INTO cursors VALUES ('opened', '')")


def _keep_log(db: apsw.Connection) -> None:
    """Write ahead. Of those who would begin a log at the same time SQLite turns away all but one, and does not ask how patient they are."""
    ends = time.monotonic() + BUSY_S
    while True:
        try:
            db.pragma("journal_mode", "wal")
            return
        except apsw.BusyError:
            if time.monotonic() >= ends:
                raise
        time.sleep(AGAIN_S)


def _recognise(db: apsw.Connection, path: Path) -> None:
    """A newer file, or one of another program, is left as it is. Raises StoreFault."""
    # both at one instant: another process may be making it
    version, tables = db.execute("SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version").get
    if version > VERSION:
        raise StoreFault(f"{path}: written by a newer version of the gateway (schema {version}, this one knows {VERSION})")
    if version == 0 and tables:
        raise StoreFault(f"{path}: a database of another program")


def _log_pages(path: Path) -> int:
    """How long the log may grow before it is worked into the file: a large one is quick, but on a small disk it would take the room
    that the file itself needs for that, and neither could ever move again."""
    disk = os.statvfs(path.parent)
    return max(min(8000, disk.f_blocks * disk.f_frsize // 16 // 4096), 100)


def _patience() -> Callable[[int], bool]:
    """Wait for another process's transaction. It takes a few milliseconds, so it is asked for more often than SQLite's own handler does."""
    began = 0.0

    def wait(tried: int) -> bool:
        nonlocal began
        began = time.monotonic() if tried == 0 else began
        time.sleep(0.00005)
        return time.monotonic() - began < BUSY_S

    return wait
