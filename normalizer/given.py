"""What a form or an API gave explicitly.

In: `InboundMessage.fields`, strings by the record's field names. Out: values with provenance "given". It never raises: a field that
says nothing we know is as good as not given, because the channel that can tell the citizen has already done so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, TypeVar, get_args

from normalizer.complaint import Candidate, Classification, Inferred, Level, Location, Privacy
from normalizer.text import scrub

T = TypeVar("T")

_CLASSIFICATIONS: Final[dict[str, Classification]] = {word: word for word in get_args(Classification)}
_PRIVACIES: Final[dict[str, Privacy]] = {word: word for word in get_args(Privacy)}
#: levels of a region code, by its length: 36, 36.03, 36.03.01, 36.03.01.2001
LEVELS: Final[dict[int, Level]] = {2: "provinsi", 5: "kabupaten", 8: "kecamatan", 13: "kelurahan"}
_CODE = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def given(value: T, rule: str = "field") -> Inferred[T]:
    """The citizen said so."""
    return Inferred(value=value, provenance="given", rule=rule, confidence=1.0)


def words(fields: Mapping[str, str], name: str) -> str:
    """A field as it was written, without the space around it; empty when it was not given."""
    return scrub(fields.get(name, "")).strip()


def classification(fields: Mapping[str, str]) -> Inferred[Classification]:
    """One of three, also written `Permintaan Informasi`."""
    word = _CLASSIFICATIONS.get("_".join(words(fields, "classification").lower().replace("-", " ").replace("_", " ").split()))
    return given(word) if word else Inferred()


def privacy(fields: Mapping[str, str]) -> Privacy:
    """As asked; whoever asked for something that we do not know gets the strictest, because a name once published stays so."""
    asked = words(fields, "privacy").lower()
    return _PRIVACIES.get(asked, "rahasia") if asked else "terbuka"


def incident_date(fields: Mapping[str, str]) -> Inferred[date]:
    """A day as `2026-11-20`; any other spelling could be read in two ways."""
    written = words(fields, "incident_date")
    if not _DAY.fullmatch(written):
        return Inferred()
    try:
        return given(date.fromisoformat(written))
    except ValueError:
        return Inferred()


def phrase(fields: Mapping[str, str], name: str) -> Inferred[str]:
    """Agency or category: any words, as they were given."""
    written = words(fields, name)
    return given(written) if written else Inferred()


def location(fields: Mapping[str, str]) -> Inferred[Location]:
    """Where it happened, in the citizen's words; and the region that was chosen (its code under `region`, its name under `place`)."""
    written, code = words(fields, "location"), words(fields, "region")
    level = LEVELS.get(len(code)) if _CODE.fullmatch(code) else None
    if level is None:
        return given(Location(text=written)) if written else Inferred()
    chosen = Candidate(code=code, name=words(fields, "place"), levels=(level,), evidence="given")
    return given(Location(text=written, candidates=(chosen,), code=code))
