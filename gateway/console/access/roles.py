"""What an officer may do: four words, each of which may what the ones before it may.

In: two roles. Out: whether one is enough for the other.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

Role = Literal["viewer", "operator", "supervisor", "admin"]

#: lowest first
ROLES: Final[tuple[Role, ...]] = get_args(Role)


def enough(has: Role, needs: Role) -> bool:
    """Whether who `has` one may do what `needs` the other."""
    return ROLES.index(has) >= ROLES.index(needs)
