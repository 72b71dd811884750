"""Of a canonical record, what is counted; what it says is passed over while it is read.

In: a record as JSON. Out: a gist. It keeps no word of a citizen but a topic that is in the official list.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from normalizer.complaint import Classification, Oversight, Privacy

T = TypeVar("T")


class Said(msgspec.Struct, Generic[T], frozen=True):
    """A value, and who said so."""

    value: T | None = None
    provenance: str = "derived"


class Where(msgspec.Struct, frozen=True):
    """The region, where it is known."""

    code: str | None = None


class Gist(msgspec.Struct, frozen=True):
    """See above; a field that an older record lacks is unknown."""

    privacy: Privacy = "terbuka"
    flags: tuple[str, ...] = ()
    classification: Said[Classification] = Said()
    oversight: Said[Oversight] = Said()
    category: Said[str] = Said()
    location: Said[Where] = Said()


_read = msgspec.json.Decoder(Gist).decode


def gist(record: bytes | None) -> Gist | None:
    """None where there is no record, or none that can be read."""
    if record is None:
        return None
    try:
        return _read(record)
    except msgspec.DecodeError:
        return None
