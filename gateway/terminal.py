"""What operators see in a terminal: tables that a person can read, or JSON for programs.

In: what the store says. Out: lines on standard output. Numbers and names are masked; the bytes of one case are shown only when asked for.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.desk import Status
from gateway.store.base import Case, LetterState, LetterStep, Life, Step

#: in the order in which a case walks
STEPS: tuple[Step, ...] = ("held", "submit", "triage", "parked", "done", "declined")
LETTER_STEPS: tuple[LetterStep, ...] = ("send", "sent", "parked", "muted")
#: all but the country and the last two digits: enough to recognise one's own, not enough to call
_NUMBER = re.compile(r"(?<!\w)(\+?\d{2})\d{5,14}(\d{2})(?!\w)")


def masked(text: str) -> str:
    """Without the digits that would make a number dialable."""
    return _NUMBER.sub(r"\1…\2", text)


def cell(text: str) -> Text:
    """Words of others as they stand there: what looks like markup is none, and a file's name cannot steer the terminal."""
    return Text("".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text))


def show_status(status: Status, *, as_json: bool) -> None:
    """Doors, cases, letters."""
    if as_json:
        _json(status)
        return
    console = Console()
    if not status.running:
        console.print(Text("No gateway answers at the operators' address; the counts are from its store.", style="yellow"))
    cases = _table("Cases", ("channel", "door"), ("came", *STEPS, "diff"))
    letters = _table("Letters", ("channel",), LETTER_STEPS)
    for name in sorted({*status.tally.received, *status.channels}):
        cases.add_row(name, _door(status.channels.get(name)), *_counts(status, name))
        standing = status.tally.letters.get(name, {})
        letters.add_row(name, *(str(standing.get(step, 0)) for step in LETTER_STEPS))
    console.print(cases, letters)
    for step, since in status.tally.oldest.items():
        console.print(f"oldest {step}: {_ago(since)}")


def _table(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    """Narrow enough for a terminal of 80 columns."""
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in left:
        table.add_column(heading)
    for heading in right:
        table.add_column(heading, justify="right")
    return table


def _door(state: object) -> Text:
    up = state.get("up") if isinstance(state, Mapping) else None
    return Text("up", style="green") if up else Text("?" if up is None else "down", style="dim" if up is None else "bold red")


def _counts(status: Status, name: str) -> list[str | Text]:
    cases, received = status.tally.cases.get(name, {}), status.tally.received.get(name, 0)
    difference = received - sum(cases.values())
    style = "bold red" if difference else "green"
    return [str(received), *(str(cases.get(step, 0)) for step in STEPS), Text(str(difference), style=style)]


def show_cases(cases: Sequence[Case], step: Step, *, as_json: bool) -> None:
    """A line for each."""
    if as_json:
        _json([_plain(case) for case in cases])
        return
    table = Table(title=f"{len(cases)} {step}")
    for heading in ("reference", "channel", "came", "why", "words"):
        table.add_column(heading, overflow="fold")
    for case in cases:
        words = case.words.splitlines()[-1] if case.words else ""
        table.add_row(case.reference, case.arrival.channel, _ago(case.arrival.received_at), case.code, cell(masked(words)))
    Console().print(table)


def show_life(life: Life, *, as_json: bool, raw: bool = False) -> None:
    """One case from the wire to the last letter; `raw` shows the bytes as they came."""
    if as_json:
        record = msgspec.json.decode(life.record) if life.record else None
        letters = [{"kind": each.letter.kind, **_letter(each)} for each in life.letters]
        _json({**_plain(life.case, raw=raw), "record": record, "letters": letters, "acts": life.acts})
        return
    case, console = life.case, Console()
    table = Table(title=f"Case {case.reference}", show_header=False)
    for name, value in _plain(case, raw=raw).items():
        if value not in ("", None, [], False):
            table.add_row(name, cell(masked(str(value)) if name == "words" else _shown(value)))
    for state in life.letters:
        told = ", ".join(f"{name} {_shown(value)}" for name, value in _letter(state).items() if value)
        table.add_row(f"letter: {state.letter.kind}", cell(told))
    for act in life.acts:
        table.add_row(cell(f"{act.act} by {act.by}"), cell(f"{_shown(act.at)} {masked(act.words)}"))
    console.print(table)


def _plain(case: Case, *, raw: bool = False) -> dict[str, object]:
    registration = case.registration
    plain: dict[str, object] = {
        "reference": case.reference, "case_id": case.case_id, "channel": case.arrival.channel, "step": case.step,
        "received_at": case.arrival.received_at, "attempts": case.attempts, "due": case.due, "unsure": case.unsure, "code": case.code,
        "words": case.words, "parts": [part.index for part in case.parts],
        "files": [f"{each.name} ({each.media_type}, {each.size} bytes)" for each in case.files],
        "tracking_id": registration.tracking_id if registration else None,
        "registered_at": registration.registered_at if registration else None, "url": registration.url if registration else None,
    }  # fmt: skip
    if raw:
        plain["raw"] = [part.raw.hex() for part in case.parts] or case.arrival.raw.hex()
    return plain


def _letter(state: LetterState) -> dict[str, object]:
    return {name: getattr(state, name) for name in ("step", "attempts", "created_at", "code", "words", "receipt")}


def _shown(value: object) -> str:
    """Times as the machine's clock on the wall shows them; JSON has them in UTC."""
    return f"{value.astimezone():%Y-%m-%d %H:%M:%S %Z}" if isinstance(value, datetime) else str(value)


def _ago(since: datetime) -> str:
    seconds = int((datetime.now(UTC) - since).total_seconds())
    for name, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {name} ago"
    return f"{max(seconds, 0)} s ago"


def _json(found: object) -> None:
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
