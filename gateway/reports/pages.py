"""A4 pages that are written from top to bottom, with what stands on each of them.

In: texts and their places. Out: drawn and tagged pages. It knows what a heading and a paragraph are, and nothing of reports.
"""

from __future__ import annotations

import io
from functools import cache
from typing import Final

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from gateway.reports.tags import Node, Tagging

#: Bitstream Vera comes with reportlab, and is put into the file: what is printed looks the same everywhere
PLAIN, BOLD = "Vera", "VeraBd"
INK, QUIET, LINE, ACCENT, WASH, GREY = (HexColor(each) for each in ("#14202a", "#4b5a66", "#cfd7de", "#0a5578", "#eef3f6", "#b4bfc8"))
RED: Final = HexColor("#d3202c")
#: of the columns of a chart, the first one behind
SERIES: Final = tuple(HexColor(each) for each in ("#c3d9e4", "#5f9dbb", "#0a5578"))
WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP, BOTTOM = 18 * mm, WIDTH - 18 * mm, HEIGHT - 18 * mm, 22 * mm
ROOM: Final = RIGHT - LEFT


@cache
def _fonts() -> None:
    for name in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))


class Pages:
    """A document that is being written; `y` is how far one has come."""

    def __init__(self, title: str, author: str, foot: str) -> None:
        """`foot` stands below each page."""
        _fonts()
        self._out = io.BytesIO()
        self.canvas = Canvas(self._out, pagesize=A4, pageCompression=1, invariant=1)
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.tagging = Tagging(self.canvas)
        self.foot, self.y = foot, TOP
        self._begin()

    def _begin(self) -> None:
        with self.tagging.decoration():
            self.canvas.setFillColor(RED)
            self.canvas.rect(0, HEIGHT - 2.2 * mm, WIDTH, 2.2 * mm, stroke=0, fill=1)
            self.canvas.setStrokeColor(LINE)
            self.canvas.setLineWidth(0.5)
            self.canvas.line(LEFT, BOTTOM - 5 * mm, RIGHT, BOTTOM - 5 * mm)
            self.text(LEFT, BOTTOM - 9 * mm, self.foot, size=7, color=QUIET)
            self.text(RIGHT, BOTTOM - 9 * mm, str(len(self.tagging.pages)), size=7, color=QUIET, right=True)
        self.y = TOP

    def turn(self) -> None:
        """To the next page."""
        self.canvas.showPage()
        self.tagging.next_page()
        self._begin()

    def need(self, height: float) -> bool:
        """Room for so much, on this page or the next; True when it was turned."""
        if self.y - height >= BOTTOM:
            return False
        self.turn()
        return True

    def text(self, x: float, y: float, words: str, *, size: float, bold: bool = False, color: Color = INK, right: bool = False) -> None:
        """One line; `right`: it ends at x."""
        self.canvas.setFont(BOLD if bold else PLAIN, size)
        self.canvas.setFillColor(color)
        (self.canvas.drawRightString if right else self.canvas.drawString)(x, y, words)

    def lines(self, node: Node, words: str, *, size: float, bold: bool = False, color: Color = INK, width: float = ROOM) -> None:
        """A heading or a paragraph, which goes on on the next page where it must."""
        for line in simpleSplit(words, BOLD if bold else PLAIN, size, width):
            self.need(size * 1.4)
            self.y -= size * 1.4
            with self.tagging.within(node):
                # the space keeps the words of two lines apart for whoever hears them
                self.text(LEFT, self.y, f"{line} ", size=size, bold=bold, color=color)

    def done(self) -> bytes:
        """All pages as they are drawn, without their tags."""
        self.canvas.save()
        return self._out.getvalue()


def fitted(words: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Cut into lines that are no wider."""
    lines: list[str] = simpleSplit(words, BOLD if bold else PLAIN, size, width)
    return lines
