"""Where a text names a region, and which regions it may mean.

In: a `Reading`, the official regions, and the words that belong to streets and the like. Out: mentions. A name counts behind a word for
its level (`kec. Babadan`), alone when it is a province, kabupaten or kota, and beside a mention in which it lies, or which lies in it
(`Babadan, Ponorogo`). It never chooses between regions of one name: that is `place_agreement`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Literal, NamedTuple

from normalizer.place_words import BETWEEN, GLUED, HERE, LEADING, LEVEL_WORDS, NAMESAKES, ORDINARY, SAID_SO, SHORT, STOP, LevelWord
from normalizer.reading import Reading
from normalizer.regions import DISTRICT, PROVINCE, VILLAGE, Regions, above, is_kota, level

#: of words, in the longest name that is looked for
_LONGEST: Final = 5
#: words that may begin a mention, and mentions: a text made of places costs no more than others
_LOOKED_AT: Final = 250
_MOST: Final = 12
#: letters; shorter names are words first
_SHORTEST: Final = 4


class Mention(NamedTuple):
    """One name in the text."""

    #: the words that it takes up, with the word for its level; nowhere when the settings or the form said it
    start: int
    end: int
    #: what it may mean
    codes: tuple[int, ...]
    #: `level`: behind a word for it. `name`: alone. `here`: alone and behind a word such as `di`, which proves nothing by itself.
    said: Literal["level", "name", "here", "misspelt", "keyword", "given"]
    #: its letters; of what form and settings say, the name in words
    name: str


class Unread(NamedTuple):
    """A word for a level, and no region of that level is called what follows."""

    start: int
    name: int
    level: int


def find(reading: Reading, regions: Regions, taken: AbstractSet[int], *, field: bool = False) -> tuple[list[Mention], list[Unread]]:
    """In the order of the text; `taken` are words that name a street or an estate. In a field for the place, each word may be a name."""
    words, openings = reading.words, regions.openings
    found: list[Mention] = []
    unread: list[Unread] = []
    end = 0
    looked_at: Sequence[int] = range(len(words))
    if not field:
        looked_at = [at for at, word in enumerate(words) if word in LEVEL_WORDS or word in openings or word in HERE or word[:3] in _GLUED]
    for at in looked_at[:_LOOKED_AT]:
        if at < end or len(found) == _MOST:
            continue
        said = LEVEL_WORDS.get(words[at])
        mention = _behind(words, at, said, regions) if said else _bare(reading, at, regions, taken, field=field)
        if mention is None:
            if said and at + 1 < len(words) and len(unread) < _MOST:
                unread.append(Unread(at, at + 1, said.level))
        elif mention.said != "name" or not any(mention.name == other.name and other.said == "name" for other in found):
            found.append(mention)
            end = mention.end
    if found:
        _join_neighbours(found, reading, regions, taken)
    return found, unread


def _bare(reading: Reading, at: int, regions: Regions, taken: AbstractSet[int], *, field: bool) -> Mention | None:
    """A name without a word for its level, or glued to one."""
    words = reading.words
    if words[at] in HERE:
        return _here(reading, at + 1, regions) if at + 1 not in taken else None
    if mention := _glued(words, at, regions):
        return mention
    if at in taken:
        return None
    wide = _wide(reading, at, regions) if words[at] in regions.openings else None
    return wide or (_here(reading, at, regions) if field else None)


def _behind(words: Sequence[str], at: int, said: LevelWord, regions: Regions) -> Mention | None:
    """`kec. Babadan`, `Kota Adm. Jakarta Timur`."""
    start = at + 1
    while start < len(words) and words[start] in BETWEEN:
        start += 1
    if said.level in {VILLAGE, DISTRICT}:
        table = regions.villages if said.level == VILLAGE else regions.districts
        end, name = _longest(words, start, table)
        codes: Iterable[int] = regions.called(table, name) if name else ()
    else:
        end, name = _longest(words, start, regions.wide)
        codes = _of_level(regions.wide.get(name, ()), said)
    codes = tuple(codes)
    return Mention(at, end, codes, "level", name) if codes else None


def _of_level(codes: tuple[int, ...], said: LevelWord) -> tuple[int, ...]:
    """Of a name's codes those that the word can mean; who says `kab. Surabaya` means the only Surabaya that there is."""
    of_level = tuple(code for code in codes if level(code) == said.level)
    if said.kota is None or said.level == PROVINCE:
        return of_level
    return tuple(code for code in of_level if is_kota(code) == said.kota) or of_level or (codes if said.kota else ())


def _wide(reading: Reading, at: int, regions: Regions) -> Mention | None:
    """A province, kabupaten or kota without a word for it."""
    words = reading.words
    end, name = _longest(words, at, regions.wide)
    before = words[at - 1] if at else ""
    if not name or before in NAMESAKES:
        return None
    # nasib malang, but: di malang, ke Batu
    if name in ORDINARY and not (before in LEADING and (name in SAID_SO or _as_a_name(reading, at, end))):
        return None
    return Mention(at, end, regions.wide[name], "name", name)


def _here(reading: Reading, at: int, regions: Regions) -> Mention | None:
    """A kecamatan or a village behind `di`."""
    if at >= len(reading.words) or reading.words[at] in STOP or reading.words[at] in LEVEL_WORDS or reading.words[at] in regions.openings:
        return None
    for end, name in sorted(ends(reading.words, at), reverse=True):
        codes = (*regions.called(regions.districts, name), *regions.called(regions.villages, name))
        if codes and not _everyday(reading, at, end, name):
            return Mention(at, end, codes, "here", name)
    return None


def _glued(words: Sequence[str], at: int, regions: Regions) -> Mention | None:
    """`kecbabadan`."""
    for lead, said in GLUED.items() if words[at][:3] in _GLUED else ():
        name = words[at].removeprefix(lead)
        if len(name) >= _SHORTEST and name != words[at] and (mention := _behind(("", name), 0, said, regions)):
            return mention._replace(start=at, end=at + 1)
    return None


def _join_neighbours(found: list[Mention], reading: Reading, regions: Regions, taken: AbstractSet[int]) -> None:
    """Names beside a mention that agree with it; then those beside these."""
    words = reading.words
    covered = set(taken)
    for mention in found:
        covered.update(range(mention.start, mention.end))
    for mention in found:
        if len(found) >= 2 * _MOST:
            break
        for start, end, name in (*_right(words, mention.end), *_left(words, mention.start)):
            if start in covered or end - 1 in covered or _everyday(reading, start, end, name):
                continue
            if codes := _agreeing(mention.codes, _any_level(regions, name)):
                found.append(Mention(start, end, codes, "name", name))
                covered.update(range(start, end))


def _right(words: Sequence[str], at: int) -> Iterator[tuple[int, int, str]]:
    if at < len(words) and words[at] not in STOP and words[at] not in LEVEL_WORDS:
        yield from ((at, end, name) for end, name in sorted(ends(words, at), reverse=True))


def _left(words: Sequence[str], at: int) -> Iterator[tuple[int, int, str]]:
    if at > 0 and words[at - 1] not in STOP:
        name = ""
        names = []
        for start in range(at - 1, max(at - 4, -1), -1):
            name = SHORT.get(words[start], words[start]) + name
            names.append((start, at, name))
        yield from reversed(names)


def _any_level(regions: Regions, name: str) -> tuple[int, ...]:
    return (*regions.wide.get(name, ()), *regions.called(regions.districts, name), *regions.called(regions.villages, name))


def _agreeing(codes: tuple[int, ...], others: tuple[int, ...]) -> tuple[int, ...]:
    """Those of the others that lie in one of these, or else those in which one of these lies."""
    if not others:
        return ()
    own = set(codes)
    around = {outer for code in codes for outer in above(code)}
    return tuple(code for code in others if code in around or not own.isdisjoint(above(code)))


def ends(words: Sequence[str], start: int) -> list[tuple[int, str]]:
    """Where names that begin there may end, and their letters."""
    name, ends = "", []
    for at in range(start, min(start + _LONGEST, len(words))):
        name += SHORT.get(words[at], words[at])
        ends.append((at + 1, name))
    return ends


def _longest(words: Sequence[str], start: int, table: Mapping[str, object]) -> tuple[int, str]:
    """The longest name in the table that begins there; empty when there is none."""
    best = (start, "")
    name = ""
    for at in range(start, min(start + _LONGEST, len(words))):
        name += SHORT.get(words[at], words[at])
        if name in table:
            best = (at + 1, name)
    return best


def _everyday(reading: Reading, start: int, end: int, name: str) -> bool:
    """Whether it is, without a word for its level, no name but words; several in capitals are a name: Suka Maju."""
    if len(name) < _SHORTEST or name in ORDINARY or name in STOP:
        return True
    if not all(word in ORDINARY or word in STOP for word in reading.words[start:end]):
        return False
    return not _as_a_name(reading, start, end)


def _as_a_name(reading: Reading, start: int, end: int) -> bool:
    """Each word with one capital; in a text of capitals, that says nothing."""
    return all(written[:1].isupper() and not written.isupper() for written in reading.written[start:end])


_GLUED: Final = frozenset(lead[:3] for lead in GLUED)
