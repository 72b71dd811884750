"""In which of Indonesia's three zones a place lies.

In: the code of a region (Kepmendagri; its first two digits are the province). Out: the name of a time zone. It opens no list of zones.

By Keputusan Presiden 41/1987: WIB is Sumatra, Java and West and Central Kalimantan; WITA is Bali, Nusa Tenggara, South and East Kalimantan
and Sulawesi; WIT is Maluku and Papua. Provinces that were made later keep the zone of the one that they were cut out of.
"""

from __future__ import annotations

from typing import Final

WIB: Final = "Asia/Jakarta"
WITA: Final = "Asia/Makassar"
WIT: Final = "Asia/Jayapura"

_PROVINCES: Final = {
    WIB: "11 12 13 14 15 16 17 18 19 21 31 32 33 34 35 36 61 62",
    WITA: "51 52 53 63 64 65 71 72 73 74 75 76",
    WIT: "81 82 91 92 93 94 95 96",
}
#: by province
ZONES: Final = {province: zone for zone, provinces in _PROVINCES.items() for province in provinces.split()}


def zone(code: str | None) -> str | None:
    """None for a place that is not known, or lies in no province."""
    return ZONES.get((code or "")[:2])
