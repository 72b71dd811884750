"""How often one client may do what costs us something: send a complaint, or try a code.

In: what it wants to do and its address. Out: nothing, or `TooMany` with the seconds to wait. It never keeps an address longer than
its window, and writes none down.
"""

from __future__ import annotations

import math
import time
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, Literal

from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

Act = Literal["submission", "lookup"]

#: of an IPv6 address, what belongs to one subscriber
_SUBSCRIBER_BITS: Final = 64


class TooMany(Exception):
    """One client asked too often; `retry_after` in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too_many")
        self.retry_after = retry_after


class Limiter:
    """The windows of all clients of one process."""

    def __init__(self, *, submissions_per_hour: int, lookups_per_minute: int) -> None:
        """0 is no limit."""
        # the library knows no limit of none
        self._limits = {
            "submission": RateLimitItemPerHour(submissions_per_hour) if submissions_per_hour else None,
            "lookup": RateLimitItemPerMinute(lookups_per_minute) if lookups_per_minute else None,
        }
        # not its moving window: that one sweeps all clients, a thread hop for each, at every call
        self._windows = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def spend(self, act: Act, address: str) -> None:
        """Count one. Raises TooMany."""
        limit = self._limits[act]
        if limit is None:
            return
        client = subscriber(address)
        if not await self._windows.hit(limit, act, client):
            free_at = (await self._windows.get_window_stats(limit, act, client)).reset_time
            raise TooMany(max(1, math.ceil(free_at - time.time())))


def subscriber(address: str) -> str:
    """Whose address it is: an IPv6 subscriber has 2^64 of them. What is no address is taken as it is."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed.packed[: _SUBSCRIBER_BITS // 8] + bytes(8), _SUBSCRIBER_BITS)))
