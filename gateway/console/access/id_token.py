"""What another house says of an officer: an ID token of OpenID Connect, judged.

In: a token, the keys of who must have signed it, what was asked, a time. Out: who it is about and which role that is here. It calls
nobody and reads no clock. OpenID Connect Core 1.0 §3.1.3.7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway.console.roles import ROLES, Role

#: signed with a key that only the other house has: nothing that we could have signed ourselves, and nothing unsigned
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
#: seconds by which clocks of two houses may differ
_LEEWAY_S: Final = 60


class BadToken(Exception):
    """It is not to be believed; `word` says why, and nothing of it."""

    def __init__(self, word: str) -> None:
        """`word`: one of a few, for the journal."""
        super().__init__(word)
        self.word = word


class Asked(NamedTuple):
    """What the token must answer to."""

    issuer: str
    client_id: str
    nonce: str


class Told(NamedTuple):
    """Whom it is about, in the other house's words. `subject` is theirs for ever, the name may change."""

    subject: str
    name: str
    claims: Mapping[str, Any]


def judged(token: str, keys: KeySet, asked: Asked, now: int) -> Told:
    """Raises BadToken."""
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        jwt.JWTClaimsRegistry(
            now=now, leeway=_LEEWAY_S,
            iss={"essential": True, "value": asked.issuer}, aud={"essential": True, "value": asked.client_id},
            exp={"essential": True}, iat={"essential": True}, sub={"essential": True}, nonce={"essential": True, "value": asked.nonce},
        ).validate(claims)  # fmt: skip
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise BadToken(getattr(error, "error", "") or "malformed") from error
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", asked.client_id) != asked.client_id or (len(audiences) > 1 and "azp" not in claims):
        raise BadToken("made_for_another")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise BadToken("no_subject")
    name = claims.get("preferred_username") or claims.get("email") or subject
    return Told(subject, str(name), claims)


def role(claims: Mapping[str, Any], path: str, meanings: Mapping[str, Role]) -> Role | None:
    """The highest role that what stands at `path` ("groups", "realm_access.roles") means here; None when nothing there means one."""
    found: Any = claims
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    words: Sequence[Any] = found if isinstance(found, list) else [found]
    meant = {meanings[word] for word in words if isinstance(word, str) and word in meanings}
    return max(meant, key=ROLES.index, default=None)
