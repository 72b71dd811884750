"""The commands on the spool of this machine: `spool list|again|drop|recover|save`.

In: names of files, reasons. Out: lists, a file, or a word that it was done. What they do is in `gateway.mending`, and stands in the audit.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
import typer

from gateway.cli import AsJson, Config, fail, finish, settings

if TYPE_CHECKING:
    from gateway.mending import Mending

R = TypeVar("R")

group = typer.Typer(
    help="What lies beside the store on this machine: list; and its quarantine: again, drop, recover, save.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="FILE", help="As `spool list` shows it.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it is written down.")]


@group.command("list")
def list_(config: Config = None, as_json: AsJson = False) -> None:
    """Messages that wait, files in quarantine and what was put away."""
    from gateway import desk

    found = finish(desk.lying(settings(config)))
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return
    for channel, n in sorted(found.waiting.items()):
        typer.echo(f"waits for the store: {channel} {n}")
    for each in found.quarantine:
        readable = ", ".join(f"{channel} {n}" for channel, n in sorted(each.readable.items())) or "nothing"
        faults = f"{each.unreadable} bytes cannot be read, {each.missing} records are missing, {each.senseless} make no sense"
        typer.echo(f"in quarantine: {each.name}, {each.size} bytes; readable: {readable}; {faults}")
    for away in found.dropped:
        typer.echo(f"put away: {away.name}, until {away.until.astimezone():%Y-%m-%d %H:%M}")


@group.command()
def again(name: Name, config: Config = None) -> None:
    """Bring home what can be read of a file in quarantine; what the store has already, it has once."""
    _at_the_desk(config, lambda mending: mending.again(name, getpass.getuser()))
    typer.echo(f"{name} waits for the store; what still cannot be read comes back into quarantine")


@group.command()
def drop(name: Name, reason: Why, config: Config = None) -> None:
    """Somebody has seen to it: put it away, for 30 days."""
    _said(reason)
    _at_the_desk(config, lambda mending: mending.drop(name, getpass.getuser(), reason))
    typer.echo(f"{name} is put away; `spool recover` brings it back within 30 days")


@group.command()
def recover(name: Name, config: Config = None) -> None:
    """Back into quarantine."""
    _at_the_desk(config, lambda mending: mending.recover(name, getpass.getuser()))
    typer.echo(f"{name} is in quarantine again")


@group.command()
def save(name: Name, to: Annotated[Path, typer.Argument(metavar="TO", help="A new file.")], reason: Why, config: Config = None) -> None:
    """Copy a file in quarantine, with whatever citizens wrote."""
    _said(reason)
    found = _at_the_desk(config, lambda mending: mending.saved(name, getpass.getuser(), reason))
    try:
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(found)
    except OSError as error:
        fail(f"{to}: {error.strerror}")
    typer.echo(f"{to}: {len(found)} bytes")


def _said(reason: str) -> None:
    if not reason.strip():
        fail("--reason: say why", 2)


def _at_the_desk(config: Any, act: Callable[[Mending], Awaitable[R]]) -> R:
    """Beside a running gateway, on the machine whose spool it is."""
    from gateway import desk
    from gateway.spool.quarantine import NotThere

    async def work() -> R:
        async with desk.mending(settings(config)) as mending:
            return await act(mending)

    try:
        return finish(work())
    except NotThere:
        fail("no such file is there, or a process has it in hand")
    except OSError as error:
        fail(f"the disk: {error.strerror}")
