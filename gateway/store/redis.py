"""The store for many machines: one Redis, or what Sentinel or a Cluster makes of several; transitions in Lua, group commit.

In: arrivals, settlements, receipts, acts. Out: futures that are done when Redis has them on disk (and on as many replicas as are to have
them), and claims. What is here says which script answers which promise; the layout stands in `lua/prelude.lua`.

All keys are of one slot: each transition is one script, atomic without a protocol of our own, and one primary does a hundred times what
a nation needs. So a Cluster gives failover, not room.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from statistics import median

import msgspec

from channels.base import Letter
from gateway.store import redis_board, redis_chronicle, redis_packing, redis_rows, redis_touched, redis_worklist
from gateway.store.arrivals import identity
from gateway.store.board import Pinned
from gateway.store.chronicle import Page
from gateway.store.fencing import Fence, Held
from gateway.store.presence import Presence
from gateway.store.record import OPEN_STEPS, Case, StoreFault, Tally
from gateway.store.redis_address import address
from gateway.store.redis_batch import Engine
from gateway.store.redis_link import Link
from gateway.store.redis_rows import seconds
from gateway.store.redis_scripts import Packing
from gateway.store.redis_shelf import RedisShelf
from gateway.store.tables import instant
from gateway.store.tallying import Ages, tallied
from gateway.store.writer import Writer


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a Redis must be, or need not be, to be used."""

    #: how many replicas must have a commit; None: one where there are several servers, else none
    replicas: int | None = None
    #: losing cases with the power is acceptable
    accept_loss: bool = False
    #: it need not be there yet
    patient: bool = False


STRICT = Terms()


@asynccontextmanager
async def opened(url: str, *, most_letters: int, beside: Path, terms: Terms = STRICT) -> AsyncIterator[RedisStore]:
    """The store at a URL, closed at the end with everything in it that was promised. Raises StoreFault.

    `beside`: a path in a folder of this machine, where its processes tell each other that they live.
    """
    try:
        where = address(url)
    except ValueError as error:
        raise StoreFault(f"[store] url: {error}") from error
    replicas = int(where.several) if terms.replicas is None else terms.replicas
    link = Link(where, replicas=replicas, accept_loss=terms.accept_loss)
    await link.open(patient=terms.patient)
    presence = Presence(beside)
    engine = Engine(link, presence, most_letters)
    writer = Writer(engine)
    store = RedisStore(writer, most_letters, str(presence.owner))

    def heard(by: str, left: str) -> None:
        if by != str(presence.owner):
            engine.stir(redis_touched.read(left))
            writer.wake()

    loop = asyncio.get_running_loop()
    loop.add_reader(presence.ear, lambda: writer.look_again(pressed=presence.hear()))
    writing = writer.begin()
    keeping = [asyncio.create_task(each) for each in (link.keep(), link.hear(heard))]
    try:
        yield store
    finally:
        await store.close()
        await asyncio.wait((writing,))
        await _ended(keeping)
        loop.remove_reader(presence.ear)
        await link.close()
        presence.close()
        await writing


async def _ended(tasks: Collection[asyncio.Task[None]]) -> None:
    """More than one word is needed: redis-py loses a cancellation that comes while it takes a connection out of its pool."""
    while tasks:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=0.1)


class RedisStore(RedisShelf):
    """See `gateway.store.base.Store`."""

    async def lease(self, name: str, holder: str, for_s: float) -> int | None:
        """See `Store.lease`."""
        token = await self._ask("lease", {"name": name, "holder": holder, "owner": self._owner, "for_s": for_s})
        return None if token is None else int(token)

    async def unlease(self, fence: Fence) -> None:
        """See `Store.unlease`."""
        await self._ask("unlease", {"fence": redis_packing.fence(fence)})

    async def leases(self) -> Sequence[Held]:
        """See `Store.leases`."""
        found = sorted(await self._ask("held", {}))
        return [
            Held(name=name.decode(), holder=holder.decode(), token=int(token), left_s=float(left_s))
            for name, holder, token, left_s in found
        ]

    async def pin(self, board: str, name: str, value: bytes, lasts_s: float | None) -> None:
        """See `Board.pin`."""
        packing = Packing()
        what = {"verb": "pin", "board": board, "name": name, "value": packing.apart(value)}
        await self._ask("board", what if lasts_s is None else {**what, "lasts_s": lasts_s}, packing)

    async def unpin(self, board: str, name: str) -> None:
        """See `Board.unpin`."""
        await self._did("board", "unpin", board=board, name=name)

    async def pinned(self, board: str) -> Mapping[str, Pinned]:
        """See `Board.pinned`."""
        return redis_board.pinned(await self._did("board", "pinned", board=board))

    async def recall(self, channel: str, name: str) -> str | None:
        """See `Store.recall`."""
        found = await self._ask("recall", {"channel": channel, "name": name})
        return None if found is None else found.decode()

    async def recalled(self, channel: str, prefix: str, limit: int) -> Mapping[str, str]:
        """See `Store.recalled`."""
        flat = await self._ask("recall", {"channel": channel, "prefix": prefix, "limit": limit})
        return {name: value.decode() for name, value in redis_rows.fields(flat).items()}

    async def latest(self, channel: str) -> datetime | None:
        """See `Store.latest`."""
        at = await self._ask("latest", {"channel": channel})
        return None if at is None else instant(float(at))

    def forget(self, channel: str, source_id: str, why: str, *, waiting: bool) -> asyncio.Future[bool]:
        """See `Store.forget`."""
        what = {"identity": str(identity(channel, source_id)), "source_id": source_id, "why": why, "waiting": waiting}
        return asyncio.ensure_future(self._forgotten(what))

    async def unanswered(self, before: datetime, limit: int) -> Sequence[Case]:
        """See `Store.unanswered`."""
        return [redis_rows.case(each) for each in await self._ask("unanswered", {"before": seconds(before), "limit": limit})]

    async def comfort(self, cases: Sequence[Case], letters: Sequence[Letter]) -> None:
        """See `Store.comfort`."""
        packing = Packing()
        written = [redis_packing.letter(each, packing) for each in letters]
        what = {"cases": [case.case_id for case in cases], "letters": written, "most": self._most_letters}
        await self._ask("comfort", what, packing)

    async def tally(self) -> Tally:
        """See `Store.tally`."""
        counts, oldest, waits, waiting, piles = await self._ask("tally", {"steps": OPEN_STEPS})
        words = sorted((*word, n) for word, n in redis_rows.counts(counts).items())
        first = {step: instant(min(map(float, found))) for step, found in zip(OPEN_STEPS, oldest, strict=True) if found}
        since = {channel.decode(): instant(float(at)) for channel, at in waiting}
        ages = Ages(first, since, redis_worklist.piles(piles), median(map(float, waits)) if waits else None)
        return tallied(words, ages)

    async def records(self, since: datetime, until: datetime, after: int, limit: int) -> Page:
        """See `Chronicle.records`."""
        return redis_chronicle.page(await self._ask("records", redis_chronicle.asked(since, until, after, limit)))

    async def _forgotten(self, what: Mapping[str, object]) -> bool:
        return bool(await self._ask("forget", what))
