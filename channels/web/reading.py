"""What a submission that was kept says.

In: the `raw` of an arrival. Out: an `InboundMessage`. It never reads a file or a clock, and raises ValueError for bytes that are no
submission, which parks them for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from channels.base import Arrival, InboundMessage, Part


class KeptFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that lies in the store beside the message; `size` in bytes, `digest` is BLAKE2b-128 in hex."""

    name: str
    media_type: str
    size: int
    digest: str


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The canonical form of a submission: JSON, fields in this order, what was not given left out. Only ever extended."""

    version: Literal[1] = 1
    via: str
    text: str
    classification: str = ""
    title: str = ""
    incident_date: str = ""
    location: str = ""
    #: the code that was chosen, and what it was called when it was
    region: str = ""
    place: str = ""
    agency: str = ""
    category: str = ""
    name: str = ""
    contact: str = ""
    privacy: str
    extras: dict[str, str] = {}
    files: tuple[KeptFile, ...] = ()


_decoder = msgspec.json.Decoder(Kept)


def decode(arrival: Arrival, _parts: Sequence[Part]) -> InboundMessage:
    """Read it. There is no way back but the pages, so `reply_to` stays empty: the receipt was the answer to the request. The files lie
    beside the message in the store, which names them."""
    try:
        kept = _decoder.decode(arrival.raw)
    except RecursionError as deep:
        raise ValueError("JSON too deep to be a submission") from deep
    given = {
        "classification": kept.classification,
        "title": kept.title,
        "incident_date": kept.incident_date,
        "privacy": kept.privacy,
        "location": ", ".join(part for part in (kept.location, kept.place) if part),
        "region": kept.region,
        "place": kept.place,
        "category": kept.category,
        "agency": kept.agency,
        "name": kept.name,
    }
    beside = {"via": kept.via, **kept.extras}
    return InboundMessage(
        channel=arrival.channel,
        source_id=arrival.source_id,
        sender=kept.contact,
        text=kept.text,
        received_at=arrival.received_at,
        fields={name: said for name, said in given.items() if said},
        extras={name: said for name, said in beside.items() if said},
    )
