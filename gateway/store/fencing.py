"""The records of leases: what one process at a time may do, and how a store knows whether whoever acts is still the one.

In: nothing, this file only defines. Out: types. What a store promises of them is in `base`; who takes them, and why, in `gateway.tenure`.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from channels.base import Unavailable


class Fence(NamedTuple):
    """What is done for a lease shows its token, which is greater for each new holder; a store does nothing for one that is not the last."""

    name: str
    token: int


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A lease that somebody has now."""

    name: str
    holder: str
    token: int
    #: seconds until it ends unless it is renewed, by the store's clock
    left_s: float


class LeaseLost(Unavailable):
    """Somebody else has the lease by now; nothing was done."""

    def __init__(self) -> None:
        super().__init__("lease_lost")
