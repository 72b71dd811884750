"""The files that a report can be had as.

In: a paper, or a list of cases; the ending of a file's name. Out: its octets. What draws and packs them is loaded for the first one: a
gateway that nobody asks does without.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway.reports import csv
from gateway.reports.table import Cell, Paper
from gateway.reports.wording import Wording

FORMS: Final = ("pdf", "xlsx", "csv")
LISTS: Final = ("xlsx", "csv")
TYPES: Final = {
    "pdf": "application/pdf", "csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


def made(form: str, paper: Paper, words: Wording) -> bytes:
    """`form` is one of FORMS."""
    if form == "pdf":
        from gateway.reports import pdf

        return pdf.of(paper, words)
    if form == "xlsx":
        from gateway.reports import xlsx

        return xlsx.of(paper)
    return csv.of(paper)


def listed(form: str, lines: Sequence[Sequence[Cell]], words: Wording) -> bytes:
    """`form` is one of LISTS."""
    if form == "xlsx":
        from gateway.reports import xlsx

        return xlsx.written(words("cases_title"), lines)
    return csv.written(lines)
