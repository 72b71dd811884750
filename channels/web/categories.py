"""The subjects of complaints, as the national ledger names them.

In: `data/categories.json` (its source stands in data/categories.NOTE). Out: each with a code that stays the same when others come and
go. It never guesses a subject from a text; that is the normalizer's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import resources

import msgspec


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is the ledger's; `title` the same for people to read; `keywords` what else belongs to it."""

    code: str
    name: str
    title: str
    keywords: tuple[str, ...] = ()


class Categories:
    """All of them, in the order of the list."""

    def __init__(self, listed: Sequence[Category]) -> None:
        """`listed` has each code once."""
        self._listed = tuple(listed)
        self._by_word = {word: one for one in self._listed for word in (_fold(one.name), _fold(one.title), one.code)}

    def __iter__(self) -> Iterator[Category]:
        return iter(self._listed)

    def find(self, written: str) -> Category | None:
        """By code, name or title, in any case."""
        return self._by_word.get(_fold(written))


def _fold(written: str) -> str:
    return " ".join(written.casefold().split())


def load() -> Categories:
    """The list that comes with the gateway."""
    raw = (resources.files("channels.web") / "data" / "categories.json").read_bytes()
    return Categories(msgspec.json.decode(raw, type=list[Category]))
