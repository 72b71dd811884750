"""How a fault in the settings is said: in one line that names table and key, and never shows a value.

In: names and words. Out: `SettingsError`. A value may be a password that slipped into the wrong key, so it never gets here.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SettingsError(Exception):
    """The settings cannot be used; `str()` is the whole line for the operator."""

    def __init__(self, table: str, key: str, words: str, *, origin: str = "") -> None:
        """`table` without brackets ("" for the whole file), `key` may be ""; `origin` is the variable or file that the value came from."""
        place = " ".join(word for word in (f"[{table}]" if table else "", key, f"(from {origin})" if origin else "") if word)
        super().__init__(f"{place}: {words}" if place else words)
        self.table, self.key = table, key


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean …?` when a known name is near, else the list of known names."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1)
    if near:
        return f"did you mean {near[0]}?"
    return f"known here: {', '.join(names)}" if names else "nothing is known here yet"
