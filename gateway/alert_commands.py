"""The commands about alerts: `alerts list|ack|mute|unmute`.

In: the number of an alert, how long, a reason. Out: a table, or a sentence. They work on the console's file of this machine, also beside a
running gateway, which tells nobody else of what was taken on.
"""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
import typer

from gateway.cli import AsJson, Config, Limit, Reason, fail, finish, settings

if TYPE_CHECKING:
    from gateway.console.alerts.book import Alert
    from gateway.console.alerts.desk import Desk
    from gateway.console.alerts.telling import Voice

R = TypeVar("R")

group = typer.Typer(help="What is wrong, and who sees to it: list, ack, mute, unmute.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(metavar="NUMBER", max=2**63 - 1, help="As `alerts list` shows it.")]


@group.command("list")
def list_(
    config: Config = None,
    as_json: AsJson = False,
    past: Annotated[bool, typer.Option("--past", help="What is over, the newest first.")] = False,
    limit: Limit = 50,
) -> None:
    """What is wrong now, the urgent first, and what to do about it; in English, whatever recipients read."""
    from gateway.console import words
    from gateway.console.alerts.telling import Voice

    found = settings(config)
    alerts = _at_the_desk(config, lambda desk: desk.past(limit) if past else desk.open())
    voice = Voice(words.load()["en"].alerts, found.gateway.name, found.gateway.timezone)
    if as_json:
        told = [{**msgspec.to_builtins(alert), "sentence": voice.sentence(alert), "todo": voice.todo(alert)} for alert in alerts]
        typer.echo(msgspec.json.format(msgspec.json.encode(told)).decode())
    elif not alerts:
        typer.echo(voice.words.no_past if past else voice.words.none)
    for alert in () if as_json else alerts:
        typer.echo(_shown(alert, voice))


@group.command()
def ack(number: Number, config: Config = None) -> None:
    """You see to it: nobody else is told."""
    alert = _there(_at_the_desk(config, lambda desk: desk.take(number, _me())), number)
    if alert.by != _me():
        fail(f"{alert.by} has taken alert {number} on already")
    typer.echo(f"alert {number} ({alert.key}) is yours")


@group.command()
def mute(
    number: Number,
    reason: Reason,
    hours: Annotated[float, typer.Option("--for", metavar="HOURS", min=0.1, max=24 * 31)] = 8,
    config: Config = None,
) -> None:
    """Nobody is told of this for so long, however often it comes; it is shown as ever."""
    alert = _there(_at_the_desk(config, lambda desk: desk.mute(number, _me(), hours * 3600, reason)), number)
    typer.echo(f"alert {number} ({alert.key}) is muted for {hours:g} hours")


@group.command()
def unmute(number: Number, config: Config = None) -> None:
    """Tell of it again."""
    alert = _there(_at_the_desk(config, lambda desk: desk.unmute(number, _me())), number)
    typer.echo(f"alert {number} ({alert.key}) is told again")


def _shown(alert: Alert, voice: Voice) -> str:
    """A few lines."""
    words = voice.words
    facts = [words.urgent if alert.urgent else words.soon, f"{words.since} {voice.time(alert.since)}"]
    if alert.closed:
        facts.append(f"{words.closed.lower()} {voice.time(alert.closed)}")
    if alert.taken:
        facts.append(words.taken.format(by=alert.by, at=voice.time(alert.taken)))
    if alert.muted:
        facts.append(words.muted.format(at=voice.time(alert.muted)))
    facts += [words.untold.format(to=to, why=why) for to, why in alert.failed.items()]
    lines = [f"{alert.id:>5}  {voice.sentence(alert)}", f"       {'; '.join(facts)}"]
    return "\n".join(lines if alert.closed else [*lines, f"       {words.do}: {voice.todo(alert)}"])


def _me() -> str:
    return f"terminal:{getpass.getuser()}"


def _there(alert: Alert | None, number: int) -> Alert:
    if alert is None:
        fail(f"there is no open alert {number}")
    return alert


def _at_the_desk(config: Any, act: Callable[[Desk], Awaitable[R]]) -> R:
    from gateway.console import audit, cabinet
    from gateway.console.alerts import book
    from gateway.console.alerts.desk import Desk

    async def work() -> R:
        async with cabinet.opened(settings(config).gateway.data_dir, (*audit.TABLES, *book.TABLES)) as file:
            return await act(Desk(file))

    return finish(work())
