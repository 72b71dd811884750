"""Names that are written wrongly.

In: mentions, and words behind a word for a level that name nothing. Out: the mentions that these are. It compares them with the few names
that another level leaves open, never with the whole list: there, nearly every word is near to some village.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Final

from normalizer.place_agreement import Support
from normalizer.place_mentions import Mention, Unread, ends
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
        names = list(islice(_open(one.level, found, regions), _NAMES))
        like = {code: end for end, text in written for name, code in names if name[0] == text[0] and alike(text, name)}
        if len(like) == 1:
            ((code, end),) = like.items()
            more.append(Mention(one.start, end, (code,), "misspelt", ""))
    return more


def resounded(mentions: Sequence[Mention], best: Sequence[Sequence[Support]], regions: Regions) -> list[Mention]:
    """The mentions, with a double letter put right where one then agrees with another; empty when there is none such."""
    if len(mentions) < 2:
        return []
    leant_on = {id(mention) for group in best for one in group for _, mention in one.by[1:]}
    changed = False
    after: list[Mention] = []
    for mention, group in zip(mentions, best, strict=True):
        alone = mention.said == "level" and id(mention) not in leant_on and not (group and group[0].weight > 1)
        names = _open(level(mention.codes[0]), [other for other in mentions if other is not mention], regions) if alone else ()
        same = {code for name, code in islice(names, _NAMES) if _double(mention.name, name)}
        changed |= len(same) == 1
        after.append(mention._replace(codes=tuple(same), said="misspelt") if len(same) == 1 else mention)
    return after if changed else []


def _open(wanted: int, found: Iterable[Mention], regions: Regions) -> Iterator[tuple[str, int]]:
    """Letters and codes of the regions of a level that lie in one of the mentions, or around one."""
    few = [mention for mention in found if len(mention.codes) <= _AROUND]
    for mention in few:
        for outer in {outer for code in mention.codes for outer in above(code) if level(outer) == wanted}:
            yield regions.letters(outer), outer
    # the smallest regions in which it may lie: those of a kecamatan before all of a kabupaten
    wide = max((level(mention.codes[0]) for mention in few if level(mention.codes[0]) < wanted), default=PROVINCE)
    for mention in few if wide > PROVINCE else ():
        for code in mention.codes:
            if level(code) == wide:
                yield from regions.within(code, wanted)


def alike(written: str, name: str) -> bool:
    """One letter more, fewer, another or in its neighbour's place; two in a long name."""
    bearable = 2 if len(name) >= _TWO else 1 if len(name) >= _ONE else 0
    if not bearable or abs(len(written) - len(name)) > bearable:
        return False
    return _slips(written, name, bearable) <= bearable


def _double(written: str, name: str) -> bool:
    """Whether nothing but letters that stand double in one of them tells them apart: Sumberejo, Sumberrejo."""
    return len(written) != len(name) and written[:2] == name[:2] and _single(written) == _single(name)


def _single(word: str) -> str:
    return word[:1] + "".join(after for before, after in pairwise(word) if before != after)


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
