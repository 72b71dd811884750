"""Files that old clients write into the text itself, between `begin 644 name` and `end`.

In: a text in octets. Out: the text without them, and the files. It never raises; what does not decode stays text, for a citizen may
begin a line with "begin" as well.
"""

from __future__ import annotations

import binascii
import re
from typing import NamedTuple

_BEGIN = re.compile(rb"^begin[ \t]{1,5}[0-7]{3,4}[ \t]{1,5}([^\r\n]{1,255})\r?\n", re.MULTILINE)
_MOST_FILES = 100
_MOST_OCTETS_A_LINE = 200


class File(NamedTuple):
    """A file as its sender named it."""

    name: bytes
    content: bytes


class Extracted(NamedTuple):
    """What is left of the text, and what was in it."""

    text: bytes
    files: tuple[File, ...] = ()


def extract(text: bytes) -> Extracted:
    """The text without its uuencoded files, and these."""
    if b"begin " not in text and b"begin\t" not in text:
        return Extracted(text)
    files: list[File] = []
    kept: list[bytes] = []
    position = 0
    for _ in range(_MOST_FILES):
        found = _BEGIN.search(text, position)
        if found is None:
            break
        content, end = _decode(text, found.end())
        if end:
            kept.append(text[position : found.start()])
            files.append(File(found[1].strip(), content))
        else:
            kept.append(text[position : found.end()])
        position = end or found.end()
    return Extracted(b"".join([*kept, text[position:]]), tuple(files))


def _decode(text: bytes, start: int) -> tuple[bytes, int]:
    """The content, and where the text goes on; 0 when this is no uuencoded file. One whose end was lost ends with the text."""
    pieces: list[bytes] = []
    position = start
    while position < len(text):
        after = text.find(b"\n", position) + 1 or len(text)
        line = text[position:after].rstrip(b"\r\n")
        position = after
        if line == b"end":
            break
        if line.strip(b" `"):
            try:
                pieces.append(binascii.a2b_uu(line[:_MOST_OCTETS_A_LINE]))
            except binascii.Error:
                return b"", 0
    content = b"".join(pieces)
    return content, position if content else 0
