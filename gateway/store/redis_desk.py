"""The Redis store's rarer half: what people ask and do, what waits for them, and what ledgers say.

In: acts and questions. Out: answers, when Redis has what was done. Each is one transition of its own; what comes and goes by the thousand
is in `redis`.
"""

from __future__ import annotations

from typing import Any

from gateway.store.queued import Queued
from gateway.store.redis_scripts import Packing


class RedisDesk(Queued):
    """See `gateway.store.base.Store`."""

    async def _ask(self, script: str, what: Any, packing: Packing | None = None) -> Any:
        """One transition, with the next pipeline; its answer as Redis gives it. `packing` has the bytes that `what` names."""
        return await self._writer.add("acts", (packing or Packing()).call(script, what))
