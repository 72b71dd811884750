"""A report as a PDF on A4: to be printed, held up in a meeting, and read aloud by a machine.

In: a `Paper`. Out: the octets of a tagged PDF with its fonts in it; the same paper gives the same octets. Long tables are cut, and say by
how much; the workbook has all rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from reportlab.lib.units import mm

from gateway.reports import chart, pages
from gateway.reports.pages import ACCENT, GREY, INK, LEFT, LINE, QUIET, RIGHT, ROOM, SERIES, WASH, Pages, fitted
from gateway.reports.table import Cell, Kind, Paper, Sheet, cut, written
from gateway.reports.tags import Node, tagged
from gateway.reports.wording import Wording

#: a table has no more rows on paper; one of stretches of time with more than the second stands at the end
MOST_ROWS, MANY_ROWS = 40, 16
_ROW, _SMALL, _SIZE = 15.0, 7.0, 8.5
_WIDTHS: Final[dict[Kind, float]] = {"label": 0, "count": 60, "share": 46, "seconds": 78}


def of(paper: Paper, words: Wording) -> bytes:
    """`words` of the paper's language."""
    return _Printing(paper, words).whole()


class _Printing:
    def __init__(self, paper: Paper, words: Wording) -> None:
        self._paper, self._words = paper, words
        self._pages = Pages(f"{paper.title}. {paper.period}", paper.office, f"{paper.office} · {paper.title} · {paper.period}")
        self._root = self._pages.tagging.root

    def whole(self) -> bytes:
        paper = self._paper
        self._title()
        self._heads()
        late = [sheet for sheet in paper.sheets if sheet.chart == "moments" and len(sheet.rows) > MANY_ROWS]
        for sheet in paper.sheets:
            self._sheet(sheet, table=sheet not in late)
        self._definitions()
        for sheet in late:
            self._sheet(sheet._replace(chart="", note=""), table=True)
        said = {"dc:title": f"{paper.title}. {paper.period}", "dc:creator": paper.office, "dc:description": paper.source}
        return tagged(self._pages.done(), self._pages.tagging, language=paper.language, said=said)

    # --- what stands at the beginning and at the end ---

    def _title(self) -> None:
        paper, root = self._paper, self._root
        self._pages.lines(root.add("P"), paper.office, size=10, bold=True, color=ACCENT)
        self._pages.y -= 2
        self._pages.lines(root.add("H1"), paper.title, size=20, bold=True)
        self._pages.y -= 3
        self._pages.lines(root.add("P"), paper.period, size=11)
        self._pages.lines(root.add("P"), paper.region, size=11)
        self._pages.lines(root.add("P"), f"{paper.made}. {paper.masked}", size=8, color=QUIET)
        self._pages.y -= 10

    def _heads(self) -> None:
        """The few figures, each in a box: small words above, large ones below."""
        drawn, wide = self._pages, (ROOM - 3 * 8) / 4
        top = drawn.y
        for place, (label, figure) in enumerate(self._paper.heads):
            x = LEFT + place * (wide + 8)
            with drawn.tagging.decoration():
                drawn.canvas.setFillColor(WASH)
                drawn.canvas.roundRect(x, top - 52, wide, 52, 4, stroke=0, fill=1)
            with drawn.tagging.within(self._root.add("P")):
                for nth, line in enumerate(fitted(label, wide - 14, _SMALL)):
                    drawn.text(x + 7, top - 12 - nth * 9, f"{line} ", size=_SMALL, color=QUIET)
                size = next((each for each in (15, 13, 11, 9, 8) if len(fitted(figure, wide - 14, each, bold=True)) == 1), 7)
                drawn.text(x + 7, top - 43, figure, size=size, bold=True)
        drawn.y = top - 52

    def _definitions(self) -> None:
        self._heading(self._paper.definitions_title, 60)
        for text in (*self._paper.definitions, self._paper.source):
            self._pages.lines(self._root.add("P"), text, size=_SIZE, color=INK)
            self._pages.y -= 3

    # --- tables and charts ---

    def _heading(self, title: str, below: float) -> None:
        """It stays with what is below it."""
        if not self._pages.need(26 + below):
            self._pages.y -= 14
        self._pages.lines(self._root.add("H2"), title, size=12, bold=True)
        self._pages.y -= 4

    def _sheet(self, sheet: Sheet, *, table: bool) -> None:
        moments = sheet.chart == "moments"
        # a short table is not cut, nor is its note left behind
        self._heading(sheet.title, 170 if moments else min(len(sheet.rows), 9) * _ROW + 50)
        if moments:
            self._columns(sheet)
        if table:
            self._table(sheet)
        if sheet.note:
            self._pages.y -= 2
            self._pages.lines(self._root.add("P"), sheet.note, size=_SMALL, color=QUIET)

    def _columns(self, sheet: Sheet) -> None:
        drawn, height = self._pages, 52 * mm
        laid = chart.columns(sheet, ROOM, height)
        top = drawn.y
        with drawn.tagging.within(self._root.add("Figure", Alt=chart.described(sheet, self._words))):
            self._legend(sheet, top - 8)
            top -= 16
            for mark in laid.grid:
                drawn.canvas.setStrokeColor(LINE)
                drawn.canvas.setLineWidth(0.4)
                drawn.canvas.line(LEFT + laid.left, top - mark.at, RIGHT, top - mark.at)
                count = self._words.number(int(mark.words))
                drawn.text(LEFT + laid.left - 5, top - mark.at - 2.5, count, size=_SMALL, color=QUIET, right=True)
            for block in laid.blocks:
                drawn.canvas.setFillColor(SERIES[block.series])
                drawn.canvas.rect(LEFT + block.x, top - block.y - block.height, block.width, block.height, stroke=0, fill=1)
            for mark in laid.below:
                drawn.canvas.setFont(pages.PLAIN, _SMALL)
                drawn.canvas.setFillColor(QUIET)
                drawn.canvas.drawCentredString(LEFT + mark.at, top - laid.floor - 10, mark.words)
        drawn.y = top - height - 4

    def _legend(self, sheet: Sheet, y: float) -> None:
        x = LEFT + 44
        for series, column in enumerate(sheet.columns[1:]):
            self._pages.canvas.setFillColor(SERIES[series])
            self._pages.canvas.rect(x, y - 1, 8, 8, stroke=0, fill=1)
            self._pages.text(x + 12, y, column.title, size=_SMALL)
            x += 24 + self._pages.canvas.stringWidth(column.title, pages.PLAIN, _SMALL)

    def _table(self, sheet: Sheet) -> None:
        node = self._root.add("Table")
        bars = sheet.chart == "bars"
        widths = [_WIDTHS[column.kind] for column in sheet.columns]
        bar = 118.0 if bars else 0.0
        widths[0] = ROOM - sum(widths) - bar
        self._head(node, sheet, widths, bar)
        sheet = cut(sheet, self._words, MOST_ROWS)
        for row, long in zip(sheet.rows, chart.reach(sheet), strict=True):
            lines = fitted(str(row[0]), widths[0] - 6, _SIZE)
            if self._pages.need(_ROW + (len(lines) - 1) * 10):
                self._head(node, sheet, widths, bar)
            self._row(node, sheet, row, lines, (widths, bar, long if bars else 0.0))

    def _head(self, node: Node, sheet: Sheet, widths: Sequence[float], bar: float) -> None:
        drawn, row = self._pages, node.add("TR")
        titles = [fitted(column.title, width - 10, _SMALL, bold=True) for column, width in zip(sheet.columns, widths, strict=True)]
        tall = max(map(len, titles)) * 9 + 5
        x = LEFT
        for place, (lines, width) in enumerate(zip(titles, widths, strict=True)):
            with drawn.tagging.within(row.add("TH", Scope="Column")):
                for nth, line in enumerate(lines):
                    y = drawn.y - tall + 5 + (len(lines) - 1 - nth) * 9
                    drawn.text(x + (width if place else 0), y, line, size=_SMALL, bold=True, color=QUIET, right=place > 0)
            x += width + (bar if place == 0 else 0)
        drawn.y -= tall
        self._rule()

    def _row(
        self, node: Node, sheet: Sheet, row: Sequence[Cell], lines: Sequence[str], across: tuple[Sequence[float], float, float]
    ) -> None:
        (widths, bar, long), drawn, element = across, self._pages, node.add("TR")
        tall = _ROW + (len(lines) - 1) * 10
        base = drawn.y - 10.5
        with drawn.tagging.within(element.add("TH", Scope="Row")):
            for nth, line in enumerate(lines):
                drawn.text(LEFT, base - nth * 10, f"{line} ", size=_SIZE)
        if long:
            with drawn.tagging.decoration():
                drawn.canvas.setFillColor(GREY if row[0] == sheet.unknown else ACCENT)
                drawn.canvas.rect(LEFT + widths[0], base - 1.5, max((bar - 8) * long, 0.8), 9, stroke=0, fill=1)
        x = LEFT + widths[0] + bar
        for cell, column, width in zip(row[1:], sheet.columns[1:], widths[1:], strict=True):
            x += width
            with drawn.tagging.within(element.add("TD")):
                drawn.text(x, base, written(cell, column.kind, self._words), size=_SIZE, right=True)
        drawn.y -= tall
        self._rule()

    def _rule(self) -> None:
        drawn = self._pages
        with drawn.tagging.decoration():
            drawn.canvas.setStrokeColor(LINE)
            drawn.canvas.setLineWidth(0.4)
            drawn.canvas.line(LEFT, drawn.y, RIGHT, drawn.y)
