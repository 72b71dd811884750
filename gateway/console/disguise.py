"""Words and numbers in a disguise that keeps their shape: each letter becomes another letter of its kind, each digit another digit.

In: texts, octets, a key that is drawn for one file and thrown away. Out: the same with other letters and digits, as many, at the same
places: capitals stay capitals, what fits into seven bits still does. Punctuation, spaces and signs stay. Of what was written no three
letters or digits in a row are left, at whatever place. The same value has the same disguise throughout a file. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from hashlib import shake_256
from typing import Final

_LOWER, _UPPER, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
#: letters of GSM 03.38 beyond ASCII: one septet each, and so is what takes their place
_GSM: Final = ("èéùìòøåæßñüàäö", "ÇØÅÆÉÄÖÑÜ", "ΔΦΓΛΩΠΨΣΘΞ")
_CLASSES: Final = {sign: kin for kin in (_LOWER, _UPPER, _DIGITS, *_GSM) for sign in kin}


class Disguise:
    """One for a file."""

    def __init__(self, key: bytes, ours: Iterable[str] = ()) -> None:
        """`ours`: words that are nobody's secret and by which a message finds its way, such as 1708 or #lapor; they stay."""
        self._key = key
        words = sorted({re.escape(word) for word in ours if word}, key=len, reverse=True)
        self._ours = re.compile(rf"(?<![^\W_])(?:{'|'.join(words)})(?![^\W_])", re.IGNORECASE) if words else None

    def text(self, said: str) -> str:
        """Words of somebody."""
        kept = self._ours.finditer(said) if self._ours else ()
        return self._changed(said, {place: said[place] for found in kept for place in range(*found.span())})

    def number(self, digits: str) -> str:
        """An id or a telephone number: its first two digits stay, so that it keeps its kind and its place among others. No telephone in
        the country has a zero behind them, so that it is nobody's."""
        head = re.match(r"[+-]?[0-9]{0,2}", digits)
        kept = head.end() if head else 0
        zero = {kept: "0"} if digits[kept : kept + 1].strip("0").isdecimal() else {}
        return self._changed(digits, dict(enumerate(digits[:kept])) | zero)

    def _changed(self, said: str, fixed: Mapping[int, str]) -> str:
        signs, runs = [fixed.get(place, sign) for place, sign in enumerate(said)], {run.casefold() for run in _runs(said)}
        drawn = _drawn(self._key + said.encode("utf-8", "surrogatepass"), len(signs))
        for place, (sign, number) in enumerate(zip(said, drawn, strict=True)):
            if place not in fixed and sign.isalnum():
                signs[place] = _other(sign, number, "".join(signs[max(place - 2, 0) : place]), runs)
        return "".join(signs)

    def octets(self, said: bytes) -> bytes:
        """What may be a text in an alphabet nobody knows: octets that are letters or digits in ASCII, and all above."""
        plain = self.text("".join(chr(octet) if octet < 0x80 else "\0" for octet in said)).encode("ascii")
        drawn = _drawn(self._key + said, len(said))
        return bytes(0x80 | number & 0x7F if octet >= 0x80 else sign for octet, number, sign in zip(said, drawn, plain, strict=True))


def _runs(said: str) -> Iterator[str]:
    """Three letters or digits in a row, wherever they stand."""
    return (said[at : at + 3] for at in range(len(said) - 2) if said[at : at + 3].isalnum())


def _drawn(seed: bytes, count: int) -> Iterator[int]:
    """Numbers that anybody with the key would draw again, and nobody else."""
    octets = shake_256(seed).digest(2 * count)
    return (int.from_bytes(octets[at : at + 2]) for at in range(0, len(octets), 2))


def _other(sign: str, drawn: int, before: str, runs: set[str]) -> str:
    """Another sign of its kind, which does not end a run that was there."""
    kin = _kin(sign)
    others = [other for other in kin[drawn % len(kin) :] + kin[: drawn % len(kin)] if other.casefold() != sign.casefold()]
    return next((other for other in others if (before + other).casefold() not in runs), others[0] if others else sign)


@cache
def _kin(sign: str) -> str:
    """What may take its place; itself among them."""
    if sign in _CLASSES:
        return _CLASSES[sign]
    for block in (32, 256):
        start = ord(sign) & -block
        kin = "".join(filter(partial(_alike, sign), map(chr, range(start, start + block))))
        if len(kin) > 1:
            return kin
    return sign


def _alike(sign: str, other: str) -> bool:
    """Letters that lie close take as many octets in every alphabet, but for the few beside ASCII."""
    if not other.isalnum() or other.isascii() or len(other.encode()) != len(sign.encode()):
        return False
    return unicodedata.category(other) == unicodedata.category(sign) and other.isupper() == sign.isupper()
