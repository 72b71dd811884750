"""`python -m chaos`: a run, its table, and exit status 0 when nothing was lost, doubled or left without an answer.

In: how many messages and faults, a seed. Out: what became of them, for people on standard output, for programs in verdict.json; the book
of the run stays in its folder.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
import tempfile
import time
from pathlib import Path

from chaos import hosts
from chaos.run import PATIENCE_S, Plan, Run


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--faults", type=int, default=40)
    parser.add_argument("--store", choices=("sqlite", "redis"), default="sqlite")
    parser.add_argument("--seed", type=int, default=0, help="which faults, in which order; 0 draws one")
    parser.add_argument("--folder", type=Path, help="an empty one for the book of the run; one is made when it is left out")
    parser.add_argument("--patience", type=float, default=PATIENCE_S, help="seconds without any progress after which the run is judged")
    parser.add_argument("--minutes", type=float, default=math.inf, help="send nothing more after so many; what was sent is judged")
    parser.add_argument("--kinds", default="", help="only faults whose names have this in them")
    given = parser.parse_args()
    hosts.go_apart()
    apart = hosts.apart()
    if not apart:
        print("no namespaces of its own (neither root nor user namespaces): no full disk, no network that is cut")
    folder = given.folder or Path(tempfile.mkdtemp(prefix="chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    seed = given.seed or time.time_ns() % 1_000_000 + 1
    print(f"--seed {seed} --folder {folder}", flush=True)
    began = time.monotonic()
    plan = Plan(given.messages, given.faults, seed, folder, given.store, apart, given.patience, given.kinds, given.minutes)
    verdict = asyncio.run(Run(plan).go())
    print(f"\n{verdict.table()}\n{time.monotonic() - began:.0f} s; {'clean' if verdict.clean else f'WRONG: {verdict.wrong}'}")
    told = {"clean": verdict.clean, "seed": seed, "facts": verdict.how_hard, "faults": verdict.faults, "wrong": verdict.must_be_nought}
    (folder / "verdict.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    return 0 if verdict.clean else 1


if __name__ == "__main__":
    sys.exit(main())
