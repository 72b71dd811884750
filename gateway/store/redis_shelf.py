"""The Redis store's side of the archive.

In: what `shelf.Shelf` is asked. Out: answers, when Redis has what was done. What a stub is stands in `lua/stubs.lua`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from gateway.store import redis_planting
from gateway.store.bundle import MOST_BYTES, Bundle
from gateway.store.redis_lists import RedisLists
from gateway.store.redis_reading import bundle_of
from gateway.store.redis_rows import seconds
from gateway.store.redis_scripts import Packing
from gateway.store.shelf import Quiet, Shelved, Wanted
from gateway.store.tables import instant

#: cases that are given in one answer, and at how many is looked for them: Redis does nothing else meanwhile
MOST: Final = 50
LOOK: Final = 200


class RedisShelf(RedisLists):
    """See `gateway.store.shelf.Shelf`."""

    async def quiet(self, before: datetime) -> Sequence[Quiet]:
        """See `Shelf.quiet`."""
        found = await self._ask("quiet", {"before": seconds(before), "limit": MOST, "bytes": MOST_BYTES, "look": LOOK})
        return [Quiet(bundle_of(rows), print_.decode()) for rows, print_ in found]

    async def let_go(self, machine: str, shelved: Sequence[Shelved]) -> Sequence[int]:
        """See `Shelf.let_go`."""
        gone: list[int] = []
        for start in range(0, max(len(shelved), 1), MOST):
            few = shelved[start : start + MOST]
            kept = [[str(each.case_id), each.print, each.place] for each in few]
            done = await self._ask("shrink", {"machine": machine, "cases": kept})
            gone += [each.case_id for each, ours in zip(few, done, strict=True) if ours]
        return gone

    async def fetch(self, case_id: str) -> datetime | None:
        """See `Shelf.fetch`."""
        since = await self._ask("fetch", {"case": case_id})
        return None if since is None else instant(float(since))

    async def wanted(self, passed: int) -> Sequence[Wanted]:
        """See `Shelf.wanted`."""
        return await self._wanted(passed, passed + MOST - 1)

    async def newly_wanted(self) -> Sequence[Wanted]:
        """See `Shelf.newly_wanted`."""
        return await self._wanted(-MOST, -1)

    async def _wanted(self, first: int, last: int) -> list[Wanted]:
        found = await self._ask("wanted", {"first": first, "last": last})
        return [Wanted(int(id_), place.decode(), instant(float(at))) for id_, place, at in found]

    async def bring_back(self, bundle: Bundle) -> None:
        """See `Shelf.bring_back`."""
        packing = Packing()
        await self._ask("bring_back", redis_planting.planted(bundle, packing), packing)

    async def condemned(self, machine: str) -> Sequence[int]:
        """See `Shelf.condemned`."""
        return [int(id_) for id_ in await self._condemned(machine, ())]

    async def destroyed(self, machine: str, case_ids: Sequence[int]) -> None:
        """See `Shelf.destroyed`."""
        await self._condemned(machine, case_ids)

    async def _condemned(self, machine: str, gone: Sequence[int]) -> Any:
        return await self._ask("condemned", {"machine": machine, "gone": [str(case_id) for case_id in gone]})
