"""A house of the officers' own: an OpenID provider on loopback that signs in whoever it is told to.

In: what the next officer is called, and what is to be wrong with her token. Out: discovery, keys, an authorization endpoint that sends the
browser straight back, and tokens. It knows one client.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT, SECRET = "lapor-gateway", "rahasia-klien-latihan"


class Idp:
    """One provider; its script stands in its attributes."""

    def __init__(self) -> None:
        self.issuer = ""
        #: who signs in next
        self.claims: dict[str, Any] = {"sub": "u-1", "preferred_username": "rini", "groups": ["lapor-operator"]}
        #: over the token's own claims; None leaves one out
        self.bent: dict[str, Any] = {}
        #: how the token is signed: "RS256", "ES256", "none", "HS256" (with the public key as if it were a shared one), "stranger"
        self.signed = "RS256"
        #: answers of these paths instead of the plain ones
        self.broken: Mapping[str, web.Response] = {}
        #: whether it takes the client's secret in the Authorization header; else in the form
        self.basic = True
        self.calls: list[str] = []
        self._key = _rsa(0)
        self._ec = ECKey.generate_key("P-256", {"use": "sig", "kid": "curve"})
        self._codes: dict[str, Mapping[str, str]] = {}

    def change_keys(self) -> None:
        """What was published before signs nothing any more."""
        self._key = _rsa(1)

    def app(self) -> web.Application:
        @web.middleware
        async def scripted(request: web.Request, handler: Any) -> web.StreamResponse:
            self.calls.append(request.path)
            answer: web.StreamResponse = self.broken[request.path] if request.path in self.broken else await handler(request)
            return answer

        app = web.Application(middlewares=[scripted])
        app.router.add_get("/.well-known/openid-configuration", self._discovery)
        app.router.add_get("/keys", self._keys)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_post("/token", self._token)
        return app

    async def _discovery(self, _request: web.Request) -> web.Response:
        method = "client_secret_basic" if self.basic else "client_secret_post"
        paths = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        said = {name: self.issuer + path for name, path in paths.items()}
        return web.json_response({"issuer": self.issuer, **said, "token_endpoint_auth_methods_supported": [method]})

    async def _keys(self, _request: web.Request) -> web.Response:
        return web.json_response(KeySet([self._key, self._ec]).as_dict(private=False))

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = request.query
        assert (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) == (CLIENT, "code", "S256")
        code = secrets.token_urlsafe(16)
        self._codes[code] = dict(asked)
        raise web.HTTPFound(asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"], "iss": self.issuer}))

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._codes.pop(str(form.get("code", "")), None)
        challenge = _text(hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest())
        header = b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        shown = header if self.basic else ":".join(str(form.get(name)) for name in ("client_id", "client_secret"))
        if asked is None or shown != f"{CLIENT}:{SECRET}" or challenge != asked["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        assert form["redirect_uri"] == asked["redirect_uri"]
        return web.json_response({"access_token": "not-for-you", "token_type": "Bearer", "id_token": self._signed(asked["nonce"])})

    def _signed(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.claims, **self.bent}
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.signed in {"HS256", "none"}:
            plain = f"{_text(_json({'alg': self.signed}))}.{_text(_json(claims))}"
            shared = self._key.as_pem(private=False)
            return f"{plain}.{_text(hmac.digest(shared, plain.encode(), 'sha256')) if self.signed == 'HS256' else ''}"
        if self.signed == "ES256":
            return jwt.encode({"alg": "ES256", "kid": "curve"}, claims, self._ec)
        return jwt.encode({"alg": "RS256", "kid": str(self._key.kid)}, claims, _rsa(2) if self.signed == "stranger" else self._key)


def _text(part: bytes) -> str:
    return urlsafe_b64encode(part).decode().rstrip("=")


@cache
def _rsa(which: int) -> RSAKey:
    """It takes a while to make one."""
    return RSAKey.generate_key(2048, {"use": "sig", "kid": f"key {which}"})


def _json(claims: Mapping[str, Any]) -> bytes:
    return json.dumps(claims).encode()


def away() -> web.Response:
    """What it says when it is."""
    return web.Response(status=503)


@asynccontextmanager
async def running() -> AsyncIterator[Idp]:
    """A provider at a port of its own."""
    idp = Idp()
    runner = web.AppRunner(idp.app(), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        idp.issuer = f"http://127.0.0.1:{site.port}"
        yield idp
    finally:
        await runner.cleanup()
