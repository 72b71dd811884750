"""What Redis's memory holds of a case: whole, when it is over, and when it lies in the archive.

    python -m bench.shelf [--cases 20000] [--events 2]

In: how many cases, and how often their ledger says something of each. Out: Markdown. The Redis is one of its own; each case is an SMS that
is registered, with its record and one letter that was sent. Octets are Redis's `used_memory`, less what it has when it is empty. What leads
to a case (`reference`, `identity`, `tracking`) is told apart: a case alone in its small hash takes five times what one of many does.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
import uvloop
from redis.asyncio import Redis

from bench import machine
from bench.shared import KEY, TOGETHER, serving, work_off
from bench.smsc import deliver_sm
from bench.table import markdown
from channels.base import Arrival
from forwarder.ledger import Happening
from gateway.archive import Archive
from gateway.archiving import Archiving
from gateway.journal import Journal, Lines
from gateway.store.happenings import Decision, Told
from gateway.store.record import DEFAULT
from gateway.store.redis import RedisStore, opened
from normalizer.reference import mint

CASES: Final = 20_000
LEADS: Final = ("reference", "identity", "tracking")
WORDS: Final = (("Diteruskan", "forwarded"), ("Dalam proses", "in_progress"), ("Selesai", "closed"))
NOTE: Final = "Laporan diteruskan ke Dinas Pekerjaan Umum"


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """Octets for each case, and what it took."""

    redis: str
    cases: int
    events: int
    whole: float
    archived: float
    #: … of which are its stub, and what leads to it
    stub: float
    leads: float
    #: of Redis's one core, to let go of one
    server_us: float


async def measured(cases: int, events: int, folder: Path) -> Shelf:
    """A minute for twenty thousand."""
    with TemporaryDirectory(dir=folder, prefix="shelf-") as name:
        place = Path(name)
        async with serving(place) as server, server.client() as client:
            version = (await client.info("server"))["redis_version"]
            async with opened(server.url, most_letters=5, beside=place / "redis") as store:
                empty = await _octets(client)
                for first in range(0, cases, TOGETHER):
                    await _lived(store, first, events)
                whole = await _octets(client)
                before = machine.cpu_s(server.pid)
                archiving = Archiving(store, Archive(place / "archive"), Journal(Lines(io.BytesIO())), after=timedelta(0))
                at = datetime.now(UTC) + timedelta(hours=1)
                for turn in range(cases // 1000 + 2):
                    await archiving.look(at + timedelta(minutes=turn))
                spent = machine.cpu_s(server.pid) - before
                # what was asked and answered lies in buffers for a moment
                await asyncio.sleep(2)
                archived = await _octets(client)
                stub, leads = await _under(client, "folded"), await _under(client, *LEADS)
    return Shelf(
        redis=version, cases=cases, events=events, whole=(whole - empty) / cases, archived=(archived - empty) / cases,
        stub=stub / cases, leads=leads / cases, server_us=spent * 1e6 / cases,
    )  # fmt: skip


async def _octets(client: Redis) -> int:
    return int((await client.info("memory"))["used_memory"])


async def _under(client: Redis, *names: str) -> int:
    """Octets of all keys that are called so."""
    found = 0
    for what in names:
        async for key in client.scan_iter(f"{{lapor}}:{what}:*", count=1000):
            found += await client.memory_usage(key, samples=0) or 0
    return found


async def _lived(store: RedisStore, first: int, events: int) -> None:
    """A hundred of them."""
    serials = range(first, first + TOGETHER)
    came = await asyncio.gather(*(store.put(_sms(serial), partial(mint, KEY, "bench", f"{serial:032x}")) for serial in serials))
    await work_off(store)
    for nth in range(events):
        await store.tell([_told(each.reference, each.case_id, nth) for each in came])
    while undecided := await store.undecided(TOGETHER):
        await asyncio.gather(*(store.decide(_decided(each)) for each in undecided))


def _sms(serial: int) -> Arrival:
    # spread as fingerprints are
    identity = f"{serial * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128:032x}"
    return Arrival(channel="telkomsel", source_id=identity, raw=deliver_sm(serial % 2**31, serial), received_at=datetime.now(UTC))


def _told(reference: str, case_id: str, nth: int) -> Told:
    status, state = WORDS[nth % len(WORDS)]
    at = datetime.now(UTC).replace(microsecond=0)
    said = Happening(tracking_id=str(9_000_000 + int(case_id)), reference=reference, at=at, status=status, by="Dinas PU", note=NOTE)
    return Told(ledger=DEFAULT, happening=said, state=msgspec.convert(state, Any), heard_at=datetime.now(UTC))


def _decided(each: Any) -> Decision:
    return Decision(case_id=each.case.case_id, events=tuple(event.event_id for event in each.events))


def results(seen: Sequence[Shelf]) -> str:
    """As Markdown."""
    rows = [
        [
            f"{each.events}",
            f"{each.whole:,.0f}",
            f"{each.archived:,.0f}",
            f"{each.stub:,.0f}",
            f"{each.leads:,.0f}",
            f"{each.server_us:.0f}",
        ]
        for each in seen
    ]
    head = (
        f"Redis {seen[0].redis}, {seen[0].cases:,} cases: events of each",
        "octets, whole",
        "octets, in the archive",
        "of these, its stub",
        "what leads to it",
        "server µs to let go",
    )
    return markdown(head, rows)


def main() -> None:
    """Without events, and with some, in a folder below `var/` that is gone afterwards."""
    parser = argparse.ArgumentParser(prog="python -m bench.shelf", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--events", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("var"), help="on the disk that is used (default: var)")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    seen = [uvloop.run(measured(given.cases, events, given.folder.resolve())) for events in sorted({0, given.events})]
    print(f"{machine.described()}\n\n{results(seen)}\n\n{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
