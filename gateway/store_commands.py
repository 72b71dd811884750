"""The commands on a whole store: `migrate`, `backup`, `restore`.

In: addresses of stores, files. Out: at the end what was moved or copied. What they do is in `gateway.moving`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import AsJson, Config, fail, finish, settings

From = Annotated[str, typer.Option("--from", metavar="URL", help="The store that is left; when not said, the one in the settings.")]
To = Annotated[str, typer.Option("--to", metavar="URL", help="A new store, that is filled; when not said, the one in the settings.")]


def migrate(source: From = "", target: To = "", config: Config = None, as_json: AsJson = False) -> None:
    """Move everything into another store. It may be killed and run again; no gateway may run on either."""
    from gateway import moving, storing, terminal

    if not source and not target:
        fail("--from, --to: say at least one of them", 2)
    found = settings(config)
    terminal.show_moved(finish(moving.move(source or found.store.url, target or found.store.url, storing.archive(found))), as_json=as_json)


def backup(file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")], config: Config = None) -> None:
    """Copy the store into a file, all at one instant, also while a gateway works on it."""
    from gateway import moving

    typer.echo(f"{file}: {finish(moving.backup(settings(config).store.url, file))} cases")


def restore(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="What `backup` made; none for a Redis, which was started on a copy.")
    ] = None,
    config: Config = None,
) -> None:
    """Put a copy in the place of a store that is gone. Of what waits in it, the ledger is asked before it is told anything."""
    from gateway import moving

    waiting = finish(moving.restore(file, settings(config).store.url))
    typer.echo(f"restored; of {waiting} cases that waited, nobody knows whether their ledger has them by now: it is asked first")
