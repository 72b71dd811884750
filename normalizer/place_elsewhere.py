"""Which of the places that a text names are not where it happened.

In: a `Reading` and its mentions. Out: the mentions without those of where somebody or something comes from: `asal Klaten Jawa Tengah`,
`truk pasir dari Muntilan Magelang`, `KTP Wonogiri` beside another place; of hamlets and rivers that are called after a town; and of the
ends of a stretch, `ruas Gubug - Kedungjati`. It never looks a name up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from normalizer.place_mentions import Mention
from normalizer.place_words import DISTRICT, words
from normalizer.reading import Reading
from normalizer.regions import level

#: before the place that somebody or something comes from or is called after
_ORIGIN: Final = words(
    """
    asal berasal asalnya aslinya kelahiran perantau perantauan alumni keturunan merk merek batik apel klub lippo summarecon
    """
)
#: before what is on a card, or the home of who writes: its kecamatan and village are where it happened unless others are named
_CARD: Final = words("ktp ktpnya lahir pelapor pengadu")
#: between such a word and the name
_SMALL: Final = words("di d dari dr saya sy masih nya sesuai tinggal berdomisili domisili beralamat alamat warga")
#: what comes from somewhere, and goes there; and the words before both ends
_TRAVELLING: Final = words(
    """
    truk truck bus bis kapal feri ferry kereta travel pesawat tiket kiriman pengiriman dikirim rombongan paket wisatawan turis tamu
    pendatang pelaku perjalanan mudik kontraktor pemborong
    """
)
#: kabupaten that are called after a river, and what only the river does
_RIVERS: Final = words("batanghari kapuas kampar siak asahan katingan seruyan lamandau")
_WATERS: Final = words("meluap surut")
_FROM: Final = frozenset({"dari", "dr"})
_TO: Final = words("ke menuju tujuan arah sampai")
#: before a name that a hamlet has from a town: Kampung Bali
_HAMLETS: Final = words("dusun dsn dukuh dk pedukuhan padukuhan kampung kp jorong")
#: before the second end of a stretch, and before the first; or before both, with a dash between them
_UNTIL: Final = words("sampai sampe hingga")
_SINCE: Final = _FROM | words("mulai antara sepanjang")
_STRETCHES: Final = words("jalan ruas jalur rute trayek jurusan tembus penghubung poros lintas")
#: without one of these a text is of one place
_AWAY: Final = _ORIGIN | _CARD | _FROM | _WATERS | _HAMLETS
#: words between what travels and `dari`, and between the two ends
_REACH: Final = 4


def happened(reading: Reading, mentions: list[Mention]) -> list[Mention]:
    """Those that may be where it happened."""
    if not mentions:
        return mentions
    stretched = "-" in reading.verbatim or not _UNTIL.isdisjoint(reading.present)
    if not stretched and _AWAY.isdisjoint(reading.present):
        return mentions
    away: list[Mention] = []
    carded: list[Mention] = []
    before, kind = -1, None
    ordered = sorted(mentions, key=lambda one: one.start)
    for one in ordered:
        if one.start != before or _parted(reading, before):
            kind = carded if _leads(reading.words, one.start, _CARD) else away if _abroad(reading.words, one) else None
        if kind is not None:
            kind.append(one)
        before = one.end
    if stretched:
        away += _ends(reading, ordered)
    kept = [one for one in mentions if one not in away] if away else mentions
    others = [one for one in kept if one not in carded or not _deep(one)]
    return others if any(map(_deep, others)) else kept


def _deep(one: Mention) -> bool:
    return level(one.codes[0]) >= DISTRICT


def _ends(reading: Reading, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Both ends of a stretch that leads from kecamatan to kecamatan: what lies on it is in neither."""
    for before, one in pairwise((None, *mentions)):
        if one is not None and _goes_on(reading, one):
            yield one
            if before is not None and _deep(before) and one.start - before.end <= 1:
                yield before


def _goes_on(reading: Reading, one: Mention) -> bool:
    """Whether a stretch ends there."""
    at, said = one.start, reading.words
    if at < 2 or not _deep(one):
        return False
    if said[at - 1] in _UNTIL:
        return not _SINCE.isdisjoint(said[max(at - 2 - _REACH, 0) : at - 1])
    # behind `Jl.` a dash parts street and kecamatan
    dash = "-" in reading.verbatim[reading.ends[at - 1] : reading.starts[at]]
    return dash and not _STRETCHES.isdisjoint(reading.spelt[max(at - _REACH, 0) : at - 1])


def _abroad(said: Sequence[str], one: Mention) -> bool:
    if one.name in _RIVERS and not _WATERS.isdisjoint(said[one.end : one.end + 1]):
        return True
    if one.said == "name" and not _deep(one) and one.start and said[one.start - 1] in _HAMLETS:
        return True
    return _leads(said, one.start, _ORIGIN) or _travels(said, one.start)


def _leads(said: Sequence[str], at: int, wanted: frozenset[str]) -> bool:
    """Whether one of these words stands before it, with at most two small ones between."""
    for place in range(at - 1, max(at - 4, -1), -1):
        if said[place] in wanted:
            return True
        if said[place] not in _SMALL:
            break
    return False


def _travels(said: Sequence[str], at: int) -> bool:
    """Either end of `kapal dari Merak ke Bakauheni`."""
    if at == 0 or said[at - 1] not in _FROM | _TO:
        return False
    start = at - 1
    if said[start] in _TO:
        start = next((place for place in range(start - 1, max(start - 2 - _REACH, -1), -1) if said[place] in _FROM), -1)
    return start > 0 and not _TRAVELLING.isdisjoint(said[max(start - _REACH, 0) : start])


def _parted(reading: Reading, at: int) -> bool:
    """Whether a sentence ends before the word there."""
    gap = reading.verbatim[reading.ends[at - 1] : reading.starts[at]]
    return any(sign in gap for sign in ";:\n") or (". " in gap and len(reading.words[at - 1]) > _REACH)
