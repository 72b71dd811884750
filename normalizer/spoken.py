"""Numbers that somebody wrote as one says them: `nol delapan satu dua …`, `0812 nol nol tiga tiga …`.

In: a `Reading`. Out: spans of telephone numbers and NIK in the verbatim text. It reads no sums: `dua ratus lima puluh` is no row of digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import compress
from typing import Final

from normalizer.complaint import Span
from normalizer.reading import Reading

#: a word that says the next digit twice
_TWICE: Final = "+"
DIGITS: Final = {
    "nol": "0", "kosong": "0", "nul": "0", "satu": "1", "dua": "2", "tiga": "3", "empat": "4", "lima": "5", "enam": "6", "tujuh": "7",
    "delapan": "8", "lapan": "8", "sembilan": "9", "sepuluh": "10", "sebelas": "11", "dobel": _TWICE, "double": _TWICE,
}  # fmt: skip
_PHONE = re.compile(r"(?:62|0)8[1-9][0-9]{6,11}|8[1-35-9][0-9]{8,10}|0[2-79][0-9]{7,10}")
_NIK_SIZE: Final = 16
#: of a row: fewer are said of houses and years, and what is written in figures alone is found elsewhere
_LEAST: Final = 9


def numbers(reading: Reading) -> Iterator[Span]:
    """Rows of digits, some of them in words, with little between them."""
    at, words = 0, reading.words
    digital = DIGITS.keys() | set(filter(str.isdecimal, words))
    for first in compress(range(len(words)), map(digital.__contains__, words)):
        if first < at:
            continue
        digits, at, spoken = "", first, False
        while at < len(words) and (at == first or _beside(reading, at)) and (more := _more(digits, words[at])):
            digits, spoken, at = more, spoken or words[at] in DIGITS, at + 1
        digits = digits.replace(_TWICE, "")
        if spoken and len(digits) >= _LEAST:
            kind = "phone" if _PHONE.fullmatch(digits) else "nik" if len(digits) == _NIK_SIZE else None
            if kind:
                yield Span(start=reading.starts[first], end=reading.ends[at - 1], kind=kind)


def _more(digits: str, word: str) -> str:
    """The digits with those of one more word; empty when it has none. `dua belas` is 12, `dobel nol` 00."""
    if word == "belas" and digits:
        return digits[:-1] + "1" + digits[-1]
    said = DIGITS.get(word) or (word if word.isdecimal() else "")
    if not said:
        return ""
    return digits[:-1] + said * 2 if digits.endswith(_TWICE) else digits + said


def _beside(reading: Reading, at: int) -> bool:
    """True when hardly anything stands between a word and the one before."""
    between = reading.verbatim[reading.ends[at - 1] : reading.starts[at]]
    return len(between) <= 3 and not between.strip(" ,.-\r\n")
