"""Bundles out of the Redis store, and into it.

In: the URL of a Redis, bundles. Out: bundles. It has a connection of its own, and works beside no gateway: it finds out whether one
listens. What stands where is said in `lua/prelude.lua` and `lua/bundles.lua`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.store import board, bundle, redis_board, redis_planting
from gateway.store.bundle import LOOSE, MOST_BYTES, MOVING, OWN_CURSORS, Bundle, Mark, Rows
from gateway.store.record import StoreFault
from gateway.store.redis_address import Address, address
from gateway.store.redis_checks import fit, mark
from gateway.store.redis_link import LEFT
from gateway.store.redis_planting import text
from gateway.store.redis_reading import archived, bundle_of, early, joined
from gateway.store.redis_scripts import SLOT, Call, Packing, call, script

PREFIX: Final = "{lapor}:"
#: keys that are looked at in one step, where only looking finds what there is
LOOK: Final = 5000
#: for so long a replica is waited for, in milliseconds; less than a connection waits for an answer
REPLICA_MS: Final = 4000
_SCRIPTS: Final = ("bundle", "take_in", "doubt")


#: what lies in the archive at a place, of a case; None: it is not there
Find = Callable[[str, int], Bundle | None]


@asynccontextmanager
async def movable(url: str, find: Find) -> AsyncIterator[RedisBundles]:
    """The store at a URL; `find` is asked for what it has let go of. Raises StoreFault, also when a gateway works on it."""
    try:
        where = address(url)
    except ValueError as error:
        raise StoreFault(f"{error}") from error
    try:
        async with where.client(*await where.primary()) as client:
            # how it writes is asked by the gateway that starts on it
            await fit(client, f"{where}", accept_loss=True, moving=True)
            for name in _SCRIPTS:
                await client.script_load(script(name).text)
            store = RedisBundles(client, where, find, await _changes(client))
            await store.alone()
            yield store
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreFault(f"{where}: {type(error).__name__}: {error}") from error


class RedisBundles:
    """See `bundle.Movable`."""

    def __init__(self, client: Redis, where: Address, find: Find, changes: object) -> None:
        """Use `movable`."""
        # redis-py's types leave open whether bytes or text come back
        self._client: Any = client
        self._where, self._find, self._changes = where, find, changes

    async def alone(self) -> None:
        """Raises StoreFault when a gateway listens for work that others leave there, as each does."""
        told = await self._client.pubsub_numsub(LEFT)
        if any(n for _, n in told):
            raise StoreFault(f"{self._where}: another process works on it; stop the gateway first")

    @property
    def name(self) -> str:
        """See `Movable.name`."""
        return f"{self._where}/{self._where.db}"

    async def mark(self) -> Mark | None:
        """See `Movable.mark`."""
        return await mark(self._client)

    async def set_mark(self, mark: Mark | None) -> None:
        """See `Movable.set_mark`."""
        await self.alone()
        # what is left was only read by us; a gateway that came and went would have written
        if mark is not None and mark.way == "to" and await _changes(self._client) != self._changes:
            raise StoreFault(f"{self._where}: somebody has worked on it meanwhile, or it was saved; run it again")
        if mark is None:
            await self._client.hdel(f"{PREFIX}cursors", MOVING)
        else:
            await self._client.hset(f"{PREFIX}cursors", MOVING, msgspec.json.encode(mark))

    async def count(self) -> int:
        """See `Movable.count`: ids have no gaps."""
        return await self.newest()

    async def newest(self) -> int:
        """See `Movable.newest`."""
        return int(await self._client.hget(f"{PREFIX}ids", "case") or 0)

    async def bundles(self, after: int, limit: int) -> Sequence[Bundle]:
        """See `Movable.bundles`."""
        (found,) = await self._run([call("bundle", {"after": after, "limit": limit, "bytes": MOST_BYTES})])
        return [self._whole(bundle_of(answer), archived(answer)) for answer in found]

    def _whole(self, here: Bundle, place: str) -> Bundle:
        """With what lies in the archive, under what has happened since."""
        if not place:
            return here
        there = self._find(place, here.case_id)
        if there is None:
            file = place.partition(":")[0]
            raise StoreFault(f"{self._where}: case {here.case_id} lies in {file}, which another machine has in its archive; bring it here")
        return joined(there, here)

    async def take_in(self, bundles: Sequence[Bundle]) -> None:
        """See `Movable.take_in`."""
        calls = []
        for each in bundles:
            packing = Packing()
            calls.append(packing.call("take_in", redis_planting.planted(each, packing)))
        await self._run(calls)

    async def doubt(self) -> int:
        """After it was put back from a copy: of every case that waits, its ledger may have heard since; how many these are."""
        waiting = 0
        after: int | None = 0
        while after is not None:
            ((after, more),) = await self._run([call("doubt", {"after": after, "limit": LOOK})])
            waiting += more
        return waiting

    async def _run(self, calls: Sequence[Call]) -> list[Any]:
        pipeline = self._client.pipeline(transaction=False)
        for name, args in calls:
            pipeline.execute_command("EVALSHA", script(name).digest, 1, SLOT, *args)
        return list(await pipeline.execute())

    async def rest(self) -> Rows:
        """See `Movable.rest`."""
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in LOOSE}
        for name, value in (await self._client.hgetall(f"{PREFIX}cursors")).items():
            if name.decode() not in OWN_CURSORS:
                found["cursors"].append({"name": name.decode(), "value": value.decode()})
        for name, value in (await self._client.hgetall(f"{PREFIX}counts")).items():
            channel, _, word = name.decode().rpartition("|")
            found["counts"].append({"channel": channel, "word": word, "n": int(value)})
        async for key in self._keys("notes"):
            channel = key.removeprefix(f"{PREFIX}notes:")
            notes = await self._client.hgetall(key)
            found["notes"] += [{"channel": channel, "name": name.decode(), "value": value.decode()} for name, value in notes.items()]
        for name in board.MOVING:
            notes = await self._client.hgetall(f"{PREFIX}board:{name}")
            found["board"] += [redis_board.row(name, each.decode(), text) for each, text in notes.items()]
        receipts = {key: await self._client.hgetall(key) async for key in self._keys("early")}
        found["early_receipts"] = [row for key, receipt in receipts.items() for row in early(key.removeprefix(f"{PREFIX}early:"), receipt)]
        return bundle.in_order(found)

    async def _keys(self, what: str) -> AsyncIterator[str]:
        seen = set()
        async for key in self._client.scan_iter(f"{PREFIX}{what}:*", count=LOOK):
            if key not in seen:
                seen.add(key)
                yield key.decode()

    async def waits(self) -> list[float]:
        """See `Movable.waits`."""
        return [float(wait) for wait in await self._client.lrange(f"{PREFIX}copied", 0, -1)]

    async def take_rest(self, rest: Rows, waits: Sequence[float]) -> None:
        """See `Movable.take_rest`."""
        old = [key for what in ("notes", "names", "early", "board") for key in [key async for key in self._keys(what)]]
        kept = await self._client.hget(f"{PREFIX}cursors", MOVING)
        pipeline = self._client.pipeline(transaction=True)
        pipeline.delete(f"{PREFIX}counts", f"{PREFIX}cursors", f"{PREFIX}copied", *old)
        if kept is not None:
            pipeline.hset(f"{PREFIX}cursors", MOVING, kept)
        for row in rest.get("cursors", ()):
            pipeline.hset(f"{PREFIX}cursors", row["name"], row["value"])
        for row in rest.get("counts", ()):
            pipeline.hset(f"{PREFIX}counts", f"{text(row['channel'])}|{text(row['word'])}", row["n"])
        for row in rest.get("notes", ()):
            pipeline.hset(f"{PREFIX}notes:{text(row['channel'])}", row["name"], row["value"])
            pipeline.zadd(f"{PREFIX}names:{text(row['channel'])}", {text(row["name"]): 0})
        for row in rest.get("board", ()):
            pipeline.hset(f"{PREFIX}board:{text(row['board'])}", text(row["name"]), redis_board.text(row))
        for key, receipt in redis_planting.receipts(rest.get("early_receipts", ())).items():
            pipeline.hset(f"{PREFIX}early:{key}", mapping=receipt)
            pipeline.expire(f"{PREFIX}early:{key}", redis_planting.EARLY_S)
        if waits:
            pipeline.rpush(f"{PREFIX}copied", *waits)
        await pipeline.execute()
        # where another server may take over, it must have all of this before the old store is left
        if self._where.several and not await self._client.wait(1, REPLICA_MS):
            raise StoreFault(f"{self._where}: no replica has what was moved; run it again when one is there")


async def _changes(client: Redis) -> object:
    """What differs when anything has been written; Redis begins to count anew when it saves."""
    told: Any = await client.info("persistence")
    return told["rdb_changes_since_last_save"], told["rdb_last_save_time"]
