"""HTML as plain text.

In: the HTML of a mail. Out: what a person would read. It never raises; what is too large, or breaks the library, has its tags cut out
and nothing else done to it.
"""

from __future__ import annotations

import re
from html import unescape

from inscriptis.css_profiles import CSS_PROFILES  # type: ignore[import-untyped]  # ships no types
from inscriptis.html_engine import Inscriptis  # type: ignore[import-untyped]  # ships no types
from inscriptis.model.config import ParserConfig  # type: ignore[import-untyped]  # ships no types
from lxml import etree  # type: ignore[import-untyped]  # ships no types
from lxml.html import HtmlElement, HTMLParser, document_fromstring  # type: ignore[import-untyped]  # ships no types

#: what lays out a page in milliseconds; people write a hundredth of it
_LARGEST = 400_000
MOST_TAGS = 8_000
#: deeper nesting costs the square of its depth
_DEEPEST = 60
#: of HTML without its pictures, what is read at all
LONGEST = 3_000_000
_PICTURE = re.compile(r"[\"']data:[^\"'<>]*[\"']")
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"])
_HIDDEN = re.compile(r"<(/?)(?:script|style|head|title)\b[^<>]*>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?h[1-6]|/?table|/?blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_BLANK_LINES = re.compile(r"\n(?:[ \t\xa0]*\n){2,}")
_LINE_ENDS = re.compile(r"[ \t\xa0]+$", re.MULTILINE)
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
#: what the library would lay out in columns and indents: a page of 40 KB took it minutes and gigabytes. So cells stand one behind the
#: other, rows and entries one below the other
_LINES = frozenset({"table", "caption", "thead", "tbody", "tfoot", "tr", "ul", "ol", "dl", "dd", "dt", "li"})
_CELLS = frozenset({"td", "th"})
#: what makes a layout, and lets a mail of a hundred octets ask for gigabytes of white space
_LAYOUT = ("style", "align", "valign", "colspan", "rowspan", "width", "height", "start", "type")


def to_text(html: str, most_tags: int = MOST_TAGS) -> str:
    """Lines end in LF; no more than one empty line stands between two paragraphs. HTML with more tags has them cut out."""
    if len(html) > _LARGEST:
        html = _PICTURE.sub('""', html)[:LONGEST]
    html = _NO_XML.sub("", html)
    return _tidy(_laid_out(html, most_tags) or _cut_out(html))


def _laid_out(html: str, most_tags: int) -> str:
    if len(html) > _LARGEST or html.count("<") > most_tags:
        return ""
    try:
        # the parser is made anew: it remembers the errors of all that it ever read
        tree = document_fromstring(html, parser=HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True))
        if _depth(tree) > _DEEPEST:
            return ""
        for element in tree.iter():
            _flatten(element)
        return str(Inscriptis(tree, _CONFIG).get_text())
    except (etree.LxmlError, ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError):
        return ""  # the library was not written for hostile pages


def _flatten(element: HtmlElement) -> None:
    for name in _LAYOUT:
        element.attrib.pop(name, None)
    if element.tag == "li":
        element.text = f"* {element.text or ''}"
    elif element.tag in _CELLS:
        element.tag, element.tail = "span", f" {element.tail or ''}"
    if element.tag in _LINES:
        element.tag = "div"


def _depth(tree: HtmlElement) -> int:
    deepest = depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


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
