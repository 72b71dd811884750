"""Days of birth, where the text says that one comes: `lahir di Kediri 4 Mei 1990`, `TTL: Klaten, 12-03-1975`.

In: a `Reading`. Out: spans of the verbatim text. A day of which nothing says so is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from normalizer.complaint import Span
from normalizer.number_words import masked
from normalizer.reading import Reading

#: these announce a day
WORDS: Final = frozenset({"lahir", "lhr", "ttl", "kelahiran", "born", "lair"})

_MONTH = r"(?:jan|feb|mar|apr|mei|may|jun|jul|agu|aug|ags|sep|okt|oct|nov|nop|des|dec)[a-z]{0,6}"
_DATE = re.compile(rf"\d{{1,2}}[ \t]?[-/. \n][ \t]?(?:\d{{1,2}}|{_MONTH})[ \t]?[-/. \n][ \t]?(?:\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE)
#: between the word and the day: a town; in the next line nothing else
_TOWN = re.compile(r"[ \t:=]{0,4}\r?\n(?:[^\d\[\n,]{0,30},)?[ \t]{0,3}|[^\d\[\n]{0,40}")
_CONFUSED = re.compile(
    r"(?i)(?=[^\d\[\n]{0,40}?\b(?:harusnya|seharusnya|jadi|menjadi|bukan|tertulis|ditulis|tercetak|tercatat|benar|kk|e?ktp|akte|akta|ijazah)\b)"
    r"[^\d\[\n]{0,40}"
)


def find(reading: Reading) -> Iterator[Span]:
    """Each such word is looked at with what stands behind it."""
    for at, word in enumerate(reading.words):
        if word in WORDS and not masked(reading, at):
            yield from _births(reading, at)


def _births(reading: Reading, at: int) -> Iterator[Span]:
    """The day behind the word, and the one with which a paper confuses it: `lahir 1-2-1960, di KTP 1-2-1906`."""
    between, end = _TOWN, reading.ends[at]
    while True:
        begin = between.match(reading.verbatim, end)
        day = _DATE.match(reading.verbatim, begin.end()) if begin else None
        if day is None:
            return
        yield Span(start=day.start(), end=day.end(), kind="birth")
        if between is _CONFUSED:
            return
        between, end = _CONFUSED, day.end()
