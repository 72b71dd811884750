"""The rules by which a text is classified, as an official writes them in TOML (`data/rules.toml` explains every key).

In: a document. Out: a `Rulebook`, or ValueError with one line that names the rule and the key. It never reads a file: the wiring does.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from normalizer.abbreviations import NONE as NO_MEANINGS
from normalizer.abbreviations import Abbreviations
from normalizer.complaint import Classification, Flag
from normalizer.learned import ALWAYS, LIST, Learned, Weights
from normalizer.phrases import Node, grow, spelled
from normalizer.reading import spell

Resembled = Literal["oversight", "emergency", "wish"]
Chance = Annotated[float, Meta(ge=0, le=1)]
Window = Annotated[int, Meta(ge=1, le=20)]
Words = tuple[str, ...]

#: of the flags, those that words can raise; the others say what a channel or the reading met
WORDED: Final = frozenset({"emergency", "whistleblowing", "abusive", "spam_suspect", "test"})
#: what no rule may say: a text of which nobody knows the subject has none
NEVER: Final = "TOPIK LAINNYA"
#: a classification that is none: a thank-you is no complaint, no wish and no question
NONE: Final = "bukan"
#: stands for a question mark anywhere, in the place of a phrase
QUESTION: Final = "?"
#: where nothing was learned, nothing is likely
NOTHING: Final[Weights] = MappingProxyType({ALWAYS: (-20.0, -20.0, -20.0)})
#: the fields that hold words to look for; `@name` in them stands for a list
_WORDY: Final = ("words", "except", "near", "not_before", "not_after", "without")


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"except_": "except"}):
    """One table [[rule]]."""

    name: Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
    #: any of these phrases
    words: Annotated[Words, Meta(min_length=1)] = ()
    #: and the whole text resembles the examples of such, by a chance `at_least` so high and `below` that; then words may be missing
    resembles: Resembled | None = None
    at_least: Chance = 0
    below: Chance = 1
    #: … but not as a part of one of these
    except_: Words = ()
    #: one of these words stands within `around` words of it
    near: Words = ()
    around: Window = 6
    #: none of these stands among the `within` words before it, behind it
    not_before: Words = ()
    not_after: Words = ()
    within: Window = 2
    #: none of these stands anywhere
    without: Words = ()
    #: only as the first or last words, in brackets, behind #, or alone between two signs
    edge: bool = False
    #: only in a message of at most so many words; 0 is any
    longest: Annotated[int, Meta(ge=0, le=50)] = 0
    weight: Annotated[float, Meta(gt=0, le=1)]
    #: rules that do not count where this one does
    silences: Words = ()
    classification: Classification | Literal["bukan"] | None = None
    #: no rule says tidak_berkadar: that is what a complaint is when none says this
    oversight: Literal["berkadar"] | None = None
    category: str | None = None
    agency: str | None = None
    privacy: Literal["anonim", "rahasia"] | None = None
    flags: tuple[Flag, ...] = ()


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """A rule, as the weighing uses it."""

    name: str
    weight: float
    #: phrases of which its own words must not be a part
    excepted: Node
    near: frozenset[str]
    around: int
    not_before: frozenset[str]
    not_after: frozenset[str]
    within: int
    without: frozenset[str]
    edge: bool
    longest: int
    resembles: Resembled | None
    at_least: float
    below: float
    #: nothing beside its words need be looked at
    plain: bool
    silences: frozenset[int]
    #: field and value
    says: tuple[tuple[str, str], ...]


class Rulebook:
    """All rules, ready to be weighed. Made by `parse`; one without rules says nothing."""

    __slots__ = ("agencies", "asking", "clauses", "learned", "placeless", "tree", "wordless")

    def __init__(self) -> None:
        self.clauses: tuple[Clause, ...] = ()
        #: phrases by the index of their rule
        self.tree: Node = Node()
        #: rules that a question mark fires
        self.asking: tuple[int, ...] = ()
        #: rules that a resemblance alone fires
        self.wordless: tuple[int, ...] = ()
        self.learned: Learned = Learned(NOTHING, {})
        #: by category: the kind of unit that is usually in charge
        self.agencies: dict[str, str] = {}
        #: categories whose complaints need no place
        self.placeless: frozenset[str] = frozenset()


def parse(
    name: str, document: str, categories: Collection[str], meanings: Abbreviations = NO_MEANINGS, *, learned: Weights = NOTHING
) -> Rulebook:
    """The rules of a document; `name` is for the error, `categories` are the names that there are. Raises ValueError.

    `meanings` write out the abbreviations of the rules as they do those of the messages, so that `gak bisa` finds what it says; what is
    clear only beside others, such as `dpt`, stands for what it stands for where they do not make it clear.
    """
    try:
        table = tomllib.loads(document)
        return _book(table, categories, meanings, learned)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from error
    finally:
        spelled.cache_clear()
        _single.cache_clear()


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole document; each rule is read by itself, so that a fault in it can be told by its name."""

    rule: list[dict[str, object]]
    lists: dict[str, list[str]] = {}
    #: names of rules, for `silences`
    groups: dict[str, list[str]] = {}
    agencies: dict[str, str] = {}
    placeless: list[str] = []


def _book(table: Mapping[str, object], categories: Collection[str], meanings: Abbreviations, learned: Weights) -> Rulebook:
    known = frozenset(categories) - {NEVER}
    file = msgspec.convert(table, _File)
    lists = {key: [_written_out(word, meanings) for word in words] for key, words in file.lists.items()}
    rules = [_rule(_in_full(written, meanings), number, lists, known) for number, written in enumerate(file.rule, 1)]
    index = {rule.name: place for place, rule in enumerate(rules)}
    if len(index) != len(rules):
        twice = next(rule.name for place, rule in enumerate(rules) if index[rule.name] != place)
        raise ValueError(f"rule {twice!r}: there are two of this name")
    for key, named in (("agencies", file.agencies), ("placeless", file.placeless)):
        if strange := sorted(set(named) - known):
            raise ValueError(f"{key}: there is no category {strange[0]!r}")
    book = Rulebook()
    book.clauses = tuple(_clause(rule, index, file.groups) for rule in rules)
    book.tree = grow((phrase, place) for place, rule in enumerate(rules) for phrase in rule.words if phrase != QUESTION)
    book.asking = tuple(place for place, rule in enumerate(rules) if QUESTION in rule.words)
    book.wordless = tuple(place for place, rule in enumerate(rules) if not rule.words)
    book.learned = Learned(learned, _standing(lists))
    book.agencies, book.placeless = dict(file.agencies), frozenset(file.placeless)
    return book


def _standing(lists: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """By word, the lists in which it stands alone."""
    standing: dict[str, tuple[str, ...]] = {}
    # most words stand in the same lists as many others
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    for name, entries in lists.items():
        mark = LIST + name
        for word in {phrase[0] for entry in entries for phrase in spelled(entry) if len(phrase) == 1}:
            several = (*standing.get(word, ()), mark)
            standing[word] = known.setdefault(several, several)
    return standing


def _in_full(written: Mapping[str, object], meanings: Abbreviations) -> dict[str, object]:
    """A rule with its words written out."""
    return {
        key: [_written_out(word, meanings) if isinstance(word, str) else word for word in value]
        if key in _WORDY and isinstance(value, list)
        else value
        for key, value in written.items()
    }


def _written_out(phrase: str, meanings: Abbreviations) -> str:
    spelt = spell(phrase)
    words = meanings.clear(spelt)
    # one that names a list, or has no abbreviation, stays as it is
    return phrase if phrase.startswith("@") or words == spelt else " ".join(words) + "*" * phrase.endswith("*")


def _rule(written: Mapping[str, object], number: int, lists: Mapping[str, list[str]], categories: Collection[str]) -> Rule:
    """One rule, its lists filled in. Raises ValueError."""
    named = f"rule {written.get('name', number)!r}"
    table = dict(written)
    for key in _WORDY:
        if isinstance(value := table.get(key), list):
            table[key] = [word for entry in value for word in _listed(entry, lists, f"{named}, {key}")]
    try:
        rule = msgspec.convert(table, Rule)
    except msgspec.ValidationError as error:
        raise ValueError(f"{named}: {error}") from error
    if rule.category is not None and rule.category not in categories:
        raise ValueError(f"{named}, category: there is no category {rule.category!r} that a rule may say")
    if strange := sorted(set(rule.flags) - WORDED):
        raise ValueError(f"{named}, flags: {strange[0]!r} is not raised by words; those that are: {', '.join(sorted(WORDED))}")
    if not (rule.words or rule.resembles):
        raise ValueError(f"{named}: it needs words, or what it resembles")
    if not (_says(rule) or rule.silences):
        raise ValueError(f"{named}: it says nothing and silences nothing")
    for key in _WORDY:
        _look_at(rule, key, named)
    return rule


def _listed(entry: object, lists: Mapping[str, list[str]], where: str) -> list[object]:
    if not isinstance(entry, str) or not entry.startswith("@"):
        return [entry]
    if entry[1:] not in lists:
        raise ValueError(f"{where}: there is no list {entry[1:]!r} in [lists]")
    return list(lists[entry[1:]])


def _look_at(rule: Rule, key: str, named: str) -> None:
    """What stands in a list of words can be found. Raises ValueError."""
    for written in getattr(rule, "except_" if key == "except" else key):
        if written == QUESTION and key == "words":
            continue
        try:
            several = any(len(phrase) > 1 for phrase in spelled(written))
        except ValueError as error:
            raise ValueError(f"{named}, {key}: {error}") from error
        if several and key not in {"words", "except"}:
            raise ValueError(f"{named}, {key}: {written!r} is more than one word")


def _says(rule: Rule) -> tuple[tuple[str, str], ...]:
    one = [(field, value) for field in ("classification", "oversight", "category", "agency") if (value := getattr(rule, field))]
    # Who asks for anonim and for rahasia has both, as one who raises two flags: nothing is weighed against the other.
    several = (*rule.flags, rule.privacy) if rule.privacy else rule.flags
    return (*one, *((value, value) for value in several))


def _clause(rule: Rule, index: Mapping[str, int], groups: Mapping[str, list[str]]) -> Clause:
    """Raises ValueError for a rule or a group to be silenced that is not there."""
    silenced: list[str] = []
    for name in rule.silences:
        if name.startswith(LIST) and name[1:] not in groups:
            raise ValueError(f"rule {rule.name!r}, silences: there is no group {name[1:]!r} in [groups]")
        silenced += groups[name[1:]] if name.startswith(LIST) else [name]
    if strange := sorted(set(silenced) - set(index)):
        raise ValueError(f"rule {rule.name!r}, silences: there is no rule {strange[0]!r}")
    return Clause(
        name=rule.name, weight=rule.weight, excepted=grow((phrase, 0) for phrase in rule.except_), near=_single(rule.near),
        around=rule.around, not_before=_single(rule.not_before), not_after=_single(rule.not_after), within=rule.within,
        without=_single(rule.without), edge=rule.edge, longest=rule.longest,
        resembles=rule.resembles, at_least=rule.at_least, below=rule.below,
        plain=not (rule.except_ or rule.near or rule.not_before or rule.not_after or rule.edge),
        silences=frozenset(index[name] for name in silenced), says=_says(rule),
    )  # fmt: skip


@cache  # a list of a hundred words stands in many rules, and each would have its own
def _single(words: Words) -> frozenset[str]:
    return frozenset(phrase[0] for written in words for phrase in spelled(written))
