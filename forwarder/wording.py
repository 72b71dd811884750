"""What citizens are told: one text for each kind of letter and each language.

In: the TOML files in `wordings/`, and the values of one case. Out: a text. It never chooses a language from a message and never
sends. A file with a missing text or a wrong placeholder is refused at start, not in the middle of the night.

A complaint that tells of a danger is answered with texts that name whom to call; they promise nothing, because nobody reads it at once.

The texts are plain GSM-7, and each fits one SMS when it is filled with the longest values (`LONGEST`): an answer in two segments
costs twice and may arrive in halves.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Literal, get_args

from channels.base import LetterKind, State

LANGUAGES = ("id", "en", "jv", "su")
KINDS: tuple[LetterKind, ...] = get_args(LetterKind)
#: exactly these placeholders stand in each text of a kind
PLACEHOLDERS: dict[LetterKind, frozenset[str]] = {
    "receipt": frozenset({"reference"}),
    "registered": frozenset({"reference", "tracking_id"}),
    "status": frozenset({"reference", "state"}),
    "help": frozenset(),
    "ask": frozenset({"reference"}),
}
#: kinds of which there is a second text, under [emergency], with these placeholders besides
URGENT: tuple[LetterKind, ...] = ("receipt", "registered")
NUMBERS = frozenset({"general", "police", "ambulance"})
#: … which are these everywhere in Indonesia where the settings know no better
NATIONAL = {"general": "112", "police": "110", "ambulance": "119"}
#: characters; the widest value that each placeholder may get
LONGEST = {"reference": 14, "tracking_id": 12, "state": 60, "general": 6, "police": 6, "ambulance": 6}

#: what a case, or a code that no case has, may be in; the words fill {state}
STATES: tuple[str, ...] = (*get_args(State), "unknown", "mistyped")
#: of these, the ones that may name the ledger's number
NUMBERED = "registered"

#: by kind of letter, by `emergency.<kind>`, and by `states.<state>`
Texts = Mapping[str, str]


class Wordings:
    """The texts of all languages, checked."""

    def __init__(self, languages: Mapping[str, Texts], numbers: Mapping[str, str] = NATIONAL) -> None:
        """`languages` holds at least Indonesian, which stands in for any language without texts; `numbers` are whom to call in danger."""
        self._languages, self._numbers = dict(languages), dict(numbers)
        self._fallback = self._languages["id"]

    def fill(self, kind: LetterKind, language: str | None, *, urgent: bool = False, **values: str) -> str:
        """The text of this kind in this language; a language that we do not write gets Indonesian. `urgent`: somebody is in danger."""
        texts = self._languages.get(language or "id", self._fallback)
        if urgent and kind in URGENT:
            return texts[f"emergency.{kind}"].format_map(values | self._numbers)
        return texts[kind].format_map(values)

    def state(self, state: State | Literal["unknown", "mistyped"], language: str | None = None, *, tracking_id: str = "") -> str:
        """Where a case stands, in a few words for the placeholder {state}."""
        texts = self._languages.get(language or "id", self._fallback)
        return texts[f"states.{state}"].format_map({"tracking_id": tracking_id})


def load(numbers: Mapping[str, str] = NATIONAL) -> Wordings:
    """The texts that come with the gateway, with the numbers to call. Raises ValueError naming the file and the key."""
    folder = resources.files("forwarder") / "wordings"
    texts = {language: read(f"{language}.toml", (folder / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES}
    return Wordings(texts, numbers)


def read(name: str, document: str) -> Texts:
    """The texts in one TOML document; `name` is only for the error. Raises ValueError."""
    try:
        table = tomllib.loads(document)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}: {error}") from error
    states, urgent = table.pop("states", {}), table.pop("emergency", {})
    if unknown := sorted(table.keys() - set(KINDS)):
        raise ValueError(f"{name}: unknown key {unknown[0]!r}")
    letters: dict[str, str] = {kind: _checked(name, kind, table.get(kind), PLACEHOLDERS[kind]) for kind in KINDS}
    if not isinstance(states, dict) or states.keys() != set(STATES):
        raise ValueError(f"{name}: [states] must have exactly {', '.join(STATES)}")
    if not isinstance(urgent, dict) or urgent.keys() != set(URGENT):
        raise ValueError(f"{name}: [emergency] must have exactly {', '.join(URGENT)}")
    for kind in URGENT:
        letters[f"emergency.{kind}"] = _checked(name, f"emergency.{kind}", urgent[kind], PLACEHOLDERS[kind] | NUMBERS)
    numbered = frozenset({"tracking_id"})
    for state, text in states.items():
        letters[f"states.{state}"] = _checked(name, f"states.{state}", text, numbered if state == NUMBERED else frozenset())
    return letters


def _checked(name: str, kind: str, text: object, expected: frozenset[str]) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{name}: {kind!r} must be a text")
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"{name}: {kind!r}: {error}") from error
    if any(form or conversion for _, _, form, conversion in fields):
        raise ValueError(f"{name}: {kind!r}: a placeholder is a name in braces and nothing more")
    found = {field for _, field, _, _ in fields if field is not None}
    if missing := sorted(expected - found):
        raise ValueError(f"{name}: {kind!r} lacks {{{missing[0]}}}")
    if surplus := sorted(found - expected):
        raise ValueError(f"{name}: {kind!r} cannot have {{{surplus[0]}}}")
    return text
