"""What the sender of a complaint said of it later: whether a message is such a word, and how it joins the text.

In: texts and records. Out: yes or no, a text. It looks nothing up and alters no word; in doubt a message is a complaint of its own, and
what is joined stands behind a mark that no citizen writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from normalizer import clarify, wish
from normalizer.complaint import Complaint
from normalizer.reading import read

#: answer: to our question. follow_up: said unasked.
Kind = Literal["answer", "follow_up"]
_MARKS: Final[dict[Kind, str]] = {"answer": "[jawaban]", "follow_up": "[tambahan]"}
#: characters of an answer that names a place; words of one that does not
_LONGEST, _FEW = 160, 8
#: links by which a text belongs to another case
_ELSEWHERE: Final = frozenset({"follow_up", "resend", "same_text"})


def joined(text: str, additions: Iterable[tuple[Kind, str]]) -> str:
    """The text, and behind it each addition in a line of its own, verbatim."""
    return "\n".join([text, *(f"{_MARKS[kind]} {said}" for kind, said in additions)])


def new_matter(said: Complaint, asked: Complaint) -> bool:
    """True when a message tells of something that its sender's other complaint did not: another subject, or a danger."""
    if {"emergency", "whistleblowing"} & (set(said.flags) - set(asked.flags)):
        return True
    return said.category.value is not None and said.category.value != asked.category.value


def answers(text: str, said: Complaint, asked: Complaint) -> bool:
    """True when a message of the one whom we asked answers the question. `text` is what is new in it, `said` its own record."""
    if any(link.kind in _ELSEWHERE and (link.kind, link.id) != ("follow_up", asked.reference) for link in said.related):
        return False
    reading = read(text)
    if not wish.tells(reading.words):
        return False
    if asked.ask == "text":
        # what was asked about says nothing, so there is nothing to mix it up with
        return True
    if new_matter(said, asked) or len(text) > _LONGEST:
        return False
    return len(reading.words) <= _FEW or clarify.placed(reading, said.location.value)
