"""A line to a ledger behind HTTP: one call out, one answer back, read whole.

In: a method, an address, a body. Out: a `Reply`; `Unavailable` when there was none, surely not done when we could not even connect.
It never follows a redirect, never tries twice but for an access token that has run out, and never lets a secret into an error.
"""

from __future__ import annotations

import asyncio
import base64
import io
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple
from urllib.parse import urlencode

import aiohttp
import msgspec
from yarl import URL

from channels.base import Unavailable
from forwarder.reply import Reply

#: seconds
CONNECT_TIMEOUT = 5.0
#: seconds. Servers close idle connections after 5 s and more; one that closes while we send leaves us unsure, so we close first
KEEP_ALIVE = 4.0
#: bytes of an answer
LARGEST_ANSWER = 8 * 1024 * 1024
#: bytes; aiohttp wants a larger body as a stream
LARGEST_IN_ONE_WRITE = 1024 * 1024
#: seconds before its end in which an access token is not used any more: a call may take its time to arrive
TOKEN_MARGIN = 30.0
#: seconds; how long a token lasts whose server does not say (RFC 6749 §5.1 only recommends that it does)
TOKEN_LIFE = 300.0

_ADDRESS: Final = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_HEADER: Final = re.compile(r"[!-~]*")


class OAuth2(NamedTuple):
    """The client credentials grant (RFC 6749 §4.4)."""

    token_url: str
    client_id: str
    client_secret: str
    scope: str = ""


class Tls(NamedTuple):
    """Whom we trust, and who we are; each the path of a PEM file, or empty."""

    #: the ledger's own authority; empty: the machine's list
    ca: str = ""
    #: our own certificate and its key, where the ledger asks for one
    cert: str = ""
    key: str = ""

    def context(self) -> ssl.SSLContext:
        """Raises ValueError naming the file that cannot be used."""
        if bool(self.cert) != bool(self.key):
            raise ValueError("tls_cert and tls_key go together")
        for key, file in zip(("tls_ca", "tls_cert", "tls_key"), self, strict=True):
            if file and not Path(file).is_file():
                raise ValueError(f"{key}: {file} is not a file that can be read")
        try:
            context = ssl.create_default_context(cafile=self.ca or None)
            if self.cert:
                context.load_cert_chain(self.cert, self.key)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"tls_ca, tls_cert or tls_key cannot be used ({error.__class__.__name__})") from error
        return context


class Access(NamedTuple):
    """How a line shows who calls, and how long and how often at once it may."""

    timeout_s: float
    concurrency: int
    #: sent with every call
    headers: Mapping[str, str] = {}
    tls: Tls = Tls()
    oauth2: OAuth2 | None = None


def address(key: str, url: str) -> None:
    """No user, query or fragment: what is secret has a key of its own. Raises ValueError."""
    if not _ADDRESS.fullmatch(url):
        raise ValueError(f"{key} must look like https://ledger.example/api, without user, query or fragment")


def sendable(key: str, secret: str) -> None:
    """Raises ValueError, without the secret."""
    if not _HEADER.fullmatch(secret):
        raise ValueError(f"{key} has characters that no HTTP header can carry")


def basic(username: str, password: str) -> str:
    """The value of an Authorization header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


class Line:
    """Connects when it is first asked."""

    def __init__(self, access: Access) -> None:
        """Raises ValueError when a certificate cannot be used."""
        self._access = access
        self._ssl = access.tls.context() if any(access.tls) else True
        self._calls = asyncio.Semaphore(access.concurrency)
        self._opened: aiohttp.ClientSession | None = None
        self._token, self._token_until, self._asking = "", 0.0, asyncio.Lock()

    async def call(self, method: Literal["GET", "POST", "PUT"], url: URL, body: bytes = b"", **headers: str) -> Reply:
        """One call; `headers` with _ for -. Raises Unavailable."""
        written = {name.replace("_", "-"): value for name, value in headers.items() if value}
        async with self._calls:
            if self._access.oauth2 is None:
                return await self._once(method, url, body, written)
            token = await self._bearer(self._access.oauth2, spent="")
            reply = await self._once(method, url, body, written | {"Authorization": f"Bearer {token}"})
            if reply.status == 401:  # refused before it was read: our token ran out early, or was taken back
                token = await self._bearer(self._access.oauth2, spent=token)
                reply = await self._once(method, url, body, written | {"Authorization": f"Bearer {token}"})
            return reply

    async def close(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            await self._opened.close()

    async def _once(self, method: str, url: URL, body: bytes, headers: Mapping[str, str]) -> Reply:
        data = (body if len(body) <= LARGEST_IN_ONE_WRITE else io.BytesIO(body)) if body else None
        try:
            async with self._session().request(method, url, data=data, headers=headers, allow_redirects=False) as response:
                return await _read(response, f"{method} {url.raw_path}")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, UnicodeError) as error:
            # UnicodeError: a name that cannot be looked up, such as lapor..go.id
            raise Unavailable("certificate" if isinstance(error, aiohttp.ClientConnectorCertificateError) else "unreachable") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable("no_answer", unsure=True) from error

    async def _bearer(self, grant: OAuth2, *, spent: str) -> str:
        """An access token that still lasts and is not the `spent` one. Raises Unavailable: nothing was told to the ledger then."""
        async with self._asking:
            now = asyncio.get_running_loop().time()
            if self._token == spent or now > self._token_until:
                form = {"grant_type": "client_credentials"} | ({"scope": grant.scope} if grant.scope else {})
                headers = {
                    "Authorization": basic(grant.client_id, grant.client_secret),
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Accept": "application/json",
                }
                try:
                    reply = await self._once("POST", URL(grant.token_url), urlencode(form).encode(), headers)
                    given = _given(reply.body) if reply.status == 200 else None
                except (Unavailable, msgspec.MsgspecError, RecursionError) as error:
                    raise Unavailable("no_token") from error
                if given is None or given.token_type.lower() != "bearer" or not _HEADER.fullmatch(given.access_token):
                    raise Unavailable("no_token")
                self._token, self._token_until = given.access_token, now + max(given.expires_in - TOKEN_MARGIN, 1.0)
            return self._token

    def _session(self) -> aiohttp.ClientSession:
        """Opened late: a session belongs to a running loop, settings are read before there is one."""
        if self._opened is None:
            self._opened = aiohttp.ClientSession(
                # as many connections as calls, so that no call waits for one within its time
                connector=aiohttp.TCPConnector(limit=self._access.concurrency, keepalive_timeout=KEEP_ALIVE, ssl=self._ssl),
                cookie_jar=aiohttp.DummyCookieJar(),
                # identity: what is not compressed cannot unpack to a gigabyte
                headers={"Accept-Encoding": "identity", **self._access.headers},
                timeout=aiohttp.ClientTimeout(total=self._access.timeout_s, connect=CONNECT_TIMEOUT),
                auto_decompress=False,
            )
        return self._opened


class _Given(msgspec.Struct):
    access_token: str
    token_type: str
    expires_in: float = TOKEN_LIFE


_given = msgspec.json.Decoder(_Given, strict=False).decode


async def _read(response: aiohttp.ClientResponse, asked: str) -> Reply:
    """The answer to what was asked, or what fits of it; one that is too large is cut and then fails to read."""
    chunks, size = [], 0
    while size <= LARGEST_ANSWER and (chunk := await response.content.readany()):
        chunks.append(chunk)
        size += len(chunk)
    if size > LARGEST_ANSWER:
        # the rest may never end
        response.close()
        chunks = []
    headers = response.headers
    wait, date = headers.get("Retry-After", ""), headers.get("Date", "")
    return Reply(response.status, response.content_type, wait, b"".join(chunks), date, asked)
