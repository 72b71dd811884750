"""What citizens' abbreviations stand for (`data/abbreviations.toml` says how the list is written).

In: a document, then one message after the other. Out: the matching form of each word. A word becomes one other word or stays, so that
every word keeps its place; where the words around it do not make it clear, it stays as it was written. It never reads a file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from itertools import compress
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from normalizer.reading import Reading

#: words on either side in which `near` looks
WINDOW: Final = 3

Words = frozenset[str]


class Meaning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table [[unclear]]: what a word means in the company of others. One condition is enough; with none it always does."""

    spelt: str
    means: str
    #: directly behind, directly before, or within three words of one of these
    after: Words = frozenset()
    before: Words = frozenset()
    near: Words = frozenset()
    after_number: bool = False
    before_number: bool = False
    #: before a word with a capital that is no everyday word; with `dotted` only when a dot stands between
    before_name: bool = False
    dotted: bool = False
    #: … but never directly behind or before one of these, nor when it is written in capitals beside small letters
    not_after: Words = frozenset()
    not_before: Words = frozenset()
    in_capitals: bool = True

    @property
    def asks(self) -> bool:
        """Whether it needs company at all."""
        return bool(self.after or self.before or self.near or self.after_number or self.before_number or self.before_name)


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    #: a word, and how else it is spelt
    words: dict[str, str]
    unclear: tuple[Meaning, ...] = ()
    #: everyday words: with a capital they are the beginning of a sentence or a heading, and no name
    everyday: str = ""


class Abbreviations:
    """The list, ready for use."""

    __slots__ = ("_clear", "_everyday", "_known", "_unclear")

    def __init__(self, document: Document) -> None:
        """Raises ValueError for a spelling that stands in two places."""
        self._clear: dict[str, str] = {}
        for word, spellings in document.words.items():
            for spelling in spellings.split():
                if self._clear.setdefault(spelling, word) != word or spelling == word:
                    raise ValueError(f"abbreviations: {spelling!r} stands there twice")
        self._unclear: dict[str, list[Meaning]] = {}
        for meaning in document.unclear:
            if meaning.spelt in self._clear:
                raise ValueError(f"abbreviations: {meaning.spelt!r} stands there twice")
            self._unclear.setdefault(meaning.spelt, []).append(meaning)
        self._everyday = frozenset(document.everyday.split()) | self._clear.keys() | document.words.keys()
        self._known = self._clear.keys() | self._unclear.keys()

    def written_out(self, reading: Reading) -> list[str]:
        """The matching form of each word."""
        spelt = reading.spelt
        if self._known.isdisjoint(spelt):
            return spelt
        words = self.clear(spelt)
        for place in list(compress(range(len(spelt)), map(self._unclear.__contains__, spelt))):
            for meaning in self._unclear[spelt[place]]:
                if self._means(meaning, words, place, reading):
                    words[place] = meaning.means
                    break
        return words

    def clear(self, words: Sequence[str]) -> list[str]:
        """The words without regard to each other: only what is always clear is written out."""
        return list(map(self._clear.get, words, words))

    def _means(self, meaning: Meaning, words: list[str], place: int, reading: Reading) -> bool:
        before = words[place - 1] if place else ""
        behind = words[place + 1] if place + 1 < len(words) else ""
        if before in meaning.not_after or behind in meaning.not_before or (not meaning.in_capitals and _capitals(reading.written, place)):
            return False
        return (
            not meaning.asks
            or before in meaning.after
            or behind in meaning.before
            or (meaning.after_number and before.isdigit())
            or (meaning.before_number and behind.isdigit())
            or (meaning.before_name and self._name(reading, place + 1) and (not meaning.dotted or _dotted(reading, place)))
            or (bool(meaning.near) and not meaning.near.isdisjoint(words[max(0, place - WINDOW) : place + WINDOW + 1]))
        )

    def _name(self, reading: Reading, place: int) -> bool:
        """Whether a word is written like a name: Budi, not BUDI, which may be one of many capitals."""
        return place < len(reading.written) and reading.written[place].istitle() and reading.spelt[place] not in self._everyday


def _capitals(written: list[str], place: int) -> bool:
    """Whether a word is in capitals and one beside it is not."""
    beside = written[max(0, place - 1) : place + 2]
    return written[place].isupper() and any(word.islower() or word.istitle() for word in beside)


def _dotted(reading: Reading, place: int) -> bool:
    end = reading.ends[place]
    return reading.verbatim[end : end + 1] == "."


#: no list: every word is what it was written as
NONE: Final = Abbreviations(Document(words={}))


def parse(document: str) -> Abbreviations:
    """The list that a TOML document holds. Raises ValueError."""
    return Abbreviations(msgspec.convert(tomllib.loads(document), Document))
