"""Names, where the text itself says that one comes: `nama saya …`, `a.n. …`, `Nama: …`, `saya … dari`, `ttd …`.

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

_WATCHED: Final = said.NAME_WORDS | said.FIELD_WORDS | said.SPEAKER_WORDS | said.CLOSING_WORDS

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
_ACCOUNT = re.compile(r"(?:(?:\d[.\- ]?){5,20}|\[rekening\])[ ,]{0,2}(?<=[ ,])\Z")
#: between the end of a letter and a name: a sign; and what may stand behind the name then
_PARTED = re.compile(r"[ \t]{0,3}[,.:;!\-–—(~/\n][\s,.:;!\-–—(~/]{0,6}+")
_SPACE = re.compile(r"[\s,.:;(\-–—]{1,6}+")
_LAST = re.compile(
    r"[ \t.,)/\-–]{0,4}+(?:\Z|[\d\n(+\[]|[^\W\d_]{3,20}\.?\Z"
    r"|(?i:hp|wa|no|telp|rt|rw|jl|jln|gg|gang|kp|kampung|ds|desa|dsn|dusun|kel|kec|kab|perum|perumahan|komplek|blok|warga)\b)"
)
#: words of the longest name
_MOST: Final = 5


def find(reading: Reading) -> Iterator[Span]:
    """Each word that announces a name is looked at with a few words behind it."""
    words = reading.words
    if _WATCHED.isdisjoint(words):
        return
    for at, word in enumerate(words):
        if word not in _WATCHED:
            continue
        found = None
        if word in said.SPEAKER_WORDS:
            found = _speaker(reading, at)
        elif word in said.NAME_WORDS or word in said.FIELD_WORDS:
            announced = None if masked(reading, at) else _name_from(reading, at)
            found = _name(reading.verbatim, *announced) if announced else None
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
    first = _somebody(reading, at + 1)
    if first is None or not _near(reading, at):
        return None
    if not (introduced or first > at + 1 or _capital(written[first]) or _small(words, at)):
        return None
    text, start = reading.verbatim, reading.starts[at]
    if at and words[at] != "ini" and words[at - 1] not in said.BEFORE_SPEAKER and not _parted(text[reading.ends[at - 1] : start]):
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


def _somebody(reading: Reading, at: int) -> int | None:
    """The first word of a name that may begin here, behind its titles; None for what is nobody's."""
    first, words = at, reading.words
    while first < len(words) and reading.spelt[first] in said.TITLED:
        between = reading.verbatim[reading.ends[first] : reading.starts[first + 1]] if first + 1 < len(words) else ""
        if between != " " and (between != ". " or reading.spelt[first] in said.SPOKEN_TO):
            return None
        first += 1
    if first == len(words) or (words[first] in said.NOBODY and not _bali(reading, first)):
        return None
    return first if first == at or _capital(reading.written[first]) else None


def _bali(reading: Reading, at: int) -> bool:
    """The I of `I Wayan`."""
    return reading.written[at] == "I" and _beside(reading, at) and reading.written[at + 1][0].isupper()


def _small(words: list[str], at: int) -> bool:
    """`saya wulan dari kec …`, first of all: a name in small letters, and nothing that one does."""
    if (at and words[at - 1] not in said.GREETINGS) or words[at + 1] in said.DOING or words[at + 1].startswith(said.VERBS):
        return False
    home = next((behind for behind in range(at + 2, at + 5) if words[behind : behind + 1] in (["warga"], ["dari"], ["dr"])), 0)
    return bool(home) and (words[home] == "warga" or (home + 1 < len(words) and words[home + 1] not in said.NO_HOME))


def _capital(word: str) -> bool:
    """True for `Budi`, not for `PNS`."""
    return word[:1].isupper() and word[1:].islower()


def _parted(between: str) -> bool:
    """True for a sign between two words, and not only the bracket behind something masked."""
    between = between.removeprefix("]")
    return not between.isspace() or "\n" in between


def _signature(reading: Reading, at: int) -> Span | None:
    """The name under a letter: `Hormat saya, …`, `ttd …`; behind thanks only on its own, in capitals."""
    words, text, signed = reading.words, reading.verbatim, reading.words[at] in said.SIGNED_WORDS
    signed = signed or (words[at] == "hormat" and words[at + 1 : at + 2] in (["saya"], ["kami"], ["sy"]))
    while at + 1 < len(words) and words[at + 1] in said.CLOSING_MORE and (_somebody(reading, at + 1) or 0) <= at + 1:
        at += 1
    if _somebody(reading, at + 1) is None:
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
        return _bernama(reading, at)
    own = word in {"namaku", "jenengku"} or (word in {"nama", "name"} and _beside(reading, at - 1) and words[at - 1] == "atas")
    whose = at + 1
    while not (sign := _SIGN.match(text, end)):
        # nami abdi Cucu: a name, and nobody's grandchild
        if own and reading.written[whose : whose + 1] and reading.written[whose][0].isupper() > reading.written[whose - 1][0].isupper():
            break
        if whose > at + 3 or word in said.FIELD_WORDS or not _beside(reading, whose - 1) or words[whose] not in said.WHOSE:
            break
        own, end, whose = own or words[whose] in said.OWN, reading.ends[whose], whose + 1
    if sign:
        return sign.end(), True
    if own:
        return (end, False) if words[whose : whose + 1] and words[whose] not in said.THINGS else None
    if not _beside(reading, whose - 1) or _somebody(reading, whose) is None:
        return None
    if whose > at + 1 and not reading.written[whose - 1].islower() and words[whose - 1] not in said.SENDERS:
        return None
    # `nm budi …`, `Nama Budi …`: nothing but the name behind it, where the text begins; `nama istri Sutinah …` anywhere
    begins = at == 0 or words[at - 1] in said.BEFORE_NAME or _parted(text[reading.ends[at - 1] : reading.starts[at]])
    written = reading.written[whose]
    named = begins and (word in said.NAME_WORDS or (word in said.SENDERS and _capital(written))) and (word == "nm" or written[0].isupper())
    return (end, False) if named or (whose > at + 1 and _capital(written)) else None


def _bernama(reading: Reading, at: int) -> tuple[int, bool] | None:
    """`saya bernama Budi`, and no river, road or firm."""
    if at and reading.words[at - 1] in said.THINGS:
        return None
    if reading.words[at + 1 : at + 2] == ["lengkap"]:
        at += 1
    named = _beside(reading, at) and _capital(reading.written[at + 1]) and reading.words[at + 1] not in said.NOBODY
    return (reading.ends[at], False) if named else None


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
    following = reading.words[at + 1] if at + 1 < len(reading.words) else ""
    if following in said.THINGS:
        return None
    behind = text[end : end + 2]
    if reading.words[at] == "n":
        before = text[max(start - 3, 0) : start].lower()
        if before[-2:] not in {"a.", "a/"} or not (len(before) == 2 or before[0].isspace() or before[0] in "(,.:;-"):
            return None
    elif behind[:1] not in {".", ":"}:
        account = _ACCOUNT.search(text, max(start - 32, 0), start)
        # `10000 an` is a round number, `5271001234 an` none
        surely = account and (behind[1:].isupper() or (len(account[0]) > 9 and following not in said.NOBODY))
        if behind[:1] != " " or not (surely or _alone(reading, at)):
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
        if words == _MOST or (word.lower() in said.STOPS and not _inside(text, match, words)):
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
