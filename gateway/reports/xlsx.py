"""A report, or a list of its cases, as a workbook.

In: a `Paper`, or a table. Out: the octets of an XLSX file: a sheet of what it is and means, and one for each table with its chart. No cell
is ever a formula or a link, whatever it says.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

from gateway.reports.table import Cell, Kind, Paper, Sheet

_INK: Final = "#1f4e79"
_NUMBERS: Final[dict[Kind, str]] = {"label": "@", "count": "#,##0", "share": "0.0%", "seconds": "#,##0"}
#: nothing that a cell says is taken for anything else
_PLAIN: Final = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip
#: what the name of a sheet may not have in it
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\']")


def of(paper: Paper) -> bytes:
    """The whole of it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _PLAIN) as book:
        book.set_properties({"title": f"{paper.title}. {paper.period}", "author": paper.office, "comments": paper.source})
        _cover(book, paper)
        for sheet in paper.sheets:
            _table(book, sheet)
    return out.getvalue()


def written(title: str, lines: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet; the first line is its heading."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _PLAIN) as book:
        page = book.add_worksheet(_named(title))
        head = _head(book)
        for number, line in enumerate(lines):
            for column, cell in enumerate(line):
                _put(page, (number, column), cell, head if number == 0 else None)
        page.freeze_panes(1, 0)
        page.autofit()
    return out.getvalue()


def _cover(book: Any, paper: Paper) -> None:
    page = book.add_worksheet(_named(paper.title))
    large, wrapped = (
        book.add_format({"bold": True, "font_size": 16, "font_color": _INK}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    bold = book.add_format({"bold": True})
    page.set_column(0, 0, 44)
    page.set_column(1, 1, 24)
    page.write_string(0, 0, paper.title, large)
    for row, text in enumerate((paper.office, paper.period, paper.region, paper.made, paper.masked), 1):
        page.write_string(row, 0, text)
    row = 7
    for label, figure in paper.heads:
        page.write_string(row, 0, label)
        page.write_string(row, 1, figure, bold)
        row += 1
    page.write_string(row + 1, 0, paper.definitions_title, bold)
    for text in (*paper.definitions, paper.source):
        page.merge_range(row + 2, 0, row + 2, 6, "", wrapped)
        page.write_string(row + 2, 0, text, wrapped)
        page.set_row(row + 2, 32)
        row += 1


def _table(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(_named(sheet.title))
    head = _head(book)
    formats = {column.kind: book.add_format({"num_format": _NUMBERS[column.kind]}) for column in sheet.columns}
    for column, named in enumerate(sheet.columns):
        unit = " (s)" if named.kind == "seconds" else ""
        page.write_string(0, column, named.title + unit, head)
        for number, row in enumerate(sheet.rows, 1):
            _put(page, (number, column), row[column], formats[named.kind])
    page.freeze_panes(1, 0)
    page.autofit()
    if sheet.note:
        page.write_string(len(sheet.rows) + 2, 0, sheet.note)
    if sheet.chart:
        _chart(book, page, sheet)


def _chart(book: Any, page: Any, sheet: Sheet) -> None:
    """Of the first column; of stretches of time, all."""
    moments = sheet.chart == "moments"
    chart = book.add_chart({"type": "line" if moments else "bar"})
    last, name = min(len(sheet.rows), len(sheet.rows) if moments else 20), page.get_name()
    for column in range(1, len(sheet.columns) if moments else 2):
        chart.add_series({
            "name": [name, 0, column], "categories": [name, 1, 0, last, 0], "values": [name, 1, column, last, column],
            **({} if moments else {"fill": {"color": _INK}, "gap": 40}),
        })  # fmt: skip
    chart.set_title({"name": sheet.title})
    if not moments:
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True})
    chart.set_size({"width": 720, "height": max(280, 26 * last + 90) if not moments else 340})
    page.insert_chart(0, len(sheet.columns) + 1, chart, {"description": sheet.title})


def _head(book: Any) -> Any:
    return book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})


def _put(page: Any, place: tuple[int, int], cell: Cell, form: Any) -> None:
    if isinstance(cell, str):
        page.write_string(*place, cell, form)
    else:
        page.write_number(*place, cell, form)


def _named(title: str) -> str:
    """As a sheet may be called: 31 letters, some not."""
    return _FORBIDDEN.sub(" ", title)[:31].strip()
