"""A ledger that has been away for five days and comes back: does intake notice, and do the cases go in the order in which they came?

    python -m bench.outage [--waiting 100000]

In: how many wait. Out: how long a yes took while the ledger was away, while the backlog drained, and afterwards; how fast and in which
order it drained. The days are in the cases, which were put into the store as if they had come over five of them; the outage itself lasts
some seconds, and what it costs a day follows from how often the gateway asks.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import uvloop

from bench import machine, peers
from bench.measure import BIND_S, PATIENCE_S
from bench.smsc import Figures, Load, Operator, deliver_sm
from bench.table import markdown
from channels.base import Arrival
from gateway.store.base import Store
from gateway.store.sqlite import opened
from normalizer.reference import mint

KEY = b"only for measuring an outage"
WAITING, DAYS = 100_000, 5
#: puts that are given to the store at once
TOGETHER = 2_000
#: messages a second that go on coming, and for how many seconds each phase but the draining lasts
RATE, PHASE_S = 50.0, 20.0
#: how long the ledger is away before anything is measured, and how often it is looked whether all have drained, in seconds
AWAY_S, LOOK_S = 10.0, 0.5
ENDLESS = 10_000_000


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen."""

    waiting: int
    away: Figures
    draining: Figures
    after: Figures
    #: calls in the outage, and its seconds
    calls: int
    away_s: float
    #: seconds until the first case was registered after the ledger was back, and from then until the last had drained
    noticed_s: float
    drain_s: float
    #: of those that waited: how many are registered, and how far the worst of them was from its place, and the middle one
    registered: int
    farthest: int
    middle: int
    #: how often a registered one came again
    repeats: int
    #: by number of attempts: how many of those that waited
    attempts: dict[int, int]
    foreign_cores: float


async def measured(waiting: int, folder: Path, *, phase_s: float = PHASE_S, away_s: float = AWAY_S) -> Outage:
    """Takes about three minutes for a hundred thousand."""
    with TemporaryDirectory(dir=folder, prefix="outage-") as name:
        place = Path(name)
        (place / "var").mkdir()
        await _filled(place / "var" / "gateway.db", waiting)
        operator = Operator()
        smsc = await operator.listen()
        ledger = await asyncio.to_thread(peers.Ledger, place)
        try:
            ledger.go("away")
            began = time.perf_counter()
            peer = await asyncio.to_thread(peers.start, "gateway", peers.Place(folder=place, smsc=smsc, ledger=ledger.port))
            try:
                async with asyncio.timeout(BIND_S):
                    await operator.bound.wait()
                await asyncio.sleep(away_s)
                return await _watched(waiting, phase_s, began, operator=operator, ledger=ledger, peer=peer, folder=place)
            finally:
                await asyncio.to_thread(peer.stop)
        finally:
            ledger.process.stop()
            await operator.close()


async def _watched(
    waiting: int, phase_s: float, began: float, *, operator: Operator, ledger: peers.Ledger, peer: peers.Peer, folder: Path
) -> Outage:
    def now() -> machine.Reading:
        return machine.reading(time.process_time() + peer.cpu_s() + machine.cpu_s(ledger.process.pid))

    before, count = now(), int(RATE * phase_s)
    away = await operator.drive(Load(count=count, first=waiting, rate=RATE), phase_s + 1)
    calls, away_s = ledger.counts().calls, time.perf_counter() - began
    ledger.go("back")
    back = time.perf_counter()
    driving = asyncio.create_task(operator.drive(Load(count=ENDLESS, first=waiting + count, rate=RATE), 3600.0))
    noticed_s = 0.0
    while (registered := (await asyncio.to_thread(ledger.counts)).registered) < waiting + count:
        noticed_s = noticed_s if registered else time.perf_counter() - back
        await asyncio.sleep(LOOK_S)
    drain_s, run = time.perf_counter() - back - noticed_s, operator.run
    draining = run.figures() if run is not None else away
    driving.cancel()
    await asyncio.wait((driving,))
    after = await operator.drive(Load(count=count, first=waiting + count + draining.sent + 1000, rate=RATE), PATIENCE_S)
    foreign = now().foreign_cores(before)
    await asyncio.to_thread(peer.stop)
    order = [serial for serial in ledger.order() if serial < waiting]
    displaced = sorted(abs(serial - place) for place, serial in enumerate(order))
    return Outage(
        waiting=waiting, away=away, draining=draining, after=after, calls=calls, away_s=away_s, noticed_s=noticed_s, drain_s=drain_s,
        registered=len(order), farthest=displaced[-1], middle=displaced[len(displaced) // 2], repeats=ledger.counts().repeats,
        attempts=_attempts(folder / "var" / "gateway.db", waiting), foreign_cores=foreign,
    )  # fmt: skip


async def _filled(path: Path, count: int) -> None:
    """As intake would have over five days, and every sender has heard that it is safe."""
    async with opened(path, most_letters=5) as store:
        for first in range(0, count, TOGETHER):
            await asyncio.gather(*(_put(store, serial, count) for serial in range(first, min(first + TOGETHER, count))))
        while waiting := await store.unanswered(datetime.now(UTC), TOGETHER):
            await store.comfort(waiting, [])


def _put(store: Store, serial: int, count: int) -> asyncio.Future[object]:
    identity = f"{serial:032x}"
    at = datetime.now(UTC) - timedelta(days=DAYS) * (1 - serial / count)
    arrival = Arrival(channel="bench", source_id=identity, raw=deliver_sm(serial % 2**31, serial), received_at=at)
    return asyncio.ensure_future(store.put(arrival, partial(mint, KEY, "bench", identity)))


def _attempts(path: Path, waiting: int) -> dict[int, int]:
    """Of those that had waited."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        sql = "SELECT attempts, count(*) FROM cases WHERE id<=? GROUP BY attempts ORDER BY attempts"
        return dict(db.execute(sql, (waiting,)))


def results(seen: Outage) -> str:
    """As Markdown."""
    rows = [
        [name, f"{figures.sent}", f"{figures.acknowledged}", f"{figures.ack_p50_ms} / {figures.ack_p99_ms}"]
        for name, figures in (("away", seen.away), ("draining", seen.draining), ("after", seen.after))
    ]
    facts: Sequence[tuple[str, str]] = (
        ("waited, and are registered", f"{seen.waiting:,}, {seen.registered:,}"),
        ("registered twice", f"{seen.repeats}"),
        ("noticed that the ledger was back", f"after {seen.noticed_s:.0f} s"),
        ("drained in", f"{seen.drain_s:.0f} s, {seen.waiting / seen.drain_s:,.0f}/s"),
        ("places from its own: the middle one, the farthest", f"{seen.middle}, {seen.farthest}"),
        ("attempts: cases", ", ".join(f"{attempts}: {cases:,}" for attempts, cases in seen.attempts.items())),
        ("calls while it was away", f"{seen.calls} in {seen.away_s:.0f} s"),
        ("cores that others used", f"{seen.foreign_cores:.2f}"),
    )
    return f"{markdown((f'the ledger is … ({RATE:g} SMS/s)', 'sent', 'acknowledged', 'ack p50 / p99 ms'), rows)}\n\n" + markdown(
        ("of the backlog", "seen"), [list(fact) for fact in facts]
    )


def main() -> None:
    """A run, in a folder below `var/` that is gone afterwards."""
    parser = argparse.ArgumentParser(prog="python -m bench.outage", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--waiting", type=int, default=WAITING)
    parser.add_argument("--folder", type=Path, default=Path("var"), help="on the disk that is measured (default: var)")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    seen = uvloop.run(measured(given.waiting, given.folder.resolve()))
    print(msgspec.json.encode(seen).decode(), file=sys.stderr, flush=True)
    print(f"{machine.described()}\n\n{results(seen)}")


if __name__ == "__main__":
    main()
