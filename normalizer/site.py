"""What in a text names the spot: street, lane, RT and RW, hamlet, housing estate, block, kilometre, landmark.

In: a `Reading`. Out: details in the citizen's own words, each with the words that it takes up. It never looks a name up in a map, and
never says in which region a street lies: `Jl. Raya Bogor` is not Bogor.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from itertools import compress
from typing import Final

import msgspec

from normalizer.complaint import DetailKind
from normalizer.place_words import LEVEL_WORDS, ORDINARY, STOP, words
from normalizer.reading import Reading


class Found(msgspec.Struct, frozen=True, gc=False):
    """A detail, and the words of the reading that it takes up."""

    kind: DetailKind
    value: str
    start: int
    end: int


#: as many as a message of any length may bring, so that one made of addresses costs no more than others
_MOST: Final = 40
#: signs that end a name
_ENDS: Final = frozenset(',;:!?()[]|\n\r"')

#: behind what is paid to an RT, and not its number
_MONEY: Final = words("rb rbu ribu rebu ewu jt juta yuta persen")
#: before the name of whom a hospital is called after
_HOSPITALS: Final = words("rs rsu rsud rsup rsj rsia")
_TITLES: Final = words("dr prof")
_ROMAN_NUMBERS: Final = (
    "i",
    "ii",
    "iii",
    "iv",
    "v",
    "vi",
    "vii",
    "viii",
    "ix",
    "x",
    "xi",
    "xii",
    "xiii",
    "xiv",
    "xv",
    "xvi",
    "xvii",
    "xviii",
)
_ROMAN: Final = {roman: str(number) for number, roman in enumerate(_ROMAN_NUMBERS, 1)}
_STREETS: Final = words("jalan jl jln")
_LANES: Final = words("gang gg")
_HAMLETS: Final = words("dusun dsn dukuh dk pedukuhan padukuhan kampung kampong kp jorong")
_ESTATES: Final = words("perumahan perum perumnas komplek kompleks btn apartemen rusun rusunawa cluster")
#: firms that begin like an estate
_NO_ESTATE: Final = words("perhutani bulog damri peruri jasa pegadaian")
_BLOCKS: Final = frozenset(("blok", "blk"))
_MARKS: Final = frozenset(("rt", "rw", "km", "no", "nomor", *_LANES, *_HAMLETS, *_ESTATES, *_BLOCKS))
#: no part of a name
_UNNAMED: Final = STOP | LEVEL_WORDS.keys() | _MARKS

#: what leads from town to town: the towns are its name
_ROADS: Final = words("raya lintas poros tol lingkar pantura arteri bypass")
#: what a street is rather than what it is called
_NO_STREET: Final = words(
    """
    aspal beton cor desa kampung kabupaten provinsi nasional negara utama umum poros tol tikus lingkungan tani usaha setapak makadam
    paving masuk keluar pintas protokol penghubung akses kecil besar baru lama satu dua kaki kereta air menuju raya lintas tembus
    alternatif
    """
)
_NEAR: Final = words(
    """
    depan dpn dekat dkt deket cedak cerak samping smpg sebelah belakang blkg seberang sebrang sekitar sekitaran pinggir gigir hareup
    """
)
_LANDMARKS: Final = words(
    """
    pasar psr masjid mesjid mushola musholla musala gereja pura vihara sekolah sd sdn smp smpn sma sman smk smkn mi min mts mtsn man tk
    paud pesantren ponpes kampus universitas puskesmas pustu posyandu rs rsu rsud rsup rsj rsia klinik apotek terminal stasiun halte
    bandara pelabuhan dermaga jembatan kantor balai gedung gor stadion lapangan alun taman makam kuburan tpu bank atm spbu pom alfamart
    indomaret toko ruko mall mal hotel warung simpang pertigaan perempatan bundaran prapatan tugu monumen polsek polres koramil kodim
    gerbang gapura flyover underpass samsat kua lapas rutan tanjakan tikungan pabrik waduk bendungan embung tpa tps sungai kali pantai
    """
)


def details(reading: Reading, towns: Container[str]) -> list[Found]:
    """In the order of the text. `towns` end a street's name when they stand behind it (jl Diponegoro Surabaya); letters alone."""
    words = reading.words
    found: list[Found] = []
    end = 0
    for at in compress(range(len(words)), map(_READERS.__contains__, words)):
        if at >= end and (seen := _READERS[words[at]](reading, at, towns)):
            found += seen
            end = found[-1].end
            if len(found) > _MOST:
                break
    return found


def _street(reading: Reading, at: int, towns: Container[str]) -> list[Found]:
    words, start = reading.words, at + 1
    road = words[start : start + 1] != [] and words[start] in _ROADS
    named = start + 1 if road else start
    if named >= len(words) or not (_named(words[named]) or (len(words[named]) == 1 and _capital(reading, named))):
        return []
    # written out and in small letters, it is also the word for what is broken
    plain = reading.spelt[at] == "jalan" and not road and not _capital(reading, named)
    if plain and (words[named] in _NO_STREET or words[named] in ORDINARY):
        return []
    end = _name_end(reading, named, 4)
    # Jl. Raya Bogor, jl Solo Jogja: which town it lies in is not said
    if words[named] in towns and (road or _town(words, named + 1, towns)):
        end = next((place for place in range(named + 1, end) if words[place] not in towns), end)
    else:
        end = _before_town(words, named + 1, end, towns)
    return [Found("jalan", _words(reading, start, end), at, end)]


def _before_town(words: list[str], start: int, end: int, towns: Container[str]) -> int:
    """Where from `start` on the first town stands; `end` without one."""
    for at in range(start, end):
        if _town(words, at, towns):
            return at
    return end


def _town(words: list[str], at: int, towns: Container[str]) -> bool:
    return at < len(words) and (words[at] in towns or (at + 1 < len(words) and words[at] + words[at + 1] in towns))


def _named_after(kind: DetailKind, most: int) -> Callable[[Reading, int, Container[str]], list[Found]]:
    def read(reading: Reading, at: int, towns: Container[str]) -> list[Found]:
        words, start = reading.words, at + 1
        if start >= len(words) or not (_named(words[start]) or words[start].isdecimal()) or words[start] in _NO_ESTATE:
            return []
        end = start + 1 if words[start].isdecimal() else _name_end(reading, start, most)
        end = _before_town(words, start + 1, end, towns)
        return [Found(kind, _words(reading, start, end), at, end)]

    return read


def _numbered(reading: Reading, at: int, _: Container[str]) -> list[Found]:
    """`RT 04 RW 02`, `rt/rw 04/02`, `RT 4/2`, `RW IX`."""
    words = reading.words
    kind: DetailKind = "rt" if words[at] == "rt" else "rw"
    both = words[at + 1 : at + 2] == ["rw"] and kind == "rt"
    first = at + 2 if both else at + 1
    value = _number(words, first)
    if not value:
        return []
    found = [Found(kind, value, at, first + 1)]
    if words[first + 1 : first + 2] and words[first + 1] in _MONEY:
        # dipotong RT 50 ribu
        return []
    second = _number(words, first + 1) if kind == "rt" else ""
    if second and (both or "/" in _between(reading, first)):
        found.append(Found("rw", second, first + 1, first + 2))
    return found


def _kilometre(reading: Reading, at: int, _: Container[str]) -> list[Found]:
    """`KM 23`, `km. 45+200`, `KM 7,5`."""
    words = reading.words
    if not (words[at + 1 : at + 2] and words[at + 1].isdecimal() and len(words[at + 1]) <= 4):
        return []
    end = at + 2
    if words[end : end + 1] and words[end].isdecimal() and len(words[end]) <= 3 and _between(reading, at + 1) in {"+", ",", "."}:
        end += 1
    return [Found("km", _words(reading, at + 1, end), at, end)]


def _block(reading: Reading, at: int, _: Container[str]) -> list[Found]:
    """`blok C3`, `Blok A No 12`; the letter alone counts."""
    words, end = reading.words, at + 1
    while end < len(words) and end < at + 4 and (len(words[end]) <= 2 or words[end].isdecimal()) and _number_or_letter(words[end]):
        end += 1
    return [Found("blok", _words(reading, at + 1, end), at, end)] if end > at + 1 else []


def _landmark(reading: Reading, at: int, towns: Container[str]) -> list[Found]:
    """`depan pasar Legi`, `dekat SDN 2 Babadan`; without such a word before it only with a name in capitals, or a school's number."""
    words, text, starts, ends = reading.words, reading.verbatim, reading.starts, reading.ends
    near = at > 0 and words[at - 1] in _NEAR
    end, limit = at + 1, min(len(words), at + 5)
    while end < limit and _ENDS.isdisjoint(text[ends[end - 1] : starts[end]]):
        word = words[end]
        if word in _TITLES and words[at] in _HOSPITALS and end + 1 < limit and _capital(reading, end + 1) and _named(words[end + 1]):
            # depan RSUD dr. Soetomo
            end += 1
            continue
        if not (word.isdecimal() and len(word) <= 3) and (
            not _named(word) or not (_capital(reading, end) or (near and word not in ORDINARY))
        ):
            break
        if word in towns:
            break
        end += 1
    if end == at + 1 and not near:
        return []
    start = at - 1 if near else at
    return [Found("patokan", _words(reading, start, end), start, end)]


def _name_end(reading: Reading, start: int, most: int) -> int:
    """Where a name that begins there ends: at a sign, a word that belongs to no name, or a small letter behind capitals."""
    words, text, starts, ends = reading.words, reading.verbatim, reading.starts, reading.ends
    capital, end = _capital(reading, start), start + 1
    while end < len(words) and end < start + most and _named(words[end]):
        gap = text[ends[end - 1] : starts[end]]
        # Jl. A. Yani and Jl.Jend.Sudirman: behind a short word the stop is no end
        if gap != " " and (not _ENDS.isdisjoint(gap) or ("." in gap and len(words[end - 1]) > 4)):
            break
        if capital and not _capital(reading, end):
            break
        end += 1
    return end


def _named(word: str) -> bool:
    """Whether it may be part of a name."""
    return word not in _UNNAMED and not word.isdecimal()


def _number(words: list[str], at: int) -> str:
    """A number of up to three digits without its zeros, or a Roman one; empty for anything else."""
    word = words[at] if at < len(words) else ""
    return (word.lstrip("0") or "0") if word.isdecimal() and len(word) <= 3 else _ROMAN.get(word, "")


def _number_or_letter(word: str) -> bool:
    return len(word) <= 4 and (word.isdecimal() or word in _ROMAN or (len(word) <= 2 and word not in STOP and word not in _MARKS))


def _capital(reading: Reading, at: int) -> bool:
    return reading.written[at][:1].isupper()


def _between(reading: Reading, at: int) -> str:
    """The signs behind a word."""
    return reading.verbatim[reading.ends[at] : reading.starts[at + 1]] if at + 1 < len(reading.words) else ""


def _words(reading: Reading, start: int, end: int) -> str:
    """As the citizen wrote them, on one line."""
    return " ".join(reading.verbatim[reading.starts[start] : reading.ends[end - 1]].split())


_Reader = Callable[[Reading, int, Container[str]], list[Found]]
_READERS: Final[dict[str, _Reader]] = {
    **dict.fromkeys(_STREETS, _street),
    **dict.fromkeys(_LANES, _named_after("gang", 2)),
    **dict.fromkeys(_HAMLETS, _named_after("dusun", 2)),
    **dict.fromkeys(_ESTATES, _named_after("perumahan", 3)),
    **dict.fromkeys(_BLOCKS, _block),
    **dict.fromkeys(("rt", "rw"), _numbered),
    "km": _kilometre,
    **dict.fromkeys(_LANDMARKS, _landmark),
}
