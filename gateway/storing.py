"""Which store the settings name, opened for those who run on it, look into it or mend it.

In: settings. Out: an open store, and what keeps it small. This is the one place that knows how many kinds of store there are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from config.settings import Settings
from gateway.archive import FOLDER, Archive
from gateway.archiving import Archiving
from gateway.faults import CannotStart
from gateway.journal import Journal
from gateway.store import sqlite
from gateway.store.base import Store
from gateway.store.shelf import Shelf

_EMBEDDED = "sqlite:///"


class Counted(Store, Protocol):
    """A store that can prove its counts."""

    async def recount(self) -> list[str]:
        """Where the running counts and the cases themselves differ."""
        ...


@asynccontextmanager
async def opened(settings: Settings, *, patient: bool = False) -> AsyncIterator[Counted]:
    """`patient`: a Redis that is not there yet, or a file that another program holds, is waited for in the background.

    Raises CannotStart or StoreFault.
    """
    most_letters = settings.answers.per_sender_hour
    if (path := file(settings)) is not None:
        async with sqlite.opened(path, most_letters=most_letters, patient=patient) as embedded:
            yield embedded
    else:
        # 13 MB that a gateway on a file does without
        from gateway.store import redis

        terms = redis.Terms(replicas=settings.store.replicas, accept_loss=settings.store.accept_loss, patient=patient)
        beside = folder(settings) / "redis"
        async with redis.opened(settings.store.url, most_letters=most_letters, beside=beside, terms=terms) as shared:
            yield shared


async def advice(settings: Settings) -> str:
    """What a Redis that keeps our word could do better; "" for nothing, also from one that does not answer."""
    if file(settings) is not None:
        return ""
    from redis.exceptions import RedisError

    from gateway.store import redis_checks
    from gateway.store.redis_address import address

    where = address(settings.store.url)
    try:
        async with where.client(*await where.primary()) as client:
            return await redis_checks.advice(client)
    except (RedisError, OSError):
        return ""


def shelving(settings: Settings, store: Store, journal: Journal) -> list[Coroutine[None, None, None]]:
    """What is to be run where the store lets go of cases that are over, and the settings say that it is to."""
    after = timedelta(days=settings.store.archive_after_days)
    if not after or not isinstance(store, Shelf):
        return []
    return [Archiving(store, archive(settings), journal, after=after).run()]


def archive(settings: Settings) -> Archive:
    """That of this machine."""
    return Archive(settings.gateway.data_dir / FOLDER)


def file(settings: Settings) -> Path | None:
    """Where the embedded store lies; its folder is made. None: the store is a Redis. Raises CannotStart."""
    if not settings.store.url.startswith(_EMBEDDED):
        return None
    path = Path(settings.store.url.removeprefix(_EMBEDDED))
    _made(path.parent)
    return path


def folder(settings: Settings) -> Path:
    """Whose disk has to have room for what the store on this machine writes. Raises CannotStart."""
    path = file(settings)
    return path.parent if path is not None else _made(settings.gateway.data_dir)


def named(settings: Settings) -> str:
    """The store in a sentence: without a password."""
    if settings.store.url.startswith(_EMBEDDED):
        return settings.store.url
    from gateway.store.redis_address import address

    return str(address(settings.store.url))


def _made(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"[store] url: {path} cannot be made: {error.strerror}") from error
    return path
