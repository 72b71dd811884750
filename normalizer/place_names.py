"""Which names stand at a word, and whether they are more than words there.

In: words, and the official regions. Out: names by their letters. It never says which region is meant.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Final

from normalizer.place_words import APART, LEVEL_WORDS, ORDINARY, SHORT, STOP, VERBS
from normalizer.reading import Reading
from normalizer.regions import Regions, lies_in

#: of words, in the longest name that is looked for
_LONGEST: Final = 4
#: letters; shorter names are words first
SHORTEST: Final = 4


def ends(words: Sequence[str], start: int) -> list[tuple[int, str]]:
    """Where names that begin there may end, and their letters."""
    ends, name = [], ""
    for at, word in enumerate(words[start : start + _LONGEST], start + 1):
        if name and word in APART:
            break
        name += SHORT.get(word, word)
        ends.append((at, name))
    return ends


def known(words: Sequence[str], start: int, *tables: Container[str]) -> list[tuple[int, str]]:
    """Of `ends`, the names that stand in one of the tables."""
    found, name = [], ""
    for at, word in enumerate(words[start : start + _LONGEST], start + 1):
        if name and word in APART:
            break
        name += SHORT.get(word, word)
        for table in tables:
            if name in table:
                found.append((at, name))
                break
    return found


def longest(words: Sequence[str], start: int, table: Mapping[str, object]) -> tuple[int, str]:
    """The longest name in the table that begins there; empty when there is none."""
    best, name = (start, ""), ""
    for at, word in enumerate(words[start : start + _LONGEST], start + 1):
        if name and word in APART:
            break
        name += SHORT.get(word, word)
        if name in table:
            best = (at, name)
    return best


def any_level(regions: Regions, name: str) -> tuple[int, ...]:
    """The codes of a name in ascending order, the villages last."""
    return (*regions.wide.get(name, ()), *regions.called(regions.districts, name), *regions.called(regions.villages, name))


def everyday(reading: Reading, start: int, end: int, name: str) -> bool:
    """Whether it is, without a word for its level, no name but words; several in capitals are a name: Suka Maju."""
    if len(name) < SHORTEST or name in ORDINARY or name in STOP:
        return True
    if not all(word in ORDINARY or word in STOP for word in reading.words[start:end]):
        return False
    return not as_a_name(reading, start, end)


def as_a_name(reading: Reading, start: int, end: int) -> bool:
    """Each word with one capital; in a text of capitals, that says nothing."""
    return all(written[:1].isupper() and not written.isupper() for written in reading.written[start:end])


def does(reading: Reading, at: int, regions: Regions) -> bool:
    """Whether the word there is what an office does, and not what it is called: desa minta uang, but kec tarik sidoarjo."""
    words = reading.words
    if at >= len(words) or words[at] not in VERBS or as_a_name(reading, at, at + 1):
        return False
    codes = any_level(regions, words[at])
    if not codes:
        return True
    behind = at + 2 if words[at + 1 : at + 2] and words[at + 1] in LEVEL_WORDS else at + 1
    around = {code for _, name in ends(words, behind) for code in any_level(regions, name)}
    return not any(lies_in(code, around) for code in codes)
