"""The commands on cases that wait for a person, or that went to no ledger: `parked`, `triage`, `declined`.

In: a code, a reason. Out: lists, one case, or a word that it was done. What they do is in `gateway.desk`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from gateway.cli import AsJson, Code, Config, Limit, Reason, fail, finish, settings

Desk = Literal["parked", "triage", "declined"]


def commands(step: Desk, words: str, *, retry: str) -> typer.Typer:
    """Those of one step; `retry` is what sending to the ledger is called there."""
    group = typer.Typer(help=words, no_args_is_help=True)

    @group.command("list")
    def list_(config: Config = None, as_json: AsJson = False, limit: Limit = 100) -> None:
        """The oldest first; of the declined, the newest."""
        from gateway import desk, terminal

        terminal.show_cases(finish(desk.listed(settings(config), step, limit)), step, as_json=as_json)

    @group.command()
    def show(code: Code, config: Config = None, as_json: AsJson = False) -> None:
        """One of them, with what it says: numbers, addresses and names are masked."""
        from gateway import desk, terminal, view

        found = finish(desk.traced(settings(config), code))
        if found is None or found.case.step != step:
            fail(f"no {_named(step)} case has the code {code}")
        terminal.show_life(view.life(found, deciding=True), as_json=as_json, text=True)

    @group.command(retry)
    def retry_(code: Code, config: Config = None, reason: Reason = "") -> None:
        """To the ledger."""
        from gateway import desk

        _told(finish(desk.retry(settings(config), step, code, reason)), code, step, "goes to the ledger")

    if step != "declined":
        _droppable(group, step)
    return group


def _droppable(group: typer.Typer, step: Desk) -> None:
    @group.command()
    def drop(code: Code, reason: Annotated[str, typer.Option("--reason", help="Why; it is written down.")], config: Config = None) -> None:
        """Decline it, with the reason."""
        from gateway import desk

        if not reason.strip():
            fail("--reason: say why it is declined", 2)
        _told(finish(desk.drop(settings(config), step, code, reason)), code, step, "is declined")


def _told(done: bool, code: str, step: Desk, words: str) -> None:
    if not done:
        fail(f"no {_named(step)} case has the code {code}")
    typer.echo(f"{code} {words}")


def _named(step: Desk) -> str:
    return "triaged" if step == "triage" else step
