"""Where a text names a region, and which regions it may mean.

In: a `Reading`, the official regions, and the words that belong to streets and the like. Out: mentions. A name counts behind a word for
its level (`kec. Babadan`), alone when it is a province, kabupaten or kota, and beside a mention in which it lies, or which lies in it
(`Babadan, Ponorogo`). It never chooses between regions of one name: that is `place_agreement`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from itertools import compress, islice
from typing import Final, Literal

import msgspec

from normalizer.place_names import SHORTEST, any_level, as_a_name, does, everyday, known, longest
from normalizer.place_words import (
    APART,
    BEHIND,
    BETWEEN,
    DISTRICT,
    GLUED,
    HERE,
    LEADING,
    LEVEL_WORDS,
    NAMESAKES,
    ORDINARY,
    PLAIN,
    REGENCY,
    SAID_SO,
    SHORT,
    STOP,
    TURNED,
    VILLAGE,
    LevelWord,
)  # fmt: skip
from normalizer.reading import Reading
from normalizer.regions import Regions, above, inside, is_kota, level, lies_in

#: words that may begin a mention, and mentions: a text made of places costs no more than others
_LOOKED_AT: Final = 150
_MOST: Final = 12
#: ways of saying that prove nothing by themselves
WEAK: Final = frozenset({"here", "stray", "sole"})
#: regions of one name; beside such a name nothing is looked for, because nearly everything agrees with one of them
_TOO_MANY: Final = 40
#: villages elsewhere that may be called like the kecamatan that is meant
_OTHERS: Final = 2
#: times as many regions as these are sought one by one
_FEW: Final = 4
#: what no name begins with
_UNNAMED: Final = STOP | LEVEL_WORDS.keys()


class Mention(msgspec.Struct, frozen=True, gc=False):
    """One name in the text."""

    #: the words that it takes up, with the word for its level; nowhere when the settings or the form said it
    start: int
    end: int
    #: what it may mean, the villages last
    codes: tuple[int, ...]
    #: `level`: behind a word for it. `name`: a town, or beside another name. What proves nothing by itself: `here` behind a word such as
    #: `di`, `stray` anywhere, `sole` either of them, written like a name that one region has
    said: Literal["level", "name", "here", "stray", "sole", "misspelt", "keyword", "given"]
    #: its letters; of what form and settings say, the name in words
    name: str


class Unread(msgspec.Struct, frozen=True, gc=False):
    """A word for a level, and no region of that level is called what follows."""

    start: int
    name: int
    level: int


class Taken(msgspec.Struct, frozen=True, gc=False):
    """Words that name something else: a street or a landmark, which may be called after what it lies in; a lane or an estate."""

    lent: Collection[int]
    kept: Collection[int]


def find(reading: Reading, regions: Regions, taken: Taken, *, field: bool = False) -> tuple[list[Mention], list[Unread]]:
    """In the order of the text. In a field for the place, each word may be a name."""
    words, signals = reading.words, regions.signals
    found: list[Mention] = []
    unread: list[Unread] = []
    end = 0
    looked_at: Iterable[int] = range(len(words))
    if not field:
        looked_at = compress(looked_at, map(signals.__contains__, words))
    for at in islice(looked_at, _LOOKED_AT):
        if at < end:
            continue
        if len(found) == _MOST:
            break
        said = LEVEL_WORDS.get(words[at])
        mention = _behind(words, at, said, regions) if said else _bare(reading, at, regions, taken, field=field)
        if said and (mention is None or mention.end == at + 2) and does(reading, at + 1, regions):
            continue
        if mention is not None:
            if not [1 for other in found if other.name == mention.name and other.codes == mention.codes]:
                found.append(mention)
            end = mention.end
        elif said and len(unread) < _MOST and at + 1 < len(words) and len(words[at + 1]) > SHORTEST and words[at + 1] not in STOP:
            unread.append(Unread(at, at + 1, said.level))
    if found:
        _join_neighbours(found, reading, regions, taken)
    return found, unread


def _bare(reading: Reading, at: int, regions: Regions, taken: Taken, *, field: bool) -> Mention | None:
    """A name without a word for its level, or glued to one."""
    words = reading.words
    named = at + 1 if words[at] in HERE else at
    if named in taken.lent or named in taken.kept:
        return None
    if named > at:
        return _here(reading, named, regions)
    if words[at] in regions.openings and (wide := _wide(reading, at, regions)):
        return wide
    if field and (here := _here(reading, at, regions)):
        return here
    end, name = longest(words, at, regions.districts) if words[at] in regions.districts else (at, "")
    if name and not everyday(reading, at, end, name) and not (at and words[at - 1] in NAMESAKES):
        codes = regions.called(regions.districts, name)
        return Mention(at, end, codes, "sole" if _sole(reading, at, end, name, regions) else "stray", name)
    return _glued(words, at, regions)


def _behind(words: Sequence[str], at: int, said: LevelWord, regions: Regions) -> Mention | None:
    """`kec. Babadan`, `Kota Adm. Jakarta Timur`."""
    start = at + 1
    while start < len(words) and words[start] in BETWEEN:
        start += 1
    if said.level > REGENCY:
        table = regions.villages if said.level == VILLAGE else regions.districts
        end, name = longest(words, start, table)
        return Mention(at, end, regions.called(table, name), "level", name) if name else None
    end, name = longest(words, start, regions.wide)
    if said.kota and name and (district := _longer_district(words, start, end, regions)):
        return district
    codes = _of_level(regions.wide[name], said) if name else ()
    return Mention(at, end, codes, "level", name) if codes else None


def _of_level(codes: tuple[int, ...], said: LevelWord) -> tuple[int, ...]:
    """Of a name's codes those that the word can mean; who says `kab. Surabaya` means the only Surabaya that there is."""
    of_level = tuple([code for code in codes if level(code) == said.level])
    if said.kota is None:
        return of_level
    return tuple([code for code in of_level if is_kota(code) == said.kota]) or of_level or (codes if said.kota else ())


def _wide(reading: Reading, at: int, regions: Regions) -> Mention | None:
    """A province, kabupaten or kota without a word for it, or with an English one behind it; or a kecamatan called after it."""
    words = reading.words
    end, name = longest(words, at, regions.wide)
    if name and (district := _longer_district(words, at, end, regions)):
        return district
    before = words[at - 1] if at else ""
    if not name or before in NAMESAKES:
        return None
    if before in TURNED and name + TURNED[before] in regions.wide:
        name += TURNED[before]
    # nasib malang, but: di malang, ke Batu
    if name in ORDINARY and not (before in LEADING and (name in SAID_SO or as_a_name(reading, at, end))):
        return None
    said = BEHIND.get(words[end]) if end < len(words) else None
    if said and (codes := _of_level(regions.wide[name], said)):
        return Mention(at, end + 1, codes, "level", name)
    return Mention(at, end, regions.wide[name], "name", name)


def _longer_district(words: Sequence[str], at: int, end: int, regions: Regions) -> Mention | None:
    """Denpasar Selatan, and not Denpasar."""
    if end >= len(words) or words[end] in APART:
        return None
    longer, name = longest(words, at, regions.districts)
    return Mention(at, longer, regions.called(regions.districts, name), "here", name) if longer > end else None


def _here(reading: Reading, at: int, regions: Regions) -> Mention | None:
    """A kecamatan or a village behind `di`."""
    if at >= len(reading.words) or reading.words[at] in _UNNAMED or reading.words[at] in regions.wide:
        return None
    if reading.words[at] in regions.openings and longest(reading.words, at, regions.wide)[1]:
        # di Kubu Raya: the kabupaten, and not a village of that name
        return None
    for end, name in reversed(known(reading.words, at, regions.villages, regions.districts)):
        if not everyday(reading, at, end, name):
            codes = regions.called(regions.districts, name) + regions.called(regions.villages, name)
            return Mention(at, end, codes, "sole" if _sole(reading, at, end, name, regions) else "here", name)
    return None


def _sole(reading: Reading, start: int, end: int, name: str, regions: Regions) -> bool:
    """Whether it is written like a name, and one that hardly another region has but what lies in it: Kalideres, but not the many Sukamaju,
    nor a salak that begins a sentence."""
    if reading.words[start] in PLAIN or not as_a_name(reading, start, end):
        return False
    codes = any_level(regions, name)
    own = frozenset(codes[:1])
    others = [code for code in codes if code not in own and not lies_in(code, own)]
    return not others or (len(others) <= _OTHERS and level(codes[0]) == DISTRICT and all(level(code) == VILLAGE for code in others))


def _glued(words: Sequence[str], at: int, regions: Regions) -> Mention | None:
    """`kecbabadan`."""
    said, name = GLUED.get(words[at][:3]), words[at][3:]
    mention = _behind(("", name), 0, said, regions) if said and name else None
    return msgspec.structs.replace(mention, start=at, end=at + 1) if mention else None


def _join_neighbours(found: list[Mention], reading: Reading, regions: Regions, taken: Taken) -> None:
    """Names beside a mention that agree with it; then those beside these. They take the place of what stands there by chance."""
    covered = set(taken.kept)
    for one in found:
        if one.said not in WEAK:
            covered.update(range(one.start, one.end))
    for beside in found:
        if len(found) >= 2 * _MOST:
            break
        if len(beside.codes) > _TOO_MANY:
            continue
        for start, end, name in _beside(reading.words, beside, covered, regions):
            if start in covered or end - 1 in covered:
                continue
            codes = _agreeing(beside.codes, any_level(regions, name))
            if codes:
                named = Mention(start, end, codes, "name", name)
                lent = start in taken.lent or end - 1 in taken.lent
                if lent and start - 1 in taken.lent and reading.words[start - 1] in regions.wide:
                    # jl Palembang - Betung: the road's other end
                    continue
                if lent or everyday(reading, start, end, name):
                    named = msgspec.structs.replace(named, codes=_vouched(reading, named, beside, lent=lent))
                if named.codes:
                    found.append(named)
                    covered.update(range(start, end))
    if not WEAK.isdisjoint([one.said for one in found]):
        found[:] = [one for one in found if one.said not in WEAK or covered.isdisjoint(range(one.start, one.end))]


def _vouched(reading: Reading, named: Mention, beside: Mention, *, lent: bool) -> tuple[int, ...]:
    """What an everyday word, or the name of a street or a landmark, means because of the mention beside it, one level away.

    Jalan Kalasan Sleman. kec. Klojen Malang. di gemah Pedurungan: a village in its kecamatan. di Genteng Surabaya: written like a name.
    """
    start, end, codes, name = named.start, named.end, named.codes, named.name
    below = tuple(code for code in codes if above(code) and above(code)[0] in beside.codes)
    if reading.words[start] in STOP or (lent and name == beside.name):
        return ()
    if not everyday(reading, start, end, name):
        return below
    if start == beside.end:
        return tuple(code for code in codes if level(code) < DISTRICT)
    if start == 0 or reading.words[start - 1] not in LEADING:
        return ()
    return below if as_a_name(reading, start, end) else tuple(code for code in below if level(code) == VILLAGE)


def _beside(words: Sequence[str], mention: Mention, covered: Container[int], regions: Regions) -> list[tuple[int, int, str]]:
    """Names of regions right behind a mention and right before it, the longest first."""
    right, left = mention.end, mention.start
    villages, districts, wide = regions.villages, regions.districts, regions.wide
    names: list[tuple[int, int, str]] = []
    if right < len(words) and right not in covered and words[right] not in _UNNAMED:
        behind = known(words, right, villages, districts, wide)
        names = [(right, end, name) for end, name in behind[::-1] if len(name) >= SHORTEST]
    if left > 0 and left - 1 not in covered and words[left - 1] not in STOP:
        name, before = "", []
        for start in range(left - 1, max(left - 4, -1), -1):
            word = words[start]
            if word in APART:
                break
            name = SHORT.get(word, word) + name
            first, whole = (start - 1, name + TURNED[words[start - 1]]) if start and words[start - 1] in TURNED else (start, name)
            if len(name) >= SHORTEST and (whole in villages or whole in districts or whole in wide):
                before.append((first, left, whole))
        names += before[::-1]
    return names


def _agreeing(codes: tuple[int, ...], others: tuple[int, ...]) -> tuple[int, ...]:
    """Those of the others that lie in one of these, or else those in which one of these lies."""
    if not others:
        return ()
    around = {outer for code in codes for outer in above(code)}
    if len(others) > _FEW * len(codes):
        # few are sought among many
        return tuple(sorted({*filter(around.__contains__, others), *(code for region in codes for code in inside(region, others))}))
    within = frozenset(codes)
    return tuple([code for code in others if code in around or lies_in(code, within)])
