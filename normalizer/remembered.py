"""What was found out about words, kept for the messages that come after: most words of a message stood in those before it, too.

In: what finds something out about one word, then words. Out: of each what was found out. It keeps no more than so many letters, however
many words citizens make up and however long these are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import filterfalse
from typing import Final, Generic, TypeVar

T = TypeVar("T")

#: letters of all words that are kept, some sixteen thousand words
_LETTERS: Final = 2**17


class Remembered(Generic[T]):
    """What was found out."""

    __slots__ = ("_find_out", "_found", "_letters")

    def __init__(self, find_out: Callable[[str], T]) -> None:
        self._find_out = find_out
        self._found: dict[str, T] = {}
        self._letters = 0

    def of(self, words: Collection[str]) -> list[T]:
        """In the order of the words."""
        try:
            return list(map(self._found.__getitem__, words))
        except KeyError:
            return self._meet(words)

    def _meet(self, words: Collection[str]) -> list[T]:
        if self._letters > _LETTERS:
            self._found, self._letters = {}, 0
        found = self._found
        for word in filterfalse(found.__contains__, words):
            found[word] = self._find_out(word)
            self._letters += len(word)
        return list(map(found.__getitem__, words))
