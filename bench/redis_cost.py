"""`python -m bench.redis_cost`: what a message costs in the Redis store, beside a raw XADD of the same bytes on the same server.

In: a redis-server of its own on loopback, `appendonly yes`, `appendfsync always`. Out: a table in Markdown. Both go in batches of the same
size, in turns, so that a busy machine makes both slower; it is the server's own CPU time that counts, and the ratios more than the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from redis import Redis

from channels.base import Arrival, Letter
from forwarder.ledger import Registration
from gateway.store.record import Claim, LetterSettlement, Settlement
from gateway.store.redis import RedisStore, opened
from normalizer.reference import mint
from tests.fakes.redis_server import server

#: as long as a deliver_sm of 100 characters
RAW = b"x" * 170
KEY = b"key of a benchmark"


class Cost:
    """CPU seconds of the server and of ourselves, and the clock's, by what was done."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self.spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])

    def _now(self) -> tuple[float, float, float]:
        told = self._client.info("cpu")
        return told["used_cpu_user"] + told["used_cpu_sys"], time.process_time(), time.perf_counter()

    async def of(self, what: str, doing: Callable[[], Awaitable[object]]) -> None:
        before = self._now()
        await doing()
        self.spent[what] = [spent + then - now for spent, then, now in zip(self.spent[what], self._now(), before, strict=True)]


def _arrival(n: int) -> Arrival:
    name = hashlib.sha1(str(n).encode(), usedforsecurity=False).hexdigest()[:32]
    return Arrival(channel="telkomsel", source_id=name, raw=RAW, received_at=datetime.now(UTC))


async def _xadd(client: Redis, count: int) -> None:
    pipeline = client.pipeline(transaction=False)
    for _ in range(count):
        pipeline.xadd("raw", {"raw": RAW})
    pipeline.execute()


async def _put(store: RedisStore, first: int, count: int) -> None:
    await asyncio.gather(*(store.put(_arrival(n), partial(mint, KEY, "telkomsel", str(n))) for n in range(first, first + count)))


def _done(claim: Claim) -> Settlement:
    case = claim.case
    number = Registration(tracking_id=str(10_000_000 + int(case.case_id)), registered_at=datetime.now(UTC))
    told = Letter(
        key=f"{case.case_id}:registered", case_id=case.case_id, channel="telkomsel", to=f"62812{int(case.case_id):08}", kind="registered",
        text="Laporan Anda kami terima. Nomor 10000000, kode 7K3Q-9FXM-2CH4. Pantau: https://lapor.example/7K3Q-9FXM-2CH4",
    )  # fmt: skip
    return Settlement(claim=claim, step="done", registration=number, record=RAW * 8, letters=(told,))


async def _whole(store: RedisStore, cost: Cost, count: int) -> None:
    """Claimed, settled, answered."""
    claims: list[Any] = []
    await cost.of("claim", lambda: _took(claims, store.claim(count, 600)))
    await cost.of("settle, with its letter", lambda: asyncio.gather(*(store.settle(_done(claim)) for claim in claims)))
    letters: list[Any] = []
    await cost.of("claim its letter", lambda: _took(letters, store.claim_letters("telkomsel", count, 600)))
    sent = [LetterSettlement(claim=claim, step="sent", provider_ids=(str(claim.letter_id),)) for claim in letters]
    await cost.of("settle its letter", lambda: asyncio.gather(*map(store.settle_letter, sent)))


async def _took(into: list[Any], waiting: Awaitable[Sequence[Any]]) -> None:
    into.extend(await waiting)


async def _measured(messages: int, batch: int) -> str:
    with tempfile.TemporaryDirectory() as folder, server(Path(folder) / "redis") as running, running.client() as client:
        async with opened(running.url, most_letters=5, beside=Path(folder) / "gateway") as store:
            await _put(store, -1, 1)
            cost, used = Cost(client), client.info("memory")["used_memory"]
            for first in range(0, messages, batch):
                await cost.of("XADD", partial(_xadd, client, batch))
                await cost.of("put", partial(_put, store, first, batch))
            used = client.info("memory")["used_memory"] - used - client.memory_usage("raw", samples=0)
            for _ in range(0, messages, batch):
                await _whole(store, cost, batch)
    return _table(cost, messages) + f"\n\nMemory of a waiting case: {used / messages:.0f} bytes, of which {len(RAW)} are what came."


def _table(cost: Cost, messages: int) -> str:
    raw = cost.spent["XADD"]
    rows = ["| each | server CPU, us | beside XADD | our CPU, us | clock, us |", "|---|---|---|---|---|"]
    for what, spent in cost.spent.items():
        there, here, clock = (seconds / messages * 1e6 for seconds in spent)
        rows.append(f"| {what} | {there:.1f} | {spent[0] / raw[0]:.1f} | {here:.1f} | {clock:.1f} |")
    total = [sum(spent[i] for what, spent in cost.spent.items() if what != "XADD") / messages * 1e6 for i in range(3)]
    rows.append(f"| all of a message | {total[0]:.1f} | {total[0] * messages / 1e6 / raw[0]:.1f} | {total[1]:.1f} | {total[2]:.1f} |")
    return "\n".join(rows)


def main() -> None:
    """See above."""
    asking = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asking.add_argument("--messages", type=int, default=20_000)
    asking.add_argument("--batch", type=int, default=100)
    asked = asking.parse_args()
    print(asyncio.run(_measured(asked.messages, asked.batch)))


if __name__ == "__main__":
    main()
