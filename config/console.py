"""[console] and [console.oidc]: who may come into the operators' room, and how.

In: what a settings file says of it. Out: records. What the words mean is the console's own matter.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Role = Literal["viewer", "operator", "supervisor", "admin"]


class OidcSettings(msgspec.Struct, frozen=True, kw_only=True):
    """[console.oidc]: a house of the officers' own that says who they are."""

    #: "" when there is none
    issuer: Annotated[str, msgspec.Meta(pattern=r"^$|^https://\S+$|^http://127\.0\.0\.1(:\d+)?(/\S*)?$", description="https://…")] = ""
    client_id: str = ""
    client_secret: str = ""
    scope: str = "openid profile"
    #: where in its token the words stand that mean a role; dots lead further in, as in "realm_access.roles"
    claim: Annotated[str, msgspec.Meta(min_length=1)] = "groups"
    #: what these words mean here; who has none of them does not come in
    roles: dict[str, Role] = {}

    def __repr__(self) -> str:
        """Without the secret: settings end up in tracebacks."""
        return f"OidcSettings(issuer={self.issuer!r})"

    def __post_init__(self) -> None:
        """Half a house is none."""
        if self.issuer and not (self.client_id and self.client_secret and self.roles):
            raise ValueError("with an issuer come client_id, client_secret (or client_secret_file) and roles")


class ConsoleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """[console]"""

    #: how officers' browsers reach it, without a slash at its end; "" as they write it
    url: Annotated[str, msgspec.Meta(pattern=r"^$|^https?://[^\s/]+$", description="https://… without a path")] = ""
    #: minutes in which one may do nothing before he is asked who he is again
    idle_min: Annotated[float, msgspec.Meta(gt=0, le=240)] = 15
    #: hours that one stays signed in at most
    longest_h: Annotated[float, msgspec.Meta(gt=0, le=24)] = 12
    #: who has at least this role must show a second proof
    second_proof: Literal["viewer", "operator", "supervisor", "admin", "nobody"] = "supervisor"
    oidc: OidcSettings = OidcSettings()

    def __post_init__(self) -> None:
        """The other house must know where to send browsers back to."""
        if self.oidc.issuer and not self.url:
            raise ValueError("url is missing; with [console.oidc] the other house must know where to send officers back to")
