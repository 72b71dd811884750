"""How fast a backlog drains: workers alone, on either store, one process and two.

    python -m bench.drain [--waiting 20000] [--rounds 3]

In: how many wait. Out: Markdown: registered a second, and what a case costs each of those who share the machine. Workers are started on an
empty store and stopped (SIGSTOP), the cases are put into it, and all workers go on in the same moment. Nobody is held to a share here: what
ends first, a process's core, the machine's cores or Redis's, is seen from the columns. Letters are queued and wait: workers have no doors.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import msgspec
import uvloop

from bench import machine, peers
from bench.shared import serving
from bench.smsc import deliver_sm
from bench.table import markdown
from channels.base import Accepted, Arrival
from gateway.store import redis, sqlite
from gateway.store.base import Store
from normalizer.reference import mint

KEY: Final = b"only for measuring how a backlog drains"
WAITING, ROUNDS = 20_000, 3
#: puts that are given to the store at once, and the time between two messages of the backlog
TOGETHER, APART = 2_000, timedelta(milliseconds=10)
LOOK_S = 0.1
#: until one that has started has nothing more to do
CALM_S = 1.0
STORES = ("SQLite", "Redis")
MANY = (1, 2)

SETTINGS = """[gateway]
name = "bench"
data_dir = "{folder}/var"
secret_file = "{folder}/secret"
receipt_after_s = 36000
[store]
url = "{store}"
[ledger]
kind = "http"
url = "http://127.0.0.1:{ledger}"
[answers]
ask_wait_s = 0
[channels.bench]
kind = "sms.esme"
host = "127.0.0.1"
port = 1
system_id = "bench"
password = "secret"
"""


class Drained(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of one backlog. Processor times are microseconds for each case, of all workers together."""

    store: str
    processes: int
    registered_per_s: float
    workers_us: float
    redis_us: float
    ledger_us: float
    #: that came again: there are none
    repeats: int
    foreign_cores: float


class Place(NamedTuple):
    """A store: open, its URL, and the process of its server, 0 where it has none."""

    store: Store
    url: str
    server: int


@asynccontextmanager
async def empty(store: str, folder: Path) -> AsyncIterator[Place]:
    """One of its own."""
    if store == "SQLite":
        path = folder / "var" / "gateway.db"
        async with sqlite.opened(path, most_letters=5) as kept:
            yield Place(kept, f"sqlite:///{path}", 0)
        return
    async with serving(folder) as server, redis.opened(server.url, most_letters=5, beside=folder / "filling") as kept:
        yield Place(kept, server.url, server.pid)


async def _filled(store: Store, count: int) -> None:
    began = datetime.now(UTC) - count * APART
    for first in range(0, count, TOGETHER):
        await asyncio.gather(*(_put(store, serial, began + serial * APART) for serial in range(first, min(first + TOGETHER, count))))


def _put(store: Store, serial: int, at: datetime) -> asyncio.Future[Accepted]:
    identity = f"{serial:032x}"
    arrival = Arrival(channel="bench", source_id=identity, raw=deliver_sm(serial, serial), received_at=at)
    return store.put(arrival, partial(mint, KEY, "bench", identity))


async def drained(store: str, processes: int, count: int, folder: Path) -> Drained:
    """On a store and a ledger of its own."""
    with TemporaryDirectory(dir=folder, prefix="drain-") as name:
        own = Path(name)
        (own / "var").mkdir()
        (own / "secret").write_text("5a" * 32, encoding="ascii")
        ledger, workers = await asyncio.to_thread(peers.Ledger, own), peers.Peer()
        try:
            async with empty(store, own) as place:
                settings = own / "gateway.toml"
                settings.write_text(SETTINGS.format(folder=own, store=place.url, ledger=ledger.port))
                await asyncio.to_thread(_start, workers, settings, processes)
                try:
                    await _filled(place.store, count)
                    return await _watched(store, count, workers, ledger=ledger, server=place.server)
                finally:
                    await asyncio.to_thread(workers.stop)
        finally:
            ledger.process.stop()


def _start(workers: peers.Peer, settings: Path, processes: int) -> None:
    """All of them run, and rest."""
    for nth in range(processes):
        argv = [sys.executable, "-m", "gateway", "run", "--config", str(settings), "--only", "workers"]
        worker = peers.Process(argv, settings.with_name(f"workers{nth}.out"), {})
        workers.processes.append(worker)
        worker.wait_started()
    time.sleep(CALM_S)
    for worker in workers.processes:
        os.kill(worker.pid, signal.SIGSTOP)


async def _watched(store: str, count: int, workers: peers.Peer, *, ledger: peers.Ledger, server: int) -> Drained:
    def used() -> tuple[float, float, float]:
        return workers.cpu_s(), machine.cpu_s(server), machine.cpu_s(ledger.process.pid)

    before, began = used(), time.perf_counter()
    seen = machine.reading(sum(before) + time.process_time())
    for worker in workers.processes:
        os.kill(worker.pid, signal.SIGCONT)
    while ledger.counts().registered < count:
        await asyncio.sleep(LOOK_S)
    wall, after = time.perf_counter() - began, used()
    foreign = machine.reading(sum(after) + time.process_time()).foreign_cores(seen)
    workers_us, redis_us, ledger_us = ((late - early) * 1e6 / count for early, late in zip(before, after, strict=True))
    return Drained(
        store=store, processes=len(workers.processes), registered_per_s=count / wall, workers_us=workers_us, redis_us=redis_us,
        ledger_us=ledger_us, repeats=ledger.counts().repeats, foreign_cores=foreign,
    )  # fmt: skip


async def measured(rounds: int, count: int, folder: Path) -> list[Drained]:
    """In turns, so that a change of the machine strikes all."""
    found = []
    for _ in range(rounds):
        for store in STORES:
            for processes in MANY:
                await machine.quiet(5.0)
                found.append(await drained(store, processes, count, folder))
                print(msgspec.json.encode(found[-1]).decode(), file=sys.stderr, flush=True)
    return found


def results(seen: Sequence[Drained]) -> str:
    """As Markdown: medians."""
    rows: list[list[str]] = []
    for store, processes in dict.fromkeys((each.store, each.processes) for each in seen):
        own = [each for each in seen if (each.store, each.processes) == (store, processes)]
        rate = statistics.median(each.registered_per_s for each in own)
        costs = [
            statistics.median(costs) for costs in zip(*((each.workers_us, each.redis_us, each.ledger_us) for each in own), strict=True)
        ]
        rows.append([
            store, str(processes), f"{rate:,.0f}", *(f"{cost:,.0f} ({rate * cost / 1e6:.2f})" for cost in costs),
            str(sum(each.repeats for each in own)), f"{max(each.foreign_cores for each in own):.2f}",
        ])  # fmt: skip
    costs_head = ("workers, µs a case (cores)", "Redis", "the ledger")
    return markdown(("store", "processes", "registered/s", *costs_head, "registered twice", "cores of others"), rows)


def main() -> None:
    """In a folder that is gone afterwards."""
    parser = argparse.ArgumentParser(prog="python -m bench.drain", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--waiting", type=int, default=WAITING)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--folder", type=Path, default=Path("var"), help="on the disk that is measured (default: var)")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    seen = uvloop.run(measured(given.rounds, given.waiting, given.folder.resolve()))
    print(f"{machine.described()}\n\n{results(seen)}")


if __name__ == "__main__":
    main()
