"""What can be read of a text that was damaged on its way.

In: the verbatim text. Out: a legible form of it, and where the two differ. The verbatim text stays what it is; only the steps read the
legible one. It never guesses: what is not certainly damage stays as it is, and what is legible is read as it stands.

Mended are, first, letters in pieces (Unicode NFC), marks that nobody sees (zero width, direction), and UTF-8 that somebody took for
Windows-1252 or Latin-1, also more than once (`â€™`, `ðŸ˜­`, `Ã©`); in what comes of it, line ends that arrive as a backslash and a letter.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import Final
from unicodedata import combining, is_normalized, normalize

import msgspec


class Mended(msgspec.Struct, frozen=True, gc=False):
    """Where the two differ: stretches in order that do not touch, as four lists of one length."""

    starts: list[int]
    ends: list[int]
    verbatim_starts: list[int]
    verbatim_ends: list[int]


#: the backslash may itself have been escaped; `\r` and `\t` before a small letter may as well be a slash the wrong way round (rt\rw)
_ESCAPE: Final = re.compile(r"\\{1,4}(?:r\\{1,4}n|n|[rt](?![a-z]))")
#: what is not ASCII, with what stands between and may compose with it or lets something unseen stand. Two letters, because the second may
#: have been a part of something misread, and then the first stands there. So no run has a say in how another one is mended, neither
#: before nor afterwards.
_RUN: Final = re.compile(r"(?:(?:[0-9A-Z_a-z<=>]{1,2}|\\)?[^\x00-\x7f]++)++[0-9A-Z_a-z]?")

#: soft hyphen, zero width, direction, byte order mark. One behind a backslash stays: it may keep it apart from a letter
_UNSEEN: Final = re.compile(r"(?<!\\)[\u00ad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")
#: the joiner of emoji, where it joins letters
_JOINER: Final = re.compile(r"(?<=\w)\u200d+(?=\w)")
#: marks above and below one letter, after Unicode's stream-safe text; more than these are decoration, and slow to put into order
_MOST_MARKS: Final = 30
#: how often in turn a text may have been misread; each time at least doubles what is not ASCII
_MOST_TIMES: Final = 4

#: the bytes behind what Windows-1252 shows; what it leaves open is taken as in Latin-1
_BYTES: Final = {bytes([b]).decode("cp1252", "ignore"): b for b in range(0x80, 0x100)} | {chr(b): b for b in range(0x80, 0x100)}
_TAIL: Final = f"[{''.join(shown for shown, b in _BYTES.items() if b < 0xC0)}]"
#: the signs that citizens write: accented Latin, punctuation and symbols, full width, Javanese, emoji. With any other first letter it
#: would not be certain: `é…”` ends a quotation, and would read as Chinese.
_MISREAD: Final = re.compile(rf"(?:Â[\x80-\xbf]|Ã{_TAIL}|â{_TAIL}{{2}}|ï[¸¼½»]{_TAIL}|ê[¦§]{_TAIL}|ð[\u0178\x9f]{_TAIL}{{2}})+")
#: without one of these a text in NFC has no damage
_SUSPECT: Final = re.compile(r"[\\ÂÃâïêð\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def read(verbatim: str) -> tuple[str, Mended | None]:
    """The legible form, and where it differs; None when it is the verbatim text itself."""
    if verbatim.isascii():
        return _mend(_ESCAPE, verbatim) if "\\" in verbatim else (verbatim, None)
    if is_normalized("NFC", verbatim) and not _SUSPECT.search(verbatim):
        return verbatim, None
    text, mended = _mend(_RUN, verbatim)
    if "\\" not in text:
        return text, mended
    # only now is it known which letter stands behind a backslash
    text, unescaped = _mend(_ESCAPE, text)
    return text, _joined(mended, unescaped) if mended and unescaped else mended or unescaped


def span(mended: Mended, start: int, end: int) -> tuple[int, int]:
    """Where a stretch of the legible text stands in the verbatim one; a stretch that cuts into something mended has the whole of it."""
    stretch = bisect_right(mended.starts, start) - 1
    if stretch >= 0:
        inside = start < mended.ends[stretch]
        start = mended.verbatim_starts[stretch] if inside else start - mended.ends[stretch] + mended.verbatim_ends[stretch]
    stretch = bisect_left(mended.starts, end) - 1
    if stretch >= 0:
        end = mended.verbatim_ends[stretch] + max(0, end - mended.ends[stretch])
    return start, max(start, end)


def _mend(damage: re.Pattern[str], verbatim: str) -> tuple[str, Mended | None]:
    pieces: list[str] = []
    mended = Mended([], [], [], [])
    copied = length = 0
    for found in damage.finditer(verbatim):
        was = found[0]
        start, copied_to = found.span()
        if was.isascii():
            now = "\t" if was.endswith("t") else "\n"
        else:
            now = _legible(was)
            if was == now:
                continue
            # as narrow as can be: a word beside a mended sign keeps its own place
            left, right = _alike(was, now)
            start, copied_to, now = start + left, copied_to - right, now[left : len(now) - right]
        length += start - copied
        mended.starts.append(length)
        length += len(now)
        mended.ends.append(length)
        mended.verbatim_starts.append(start)
        mended.verbatim_ends.append(copied_to)
        pieces += (verbatim[copied:start], now)
        copied = copied_to
    return ("".join(pieces) + verbatim[copied:], mended) if pieces else (verbatim, None)


def _joined(first: Mended, then: Mended) -> Mended:
    """Both as one: what `then` calls verbatim is what came of `first`."""
    moves = [(start, end, 0, was - end) for start, end, was in zip(first.starts, first.ends, first.verbatim_ends, strict=True)]
    moves += [(start, end, 1, now - end) for start, end, now in zip(then.verbatim_starts, then.verbatim_ends, then.ends, strict=True)]
    mended = Mended([], [], [], [])
    # by how much what stands between the two is moved, in the verbatim text and in the legible one
    moved = [0, 0]
    last = -1
    for start, end, which, by in sorted(moves):
        if start > last:
            mended.verbatim_starts.append(start + moved[0])
            mended.starts.append(start + moved[1])
            mended.verbatim_ends.append(0)
            mended.ends.append(0)
        last = max(last, end)
        moved[which] = by
        mended.verbatim_ends[-1] = last + moved[0]
        mended.ends[-1] = last + moved[1]
    return mended


def _legible(was: str) -> str:
    """What is still damaged when it has been mended was not certain, and stays as it was: so nothing is mended twice."""
    now = _turned(was)
    return was if now is None or (now != was and _turned(now) != now) else now


def _turned(text: str) -> str | None:
    """Mended once; None for a heap of marks."""
    if _heaped(text):
        return None
    text = normalize("NFC", text)
    if not _SUSPECT.search(text):
        return text
    # what was misread comes before what is unseen, because a soft hyphen may be a part of it
    text = _UNSEEN.sub("", _reread(text))
    if _heaped(text):
        return None
    text = normalize("NFC", text)
    return normalize("NFC", _JOINER.sub("", text)) if "\u200d" in text else text


def _reread(text: str) -> str:
    # a first letter that takes one sign after the other (`Ãƒƒƒƒƒ`) would need as many turns as there are signs
    for _ in range(_MOST_TIMES):
        if (reread := _MISREAD.sub(_as_utf8, text)) == text:
            break
        text = reread
    return text


def _as_utf8(misread: re.Match[str]) -> str:
    return bytes(map(_BYTES.__getitem__, misread[0])).decode()


def _heaped(text: str) -> bool:
    if len(text) <= _MOST_MARKS:
        return False
    marks = 0
    for character in text:
        marks = marks + 1 if combining(character) else 0
        if marks > _MOST_MARKS:
            return True
    return False


def _alike(was: str, now: str) -> tuple[int, int]:
    """How many characters are the same at the beginning, and behind these at the end."""
    most, left, right = min(len(was), len(now)), 0, 0
    while left < most and was[left] == now[left]:
        left += 1
    most -= left
    while right < most and was[-1 - right] == now[-1 - right]:
        right += 1
    return left, right
