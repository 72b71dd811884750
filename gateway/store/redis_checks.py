"""Whether a Redis can keep our word, asked at each new connection.

In: a server. Out: nothing, or a StoreFault of one sentence; advice. It writes nothing but the version of the layout, where there is
none, and what a later version has besides.
"""

from __future__ import annotations

from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from gateway.store.ages import WAITING
from gateway.store.bundle import MOVING, Mark
from gateway.store.record import StoreFault
from gateway.store.redis_scripts import SLOT, call, script

#: of the layout in `lua/prelude.lua`; what came first is 1
VERSION = 3
#: at so many cases is looked at once; Redis does nothing else meanwhile
LOOK = 1000
#: the oldest Redis with all that the scripts use
OLDEST = (6, 2)


#: the first that knows whether replicas have something on disk, not in memory alone
WAITS_FOR_DISKS = (7, 2)

#: how many rows a hash of what leads to cases may have before it takes several times the memory, as deploy/redis.conf sets it …
ROWS = 1024
#: … by its name, and by that of Redis 6.2; and how many such hashes there are of a kind (`lua/prelude.lua`)
_ROWS_NAMES = ("hash-max-listpack-entries", "hash-max-ziplist-entries")
_HASHES = 65_536

Version = tuple[int, ...]


async def fit(server: Redis, where: str, *, accept_loss: bool, moving: bool = False) -> Version:
    """Its version. Raises StoreFault, or redis.exceptions.RedisError and OSError when it is silent. `moving`: nobody is to work on it."""
    told: dict[str, Any] = await server.info("all")
    version = tuple(int(each) for each in str(told["redis_version"]).split(".")[:3])
    if version < OLDEST:
        raise StoreFault(f"{where}: Redis {told['redis_version']} is too old; 6.2 or newer is needed")
    if told["role"] != "master":
        raise StoreFault(f"{where}: is a replica, which takes no writes")
    if told.get("maxmemory", 0) and told.get("maxmemory_policy") != "noeviction":
        raise StoreFault(f"{where}: maxmemory-policy is {told.get('maxmemory_policy')}, which throws cases away; set it to noeviction")
    if not accept_loss:
        await _durable(server, where)
    await _known(server, where)
    if not moving:
        await _whole(server, where)
    await _brought_up(server)
    return version


async def _durable(server: Redis, where: str) -> None:
    """A yes must be on disk."""
    words = "so a yes would not be on disk; set it, or store.accept_loss = true where losing cases is acceptable"
    try:
        told = await server.config_get("append*")
    except ResponseError:
        raise StoreFault(
            f"{where}: does not say how it writes (CONFIG is forbidden), so nobody knows that a yes is on disk; "
            "allow CONFIG GET, or set store.accept_loss = true where losing cases is acceptable"
        ) from None
    if told.get("appendonly") != "yes":
        raise StoreFault(f"{where}: appendonly is {told.get('appendonly')}, not yes, {words}")
    if told.get("appendfsync") != "always":
        raise StoreFault(f"{where}: appendfsync is {told.get('appendfsync')}, not always, {words}")


async def advice(server: Redis) -> str:
    """What would cost memory one day; "" for nothing, also where CONFIG is forbidden. Raises redis.exceptions.RedisError and OSError."""
    try:
        told = await server.config_get("hash-max-*-entries")
    except ResponseError:
        return ""
    name = next((each for each in _ROWS_NAMES if each in told), "")
    rows = int(told.get(name) or ROWS)
    if rows >= ROWS:
        return ""
    return (
        f"{name} is {rows}: from some {rows * _HASHES // 1_000_000} million cases on, what leads to each takes five times the memory; "
        f"{ROWS} is advised (docs/sizing.md)"
    )


async def _known(server: Redis, where: str) -> None:
    """What is there is ours, and not newer than we are."""
    await server.set(SLOT, VERSION, nx=True)
    written = int(await server.get(SLOT) or 0)
    if written > VERSION:
        raise StoreFault(f"{where}: written by a newer version of the gateway (schema {written}, this one knows {VERSION})")


async def _brought_up(server: Redis) -> None:
    """What an older version wrote gets what it lacks. Whoever falls meanwhile, or does the same at the same time, does no harm."""
    written = int(await server.get(SLOT) or 0)
    if written < 2:
        for step in WAITING:
            for told in ("0", "1"):
                await _through(server, "ages", "0", step=step, told=told)
    if written < 3:
        await _through(server, "fold", 0)
    if written < VERSION:
        await server.set(SLOT, VERSION)


async def _through(server: Redis, name: str, first: str | int, **what: str) -> None:
    """A script, over and over, from where it says that it was."""
    after: Any = first
    while after is not None:
        made = call(name, {**what, "after": after, "look": LOOK})
        found = await server.eval(script(name).text, 1, SLOT, *made.args)
        after = found.decode() if isinstance(found, bytes) else found


async def _whole(server: Redis, where: str) -> None:
    """It was not left for another store, nor is it half of one."""
    found = await mark(server)
    if found is not None:
        raise StoreFault(f"{where}: {found.words}")


async def mark(server: Redis) -> Mark | None:
    """Whether it is being moved, or was."""
    written: Any = await server.hget("{lapor}:cursors", MOVING)
    return None if written is None else msgspec.json.decode(written, type=Mark)
