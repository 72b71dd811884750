"""`gateway wording`: every text that citizens are sent, as its editor wants to see it.

In: the folder of an office's own texts, or none. Out: each text filled with its longest values, what it takes as an SMS, and why it
would be refused at start. It sends nothing and opens nothing but these files.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Literal

import msgspec
import typer
from rich.box import SIMPLE
from rich.table import Table

from channels.sms.alphabet import GSM7, septets
from channels.sms.segments import split_text
from forwarder.wording import room, texts, unfit, widest
from gateway import printing
from gateway.terminal import cell

#: UTF-16 units of one SMS in UCS-2 (TS 23.038)
WIDE_SMS = 70


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One text. The words of a state stand inside another text: they are no SMS of their own, and cost nothing by themselves."""

    language: str
    #: receipt, emergency.receipt, states.received
    key: str
    #: the file and the line
    place: str
    text: str
    characters: int
    alphabet: Literal["GSM-7", "UCS-2"]
    #: septets, or UTF-16 units
    takes: int
    room: int
    segments: int | None
    cost: float | None
    #: why the gateway would not start with it
    fault: str


def rows(folder: str, *, language: str = "", price: float | None = None) -> list[Row]:
    """The texts of one language, or of all; `price` is what a segment costs. Raises ValueError for a file that cannot be read."""
    return [
        _row(name, key, text.words, place=text.place, price=price)
        for name, keys in texts(folder).items()
        if language in {"", name}
        for key, text in keys.items()
    ]


def _row(language: str, key: str, words: str, *, place: str, price: float | None) -> Row:
    text = widest(words)
    narrow = septets(text)
    segments = None if key.startswith("states.") else len(split_text(text, 0, default=GSM7))
    return Row(
        language=language, key=key, place=place, text=text, characters=len(text),
        alphabet="UCS-2" if narrow is None else "GSM-7",
        takes=len(text.encode("utf-16-be")) // 2 if narrow is None else narrow,
        room=min(room(key), WIDE_SMS) if narrow is None else room(key),
        segments=segments, cost=None if price is None or segments is None else segments * price,
        fault=unfit(key, words),
    )  # fmt: skip


def show(found: Sequence[Row], *, sms: bool, as_json: bool) -> None:
    """A table for each language, then what is wrong; `sms` adds what each text takes."""
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
        return
    for language in dict.fromkeys(row.language for row in found):
        printing.show(_table(language, [row for row in found if row.language == language], sms=sms))
    for row in found:
        if row.fault:
            typer.secho(cell(f"{row.place}: {row.fault}").plain, fg="red")


def _table(language: str, found: Sequence[Row], *, sms: bool) -> Table:
    priced = any(row.cost is not None for row in found)
    table = Table(title=language, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("key", overflow="fold")
    if sms:
        for heading in ("alphabet", "takes", "SMS", *(["cost"] if priced else [])):
            table.add_column(heading, justify="right")
    table.add_column("text", overflow="fold")
    for row in found:
        taken = [row.alphabet, f"{row.takes}/{row.room}", _number(row.segments), *([_number(row.cost)] if priced else [])] if sms else []
        table.add_row(row.key, *taken, cell(row.text), style="red" if row.fault else "")
    return table


def _number(amount: float | None) -> str:
    return "" if amount is None else f"{amount:,.10g}"
