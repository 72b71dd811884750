"""A text, cut into the words by which every step matches.

In: the verbatim text, and what its abbreviations may mean. Out: one `Reading`, made once for each message. It never alters the text:
what is made legible stands beside it, and every word knows where it stands in the verbatim one.

A word is a run of letters or a run of digits; citizens glue theirs together (`RT5RW7Kel.Leuwigajah`), so a word also ends where a
small letter meets a capital. An apostrophe ends a word, too.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from copy import copy
from typing import Final

from normalizer import legible
from normalizer.abbreviations import NONE, Abbreviations
from normalizer.text import kinds

#: Characters of which the steps read anything; ten times the longest complaint that was ever counted (domain §6.2). A mail may bring 24 MB,
#: each word of which would be an object of its own. What stands behind them is in the record, and nothing is inferred from it.
LONGEST: Final = 100_000
#: with accents, because Javanese and Sundanese are also written with them: badé, KÉNGING
_CAPITALS: Final = "A-ZÀ-ÖØ-Þ"
_WORD: Final = re.compile(rf"[^\W\d_{_CAPITALS}]+|[{_CAPITALS}]+[^\W\d_{_CAPITALS}]*|\d+")
_PLAIN_WORD: Final = re.compile(r"[a-z]+|[A-Z]+[a-z]*|[0-9]+")

#: what an answer and an addition stand behind (`additions`)
_MARK: Final = re.compile(r"^\[(?:jawaban|tambahan)\]", re.MULTILINE)

#: signs as spaces; bytes are replaced ten times as fast as the letters of a string
_SPACED: Final = re.sub(rb"[^0-9A-Za-z]", b" ", bytes(range(256)))


class Reading:
    """What the steps read."""

    __slots__ = ("_mended", "ends", "legible", "numbers", "present", "spelt", "starts", "verbatim", "words", "written")

    def __init__(self, verbatim: str, abbreviations: Abbreviations) -> None:
        """Made by `read`."""
        #: as the citizen wrote it
        self.verbatim = verbatim
        #: what can be read of it: nearly always the verbatim text itself
        self.legible, self._mended = legible.read(verbatim)
        if "[" in self.legible:
            # our own marks are no words of the citizen's
            self.legible = _MARK.sub(lambda mark: " " * len(mark[0]), self.legible)
        #: the words as they stand in `legible`; and each in small letters, without accents
        self.written, self.spelt, digits = _cut(self.legible)
        #: those of digits: who looks for a longer number need not read the text
        self.numbers = list(filter(str.isdecimal, self.written)) if digits else []
        #: of each word, where it begins in `verbatim`, and where it ends
        self.starts, self.ends = _places(self.legible, self.written)
        if self._mended:
            self.starts, self.ends = _mapped(self._mended, self.starts, self.ends)
        #: of each word, its matching form: as `spelt`, abbreviations written out where it is clear what they mean
        self.words = abbreviations.written_out(self)
        #: the same, each once: a long text says most of its words again and again
        self.present = frozenset(self.words)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of `legible` stands in `verbatim`."""
        return legible.span(self._mended, start, end) if self._mended else (start, end)

    def as_legible(self) -> Reading | None:
        """Itself as it would be, had the text come legible; None when it did."""
        if self._mended is None:
            return None
        reading = copy(self)
        reading.verbatim, reading._mended = self.legible, None
        reading.starts, reading.ends = _places(self.legible, self.written)
        return reading


def read(text: str, abbreviations: Abbreviations = NONE) -> Reading:
    """Read a text; any text can be read."""
    return Reading(text, abbreviations)


def spell(text: str) -> list[str]:
    """The words of a short text alone, as `Reading.spelt`."""
    if (letters := text.replace(" ", "").replace("*", "")).isascii() and letters.isalpha() and letters.islower():
        # as nearly every phrase of the rules is
        return text.replace("*", " ").split()
    return _cut(legible.read(text)[0])[1]


def _cut(text: str) -> tuple[list[str], list[str], bool]:
    """The words as they are written, and as they are spelt; whether there may be digits."""
    if not text.isascii():
        written = _WORD.findall(text)
        return written, [word.lower() if word.isascii() else _bare(word) for word in written], True
    of_each = kinds(text)
    if b"aA" in of_each or b"a0" in of_each or b"A0" in of_each or b"0a" in of_each or b"0A" in of_each:
        written = _PLAIN_WORD.findall(text)
        return written, " ".join(written).lower().split(), b"0" in of_each
    # what a pattern would find, in a third of the time
    spaced = text.encode().translate(_SPACED).decode()
    return spaced.split(), spaced.lower().split(), b"0" in of_each


def _places(text: str, written: list[str]) -> tuple[list[int], list[int]]:
    """Where each word begins and ends."""
    starts, ends, at = list[int](), list[int](), 0
    if text.isascii():
        pieces = text.encode().translate(_SPACED).split(b" ")
        if len(pieces) - pieces.count(b"") == len(written):
            # no word is glued to another
            for piece in pieces:
                if piece:
                    starts.append(at)
                    at += len(piece)
                    ends.append(at)
                at += 1
            return starts, ends
    # nothing but signs stands between two words, so the first that looks like one behind the word before it is the word
    find = text.find
    for word in written:
        start = find(word, at)
        at = start + len(word)
        starts.append(start)
        ends.append(at)
    return starts, ends


def _mapped(mended: legible.Mended, starts: list[int], ends: list[int]) -> tuple[list[int], list[int]]:
    """Where words of the legible text stand in the verbatim one; between two stretches that were mended, all are moved alike."""
    first: list[int] = []
    behind: list[int] = []
    at = moved = 0
    for start, end, verbatim_end in zip(mended.starts, mended.ends, mended.verbatim_ends, strict=True):
        clear = bisect_right(ends, start, at)
        first += [place + moved for place in starts[at:clear]]
        behind += [place + moved for place in ends[at:clear]]
        at = clear
        while at < len(starts) and starts[at] < end:
            one, other = legible.span(mended, starts[at], ends[at])
            first.append(one)
            behind.append(other)
            at += 1
        moved = verbatim_end - end
    return [*first, *(place + moved for place in starts[at:])], [*behind, *(place + moved for place in ends[at:])]


def _bare(word: str) -> str:
    """In small letters that a keyboard has, as far as Unicode knows them: badé as bade, bold or full-width letters as plain ones."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", word))).lower() or word
