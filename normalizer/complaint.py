"""The canonical record of a complaint, as it is published (`schema: "complaint/1"`).

In: values. Out: JSON, and back. It never infers anything and never reads a clock, a socket or a disk. Constraints that stand
here as `Meta` go into the published JSON Schema (`schema.py`); reading is as liberal as the types allow.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta

T = TypeVar("T")

Provenance = Literal["given", "derived", "assumed"]
Privacy = Literal["terbuka", "anonim", "rahasia"]
Classification = Literal["pengaduan", "aspirasi", "permintaan_informasi"]
Oversight = Literal["berkadar", "tidak_berkadar"]
Level = Literal["provinsi", "kabupaten", "kecamatan", "kelurahan"]
DetailKind = Literal["jalan", "gang", "rt", "rw", "dusun", "perumahan", "blok", "km", "patokan"]
Flag = Literal[
    "emergency", "whistleblowing", "incomplete_sms", "spam_suspect", "abusive", "hashtag_only", "needs_clarification", "test", "undecodable"
]
#: what would help most: where it is, or what it is about; empty: nothing need be asked
Ask = Literal["", "place", "text"]

Instant = Annotated[datetime, Meta(tz=True)]
#: checked in the schema only: a record with another shape of reference can still be read
Reference = Annotated[str, Meta(extra_json_schema={"pattern": "^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$"})]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0)]


class Inferred(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A side value: what we think, where it comes from and how sure we are."""

    value: T | None = None
    provenance: Provenance = "derived"
    #: the name of the rule that said so; empty when nothing did
    rule: str = ""
    #: 0 to 1
    confidence: Share = 0.0


class Reporter(msgspec.Struct, frozen=True, kw_only=True):
    """Who speaks, as far as the channel knows."""

    kind: Literal["phone", "handle", "mail", "none"]
    #: E.164 for a phone where the number has that form, else as the channel wrote it
    address: str
    name: str = ""
    verified: str = ""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A region that the text may mean."""

    #: of the Ministry of Home Affairs, with dots: 36, 36.03, 36.03.01, 36.03.01.2001
    code: str
    name: str
    #: the levels that the text speaks for; a kota is a kabupaten here, a desa a kelurahan
    levels: tuple[Level, ...]
    #: what says so, joined by +: `given` by the form, a `keyword`, the levels that the text names, `name` where one stands alone
    #: without a word for its level, `misspelt`
    evidence: str


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """What names the spot within a region."""

    kind: DetailKind
    #: in the citizen's words; of rt and rw the number alone, without leading zeros
    value: str
    #: characters from start up to, not including, end: of the location's text where the citizen filled it in, else of the complaint's
    start: Count
    end: Count


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """Where it happened."""

    #: as it was filled in; else the stretch of the complaint's text that names the place
    text: str = ""
    candidates: tuple[Candidate, ...] = ()
    #: only when two levels agree, or when the citizen chose it
    code: str | None = None
    details: tuple[Detail, ...] = ()


class AttachmentNote(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment, as the record names it."""

    name: str
    media_type: str
    size: Count
    #: where it can be had for half a year by whoever has this address; empty when the gateway has no address of its own
    url: str = ""


class Related(msgspec.Struct, frozen=True, kw_only=True):
    """Another case that this one has to do with."""

    id: str
    kind: Literal["resend", "same_text", "follow_up", "nearby"]
    evidence: str


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the text that names a person: characters from start up to, not including, end."""

    start: Count
    end: Count
    kind: str


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """A complaint, whatever door it came through."""

    schema: Literal["complaint/1"] = "complaint/1"
    reference: Reference
    case_id: str
    channel: str
    source_id: str
    received_at: Instant
    sent_at: Instant | None = None
    reporter: Reporter
    privacy: Privacy = "terbuka"
    #: what raised it: `field` for the form, else the name of the rule; empty where nobody asked and nothing suggests it
    privacy_rule: str = ""
    #: asked not to be named, alone or beside rahasia: no ledger is told who sent it
    anonymous: bool = False
    #: verbatim, never altered
    text: str
    title: Inferred[str]
    classification: Inferred[Classification]
    oversight: Inferred[Oversight]
    incident_date: Inferred[date]
    location: Inferred[Location]
    agency: Inferred[str]
    category: Inferred[str]
    language: Inferred[str]
    attachments: tuple[AttachmentNote, ...] = ()
    related: tuple[Related, ...] = ()
    flags: tuple[Flag, ...] = ()
    pii: tuple[Span, ...] = ()
    #: the question of `needs_clarification`
    ask: Ask = ""


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Complaint)


def encode(complaint: Complaint) -> bytes:
    """JSON in UTF-8; every field is there, times are UTC and end in Z."""
    return _ENCODER.encode(complaint)


def decode(record: bytes) -> Complaint:
    """Read what `encode` wrote; fields that a later version added are passed over. Raises ValueError."""
    return _DECODER.decode(record)
