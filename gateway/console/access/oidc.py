"""Signing in at a house of the officers' own: OpenID Connect, the authorization code with PKCE.

In: an issuer's address and what it gave us. Out: an address to send a browser to, and, when it is back with a code, the word of the other
house about who it is. It believes nothing that is not signed, follows no redirect, and keeps no token.
OpenID Connect Core 1.0 §3.1, Discovery 1.0 §4, RFC 7636, RFC 9207.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from urllib.parse import quote_plus, urlencode

import aiohttp
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway.console.access.id_token import Asked, BadToken, Told, judged

#: seconds for one call
_PATIENCE: Final = aiohttp.ClientTimeout(total=10)
#: of one answer
_LARGEST: Final = 2**18
#: seconds for which what an issuer says of itself, and its keys, are taken as known
_KNOWN_S: Final = 3600.0
#: seconds between two looks for keys that were not there before
_AGAIN_S: Final = 30.0

T = TypeVar("T")


class Client(Protocol):
    """What the other house knows of us."""

    @property
    def issuer(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def client_secret(self) -> str: ...
    @property
    def scope(self) -> str: ...


class NoAnswer(Exception):
    """The other house is away, or says what nobody understands."""


class Discovered(msgspec.Struct, frozen=True):
    """What an issuer says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class Granted(msgspec.Struct, frozen=True):
    """What it gives for a code; access tokens are not for us."""

    id_token: str


class Leave(NamedTuple):
    """A browser leaves for the other house: where to, and what it must be known by when it is back."""

    url: str
    state: str
    nonce: str
    verifier: str


class Issuer:
    """The other house."""

    def __init__(self, client: Client, back: str, *, clock: Callable[[], float] = time.time) -> None:
        """`back`: where it sends browsers back to. Nothing is asked yet."""
        self._client, self._back, self._clock = client, back, clock
        self._said: tuple[float, Discovered] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def leave(self) -> Leave:
        """Raises NoAnswer."""
        said = await self._discovered()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code", "client_id": self._client.client_id, "redirect_uri": self._back, "scope": self._client.scope,
            "state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        joint = "&" if "?" in said.authorization_endpoint else "?"
        return Leave(said.authorization_endpoint + joint + urlencode(asked), state, nonce, verifier)

    async def told(self, code: str, nonce: str, verifier: str) -> Told:
        """Who came back. Raises NoAnswer and BadToken."""
        said = await self._discovered()
        token = (await self._granted(said, code, verifier)).id_token
        asked, now = Asked(self._client.issuer, self._client.client_id, nonce), int(self._clock())
        try:
            return judged(token, await self._key_set(said), asked, now)
        except BadToken:
            # a house that changes its keys signs with new ones at once
            if self._keys is None or self._clock() - self._keys[0] < _AGAIN_S:
                raise
        self._keys = None
        return judged(token, await self._key_set(said), asked, now)

    async def _discovered(self) -> Discovered:
        if self._said is None or self._clock() - self._said[0] > _KNOWN_S:
            url = self._client.issuer.rstrip("/") + "/.well-known/openid-configuration"
            said = await self._asked("GET", url, Discovered)
            if said.issuer != self._client.issuer:  # Discovery §4.3: else one issuer could speak for another
                raise NoAnswer("issuer")
            self._said = (self._clock(), said)
        return self._said[1]

    async def _key_set(self, said: Discovered) -> KeySet:
        if self._keys is None or self._clock() - self._keys[0] > _KNOWN_S:
            found = await self._asked("GET", said.jwks_uri, dict[str, Any])
            try:
                signing = [key for key in found["keys"] if key.get("use", "sig") == "sig"]
                self._keys = (self._clock(), KeySet.import_key_set({"keys": signing}))
            except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
                raise NoAnswer("keys") from error
        return self._keys[1]

    async def _granted(self, said: Discovered, code: str, verifier: str) -> Granted:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._back, "code_verifier": verifier}
        client_id, secret = self._client.client_id, self._client.client_secret
        if "client_secret_basic" in said.token_endpoint_auth_methods_supported:
            shown = aiohttp.encode_basic_auth(quote_plus(client_id), quote_plus(secret))  # RFC 6749 §2.3.1
            return await self._asked("POST", said.token_endpoint, Granted, form=form, headers={"Authorization": shown})
        return await self._asked("POST", said.token_endpoint, Granted, form={**form, "client_id": client_id, "client_secret": secret})

    async def _asked(
        self, method: str, url: str, into: type[T], *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> T:
        try:
            async with (
                aiohttp.ClientSession(timeout=_PATIENCE, raise_for_status=True) as session,
                session.request(method, url, data=form, headers=headers, allow_redirects=False) as answer,
            ):
                body = b""
                while len(body) <= _LARGEST and (chunk := await answer.content.readany()):
                    body += chunk
            return msgspec.json.decode(body, type=into)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, msgspec.DecodeError) as error:
            raise NoAnswer(type(error).__name__) from error
