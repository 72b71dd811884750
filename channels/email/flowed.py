"""Paragraphs that a client broke into lines, whole again (RFC 3676, format=flowed).

In: a text whose lines end in LF. Out: its paragraphs, one line each; quote marks and signature lines stay. It never raises. A text of
more lines than anybody writes stays as it is: in 25 MB there may be twelve million of them, which take half a gigabyte to hold.
"""

from __future__ import annotations

_SIGNATURE = "-- "
_MOST_LINES = 100_000


def join(text: str, *, delsp: bool = False) -> str:
    """`delsp`: the space at the end of a soft line is not the author's."""
    if text.count("\n") > _MOST_LINES:
        return text
    paragraphs: list[list[str]] = []
    soft, depth = False, 0
    for line in text.split("\n"):
        marks = len(line) - len(line.lstrip(">"))
        words = line[marks:]
        words = words.removeprefix(" ")  # stuffed, so that no mail server takes it for something else
        if not (soft and marks == depth and words != _SIGNATURE):
            paragraphs.append([">" * marks + (" " if marks else "")])
        soft, depth = words.endswith(" ") and words != _SIGNATURE, marks
        paragraphs[-1].append(words[:-1] if soft and delsp else words)
    return "\n".join(map("".join, paragraphs))
