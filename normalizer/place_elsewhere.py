"""Which of the places that a text names are not where it happened.

In: a `Reading` and its mentions. Out: the mentions without those of where somebody or something comes from: `asal Klaten Jawa Tengah`,
`truk pasir dari Muntilan Magelang`, `KTP Wonogiri` beside another place. It never looks a name up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from normalizer.place_mentions import Mention
from normalizer.place_words import DISTRICT, words
from normalizer.reading import Reading
from normalizer.regions import level

#: before the place that somebody or something comes from or is called after
_ORIGIN: Final = words("asal berasal asalnya aslinya kelahiran perantau perantauan alumni keturunan merk merek batik apel klub")
#: before what is on a card: its kecamatan and village are where it happened unless others are named
_CARD: Final = words("ktp ktpnya lahir")
#: between such a word and the name
_SMALL: Final = words("di d dari dr saya sy masih nya sesuai")
#: what comes from somewhere, and goes there; and the words before both ends
_TRAVELLING: Final = words(
    """
    truk truck bus bis kapal feri ferry kereta travel pesawat tiket kiriman pengiriman dikirim rombongan paket wisatawan turis tamu
    pendatang pelaku perjalanan mudik kontraktor pemborong
    """
)
_FROM: Final = frozenset({"dari", "dr"})
_TO: Final = words("ke menuju tujuan arah sampai")
#: without one of these a text is of one place
_AWAY: Final = _ORIGIN | _CARD | _FROM
#: words between what travels and `dari`, and between the two ends
_REACH: Final = 4


def happened(reading: Reading, mentions: list[Mention]) -> list[Mention]:
    """Those that may be where it happened."""
    if not mentions or _AWAY.isdisjoint(reading.words):
        return mentions
    away: list[Mention] = []
    carded: list[Mention] = []
    before, kind = -1, None
    for one in sorted(mentions, key=lambda one: one.start):
        if one.start != before or _parted(reading, before):
            kind = carded if _leads(reading.words, one.start, _CARD) else away if _abroad(reading.words, one.start) else None
        if kind is not None:
            kind.append(one)
        before = one.end
    kept = [one for one in mentions if one not in away] if away else mentions
    others = [one for one in kept if one not in carded or not _deep(one)]
    return others if any(map(_deep, others)) else kept


def _deep(one: Mention) -> bool:
    return level(one.codes[0]) >= DISTRICT


def _abroad(said: Sequence[str], at: int) -> bool:
    return _leads(said, at, _ORIGIN) or _travels(said, at)


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
