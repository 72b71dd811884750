"""Which other cases a text names, by a code of ours or an id of the ledger.

In: a text, and the reference of its own case. Out: links, each with what in the text says so. It looks nothing up.

A code of ours speaks for itself. An id of the ledger is a bare number of 5 to 12 digits, so it counts only behind `#` or behind words
that speak of a report: `Laporan No. 8112829, 8588371`. A telephone number, a sum, a date or a police report is none.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from normalizer.complaint import Related
from normalizer.reference import BadReference, read
from normalizer.text import kinds

#: a quoted conversation names its one case over and over; a text with more than these is a list
MOST: Final = 10
#: … and one with more that look like codes or ids than these is made to be slow
_LOOKED_AT = 100
#: as we write it; a code in other spellings is too like ordinary words to be found in a text
_DASHES = re.compile(r"-[0-9A-Za-z]{4}-")
_CODE = re.compile(r"(?<![0-9A-Za-z-])[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}(?![0-9A-Za-z-])")

#: no id begins with 0; what is glued to letters, to a country code or with a sign to other digits (1.500.000, LP/12345/X) is something else
_ID = re.compile(
    r"[#1-9](?<![0-9A-Za-z+][#1-9])(?<![0-9A-Za-z][./+-][#1-9])(?:(?<=#)[1-9]|(?<=[1-9]))[0-9]{4,11}"
    r"(?![0-9A-Za-z]|[./-][0-9A-Za-z]|,[0-9]{1,3}(?![0-9]))"
)
_WORD = re.compile(r"[a-z]+[0-9]?[a-z]*")
#: characters before a number in which it may be said what it is
_BEFORE = 60
#: what may stand between two ids of a list, the first one's date included
_AND = re.compile(r"(?: ?\([^()\n]{1,24}\))?[\s,;&#]{1,6}(?:(?:dan|and|serta)[\s#]{1,3})?")

_REPORT = frozenset(
    {"aduan", "complaint", "keluhan", "lap", "lapor", "laporan", "laporanku", "laporannya", "pengaduan", "report", "tracking"}
)
_NUMBER = frozenset(
    {"bernomor", "id", "kode", "nmr", "no", "nomer", "nomor", "nomornya", "number", "reg", "registrasi", "tracking"},
)
_BETWEEN = frozenset({
    "abdi", "adalah", "aku", "ane", "awak", "dengan", "dg", "dgn", "dulu", "gua", "gue", "gw", "itu", "kami", "kemarin", "kmrn", "kula",
    "kulo", "kuring", "lama", "nya", "pertama", "saya", "sebelumnya", "sblmnya", "sp4n", "sy", "tadi", "td", "terdahulu", "tersebut", "tsb",
    "urang", "yaitu", "yang", "yg",
})  # fmt: skip
#: behind a number these say that it counts something
_COUNTED = frozenset({"jiwa", "jt", "juta", "kali", "kk", "km", "meter", "orang", "rb", "ribu", "rupiah", "unit", "warga"})


def quoted(text: str, own: str, added_to: str = "") -> tuple[Related, ...]:
    """What a text quotes, each once, without its own reference: what it says it adds to, codes of ours, then ids of the ledger."""
    found = [*_codes(text, own), *_ids(text)]
    if added_to and added_to != own:
        found = [added_to, *(each for each in found if each != added_to)]
    return tuple([Related(id=each, kind="follow_up", evidence="quoted") for each in found[:MOST]])


def _codes(text: str, own: str) -> list[str]:
    codes: dict[str, None] = {}
    for found in islice(_CODE.finditer(text), _LOOKED_AT) if _DASHES.search(text) else ():
        code = _read(found[0])
        if code and code != own:
            codes[code] = None
        if len(codes) == MOST:
            break
    return list(codes)


def _read(written: str) -> str:
    if written.replace("-", "").isdecimal():
        return ""  # of a million codes one has no letter, but of all telephone numbers that are written so, each thirty-second fits
    try:
        return read(written)
    except BadReference:
        return ""


def _ids(text: str) -> list[str]:
    if b"00000" not in kinds(text):
        return []
    ids: dict[str, None] = {}
    last = -1
    for found in islice(_ID.finditer(text), _LOOKED_AT):
        if _named(text, found) or (last >= 0 and _AND.fullmatch(text, last, found.start()) is not None):
            ids[found[0].lstrip("#")] = None
            last = found.end()
        if len(ids) == MOST:
            break
    return list(ids)


def _named(text: str, found: re.Match[str]) -> bool:
    """The words before the number, or the # at its front, say that it is a report's."""
    digits = found[0].lstrip("#")
    marked = len(digits) < len(found[0])
    if len(digits) >= 10 and digits.startswith(("8", "628")):
        return False  # as mobile numbers are written without their 0
    report = number = False
    for word in reversed(_WORD.findall(text[max(0, found.start() - _BEFORE) : found.start()].lower())):
        if word not in _REPORT and word not in _NUMBER and word not in _BETWEEN:
            break
        report, number = report or word in _REPORT, number or word in _NUMBER
    if marked:
        return report or len(digits) > 5
    return report and (number or (len(digits) in {7, 8} and not _counts(text, found.end())))


def _counts(text: str, end: int) -> bool:
    following = _WORD.match(text[end : end + 16].lstrip().lower())
    return following is not None and following[0] in _COUNTED
