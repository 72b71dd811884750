"""Where it happened.

In: what a form or a keyword says of the place, the text as a `Reading`, the official regions. Out: a `Location`: the citizen's own words,
the regions that they may mean with what speaks for each, and a code only when two levels agree or the citizen chose it. It never reads
the list of regions from a disk, and without one it says no more than form and keyword did.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, Literal

import msgspec

from channels.base import InboundMessage
from normalizer import given, site
from normalizer.complaint import Detail, Inferred, Location
from normalizer.keyword import Opening
from normalizer.place_agreement import Support, candidates, settle, supports
from normalizer.place_elsewhere import happened
from normalizer.place_mentions import WEAK, Mention, Taken, find
from normalizer.place_spelling import mended, resounded
from normalizer.place_words import REGENCY
from normalizer.reading import Reading, read
from normalizer.regions import Regions, above, dotted, level, lies_in, number
from normalizer.rules import Rules
from normalizer.text import scrub

NOWHERE: Final[Inferred[Location]] = Inferred()
_UNASKED: Final = Location()
#: words between two parts of one address, and in all of it
_APART, _LONG = 4, 40
#: how sure we are of a code on which two levels agree, or more; of a region that is named; of a name alone, or a street
_SURE, _SURER, _NAMED, _VAGUE = 0.9, 0.95, 0.5, 0.3
#: kinds of details whose words are a name of their own: Jl. Raya Bogor, Gang Bandung; of these, what is called after where it lies
_LENT: Final = frozenset({"jalan", "patokan"})
_KEPT: Final = frozenset({"gang", "perumahan"})


class _Seen(msgspec.Struct, frozen=True, gc=False):
    """What one text says."""

    details: Sequence[site.Found] = ()
    mentions: Sequence[Mention] = ()


_NOTHING: Final = _Seen()


def location(message: InboundMessage, reading: Reading, opening: Opening, rules: Rules) -> Inferred[Location]:
    """Form and keyword, and what the words say beside them."""
    said = given.location(message.fields) if message.fields else NOWHERE
    asked = said.value or _UNASKED
    known = _known(asked, opening) if said.value or opening.keyword else []
    # spans are counted in what was filled in, or else in the text
    home, seen, mentions = reading, _NOTHING, known
    if rules.regions is not None and not (known or asked.text or message.subject):
        # a text alone, as nearly every message is
        seen = _look(reading, rules.regions, known, field=False)
        mentions = list(seen.mentions)
    elif rules.regions is not None:
        texts = _texts(message, asked, reading, rules)
        all_seen = [_look(text, rules.regions, known, field=bool(asked.text) and text is texts[0]) for text in texts]
        home, seen = texts[0], all_seen[0]
        said_there, *said_beside = [one.mentions for one in all_seen]
        beside = [mention for named in said_beside for mention in named]
        mentions = _within(asked.code, [*known, *said_there, *(_around(said_there, beside) if asked.text else beside)])
    if not (mentions or seen.details):
        return said
    best = supports(mentions)
    if rules.regions is not None and (respelt := resounded(mentions, best, rules.regions)):
        best = supports(respelt)
    code = settle(best)
    if asked.code and (code is None or number(asked.code) not in {code, *above(code)}):
        code = number(asked.code)
    place = Location(
        text=asked.text or _stretch(home, seen, best),
        candidates=candidates(best, code, rules.regions),
        code=dotted(code) if code else None,
        details=_details(seen.details, home),
    )
    return _told(place, said, opening, best) if place.text or place.candidates or place.code or place.details else said


def _texts(message: InboundMessage, asked: Location, reading: Reading, rules: Rules) -> list[Reading]:
    """What speaks of the place, the words that were filled in for it first."""
    filled_in = [read(asked.text, rules.abbreviations)] if asked.text else []
    subject = [read(scrub(message.subject), rules.abbreviations)] if message.subject else []
    return [*filled_in, reading, *subject]


def _known(asked: Location, opening: Opening) -> list[Mention]:
    """What was chosen, and what the keyword stands for; a code that no region can have says nothing."""
    said: list[tuple[str, str, Literal["given", "keyword"]]] = [(one.code, one.name, "given") for one in asked.candidates]
    if opening.keyword and opening.keyword.region:
        said.append((opening.keyword.region, opening.keyword.place, "keyword"))
    return [Mention(-1, -1, (number(code),), how, name) for code, name, how in said if dotted(number(code)) == code]


def _look(reading: Reading, regions: Regions, known: Sequence[Mention], *, field: bool) -> _Seen:
    details = site.details(reading, regions.wide)
    named, unread = find(reading, regions, Taken(_words(details, _LENT), _words(details, _KEPT)), field=field)
    mentions = happened(reading, named)
    if unread and (mentions or known):
        mentions += mended(unread, reading.words, [*known, *mentions], regions)
    if mentions and any(one.kind == "dusun" for one in details):
        # Kampung Melayu is a village, and no hamlet called Melayu
        hamlets = {at for one in details if one.kind == "dusun" for at in range(one.start + 1, one.end)}
        # and a hamlet called Sawahan is not the kecamatan, as long as nothing else speaks for that
        mentions = [one for one in mentions if one.said not in WEAK or one.start not in hamlets]
        covered = {at for one in mentions for at in range(one.start, one.end)}
        details = [one for one in details if one.kind != "dusun" or one.end - 1 not in covered]
    return _Seen(details, mentions)


def _words(details: Sequence[site.Found], kinds: Collection[str]) -> Collection[int]:
    return {at for one in details if one.kind in kinds for at in range(one.start, one.end)} if details else ()


def _within(chosen: str | None, mentions: Sequence[Mention]) -> list[Mention]:
    """Of each mention what lies in the chosen region, or around it."""
    if chosen is None:
        return list(mentions)
    region = number(chosen)
    kept = {region, *above(region)}
    inside = [
        msgspec.structs.replace(mention, codes=tuple(c for c in mention.codes if c in kept or region in above(c))) for mention in mentions
    ]
    return [mention for mention in inside if mention.codes]


def _around(said: Sequence[Mention], beside: Sequence[Mention]) -> list[Mention]:
    """What stands beside a field for the place, as far as it may lie in the town that is named in the field, or around it."""
    towns = {code for one in said if one.said in {"name", "level"} for code in one.codes if level(code) <= REGENCY}
    if not towns:
        return list(beside)
    kept = towns | {outer for code in towns for outer in above(code)}
    inside = [msgspec.structs.replace(one, codes=tuple(c for c in one.codes if c in kept or lies_in(c, towns))) for one in beside]
    return [one for one in inside if one.codes]


def _stretch(reading: Reading, seen: _Seen, best: Sequence[Sequence[Support]]) -> str:
    """The citizen's words from the first to the last that name the place: where most of them stand close together."""
    parts = [(one.start, one.end) for one in seen.details]
    for one in seen.mentions:
        # what proves nothing by itself stands there when another level agrees with it
        if (
            one.said not in WEAK
            or one.said == "sole"
            or [1 for group in best if group and group[0].weight > 1 and group[0].by[0][1] == one]
        ):
            parts.append((one.start, one.end))
    if not parts:
        return ""
    # from its first word up to its last, and how many parts it has
    longest = start = end = count = 0
    words = (0, 0)
    for first, behind in sorted(parts):
        if not count or first - end > _APART or behind - start > _LONG:
            start, end, count = first, behind, 0
        end, count = max(end, behind), count + 1
        if count > longest:
            longest, words = count, (start, end)
    return reading.verbatim[reading.starts[words[0]] : reading.ends[words[1] - 1]]


def _details(found: Sequence[site.Found], reading: Reading) -> tuple[Detail, ...]:
    if not found:
        return ()
    starts, ends = reading.starts, reading.ends
    return tuple([Detail(kind=one.kind, value=one.value, start=starts[one.start], end=ends[one.end - 1]) for one in found])


def _told(place: Location, said: Inferred[Location], opening: Opening, best: Sequence[Sequence[Support]]) -> Inferred[Location]:
    """With who says so, and how sure we are."""
    weights = [group[0].weight for group in best if group]
    proven = _SURER if weights and max(weights) > 2 else _SURE
    if said.value is not None:
        if place.code == said.value.code:
            return given.given(place)
        return Inferred(value=place, provenance="given", rule="field+place", confidence=proven)
    by_keyword = [f"keyword:{opening.word}"] if opening.keyword and opening.keyword.region else []
    in_text = ["place"] if place.text else []
    named = place.code is None and any(group[0].by[0][1].said in {"level", "keyword"} for group in best if group)
    sure = proven if place.code else _NAMED if named else _VAGUE
    return Inferred(value=place, provenance="derived", rule="+".join(by_keyword + in_text), confidence=sure)
