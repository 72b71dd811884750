"""The console's own file: accounts, sessions, the audit, what was seen over time.

In: a path, the tables that each module brings. Out: a `Cabinet`, which runs one piece of work after the other in its own thread, each in
a transaction that is on disk when it returns. Commands of the terminal open the same file beside a running gateway.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import apsw

from gateway.faults import CannotStart

R = TypeVar("R")

FILE = "console.db"
#: how long one process waits for another's transaction, in milliseconds
PATIENCE_MS = 10_000


class Cabinet:
    """Use `opened`."""

    def __init__(self, db: apsw.Connection, thread: ThreadPoolExecutor) -> None:
        self._db, self._thread = db, thread

    async def run(self, work: Callable[[apsw.Connection], R]) -> R:
        """What `work` gives; all that it wrote is on disk, or nothing where it raised."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._together, work)

    def _together(self, work: Callable[[apsw.Connection], R]) -> R:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            result = work(self._db)
            self._db.execute("COMMIT")
            return result
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


@asynccontextmanager
async def opened(folder: Path, tables: Sequence[str]) -> AsyncIterator[Cabinet]:
    """The file in this folder, made when there is none, readable by its owner alone. Raises CannotStart."""
    thread, loop = ThreadPoolExecutor(1, "console"), asyncio.get_running_loop()
    try:
        db = await loop.run_in_executor(thread, _connect, folder / FILE, tables)
        try:
            yield Cabinet(db, thread)
        finally:
            # behind whatever it still does for one who has been cancelled
            await loop.run_in_executor(thread, db.close)
    finally:
        thread.shutdown()


def _connect(path: Path, tables: Sequence[str]) -> apsw.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        db = apsw.Connection(str(path))
        db.set_busy_timeout(PATIENCE_MS)
        db.pragma("journal_mode", "wal")
        db.pragma("synchronous", "full")
        for table in tables:
            db.execute(table)
    except (OSError, apsw.Error) as error:
        raise CannotStart(f"[gateway] data_dir: {path} cannot be used: {error}") from error
    return db
