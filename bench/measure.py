"""One run of one peer under one load, and many runs in turn.

In: plans. Out: results, of which the medians count. A run beside which somebody else used the machine is marked and made again, a few
times at most; where every run was disturbed the table says so.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from bench import machine, peers
from bench.flush import Flushes
from bench.smsc import Figures, Load, Operator

#: messages before the clock runs, so that nothing is measured that happens once
WARM, WARM_WINDOW = 300, 50
BIND_S, PATIENCE_S = 60.0, 120.0
#: how often a disturbed run is made in all
TRIES = 3


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be measured: a row of the table."""

    title: str
    peer: str
    load: Load
    #: what every flush takes longer, for a disk that is slower than this one
    flush_ms: float = 0.0


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """What the runs share."""

    #: on the disk that is measured
    folder: Path
    #: counts and delays flushes; None where it cannot be built
    library: Path | None
    #: how long to wait for a quiet machine, and for a peer to calm down after its bind, in seconds
    quiet_s: float = 15.0
    settle_s: float = 1.0


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A run; memory in MiB."""

    plan: Plan
    figures: Figures
    cpu_ms: float
    #: after the bind, and after the run
    idle_mb: float
    run_mb: float
    #: for each thousand messages; None when nothing counts them
    flushes: float | None
    #: messages that the ledger saw, of those that were sent
    registered: int
    foreign_cores: float

    @property
    def disturbed(self) -> bool:
        """Whether somebody else used the machine."""
        return self.foreign_cores > machine.FOREIGN_CORES


async def once(plan: Plan, bench: Bench) -> Result:
    """Start the peer and its ledger, warm it up, measure, stop both."""
    operator = Operator()
    smsc = await operator.listen()
    with TemporaryDirectory(dir=bench.folder, prefix="run-") as name:
        folder = Path(name)
        flushes = Flushes(bench.library, folder / "flushes", plan.flush_ms) if bench.library else None
        ledger = await asyncio.to_thread(peers.Ledger, folder)
        try:
            place = peers.Place(folder=folder, smsc=smsc, ledger=ledger.port, flushes=flushes)
            peer = await asyncio.to_thread(peers.start, plan.peer, place)
            try:
                return await _measured(plan, bench, operator=operator, ledger=ledger, peer=peer, flushes=flushes)
            finally:
                await asyncio.to_thread(peer.stop)
        finally:
            ledger.process.stop()
            await operator.close()


async def _measured(
    plan: Plan, bench: Bench, *, operator: Operator, ledger: peers.Ledger, peer: peers.Peer, flushes: Flushes | None
) -> Result:
    def now() -> machine.Reading:
        return machine.reading(time.process_time() + peer.cpu_s() + machine.cpu_s(ledger.process.pid))

    async with asyncio.timeout(BIND_S):
        await operator.bound.wait()
    await asyncio.sleep(bench.settle_s)
    idle_mb = peer.memory_mb()
    first = plan.load.first + WARM
    await operator.drive(Load(count=WARM, first=plan.load.first, window=WARM_WINDOW), PATIENCE_S)
    before, cpu, flushed = now(), peer.cpu_s(), flushes.count() if flushes else 0
    figures = await operator.drive(msgspec.structs.replace(plan.load, first=first), PATIENCE_S)
    after, count = now(), plan.load.count
    return Result(
        plan=plan,
        figures=figures,
        cpu_ms=(peer.cpu_s() - cpu) / count * 1000,
        idle_mb=idle_mb,
        run_mb=peer.memory_mb(),
        flushes=(flushes.count() - flushed) / count * 1000 if flushes else None,
        registered=(await asyncio.to_thread(ledger.counts)).messages - WARM,
        foreign_cores=after.foreign_cores(before),
    )


async def undisturbed(plan: Plan, bench: Bench) -> Result:
    """The first run beside which nobody else used the machine; the least disturbed one when there is none."""
    tried: list[Result] = []
    while not tried or (tried[-1].disturbed and len(tried) < TRIES):
        await machine.quiet(bench.quiet_s)
        tried.append(await once(plan, bench))
        print(msgspec.json.encode(tried[-1]).decode(), file=sys.stderr, flush=True)
    return min(tried, key=lambda result: result.foreign_cores)


async def turns(plans: Sequence[Plan], rounds: int, bench: Bench) -> list[Summary]:
    """A B C A B C …, so that a machine that changes its mood changes it for all; a summary for each plan, in their order."""
    results = [[await undisturbed(plan, bench) for plan in plans] for _ in range(rounds)]
    return [Summary.of([turn[place] for turn in results]) for place in range(len(plans))]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Medians over the runs of a plan; see `Figures` and `Result` for their units."""

    plan: Plan
    runs: int
    #: how many of them were disturbed; they count only when all were
    disturbed: int
    #: messages that never came back, in all runs that count: unacknowledged, unanswered, or unknown to the ledger
    missing: int
    ack_per_s: float
    answer_per_s: float
    ack_p50_ms: float
    ack_p99_ms: float
    answer_p50_ms: float
    answer_p99_ms: float
    cpu_ms: float
    idle_mb: float
    run_mb: float
    flushes: float | None

    @classmethod
    def of(cls, results: Sequence[Result]) -> Summary:
        """Of at least one run."""
        calm = [result for result in results if not result.disturbed] or results
        figures = [result.figures for result in calm]
        flushes = [result.flushes for result in calm if result.flushes is not None]
        return cls(
            plan=results[0].plan,
            runs=len(results),
            disturbed=sum(result.disturbed for result in results),
            missing=sum(r.plan.load.count - min(r.figures.acknowledged, r.figures.answered, r.registered) for r in calm),
            ack_per_s=statistics.median(figure.ack_per_s for figure in figures),
            answer_per_s=statistics.median(figure.answer_per_s for figure in figures),
            ack_p50_ms=_median([figure.ack_p50_ms for figure in figures]),
            ack_p99_ms=_median([figure.ack_p99_ms for figure in figures]),
            answer_p50_ms=_median([figure.answer_p50_ms for figure in figures]),
            answer_p99_ms=_median([figure.answer_p99_ms for figure in figures]),
            cpu_ms=statistics.median(result.cpu_ms for result in calm),
            idle_mb=statistics.median(result.idle_mb for result in calm),
            run_mb=statistics.median(result.run_mb for result in calm),
            flushes=statistics.median(flushes) if flushes else None,
        )


def _median(values: Sequence[float | None]) -> float:
    """Without those that have none; infinite when nobody has one."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else float("inf")
