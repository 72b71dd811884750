"""The labelled messages, and the two halves in which they lie.

In: lines of JSON below `evaluation/messages/`. Out: checked records, and the message that a channel would have read. It never runs the
normalizer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from channels.message import Enclosure, InboundMessage
from normalizer.complaint import Classification, Flag, Oversight, Privacy

FOLDER: Final = Path(__file__).parent / "messages"
Half = Literal["tune", "test"]
Door = Literal["sms", "x", "telegram", "mail", "web", "api"]
Language = Literal["id", "jv", "su", "en"]
Ask = Literal["place", "text"]
PiiKind = Literal["nik", "kk", "phone", "mail", "plate", "account", "npwp", "card", "customer", "name", "passport", "birth"]

#: every message comes at the same time; nothing in it depends on the clock
RECEIVED: Final = datetime(2026, 11, 20, 3, 15, tzinfo=UTC)


class Label(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a careful clerk says of a message. Where several answers are as good, all of them stand there; None is to say nothing."""

    #: empty for a thank-you, an advertisement: nobody would ask
    classification: tuple[Classification, ...]
    oversight: tuple[Oversight | None, ...]
    #: the ledger's names; empty where a clerk would not choose
    category: tuple[str, ...]
    language: tuple[Language | None, ...]
    privacy: tuple[Privacy, ...]
    #: the deepest region that the text settles; `enough`: by two levels that agree, or by the channel. Not enough: it may be left out
    place: str | None = None
    place_name: str = ""
    enough: bool = False
    flags: tuple[Flag, ...] = ()
    #: flags on which clerks would differ
    maybe: tuple[Flag, ...] = ()
    ask: tuple[Ask | None, ...] = (None,)
    #: what names a person, as it stands in the text
    pii: tuple[tuple[PiiKind, str], ...] = ()
    #: what may be masked and need not be
    pii_maybe: tuple[tuple[PiiKind, str], ...] = ()
    #: ids of the ledger that the message refers to
    quoted: tuple[str, ...] = ()


class Labelled(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message and its label. `traps`: what it was written to test."""

    id: str
    channel: Door
    text: str
    subject: str = ""
    name: str = ""
    fields: dict[str, str] = {}
    attachments: int = 0
    label: Label
    traps: tuple[str, ...] = ()


_decoder: Final = msgspec.json.Decoder(Labelled)

_SENDERS: Final[dict[Door, str]] = {
    "sms": "+6281200000001",
    "x": "@warga_contoh",
    "telegram": "@warga_contoh",
    "mail": "warga@surat.example",
    "web": "",
    "api": "",
}


def half_of(name: str) -> Half:
    """Drawn by a hash of the id, so that nobody chooses where a message goes."""
    return "test" if hashlib.sha256(name.encode()).digest()[0] & 1 else "tune"


def labelled(half: Half, folder: Path = FOLDER) -> Iterator[Labelled]:
    """All of one half, in the order of their files. Raises ValueError for a line that is none, naming it."""
    for path in sorted((folder / half).glob("*.jsonl")):
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            try:
                yield _decoder.decode(line)
            except msgspec.DecodeError as error:
                raise ValueError(f"{half}/{path.name}:{number}: {error}") from error


def inbound(one: Labelled) -> InboundMessage:
    """As the channel's own reading gives it to the normalizer."""
    through_site = one.channel in ("web", "api")
    fields = dict(one.fields)
    if one.channel == "mail" and one.name:
        fields["name"] = one.name
    return InboundMessage(
        channel="web" if through_site else one.channel,
        source_id=one.id,
        sender=_SENDERS[one.channel],
        text=one.text,
        received_at=RECEIVED,
        sent_at=None if through_site else RECEIVED,
        subject=one.subject,
        attachments=tuple(Enclosure(name=f"{n}.jpg", media_type="image/jpeg", size=20_000) for n in range(one.attachments)),
        fields=fields,
        extras={"via": "api" if one.channel == "api" else "form"} if through_site else {},
    )
