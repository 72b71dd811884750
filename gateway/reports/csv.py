"""A report, or a list of its cases, as CSV for a spreadsheet.

In: a `Paper`, or a table. Out: UTF-8 with a mark at its beginning, by which spreadsheets know it, and CRLF. What a spreadsheet would take
for a formula has an apostrophe before it: what is in it may have been anybody's.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

from gateway.reports.table import Cell, Paper

#: at the beginning of a cell; and where a program set to Indonesian begins another, which divides lines at semicolons, quoted or not
_FORMULA: Final = re.compile(r'^(?= *[=+\-@\t\r\n])|(?<=[;\t\r\n])(?=[\s"]*[=+\-@])')


def of(paper: Paper) -> bytes:
    """All tables, one below the other, and what the figures mean."""
    lines: list[Sequence[Cell]] = [(paper.title,), (paper.office,), (paper.period,), (paper.region,), (paper.made,), (paper.masked,)]
    lines += [(), *paper.heads]
    for sheet in paper.sheets:
        lines += [(), (sheet.title,), [column.title for column in sheet.columns]]
        lines += [[_exact(cell) for cell in row] for row in sheet.rows]
        lines += [(sheet.note,)] if sheet.note else []
    lines += [(), (paper.definitions_title,), *((each,) for each in paper.definitions), (paper.source,)]
    return written(lines)


def written(lines: Iterable[Sequence[Cell]]) -> bytes:
    """Lines of cells."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([[guarded(cell) for cell in line] for line in lines])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def guarded(cell: Cell) -> Cell:
    """No formula."""
    return _FORMULA.sub("'", cell) if isinstance(cell, str) else cell


def _exact(cell: Cell) -> Cell:
    """Shares and seconds with as many digits as say something."""
    return round(cell, 4) if isinstance(cell, float) else cell
