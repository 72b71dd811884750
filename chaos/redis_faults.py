"""What is broken of a Redis that several hosts share, and of the network between them.

In: a site. Out: faults, of which one at a time is under way: with two of three servers gone nobody could promise anything, and the
gateway does not.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Awaitable

from chaos.fault import Fault
from chaos.network import Network, Side
from chaos.processes import Process
from chaos.redis import Redis
from chaos.site import Site

#: seconds: sentinels have agreed on another primary by then
FAILOVER_S = 4.0


class RedisFaults:
    """Of a site that has a Redis."""

    def __init__(self, site: Site, luck: random.Random) -> None:
        self._site, self._luck = site, luck

    def faults(self) -> list[Fault]:
        """None where the store is another."""
        site, one = self._site, asyncio.Lock()
        if site.redis is None:
            return []
        shared = site.redis
        faults = [
            Fault("redis: primary is killed, another takes over", 5, one, lambda: self._primary_gone(shared)),
            Fault("redis: primary is killed and restarted at once", 5, one, lambda: self._restarted(shared)),
            Fault("redis: primary is stopped and woken", 5, one, lambda: self._primary_stopped(shared)),
            Fault("redis: a replica is killed", 2, one, lambda: self._replica_killed(shared)),
            Fault("redis: a sentinel is killed", 2, one, lambda: self._killed(self._luck.choice(shared.sentinels))),
        ]
        if site.network is not None:
            cables = site.network
            faults.append(Fault("network: the primary is cut off", 5, one, lambda: self._primary_cut(shared, cables)))
            for host in site.hosts:
                for side in ("inside", "outside"):
                    faults.append(_cable(self, cables, host.name, side))
        return faults

    async def _primary_gone(self, shared: Redis) -> None:
        primary = await shared.primary()
        if primary is not None:
            primary.held = True
            primary.kill()
            await self.wait(FAILOVER_S, 2 * FAILOVER_S)
            primary.held = False

    async def _restarted(self, shared: Redis) -> None:
        primary = await shared.primary()
        if primary is not None:
            await self._killed(primary)

    async def _primary_stopped(self, shared: Redis) -> None:
        """For a moment, or until another has taken over."""
        primary = await shared.primary()
        if primary is not None:
            primary.signal(signal.SIGSTOP)
            await self.wait(*((0.1, 1) if self._luck.random() < 0.6 else (FAILOVER_S, 2 * FAILOVER_S)))
            primary.signal(signal.SIGCONT)

    async def _replica_killed(self, shared: Redis) -> None:
        primary = await shared.primary()
        await self._killed(self._luck.choice([server for server in shared.servers if server is not primary]))

    async def _killed(self, process: Process) -> None:
        process.kill()
        await self.wait(0.5, 2)

    async def _primary_cut(self, shared: Redis, cables: Network) -> None:
        """Its sentinel with it: the others elect one, and it has to learn of it when the cable is back."""
        primary = await shared.primary()
        if primary is not None:
            await self.cut(cables, primary.name.removeprefix("redis "), "inside")

    async def cut(self, cables: Network, name: str, side: Side) -> None:
        """For a moment, or for longer than any lease."""
        cables.cut(name, side)
        await self.wait(*((0.3, 3) if self._luck.random() < 0.5 else (2 * FAILOVER_S, 3 * FAILOVER_S)))
        cables.mend(name, side)

    def wait(self, shortest_s: float, longest_s: float) -> Awaitable[None]:
        """As long as luck has it."""
        return asyncio.sleep(self._luck.uniform(shortest_s, longest_s))


def _cable(faults: RedisFaults, cables: Network, name: str, side: Side) -> Fault:
    return Fault(f"network: {name} is cut off {side}", 3, asyncio.Lock(), lambda: faults.cut(cables, name, side))
