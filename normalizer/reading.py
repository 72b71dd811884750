"""A text, cut into the words by which every step matches.

In: the verbatim text. Out: one `Reading`, made once for each message. It never alters the text: what is made legible stands beside it,
and every word knows where it stands in the verbatim one.

A word is a run of letters or a run of digits; citizens glue theirs together (`RT5RW7Kel.Leuwigajah`), so a word also ends where a
small letter meets a capital.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[0-9]+|[A-Z]?[a-z]+|[^\W\d_]+")


class Reading:
    """What the steps read."""

    __slots__ = ("ends", "legible", "starts", "verbatim", "words")

    def __init__(self, verbatim: str) -> None:
        """Made by `read`."""
        self.verbatim = self.legible = verbatim
        found = list(_WORD.finditer(verbatim))
        #: lower case, one for each word
        self.words = [match[0].lower() for match in found]
        #: of each word, in `verbatim`
        self.starts = [match.start() for match in found]
        self.ends = [match.end() for match in found]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of `legible` stands in `verbatim`."""
        return start, end


def read(text: str) -> Reading:
    """Read a text; any text can be read."""
    return Reading(text)
