"""Whole stores by their addresses: moved, copied, put back.

In: addresses. Out: what was moved or copied; for whoever waits a bar, on standard error, where that is a terminal.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import apsw
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from gateway.archive import Archive
from gateway.faults import CannotStart
from gateway.migrate import Far, Moved, migrate
from gateway.rehearse import BadUsage
from gateway.store import redis_bundles, sqlite_backup, sqlite_bundles
from gateway.store.bundle import Movable
from gateway.store.record import StoreFault

SQLITE = "sqlite:///"


async def move(source: str, target: str, archive: Archive) -> Moved:
    """Everything, also what a Redis has let go of into an archive. Raises BadUsage or CannotStart."""
    if source.startswith(SQLITE) and target.startswith(SQLITE) and _file(source) == _file(target):
        raise CannotStart(f"{source}: cannot be moved into itself")
    try:
        async with AsyncExitStack() as stack:
            old = await stack.enter_async_context(_store(source, archive, made=False))
            new = await stack.enter_async_context(_store(target, archive, made=True))
            return await _moved(old, new, stack.enter_context(_bar()))
    except StoreFault as fault:
        # a Redis that goes away is one when it is closed
        raise CannotStart(str(fault)) from fault


async def _moved(old: Movable, new: Movable, tell: Callable[[Far], None]) -> Moved:
    """Which of the two disks has no room, or cannot be read, is in the words of the error."""
    try:
        return await migrate(old, new, tell)
    except (apsw.Error, OSError) as error:
        raise CannotStart(f"{old.name} into {new.name}: {error}; run it again when that is mended") from error


async def backup(url: str, file: Path) -> int:
    """How many cases there are in the copy. Raises BadUsage or CannotStart."""
    return await asyncio.to_thread(_told, sqlite_backup.backup, _file(url), file)


async def restore(file: Path | None, url: str) -> int:
    """How many of its cases wait. A Redis was started on a copy before. Raises BadUsage or CannotStart."""
    if url.startswith(SQLITE):
        if file is None:
            raise BadUsage("restore FILE: which one?")
        return await asyncio.to_thread(_told, sqlite_backup.restore, file, _file(url))
    if file is not None:
        raise BadUsage("restore: start Redis on the copy first, then say it without FILE; docs/operations.md says how")
    try:
        async with redis_bundles.movable(url, lambda *_: None) as store:
            return await store.doubt()
    except StoreFault as fault:
        raise CannotStart(str(fault)) from fault


def _told(act: Callable[[Path, Path], int], source: Path, into: Path) -> int:
    try:
        return act(source, into)
    except StoreFault as fault:
        raise CannotStart(str(fault)) from fault


@asynccontextmanager
async def _store(url: str, archive: Archive, *, made: bool) -> AsyncIterator[Movable]:
    if url.startswith(SQLITE):
        with sqlite_bundles.movable(_file(url), made=made) as store:
            yield store
    elif url.startswith("redis"):
        async with redis_bundles.movable(url, archive.find) as other:
            yield other
    else:
        raise BadUsage("--from, --to: expected an address like sqlite:///path or redis://host:port/db")


def _file(url: str) -> Path:
    if not url.startswith(SQLITE):
        raise BadUsage("backup: is for SQLite; docs/operations.md says how a Redis is copied")
    return Path(url.removeprefix(SQLITE)).resolve()


@contextmanager
def _bar() -> Iterator[Callable[[Far], None]]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as progress:

        def tell(far: Far) -> None:
            if far.doing not in tasks:
                tasks[far.doing] = progress.add_task(far.doing, total=far.of)
            progress.update(tasks[far.doing], completed=far.cases)

        yield tell
