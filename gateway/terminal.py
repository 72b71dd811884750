"""What operators see in a terminal: tables that a person can read, or JSON for programs.

In: what `gateway.view` lets them see. Out: lines on standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from gateway import view
from gateway.console.access.accounts import Account
from gateway.controlling import Standing
from gateway.desk import Status
from gateway.migrate import Moved
from gateway.printing import show
from gateway.reports.figures import Report
from gateway.reports.table import Paper, written
from gateway.reports.wording import Wording
from gateway.store.lists import Lost
from gateway.store.record import DEFAULT, STEPS, LetterStep, Step, Tally
from gateway.view import Seen
from gateway.worklist import Waiting, Work

#: in the order in which a case walks
LETTER_STEPS: tuple[LetterStep, ...] = ("send", "sent", "failed", "parked", "muted")

#: of a store that does not answer
NOTHING = Tally(received={}, cases={}, oldest={}, letters={})

#: above and below what is to be pasted
_RULE = "-" * 72


def cell(text: str) -> Text:
    """Words of others as they stand there: what looks like markup is none, and a file's name cannot steer the terminal."""
    return Text("".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text))


def show_status(status: Status, *, as_json: bool) -> None:
    """Doors, cases, letters."""
    if as_json:
        _json(status)
        return
    tally = status.tally or NOTHING
    kept = {lease.name for lease in status.leases}
    if status.tally is None:
        show(Text(f"The store does not answer; what comes waits in the spool. {status.why}", style="bold red"))
    if not status.running:
        show(Text("No gateway answers at the operators' address; the counts are from its store.", style="yellow"))
    cases = _table("Cases", ("channel", "door"), ("came", *STEPS, "diff"))
    letters = _table("Letters", ("channel",), LETTER_STEPS)
    for name in sorted({*tally.received, *status.channels}):
        cases.add_row(name, _door(status.channels.get(name), name in kept), *_counts(tally, name))
        standing = tally.letters.get(name, {})
        letters.add_row(name, *(str(standing.get(step, 0)) for step in LETTER_STEPS))
    show(cases, letters)
    for lease in status.leases:
        show(Text(f"{lease.name}: kept by {lease.holder}"))
    for step, since in tally.oldest.items():
        show(f"oldest {step}: {_ago(since)}")
    if status.spool.waiting:
        waiting = ", ".join(f"{name} {n}" for name, n in sorted(status.spool.waiting.items()))
        show(f"in the spool, waiting for the store: {waiting}")
    if status.spool.torn:
        words = f"in quarantine: {status.spool.torn} files of the spool in which something could not be read; docs/flow.md says what to do"
        show(Text(words, style="bold red"))
    if tally.copied_s is not None:
        show(f"copied by hand: {_span(tally.copied_s)} from the message to its number (the middle one of the last 100)")


def show_channels(standing: Sequence[Standing], *, as_json: bool) -> None:
    """What is wanted of each channel."""
    if as_json:
        _json([{**msgspec.to_builtins(each), "mode": each.mode} for each in standing])
        return
    table = _table("Channels", ("channel", "wanted", "since", "by"), ("rate", "letters"))
    for each in standing:
        wish = each.wish
        style = "" if wish.mode == "open" else "bold yellow"
        rate = f"{wish.rate:g}/s" if wish.rate is not None else ""
        table.add_row(
            each.name, Text(each.mode, style=style), _ago(wish.since) if wish.since else "", cell(wish.by), rate, str(each.letters)
        )
    show(table)


def _table(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    """Narrow enough for a terminal of 80 columns: there the headings are folded first, and no name is cut."""
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for heading in left:
        table.add_column(heading, no_wrap=True, overflow="fold")
    for heading in right:
        table.add_column(heading, justify="right", overflow="fold")
    return table


def _door(state: object, kept: bool) -> Text:
    """`kept`: by some process, not necessarily by the one that was asked."""
    if not isinstance(state, Mapping):
        return Text("?", style="dim")
    if (mode := state.get("mode", "open")) != "open":
        return Text(str(mode), style="yellow")
    if state.get("up"):
        return Text("up", style="green")
    return Text("other", style="dim") if kept and state.get("held") is False else Text("down", style="bold red")


def _counts(tally: Tally, name: str) -> list[str | Text]:
    cases, received = tally.cases.get(name, {}), tally.received.get(name, 0)
    difference = received - sum(cases.values())
    style = "bold red" if difference else "green"
    return [str(received), *(str(cases.get(step, 0)) for step in STEPS), Text(str(difference), style=style)]


def show_cases(cases: Sequence[Seen], step: Step, *, as_json: bool) -> None:
    """A line for each; of one for few eyes, where it stands and since when."""
    lines = [view.line(seen) for seen in cases]
    if as_json:
        _json(lines)
        return
    table = Table(title=f"{len(cases)} {step}")
    for heading in ("reference", "channel", "came", "why", "words"):
        table.add_column(heading, overflow="fold")
    for seen, line in zip(cases, lines, strict=True):
        words = "(restricted)" if seen.restricted else str(line["words"]).rpartition("\n")[2]
        table.add_row(seen.case.reference, seen.case.arrival.channel, _ago(seen.case.arrival.received_at), seen.case.code, cell(words))
    show(table)


def show_work(work: Work | None, *, as_json: bool) -> None:
    """A sheet to copy from. Lines are not folded: what is copied from the terminal is what the ledger gets."""
    if as_json or work is None:
        _json(work)
        return
    sheet = work.sheet
    fields = [
        ("Case", f"{work.code}, came {_ago(work.received_at)} through {work.channel}; yours until {_shown(work.until)}"),
        ("Ledger", work.ledger if work.ledger != DEFAULT else ""),
        ("Supplement to", f"#{sheet.supplement_to}" if sheet.supplement_to else ""),
        ("Title", sheet.title),
        ("Sender", " ".join(filter(None, (sheet.sender, sheet.name)))),
        ("Tick", ", ".join([*["Anonim"] * sheet.anonymous, *["Rahasia"] * sheet.confidential])),
        ("Files", f"trace {work.code} --files FOLDER" if any(not file.url for file in sheet.files) else ""),
        *((f"File {nth}", f"{file.name} {file.url}".strip()) for nth, file in enumerate(sheet.files, 1)),
    ]
    head = [f"{name + ':':<15}{cell(value).plain}" for name, value in fields if value]
    number = "" if sheet.supplement_to else " ID"
    block = cell(sheet.block.replace("\t", " ")).plain
    print("\n".join([*head, "", _RULE, block, _RULE, "", f"then: worklist done {work.code}{number}"]))


def show_worklist(waiting: Sequence[Waiting], *, as_json: bool) -> None:
    """A line for each: who has it, and nothing of what it says."""
    if as_json:
        _json(waiting)
        return
    table = Table(title=f"{len(waiting)} to copy")
    for heading in ("code", "channel", "came", "supplement to", "in hand"):
        table.add_column(heading, overflow="fold")
    for each in waiting:
        hand = f"{each.by}, {_ago(each.since)}" if each.since else ""
        table.add_row(each.code, each.channel, _ago(each.received_at), each.tracking_id and f"#{each.tracking_id}", cell(hand))
    show(table)


def show_lost(letters: Sequence[Lost], *, as_json: bool) -> None:
    """A line for each letter: why it did not arrive, and neither its text nor its address."""
    if as_json:
        _json([_lost(each) for each in letters])
        return
    table = Table(title=f"{len(letters)} letters that did not arrive")
    for heading in ("id", "code", "channel", "kind", "written", "why", "words"):
        table.add_column(heading, overflow="fold")
    for each in letters:
        state = each.state
        words = cell(view.words(state.words))
        table.add_row(each.letter_id, each.reference, state.letter.channel, state.letter.kind, _ago(state.created_at), state.code, words)
    show(table)


def _lost(lost: Lost) -> dict[str, object]:
    return {"id": lost.letter_id, "reference": lost.reference, "channel": lost.state.letter.channel, **view.letter(lost.state)}


def show_report(report: Report, paper: Paper, words: Wording, *, as_json: bool) -> None:
    """Figures, tables, what they mean."""
    if as_json:
        _json(report)
        return
    show(Text(f"{paper.title}. {paper.period}. {paper.region}", style="bold"))
    for label, figure in paper.heads:
        show(f"{label}: {figure}")
    for sheet in paper.sheets:
        table = Table(title=sheet.title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
        for column in sheet.columns:
            table.add_column(column.title, justify="left" if column.kind == "label" else "right", overflow="fold")
        for row in sheet.rows:
            table.add_row(*(cell(written(each, column.kind, words)) for each, column in zip(row, sheet.columns, strict=True)))
        show(table)
    for text in (*paper.definitions, paper.source):
        show(Text(text, style="dim"))


def show_operators(accounts: Sequence[Account], *, as_json: bool) -> None:
    """Who may use the console."""
    if as_json:
        _json(accounts)
        return
    table = Table(box=SIMPLE)
    for heading in ("name", "role", "state", "second proof", "last signed in"):
        table.add_column(heading, overflow="fold")
    for each in accounts:
        state = "disabled" if each.off else "another house's" if each.subject else "active" if each.password else "invited"
        seen = _ago(datetime.fromtimestamp(each.seen, UTC)) if each.seen else ""
        table.add_row(each.name, each.role, state, "yes" if each.second else "", seen)
    show(table)


def show_life(life: Mapping[str, Any], *, as_json: bool, text: bool = False) -> None:
    """One case, as `view.life` has it; the table says what it says only when asked for its `text`."""
    if as_json:
        _json(life)
        return
    table = Table(title=f"Case {life['reference']}", show_header=False)
    for _ in ("name", "value"):
        table.add_column(overflow="fold")  # an address that a citizen wrote is longer than the terminal is wide
    for name, value in life.items():
        if name not in {"record", "letters", "enclosures", "events", "acts", "tries"} and value not in ("", None, [], False):
            table.add_row(name, cell(_shown(value)))
    if text and life["record"]:
        table.add_row("from", cell(life["record"]["reporter"]["address"]))
        table.add_row("text", cell(life["record"]["text"]))
    elif text:
        table.add_row("text", f"cannot be read; trace {life['reference']} --files FOLDER writes the bytes as they came")
    for letter in life["letters"]:
        told = ", ".join(f"{name} {_shown(value)}" for name, value in letter.items() if value and name != "kind")
        table.add_row(f"letter: {letter['kind']}", cell(told))
    for file in life["enclosures"]:
        brought = ", ".join(f"{name} {_shown(value)}" for name, value in file.items() if value and name != "number")
        table.add_row(f"file {file['number']} to the ledger", cell(brought))
    for event in life["events"]:
        said = [_shown(event["at"]), event["status"], *(event.get(name, "") for name in ("by", "note"))]
        table.add_row(f"ledger: {event['state']}", cell(", ".join(filter(None, said))))
    for tried in life["tries"]:
        became = tried["code"] or tried["step"]
        table.add_row(f"try {tried['nth']}: {tried['of']}", f"{_shown(tried['at'])}, {tried['took_s']:g} s, {became}")
    for act in life["acts"]:
        table.add_row(cell(f"{act['act']} by {act['by']}"), cell(f"{_shown(act['at'])} {act['words']}"))
    show(table)


def show_moved(moved: Moved, *, as_json: bool) -> None:
    """How much of what has a new place."""
    if as_json:
        _json(moved)
        return
    table = Table(box=SIMPLE)
    for heading in ("moved", "rows"):
        table.add_column(heading, justify="right" if heading == "rows" else "left")
    for name, count in moved.rows.items():
        table.add_row(name, str(count))
    show(table)
    print(f"{moved.source} was moved to {moved.target}, and both were compared case by case; checksum {moved.checksum}.")
    print(f"A gateway starts on {moved.target} alone from now on.")


def _shown(value: object) -> str:
    """Times as the machine's clock on the wall shows them; JSON has them in UTC."""
    return f"{value.astimezone():%Y-%m-%d %H:%M:%S %Z}" if isinstance(value, datetime) else str(value)


def _ago(since: datetime) -> str:
    return f"{_span((datetime.now(UTC) - since).total_seconds())} ago"


def _span(seconds: float) -> str:
    for name, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {name}"
    return f"{max(int(seconds), 0)} s"


def _json(found: object) -> None:
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
