"""A text in HTML in disguise: the same tags around other words.

In: HTML as mail programs write it. Out: the same for the reader. What is in no usual tag, in a comment, or spelt in numbers is a text too.
Pure.
"""

from __future__ import annotations

import html
import re
from typing import Final

from gateway.console.disguise import Disguise

#: what mail programs write; whatever else stands in angles may be somebody's address
_usual = re.compile(
    "a|abbr|address|article|b|base|big|blockquote|body|br|caption|center|code|col|colgroup|dd|del|div|dl|dt|em|font|footer|form|h[1-6]|head|"
    "header|hr|html|i|img|input|ins|label|li|link|main|map|meta|nav|o:p|ol|p|pre|q|s|samp|script|section|small|span|strike|strong|style|"
    "sub|sup|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul",
    re.IGNORECASE,
).fullmatch
_PIECE = re.compile(r"(<!--.*?-->|<[^>]*>|&#?\w{1,12};)", re.DOTALL)
_HEAD = re.compile(r"</?\s*([A-Za-z][\w:]*)")
_ATTRIBUTE = re.compile(r"([A-Za-z-]{1,20})(\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
#: by these a reader knows what is quoted, and in which alphabet it reads
_SHAPING: Final = frozenset({"class", "id", "type", "style", "http-equiv", "charset", "dir", "lang", "width", "height"})


def markup(said: str, disguise: Disguise) -> str:
    """Tags keep their names and the values that say how it looks."""
    return "".join(_piece(piece, disguise) for piece in _PIECE.split(said))


def _piece(piece: str, disguise: Disguise) -> str:
    if piece.startswith("&") and piece.endswith(";"):
        sign = html.unescape(piece)
        return f"&#{ord(disguise.text(sign))};" if len(sign) == 1 and sign.isalnum() else piece
    if piece[:9].lower() == "<!doctype":
        return piece
    name = _HEAD.match(piece)
    if name is None or not _usual(name[1]):
        return disguise.text(piece)
    pieces: list[str] = [name[0]]
    at = name.end()
    for found in _ATTRIBUTE.finditer(piece, at):
        value = found[3] if _shapes(found) else disguise.text(found[3])
        pieces += (disguise.text(piece[at : found.start()]), found[1], found[2], value)
        at = found.end()
    return "".join([*pieces, disguise.text(piece[at:])])


def _shapes(found: re.Match[str]) -> bool:
    return found[1].lower() in _SHAPING or found[3].strip("\"'").lower().startswith("text/html")
