"""On what terms officers come in: what the wiring takes from the settings.

In: nothing. Out: records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.console.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherHouse:
    """One that says who an officer is, by OpenID Connect."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    #: where in its token the words stand that mean a role here: "groups", "realm_access.roles"
    claim: str
    roles: Mapping[str, Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`second_proof`: who has at least this role must show one; None: nobody must."""

    #: how officers' browsers reach the console; "" as they write it
    url: str = ""
    #: seconds in which one may do nothing, and that a session lasts at most
    idle_s: float = 15 * 60
    longest_s: float = 12 * 3600
    second_proof: Role | None = "supervisor"
    elsewhere: OtherHouse | None = None

    @property
    def secure(self) -> bool:
        """Whether cookies go over TLS alone."""
        return self.url.startswith("https://")
