"""The provinces, kabupaten and kota of Indonesia, as the form offers them.

In: the list in `data/regions.tsv` (bin/regions makes it; MIT, cahyadsn/wilayah). Out: its provinces with what lies in each, and the
name of a code. It never guesses a region from what somebody wrote; that is the normalizer's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """`code` is Kemendagri's: two digits for a province, `32.73` for a kabupaten or kota."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Province(Region):
    """A region with those in it, in the order of their codes."""

    parts: tuple[Region, ...]


class Regions:
    """All of them."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names` by code; a province stands before what lies in it."""
        self._names = dict(names)
        self.provinces: Sequence[Province] = tuple(
            Province(code=code, name=name, parts=tuple(_parts(code, self._names))) for code, name in names.items() if "." not in code
        )

    def known(self, code: str) -> bool:
        return code in self._names

    def name(self, code: str) -> str:
        """`Kota Bandung, Jawa Barat`, or of a province its name alone. Raises KeyError for a code that is not known."""
        province = code.partition(".")[0]
        return self._names[code] if code == province else f"{self._names[code]}, {self._names[province]}"


def _parts(province: str, names: Mapping[str, str]) -> list[Region]:
    return [Region(code=code, name=name) for code, name in names.items() if code.startswith(f"{province}.")]


def load() -> Regions:
    """The list that comes with the gateway."""
    text = (resources.files("channels.web") / "data" / "regions.tsv").read_text("utf-8")
    return Regions(dict(line.split("\t") for line in text.splitlines()))
