"""What a case has to do with others that share a part of its likeness.

In: likenesses, and when their messages came. Out: links, each with its evidence in a few stable words. It looks nothing up, and merges
nothing: what a link means is for people to say.

    resend      the same sender, the same words, the same files and given place, within an hour
    same_text   the same text in another case, whoever sent it and wherever: a template, or a copy
    nearby      words alike, and the same street, village or kecamatan, within two weeks; without a place never
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from normalizer.complaint import Related
from normalizer.likeness import KECAMATAN, SKETCH, Kin, Likeness
from normalizer.related import MOST

#: Who hears nothing for a while sends again. What the same number says in the same words on another day is news: the lamp is dark again.
RESEND: Final = timedelta(hours=1)
#: copies go round for weeks; what came before that need not be found any more
SAME_TEXT: Final = timedelta(days=90)
#: what is not mended within two weeks is reported again as such, and what happens later is another matter
NEARBY: Final = timedelta(days=14)


class Corner(NamedTuple):
    """A place that two cases share: what it is called, of all words that say what happened how many must be shared, of how many."""

    name: str
    alike: float
    words: int


#: the less the place says, the more the words must
_STREET, _KELURAHAN, _KECAMATAN = Corner("jalan, kecamatan", 0.4, 2), Corner("kelurahan", 0.5, 3), Corner("kecamatan", 0.6, 3)

#: the surest first: what the gateway saw (of which there are never many), what the writer says, what looks so
_ORDER: Final = ("resend", "follow_up", "same_text", "nearby")


def to_kin(case: Likeness, received_at: datetime, kin: Iterable[Kin]) -> list[Related]:
    """What a case has to do with those that share a part of its likeness; the newest of each kind first."""
    links = [link for each in sorted(kin, key=lambda each: each.received_at, reverse=True) if (link := _link(case, received_at, each))]
    return sorted(links, key=lambda link: _ORDER.index(link.kind))


def together(resolved: Iterable[Related], found: Iterable[Related], own: str) -> tuple[Related, ...]:
    """All links of a case, to each other case once, the surest first. `resolved`: what it quotes and answers."""
    links = sorted([*resolved, *found], key=lambda link: _ORDER.index(link.kind))
    once: dict[str, Related] = {}
    for link in links:
        if link.id != own:
            once.setdefault(link.id, link)
    return tuple(once.values())[:MOST]


def _link(case: Likeness, received_at: datetime, other: Kin) -> Related | None:
    apart = abs(received_at - other.received_at)
    mine = case.same == other.likeness.same != 0
    if mine and apart <= RESEND:
        return Related(id=other.reference, kind="resend", evidence=f"same sender, same text, {_ago(apart)}")
    corner = _shared(case, other.likeness)
    if case.text == other.likeness.text != 0 and apart <= SAME_TEXT:
        where = [corner.name if corner else "other place"] if case.place and other.likeness.place else []
        said = ["same sender"] * mine + ["same text", *where, _ago(apart)]
        return Related(id=other.reference, kind="same_text", evidence=", ".join(said))
    if corner is None or apart > NEARBY or min(len(case.words), len(other.likeness.words)) < corner.words:
        return None
    alike = _alike(case.words, other.likeness.words)
    if alike < corner.alike:
        return None
    return Related(id=other.reference, kind="nearby", evidence=f"{corner.name}, {alike:.2f} alike, {_ago(apart)}")


def _shared(one: Likeness, other: Likeness) -> Corner | None:
    """Two streets, or two villages of one kecamatan, are two places."""
    if not one.place or one.place[:KECAMATAN] != other.place[:KECAMATAN] or (one.street and other.street and one.street != other.street):
        return None
    both = len(one.place) > KECAMATAN and len(other.place) > KECAMATAN
    if both and one.place != other.place:
        return None
    corner = _STREET if one.street and other.street else _KELURAHAN if both else _KECAMATAN
    return corner._replace(name=f"{corner.name} {one.place if corner is _KELURAHAN else one.place[:KECAMATAN]}")


def _alike(one: Sequence[int], other: Sequence[int]) -> float:
    """The share of their words that two texts have in common (Jaccard): exact for short ones, and for long ones by their lowest hashes."""
    both = set(one) & set(other)
    lowest = sorted({*one, *other})[:SKETCH]
    return sum(word in both for word in lowest) / len(lowest)


def _ago(apart: timedelta) -> str:
    minutes = apart // timedelta(minutes=1)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{apart.days} d"
