"""Names that are written wrongly.

In: mentions, and words behind a word for a level that name nothing. Out: the mentions that these are. It compares them with the few names
that another level leaves open, never with the whole list: there, nearly every word is near to some village.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

import msgspec

from normalizer.place_agreement import Support
from normalizer.place_mentions import Mention, Unread
from normalizer.place_names import ends
from normalizer.place_words import PROVINCE
from normalizer.regions import Regions, above, level

#: letters of a name that bear one slip, and two
_ONE, _TWO = 6, 10
#: words that are compared with names; names; regions in which or around which they are looked for
_MOST: Final = 3
_NAMES: Final = 1000
_AROUND: Final = 20


def mended(unread: Sequence[Unread], words: Sequence[str], found: Sequence[Mention], regions: Regions) -> list[Mention]:
    """Of what named nothing, that which is like one name, and only one, that the mentions leave open."""
    more: list[Mention] = []
    for one in unread[:_MOST]:
        written = ends(words, one.name)[:3]
        names = _open(one.level, found, regions, words[one.name][0])
        like = {code: end for end, text in written for name, code in names if alike(text, name)}
        if len(like) == 1:
            ((code, end),) = like.items()
            more.append(Mention(one.start, end, (code,), "misspelt", ""))
    return more


def resounded(mentions: Sequence[Mention], best: Sequence[Sequence[Support]], regions: Regions) -> list[Mention]:
    """The mentions, with a double letter put right where one then agrees with another; empty when there is none such."""
    if len(mentions) < 2:
        return []
    alone = [mention for mention, group in zip(mentions, best, strict=True) if mention.said == "level" and _unproven(group)]
    leant_on = {id(mention) for group in best for one in group for _, mention in one.by[1:]} if alone else ()
    heard = {id(mention): code for mention in alone if id(mention) not in leant_on and (code := _heard(mention, mentions, regions))}
    if not heard:
        return []
    return [
        msgspec.structs.replace(mention, codes=(heard[id(mention)],), said="misspelt") if id(mention) in heard else mention
        for mention in mentions
    ]


def _unproven(group: Sequence[Support]) -> bool:
    return not group or group[0].weight == 1


def _heard(mention: Mention, mentions: Sequence[Mention], regions: Regions) -> int | None:
    """The one region from whose name nothing but letters that stand double tell this one apart: Sumberejo, Sumberrejo."""
    names = _open(level(mention.codes[0]), [other for other in mentions if other is not mention], regions, mention.name[:2])
    single = _single(mention.name) if names else ""
    same = {code for name, code in names if len(name) != len(mention.name) and _single(name) == single}
    return same.pop() if len(same) == 1 else None


def _open(wanted: int, found: Iterable[Mention], regions: Regions, opening: str) -> list[tuple[str, int]]:
    """Letters and codes of the regions of a level that lie in one of the mentions, or around one, of those with this opening."""
    few = [(level(mention.codes[0]), mention.codes) for mention in found if len(mention.codes) <= _AROUND]
    outer = {above(code)[level(code) - wanted - 1] for _, codes in few for code in codes if level(code) > wanted}
    # the smallest regions in which it may lie: those of a kecamatan before all of a kabupaten
    wide = max([deep for deep, _ in few if deep < wanted], default=PROVINCE)
    inner: array[int] = array("i")
    if wide > PROVINCE:
        for code in [code for _, codes in few for code in codes if level(code) == wide]:
            inner += regions.within(code, wanted)
    around = [(name, code) for code in outer if (name := regions.letters(code)).startswith(opening)]
    return around + regions.opening(opening, inner[:_NAMES])


def alike(written: str, name: str) -> bool:
    """One letter more, fewer, another or in its neighbour's place; two in a long name."""
    bearable = 2 if len(name) >= _TWO else 1 if len(name) >= _ONE else 0
    if not bearable or abs(len(written) - len(name)) > bearable:
        return False
    return _slips(written, name, bearable) <= bearable


def _single(word: str) -> str:
    return "".join([letter for letter, _ in groupby(word)])


def _slips(one: str, other: str, most: int) -> int:
    """The number of slips between two words, or `most + 1`; equal ends cost nothing."""
    if one == other:
        return 0
    if most == 0:
        return 1
    start = next((at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    ways = [(one[1:], other), (one, other[1:]), (one[1:], other[1:])]
    if one[:2] == other[1::-1] and len(one) > 1:
        ways.append((one[2:], other[2:]))
    return 1 + min(_slips(left, right, most - 1) for left, right in ways)
