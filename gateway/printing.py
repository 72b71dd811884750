"""How tables and sentences leave a command.

In: what rich can lay out. Out: lines on standard output: as wide as the terminal, or whole where there is none. It never decides what is
said.
"""

from __future__ import annotations

import sys
from io import StringIO
from typing import Final

from rich.box import SIMPLE
from rich.console import Console, RenderableType
from rich.table import Table

#: columns; more than anything that is told has
_ROOM: Final = 1_000_000


def show(*what: RenderableType) -> None:
    """Into a pipe or a file each row is one line and nothing is cut, however wide a terminal would be: `grep` and `awk` look for names."""
    if sys.stdout.isatty():
        Console().print(*what)
        return
    for each in what:
        if isinstance(each, Table):
            # a frame on the right would stand as far out as the longest cell
            each.box, each.title_justify = SIMPLE, "left"
    written = StringIO()
    Console(file=written, width=_ROOM).print(*what)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in written.getvalue().splitlines()))
