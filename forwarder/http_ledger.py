"""A ledger behind HTTP, speaking the API that we publish in `ledger-api.yaml`.

In: canonical records. Out: one answer for each (`http_answers.py` says what a reply means). It never follows a redirect, never
tries twice, and never lets its token or a record into an error.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import aiohttp
import msgspec
from msgspec import Meta
from yarl import URL

from channels.base import Refused, Unavailable
from forwarder.http_answers import Reply, failure, is_json, read_batch, read_found, read_one
from forwarder.ledger import Answer, Registration
from normalizer.complaint import Complaint

#: seconds
CONNECT_TIMEOUT = 5.0
#: seconds. Servers close idle connections after 5 s and more; one that closes while we send leaves us unsure, so we close first
KEEP_ALIVE = 4.0
#: bytes of an answer
LARGEST_ANSWER = 8 * 1024 * 1024
#: bytes; aiohttp wants a larger body as a stream
LARGEST_IN_ONE_WRITE = 1024 * 1024
#: well-formed, and no case ever gets it: all its bits are zero
NOBODYS_REFERENCE = "0000-0000-0000"

_encode = msgspec.json.Encoder().encode


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table [ledger] of kind "http"."""

    #: below which /complaints stands
    url: str
    #: sent as a bearer token; empty when the ledger asks for none
    token: str = ""
    timeout_s: Annotated[float, Meta(gt=0)] = 30.0
    #: complaints in one call; 1 for a ledger without /complaints:batch
    batch: Annotated[int, Meta(ge=1, le=1000)] = 100
    #: calls in flight
    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 16

    def __post_init__(self) -> None:
        """Raises ValueError; never shows the token."""
        # no user, query or fragment: what is secret stands in `token`
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", self.url):
            raise ValueError("url must look like https://ledger.example/api, without user, query or fragment")
        if not re.fullmatch(r"[!-~]*", self.token):
            raise ValueError("token has characters that no HTTP header can carry")

    def __repr__(self) -> str:
        """Without the token: settings end up in tracebacks."""
        return f"Settings(url={self.url!r})"


def ledger(name: str, settings: Settings, data_dir: Path, now: Callable[[], datetime]) -> HttpLedger:
    """A ledger that connects when it is first asked; `now` gives aware UTC. It keeps nothing in `data_dir`."""
    return HttpLedger(name, settings, now)


class HttpLedger:
    """A `Ledger` over HTTP: the reference is the idempotency key, so that a repeat is harmless."""

    finds = True
    idempotent = True

    def __init__(self, name: str, settings: Settings, now: Callable[[], datetime]) -> None:
        self.name = name
        self._settings, self._now = settings, now
        self._complaints = URL(settings.url.rstrip("/") + "/complaints")
        self._batches = URL(f"{self._complaints}:batch")
        self._calls = asyncio.Semaphore(settings.concurrency)
        self._opened: aiohttp.ClientSession | None = None

    async def register(self, complaints: Sequence[Complaint]) -> Sequence[Answer]:
        """One call for each batch, all batches at once within `concurrency`."""
        step = self._settings.batch
        batches = [complaints[start : start + step] for start in range(0, len(complaints), step)]
        if len(batches) == 1:
            return await self._register(batches[0])
        answers = await asyncio.gather(*map(self._register, batches))
        return [answer for batch in answers for answer in batch]

    async def find(self, reference: str) -> Registration | None:
        """None when the ledger does not know the reference. Raises Refused or Unavailable."""
        reply = await self._call("GET", self._complaints.with_query(reference=reference))
        return read_found(reply, reference, self._now())

    async def amend(self, complaint: Complaint) -> None:
        """Raises Refused("amend_unsupported") for a ledger that has no such door, else Refused or Unavailable."""
        reply = await self._call("PUT", self._complaints / complaint.reference, _encode(complaint))
        if reply.status in (404, 405, 501):
            raise Refused("amend_unsupported")
        if not 200 <= reply.status < 300:
            raise failure(reply, self._now())
        if reply.body and not is_json(reply):
            raise Unavailable("bad_answer", unsure=True)

    async def probe(self) -> None:
        """Look up a reference that nobody has. Raises Refused or Unavailable."""
        await self.find(NOBODYS_REFERENCE)

    async def close(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            await self._opened.close()

    async def _register(self, batch: Sequence[Complaint]) -> Sequence[Answer]:
        if len(batch) == 1:
            return [await self._register_one(batch[0])]
        try:
            reply = await self._call("POST", self._batches, _encode({"complaints": batch}))
        except Unavailable as failed:
            return [failed] * len(batch)
        if _is_about_the_batch(reply.status):
            return await asyncio.gather(*map(self._register_one, batch))
        return read_batch(reply, [complaint.reference for complaint in batch], self._now())

    async def _register_one(self, complaint: Complaint) -> Answer:
        try:
            reply = await self._call("POST", self._complaints, _encode(complaint), key=complaint.reference)
        except Unavailable as failed:
            return failed
        return read_one(reply, complaint.reference, self._now())

    async def _call(self, method: Literal["GET", "POST", "PUT"], url: URL, body: bytes = b"", *, key: str = "") -> Reply:
        """One call, read whole. Raises Unavailable when there is no answer: surely not done when we could not even connect."""
        data = (body if len(body) <= LARGEST_IN_ONE_WRITE else io.BytesIO(body)) if body else None
        headers = {"Idempotency-Key": key} if key else None
        async with self._calls:
            try:
                async with self._session().request(method, url, data=data, headers=headers, allow_redirects=False) as response:
                    return await _read(response)
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
                raise Unavailable("unreachable") from error
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise Unavailable("no_answer", unsure=True) from error

    def _session(self) -> aiohttp.ClientSession:
        """Opened late: a session belongs to a running loop, settings are read before there is one."""
        if self._opened is None:
            # identity: what is not compressed cannot unpack to a gigabyte
            headers = {"Accept": "application/json", "Accept-Encoding": "identity", "Content-Type": "application/json"}
            if self._settings.token:
                headers["Authorization"] = f"Bearer {self._settings.token}"
            self._opened = aiohttp.ClientSession(
                # as many connections as calls, so that no call waits for one within its time
                connector=aiohttp.TCPConnector(limit=self._settings.concurrency, keepalive_timeout=KEEP_ALIVE),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=self._settings.timeout_s, connect=CONNECT_TIMEOUT),
                auto_decompress=False,
            )
        return self._opened


def _is_about_the_batch(status: int) -> bool:
    """True when the call was refused as a whole: too large, no such door, or one bad record. Each must be judged alone."""
    return (400 <= status < 500 and status not in (401, 403, 408, 409, 425, 429)) or status == 501


async def _read(response: aiohttp.ClientResponse) -> Reply:
    """The answer, or what fits; one that is too large is cut and then fails to read as JSON."""
    chunks, size = [], 0
    while size <= LARGEST_ANSWER and (chunk := await response.content.readany()):
        chunks.append(chunk)
        size += len(chunk)
    if size > LARGEST_ANSWER:
        # the rest may never end
        response.close()
        chunks = []
    return Reply(response.status, response.content_type, response.headers.get("Retry-After", ""), b"".join(chunks))
