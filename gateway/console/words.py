"""What the pages say, in Indonesian and English.

In: the files in `words/`, one for each template or group of them. Out: for a language, words by file and key. A text that is missing in a
language, and a template that asks for one that is not there, is an error, not an empty place.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from types import SimpleNamespace
from typing import Final, Literal

Language = Literal["id", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("id", "en")


@cache
def load() -> dict[Language, SimpleNamespace]:
    """By language: `words.<file>.<key>`. Raises ValueError naming the file and the key."""
    said: dict[Language, SimpleNamespace] = {language: SimpleNamespace() for language in LANGUAGES}
    for file in sorted((resources.files("gateway.console") / "words").iterdir(), key=lambda file: file.name):
        name = file.name.removesuffix(".toml")
        texts = tomllib.loads(file.read_text(encoding="utf-8"))
        for key, each in texts.items():
            if set(each) != set(LANGUAGES):
                raise ValueError(f"words/{file.name}: {key}: expected a text for each of {', '.join(LANGUAGES)}")
        for language in LANGUAGES:
            setattr(said[language], name, SimpleNamespace(**{key: each[language] for key, each in texts.items()}))
    return said


def say(text: str, **values: object) -> str:
    """With its values: `{n}` is replaced by the value of that name."""
    return text.format_map(values)
