"""A ledger behind HTTP whose JSON is an agency's own: the settings say where in it each thing of our record goes.

In: canonical records, a `Mapping`. Out: one answer for each. It knows no more of the agency's interface than one address that takes a
complaint and, if there is one, another that finds it; without that, and without a promise that a repeat is harmless, what may have been
taken is never sent again blindly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec
from msgspec import Meta
from yarl import URL

from channels.base import Refused, Unavailable
from forwarder.doubt import Doubts
from forwarder.ledger import Answer, Registration, credible, tellable
from forwarder.line import Line
from forwarder.once import each_once
from forwarder.reply import UNREADABLE, Reply, bad_answer, failure, is_json, is_success, told
from normalizer.complaint import Complaint

REFERENCE: Final = "{reference}"
_FIELDS: Final = frozenset(Complaint.__struct_fields__)


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table [ledger.mapping]. A path names steps with dots between them: `lokasi.kode`."""

    #: below `url`: where a complaint is posted
    create: str
    #: theirs -> ours; of an inferred field its value is meant: `"lokasi.kode" = "location.code"`, `judul = "title"`
    fields: dict[str, str]
    #: theirs -> what always stands there
    fixed: dict[str, str] = {}
    #: in their answer: the number under which the complaint is handled; when it was registered; its page. The last two may be empty.
    tracking_id: str
    registered_at: str = ""
    link: str = ""
    #: below `url`, with {reference} in it: where a complaint is found; empty when it cannot be
    find: str = ""
    #: True: they promise that the same Idempotency-Key is one complaint
    idempotent: bool = False
    #: seconds after which `find` shows what was taken, also of a call that they worked on after we had given it up
    listed_after_s: Annotated[float, Meta(ge=0)] = 300.0

    def __post_init__(self) -> None:
        """Raises ValueError."""
        for theirs, ours in self.fields.items():
            if ours.split(".")[0] not in _FIELDS:
                raise ValueError(f'fields: "{theirs}" is to be {ours}, and the record has no {ours.split(".")[0]}')
        if "reference" not in self.fields.values():
            raise ValueError('fields: none of them is "reference", without which nobody finds a complaint again')
        paths = sorted({*self.fields, *self.fixed})
        for path in paths:
            if any(other.startswith(f"{path}.") for other in paths) or (path in self.fields and path in self.fixed):
                raise ValueError(f'"{path}" is given twice, or is to be words and a table at once')
        if not self.create.startswith("/") or (self.find and not self.find.startswith("/")):
            raise ValueError("create and find begin with a slash: they stand below url")
        if self.find and REFERENCE not in self.find:
            raise ValueError("find has no {reference} in it")


class MappedLedger:
    """A `Ledger` that speaks what its `Mapping` says."""

    def __init__(self, name: str, mapping: Mapping, url: URL, line: Line, now: Callable[[], datetime]) -> None:
        """`line` shows who calls."""
        self.name, self.finds, self.idempotent = name, bool(mapping.find), mapping.idempotent
        self._mapping, self._url, self._line, self._now = mapping, url, line, now
        # where a repeat is harmless, nothing has to be waited for
        self._doubts = Doubts(0 if mapping.idempotent else mapping.listed_after_s, now)

    async def register(self, complaints: Sequence[Complaint]) -> Sequence[Answer]:
        """One call for each; a reference that stands here twice is told once."""
        return await each_once(complaints, self._register)

    async def find(self, reference: str, since: datetime) -> Registration | None:
        """None when the ledger says that there is none, and would have it by now. Raises Refused or Unavailable."""
        if not self.finds:
            raise Refused("no_look_up")
        reply = await self._line.call("GET", self._address(self._mapping.find.replace(REFERENCE, quote(reference, safe=""))))
        answer = told(reply, read(reply, self._mapping, self._now()))
        if isinstance(answer, Registration):
            self._doubts.end(reference)
            return answer
        # a proxy's own 404 page says nothing about the reference
        missing = reply.status == 404 and reply.media_type != "text/html"
        if not missing and not (is_success(reply.status) and _is_empty(reply, self._mapping.tracking_id)):
            raise answer
        self._doubts.missed(reference)
        return None

    async def amend(self, complaint: Complaint) -> None:
        """Raises Refused: the mapping knows no such door."""
        raise Refused("amend_unsupported")

    async def probe(self) -> None:
        """Ask for the address itself: any answer but a stranger's or a server's own trouble will do."""
        reply = await self._line.call("GET", self._address(self._mapping.create))
        if reply.status in (401, 403, 404) or reply.status >= 500:
            raise failure(reply, self._now())

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()

    async def _register(self, complaint: Complaint) -> Answer:
        body = msgspec.json.encode(shaped(complaint, self._mapping))
        try:
            reply = await self._line.call("POST", self._address(self._mapping.create), body, Idempotency_Key=complaint.reference)
            answer = told(reply, read(reply, self._mapping, self._now()))
        except Unavailable as failed:
            answer = failed
        if isinstance(answer, Unavailable) and answer.unsure:
            self._doubts.begin(complaint.reference)
        return answer

    def _address(self, path: str) -> URL:
        return URL(f"{self._url}{path}", encoded=True)


def shaped(complaint: Complaint, mapping: Mapping) -> dict[str, Any]:
    """The record in the agency's words; what it does not say is left out."""
    record = msgspec.to_builtins(complaint)
    document: dict[str, Any] = {}
    for theirs, words in mapping.fixed.items():
        _put(document, theirs, words)
    for theirs, ours in mapping.fields.items():
        value = _at(record, ours)
        if value not in (None, "", [], {}):
            _put(document, theirs, value)
    return document


def read(reply: Reply, mapping: Mapping, now: datetime) -> Answer:
    """What an answer means; one without a number that can be told says nothing about whether the complaint was taken."""
    if not is_success(reply.status):
        return failure(reply, now)
    said = _said(reply)
    number = _words(_at(said, mapping.tracking_id))
    if not tellable(number):
        return bad_answer()
    link = _words(_at(said, mapping.link)) if mapping.link else ""
    if link and not (link.startswith(("https://", "http://")) and link.isascii() and link.isprintable() and " " not in link):
        link = ""
    at = _instant(_words(_at(said, mapping.registered_at))) if mapping.registered_at else None
    return Registration(tracking_id=number, registered_at=at or now, url=link)


def _said(reply: Reply) -> Any:
    try:
        return msgspec.json.decode(reply.body) if is_json(reply) else None
    except UNREADABLE:
        return None


def _is_empty(reply: Reply, tracking_id: str) -> bool:
    """True for an answer that says "nothing found" where the number would stand: an empty list, or null."""
    said = _said(reply)
    first = tracking_id.split(".", maxsplit=1)[0]
    return said == [] or (isinstance(said, dict) and first in said and said[first] in (None, []))


def _at(value: Any, path: str) -> Any:
    """What stands at a path; of a list its first entry, of an inferred field its value."""
    for step in path.split("."):
        if isinstance(value, list) and not step.isdigit():
            value = value[0] if value else None
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
            continue
        if isinstance(value, dict) and step not in value and "provenance" in value:
            value = value.get("value")
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value.get("value") if isinstance(value, dict) and "provenance" in value else value


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    *steps, last = path.split(".")
    for step in steps:
        document = document.setdefault(step, {})
    document[last] = value


def _words(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _instant(words: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        return None
    return credible(at)
