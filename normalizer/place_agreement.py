"""Which region a text means, when its mentions agree.

In: mentions. Out: a code where two levels agree on it, and candidates with what speaks for each. It never takes the likelier of two: of
what is left, it gives the smallest region in which all of it lies, if the text names that one too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from normalizer.complaint import Candidate, Level
from normalizer.place_mentions import WEAK, Mention
from normalizer.place_words import DISTRICT, PROVINCE, REGENCY, VILLAGE
from normalizer.regions import FIRST_VILLAGE, Regions, above, dotted, inside, level, lies_in

LEVELS: Final[tuple[Level, ...]] = ("provinsi", "kabupaten", "kecamatan", "kelurahan")
#: more candidates than these help nobody
_MOST: Final = 10
#: words that may stand between a region and a province that may be a town, too
_NEAR: Final = 1
#: ways of saying that have no words in the text, and those without a word for the level
_CHOSEN: Final = frozenset({"given", "keyword"})
_ALONE: Final = WEAK | {"name"}


class Support(msgspec.Struct, frozen=True, gc=False):
    """What speaks for one code."""

    code: int
    #: the levels that are named, the deepest first, each with a mention that names it
    by: list[tuple[int, Mention]]
    #: how many they are
    weight: int


def supports(mentions: Sequence[Mention]) -> list[list[Support]]:
    """For each mention, those of its codes for which most speaks; none when they are many and nothing speaks for one."""
    if len(mentions) == 1:
        return [_alone(mentions[0])]
    # nothing lies in a village, and of a mention the villages come last
    naming: dict[int, list[Mention]] = {}
    for mention in mentions:
        for code in mention.codes:
            if code >= FIRST_VILLAGE:
                break
            naming.setdefault(code, []).append(mention)
    return [_heaviest(mention, naming) for mention in mentions]


def _heaviest(own: Mention, naming: dict[int, list[Mention]]) -> list[Support]:
    codes = own.codes if len(own.codes) <= _MOST else _inside(own.codes, naming)
    found = [(code, around) for code in codes if (around := [outer for outer in above(code) if outer in naming])]
    best: list[Support] = []
    most = 2
    if len(found) > 1:
        found.sort(key=_depth)
    for code, around in found:
        if len(around) + 1 < most:
            break
        by = _by(code, own, around, naming)
        if len(by) > most:
            best, most = [], len(by)
        if len(by) == most:
            best.append(Support(code, by, most))
    if len(best) > 1:
        # Babadan is a kecamatan, and a village in it: whichever is meant, it is in the kecamatan
        heaviest = {one.code for one in best}
        return [one for one in best if heaviest.isdisjoint(above(one.code))]
    return best or _alone(own)


def _alone(own: Mention) -> list[Support]:
    """What it may mean where nothing speaks for one of its codes; nothing when these are many."""
    return [Support(code, [(level(code), own)], 1) for code in own.codes] if len(own.codes) <= _MOST else []


def _depth(found: tuple[int, list[int]]) -> int:
    """To have those first of which most may be said."""
    return -len(found[1])


def _inside(codes: Sequence[int], regions: Collection[int]) -> Sequence[int]:
    """Of many codes those that lie in one of the regions; few of these are sought in them, rather than each code in these."""
    if len(regions) > _MOST:
        return [code for code in codes if lies_in(code, regions)]
    return sorted({code for region in regions for code in inside(region, codes)})


def _by(code: int, own: Mention, around: Sequence[int], naming: dict[int, list[Mention]]) -> list[tuple[int, Mention]]:
    """Each level by a mention of its own; a name that may also mean the region itself says nothing of those around it."""
    by = [(level(code), own)]
    for outer in around:
        for mention in naming[outer]:
            if code not in mention.codes and not any(mention is used for _, used in by) and not _far(own, outer, mention):
                by.append((level(outer), mention))
                break
    return by


def _far(own: Mention, outer: int, around: Mention) -> bool:
    """Whether a province is said elsewhere, and may be its town: RS Bethesda Yogyakarta menolak warga Kulon Progo."""
    if level(outer) > PROVINCE or around.said != "name" or len(around.codes) == 1:
        return False
    return around.start - own.end > _NEAR or own.start - around.end > _NEAR


def settle(best: Sequence[Sequence[Support]]) -> int | None:
    """The code on which two levels agree: the deepest, or where several are as deep, what is named around all of them."""
    agreed = {one.code: one for group in best for one in group if one.weight > 1}
    if not agreed:
        return None
    outer = {around for code in agreed for around in above(code)}
    leaves = [one for code, one in agreed.items() if code not in outer]
    if len(leaves) > 1:
        # what proves nothing by itself gives way to what has a word for its level, or stands beside another name; and names without such
        # a word to those of which two have one: kecamatan Bandung kabupaten Serang, not Bandung, Jawa Barat
        leaves = [one for one in leaves if one.by[0][1].said not in WEAK] or leaves
        if any(_words_for(one) > 1 for one in leaves):
            leaves = [one for one in leaves if _words_for(one) > 0]
    if len(leaves) == 1:
        return None if _denied(leaves[0], best) else leaves[0].code
    named = {around for one in leaves for around in above(one.code) if level(around) in dict(one.by)}
    return max((code for code in named if all(code in above(one.code) for one in leaves)), default=None)


def _denied(one: Support, best: Sequence[Sequence[Support]]) -> bool:
    """Whether no kabupaten or kota speaks for it, and a word for one names another: Mojoroto is in kota Kediri, not in kab. Kediri."""
    around = {one.code, *above(one.code)}
    if any(where < DISTRICT for where, _ in one.by) or level(one.code) < DISTRICT:
        return False
    others = [group for group in best if group and group[0].by[0][1].said == "level" and level(group[0].code) == REGENCY]
    return bool(others) and all(around.isdisjoint([other.code for other in group]) for group in others)


def _words_for(one: Support) -> int:
    """How many of the levels have a word for them."""
    return sum(mention.said == "level" for _, mention in one.by)


def candidates(best: Sequence[Sequence[Support]], code: int | None, regions: Regions | None) -> tuple[Candidate, ...]:
    """The code first, then what else may be meant. A name that more regions have than can be shown says nothing."""
    settled = (code, *above(code)) if code else ()
    shown: dict[int, Support] = {}
    for group in best:
        kept = [one for one in group if one.code in settled] or [one for one in group if _worth_showing(one)]
        if len(kept) <= _MOST:
            for one in kept:
                shown.setdefault(one.code, one)
    kept = list(shown.values())
    if len(kept) > 1:
        around = {outer for one in kept if one.weight > 1 for outer in above(one.code)}
        kept = [one for one in kept if one.code not in around or one.code == code]
    if len(kept) > 1:
        kept.sort(key=lambda one: (one.code != code, -one.weight, one.code))
    return tuple([_candidate(one, regions) for one in kept[:_MOST]])


def _worth_showing(one: Support) -> bool:
    """A name that stands anywhere is too likely to be none, and a village behind nothing but `di` too, unless it is the only one."""
    where, mention = one.by[0]
    if one.weight > 1 or mention.said not in WEAK:
        return True
    return one.code == mention.codes[0] if mention.said == "sole" else mention.said == "here" and where < VILLAGE


def _candidate(one: Support, regions: Regions | None) -> Candidate:
    own = one.by[0][1]
    name = own.name if own.said in _CHOSEN else ""
    if not name and regions is not None:
        name = regions.name(one.code) or ""
    levels = tuple([LEVELS[where] for where, _ in one.by])
    return Candidate(code=dotted(one.code), name=name, levels=levels, evidence=_evidence(one))


def _evidence(one: Support) -> str:
    """What speaks for it, in words: the levels, and how what is no word for a level came to be said."""
    if one.weight == 1 and one.by[0][1].said in _ALONE:
        return "name"
    said = [mention.said for _, mention in one.by]
    words = [how if how in _CHOSEN else LEVELS[where] for how, (where, _) in zip(said, one.by, strict=True)]
    if "misspelt" in said:
        words.append("misspelt")
    return "+".join(words)
