"""Phrases of one or several words, found by looking words up.

In: phrases with a mark for each, then the words of a text. Out: where which mark stands. It never searches by pattern: a word is looked
up once as the first of a phrase, and what follows it at most `LONGEST` times, so the work grows with the text and with nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from normalizer.reading import spell

#: words in one phrase
LONGEST: Final = 6
#: what `*` stands for behind a word: nothing, or one of the endings that Indonesian, Javanese and Sundanese write to it
ENDINGS: Final = ("", "nya", "lah", "kah", "pun", "ku", "mu", "an", "annya", "kan", "i", "e", "ne", "na", "ipun")


class Node:
    """Where the words so far have led."""

    __slots__ = ("marks", "next")

    def __init__(self, marks: tuple[int, ...] = ()) -> None:
        #: what ends here
        self.marks = marks
        self.next: dict[str, Node] = {}


@lru_cache(2**15)  # the lists of a rulebook stand in many rules: without this a start takes half a second longer
def spelled(written: str) -> tuple[tuple[str, ...], ...]:
    """The sequences of words that a phrase such as `jalan rusak*` stands for. Raises ValueError."""
    phrase = tuple(spell(written))
    if not phrase:
        raise ValueError(f"{written!r} has no word")
    if "*" in written[:-1]:
        raise ValueError(f"{written!r} has a * elsewhere than at its end")
    if len(phrase) > LONGEST:
        raise ValueError(f"{written!r} has more than {LONGEST} words")
    if not written.endswith("*"):
        return (phrase,)
    return tuple((*phrase[:-1], phrase[-1] + ending) for ending in ENDINGS)


def grow(phrases: Iterable[tuple[str, int]]) -> Node:
    """The tree of all phrases. Raises ValueError for one that has no word, or too many."""
    root = Node()
    # what no phrase goes beyond is one node for all phrases with these marks: of forty thousand, nine in ten are such
    leaves: dict[tuple[int, ...], Node] = {}
    # a word that stands in many phrases is there once
    words: dict[str, str] = {}
    for written, mark in phrases:
        for *before, last in spelled(written):
            node = root
            for word in before:
                longer = node.next.get(word)
                if longer is None or not longer.next:
                    longer = node.next[words.setdefault(word, word)] = Node(longer.marks if longer else ())
                node = longer
            end = node.next.get(last)
            marks = end.marks if end else ()
            if mark in marks:
                continue
            marks += (mark,)
            if end is None or not end.next:
                node.next[words.setdefault(last, last)] = leaves.get(marks) or leaves.setdefault(marks, Node(marks))
            else:
                end.marks = marks
    return root


def find(root: Node, words: Sequence[str]) -> list[tuple[int, int, int]]:
    """Every phrase that stands there, by its beginning, also one within another: its first word, the word behind it, its mark."""
    found: list[tuple[int, int, int]] = []
    # behind the last word stands one with which no phrase goes on
    words = [*words, ""]
    for start, first in enumerate(map(root.next.get, words)):
        node, end = first, start
        while node:
            end += 1
            for mark in node.marks:
                found.append((start, end, mark))
            node = node.next.get(words[end]) if node.next else None
    return found


def covers(root: Node, words: Sequence[str], start: int, end: int) -> bool:
    """True when the words from `start` up to, not including, `end` are part of a phrase."""
    first = start - LONGEST + 1 if start >= LONGEST else 0
    if root.next.keys().isdisjoint(words[first : start + 1]):
        return False
    for begin in range(first, start + 1):
        node, at = root, begin
        while at < len(words) and (longer := node.next.get(words[at])):
            node = longer
            at += 1
            if node.marks and at >= end:
                return True
    return False
