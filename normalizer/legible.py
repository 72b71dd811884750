"""What can be read of a text that was damaged on its way.

In: the verbatim text. Out: a legible form of it, and where the two differ. The verbatim text stays what it is; only the steps read the
legible one. It never guesses: what is not certainly damage stays as it is.

Mended are: letters in pieces (Unicode NFC), marks that nobody sees (zero width, direction), line ends that arrive as a backslash and a
letter, and UTF-8 that somebody took for Windows-1252 or Latin-1, also more than once (`â€™`, `ðŸ˜­`, `Ã©`).
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
_ESCAPE: Final = r"\\{1,4}(?:r\\{1,4}n|n|[rt](?![a-z]))"
#: what is not ASCII, with the character before it, with which it may compose
_DAMAGE: Final = re.compile(rf"{_ESCAPE}|[ -~]?[^\x00-\x7f]+")
_PLAIN_DAMAGE: Final = re.compile(_ESCAPE)

#: soft hyphen, zero width, direction, byte order mark; the joiner of emoji (U+200D) only where it joins letters
_UNSEEN: Final = re.compile(r"[\u00ad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]+|(?<=\w)\u200d+(?=\w)")
#: marks above and below one letter, after Unicode's stream-safe text; more than these are decoration, and slow to put into order
_MOST_MARKS: Final = 30

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
        return _mend(_PLAIN_DAMAGE, verbatim) if "\\" in verbatim else (verbatim, None)
    if is_normalized("NFC", verbatim) and not _SUSPECT.search(verbatim):
        return verbatim, None
    return _mend(_DAMAGE, verbatim)


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


def _legible(was: str) -> str:
    now = _composed(was)
    # what was misread comes before what is unseen, because a soft hyphen may be a part of it; what comes out is looked at again
    while _SUSPECT.search(now) and (mended := _composed(_UNSEEN.sub("", _reread(now)))) != now:
        now = mended
    # a backslash that had something unseen behind it would make an escape of the next letter
    return was if now.endswith("\\") else now


def _reread(text: str) -> str:
    # each turn at least halves what was misread, so there are few
    while (reread := _MISREAD.sub(_as_utf8, text)) != text:
        text = reread
    return text


def _as_utf8(misread: re.Match[str]) -> str:
    return bytes(map(_BYTES.__getitem__, misread[0])).decode()


def _composed(text: str) -> str:
    return text if len(text) > _MOST_MARKS and _stacked(text) else normalize("NFC", text)


def _stacked(text: str) -> bool:
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
