"""The commands about those who may use the console: `operators add|list|role|disable|enable|reset`.

In: a name, a role, a password that is asked for. Out: accounts, each change written into the audit. They work on the console's file, also
beside a running gateway. None of them shows a password.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from gateway.cli import AsJson, Config, fail, finish, settings
from gateway.console.roles import ROLES, Role

if TYPE_CHECKING:
    from gateway.console.access.accounts import Account, Accounts, Why

R = TypeVar("R")

group = typer.Typer(help="Who may use the console: add, list, role, disable, enable, reset.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="2 to 32 small letters, digits, dots, dashes or underscores, a letter first.")]
ItsRole = Annotated[str, typer.Option("--role", metavar="ROLE", help=f"One of {', '.join(ROLES)}.")]

_SENTENCES: Final[dict[Why, str]] = {
    "name": "NAME: 2 to 32 small letters, digits, dots, dashes or underscores, a letter first",
    "taken": "NAME: there is an account of this name already",
    "unknown": "NAME: there is no account of this name",
    "last_admin": "this is the last admin; make another one first",
    "short": "the password is too short: 12 characters or more",
    "long": "the password is too long: 200 characters at most",
    "holds_name": "the password must not contain the name",
    "plain": "the password is easy to guess; take a few words that have nothing to do with each other",
    "elsewhere": "this account comes from another house, and its password is kept there",
}


@group.command()
def add(
    name: Name,
    role: ItsRole = "viewer",
    invite: Annotated[bool, typer.Option("--invite", help="Print a link by which its owner chooses the password.")] = False,
    config: Config = None,
) -> None:
    """A new account. The password is asked for, or read from standard input; with --invite its owner chooses it."""
    wanted = _role(role)
    if invite:
        _invited(config, name, _at_the_books(config, lambda accounts: accounts.invite(name, wanted, by=_by())))
        return
    password = _password()
    _at_the_books(config, lambda accounts: accounts.add(name, wanted, password, by=_by()))
    typer.echo(f"{name} may sign in as {wanted}")


@group.command("list")
def list_(config: Config = None, as_json: AsJson = False) -> None:
    """Every account, its role, and when it last signed in."""
    from gateway import terminal

    terminal.show_operators(_at_the_books(config, _all), as_json=as_json)


@group.command("role")
def role_(name: Name, role: Annotated[str, typer.Argument(metavar="ROLE")], config: Config = None) -> None:
    """Another role; who is signed in is out, and signs in again."""
    wanted = _role(role)
    _at_the_books(config, lambda accounts: accounts.set_role(name, wanted, by=_by()))
    typer.echo(f"{name} is {wanted}")


@group.command()
def disable(name: Name, config: Config = None) -> None:
    """It may not sign in any more, and is out at once; nothing of it is lost."""
    _at_the_books(config, lambda accounts: accounts.switch(name, on=False, by=_by()))
    typer.echo(f"{name} may not sign in")


@group.command()
def enable(name: Name, config: Config = None) -> None:
    """It may sign in again."""
    _at_the_books(config, lambda accounts: accounts.switch(name, on=True, by=_by()))
    typer.echo(f"{name} may sign in")


@group.command()
def reset(name: Name, config: Config = None) -> None:
    """Password and second proof are gone; prints a link by which its owner chooses a new password."""
    _invited(config, name, _at_the_books(config, lambda accounts: accounts.reset(name, by=_by())))


async def _all(accounts: Accounts) -> list[Account]:
    return list(await accounts.all())


def _role(word: str) -> Role:
    known = next((each for each in ROLES if each == word), None)
    if known is None:
        fail(f"--role: one of {', '.join(ROLES)}", 2)
    return known


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        fail("the two are not the same", 2)
    return password


def _invited(config: Any, name: str, token: str) -> None:
    given = settings(config)
    origin = given.console.url or f"http://{given.http.operators}"
    typer.echo(f"{name} chooses a password here, once, within 24 hours:\n{origin}/invited/{token}")


def _by() -> str:
    return f"terminal:{getpass.getuser()}"


def _at_the_books(config: Any, act: Callable[[Accounts], Awaitable[R]]) -> R:
    """Do it on the console's file; what is refused is one sentence and exit status 2."""
    from gateway.console import cabinet, room
    from gateway.console.access.accounts import Accounts, NotDone

    folder = settings(config).gateway.data_dir

    async def work() -> R:
        async with cabinet.opened(folder, room.TABLES) as file:
            return await act(Accounts(file))

    try:
        return finish(work())
    except NotDone as no:
        fail(_SENTENCES[no.why], 2)
