"""Where the pieces of a chart lie, for pages and for paper.

In: a table of counts over time, a size. Out: rectangles, lines and words with their places; y grows downwards. Pure: it draws nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gateway.reports.table import Sheet
from gateway.reports.wording import Wording


class Block(NamedTuple):
    """A column of the chart; `series` from 0, in the order of the table's counts."""

    x: float
    y: float
    width: float
    height: float
    series: int


class Mark(NamedTuple):
    """Words at a place: beside a line across the chart, or below a column."""

    at: float
    words: str


class Columns(NamedTuple):
    """Columns one before the other, the first count behind: what was answered is part of what was registered, and that of what came."""

    width: float
    height: float
    #: where the columns begin, and where they stand
    left: float
    floor: float
    blocks: Sequence[Block]
    #: lines across, by y
    grid: Sequence[Mark]
    #: by the middle of a column
    below: Sequence[Mark]


def columns(sheet: Sheet, width: float, height: float, *, label: float = 46) -> Columns:
    """`label`: how wide one below a column may be."""
    left, floor, top = 44.0, height - 20, 8.0
    counts = [[float(cell) for cell in row[1:] if not isinstance(cell, str)] for row in sheet.rows]
    step = nice(max((n for row in counts for n in row), default=0))
    most = step * 4
    room = (width - left) / max(len(counts), 1)
    blocks = []
    for place, row in enumerate(counts):
        for series, n in enumerate(row):
            inset = room * (0.14 + 0.1 * series)
            tall = (floor - top) * n / most
            blocks.append(Block(left + place * room + inset, floor - tall, max(room - 2 * inset, 0.5), tall, series))
    grid = [Mark(floor - (floor - top) * nth / 4, str(step * nth)) for nth in range(5)]
    every = -(-label // room) if room else 1
    below = [Mark(left + (place + 0.5) * room, str(row[0])) for place, row in enumerate(sheet.rows) if place % every == 0]
    return Columns(width, height, left, floor, blocks, grid, below)


def nice(most: float) -> int:
    """A quarter of the height: 1, 2, 5, 10, 20, 25, 50 …, so that four of them reach the largest count."""
    least, tenth = max(most / 4, 1), 1
    while True:
        for step in (1, 2, 2.5, 5):
            if step * tenth >= least and step * tenth == int(step * tenth):
                return int(step * tenth)
        tenth *= 10


def reach(sheet: Sheet) -> list[float]:
    """How far the bar of each row reaches, of the longest: by the second column."""
    counts = [0.0 if isinstance(row[1], str) else float(row[1]) for row in sheet.rows]
    most = max(counts, default=0) or 1
    return [n / most for n in counts]


def described(sheet: Sheet, words: Wording) -> str:
    """A chart of stretches of time, for who does not see it."""
    sums = [sum(int(cell) for row in sheet.rows if not isinstance(cell := row[place], str)) for place in range(1, len(sheet.columns))]
    told = ", ".join(f"{column.title} {words.number(n)}" for column, n in zip(sheet.columns[1:], sums, strict=True))
    between = f"{sheet.rows[0][0]} – {sheet.rows[-1][0]}" if sheet.rows else ""
    return f"{sheet.title}, {between}: {told}"
