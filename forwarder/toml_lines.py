"""On which line of a TOML document each key stands: tomllib tells values, and no lines.

In: a document. Out: its statements, each with its line and its keys. A statement is over where the lines since the last one can be read
by themselves, so it is tomllib that decides what is a comment, a quoted key, or a string of several lines, and no second grammar here.
For files that people write: a statement that is never closed is read again with each line that follows.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

#: how a key begins a statement that cannot be read
_KEY = re.compile(r"""\s*["']?([\w-]+(?:\.[\w-]+)*)["']?\s*=""")


class Statement(NamedTuple):
    """A key with its value, the head of a table, a comment, an empty line; the last one may be something that is not TOML."""

    line: int
    text: str
    #: as `flat` has them; of the head of a table, the table's name
    keys: tuple[str, ...]


def flat(table: Mapping[str, object], above: str = "") -> dict[str, object]:
    """The values by their whole names: `states.received` for a key of the table [states]."""
    found: dict[str, object] = {}
    for key, value in table.items():
        inner = isinstance(value, dict) and value
        found |= flat(inner, f"{above}{key}.") if inner else {f"{above}{key}": value}
    return found


def lines(document: str) -> dict[str, int]:
    """The line on which each key's statement begins."""
    return {key: statement.line for statement in statements(document) for key in statement.keys}


def broken(document: str) -> Statement:
    """The first statement with which a document is not TOML: one that cannot be read, or one that says again what another has said."""
    before = ""
    for statement in statements(document):
        before += statement.text
        if _read(before) is None:
            return statement
    raise ValueError("the document is TOML")


def statements(document: str) -> Iterator[Statement]:
    """All of them; what can no more be read is one statement, from where it begins to the end."""
    table, first, text = "", 1, ""
    # not splitlines, which knows more ends of lines than TOML does
    *whole, last = document.split("\n")
    for number, line in enumerate([*(f"{line}\n" for line in whole), last], 1):
        text += line
        said = _read(text)
        if said is None:
            continue
        keys = tuple(flat(said))
        if text.lstrip().startswith("["):
            table = f"{keys[0]}."
            yield Statement(first, text, keys)
        else:
            yield Statement(first, text, tuple(table + key for key in keys))
        first, text = number + 1, ""
    if text:
        begun = _KEY.match(text)
        yield Statement(first, text, (table + begun[1],) if begun else ())


def _read(text: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
