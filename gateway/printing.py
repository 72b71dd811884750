"""How tables and sentences leave a command.

In: what rich can lay out. Out: lines on standard output: as wide as the terminal, or whole where there is none. It never decides what is
said.
"""

from __future__ import annotations

from typing import Final

import typer
from rich.box import SIMPLE
from rich.console import Console, RenderableType
from rich.table import Table

#: columns; more than anything that is told has
_ROOM: Final = 1_000_000


def show(*what: RenderableType) -> None:
    """Into a pipe or a file each row is one line and nothing is cut, however wide a terminal would be: `grep` and `awk` look for names."""
    console = Console()
    if console.file.isatty():
        console.print(*what)
        return
    for each in what:
        if isinstance(each, Table):
            # a frame on the right would stand as far out as the longest cell
            each.box, each.title_justify = SIMPLE, "left"
    whole = Console(width=_ROOM)
    with whole.capture() as written:
        whole.print(*what)
    typer.echo("".join(f"{line.rstrip()}\n" for line in written.get().splitlines()), nl=False)
