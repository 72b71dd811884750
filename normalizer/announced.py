"""Where a name begins behind a word that announces one: `nama saya …`, `bernama …`, `a.n. …`, `Nama : …`.

In: a `Reading`, and where such a word stands. Out: a position in the verbatim text. How far the name goes is for `names` to say.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from normalizer import name_words as said
from normalizer.reading import Reading

#: `Nama : `, `Nama/alamat: `, also with the name in the next line; and what else stands for it where a line begins
_SIGN = re.compile(r"(?:[ \t]?/[ \t]?[A-Za-z]{2,10}){0,2}[ \t]{0,24}[*_]{0,2}[:=][ \t]{0,24}(?:\r?\n[ \t]{0,8})?")
_DASH = re.compile(r"[ \t]{0,3}(?:[;>]|[-–](?=[ \t]))[ \t]{0,3}")
#: what stands there of an account, masked or not
_ACCOUNT = re.compile(r"(?:(?:\d[.\- ]?){5,20}|\[rekening\])[ ,]{0,2}(?<=[ ,])\Z")
#: the end of a line behind a word
_END = re.compile(r"[ \t]{0,2}\r?\n(?=\S)")
#: characters of a line that a mail program broke
_SHORTEST, _LONGEST = 60, 80
#: what may stand between `bernama` and the name
_QUOTES = " \t\r\n\"'“‘*"


def begins(reading: Reading, at: int) -> tuple[int, bool] | None:
    """Where a name begins behind this word, and whether a sign says so; None when none is announced."""
    words = reading.words
    if words[at] in {"an", "n"}:
        return _on_behalf(reading, at)
    if words[at] in said.CALLED:
        return _called(reading, at)
    own, whose, end = _whose(reading, at)
    text, lined = reading.verbatim, at == 0 or parted(reading.verbatim[reading.ends[at - 1] : reading.starts[at]])
    if sign := _SIGN.match(text, end) or (_DASH.match(text, end) if lined and words[at] in {"nama", "name"} else None):
        return sign.end(), True
    if own:
        return (end, False) if words[whose : whose + 1] and words[whose] not in said.THINGS else None
    if not beside(reading, whose - 1) or somebody(reading, whose) is None:
        return None
    written = reading.written[whose]
    if whose > at + 1:
        # `nama istri Sutinah …`, `nama di KTP SUTINAH`, but: Nama Pemilik Usaha
        before, papers = reading.written[whose - 1], words[whose - 1] in said.PAPERS
        named = capital(written) or ((lined or papers) and written[0].isupper())
        return (end, False) if named and (before.islower() or papers or words[whose - 1] in said.SENDERS) else None
    # `nm budi …`, `Nama Budi …`: nothing but the name behind it, where the text begins; `dengan nama Budi` anywhere
    lined = lined or words[at - 1] == "my"
    named = lined and (words[at] in said.NAME_WORDS or (words[at] in said.SENDERS and capital(written)))
    named = named or (words[at - 1] in said.BEFORE_NAME and capital(written) and at > 0)
    return (end, False) if named and (words[at] == "nm" or written[0].isupper()) else None


def _whose(reading: Reading, at: int) -> tuple[bool, int, int]:
    """What says whose name it is: whether the writer's own or one that needs no sign, the word behind it, and where it ends."""
    words, written, whose, end = reading.words, reading.written, at + 1, reading.ends[at]
    own = words[at] in said.OWN_NAMES or (words[at] in {"nama", "name"} and beside(reading, at - 1) and words[at - 1] == "atas")
    while whose < min(len(words), at + 5) and beside(reading, whose - 1) and words[at] not in said.FIELD_WORDS:
        # nami abdi Cucu: a name, and nobody's grandchild
        if own and written[whose][0].isupper() > written[whose - 1][0].isupper():
            break
        if words[whose] in {"di", "pada", "dalam"} and words[whose + 1 : whose + 2] and words[whose + 1] in said.PAPERS:
            own, whose = False, whose + 1
        elif words[whose] not in said.WHOSE:
            break
        own, end, whose = own or words[whose] in said.OWN, reading.ends[whose], whose + 1
    return own, whose, end


def _called(reading: Reading, at: int) -> tuple[int, bool] | None:
    """`saya bernama Budi`, `namanya Budi`, and no river, road or firm; in small letters behind `bernama` alone."""
    words, whose = reading.words, at
    if at and words[at - 1] in said.THINGS:
        return None
    if sign := _SIGN.match(reading.verbatim, reading.ends[at]):
        return sign.end(), True
    behind = "".join(words[at + 1 : at + 2])
    # `asmane kulo Sri Wahyuni`
    if behind == "lengkap" or (behind in said.OWN and words[at] != "bernama" and reading.written[at + 1].islower()):
        whose += 1
    if whose + 1 == len(words) or reading.verbatim[reading.ends[whose] : reading.starts[whose + 1]].strip(_QUOTES):
        return None
    if words[whose + 1] in said.THINGS or somebody(reading, whose + 1) is None:
        return None
    return (reading.ends[whose], False) if words[at] == "bernama" or capital(reading.written[whose + 1]) else None


def _on_behalf(reading: Reading, at: int) -> tuple[int, bool] | None:
    """`a.n.`, `a/n`, `an.`, `a.n:`, `a n`; and `an` behind the number of an account."""
    text, start, end = reading.verbatim, reading.starts[at], reading.ends[at]
    if sign := _SIGN.match(text, end):
        return sign.end(), True
    following = reading.words[at + 1] if at + 1 < len(reading.words) else ""
    if following in said.THINGS:
        return None
    behind = text[end : end + 2]
    if reading.words[at] == "n":
        before = text[max(start - 3, 0) : start].lower()
        spaced = before[-2:] == "a " and beside(reading, at) and capital(reading.written[at + 1])
        if (before[-2:] not in {"a.", "a/"} and not spaced) or not (len(before) == 2 or before[0].isspace() or before[0] in "(,.:;-"):
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
    if not beside(reading, at) or (at and reading.words[at - 1].isdigit()):
        return False
    if at and reading.words[at - 1] in said.PAPERS:
        return True
    name = reading.written[at + 1]
    return (capital(name) or (reading.written[at] == "AN" and name.isupper())) and reading.words[at + 1] not in said.NOBODY


def somebody(reading: Reading, at: int) -> int | None:
    """The first word of a name that may begin here, behind its titles; None for what is nobody's."""
    first, words = at, reading.words
    while first < len(words) and reading.spelt[first] in said.TITLED:
        between = reading.verbatim[reading.ends[first] : reading.starts[first + 1]] if first + 1 < len(words) else ""
        if between != " " and (between != ". " or reading.spelt[first] in said.SPOKEN_TO):
            return None
        first += 1
    if first == len(words) or (words[first] in said.NOBODY and not _bali(reading, first)):
        return None
    return first if first == at or capital(reading.written[first]) else None


def _bali(reading: Reading, at: int) -> bool:
    """The I of `I Wayan`."""
    return reading.written[at] == "I" and beside(reading, at) and reading.written[at + 1][0].isupper()


def onward(reading: Reading, start: int) -> int:
    """Where a name begins that the line itself no longer has: `atas nama` at its end, and somebody at the beginning of the next."""
    end = _END.match(reading.verbatim, start)
    if end is None:
        return start
    first = bisect_left(reading.starts, end.end())
    named = first < len(reading.words) and reading.written[first][0].isupper() and reading.words[first] not in said.THINGS
    return end.end() if named and somebody(reading, first) is not None else start


def wrapped(text: str, end: int) -> int:
    """Where the sentence goes on whose line a mail program broke here; 0 when it did not."""
    if end < _SHORTEST or "\n" in text[end - _SHORTEST : end] or (end > _LONGEST and "\n" not in text[end - _LONGEST - 1 : end]):
        return 0
    broken = _END.match(text, end)
    return broken.end() if broken else 0


def beside(reading: Reading, at: int) -> bool:
    """True when nothing but space stands between a word and the next."""
    return 0 <= at < len(reading.words) - 1 and reading.verbatim[reading.ends[at] : reading.starts[at + 1]].isspace()


def capital(word: str) -> bool:
    """True for `Budi`, not for `PNS`."""
    return word[:1].isupper() and word[1:].islower()


def parted(between: str) -> bool:
    """True for a sign between two words, and not only the bracket behind something masked."""
    between = between.removeprefix("]")
    return not between.isspace() or "\n" in between
