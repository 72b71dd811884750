"""The commands on letters that did not arrive: `letters list|retry|drop`.

In: ids of letters, a reason. Out: a list, or a line for each. What they do is in `gateway.undelivered`.
"""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gateway.cli import AsJson, Config, Limit, Reason, fail, finish, settings

if TYPE_CHECKING:
    from gateway.store.lists import Lost
    from gateway.undelivered import Undelivered

R = TypeVar("R")

group = typer.Typer(help="Letters that their addressees did not get, and why: list, retry, drop.", no_args_is_help=True)

Ids = Annotated[list[str], typer.Argument(metavar="ID", help="As `letters list` shows it; several are done one after the other.")]


@group.command("list")
def list_(
    config: Config = None,
    as_json: AsJson = False,
    limit: Limit = 100,
    channel: Annotated[str, typer.Option(help="Of this one only.")] = "",
) -> None:
    """The oldest first."""
    from gateway import terminal

    page = _on_the_store(config, lambda undelivered: undelivered.page(limit, channel=channel))
    terminal.show_lost(page.letters, as_json=as_json)


@group.command()
def retry(ids: Ids, config: Config = None, reason: Reason = "") -> None:
    """Send it again to the same address, for as long as a new one is tried."""
    _each(config, ids, lambda undelivered, letter_id: undelivered.retry(letter_id, getpass.getuser(), reason), "is sent again")


@group.command()
def drop(ids: Ids, reason: Annotated[str, typer.Option("--reason", help="Why; it is written down.")], config: Config = None) -> None:
    """Its addressee need not have it."""
    _each(config, ids, lambda undelivered, letter_id: undelivered.drop(letter_id, getpass.getuser(), reason), "is not sent")


def _each(config: Any, ids: list[str], act: Callable[[Undelivered, str], Awaitable[Lost]], words: str) -> None:
    """One that cannot be done does not hold up the others."""
    from gateway.worklist import NotDone

    async def all_(undelivered: Undelivered) -> list[str]:
        refused = []
        for letter_id in ids:
            try:
                lost = await act(undelivered, letter_id)
                typer.echo(f"letter {letter_id} ({lost.state.letter.kind} of {lost.reference}) {words}")
            except NotDone as refusal:
                refused.append(refusal.words)
        return refused

    refused = _on_the_store(config, all_)
    if refused:
        fail("\n".join(refused))


def _on_the_store(config: Any, act: Callable[[Undelivered], Awaitable[R]]) -> R:
    """Beside a running gateway."""
    from gateway import desk

    async def work() -> R:
        async with desk.undelivered(settings(config)) as undelivered:
            return await act(undelivered)

    return finish(work())
