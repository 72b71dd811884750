"""What citizens are told: one text for each kind of letter and each language.

In: the TOML files in `wordings/`, and the values of one case. Out: a text. It never chooses a language from a message and never
sends. A file with a missing text or a wrong placeholder is refused at start, not in the middle of the night.

The texts are plain GSM-7, and each fits one SMS when it is filled with the longest values (`LONGEST`): an answer in two segments
costs twice and may arrive in halves.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import get_args

from channels.base import LetterKind

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
#: characters; the widest value that each placeholder may get
LONGEST = {"reference": 14, "tracking_id": 12, "state": 60}

Texts = Mapping[LetterKind, str]


class Wordings:
    """The texts of all languages, checked."""

    def __init__(self, languages: Mapping[str, Texts]) -> None:
        """`languages` holds at least Indonesian, which stands in for any language without texts."""
        self._languages = dict(languages)
        self._fallback = self._languages["id"]

    def fill(self, kind: LetterKind, language: str | None, **values: str) -> str:
        """The text of this kind in this language; a language that we do not write gets Indonesian."""
        texts = self._languages.get(language or "id", self._fallback)
        return texts[kind].format_map(values)


def load() -> Wordings:
    """The texts that come with the gateway. Raises ValueError naming the file and the key."""
    folder = resources.files("forwarder") / "wordings"
    return Wordings({language: read(f"{language}.toml", (folder / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES})


def read(name: str, document: str) -> Texts:
    """The texts in one TOML document; `name` is only for the error. Raises ValueError."""
    try:
        table = tomllib.loads(document)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}: {error}") from error
    if unknown := sorted(table.keys() - set(KINDS)):
        raise ValueError(f"{name}: unknown key {unknown[0]!r}")
    return {kind: _checked(name, kind, table.get(kind)) for kind in KINDS}


def _checked(name: str, kind: LetterKind, text: object) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{name}: {kind!r} must be a text")
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"{name}: {kind!r}: {error}") from error
    if any(form or conversion for _, _, form, conversion in fields):
        raise ValueError(f"{name}: {kind!r}: a placeholder is a name in braces and nothing more")
    found, expected = {field for _, field, _, _ in fields if field is not None}, PLACEHOLDERS[kind]
    if missing := sorted(expected - found):
        raise ValueError(f"{name}: {kind!r} lacks {{{missing[0]}}}")
    if surplus := sorted(found - expected):
        raise ValueError(f"{name}: {kind!r} cannot have {{{surplus[0]}}}")
    return text
