"""The command line: `python -m gateway …`, installed as `lapor-gateway`.

In: arguments, the settings file, the environment. Out: a running gateway or a few lines, and an exit status: 0 asked to stop and
drained, 2 bad usage or settings, 1 anything else. What a command does is in its own module; here is only what it is called.
"""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from gateway import store_commands
from gateway.alert_commands import group as alerts
from gateway.case_commands import commands
from gateway.cli import AsJson, Code, Config, fail, finish, settings
from gateway.control_commands import group as channel
from gateway.control_commands import notice
from gateway.letter_commands import group as letters
from gateway.operators_commands import group as operators
from gateway.report_commands import group as report
from gateway.spool_commands import group as spool
from gateway.worklist_commands import group as worklist


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
rehearse = typer.Typer(help="A simulated operator and a citizen's handset.", no_args_is_help=True)
cli.add_typer(commands("parked", "Cases that wait for a person: list, show, retry, drop.", retry="retry"), name="parked")
cli.add_typer(commands("triage", "Is it a complaint? list, show, accept, drop.", retry="accept"), name="triage")
cli.add_typer(commands("declined", "What went to no ledger, and why: list, show, accept.", retry="accept"), name="declined")
cli.add_typer(worklist, name="worklist")
cli.add_typer(report, name="report")
cli.add_typer(letters, name="letters")
cli.add_typer(spool, name="spool")
cli.add_typer(operators, name="operators")
cli.add_typer(channel, name="channel")
cli.add_typer(alerts, name="alerts")
cli.command()(notice)
cli.add_typer(rehearse, name="rehearse")
for command in (store_commands.migrate, store_commands.backup, store_commands.restore):
    cli.command()(command)


def main() -> None:
    """The installed script."""
    if isinstance(sys.stdout, TextIOWrapper):
        # where no UTF-8 is written (`LANG=id_ID` alone is ISO 8859-1), a table ended in a traceback at the first letter that is not there
        sys.stdout.reconfigure(errors="backslashreplace")
    cli()


@cli.command()
def run(
    config: Config = None,
    only: Annotated[
        Role | None, typer.Option(help="Share the store with another process: doors listen and answer, workers submit.")
    ] = None,
) -> None:
    """Run the gateway until SIGTERM or Ctrl-C; a second one ends it at once."""
    gc.disable()  # all that the next line brings in stays, so nobody looks for what could go; `run_until_stopped` has it looked for again
    # structlog would bring in what it draws tracebacks on terminals with: 3 MB that a journal of JSON lines never asks for
    sys.modules["rich"] = None  # type: ignore[assignment]  # the import system's own word for "not here"
    try:
        from gateway.run import run_until_stopped
    finally:
        del sys.modules["rich"]
    finish(run_until_stopped(settings(config), only.value if only else None, str(config or "")))


@cli.command()
def check(config: Config = None) -> None:
    """Settings, files, connections: one line each."""
    from gateway.check import check as checked

    lines = finish(checked(settings(config)))
    for line in lines:
        typer.echo(
            f"{typer.style('ok   ', fg='green') if line.ok else typer.style('FAULT', fg='red', bold=True)} {line.what}: {line.words}"
        )
    raise typer.Exit(0 if all(line.ok for line in lines) else 1)


@cli.command()
def wording(
    config: Config = None,
    sms: Annotated[bool, typer.Option("--sms", help="What each takes as an SMS.")] = False,
    language: Annotated[str, typer.Option(metavar="id|en|jv|su", help="Of this one only.")] = "",
    price: Annotated[float | None, typer.Option(min=0, help="What the operator asks for one SMS; adds costs to --sms.")] = None,
    as_json: AsJson = False,
) -> None:
    """What citizens are told, each text filled with its longest values; 1 when one of them does not fit into an SMS."""
    from forwarder.wording import LANGUAGES
    from gateway import wording_command

    if language and language not in LANGUAGES:
        fail(f"--language: there are no texts in {language!r}; known here: {', '.join(LANGUAGES)}", 2)
    try:
        rows = wording_command.rows(settings(config).answers.wordings, language=language, price=price)
    except ValueError as error:
        fail(f"[answers] wordings: {error}", 2)
    wording_command.show(rows, sms=sms or price is not None, as_json=as_json)
    raise typer.Exit(1 if any(row.fault for row in rows) else 0)


@cli.command()
def status(config: Config = None, as_json: AsJson = False) -> None:
    """What waits, since when, and how each door is."""
    from gateway import desk, terminal

    found = finish(desk.status(settings(config)))
    terminal.show_status(found, as_json=as_json)


@cli.command()
def trace(
    code: Code,
    config: Config = None,
    as_json: AsJson = False,
    files: Annotated[
        Path | None, typer.Option("--files", metavar="FOLDER", help="Put the files that came with it into this folder.")
    ] = None,
    incident: Annotated[
        Path | None,
        typer.Option("--incident", metavar="FILE", help="Write a file for those who mend the gateway; in it all words are others."),
    ] = None,
) -> None:
    """The life of one case, masked; --files has what came as it came."""
    from gateway import desk, terminal, view

    found = finish(desk.traced(settings(config), code))
    if found is None:
        several = "; a number that several ledgers gave is asked for as LEDGER:NUMBER" if settings(config).ledgers else ""
        fail(f"no case has the code {code}{_mistyped(code) or several}")
    if files is not None:
        for path in finish(desk.export(settings(config), found.case, files)):
            typer.echo(f"{path}", err=True)
    if incident is not None:
        _written(incident, finish(desk.incident(settings(config), found)))
    terminal.show_life(view.life(found, deciding=False), as_json=as_json)


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

    answers = finish(play_citizen(smsc, number, text, wait_s=wait_s, say=lambda line: typer.echo(line, err=True)))
    for answer in answers:
        typer.echo(f"1708 -> {number}: {answer}")
    if not answers:
        fail(
            f"no answer within {wait_s:g} s. The same text from the same number within ten minutes is taken for the operator's "
            "redelivery and not answered again: was it that?"
        )


@rehearse.command("telegram")
def rehearse_telegram(
    text: Annotated[str, typer.Argument(help="What the citizen writes: a complaint, /bantuan, /status CODE …")],
    name: Annotated[str, typer.Option("--from", metavar="NAME", help="The citizen's user name.")] = "warga",
    wait_s: Annotated[float, typer.Option("--wait", help="Seconds to wait for the answer.", min=1, max=3600)] = 30,
) -> None:
    """Play a citizen: write to a simulated Telegram bot and print the answer."""
    from gateway.rehearse.telegram_citizen import play_telegram

    answers = finish(play_telegram(name.removeprefix("@"), text, wait_s=wait_s, say=lambda line: typer.echo(line, err=True)))
    for answer in answers:
        typer.echo(f"@lapor_latihan_bot -> @{name.removeprefix('@')}: {answer}")
    if not answers:
        fail(f"no answer within {wait_s:g} s")


@rehearse.command("x")
def rehearse_x(
    text: Annotated[str, typer.Argument(help="What the citizen posts; an answer needs the mention @lapor1708.")],
    handle: Annotated[str, typer.Option("--from", metavar="@HANDLE", help="The citizen's handle.")] = "@warga",
    wait_s: Annotated[float, typer.Option("--wait", help="Seconds to wait for the answer.", min=1, max=3600)] = 30,
) -> None:
    """Play a citizen: post at a simulated X and print the answer."""
    from gateway.rehearse.x_citizen import ACCOUNT, play_x

    played = finish(play_x(handle, text, wait_s=wait_s, say=lambda line: typer.echo(line, err=True)))
    for answer in played.answers:
        typer.echo(f"@{ACCOUNT} -> @{handle.removeprefix('@')}: {answer}")
    if played.step:
        typer.echo(f"(no answer; the post is kept, {played.step})")
    elif not played.answers:
        fail(f"no answer within {wait_s:g} s; a post without a mention of @{ACCOUNT} or one of its hashtags is not seen at all")


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
            finish(serve(listen, misbehave or (), say=typer.echo))


def _written(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        fail(f"--incident: {path}: {error.strerror}")
    typer.echo(f"{path}", err=True)


def _mistyped(code: str) -> str:
    """What the check symbol knows of a code that nobody has."""
    from normalizer.reference import BadReference, read

    try:
        read(code)
    except BadReference as error:
        return "; its check symbol does not agree, so a symbol is mistyped" if error.kind == "check" else ""
    return ""


if __name__ == "__main__":
    main()
