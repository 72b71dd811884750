"""A text, cut into the words by which every step matches.

In: the verbatim text, and what its abbreviations may mean. Out: one `Reading`, made once for each message. It never alters the text:
what is made legible stands beside it, and every word knows where it stands in the verbatim one.

A word is a run of letters or a run of digits; citizens glue theirs together (`RT5RW7Kel.Leuwigajah`), so a word also ends where a
small letter meets a capital. An apostrophe ends a word, too.
"""

from __future__ import annotations

import re
import unicodedata
from operator import add
from typing import Final

from normalizer import legible
from normalizer.abbreviations import NONE, Abbreviations

#: Characters of which the steps read anything; ten times the longest complaint that was ever counted (domain §6.2). A mail may bring 24 MB,
#: each word of which would be an object of its own. What stands behind them is in the record, and nothing is inferred from it.
LONGEST: Final = 100_000
#: with accents, because Javanese and Sundanese are also written with them: badé, KÉNGING
_CAPITALS: Final = "A-ZÀ-ÖØ-Þ"
_WORD: Final = re.compile(rf"[^\W\d_{_CAPITALS}]+|[{_CAPITALS}]+[^\W\d_{_CAPITALS}]*|\d+")
_PLAIN_WORD: Final = re.compile(r"[a-z]+|[A-Z]+[a-z]*|[0-9]+")

_ASCII: Final = "".join(map(chr, range(128)))
#: signs as spaces; and each character as its kind, in which these stand where words are glued together
_SPACED: Final = re.sub(r"[^0-9A-Za-z]", " ", _ASCII)
_KINDS: Final = re.sub(r"[a-z]", "a", re.sub(r"[A-Z]", "A", re.sub(r"[0-9]", "0", _SPACED)))
_GLUED: Final = ("aA", "a0", "A0", "0a", "0A")


class Reading:
    """What the steps read."""

    __slots__ = ("_edges", "_mended", "legible", "spelt", "verbatim", "words", "written")

    def __init__(self, verbatim: str) -> None:
        """Made by `read`."""
        #: as the citizen wrote it
        self.verbatim = verbatim
        #: what can be read of it: nearly always the verbatim text itself
        self.legible, self._mended = legible.read(verbatim)
        #: the words as they stand in `legible`; and each in small letters, without accents
        self.written, self.spelt = _cut(self.legible)
        #: of each word, its matching form: as `spelt`, abbreviations written out where it is clear what they mean
        self.words = self.spelt
        self._edges: tuple[list[int], list[int]] | None = None

    @property
    def starts(self) -> list[int]:
        """Of each word, where it begins in `verbatim`."""
        return self._places()[0]

    @property
    def ends(self) -> list[int]:
        """Of each word, where it ends in `verbatim`."""
        return self._places()[1]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of `legible` stands in `verbatim`."""
        return legible.span(self._mended, start, end) if self._mended else (start, end)

    def _places(self) -> tuple[list[int], list[int]]:
        """Found when a step asks for the first one: most words of most messages are never pointed at."""
        if self._edges is None:
            # nothing but signs stands between two words, so the first that looks like one behind the word before it is the word
            find, at = self.legible.find, 0
            lengths = list(map(len, self.written))
            starts = [at := find(word, at + passed) for word, passed in zip(self.written, [0, *lengths], strict=False)]
            ends = list(map(add, starts, lengths))
            if self._mended:
                both = [legible.span(self._mended, *edges) for edges in zip(starts, ends, strict=True)]
                starts, ends = [start for start, _ in both], [end for _, end in both]
            self._edges = starts, ends
        return self._edges


def read(text: str, abbreviations: Abbreviations = NONE) -> Reading:
    """Read a text; any text can be read."""
    reading = Reading(text)
    reading.words = abbreviations.written_out(reading)
    return reading


def _cut(text: str) -> tuple[list[str], list[str]]:
    """The words as they are written, and as they are spelt."""
    if not text.isascii():
        written = _WORD.findall(text)
        return written, [_bare(word) for word in written]
    kinds = text.translate(_KINDS)
    if any(map(kinds.__contains__, _GLUED)):
        written = _PLAIN_WORD.findall(text)
        return written, " ".join(written).lower().split()
    # what a pattern would find, in a third of the time
    spaced = text.translate(_SPACED)
    return spaced.split(), spaced.lower().split()


def _bare(word: str) -> str:
    """In small letters that a keyboard has, as far as Unicode knows them: badé as bade, bold or full-width letters as plain ones."""
    if word.isascii():
        return word.lower()
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", word))).lower() or word
