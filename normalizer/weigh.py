"""What the rules say of a text.

In: the rules, and a text as it was read. Out: for each field the value with the most weight, and the rule that spoke loudest for it. It
never decides against what a citizen gave: its callers put that first.

A rule that fires counts once, however often its words stand there. Rules that say the same add up as chances do: two of weight 0.5 weigh
0.75. What weighs less than `LEAST` is not said, and of two values that are nearly as heavy neither; but of two subjects the one that is
named first, because people begin with what they write about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from normalizer.phrases import Hit, find
from normalizer.reading import Reading
from normalizer.rulebook import QUESTION, Clause, Rulebook

LEAST: Final = 0.5
#: by how much the heaviest value must outweigh the next
MARGIN: Final = 0.1

#: what ends a sentence or brackets a word, before it and behind it
_BEFORE: Final = frozenset(".,;:!?-–—([{<\"'*#|/\n")
_BEHIND: Final = frozenset(".,;:!?-–—)]}>\"'*|/\n")


class Verdict(NamedTuple):
    """What a field should say."""

    value: str
    rule: str
    confidence: float


#: by field; each flag, anonim and rahasia are fields of their own
Findings = Mapping[str, Verdict]


def weigh(book: Rulebook, texts: Sequence[tuple[Reading, int]]) -> Findings:
    """`texts`: each with the index of its first character behind keyword and tags. Subject and body of a mail are two."""
    fired: dict[int, int] = {}
    length = 0
    for reading, body in texts:
        _fire(book, reading, (body, length), fired)
        length += len(reading.words)
        if book.asking and QUESTION in reading.legible:
            fired.update((place, length) for place in book.asking if place not in fired)
    counting = [place for place in fired if _undisturbed(book.clauses[place], texts, length)]
    silenced = {other for place in counting for other in book.clauses[place].silences}
    counting = sorted((place for place in counting if place not in silenced), key=fired.__getitem__)
    return _verdicts([book.clauses[place] for place in counting])


def _fire(book: Rulebook, reading: Reading, offset: tuple[int, int], fired: dict[int, int]) -> None:
    """Add the rules whose words stand in one text, and where; `offset`: its body in characters, and the words before it."""
    body, passed = offset
    hits = find(book.tree, reading.words)
    excepted = {(~hit.mark, place) for hit in hits if hit.mark < 0 for place in range(hit.start, hit.end)}
    for hit in hits:
        start, end, mark = hit
        if mark < 0 or mark in fired or ((mark, start) in excepted and (mark, end - 1) in excepted):
            continue
        clause = book.clauses[mark]
        if clause.plain or _stands(clause, reading, hit, body):
            fired[mark] = passed + start


def _stands(clause: Clause, reading: Reading, hit: Hit, body: int) -> bool:
    """What is around a phrase allows the rule to fire."""
    words, (start, end, _) = reading.words, hit
    before, within, around = max(start - clause.within, 0), clause.within, clause.around
    if clause.not_before and not clause.not_before.isdisjoint(words[before:start]):
        return False
    if clause.not_after and not clause.not_after.isdisjoint(words[end : end + within]):
        return False
    if clause.near and clause.near.isdisjoint(words[max(start - around, 0) : start]) and clause.near.isdisjoint(words[end : end + around]):
        return False
    return not clause.edge or _at_edge(reading, hit, body)


def _undisturbed(clause: Clause, texts: Sequence[tuple[Reading, int]], length: int) -> bool:
    """The message is not too long for a rule, and none of the words that forbid it stands anywhere."""
    if clause.longest and length > clause.longest:
        return False
    return not clause.without or all(clause.without.isdisjoint(reading.words) for reading, _ in texts)


def _at_edge(reading: Reading, hit: Hit, body: int) -> bool:
    """True for the first words behind keyword and tags, the last words, and words alone between two signs or behind #."""
    starts, text = reading.starts, reading.verbatim
    if hit.start == 0 or hit.end == len(reading.words) or starts[hit.start - 1] < body:
        return True
    begin, end = starts[hit.start], reading.ends[hit.end - 1]
    before = text[max(begin - 3, 0) : begin].rstrip(" ")[-1:]
    behind = text[end : end + 3].lstrip(" ")[:1]
    return before == "#" or (before in _BEFORE and behind in _BEHIND)


def _verdicts(clauses: Sequence[Clause]) -> Findings:
    """By field, what the rules that count say together; they come in the order of their words."""
    weights: dict[str, dict[str, tuple[float, Clause]]] = {}
    for clause in clauses:
        for field, value in clause.says:
            values = weights.setdefault(field, {})
            against, loudest = values.get(value, (1.0, clause))
            values[value] = (against * (1 - clause.weight), clause if clause.weight > loudest.weight else loudest)
    return {field: verdict for field, values in weights.items() if (verdict := _heaviest(field, values))}


def _heaviest(field: str, values: Mapping[str, tuple[float, Clause]]) -> Verdict | None:
    least = min(against for against, _ in values.values())
    near = [(value, clause) for value, (against, clause) in values.items() if against < least + MARGIN]
    if 1 - least < LEAST or (len(near) > 1 and field != "category"):
        return None
    value, clause = near[0]
    return Verdict(value, clause.name, round(1 - values[value][0], 2))
