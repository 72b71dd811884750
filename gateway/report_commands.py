"""The commands of reports: `report show`, `report save`, `report cases`.

In: a period, a region. Out: tables on the terminal, or a file. What is counted is in `gateway.reports`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import AsJson, Config, fail, finish, settings

if TYPE_CHECKING:
    from gateway.reports.bureau import Asked
    from gateway.reports.figures import Report
    from gateway.reports.table import Cell


class Named(StrEnum):
    """A period by its name."""

    this_month = "this_month"
    last_month = "last_month"
    this_quarter = "this_quarter"
    last_quarter = "last_quarter"
    this_year = "this_year"
    last_year = "last_year"


class Said(StrEnum):
    """A language."""

    id = "id"
    en = "en"


Choice = Annotated[Named, typer.Option("--period", help="Which days; --from and --to go over it.")]
From = Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD", help="The first day.")]
To = Annotated[str, typer.Option("--to", metavar="YYYY-MM-DD", help="The last day.")]
Region = Annotated[str, typer.Option(metavar="CODE", help="Of one region alone: 35, 35.02 or 35.02.17.")]
In = Annotated[Said, typer.Option("--language")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A new file; its ending says what it is to be.")]

group = typer.Typer(help="What came in a period, and what became of it: show, save, cases.", no_args_is_help=True)


@group.command()
def show(
    *, config: Config = None, period: Choice = Named.last_month, first: From = "", last: To = "", region: Region = "",
    language: In = Said.id, as_json: AsJson = False,
) -> None:  # fmt: skip
    """The tables, on the terminal."""
    from gateway import terminal
    from gateway.reports import places, table
    from gateway.reports.wording import Wording

    report = finish(_report(settings(config), (period, first, last, region)))
    words = Wording(language.value)
    terminal.show_report(report, table.paper(report, words, places.naming(report.home)), words, as_json=as_json)


@group.command()
def save(
    file: File, *, config: Config = None, period: Choice = Named.last_month, first: From = "", last: To = "", region: Region = "",
    language: In = Said.id,
) -> None:  # fmt: skip
    """As .pdf, .xlsx or .csv."""
    from gateway.reports import forms, places, table
    from gateway.reports.wording import Wording

    form = _form(file, forms.FORMS)
    report, words = finish(_report(settings(config), (period, first, last, region))), Wording(language.value)
    _write(file, forms.made(form, table.paper(report, words, places.naming(report.home)), words))


@group.command()
def cases(
    file: File, *, config: Config = None, period: Choice = Named.last_month, first: From = "", last: To = "", region: Region = "",
    language: In = Said.id,
) -> None:  # fmt: skip
    """A list of the cases as .xlsx or .csv: where each stands, nothing of what it says; for few eyes, only that it is there."""
    from gateway.reports import forms
    from gateway.reports.wording import Wording

    form, words = _form(file, forms.LISTS), Wording(language.value)
    _write(file, forms.listed(form, finish(_cases(settings(config), (period, first, last, region), words)), words))


async def _report(found: Any, wish: tuple[Named, str, str, str]) -> Report:
    from gateway import desk

    async with desk.bureau(found) as bureau:
        report = await bureau.report(_asked(bureau.today, wish))
    assert not isinstance(report, int)  # noqa: S101 - it was waited for without an end
    return report


async def _cases(found: Any, wish: tuple[Named, str, str, str], words: Any) -> Sequence[Sequence[Cell]]:
    from gateway import desk
    from gateway.reports import cases

    async with desk.bureau(found) as bureau:
        try:
            return await cases.listed(bureau, _asked(bureau.today, wish), words, few=False)
        except cases.TooMany:
            fail(f"more than {cases.MOST} reports: choose a shorter period, or one region", 2)


def _asked(today: Any, wish: tuple[Named, str, str, str]) -> Asked:
    from gateway.reports import places
    from gateway.reports.bureau import Asked
    from gateway.reports.period import chosen, own

    named, first, last, region = wish
    if region and not places.known(region):
        fail(f"--region: the list of regions has no province, kabupaten, kota or kecamatan {region}", 2)
    if not (first or last):
        return Asked(chosen(named.value, today), region)
    try:
        return Asked(own(first, last), region)
    except ValueError as error:
        fail(f"--from, --to: {error}", 2)


def _form(file: Path, known: Sequence[str]) -> str:
    form = file.suffix.removeprefix(".").lower()
    if form not in known:
        fail(f"{file}: expected a name that ends in {', '.join(f'.{each}' for each in known)}", 2)
    return form


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    typer.echo(f"{file}: {len(content)} bytes")
