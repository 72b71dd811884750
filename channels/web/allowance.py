"""How often one client may do what costs us something: send a complaint, or try a code.

In: what it wants to do and its address. Out: nothing, or `TooMany` with the seconds to wait. It never keeps an address longer than two
of its windows, and writes none down.

Why not the `limits` package: its memory looks at every client that it knows whenever one calls, 4 ms at twenty thousand clients, and a
day on which many complain is no day to become slow. Two dictionaries that take turns forget by themselves.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, Literal

Act = Literal["submission", "lookup"]

HOUR: Final = 3600.0
MINUTE: Final = 60.0
#: clients that are counted one by one; beyond them strangers share one count, so that made-up addresses cannot fill the memory
CLIENTS: Final = 200_000
#: of an IPv6 address, what belongs to one subscriber
_SUBSCRIBER_BITS: Final = 64


class TooMany(Exception):
    """One client asked too often; `retry_after` in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too_many")
        self.retry_after = retry_after


class Limiter:
    """The windows of all clients of one process."""

    def __init__(self, *, submissions_per_hour: int, lookups_per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """0 is no limit. `clock` in seconds."""
        self._windows = {"submission": Window(submissions_per_hour, HOUR), "lookup": Window(lookups_per_minute, MINUTE)}
        self._clock = clock

    async def spend(self, act: Act, address: str) -> None:
        """Count one. Raises TooMany."""
        window = self._windows[act]
        wait_s = window.take(subscriber(address), self._clock()) if window.most else 0.0
        if wait_s:
            raise TooMany(math.ceil(wait_s))


class Window:
    """A sliding window: what was counted in this one, and of the one before as much as the sliding window still covers."""

    def __init__(self, most: int, seconds: float) -> None:
        """`most` within any `seconds`."""
        self.most, self._seconds = most, seconds
        self._turn = -1
        self._now: dict[str, int] = {}
        self._before: dict[str, int] = {}

    def take(self, client: str, now: float) -> float:
        """0 when it is counted; else the seconds to wait, and nothing is counted."""
        turn, gone = divmod(now, self._seconds)
        if turn != self._turn:
            self._before = self._now if turn == self._turn + 1 else {}
            self._now, self._turn = {}, int(turn)
        if len(self._now) >= CLIENTS and client not in self._now:
            client = ""
        counted, before = self._now.get(client, 0), self._before.get(client, 0)
        if counted + before * (1 - gone / self._seconds) + 1 <= self.most:
            self._now[client] = counted + 1
            return 0.0
        if counted < self.most:  # until enough of the one before is out of sight
            return self._seconds * (1 - (self.most - 1 - counted) / before) - gone
        return self._seconds - gone + self._seconds / counted


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
