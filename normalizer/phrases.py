"""Phrases of one or several words, found by looking words up.

In: phrases with a mark for each, then the words of a text. Out: where which mark stands. It never searches by pattern: a word is looked
up once as the first of a phrase, and what follows it at most `LONGEST` times, so the work grows with the text and with nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from normalizer.reading import read

#: words in one phrase
LONGEST: Final = 6
#: what `*` stands for behind a word: nothing, or one of the endings that Indonesian, Javanese and Sundanese write to it
ENDINGS: Final = ("", "nya", "lah", "kah", "pun", "ku", "mu", "an", "annya", "kan", "i", "e", "ne", "na", "ipun")


class Node:
    """Where the words so far have led."""

    __slots__ = ("marks", "next")

    def __init__(self) -> None:
        #: what ends here
        self.marks: tuple[int, ...] = ()
        self.next: dict[str, Node] = {}


class Hit(NamedTuple):
    """The words from `start` up to, not including, `end`."""

    start: int
    end: int
    mark: int


def spelled(written: str) -> list[tuple[str, ...]]:
    """The sequences of words that a phrase such as `jalan rusak*` stands for. Raises ValueError."""
    phrase = tuple(read(written).words)
    if not phrase:
        raise ValueError(f"{written!r} has no word")
    if "*" in written[:-1]:
        raise ValueError(f"{written!r} has a * elsewhere than at its end")
    if len(phrase) > LONGEST:
        raise ValueError(f"{written!r} has more than {LONGEST} words")
    if not written.endswith("*"):
        return [phrase]
    return [(*phrase[:-1], phrase[-1] + ending) for ending in ENDINGS]


def grow(phrases: Iterable[tuple[str, int]]) -> Node:
    """The tree of all phrases. Raises ValueError for one that has no word, or too many."""
    root = Node()
    for written, mark in phrases:
        for phrase in spelled(written):
            node = root
            for word in phrase:
                node = node.next.setdefault(word, Node())
            if mark not in node.marks:
                node.marks += (mark,)
    return root


def find(root: Node, words: Sequence[str]) -> list[Hit]:
    """Every phrase that stands there, by its beginning; also one within another."""
    first = root.next
    hits: list[Hit] = []
    for start, node in [(place, first[word]) for place, word in enumerate(words) if word in first]:
        at: Node | None = node
        end = start + 1
        while at is not None:
            for mark in at.marks:
                hits.append(Hit(start, end, mark))
            at = at.next.get(words[end]) if at.next and end < len(words) else None
            end += 1
    return hits
