"""The Redis store under test, on a server of its own in the test's folder.

In: a folder. Out: an open store, a copy of what its server's disk holds at an instant, and trouble made on purpose. The server is stopped
with the store, as hard as a power cut, so that whatever a later one has was on disk.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from gateway.store.redis import RedisStore, opened
from tests.fakes.redis_server import DURABLE, Server

#: the servers of this process, by folder, and how many stores are open on each
_running: dict[Path, tuple[Server, int]] = {}


@asynccontextmanager
async def plain(folder: Path, most_letters: int) -> AsyncIterator[RedisStore]:
    with served(folder) as server:
        async with opened(server.url, most_letters=most_letters, beside=folder / "gateway") as store:
            yield store


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """The server of a folder: the one that runs, else one that is started."""
    server, users = _running.get(folder) or (_started(folder), 0)
    _running[folder] = server, users + 1
    try:
        yield server
    finally:
        server, users = _running.pop(folder)
        if users > 1:
            _running[folder] = server, users - 1
        else:
            server.kill()


def _started(folder: Path) -> Server:
    server = Server(folder / "redis", *DURABLE)
    server.start()
    return server


def copied(folder: Path, into: Path) -> None:
    """What its disk holds now."""
    shutil.copytree(folder / "redis" / "appendonlydir", into / "redis" / "appendonlydir")


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """It has no memory for anything more."""
    server, _ = _running[folder]
    with server.client() as client:
        client.config_set("maxmemory", 1)
        try:
            yield
        finally:
            client.config_set("maxmemory", 0)
