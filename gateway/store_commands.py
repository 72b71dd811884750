"""The commands on a whole store: `migrate`.

In: addresses of stores. Out: at the end what was moved. What they do is in `gateway.moving`.
"""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli import AsJson, Config, fail, finish, settings

From = Annotated[str, typer.Option("--from", metavar="URL", help="The store that is left; when not said, the one in the settings.")]
To = Annotated[str, typer.Option("--to", metavar="URL", help="A new store, that is filled; when not said, the one in the settings.")]


def migrate(source: From = "", target: To = "", config: Config = None, as_json: AsJson = False) -> None:
    """Move everything into another store. It may be killed and run again; no gateway may run on either."""
    from gateway import moving, terminal

    if not source and not target:
        fail("--from, --to: say at least one of them", 2)
    url = settings(config).store.url
    terminal.show_moved(finish(moving.move(source or url, target or url)), as_json=as_json)
