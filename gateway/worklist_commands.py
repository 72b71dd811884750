"""The commands of those who copy complaints into a ledger by hand: `worklist next|list|done|undo|put-back|set-aside`.

In: a code, a number. Out: a sheet to copy from, a list, or a sentence. The officer is who is logged in at this machine. What a sheet says
is not masked: it is what the ledger gets.
"""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gateway.cli import AsJson, Config, Limit, fail, finish, settings

if TYPE_CHECKING:
    from gateway.worklist import Standing, Worklist

R = TypeVar("R")

group = typer.Typer(help="Copy complaints into a ledger by hand: next, list, done, undo, put-back, set-aside.", no_args_is_help=True)

OurCode = Annotated[str, typer.Argument(metavar="CODE", help="Our code, in any spelling.")]
Number = Annotated[str, typer.Argument(metavar="ID", help="The number that the ledger shows; none for a supplement.")]


@group.command("next")
def next_(config: Config = None, as_json: AsJson = False) -> None:
    """The oldest that nobody has, for you to copy; again the same until it is done, put back, or half an hour has gone by."""
    from gateway import terminal

    work = _at_the_desk(config, lambda worklist: worklist.next(getpass.getuser()))
    if work is None and not as_json:
        fail("nothing waits to be copied", 0)
    terminal.show_work(work, as_json=as_json)


@group.command("list")
def list_(config: Config = None, as_json: AsJson = False, limit: Limit = 100) -> None:
    """What waits, and who has it in hand; the oldest first."""
    from gateway import terminal

    terminal.show_worklist(_at_the_desk(config, lambda worklist: worklist.waiting(limit)), as_json=as_json)


@group.command()
def done(code: OurCode, number: Number = "", config: Config = None) -> None:
    """It stands in the ledger under this number: the citizen hears it. Said again with another number, that corrects it."""
    after = _at_the_desk(config, lambda worklist: worklist.done(code, getpass.getuser(), number))
    again = "; more has come since you saw it, and waits to be copied as a supplement" if after.step == "worklist" else ""
    typer.echo(f"{after.code} is #{after.tracking_id}{again}")


@group.command()
def undo(code: OurCode, config: Config = None) -> None:
    """Take the last `done` back; the citizen hears nothing until there is another number."""
    _told(_at_the_desk(config, lambda worklist: worklist.undo(code, getpass.getuser())))


@group.command("put-back")
def put_back(code: OurCode, config: Config = None) -> None:
    """Let somebody else have it."""
    _told(_at_the_desk(config, lambda worklist: worklist.put_back(code, getpass.getuser())))


@group.command("set-aside")
def set_aside(
    code: OurCode, reason: Annotated[str, typer.Option("--reason", help="Why; it is written down.")], config: Config = None
) -> None:
    """Not to be copied before somebody has looked: it waits among the parked."""
    after = _at_the_desk(config, lambda worklist: worklist.set_aside(code, getpass.getuser(), reason))
    typer.echo(f"{after.code} is parked")


def _told(after: Standing) -> None:
    supplement = f", as a supplement to #{after.tracking_id}" if after.tracking_id else ""
    typer.echo(f"{after.code} waits in the worklist{supplement}")


def _at_the_desk(config: Any, act: Callable[[Worklist], Awaitable[R]]) -> R:
    """Do it on the store, beside a running gateway; what is refused is one sentence and exit status 1."""
    from gateway import desk
    from gateway.worklist import NotDone

    async def work() -> R:
        async with desk.worklist(settings(config)) as worklist:
            return await act(worklist)

    try:
        return finish(work())
    except NotDone as refusal:
        fail(refusal.words)
