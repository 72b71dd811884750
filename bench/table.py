"""Results as Markdown: a table of what was measured, and one of what was promised.

In: summaries of one run of the benchmark. Out: lines. It compares only what was measured in the same run.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec

from bench.measure import Summary
from bench.peers import GATEWAY

BURST, NARROW, SLOW, STEADY, HALF = "window 100", "window 10", "window 100, each flush + 2 ms", "400/s", "half of its own burst"
#: half of the steady load
EASY = "200/s"
RIVAL = "Kannel, file"

HEAD = (
    "load", "peer", "acknowledged/s", "answered/s", "ack p50 / p99 ms", "answer p50 / p99 ms", "CPU ms a message", "RSS MiB",
    "flushes per 1,000", "missing", "runs",
)  # fmt: skip


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A promise beside what was seen; `low` says that less is better. Nothing seen is None."""

    what: str
    wanted: float
    seen: float | None
    unit: str = "×"
    low: bool = False

    def row(self) -> list[str]:
        """Its line in the table."""
        sign = "≤" if self.low else "≥"
        if self.seen is None:
            return [self.what, f"{sign} {self.wanted:g} {self.unit}", "not measured", ""]
        met = self.seen <= self.wanted if self.low else self.seen >= self.wanted
        off = abs(self.seen / self.wanted - 1)
        return [self.what, f"{sign} {self.wanted:g} {self.unit}", f"{self.seen:.3g} {self.unit}", "met" if met else f"missed by {off:.0%}"]


def results(summaries: Iterable[Summary]) -> str:
    """What was measured, a row for each plan."""
    rows = []
    for s in summaries:
        runs = f"{s.runs}" if not s.disturbed else f"{s.runs}, {s.disturbed} disturbed"
        rows.append([
            s.plan.title, s.plan.peer, f"{s.ack_per_s:,.0f}", f"{s.answer_per_s:,.0f}", f"{_ms(s.ack_p50_ms)} / {_ms(s.ack_p99_ms)}",
            f"{_ms(s.answer_p50_ms)} / {_ms(s.answer_p99_ms)}", f"{s.cpu_ms:.3f}", f"{s.idle_mb:.0f} → {s.run_mb:.0f}",
            "not counted" if s.flushes is None else f"{s.flushes:.1f}", f"{s.missing}", runs,
        ])  # fmt: skip
    return markdown(HEAD, rows)


def _ms(value: float) -> str:
    return "none" if math.isinf(value) else f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def promises(targets: Iterable[Target]) -> str:
    """What was promised, a row for each."""
    return markdown(("target", "wanted", "seen", ""), [target.row() for target in targets])


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


class Seen:
    """The summaries by load and peer."""

    def __init__(self, summaries: Iterable[Summary]) -> None:
        self._rows = {(s.plan.title, s.plan.peer): s for s in summaries}

    def ratio(self, title: str, field: str) -> float | None:
        """The best of our ways to run, to Kannel's file store."""
        rival = self._rows.get((title, RIVAL))
        best = self.best(title, field, most=True)
        return best / getattr(rival, field) if rival is not None and best is not None and getattr(rival, field) else None

    def slowed(self, field: str) -> float | None:
        """With slower flushes to without, each as the best of our ways to run."""
        slow, normal = self.best(SLOW, field, most=True), self.best(BURST, field, most=True)
        return slow / normal if slow is not None and normal else None

    def half_p99_ms(self) -> float | None:
        """Of that way to run which acknowledges more in a burst, so that a slower one does not win by its smaller half."""
        ours = [row for peer in GATEWAY if (row := self._rows.get((BURST, peer))) is not None]
        fastest = max(ours, key=lambda row: row.ack_per_s, default=None)
        half = self._rows.get((HALF, fastest.plan.peer)) if fastest is not None else None
        return half.ack_p99_ms if half is not None else None

    def best(self, title: str, field: str, *, most: bool = False) -> float | None:
        """The best of our ways to run."""
        values = [float(getattr(row, field)) for peer in GATEWAY if (row := self._rows.get((title, peer))) is not None]
        if not values:
            return None
        return max(values) if most else min(values)


def targets(seen: Seen) -> list[Target]:
    """Those that a round trip shows."""
    return [
        Target(what=f"{BURST}: acknowledged, to {RIVAL}", wanted=3, seen=seen.ratio(BURST, "ack_per_s")),
        Target(what=f"{BURST}: answered, to {RIVAL}", wanted=2, seen=seen.ratio(BURST, "answer_per_s")),
        Target(what=f"{NARROW}: acknowledged, to {RIVAL}", wanted=1, seen=seen.ratio(NARROW, "ack_per_s")),
        Target(what=f"{NARROW}: answered, to {RIVAL}", wanted=1, seen=seen.ratio(NARROW, "answer_per_s")),
        Target(what="each flush + 2 ms: acknowledged, to without", wanted=0.6, seen=seen.slowed("ack_per_s")),
        Target(what="each flush + 2 ms: answered, to without", wanted=0.6, seen=seen.slowed("answer_per_s")),
        Target(what=f"{STEADY}: answer p50", wanted=5, seen=seen.best(STEADY, "answer_p50_ms"), unit="ms", low=True),
        Target(what=f"{STEADY}: answer p99", wanted=15, seen=seen.best(STEADY, "answer_p99_ms"), unit="ms", low=True),
        Target(what=f"{EASY}: acknowledgement p99", wanted=20, seen=seen.best(EASY, "ack_p99_ms"), unit="ms", low=True),
        Target(what=f"{HALF}: acknowledgement p99", wanted=20, seen=seen.half_p99_ms(), unit="ms", low=True),
        Target(what="memory without a backlog, before a run", wanted=90, seen=seen.best(BURST, "idle_mb"), unit="MiB", low=True),
        Target(what="memory without a backlog, after a burst", wanted=90, seen=seen.best(BURST, "run_mb"), unit="MiB", low=True),
    ]
