"""What officers may: four roles, each of which may do what the ones before it may."""

from __future__ import annotations

from typing import Final, Literal

Role = Literal["viewer", "operator", "supervisor", "admin"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "operator", "supervisor", "admin")


def may(role: Role, needed: Role) -> bool:
    """Whether one role does for another."""
    return ROLES.index(role) >= ROLES.index(needed)
