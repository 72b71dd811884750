"""HTML laid out as plain text by libraries.

In: HTML of no more than some thousand tags. Out: what a person would read, or nothing, when it is nested too deep or breaks them. It
never raises. The libraries are large, so this module is loaded when the first HTML comes.
"""

from __future__ import annotations

from inscriptis.css_profiles import CSS_PROFILES  # type: ignore[import-untyped]  # ships no types
from inscriptis.html_engine import Inscriptis  # type: ignore[import-untyped]  # ships no types
from inscriptis.model.config import ParserConfig  # type: ignore[import-untyped]  # ships no types
from lxml import etree  # type: ignore[import-untyped]  # ships no types
from lxml.html import HtmlElement, HTMLParser, document_fromstring  # type: ignore[import-untyped]  # ships no types

#: deeper nesting costs the square of its depth
_DEEPEST = 60
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"])
#: what the library would lay out in columns and indents: a page of 40 KB took it minutes and gigabytes. So cells stand one behind the
#: other, rows and entries one below the other
_LINES = frozenset({"table", "caption", "thead", "tbody", "tfoot", "tr", "ul", "ol", "dl", "dd", "dt", "li"})
_CELLS = frozenset({"td", "th"})
#: what makes a layout, and lets a mail of a hundred octets ask for gigabytes of white space
_LAYOUT = ("style", "align", "valign", "colspan", "rowspan", "width", "height", "start", "type")


def laid_out(html: str) -> str:
    """Lines as they come; empty where the libraries fail."""
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
