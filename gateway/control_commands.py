"""The commands that steer channels, and tell citizens on the web what is going on: `channel …`, `notice`.

In: a channel's name, a rate, words. Out: a table, or a sentence that says what is wanted now. A running gateway hears of it within two
seconds, whichever process it is; one that starts later begins with it.
"""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gateway.cli import AsJson, Config, fail, finish, settings

if TYPE_CHECKING:
    from gateway.controlling import Controlling, NotWanted
    from gateway.controls import Act

R = TypeVar("R")

group = typer.Typer(help="Steer a channel: list, pause, resume, drain, rebind, rate.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As in [channels.NAME].")]
PerSecond = Annotated[float | None, typer.Argument(metavar="PER_S", help="Letters a second; left out, as the settings say.")]


@group.command("list")
def list_(config: Config = None, as_json: AsJson = False) -> None:
    """What is wanted of each, since when, and by whom."""
    from gateway import terminal

    terminal.show_channels(_at_the_desk(config, lambda desk: desk.standing()), as_json=as_json)


@group.command()
def pause(name: Name, config: Config = None) -> None:
    """Nothing comes in, no letter goes out: links are closed, callers are told to come later, letters wait."""
    _act(config, name, "pause", "is paused")


@group.command()
def resume(name: Name, config: Config = None) -> None:
    """Open again."""
    _act(config, name, "resume", "is open")


@group.command()
def drain(name: Name, config: Config = None) -> None:
    """Nothing comes in; letters go out until none waits. `channel list` says when that is so."""
    _act(config, name, "drain", "takes nothing in, and sends what waits")


@group.command()
def rebind(name: Name, config: Config = None) -> None:
    """Close it, and open it again at once."""
    _act(config, name, "rebind", "is closed and opened again")


@group.command()
def rate(name: Name, per_s: PerSecond = None, config: Config = None) -> None:
    """So many letters a second, and no more."""
    _act(config, name, "rate", f"sends {per_s:g} letters a second" if per_s is not None else "sends as its settings say", per_s)


def notice(
    words: Annotated[str, typer.Argument(help="In Indonesian; left out, the notice that stands now is shown.")] = "",
    english: Annotated[str, typer.Option("--en", help="The same in English.")] = "",
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"], help="When it ends, in the gateway's time zone.")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take it off.")] = False,
    config: Config = None,
) -> None:
    """What everybody reads above the form and the tracking page."""
    if words and not clear:
        if until is None:
            fail("--until: say when it ends; one that nobody takes off is soon not true any more", 2)
        ends = until.replace(tzinfo=settings(config).gateway.timezone)
        _at_the_desk(config, lambda desk: desk.announce(words, english, until=ends, by=_officer()))
    elif clear:
        _at_the_desk(config, lambda desk: desk.be_silent(_officer()))
    found = _at_the_desk(config, lambda desk: desk.notice())
    typer.echo(f"until {found.until:%Y-%m-%d %H:%M} UTC: {found.id}" if found else "there is no notice")


def _act(config: Any, name: str, act: Act, words: str, per_s: float | None = None) -> None:
    _at_the_desk(config, lambda desk: desk.act(name, act, by=_officer(), rate=per_s))
    typer.echo(f"{name} {words}")


def _officer() -> str:
    return f"terminal:{getpass.getuser()}"


def _at_the_desk(config: Any, act: Callable[[Controlling], Awaitable[R]]) -> R:
    """Do it on the store, beside a running gateway; what is refused is one sentence and exit status 2."""
    from gateway import desk
    from gateway.controlling import NotWanted

    async def work() -> R:
        async with desk.controlling(settings(config)) as controlling:
            return await act(controlling)

    try:
        return finish(work())
    except NotWanted as refusal:
        fail(_refused(refusal), 2)


def _refused(refusal: NotWanted) -> str:
    least, most = refusal.rates
    return {
        "unknown": f"no channel that is enabled is called {refusal.channel}",
        "no_link": f"{refusal.channel} has no link that could be closed: it is called",
        "no_rate": f"{refusal.channel} has no rate of its own",
        "out_of_bounds": f"{refusal.channel} sends between {least:g} and {most:g} letters a second",
        "past": "--until: that is over already",
        "empty": "a notice needs words",
        "long": "a notice is a sentence or two: at most 500 characters",
    }[refusal.why]
