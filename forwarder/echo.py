"""Our own words, coming back: two gateways that are pointed at each other, a telephone that forwards what it hears.

In: the texts of our letters, a message. Out: whether the message is one of them, filled, and nothing else. Pure. It never finds our words
in a message that says more: whoever quotes our answer and adds a word of his own is a citizen.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

#: characters of one letter, filled; a longer message says more
_LONGEST: Final = 320
#: characters by which a text is looked up
_HEAD: Final = 16
#: a text with fewer characters of its own could be anybody's
_FIXED: Final = 20
#: what a telephone or a mail program may put around it
_SIGNS: Final = " \t\r\n\"'>*_«»“”"
#: what each placeholder is filled with: a code of ours or what somebody wrote for one, a ledger's number, a number to call
_VALUES: Final = {
    "reference": "[0-9A-Za-z# -]{1,14}", "nearest": "[0-9A-Z-]{14}", "tracking_id": "[!-~]{1,40}",
    **dict.fromkeys(("general", "police", "ambulance"), "[0-9]{3,6}"),
}  # fmt: skip
#: those that are filled with other texts, which stand under these keys
_WORDS: Final = {"state": "states.", "question": "asks."}


class Echo:
    """Knows our letters."""

    def __init__(self, languages: Iterable[Mapping[str, str]]) -> None:
        """Texts by key, with their placeholders, as the files have them."""
        self._by_head: dict[str, list[tuple[str, Mapping[str, str]]]] = {}
        for texts in languages:
            for key, text in texts.items():
                pieces = list(_pieces(text))
                if key.startswith(tuple(_WORDS.values())) or sum(len(literal) for literal, _ in pieces) < _FIXED:
                    continue
                self._by_head.setdefault(_plain(pieces[0][0])[:_HEAD], []).append((text, texts))
        #: how long the beginnings are
        self._sizes = sorted({len(head) for head in self._by_head}, reverse=True)
        # made when the first message comes that begins so: most never do
        self._patterns = cache(self._made)

    def __call__(self, text: str) -> bool:
        """True when it is one of ours and nothing else."""
        if len(text) > _LONGEST:
            return False
        text = text.strip(_SIGNS)
        heads = [head for size in self._sizes if (head := text[:size]) in self._by_head]
        if not heads:
            return False
        text = " ".join(text.split())
        return any(pattern.fullmatch(text) for head in heads for pattern in self._patterns(head))

    def _made(self, head: str) -> Sequence[re.Pattern[str]]:
        return [re.compile(pattern) for pattern in dict.fromkeys(_pattern(text, texts) for text, texts in self._by_head[head])]


def _pieces(text: str) -> Iterable[tuple[str, str]]:
    """What stands before each placeholder, and its name; an empty one at the end."""
    for literal, field, _, _ in string.Formatter().parse(text):
        yield literal, field or ""


def _plain(literal: str) -> str:
    """With the spaces that a message has when it is compared."""
    return re.sub(r"\s+", " ", literal)


def _pattern(text: str, texts: Mapping[str, str]) -> str:
    pattern = ""
    for literal, field in _pieces(text):
        pattern += re.escape(_plain(literal))
        if field in _WORDS:
            pattern += f"(?:{'|'.join(_pattern(words, {}) for key, words in texts.items() if key.startswith(_WORDS[field]))})"
        elif field:
            pattern += _VALUES[field]
    return pattern
