"""Names and days of birth, where the text itself says that one comes: `nama saya …`, `a.n. …`, `Nama: …`, `saya … dari`, `ttd …`.

In: a `Reading`. Out: spans of the verbatim text. It knows no list of names, and takes nothing for a name because of its look alone:
`nama saya belum terdaftar` holds none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from normalizer import name_words as said
from normalizer.complaint import Span
from normalizer.number_words import masked
from normalizer.reading import Reading

_WATCHED: Final = said.NAME_WORDS | said.FIELD_WORDS | said.BIRTH_WORDS | said.SPEAKER_WORDS | said.CLOSING_WORDS

_SIGN = re.compile(r"[ \t]{0,3}[:=][ \t]{0,3}")
#: with the dot of `M. Yusuf`, without the one at the end of a sentence
_WORD = re.compile(r"[ \t]{0,2}([^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_])){0,30}+)(?:(?<![^\W\d_]{4})\.(?=[ \t]?[^\W\d_]))?")
#: `Bpk.`, `ibu`: masked with the name, but none by itself
_TITLE = re.compile(r"[ \t]{0,2}([A-Za-z]{2,10})\b[.:]?(?=[ \t]{0,2}[^\W\d_])")
#: what was studied: `, S.Pd`
_DEGREES = re.compile(
    r"(?:[ ,]{1,2}(?:[SM]\.? ?(?:Pd|H|E|T|Kom|Sos|Ag|Si|Kep|Hum|IP|Farm|Psi|Kes|M)(?:\.?I)?|A\.?Md|SKM|Ners)(?![A-Za-z])\.?){1,3}"
)
#: what stands there of an account, masked or not
_ACCOUNT = re.compile(r"(?:(?:\d[.\- ]?){5}|\[rekening\])[ ,]{1,2}\Z")
#: between the end of a letter and a name: a sign; and what may stand behind the name then
_PARTED = re.compile(r"[ \t]{0,3}[,.:;!\-–—(~/\n][\s,.:;!\-–—(~/]{0,6}+")
_SPACE = re.compile(r"[\s,.:;(\-–—]{1,6}+")
_LAST = re.compile(r"[ \t.,)/\-–]{0,4}+(?:\Z|[\d\n(+\[]|[^\W\d_]{3,20}\.?\Z|(?i:hp|wa|no|telp)\b)")
#: words of the longest name
_MOST: Final = 5

_MONTH = r"(?:jan|feb|mar|apr|mei|may|jun|jul|agu|aug|ags|sep|okt|oct|nov|nop|des|dec)[a-z]{0,6}"
_DATE = re.compile(rf"\d{{1,2}}[ \t]?[-/. ][ \t]?(?:\d{{1,2}}|{_MONTH})[ \t]?[-/. ][ \t]?(?:\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE)
#: between the word and the day: a town
_TOWN = re.compile(r"[^\d\[\n]{0,40}")


def find(reading: Reading) -> Iterator[Span]:
    """Each word that announces a name or a day is looked at with a few words behind it."""
    words = reading.words
    if _WATCHED.isdisjoint(words):
        return
    for at, word in enumerate(words):
        if word not in _WATCHED:
            continue
        found = None
        if word in said.SPEAKER_WORDS:
            found = _speaker(reading, at)
        elif word in said.BIRTH_WORDS:
            found = _birth(reading, at)
        elif word in said.NAME_WORDS or word in said.FIELD_WORDS:
            announced = None if masked(reading, at) else _name_from(reading, at)
            found = _name(reading.verbatim, *announced) if announced else None
        if found is None and word in said.CLOSING_WORDS and at >= len(words) - 20:
            found = _signature(reading, at)
        if found:
            yield found


def _birth(reading: Reading, at: int) -> Span | None:
    if masked(reading, at):
        return None
    town = _TOWN.match(reading.verbatim, reading.ends[at])
    day = _DATE.match(reading.verbatim, town.end()) if town else None
    return Span(start=day.start(), end=day.end(), kind="birth") if day else None


def _speaker(reading: Reading, at: int) -> Span | None:
    """`Saya Budi Santoso dari …`: in capitals, where a sentence begins, up to what comes behind a name."""
    words, written = reading.words, reading.written
    if words[at] == "tangan":
        if words[at + 1 : at + 4] != ["di", "bawah", "ini"]:
            return None
        at += 3
    elif words[at] == "am" and (not at or words[at - 1] != "i"):
        return None
    introduced = at > 0 and words[at - 1] in {"perkenalkan", "kenalkan", "kenalin", "nepangkeun"}
    if at + 1 >= len(words) or not (introduced or _capital(written[at + 1])) or words[at + 1] in said.NOBODY or not _near(reading, at):
        return None
    text, start = reading.verbatim, reading.starts[at]
    if at and words[at] != "ini" and words[at - 1] not in said.BEFORE_SPEAKER and not _parted(text[reading.ends[at - 1] : start]):
        return None
    span = _name(text, reading.starts[at + 1], False)
    if span is None:
        return None
    behind = _WORD.match(text, span.end)
    if behind is None:
        return span
    names = len(text[span.start : span.end].split())
    return span if behind[1].lower() in said.BEHIND_SPEAKER or (names > 1 and behind[1].islower()) else None


def _capital(word: str) -> bool:
    """True for `Budi`, not for `PNS`."""
    return word[:1].isupper() and word[1:].islower()


def _parted(between: str) -> bool:
    return not between.isspace() or "\n" in between


def _signature(reading: Reading, at: int) -> Span | None:
    """The name under a letter: `Hormat saya, …`, `ttd …`; behind thanks only on its own, in capitals."""
    words, text, signed = reading.words, reading.verbatim, reading.words[at] in said.SIGNED_WORDS
    signed = signed or (words[at] == "hormat" and words[at + 1 : at + 2] in (["saya"], ["kami"], ["sy"]))
    while at + 1 < len(words) and words[at + 1] in said.CLOSING_MORE:
        at += 1
    if at + 1 >= len(words) or words[at + 1] in said.NOBODY:
        return None
    parted = (_SPACE if signed else _PARTED).match(text, reading.ends[at])
    if parted is None:
        return None
    span = _name(text, parted.end(), False)
    if span is None or not _LAST.match(text, span.end):
        return None
    return span if signed or text[span.start].isupper() else None


def _name_from(reading: Reading, at: int) -> tuple[int, bool] | None:
    """Where a name begins behind this word, and whether a sign says so; None when none is announced."""
    words, text, end = reading.words, reading.verbatim, reading.ends[at]
    word = words[at]
    if word in {"an", "n"}:
        return _on_behalf(reading, at)
    if word == "bernama":
        return (end, False) if _beside(reading, at) and _capital(reading.written[at + 1]) else None
    own = word in {"namaku", "jenengku"} or (word in {"nama", "name"} and _beside(reading, at - 1) and words[at - 1] == "atas")
    for whose in range(at + 1, at + 4):
        if sign := _SIGN.match(text, end):
            return sign.end(), True
        if word in said.FIELD_WORDS or not _beside(reading, whose - 1) or words[whose] not in said.WHOSE:
            break
        own, end = own or words[whose] in said.OWN, reading.ends[whose]
    # `nm Budi …`: nothing but the name behind it, where the text begins
    begins = word in said.NAME_WORDS and (at == 0 or words[at - 1] == "my" or _parted(text[reading.ends[at - 1] : reading.starts[at]]))
    return (
        (end, False)
        if own
        or (begins and _beside(reading, at) and (word == "nm" or reading.written[at + 1][0].isupper()) and words[at + 1] not in said.NOBODY)
        else None
    )


def _beside(reading: Reading, at: int) -> bool:
    """True when nothing but space stands between a word and the next."""
    return 0 <= at < len(reading.words) - 1 and reading.verbatim[reading.ends[at] : reading.starts[at + 1]].isspace()


def _near(reading: Reading, at: int) -> bool:
    """The same, or a comma."""
    return at < len(reading.words) - 1 and not reading.verbatim[reading.ends[at] : reading.starts[at + 1]].strip(" \t,")


def _on_behalf(reading: Reading, at: int) -> tuple[int, bool] | None:
    """`a.n.`, `a/n`, `an.`, `a.n:`; and `an` behind the number of an account."""
    text, start, end = reading.verbatim, reading.starts[at], reading.ends[at]
    if sign := _SIGN.match(text, end):
        return sign.end(), True
    behind = text[end : end + 2]
    if reading.words[at] == "n":
        before = text[max(start - 3, 0) : start].lower()
        if before[-2:] not in {"a.", "a/"} or not (len(before) == 2 or before[0].isspace() or before[0] in "(,.:;-"):
            return None
    elif behind[:1] not in {".", ":"}:
        account = _ACCOUNT.search(text, max(start - 16, 0), start)
        if behind[:1] != " " or not ((account and behind[1:].isupper()) or _alone(reading, at)):
            return None
    return end + len(behind) - len(behind.lstrip(".:")), False


def _alone(reading: Reading, at: int) -> bool:
    """`an` without its dots: behind a paper, or before a name in capitals; behind a number it may be a suffix."""
    if not _beside(reading, at) or (at and reading.words[at - 1].isdigit()):
        return False
    if at and reading.words[at - 1] in said.PAPERS:
        return True
    return _capital(reading.written[at + 1]) and reading.words[at + 1] not in said.NOBODY


def _beginning(text: str, start: int) -> int:
    return start + len(text[start : start + 8]) - len(text[start : start + 8].lstrip(" \t"))


def _name(text: str, start: int, sure: bool) -> Span | None:
    """The words of a name: capitals as long as they go on; in small letters only what has an end."""
    first, end, words, capitals = start, start, 0, False
    while (title := _TITLE.match(text, end)) and title[1].lower() in said.TITLES:
        end = title.end()
    while match := _WORD.match(text, end):
        word = match[1]
        if words == _MOST or (word.lower() in said.STOPS and not (match[0].endswith(".") and (word[0].isupper() or word == "dr"))):
            break
        if capitals and not word[0].isupper() and word not in said.PARTICLES:
            break
        if words == 0:
            first, capitals = _beginning(text, start), word[0].isupper() and not word.isupper()
        words, end = words + 1, match.end()
    # one that goes on, or goes on with something masked, has no end
    endless = (match is not None and words == _MOST) or text[end : end + 3].lstrip(" \t.")[:1] == "["
    if words == 0 or (endless and not sure and not capitals):
        return None
    degrees = _DEGREES.match(text, end)
    return Span(start=first, end=degrees.end() if degrees else end, kind="name")
