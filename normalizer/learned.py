"""How much a text resembles those in which an abuse of office is told, or a danger, or a wish to stay unnamed.

In: weights that were learned from labelled examples (`python -m evaluation.learn` makes them), the words of a text, and for each word
the lists of the rules in which it stands. Out: three chances. It decides nothing: rules say what follows from a chance.

A word counts by its stem, a list by its name, each once however often it stands there; what counts is added up. Order means nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from itertools import chain
from math import exp
from typing import Final

import msgspec

from normalizer.remembered import Remembered

#: stands in every text: how things are before a word is read
ALWAYS: Final = "^"
#: each number is the same
NUMBER: Final = "#"
#: what marks the name of a list
LIST: Final = "@"
#: the file holds whole numbers
_ONE: Final = 100
#: bits of a sum that each of the chances has for itself, and below them the numbers by which one feature is told from another
_SHARE: Final = 32
_HALF: Final = 1 << (_SHARE - 1)

#: what Indonesian, Javanese and Sundanese write before and behind a stem, longest first; no stem has fewer letters than `_LEAST`
_BEFORE: Final = ("meng", "meny", "mem", "men", "me", "di", "ber", "ter", "ng", "ny", "n", "m")
_BEHIND: Final = ("kannya", "nya", "kan", "an", "i", "lah", "ne", "e", "na")
_LEAST: Final = 4


class Chances(msgspec.Struct, frozen=True, gc=False):
    """From 0 to 1."""

    oversight: float
    emergency: float
    wish: float


#: of each stem and each list, what it adds for an abuse of office, for a danger and for a wish
Weights = Mapping[str, tuple[float, float, float]]


def parse(document: str) -> Weights:
    """Lines `stem oversight emergency wish`; those behind # explain. Raises ValueError."""
    weights: dict[str, tuple[float, float, float]] = {}
    for line in document.splitlines():
        if not line.startswith("# ") and line:
            stem, oversight, emergency, wish = line.split()
            weights[stem] = int(oversight) / _ONE, int(emergency) / _ONE, int(wish) / _ONE
    return weights


def written(weights: Weights) -> str:
    """The lines that `parse` reads; what would be 0 for all is left out."""
    rounded = {stem: tuple([round(each * _ONE) for each in added]) for stem, added in sorted(weights.items())}
    return "".join(f"{stem} {' '.join(map(str, added))}\n" for stem, added in rounded.items() if any(added) or stem == ALWAYS)


def features(word: str, lists: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What counts of a word; `lists` says in which lists it stands."""
    return (stem(word), *lists.get(word, ()))


class Learned:
    """What was learned, together with the lists of a rulebook."""

    __slots__ = ("_always", "_counting", "_weights", "lists")

    def __init__(self, weights: Weights, lists: Mapping[str, tuple[str, ...]]) -> None:
        # Whole numbers add up to the same in any order, and a set has none. One sum for all three, each in a share of its bits; every
        # feature with a number of its own behind it, so that a set has all of those that weigh the same.
        self._weights = {feature: (_packed(added) << _SHARE) + number for number, (feature, added) in enumerate(weights.items())}
        self._always = self._weights[ALWAYS]
        self.lists = lists
        self._counting = Remembered(self._counts)

    def chances(self, words: Collection[str]) -> Chances:
        """How likely it is that a text of these words tells of each."""
        added = sum({self._always, *chain.from_iterable(self._counting.of(words))}) >> _SHARE
        others = (added + _HALF) >> _SHARE
        oversight = (others + _HALF) >> _SHARE
        return Chances(_chance(oversight), _chance(others - (oversight << _SHARE)), _chance(added - (others << _SHARE)))

    def _counts(self, word: str) -> tuple[int, ...]:
        """What counts of a word."""
        return tuple([self._weights[feature] for feature in features(word, self.lists) if feature in self._weights])


def stem(word: str) -> str:
    """Without one ending and one beginning: roughly, but the same for all that belong together."""
    if word.isdigit():
        return NUMBER
    for before in _BEFORE:
        if word.startswith(before) and len(word) - len(before) >= _LEAST:
            word = word[len(before) :]
            break
    for behind in _BEHIND:
        if word.endswith(behind) and len(word) - len(behind) >= _LEAST:
            return word[: -len(behind)]
    return word


def _packed(added: tuple[float, float, float]) -> int:
    oversight, emergency, wish = [round(each * _ONE) for each in added]
    return (((oversight << _SHARE) + emergency) << _SHARE) + wish


@lru_cache(2**12)  # from very unlikely to very likely there are few thousand
def _chance(hundredths: int) -> float:
    return 1 / (1 + exp(-max(-20.0, min(20.0, hundredths / _ONE))))
