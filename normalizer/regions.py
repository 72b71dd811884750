"""The official regions, by name and by code: provinces, kabupaten and kota, kecamatan, villages.

In: `data/regions.bin.gz` as bin/regions-all makes it (MIT, cahyadsn/wilayah), and `data/region_names.txt`, what people call the upper
two levels beside their names. Out: the codes that a name may mean, and the name of a code. It never reads a file, and never guesses:
names are compared letter by letter, without the space between their words.

A code is a number here, of 2, 4, 6 or 10 digits: 35, 3502, 350217, 3502171001.
"""

from __future__ import annotations

import gzip
import re
from array import array
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, islice
from typing import Final

from normalizer.place_words import DISTRICT, GLUED, HERE, LEVEL_WORDS, ORDINARY, PROVINCE, REGENCY, SHORT, STOP, VILLAGE

#: from here on, the codes of a level
_FROM: Final = (10, 1000, 100_000, 1_000_000_000)
FIRST_VILLAGE: Final = _FROM[VILLAGE]
#: how many codes of the level below have room in one
_ROOM: Final = (1, 100, 100, 10_000)
#: the third and fourth digit of a kota; a kabupaten has less
_KOTA: Final = 71
_MARKS: Final = dict.fromkeys(map(ord, " -'./(),"))
_WORD = re.compile(r"[a-z]+")
_LINE = re.compile(r".+")
_LEAD = re.compile(r"(?:Kabupaten|Kota) (?:Administrasi )?")


def level(code: int) -> int:
    """PROVINCE, REGENCY, DISTRICT or VILLAGE."""
    return PROVINCE if code < _FROM[1] else REGENCY if code < _FROM[2] else DISTRICT if code < _FROM[3] else VILLAGE


def above(code: int) -> tuple[int, ...]:
    """The regions in which it lies, the nearest first."""
    if code >= _FROM[3]:
        return code // 10_000, code // 1_000_000, code // 100_000_000
    return (code // 100, code // 10_000) if code >= _FROM[2] else (code // 100,) if code >= _FROM[1] else ()


def lies_in(code: int, regions: Container[int]) -> bool:
    """Whether one of the regions around it is among these; `above` in a hurry, for names that a hundred villages bear."""
    if code >= _FROM[3]:
        code //= 10_000
        if code in regions:
            return True
    elif code < _FROM[1]:
        return False
    if code >= _FROM[2]:
        code //= 100
        if code in regions:
            return True
    return code // 100 in regions


def inside(region: int, codes: Sequence[int]) -> Iterator[int]:
    """Of ascending codes those that lie in it."""
    end, room = 0, 1
    for deep in range(level(region) + 1, VILLAGE + 1):
        room *= _ROOM[deep]
        first = bisect_left(codes, region * room, end)
        end = bisect_left(codes, (region + 1) * room, first)
        yield from codes[first:end]


def is_kota(code: int) -> bool:
    """A kota rather than a kabupaten."""
    return code % 100 >= _KOTA


def dotted(code: int) -> str:
    """As the ministry writes it: 35.02.17.1001."""
    digits = str(code)
    if code < _FROM[1]:
        return digits
    if code < _FROM[2]:
        return f"{digits[:2]}.{digits[2:]}"
    dots = f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}"
    return dots if code < _FROM[3] else f"{dots}.{digits[6:]}"


def number(written: str) -> int:
    """`dotted` read back."""
    return int(written.replace(".", ""))


def letters(name: str) -> str:
    """What spellings of a name have in common: Suka Maju, Sukamaju, SUKA-MAJU."""
    return name.lower().translate(_MARKS)


class Regions:
    """All of them. One for the process: it is large, and nothing changes it."""

    def __init__(self, packed: bytes, others: str = "") -> None:
        """`packed` and `others` as the two files have them. Raises ValueError for a list that is not whole, and for an unknown name."""
        text, _, numbers = gzip.decompress(packed).partition(b"\n\n")
        #: whose codes these are
        self.decree, _, self._names = text.decode("ascii").partition("\n")
        # the letters before each name: a string for each name would take five times as much
        self._begins = array("i", accumulate(map(len, self._names.split("\n")), initial=0))
        size = len(self._begins) - 1
        self._codes, self._places = array("q", numbers[: 8 * size]), array("i", numbers[8 * size :])
        if not len(self._codes) == len(self._places) == size:
            raise ValueError("the list of regions is not whole")
        self._ascending = array("q", map(self._codes.__getitem__, self._places))
        starts = [bisect_left(self._ascending, first) for first in _FROM]
        # one by one: all at once, what the names of which there are several leave behind is never given back
        names = enumerate(map(re.Match.group, _LINE.finditer(letters(self._names))))
        # where in the list the regions of each name begin
        self._firsts = array("i")
        #: by their letters: the how manieth different name below the upper two levels
        self.districts = self._numbered(islice(names, starts[2], starts[3]))
        self.villages = self._numbered(names)
        self._firsts.append(size)
        #: the upper two levels, which people name without a word for the level
        self.wide: Mapping[str, tuple[int, ...]] = self._wide(starts[2], others)
        first = self._first_words(starts[2], others)
        #: words with which a name of the upper two levels may begin
        self.openings = first | {short for short, word in SHORT.items() if word in first}
        #: words at which a mention of a region may begin
        self.signals = LEVEL_WORDS.keys() | HERE | first | (self.districts.keys() - ORDINARY - STOP) | self._glued()

    def __len__(self) -> int:
        return len(self._codes)

    def _numbered(self, names: Iterable[tuple[int, str]]) -> dict[str, int]:
        """Of names with their places in the list, each once; those that are alike stand side by side."""
        numbered: dict[str, int] = {}
        before = None
        for place, name in names:
            if name != before:
                before = name
                numbered[name] = len(self._firsts)
                self._firsts.append(place)
        return numbered

    def _wide(self, end: int, others: str) -> dict[str, tuple[int, ...]]:
        wide: dict[str, tuple[int, ...]] = {}
        names = self._names.split("\n", end)[:end]
        for name, code in zip(names, self._codes[:end], strict=True):
            key = letters(_LEAD.sub("", name))
            wide[key] = tuple(sorted((*wide.get(key, ()), code)))
        official = {letters(name): (code,) for name, code in zip(names, self._codes[:end], strict=True)} | wide
        more: dict[str, tuple[int, ...]] = {}
        for line in others.splitlines():
            said, colon, name = line.partition(":")
            if colon and not line.startswith("#"):
                if letters(name) not in official:
                    raise ValueError(f"no province, kabupaten or kota is called {name.strip()!r}")
                more[letters(said)] = (*more.get(letters(said), ()), *official[letters(name)])
        return wide | more

    def _first_words(self, end: int, others: str) -> set[str]:
        """First words of the upper two levels, and their names in one word."""
        names = [_LEAD.sub("", name).lower() for name in self._names.split("\n", end)[:end]]
        return self.wide.keys() | {_WORD.findall(name)[0] for name in (*names, *others.splitlines()) if name and name[0] != "#"}

    def _glued(self) -> set[str]:
        """`kecbabadan`, `kabponorogo`."""
        return {lead + name for lead in GLUED for name in (self.districts if GLUED[lead].level == DISTRICT else self.wide)}

    def called(self, table: Mapping[str, int], name: str) -> tuple[int, ...]:
        """The codes of the kecamatan or villages (`districts`, `villages`) with these letters; in ascending order."""
        which = table.get(name)
        return () if which is None else tuple(self._codes[self._firsts[which] : self._firsts[which + 1]])

    def name(self, code: int) -> str | None:
        """As the list has it; None for a code that is none."""
        place = self._place(code)
        return None if place is None else self._called(place)

    def letters(self, code: int) -> str:
        """Of its name, without what a kabupaten or kota has before it; empty for a code that is none."""
        name = self.name(code) or ""
        return letters(name if code >= _FROM[DISTRICT] else _LEAD.sub("", name))

    def _called(self, place: int) -> str:
        """The name at a place of the list; the end of its line stands before each but the first."""
        return self._names[self._begins[place] + place : self._begins[place + 1] + place]

    def _place(self, code: int) -> int | None:
        at = bisect_left(self._ascending, code)
        return self._places[at] if at < len(self._ascending) and self._ascending[at] == code else None

    def within(self, code: int, deep: int) -> array[int]:
        """The places, in the list, of the regions of the level `deep` in a larger one."""
        room = 1
        for one in range(level(code) + 1, deep + 1):
            room *= _ROOM[one]
        first = bisect_left(self._ascending, code * room)
        return self._places[first : bisect_left(self._ascending, (code + 1) * room, first)]

    def opening(self, opening: str, places: Sequence[int]) -> list[tuple[str, int]]:
        """Letters and code of each of the regions at these places whose letters begin like this."""
        names, begins, initials = self._names, self._begins, {opening[:1], opening[:1].upper()}
        near = [(letters(self._called(place)), place) for place in places if names[begins[place] + place] in initials]
        return [(name, self._codes[place]) for name, place in near if name.startswith(opening)]
