"""`python -m evaluation`: read the labelled messages and print how well that went.

In: a few words on the command line. Out: Markdown on standard output. The misses of the test half are never shown: who sees them would
mend just these.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from config.settings import load
from evaluation import scenarios, table
from evaluation.messages import Half, Labelled, inbound, labelled
from evaluation.score import scored
from gateway.outfit import rules
from normalizer.complaint import Complaint
from normalizer.normalize import normalize
from normalizer.rules import Rules

SETTINGS = Path(__file__).parent / "gateway.toml"


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line says. Raises SystemExit for what it cannot mean."""
    parser = argparse.ArgumentParser(prog="python -m evaluation", description="Precision and recall of what the normalizer infers.")
    parser.add_argument("--half", choices=("tune", "test", "both"), default="both", help="which messages (default: both)")
    parser.add_argument("--show", action="store_true", help="name each miss; of the tune half only")
    given = parser.parse_args(words)
    if given.show and given.half != "tune":
        parser.error("--show is for --half tune: the test half stays unseen")
    return given


def read(half: Half, reading: Rules) -> list[tuple[Labelled, Complaint]]:
    """Each message of a half with the record that the normalizer makes of it. Raises ValueError for a broken file."""
    return [(one, normalize(inbound(one), case_id="1", reference="7K3Q-9FXM-2CH4", rules=reading)) for one in labelled(half)]


def told(half: Half, reading: Rules, *, show: bool) -> str:
    """The tables of one half."""
    pairs, histories = read(half, reading), list(scenarios.scenarios(half))
    sheet = scored(pairs)
    links, broken = scenarios.scored(histories, reading)
    parts = [
        f"## {half}: {len(pairs)} messages, {len(histories)} histories",
        table.promised(table.targets(sheet, links)),
        table.fields(sheet),
        table.links(links),
        table.sliced(sheet.doors, "door"),
        table.sliced(sheet.languages, "language"),
        table.sliced(sheet.traps, "trap"),
    ]
    if show:
        texts = {one.id: one.text for one, _ in pairs} | {one.id: one.about for one in histories}
        parts.append(table.misses([*sheet.misses, *broken], texts))
    return "\n\n".join(parts)


def main(words: Sequence[str] | None = None) -> None:
    """Both halves, or one; exit 1 only when a file is broken."""
    given = arguments(words)
    reading = rules(load(SETTINGS, {}))
    halves: tuple[Half, ...] = ("tune", "test") if given.half == "both" else (given.half,)
    try:
        print("\n\n".join(told(half, reading, show=given.show) for half in halves))
    except ValueError as error:
        sys.exit(f"evaluation: {error}")


if __name__ == "__main__":
    main()
