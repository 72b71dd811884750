"""What was found out about words, kept for the messages that come after: most words of a message stood in those before it, too.

In: what finds something out about one word, then words. Out: of each what was found out. It keeps no more than so many letters, however
many words citizens make up and however long these are; and no number, for each is another, and may be somebody's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

T = TypeVar("T")

#: letters of all words that are kept, some sixteen thousand words
_LETTERS: Final = 2**17


class Remembered(dict[str, T]):
    """By word, what was found out; a word that is asked for the first time is looked into."""

    __slots__ = ("_find_out", "_letters")

    def __init__(self, find_out: Callable[[str], T]) -> None:
        super().__init__()
        self._find_out = find_out
        self._letters = 0

    def of(self, words: Iterable[str]) -> list[T]:
        """In the order of the words."""
        return list(map(self.__getitem__, words))

    def __missing__(self, word: str) -> T:
        found = self._find_out(word)
        if word.isdecimal():
            return found
        if self._letters > _LETTERS:
            self.clear()
            self._letters = 0
        self._letters += len(word)
        self[word] = found
        return found
