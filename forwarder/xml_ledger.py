"""LAPOR!'s push interface of 2018: a complaint is one XML document to `…/api/stream/addstream` (domain notes §4.1).

In: canonical records. Out: one answer for each. The interface has no key, no look-up and no way to amend, so a call of which no answer
came may have been taken: it is never sent again blindly. It never follows a redirect and never lets its token or a record into an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec
from lxml import etree  # type: ignore[import-untyped]  # ships no types
from msgspec import Meta
from yarl import URL

from channels.base import Refused, Unavailable
from forwarder.ledger import Answer, Registration, lapor_number
from forwarder.line import Access, Line, Tls, address
from forwarder.once import each_once
from forwarder.relay import WIB, relay, sendable
from forwarder.reply import Reply, bad_answer, failure, is_success, told
from normalizer.complaint import Complaint, Reporter
from normalizer.privacy import nameless


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table [ledger] of kind "xml"."""

    #: whole, such as https://www.lapor.go.id/api/stream/addstream
    url: str
    #: stands in the document, as this interface wants it
    token: str
    timeout_s: Annotated[float, Meta(gt=0)] = 30.0
    #: calls in flight
    concurrency: Annotated[int, Meta(ge=1, le=100)] = 4
    tls_ca: str = ""
    tls_cert: str = ""
    tls_key: str = ""

    #: complaints in one attempt; each is a call of its own
    @property
    def batch(self) -> int:
        return self.concurrency

    def __post_init__(self) -> None:
        """Raises ValueError; never shows the token."""
        address("url", self.url)
        if sendable(self.token) != self.token or not self.token.strip():
            raise ValueError("token is empty, or has characters that XML cannot carry")

    def __repr__(self) -> str:
        """Without the token: settings end up in tracebacks."""
        return f"Settings(url={self.url!r})"


def ledger(name: str, settings: Settings, data_dir: Path, now: Callable[[], datetime]) -> XmlLedger:
    """A ledger that connects when it is first asked; `now` gives aware UTC. Raises ValueError for a certificate that cannot be used."""
    return XmlLedger(name, settings, now)


class XmlLedger:
    """A `Ledger` that can be told, and nothing else."""

    finds = False
    idempotent = False

    def __init__(self, name: str, settings: Settings, now: Callable[[], datetime]) -> None:
        self.name = name
        self._url, self._token, self._now = URL(settings.url), settings.token, now
        tls = Tls(settings.tls_ca, settings.tls_cert, settings.tls_key)
        headers = {"Accept": "text/xml", "Content-Type": "text/xml; charset=utf-8"}
        self._line = Line(Access(settings.timeout_s, settings.concurrency, headers, tls))

    async def register(self, complaints: Sequence[Complaint]) -> Sequence[Answer]:
        """One call for each; a reference that stands here twice is told once."""
        return await each_once(complaints, self._register)

    async def find(self, reference: str, since: datetime) -> Registration | None:
        """Raises Refused: this interface answers no questions."""
        raise Refused("no_look_up")

    async def amend(self, complaint: Complaint) -> None:
        """Raises Refused: what was told cannot be changed here."""
        raise Refused("amend_unsupported")

    async def probe(self) -> None:
        """Ask for the address itself, which takes nothing but POST: any answer but a server's own trouble will do."""
        reply = await self._line.call("GET", self._url)
        if reply.status in (401, 403, 404) or reply.status >= 500:
            raise failure(reply, self._now())

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()

    async def _register(self, complaint: Complaint) -> Answer:
        try:
            reply = await self._line.call("POST", self._url, document(complaint, self._token))
        except Unavailable as failed:
            return failed
        return told(reply, read(reply, self._now()))


def document(complaint: Complaint, token: str) -> bytes:
    """The whole of what is sent. Who asked not to be named is not: a name that was never sent cannot be shown."""
    lapor = Element("lapor", token=token)
    named = not nameless(complaint)
    pelapor = SubElement(lapor, "pelapor")
    for name, value in _reporter(complaint.reporter if named else Reporter(kind="none", address="")).items():
        SubElement(pelapor, name).text = sendable(value)
    laporan = SubElement(lapor, "laporan", rahasia="01"[complaint.privacy == "rahasia"], anonim="01"[not named])
    SubElement(laporan, "isi").text = relay(complaint, WIB)
    content: bytes = tostring(lapor, encoding="utf-8", xml_declaration=True)
    return content


def _reporter(reporter: Reporter) -> dict[str, str]:
    first, _, last = " ".join(reporter.name.split()).partition(" ")
    return {
        "email": reporter.address if reporter.kind == "mail" else "",
        "telpon": reporter.address if reporter.kind == "phone" else "",
        "namadepan": first,
        "namabelakang": last,
    }


def read(reply: Reply, now: datetime) -> Answer:
    """What an answer means. A page with status 200 that has no number in it says nothing about whether the complaint was taken."""
    if not is_success(reply.status):
        return failure(reply, now)
    # a document type could name entities that unfold without end; this interface never had one
    if b"<!DOCTYPE" in reply.body:
        return bad_answer()
    try:
        root = etree.fromstring(reply.body, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return bad_answer()
    number = lapor_number((root.text if root.tag == "trackingid" else root.findtext(".//trackingid")) or "")
    return Registration(tracking_id=number, registered_at=now) if number else bad_answer()
