"""The language of a message: Indonesian, Javanese, Sundanese, English, or nothing where it is not sure.

In: a reading, and the lists of `data/languages.toml`. Out: a language with the lists as its rule. It never reads a file, and never
guesses: who is answered in the wrong language has not been answered, and everybody reads Indonesian.

Why lists: what SMS are made of (half of the words abbreviated, two languages in one line) is what trained models have not seen; those
that know Sundanese at all weigh a hundred times as much as this program.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from functools import lru_cache
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from normalizer.complaint import Inferred
from normalizer.reading import Reading
from normalizer.remembered import Remembered

#: what may be the answer; the last list is of languages that are none of these
LANGUAGES: Final = ("id", "jv", "su", "en")
#: a message shows its language at once; and so many words, with their tails, fit into their share of a sum
MOST_WORDS: Final = 600
_BITS: Final = 12
#: letters of an end that tells a language
_TAIL: Final = 3
_MASK: Final = (1 << _BITS) - 1
_SHARES: Final = range(0, _BITS * (len(LANGUAGES) + 1), _BITS)
#: to be sure: at least so much, and so many times the next language. Indonesian needs less, because it is the answer anyway.
LEAST: Final = {"id": (2, 1.5), "jv": (3, 2), "su": (3, 2), "en": (3, 2)}


class Ending(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a noun gets behind a vowel, and behind any other letter."""

    vowel: str
    other: str


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of the file."""

    certain: str
    likely: str = ""
    weak: str = ""
    nouns: str = ""
    ending: Ending = Ending(vowel="", other="")
    tails: Annotated[str, Meta(pattern="^([a-z]{3}( |$))*$")] = ""

    def weights(self) -> dict[str, int]:
        """Each word with what it counts for."""
        nouns = (noun + (self.ending.vowel if noun[-1] in "aeiou" else self.ending.other) for noun in self.nouns.split())
        weak, likely = dict.fromkeys(self.weak.split(), 1), dict.fromkeys(self.likely.split(), 2)
        return weak | likely | dict.fromkeys(self.certain.split(), 3) | dict.fromkeys(nouns, 3)


class Languages:
    """The lists, ready for use. Without a table it knows no language."""

    __slots__ = ("_counting", "_tails", "_weights")

    def __init__(self, tables: dict[str, Words]) -> None:
        """Raises ValueError for a table that is no language's."""
        if unknown := sorted(tables.keys() - {*LANGUAGES, "other"}):
            raise ValueError(f"languages: unknown table {unknown[0]!r}")
        # one sum for all languages: each has its own bits of it
        self._weights: dict[str, int] = {}
        #: what the end of a word counts for
        self._tails: dict[str, int] = {}
        for share, name in zip(_SHARES, (*LANGUAGES, "other"), strict=True):
            table = tables.get(name)
            if table is None:
                continue
            for word, weight in table.weights().items():
                self._weights[word] = self._weights.get(word, 0) + (weight << share)
            self._tails |= dict.fromkeys(table.tails.split(), 3 << share)
        self._counting = Remembered(self._counts)

    @property
    def words(self) -> Collection[str]:
        """Every word that counts."""
        return self._weights.keys()

    def of(self, reading: Reading) -> Inferred[str]:
        """The language of a message; nothing when it is not sure."""
        return _said(sum(self._counting.of(reading.spelt[:MOST_WORDS])))

    def _counts(self, word: str) -> int:
        """What a word counts for, with its end."""
        return self._weights.get(word, 0) + self._tails.get(word[-_TAIL:], 0)


UNSURE: Final[Inferred[str]] = Inferred()


@lru_cache(2**12)  # nine of ten messages have the sum of one before
def _said(total: int) -> Inferred[str]:
    """The language that a sum speaks for."""
    scores = [total >> share & _MASK for share in _SHARES]
    *_, second, best = sorted(scores)
    place = scores.index(best)
    if place == len(LANGUAGES):
        return UNSURE
    language = LANGUAGES[place]
    least, times = LEAST[language]
    if best < least or best < times * second:
        return UNSURE
    return Inferred(value=language, rule=f"words:{language}", confidence=round(best / (best + second + 2), 2))


def parse(document: str) -> Languages:
    """The lists that a TOML document holds. Raises ValueError."""
    return Languages(msgspec.convert(tomllib.loads(document), dict[str, Words]))
