"""The table [store]: where cases and letters are kept.

In: nothing. Out: a type. What a URL means is its store's matter.
"""

from __future__ import annotations

from typing import Annotated

import msgspec


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    """[store]"""

    #: sqlite:///relative/path, sqlite:////absolute/path, or a Redis: see `gateway.store.redis_address`
    url: Annotated[
        str,
        msgspec.Meta(pattern=r"^(sqlite:///|rediss?(\+sentinel|\+cluster)?://).", description="sqlite:///path or redis://host:6379/0"),
    ] = "sqlite:///var/gateway.db"
    #: how many replicas must have what a yes is said to; left out: one with +sentinel and +cluster, else none. A primary that has more is
    #: not worked with: each of them may take over
    replicas: Annotated[int, msgspec.Meta(ge=0)] | None = None
    #: a Redis that may lose what it said yes to (appendonly no, appendfsync everysec) is good enough
    accept_loss: bool = False
    #: how long after the last that happened to it a case leaves Redis for data_dir/archive; 0: never
    archive_after_days: Annotated[float, msgspec.Meta(ge=0)] = 30.0

    def __repr__(self) -> str:
        """Without the URL, which may have a password in it: settings end up in tracebacks."""
        return f"StoreSettings(replicas={self.replicas}, accept_loss={self.accept_loss})"
