"""HTML as plain text.

In: the HTML of a mail. Out: what a person would read. It never raises; what is too large, or breaks the library, has its tags cut out
and nothing else done to it.
"""

from __future__ import annotations

import re
from html import unescape

#: what lays out a page in milliseconds; people write a hundredth of it
_LARGEST = 400_000
MOST_TAGS = 8_000
#: of HTML without its pictures, what is read at all
LONGEST = 3_000_000
_PICTURE = re.compile(r"[\"']data:[^\"'<>]*[\"']")
_HIDDEN = re.compile(r"<(/?)(?:script|style|head|title)\b[^<>]*>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?h[1-6]|/?table|/?blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_BLANK_LINES = re.compile(r"\n(?:[ \t\xa0]*\n){2,}")
_LINE_ENDS = re.compile(r"[ \t\xa0]+$", re.MULTILINE)
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def to_text(html: str, most_tags: int = MOST_TAGS) -> str:
    """Lines end in LF; no more than one empty line stands between two paragraphs. HTML with more tags has them cut out."""
    if len(html) > _LARGEST:
        html = _PICTURE.sub('""', html)[:LONGEST]
    html = _NO_XML.sub("", html)
    return _tidy(_laid_out(html, most_tags) or _cut_out(html))


def _laid_out(html: str, most_tags: int) -> str:
    if len(html) > _LARGEST or html.count("<") > most_tags:
        return ""
    # 5 MB that a gateway does without until the first mail in HTML comes
    from channels.email.layout import laid_out

    return laid_out(html)


def _cut_out(html: str) -> str:
    shown: list[str] = []
    position, hidden = 0, False
    for mark in _HIDDEN.finditer(html):
        shown.append("" if hidden else html[position : mark.start()])
        position, hidden = mark.end(), not mark[1]
    shown.append(html[position:])  # what was never closed hides nothing: better an ugly complaint than none
    return unescape(_TAG.sub("", _BREAK.sub("\n", "".join(shown))))


def _tidy(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _BLANK_LINES.sub("\n\n", _LINE_ENDS.sub("", text)).strip("\n")
