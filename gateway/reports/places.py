"""What regions are called, and which there are to choose from.

In: codes of the ministry, with dots. Out: names. The list is loaded when somebody asks for the first time: it takes 15 MB.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from channels.web.regions import Province, load
from gateway.wordlists import regions
from normalizer.place_words import DISTRICT
from normalizer.regions import dotted, level, number


class Place(NamedTuple):
    """A region."""

    code: str
    name: str


def known(code: str) -> bool:
    """Whether it is a province, a kabupaten or kota, or a kecamatan of the list."""
    digits = code.replace(".", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) in {2, 4, 6}):
        return False
    return dotted(int(digits)) == code and regions().name(int(digits)) is not None


def naming(region: str) -> Callable[[str], str]:
    """Names for a report of this region, or of all: of a kecamatan, with its kabupaten unless that is the region."""

    def name(code: str) -> str:
        if not known(code):
            return code
        found = number(code)
        own = regions().name(found) or code
        upper = dotted(found // 100)
        return own if level(found) != DISTRICT or upper == region else f"{own}, {regions().name(number(upper))}"

    return name


def districts(region: str) -> list[Place]:
    """The kecamatan of a kabupaten or kota, or of that in which this kecamatan lies; of a province, none."""
    if len(region) < 5 or not known(region[:5]):
        return []
    first = number(region[:5]) * 100
    found = ((code, regions().name(code)) for code in range(first + 1, first + 100))
    return [Place(dotted(code), name) for code, name in found if name]


@cache
def provinces() -> Sequence[Province]:
    """Each with its kabupaten and kota."""
    return load().provinces
