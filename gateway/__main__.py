"""The command line: `python -m gateway …`, installed as `lapor-gateway`.

In: arguments, the settings file, the environment. Out: a running gateway or a few lines, and an exit status: 0 asked to stop and
drained, 2 bad usage or settings, 1 anything else. What a command does is in its own module; here is only what it is called.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

R = TypeVar("R")


class Role(StrEnum):
    """What a process does when several share one store."""

    doors = "doors"
    workers = "workers"


cli = typer.Typer(
    name="lapor-gateway",
    help="Intake gateway of SP4N-LAPOR!: what citizens send becomes a registered complaint, and is answered.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback with local variables would print passwords and citizens' words
)
parked = typer.Typer(help="Cases that wait for a person: list, show, retry, drop.", no_args_is_help=True)
rehearse = typer.Typer(help="A simulated operator and a citizen's handset.", no_args_is_help=True)
cli.add_typer(parked, name="parked")
cli.add_typer(rehearse, name="rehearse")

Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings in TOML; the environment (LAPOR__…) goes over them.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON document.")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="A reference number, in any spelling, or the ledger's tracking id.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is written down.")]


def main() -> None:
    """The installed script."""
    cli()


@cli.command()
def run(
    config: Config = None,
    only: Annotated[
        Role | None, typer.Option(help="Share the store with another process: doors listen and answer, workers submit.")
    ] = None,
) -> None:
    """Run the gateway until SIGTERM or Ctrl-C; a second one ends it at once."""
    from gateway.run import run_until_stopped

    _finish(run_until_stopped(_settings(config), only.value if only else None, str(config or "")))


@cli.command()
def check(config: Config = None) -> None:
    """Settings, files, connections: one line each."""
    from gateway.check import check as checked

    lines = _finish(checked(_settings(config)))
    for line in lines:
        typer.echo(
            f"{typer.style('ok   ', fg='green') if line.ok else typer.style('FAULT', fg='red', bold=True)} {line.what}: {line.words}"
        )
    raise typer.Exit(0 if all(line.ok for line in lines) else 1)


@cli.command()
def status(config: Config = None, as_json: AsJson = False) -> None:
    """What waits, since when, and how each door is."""
    from gateway import desk, terminal

    found = _finish(desk.status(_settings(config)))
    terminal.show_status(found, as_json=as_json)


@cli.command()
def trace(code: Code, config: Config = None, as_json: AsJson = False) -> None:
    """The life of one case."""
    from gateway import desk, terminal

    life = _finish(desk.life(_settings(config), code))
    if life is None:
        _fail(f"no case has the code {code}{_mistyped(code)}")
    terminal.show_life(life, as_json=as_json)


@parked.command("list")
def parked_list(config: Config = None, as_json: AsJson = False, limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100) -> None:
    """The oldest first."""
    from gateway import desk, terminal

    terminal.show_cases(_finish(desk.parked(_settings(config), limit)), as_json=as_json)


@parked.command("show")
def parked_show(code: Code, config: Config = None, as_json: AsJson = False) -> None:
    """One of them, with the bytes that came."""
    from gateway import desk, terminal

    life = _finish(desk.life(_settings(config), code))
    if life is None or life.case.step != "parked":
        _fail(f"no parked case has the code {code}")
    terminal.show_life(life, as_json=as_json, raw=True)


@parked.command("retry")
def parked_retry(code: Code, config: Config = None, reason: Reason = "") -> None:
    """To the ledger again."""
    from gateway import desk

    _told(_finish(desk.retry(_settings(config), code, reason)), code, "goes to the ledger again")


@parked.command("drop")
def parked_drop(
    code: Code, reason: Annotated[str, typer.Option("--reason", help="Why; it is written down.")], config: Config = None
) -> None:
    """Decline it, with the reason."""
    from gateway import desk

    if not reason.strip():
        _fail("--reason: say why it is declined", 2)
    _told(_finish(desk.drop(_settings(config), code, reason)), code, "is declined")


@rehearse.command("sms")
def rehearse_sms(
    text: Annotated[str, typer.Argument(help="What the citizen types.")],
    number: Annotated[str, typer.Option("--from", metavar="NUMBER", help="The citizen's number.")] = "+6281200000001",
    smsc: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="The rehearsal SMSC; without one there, a private gateway is started.")
    ] = "127.0.0.1:2775",
    wait_s: Annotated[float, typer.Option("--wait", help="Seconds to wait for the answer.", min=1, max=3600)] = 30,
) -> None:
    """Play a citizen: send an SMS through a simulated SMSC and print the answer."""
    from gateway.rehearse.citizen import play_citizen

    answers = _finish(play_citizen(smsc, number, text, wait_s=wait_s, say=lambda line: typer.echo(line, err=True)))
    for answer in answers:
        typer.echo(f"1708 -> {number}: {answer}")
    if not answers:
        _fail(
            f"no answer within {wait_s:g} s. The same text from the same number within ten minutes is taken for the operator's "
            "redelivery and not answered again: was it that?"
        )


@rehearse.command("smsc")
def rehearse_smsc(
    listen: Annotated[str, typer.Option(metavar="HOST:PORT")] = "127.0.0.1:2775",
    misbehave: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Any of the names below; may be given several times.")] = None,
    names: Annotated[bool, typer.Option("--names", help="Print the misbehaviours and end.")] = False,
) -> None:
    """A simulated operator's SMSC for rehearsing an outage: gateways bind to it, and `rehearse sms` speaks through it."""
    from gateway.rehearse.misbehave import listing
    from gateway.rehearse.serve import serve

    if names:
        typer.echo("\n".join(listing()))
    else:
        with suppress(KeyboardInterrupt):
            _finish(serve(listen, misbehave or (), say=typer.echo))


def _settings(config: Path | None) -> Any:
    from config.settings import SettingsError, load

    try:
        return load(config, _environ())
    except SettingsError as error:
        _fail(str(error), 2)


def _environ() -> dict[str, str]:
    import os

    return dict(os.environ)


def _finish(work: Coroutine[Any, Any, R]) -> R:
    """Run to the end; what went wrong becomes one line and an exit status."""
    import uvloop

    from config.settings import SettingsError
    from gateway.faults import CannotStart
    from gateway.rehearse import BadUsage, NoRehearsal

    try:
        return asyncio.Runner(loop_factory=uvloop.new_event_loop).run(work)
    except SettingsError as error:
        _fail(str(error), 2)
    except (CannotStart, NoRehearsal) as error:
        _fail(str(error), 2 if isinstance(error, BadUsage) else 1)


def _mistyped(code: str) -> str:
    """What the check symbol knows of a code that nobody has."""
    from normalizer.reference import BadReference, read

    try:
        read(code)
    except BadReference as error:
        return "; its check symbol does not agree, so a symbol is mistyped" if error.kind == "check" else ""
    return ""


def _told(done: bool, code: str, words: str) -> None:
    if not done:
        _fail(f"no parked case has the code {code}")
    typer.echo(f"{code} {words}")


def _fail(words: str, status: int = 1) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(status)


if __name__ == "__main__":
    main()
