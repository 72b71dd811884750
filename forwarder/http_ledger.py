"""A ledger behind HTTP, speaking the API that we publish in `ledger-api.yaml`.

In: canonical records. Out: one answer for each (`http_answers.py` says what a reply means). It never follows a redirect, never
tries twice, and never lets its token or a record into an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import msgspec
from msgspec import Meta
from yarl import URL

from channels.base import Refused, Unavailable
from forwarder.http_answers import read_batch, read_found, read_one, read_standing
from forwarder.ledger import Answer, File, Happening, Registration
from forwarder.line import Access, Line, OAuth2, Tls, address, basic, sendable
from forwarder.mapped_ledger import MappedLedger, Mapping
from forwarder.reply import failure, is_json, is_success, told
from normalizer.complaint import Complaint

#: well-formed, and no case ever gets it: all its bits are zero
NOBODYS_REFERENCE = "0000-0000-0000"

_encode = msgspec.json.Encoder().encode


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table [ledger] of kind "http"."""

    #: below which /complaints stands
    url: str
    #: sent as a bearer token; empty when the ledger asks for none
    token: str = ""
    #: for HTTP Basic, where the ledger has no tokens
    username: str = ""
    password: str = ""
    #: where access tokens are had by the client credentials grant (RFC 6749 §4.4); empty when they are not
    oauth2_token_url: str = ""
    oauth2_client_id: str = ""
    oauth2_client_secret: str = ""
    oauth2_scope: str = ""
    #: how an agency's own JSON says what our record says; left out, the ledger speaks ledger-api.yaml
    mapping: Mapping | None = None
    #: bytes that a file may have; larger pictures are made smaller, other files are only linked. 0 for a ledger that takes no files
    attachment_bytes: Annotated[int, Meta(ge=0)] = 2 * 1024 * 1024
    #: PEM files: the ledger's own authority, and our certificate with its key where the ledger asks for one
    tls_ca: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    timeout_s: Annotated[float, Meta(gt=0)] = 30.0
    #: complaints in one call; 1 for a ledger without /complaints:batch
    batch: Annotated[int, Meta(ge=1, le=1000)] = 100
    #: calls in flight
    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 16

    def __post_init__(self) -> None:
        """Raises ValueError; never shows the token."""
        address("url", self.url)
        sendable("token", self.token)
        if sum(map(bool, (self.token, self.username, self.oauth2_token_url))) > 1:
            raise ValueError("token, username and oauth2_token_url are three ways to say who calls; keep one")
        if self.oauth2_token_url:
            address("oauth2_token_url", self.oauth2_token_url)

    @property
    def asked(self) -> str:
        """How one complaint is told, as method and path."""
        create = "/complaints" if self.mapping is None else self.mapping.create
        return f"POST {URL(self.url.rstrip('/') + create).raw_path}"

    def __repr__(self) -> str:
        """Without a secret: settings end up in tracebacks."""
        return f"Settings(url={self.url!r})"


def ledger(name: str, settings: Settings, data_dir: Path, now: Callable[[], datetime]) -> HttpLedger | MappedLedger:
    """A ledger that connects when it is first asked; `now` gives aware UTC. Raises ValueError for a certificate that cannot be used."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if settings.token:
        headers["Authorization"] = f"Bearer {settings.token}"
    elif settings.username:
        headers["Authorization"] = basic(settings.username, settings.password)
    tls = Tls(settings.tls_ca, settings.tls_cert, settings.tls_key)
    line = Line(Access(settings.timeout_s, settings.concurrency, headers, tls, _grant(settings)))
    if settings.mapping is not None:
        return MappedLedger(name, settings.mapping, URL(settings.url.rstrip("/")), line, now)
    return HttpLedger(name, settings, line, now)


class HttpLedger:
    """A `Ledger` over HTTP: the reference is the idempotency key, so that a repeat is harmless."""

    finds = True
    idempotent = True

    def __init__(self, name: str, settings: Settings, line: Line, now: Callable[[], datetime]) -> None:
        self.name = name
        self._settings, self._now = settings, now
        self._complaints = URL(settings.url.rstrip("/") + "/complaints")
        self._batches = URL(f"{self._complaints}:batch")
        self._line = line

    async def register(self, complaints: Sequence[Complaint]) -> Sequence[Answer]:
        """One call for each batch, all batches at once within `concurrency`."""
        step = self._settings.batch
        batches = [complaints[start : start + step] for start in range(0, len(complaints), step)]
        if len(batches) == 1:
            return await self._register(batches[0])
        answers = await asyncio.gather(*map(self._register, batches))
        return [answer for batch in answers for answer in batch]

    async def find(self, reference: str, since: datetime) -> Registration | None:
        """None when the ledger does not know the reference. Raises Refused or Unavailable."""
        reply = await self._line.call("GET", self._complaints.with_query(reference=reference))
        return read_found(reply, reference, self._now())

    async def standing(self, reference: str, registration: Registration) -> Happening | None:
        """None from a ledger that says no status. Raises Refused or Unavailable."""
        reply = await self._line.call("GET", self._complaints.with_query(reference=reference))
        return read_standing(reply, reference, self._now())

    async def amend(self, complaint: Complaint) -> None:
        """Raises Refused("amend_unsupported") for a ledger that has no such door, else Refused or Unavailable."""
        reply = await self._line.call("PUT", self._complaints / complaint.reference, _encode(complaint))
        if reply.status in (404, 405, 501):
            raise told(reply, Refused("amend_unsupported"))
        if not is_success(reply.status):
            raise failure(reply, self._now())
        if reply.body and not is_json(reply):
            raise told(reply, Unavailable("bad_answer", unsure=True))

    @property
    def largest_file(self) -> int:
        return self._settings.attachment_bytes

    async def file(self, file: File) -> None:
        """Raises Refused("files_unsupported") for a ledger that has no such door, else Refused or Unavailable."""
        headers = {"Content_Type": file.media_type, "Content_Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"}
        url = self._complaints / file.reference / "attachments" / str(file.number)
        reply = await self._line.call("PUT", url, file.content, **headers)
        if reply.status in (404, 405, 501):
            raise told(reply, Refused("files_unsupported"))
        if not is_success(reply.status):
            raise failure(reply, self._now())

    async def probe(self) -> None:
        """Look up a reference that nobody has. Raises Refused or Unavailable."""
        await self.find(NOBODYS_REFERENCE, self._now())

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()

    async def _register(self, batch: Sequence[Complaint]) -> Sequence[Answer]:
        if len(batch) == 1:
            return [await self._register_one(batch[0])]
        try:
            reply = await self._line.call("POST", self._batches, _encode({"complaints": batch}))
        except Unavailable as failed:
            return [failed] * len(batch)
        if _is_about_the_batch(reply.status):
            return await asyncio.gather(*map(self._register_one, batch))
        return read_batch(reply, [complaint.reference for complaint in batch], self._now())

    async def _register_one(self, complaint: Complaint) -> Answer:
        try:
            reply = await self._line.call("POST", self._complaints, _encode(complaint), Idempotency_Key=complaint.reference)
        except Unavailable as failed:
            return failed
        return read_one(reply, complaint.reference, self._now())


def _grant(settings: Settings) -> OAuth2 | None:
    if not settings.oauth2_token_url:
        return None
    return OAuth2(settings.oauth2_token_url, settings.oauth2_client_id, settings.oauth2_client_secret, settings.oauth2_scope)


def _is_about_the_batch(status: int) -> bool:
    """True when the call was refused as a whole: too large, no such door, or one bad record. Each must be judged alone."""
    return (400 <= status < 500 and status not in (401, 403, 408, 409, 425, 429)) or status == 501
