"""A ledger that has been away for days: what a gateway weighs with very many cases waiting, and whether a claim takes longer.

In: how many. Out: the memory of a gateway that was started on them with nobody to call, and how long a claim of a hundred takes with
many and with few waiting. The store is filled through its own door, as intake would.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from bench import peers
from bench.measure import Bench
from bench.smsc import deliver_sm
from channels.base import Arrival
from gateway.store.base import Store
from gateway.store.sqlite import opened
from normalizer.reference import mint

KEY = b"only for measuring backlogs"
#: puts that are given to the store at once
TOGETHER = 2_000
FEW = 1_000
CLAIM, CLAIMS, LEASE_S = 100, 9, 600.0
#: how long the gateway is watched, and how often it is looked at, in seconds
WATCH_S, LOOK_S = 60.0, 1.0


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen."""

    waiting: int
    put_per_s: float
    #: of a gateway that tries to work it off in vain, at its highest
    peak_mb: float
    claim_ms: float
    claim_few_ms: float


async def measured(count: int, bench: Bench) -> Backlog:
    """Takes about a minute for each million, and one more."""
    with TemporaryDirectory(dir=bench.folder, prefix="few-") as few, TemporaryDirectory(dir=bench.folder, prefix="many-") as many:
        await _filled(_database(Path(few)), FEW)
        claim_few_ms = await _claim_ms(_database(Path(few)))
        began = time.perf_counter()
        await _filled(_database(Path(many)), count)
        put_per_s = count / (time.perf_counter() - began)
        peak_mb = await _peak_mb(Path(many))
        claim_ms = await _claim_ms(_database(Path(many)))
        return Backlog(waiting=count, put_per_s=put_per_s, peak_mb=peak_mb, claim_ms=claim_ms, claim_few_ms=claim_few_ms)


def _database(folder: Path) -> Path:
    """Where the settings of `bench.peers` have it."""
    (folder / "var").mkdir(exist_ok=True)
    return folder / "var" / "gateway.db"


async def _filled(path: Path, count: int) -> None:
    async with opened(path, most_letters=5) as store:
        for first in range(0, count, TOGETHER):
            await asyncio.gather(*(put(store, serial) for serial in range(first, min(first + TOGETHER, count))))


def put(store: Store, serial: int, channel: str = "bench") -> asyncio.Future[object]:
    """One SMS, that no other is like."""
    identity = f"{serial:032x}"
    arrival = Arrival(channel=channel, source_id=identity, raw=deliver_sm(serial % 2**31, serial), received_at=datetime.now(UTC))
    return asyncio.ensure_future(store.put(arrival, partial(mint, KEY, channel, identity)))


async def _claim_ms(path: Path) -> float:
    """The median over several claims of a hundred."""
    times = []
    async with opened(path, most_letters=5) as store:
        for _ in range(CLAIMS):
            began = time.perf_counter()
            await store.claim(CLAIM, LEASE_S)
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


async def _peak_mb(folder: Path) -> float:
    """Of a gateway whose operator and ledger are both away."""
    place = peers.Place(folder=folder, smsc=peers.free_port(), ledger=peers.free_port())
    peer = await asyncio.to_thread(peers.start, "gateway", place)
    try:
        await asyncio.sleep(WATCH_S)
        return peer.memory_mb("VmHWM")
    finally:
        await asyncio.to_thread(peer.stop)
