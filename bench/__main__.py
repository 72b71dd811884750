"""`python -m bench`: measure everything that is promised of SMS, side by side with Kannel, and print it.

In: a few words on the command line. Out: Markdown on standard output, a line of JSON for each run on standard error. It writes below
`var/` and leaves nothing there.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import uvloop

from bench import backlog, kannel, kin, machine, record, smtp, table, web
from bench.flush import compiled
from bench.measure import Bench, Plan, Summary, turns
from bench.peers import GATEWAY, KANNEL
from bench.smsc import Load

#: messages of a burst, and of one for a peer that flushes or files each
BURST, QUICK_BURST, SPOOL_SHARE = 20_000, 2_000, 4
STEADY_PER_S, STEADY_S, HALF_S = 400.0, 15.0, 10.0
SLOWER_MS = 2.0
MILLION = 1_000_000


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="The gateway's speed, beside Kannel's, on this machine.")
    parser.add_argument("--rounds", type=int, default=3, help="how often each peer has its turn (default: 3)")
    parser.add_argument("--count", type=int, default=BURST, help=f"messages of a burst (default: {BURST})")
    parser.add_argument("--quick", action="store_true", help="one round of small bursts, to see that everything runs")
    parser.add_argument("--only", default="", help="loads whose title has these words, such as 'window 10'")
    parser.add_argument("--alone", action="store_true", help="leave Kannel out")
    parser.add_argument("--million", action="store_true", help="a million waiting cases too, which takes some minutes")
    parser.add_argument("--waiting", type=int, default=MILLION, help="so many instead of a million")
    parser.add_argument("--folder", type=Path, default=Path("var"), help="on the disk that is measured (default: var)")
    return parser.parse_args()


def plans(count: int, seconds: float, rivals: list[str]) -> list[Plan]:
    """The loads for which nothing need be known before."""
    everybody = [*GATEWAY, *rivals]
    steady, easy = (Load(count=int(rate * seconds), rate=rate) for rate in (STEADY_PER_S, STEADY_PER_S / 2))
    return [
        *(Plan(title=table.BURST, peer=peer, load=Load(count=_count(peer, count))) for peer in everybody),
        *(Plan(title=table.NARROW, peer=peer, load=Load(count=_count(peer, count), window=10)) for peer in everybody),
        *(Plan(title=table.SLOW, peer=peer, load=Load(count=count), flush_ms=SLOWER_MS) for peer in GATEWAY),
        *(Plan(title=table.STEADY, peer=peer, load=steady) for peer in (*GATEWAY, *(r for r in rivals if r == table.RIVAL))),
        *(Plan(title=table.EASY, peer=peer, load=easy) for peer in GATEWAY),
    ]


def _count(peer: str, count: int) -> int:
    return count // SPOOL_SHARE if KANNEL.get(peer) == "spool" else count


def halves(summaries: list[Summary], seconds: float) -> list[Plan]:
    """Each of our ways to run at half of what it acknowledged in a burst."""
    rates = {s.plan.peer: s.ack_per_s / 2 for s in summaries if s.plan.title == table.BURST and s.plan.peer in GATEWAY}
    return [Plan(title=table.HALF, peer=peer, load=Load(count=int(rate * seconds), rate=rate)) for peer, rate in rates.items()]


async def everything(given: argparse.Namespace, bench: Bench) -> None:
    """Measure and print, in the order of the table."""
    rounds, count, shrink = (1, QUICK_BURST, 0.2) if given.quick else (given.rounds, given.count, 1.0)
    rivals = list(KANNEL) if not given.alone and kannel.installed() else []
    chosen = [plan for plan in plans(count, STEADY_S * shrink, rivals) if given.only in plan.title]
    if bench.library is None:
        print("# no C compiler: flushes are neither counted nor slowed down", file=sys.stderr)
        chosen = [plan for plan in chosen if not plan.flush_ms]
    summaries = await turns(chosen, rounds, bench)
    if given.only in table.HALF:
        summaries += await turns(halves(summaries, HALF_S * shrink), rounds, bench)
    wanted = table.targets(table.Seen(summaries))
    wanted += record.targets()
    if given.million:
        wanted += waiting(await backlog.measured(given.waiting, bench))
    print(f"{machine.described()}\n\n{table.results(summaries)}\n\n{table.promises(wanted)}")
    if given.only in web.TITLE:
        print(f"\n{web.results(await web.turns(min(count, web.COUNT), rounds, bench.folder))}")
    if given.only in kin.TITLE:
        print(f"\n{await asyncio.to_thread(kin.told, kin.QUICK if given.quick else kin.COUNT, bench.folder)}")
    if given.only in smtp.TITLE:
        print(f"\n{await asyncio.to_thread(smtp.told, rounds, 0.1 if given.quick else 1.0, bench.folder)}")


def waiting(seen: backlog.Backlog) -> list[table.Target]:
    """What a backlog was seen to cost."""
    print(msgspec.json.encode(seen).decode(), file=sys.stderr, flush=True)
    growth = seen.claim_ms / seen.claim_few_ms
    return [
        table.Target(what=f"memory with {seen.waiting:,} cases waiting, peak", wanted=300, seen=seen.peak_mb, unit="MiB", low=True),
        table.Target(what=f"a claim with {seen.waiting:,} waiting, to one with {backlog.FEW:,}", wanted=1.5, seen=growth, low=True),
    ]


def main() -> None:
    """The benchmark, in a folder that is gone afterwards."""
    given = arguments()
    given.folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=given.folder.resolve(), prefix="bench-") as name:
        bench = Bench(folder=Path(name), library=compiled(Path(name)), quiet_s=1.0 if given.quick else 15.0)
        uvloop.run(everything(given, bench))


if __name__ == "__main__":
    main()
