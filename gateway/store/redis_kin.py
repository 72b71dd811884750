"""What cases have in common, as the Redis store asks and answers it.

In: searches. Out: what stands for them in a call of `kin`, and what its answer says. It talks to no server.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.store.kinship import Found, Search
from gateway.store.redis_scripts import Packing


def asking(searches: Sequence[Search], _salts: Sequence[int], packing: Packing) -> Any:
    """What `kin` reads."""
    raise NotImplementedError


def found(answer: Any) -> list[Found]:
    """Whom each met."""
    raise NotImplementedError
