"""Names, where the text itself says that one comes: `nama saya …`, `a.n. …`, `Nama: …`, `saya … dari`, `ttd …`.

In: a `Reading`. Out: spans of the verbatim text. It knows no list of names, and takes nothing for a name because of its look alone:
`nama saya belum terdaftar` holds none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import compress
from typing import Final

from normalizer import name_words as said
from normalizer.announced import begins, capital, onward, parted, somebody, wrapped
from normalizer.complaint import Span
from normalizer.number_words import masked
from normalizer.reading import Reading

_WATCHED: Final = said.NAME_WORDS | said.FIELD_WORDS | said.SPEAKER_WORDS | said.CLOSING_WORDS

#: with the dot of `M. Yusuf`, without the one at the end of a sentence
_WORD = re.compile(r"[ \t]{0,2}([^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_])){0,30}+)(?:(?<![^\W\d_]{4})\.(?=[ \t]?[^\W\d_]))?")
#: `Bpk.`, `ibu`: masked with the name, but none by itself
_TITLE = re.compile(r"[ \t]{0,2}([A-Za-z]{2,10})\b[.:]?(?=[ \t]{0,2}[^\W\d_])")
#: before a name that is set apart: "Budi", *Budi*
_QUOTE = re.compile(r"[ \t]{0,2}[\"'“‘*_(,]{1,3}(?=[ \t]{0,2}[A-Z])")
#: what was studied: `, S.Pd`
_DEGREES = re.compile(
    r"(?:[ ,]{1,2}(?:[SM]\.? ?(?:Pd|H|E|T|Kom|Sos|Ag|Si|Kep|Hum|IP|Farm|Psi|Kes|M)(?:\.?I)?|A\.?Md|SKM|Ners)(?![A-Za-z])\.?){1,3}"
)
#: between the end of a letter and a name: a sign; and what may stand behind the name then
_PARTED = re.compile(r"[ \t]{0,3}[,.:;!\-–—(~/\n][\s,.:;!\-–—(~/]{0,6}+")
_SPACE = re.compile(r"[\s,.:;(\-–—]{1,6}+")
_LAST = re.compile(
    r"[ \t.,)/\-–]{0,4}+(?:\Z|[\d\n(+\[]|[^\W\d_]{3,20}\.?\Z"
    r"|(?i:hp|wa|no|telp|rt|rw|jl|jln|gg|gang|kp|kampung|ds|desa|dsn|dusun|kel|kec|kab|perum|perumahan|komplek|blok|warga)\b)"
)
#: words of the longest name, and of most
_MOST, _FEW = 5, 2


def find(reading: Reading) -> Iterator[Span]:
    """Each word that announces a name is looked at with a few words behind it."""
    if _WATCHED.isdisjoint(reading.present):
        return
    words = reading.words
    for at in compress(range(len(words)), map(_WATCHED.__contains__, words)):
        word, found = words[at], None
        if word in said.SPEAKER_WORDS:
            found = _speaker(reading, at)
        elif word in said.NAME_WORDS or word in said.FIELD_WORDS:
            announced = None if masked(reading, at) else begins(reading, at)
            found = _name(reading.verbatim, onward(reading, announced[0]), announced[1]) if announced else None
        if found is None and word in said.CLOSING_WORDS and at >= len(words) - 20:
            found = _signature(reading, at)
        if found:
            yield found


def _speaker(reading: Reading, at: int) -> Span | None:
    """`Saya Budi Santoso dari …`: in capitals, where a sentence begins, up to what comes behind a name."""
    words, written = reading.words, reading.written
    if words[at] == "tangan":
        below = next((size for size in (2, 3) if "".join(words[at + 1 : at + size + 1]) == "dibawahini"), 0)
        if not below:
            return None
        at += below
    elif words[at] in said.ENGLISH and (not at or words[at - 1] != said.ENGLISH[words[at]]):
        return None
    introduced = at > 0 and words[at - 1] in said.INTRODUCING
    first = somebody(reading, at + 1)
    if first is None or not _near(reading, at):
        return None
    if not (introduced or first > at + 1 or capital(written[first]) or _small(words, at)):
        return None
    text, start = reading.verbatim, reading.starts[at]
    if at and words[at] != "ini" and words[at - 1] not in said.BEFORE_SPEAKER and not parted(text[reading.ends[at - 1] : start]):
        return None
    span = _name(text, reading.starts[at + 1], False)
    if span is None:
        return None
    behind = _WORD.match(text, span.end)
    if behind is None or first > at + 1 or behind[1] in said.SPOKEN_TO:
        return span
    if words[at] == "is":
        return span if behind[1] in {"from", "here"} else None
    names = len(text[span.start : span.end].split())
    return span if behind[1].lower() in said.BEHIND_SPEAKER or (names > 1 and behind[1].islower()) else None


def _small(words: list[str], at: int) -> bool:
    """`saya wulan dari kec …`, first of all: a name in small letters, and nothing that one does."""
    if (at and words[at - 1] not in said.GREETINGS) or words[at + 1] in said.DOING or words[at + 1].startswith(said.VERBS):
        return False
    home = next((behind for behind in range(at + 2, at + 5) if words[behind : behind + 1] in (["warga"], ["dari"], ["dr"])), 0)
    return bool(home) and (words[home] == "warga" or (home + 1 < len(words) and words[home + 1] not in said.NO_HOME))


def _signature(reading: Reading, at: int) -> Span | None:
    """The name under a letter: `Hormat saya, …`, `ttd …`; behind thanks only on its own, in capitals."""
    words, text, signed = reading.words, reading.verbatim, reading.words[at] in said.SIGNED_WORDS
    signed = signed or (words[at] == "hormat" and words[at + 1 : at + 2] in (["saya"], ["kami"], ["sy"]))
    while at + 1 < len(words) and words[at + 1] in said.CLOSING_MORE and (somebody(reading, at + 1) or 0) <= at + 1:
        at += 1
    if somebody(reading, at + 1) is None:
        return None
    sign = (_SPACE if signed else _PARTED).match(text, reading.ends[at])
    if sign is None:
        return None
    span = _name(text, sign.end(), False)
    if span is None or not _LAST.match(text, span.end):
        return None
    return span if signed or text[span.start].isupper() else None


def _near(reading: Reading, at: int) -> bool:
    """The same, a comma, or a line that a mail program broke."""
    if at >= len(reading.words) - 1:
        return False
    text, end, start = reading.verbatim, reading.ends[at], reading.starts[at + 1]
    return not text[end:start].strip(" \t,") or wrapped(text, end) == start


def _beginning(text: str, start: int) -> int:
    return start + len(text[start : start + 8]) - len(text[start : start + 8].lstrip(" \t"))


def _name(text: str, start: int, sure: bool) -> Span | None:
    """The words of a name: capitals as long as they go on; in small letters only what has an end."""
    if quoted := _QUOTE.match(text, start):
        start = quoted.end()
    first, end, ends, capitals = start, start, list[int](), False
    while (title := _TITLE.match(text, end)) and title[1].lower() in said.TITLES:
        end = title.end()
    while match := _WORD.match(text, end) or _WORD.match(text, wrapped(text, end) or end):
        word = match[1]
        if len(ends) == _MOST or (word.lower() in said.STOPS and not _inside(text, match, len(ends))):
            break
        if capitals and not word[0].isupper() and word not in said.PARTICLES:
            break
        if not ends:
            first, capitals = _beginning(text, start), word[0].isupper() and not word.isupper()
        end = match.end()
        ends.append(end)
    # one that goes on with something masked has no end; of one that goes on and on, the first words are enough
    endless = text[end : end + 3].lstrip(" \t.")[:1] == "["
    if not ends or (endless and not sure and not capitals):
        return None
    if match is not None and len(ends) == _MOST and not (sure or capitals):
        end = ends[_FEW - 1]
    if not (sure or capitals) and _befallen(text[first:end].split(maxsplit=1)[0].lower()):
        return None
    degrees = _DEGREES.match(text, end)
    return Span(start=first, end=degrees.end() if degrees else end, kind="name")


def _inside(text: str, match: re.Match[str], words: int) -> bool:
    """For what else stops a name: the letter or title with its dot, `dr. Amir`, and the I of `I Wayan`."""
    word = match[1]
    if match[0].endswith("."):
        return word[0].isupper() or word == "dr"
    return words == 0 and word == "I" and text[match.end() : match.end() + 2].strip().isupper()


def _befallen(word: str) -> bool:
    """`kehapus`, `tercoret`."""
    return any(len(word) >= least and word.startswith(start) for start, least in said.FATES.items())
