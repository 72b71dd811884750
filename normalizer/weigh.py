"""What the rules say of a text.

In: the rules, and a text as it was read. Out: for each field the value with the most weight, and the rule that spoke loudest for it. It
never decides against what a citizen gave: its callers put that first.

A rule that fires counts once, however often its words stand there. Rules that say the same add up as chances do: two of weight 0.5 weigh
0.75. What weighs less than `LEAST` is not said, and of two values that are nearly as heavy neither; but of two subjects the one that is
named first, because people begin with what they write about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from normalizer.learned import Chances
from normalizer.phrases import covers, find
from normalizer.reading import Reading
from normalizer.rulebook import QUESTION, Clause, Rulebook

LEAST: Final = 0.5
#: by how much the heaviest value must outweigh the next
MARGIN: Final = 0.1

#: what ends a sentence or brackets a word, before it and behind it
_BEFORE: Final = frozenset(".,;:!?-–—([{<\"'*#|/\n")
_BEHIND: Final = frozenset(".,;:!?-–—)]}>\"'*|/\n")
#: … ends a sentence
_ENDS: Final = frozenset(".!?;\n")


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What a field should say."""

    value: str
    rule: str
    confidence: float


#: by field; each flag, anonim and rahasia are fields of their own
Findings = Mapping[str, Verdict]


def weigh(book: Rulebook, texts: Sequence[tuple[Reading, int]]) -> Findings:
    """`texts`: each with the index of its first character behind keyword and tags. Subject and body of a mail are two."""
    # the rules that fire, in the order of their words
    fired: dict[int, None] = {}
    for reading, body in texts:
        _fire(book, reading, body, fired)
        if book.asking and QUESTION in reading.legible:
            fired.update(dict.fromkeys(book.asking))
    fired.update(dict.fromkeys(book.wordless))
    counting = _counting(book, fired, texts)
    # of all that they silence, which may be a whole group, only what counts here
    silenced = [clause.silences.intersection(counting) for clause in counting.values() if clause.silences]
    for place in frozenset().union(*silenced):
        del counting[place]
    return _verdicts(counting.values())


def _fire(book: Rulebook, reading: Reading, body: int, fired: dict[int, None]) -> None:
    """Add the rules whose words stand in one text."""
    words, clauses = reading.words, book.clauses
    for start, end, mark in find(book.tree, words):
        if mark in fired:
            continue
        clause = clauses[mark]
        lone = clause.edge and _is_sentence(reading, start, end)
        if clause.plain or (_stands(clause, words, start, end, lone=lone) and (not clause.edge or _at_edge(reading, start, end, body))):
            fired[mark] = None


def _counting(book: Rulebook, fired: Iterable[int], texts: Sequence[tuple[Reading, int]]) -> dict[int, Clause]:
    """Of the rules that fired those that count: the message resembles what they want it to, as much as they want; it is not too long for
    them, and none of the words that forbid them stands anywhere."""
    counting: dict[int, Clause] = {}
    seen: Chances | None = None
    present = texts[0][0].present if len(texts) == 1 else frozenset().union(*[reading.present for reading, _ in texts])
    size = sum([len(reading.words) for reading, _ in texts])
    for place in fired:
        clause = book.clauses[place]
        if clause.resembles:
            seen = seen or book.learned.chances(present)
            if not clause.at_least <= getattr(seen, clause.resembles) < clause.below:
                continue
        if (not clause.longest or size <= clause.longest) and (not clause.without or clause.without.isdisjoint(present)):
            counting[place] = clause
    return counting


def _stands(clause: Clause, words: Sequence[str], start: int, end: int, *, lone: bool) -> bool:
    """The words around a phrase allow the rule to fire; those of other sentences say nothing of one that is a sentence by itself."""
    if clause.near:
        first = start - clause.around if start > clause.around else 0
        if clause.near.isdisjoint(words[first:start]) and clause.near.isdisjoint(words[end : end + clause.around]):
            return False
    first = start - clause.within if start > clause.within else 0
    if clause.not_before and not lone and not clause.not_before.isdisjoint(words[first:start]):
        return False
    if clause.not_after and not lone and not clause.not_after.isdisjoint(words[end : end + clause.within]):
        return False
    return lone or not clause.excepted.next or not covers(clause.excepted, words, start, end)


def _is_sentence(reading: Reading, start: int, end: int) -> bool:
    """True for `… minta surat. RAHASIA`: behind the end of a sentence, with nothing but another end behind it."""
    text, first, behind = reading.verbatim, reading.starts[start], reading.ends[end - 1]
    if text[max(first - 2, 0) : first].rstrip(" ")[-1:] not in _ENDS:
        return False
    return end == len(reading.words) or text[behind : behind + 2].lstrip(" ")[:1] in _ENDS


def _at_edge(reading: Reading, start: int, end: int, body: int) -> bool:
    """True for the first words behind keyword and tags, the last words, and words alone between two signs or behind #."""
    starts, text = reading.starts, reading.verbatim
    if start == 0 or end == len(reading.words) or starts[start - 1] < body:
        return True
    first, behind = starts[start], reading.ends[end - 1]
    sign = text[max(first - 3, 0) : first].rstrip(" ")[-1:]
    return sign == "#" or (sign in _BEFORE and text[behind : behind + 3].lstrip(" ")[:1] in _BEHIND)


def _verdicts(clauses: Iterable[Clause]) -> Findings:
    """By field, what the rules that count say together; they come in the order of their words."""
    weights: dict[str, dict[str, tuple[float, Clause]]] = {}
    for clause in clauses:
        for field, value in clause.says:
            if (values := weights.get(field)) is None:
                weights[field] = {value: (1 - clause.weight, clause)}
            elif (said := values.get(value)) is None:
                values[value] = (1 - clause.weight, clause)
            else:
                against, loudest = said
                values[value] = (against * (1 - clause.weight), clause if clause.weight > loudest.weight else loudest)
    findings: dict[str, Verdict] = {}
    for field, values in weights.items():
        if heaviest := _heaviest(field, values):
            against, clause = values[heaviest]
            findings[field] = Verdict(heaviest, clause.name, _confidence(against))
    return findings


@lru_cache(2**10)  # rounding takes as long as all that was weighed, and there are few weights
def _confidence(against: float) -> float:
    return round(1 - against, 2)


def _heaviest(field: str, values: Mapping[str, tuple[float, Clause]]) -> str | None:
    """None when it is too light, or not much heavier than another."""
    if len(values) == 1:
        ((value, (against, _)),) = values.items()
        return value if 1 - against >= LEAST else None
    least = min(against for against, _ in values.values())
    near = [value for value, (against, _) in values.items() if against < least + MARGIN]
    return near[0] if 1 - least >= LEAST and (len(near) == 1 or field == "category") else None
