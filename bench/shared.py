"""What a store on Redis costs: a message beside a bare XADD, a whole case, and very many that wait.

    python -m bench.shared [--count 20000] [--waiting 1000000]

In: how many. Out: Markdown. The Redis is one of its own, with every write flushed before its answer (`appendfsync always`); client and
server share the machine, so rates are those of both together, and processor time is told for each. Messages are given to the store a
hundred at a time, as a window of an operator does, and the same hundred are one pipeline of XADD.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import uvloop
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bench import machine, peers
from bench.smsc import deliver_sm
from bench.table import markdown
from channels.base import Arrival, Letter
from forwarder.ledger import Registration
from gateway.store.base import Store
from gateway.store.record import Claim, LetterSettlement, Settlement
from gateway.store.redis import opened
from normalizer.reference import mint

KEY = b"only for measuring a shared store"
TOGETHER, FEW, COUNT, WAITING = 100, 1_000, 20_000, 1_000_000
CLAIMS, LEASE_S, START_S = 9, 600.0, 20.0
#: as long as the record of an SMS is
RECORD = b"{" + b" " * 1_200 + b"}"


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Of so many messages: all over the wall's time, and processor time of each side."""

    per_s: float
    client_us: float
    server_us: float


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen."""

    redis: str
    added: Cost
    put: Cost
    whole: Cost
    waiting: int
    bytes_each: float
    fill_per_s: float
    claim_ms: float
    claim_few_ms: float
    #: this process's, at its highest; it holds none of the cases
    peak_mb: float
    foreign_cores: float


class Server(msgspec.Struct, frozen=True):
    """A redis-server of our own."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def client(self) -> Redis:
        return Redis(port=self.port)


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Server]:
    """Durable, empty, and gone afterwards. Raises FileNotFoundError where there is no redis-server."""
    port = peers.free_port()
    durable = ("--save", "", "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction")
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), *durable], stdout=subprocess.DEVNULL
    )
    server = Server(port, process.pid)
    try:
        async with asyncio.timeout(START_S), server.client() as client:
            while not await _answers(client):
                await asyncio.sleep(0.02)
        yield server
    finally:
        process.kill()
        process.wait()


async def _answers(client: Redis) -> bool:
    try:
        return bool(await client.ping())
    except RedisError:
        return False


async def measured(count: int, waiting: int, folder: Path) -> Shared:
    """Takes about two minutes for a million that wait."""
    before = machine.reading(time.process_time())
    with TemporaryDirectory(dir=folder, prefix="shared-") as name:
        place = Path(name)
        async with serving(place) as server, server.client() as client:
            version = (await client.info("server"))["redis_version"]
            added = await _cost(server, count, partial(_add, client))
            await client.flushall()
            async with opened(server.url, most_letters=5, beside=place / "redis") as store:
                put = await _cost(server, count, partial(_put, store))
                whole = await _cost(server, count, lambda _: work_off(store))
                await client.flushall()
        async with serving(place) as server, server.client() as client, opened(server.url, most_letters=5, beside=place / "redis") as store:
            await _fill(store, 0, FEW)
            claim_few_ms = await _claim_ms(store)
            empty, began = (await client.info("memory"))["used_memory"], time.perf_counter()
            await _fill(store, FEW, waiting)
            fill_per_s = (waiting - FEW) / (time.perf_counter() - began)
            bytes_each = ((await client.info("memory"))["used_memory"] - empty) / (waiting - FEW)
            claim_ms = await _claim_ms(store)
            own = time.process_time() + machine.cpu_s(server.pid)
    return Shared(
        redis=version, added=added, put=put, whole=whole, waiting=waiting, bytes_each=bytes_each, fill_per_s=fill_per_s,
        claim_ms=claim_ms, claim_few_ms=claim_few_ms, peak_mb=machine.memory_mb(os.getpid(), "VmHWM"),
        foreign_cores=machine.reading(own).foreign_cores(before),
    )  # fmt: skip


async def _cost(server: Server, count: int, hundred: Callable[[int], Awaitable[object]]) -> Cost:
    """Of `count` messages in hundreds; each is given the serial number of its first."""
    began, client, remote = time.perf_counter(), time.process_time(), machine.cpu_s(server.pid)
    for first in range(0, count, TOGETHER):
        await hundred(first)
    each = 1e6 / count
    return Cost(
        per_s=count / (time.perf_counter() - began),
        client_us=(time.process_time() - client) * each,
        server_us=(machine.cpu_s(server.pid) - remote) * each,
    )


async def _add(client: Redis, first: int) -> None:
    pipeline = client.pipeline(transaction=False)
    for serial in range(first, first + TOGETHER):
        pipeline.xadd("bare", {"source_id": f"{serial:032x}", "raw": deliver_sm(serial % 2**31, serial)})
    await pipeline.execute()


async def _put(store: Store, first: int) -> None:
    await asyncio.gather(*(_one(store, serial) for serial in range(first, first + TOGETHER)))


def _one(store: Store, serial: int) -> Awaitable[object]:
    identity = f"{serial:032x}"
    arrival = Arrival(channel="bench", source_id=identity, raw=deliver_sm(serial % 2**31, serial), received_at=datetime.now(UTC))
    return store.put(arrival, partial(mint, KEY, "bench", identity))


async def work_off(store: Store) -> None:
    """A hundred cases to their end: claimed, registered, each with a letter, which is claimed and sent."""
    claims = await store.claim(TOGETHER, LEASE_S)
    await asyncio.gather(*(store.settle(_registered(claim)) for claim in claims))
    left = len(claims)
    while left:
        letters = await store.claim_letters("bench", TOGETHER, LEASE_S)
        ids = [(f"id-{each.letter_id}",) for each in letters]
        sent = (LetterSettlement(claim=each, step="sent", provider_ids=own) for each, own in zip(letters, ids, strict=True))
        await asyncio.gather(*map(store.settle_letter, sent))
        left -= len(letters)


def _registered(claim: Claim) -> Settlement:
    case = claim.case
    letter = Letter(
        key=f"{case.case_id}:registered", case_id=case.case_id, channel="bench", to=f"62812{int(case.case_id):08d}", kind="registered",
        text="LAPOR! Laporan Anda sudah terdaftar.", reply_to={},
    )  # fmt: skip
    done = Registration(tracking_id=str(9_000_000 + int(case.case_id)), registered_at=datetime.now(UTC), url="")
    return Settlement(claim=claim, step="done", registration=done, record=RECORD, letters=(letter,))


async def _fill(store: Store, first: int, end: int) -> None:
    for start in range(first, end, TOGETHER * 20):
        await asyncio.gather(*(_one(store, serial) for serial in range(start, min(start + TOGETHER * 20, end))))


async def _claim_ms(store: Store) -> float:
    """The median over several claims of a hundred."""
    times = []
    for _ in range(CLAIMS):
        began = time.perf_counter()
        await store.claim(TOGETHER, LEASE_S)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def results(seen: Shared) -> str:
    """As Markdown."""
    costs = [
        [name, f"{cost.per_s:,.0f}", f"{cost.client_us:.0f}", f"{cost.server_us:.0f}", f"{seen.added.per_s / cost.per_s:.1f} ×"]
        for name, cost in (("XADD, bare", seen.added), ("put", seen.put), ("claim, register, letter, sent", seen.whole))
    ]
    facts = [
        ["cases that wait", f"{seen.waiting:,}"],
        ["put a second, 2,000 at a time", f"{seen.fill_per_s:,.0f}"],
        ["octets of Redis's memory for each", f"{seen.bytes_each:,.0f}"],
        ["a claim of a hundred: with so many, with a thousand", f"{seen.claim_ms:.1f} ms, {seen.claim_few_ms:.1f} ms"],
        ["memory of the process that filled it, at its highest", f"{seen.peak_mb:.0f} MiB"],
        ["cores that others used", f"{seen.foreign_cores:.2f}"],
    ]
    head = (f"Redis {seen.redis}, a hundred at a time", "a second", "client µs", "server µs", "time, to a bare XADD")
    return f"{markdown(head, costs)}\n\n{markdown(('of the backlog', 'seen'), facts)}"


def main() -> None:
    """A run, in a folder below `var/` that is gone afterwards."""
    parser = argparse.ArgumentParser(prog="python -m bench.shared", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--waiting", type=int, default=WAITING)
    parser.add_argument("--folder", type=Path, default=Path("var"), help="on the disk that is measured (default: var)")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    seen = uvloop.run(measured(given.count, given.waiting, given.folder.resolve()))
    print(msgspec.json.encode(seen).decode(), file=sys.stderr, flush=True)
    print(f"{machine.described()}\n\n{results(seen)}")


if __name__ == "__main__":
    main()
