"""The commands about those who may use the console: `operators add`.

In: a name, a role, a password that is asked for. Out: an account, written into the audit. It works on the console's file, also beside a
running gateway.
"""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from gateway.cli import Config, fail, finish, settings

group = typer.Typer(help="Who may use the console: add.", no_args_is_help=True)


@group.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    role: Annotated[str, typer.Option(metavar="ROLE", help="viewer, operator, supervisor or admin.")] = "viewer",
    config: Config = None,
) -> None:
    """A new account; the password is asked for, or read from standard input."""
    from gateway.console import cabinet, room
    from gateway.console.access.accounts import Accounts, NotAnAccount
    from gateway.console.roles import ROLES

    folder = settings(config).gateway.data_dir
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    known = next((each for each in ROLES if each == role), None)
    if known is None:
        fail(f"--role: one of {', '.join(ROLES)}", 2)

    async def work() -> None:
        async with cabinet.opened(folder, room.TABLES) as file:
            await Accounts(file).add(name, known, password, by=f"terminal:{getpass.getuser()}")

    try:
        finish(work())
    except NotAnAccount as fault:
        fail(str(fault), 2)
    typer.echo(f"{name} may sign in as {role}")
