"""What a fault is. In: nothing. Out: the record that all who break something speak of."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple


class Fault(NamedTuple):
    """`lock`: who holds it breaks this thing now. `breaks` breaks, waits and heals. The greater its weight, the oftener it is drawn."""

    name: str
    weight: int
    lock: asyncio.Lock
    breaks: Callable[[], Awaitable[None]]
