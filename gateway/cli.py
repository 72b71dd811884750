"""What every command of the command line does: read the settings, run to the end, say in one line what went wrong.

In: a settings file, a coroutine. Out: settings, results, an exit status: 2 for bad usage or settings, 1 for anything else.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

R = TypeVar("R")

Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings in TOML; the environment (LAPOR__…) goes over them.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON document.")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="A reference number, in any spelling, or the ledger's tracking id.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is written down.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000)]


def settings(config: Path | None) -> Any:
    """The settings; without them there is nothing to run."""
    from config.settings import SettingsError, load

    try:
        return load(config, dict(os.environ))
    except SettingsError as error:
        fail(str(error), 2)


def finish(work: Coroutine[Any, Any, R]) -> R:
    """Run to the end; what went wrong becomes one line and an exit status."""
    import apsw
    import uvloop

    from config.settings import SettingsError
    from gateway.faults import CannotStart
    from gateway.rehearse import BadUsage, NoRehearsal

    try:
        return asyncio.Runner(loop_factory=uvloop.new_event_loop).run(work)
    except SettingsError as error:
        fail(str(error), 2)
    except (CannotStart, NoRehearsal) as error:
        fail(str(error), 2 if isinstance(error, BadUsage) else 1)
    except PermissionError as error:
        if error.filename is None:  # no file: an address
            fail(str(error.strerror))
        fail(f"{error.filename}: {error.strerror}; this is for the user that the gateway runs as")
    except apsw.BusyError:
        fail("another program has one of the gateway's files locked for long; try again when it is done")


def fail(words: str, status: int = 1) -> NoReturn:
    """Say it, and end."""
    typer.echo(words, err=True)
    raise typer.Exit(status)
