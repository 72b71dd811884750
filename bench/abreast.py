"""Whether two processes do twice the work of one: doors that acknowledge, and workers that work off what waits, on one Redis.

    python -m bench.abreast [--share 0.25] [--count 20000]

In: how many messages, and the share of a core that each process of the gateway may use. Out: Markdown. On a small machine the load, the
ledger and Redis would want the cores that a second process needs, and what is seen would say nothing of the gateway. So each of its
processes is held to a share (the kernel's `cpu` control group; needs root), the rest have the others, and the table says how busy Redis
and the load were: where one of them is near a whole core it is that which was measured. It leaves nothing behind.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import uvloop

from bench import machine, peers
from bench.measure import BIND_S, PATIENCE_S, WARM
from bench.shared import Server, serving
from bench.smsc import Load, Operator
from bench.table import markdown

SHARE, COUNT, ROUNDS = 0.25, 20_000, 3
MANY = (1, 2)
#: in which a share is given, and how often the ledger is looked at, in seconds
PERIOD_S, LOOK_S = 0.01, 0.1
#: both kinds of control group: the file for the share, and what stands in it
GROUPS = {
    Path("/sys/fs/cgroup/cpu"): {"cpu.cfs_period_us": "{period}", "cpu.cfs_quota_us": "{quota}"},
    Path("/sys/fs/cgroup"): {"cpu.max": "{quota} {period}"},
}

SETTINGS = """[gateway]
name = "bench"
data_dir = "{folder}/{name}"
secret_file = "{folder}/secret"
receipt_after_s = 3600
[http]
public = "127.0.0.1:{public}"
operators = "127.0.0.1:{operators}"
[store]
url = "{redis}"
[ledger]
kind = "http"
url = "http://127.0.0.1:{ledger}"
[answers]
ask_wait_s = 0
"""
BIND = """[channels.bench{nth}]
kind = "sms.esme"
host = "127.0.0.1"
port = {smsc}
system_id = "bench"
password = "secret"
"""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What so many processes did; shares are of one core."""

    processes: int
    acknowledged_per_s: float
    registered_per_s: float
    #: of Redis and of the load while messages came in, of Redis while they were worked off
    redis_in: float
    load_in: float
    redis_out: float


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the peers are."""

    folder: Path
    smsc: int
    ledger: int
    redis: Server


@contextmanager
def held(processes: Sequence[peers.Process], share: float) -> Iterator[None]:
    """Each in a control group of its own, with so much of a core. Raises OSError where that is not allowed."""
    group, files = next((place, files) for place, files in GROUPS.items() if place.joinpath("cgroup.procs").exists())
    made = [group / f"lapor-bench-{process.pid}" for process in processes]
    try:
        for own, process in zip(made, processes, strict=True):
            own.mkdir()
            for name, words in files.items():
                (own / name).write_text(words.format(period=round(PERIOD_S * 1e6), quota=round(PERIOD_S * share * 1e6)))
            (own / "cgroup.procs").write_text(str(process.pid))
        yield
    finally:
        for own, process in zip(made, processes, strict=True):
            if own.exists():
                (group / "cgroup.procs").write_text(str(process.pid))
                own.rmdir()


def _start(peer: peers.Peer, place: Place, role: str, count: int) -> None:
    """So many of one role, each with a bind of its own; the workers know of all binds."""
    for nth in range(count):
        name = f"{role}{nth}"
        (place.folder / name).mkdir()
        plain = SETTINGS.format(
            folder=place.folder,
            name=name,
            public=peers.free_port(),
            operators=peers.free_port(),
            redis=place.redis.url,
            ledger=place.ledger,
        )
        binds = range(count) if role == "workers" else (nth,)
        settings = place.folder / f"{name}.toml"
        settings.write_text(plain + "".join(BIND.format(nth=each, smsc=place.smsc) for each in binds))
        argv = [sys.executable, "-m", "gateway", "run", "--config", str(settings), "--only", role]
        peer.processes.append(peers.Process(argv, place.folder / f"{name}.out", {}))
        peer.processes[-1].wait_started()


async def turn(processes: int, count: int, share: float, folder: Path) -> Turn:
    """On a Redis, a ledger and an operator of its own. Takes a minute or two."""
    operator = Operator()
    smsc = await operator.listen()
    with TemporaryDirectory(dir=folder, prefix="abreast-") as name:
        own = Path(name)
        (own / "secret").write_text(secrets.token_hex(32), encoding="ascii")
        ledger = await asyncio.to_thread(peers.Ledger, own)
        try:
            async with serving(own) as redis:
                place = Place(folder=own, smsc=smsc, ledger=ledger.port, redis=redis)
                came = await _come(place, operator, processes, count=count, share=share)
                went = await _go(place, ledger, processes, count=count + WARM, share=share)
                return Turn(
                    processes=processes, acknowledged_per_s=came[0], registered_per_s=went[0], redis_in=came[1], load_in=came[2],
                    redis_out=went[1],
                )  # fmt: skip
        finally:
            ledger.process.stop()
            await operator.close()


async def _come(place: Place, operator: Operator, processes: int, *, count: int, share: float) -> tuple[float, float, float]:
    """Acknowledged a second, and how busy Redis and this process were."""
    doors = peers.Peer()
    try:
        await asyncio.to_thread(_start, doors, place, "doors", processes)
        async with asyncio.timeout(BIND_S):
            while len(operator.lines) < processes:
                await asyncio.sleep(LOOK_S)
        await operator.drive(Load(count=WARM, answers=False), PATIENCE_S)
        with held(doors.processes, share):
            redis, load, began = machine.cpu_s(place.redis.pid), time.process_time(), time.perf_counter()
            figures = await operator.drive(Load(count=count, first=WARM, answers=False), PATIENCE_S)
            wall = time.perf_counter() - began
            return figures.ack_per_s, (machine.cpu_s(place.redis.pid) - redis) / wall, (time.process_time() - load) / wall
    finally:
        await asyncio.to_thread(doors.stop)


async def _go(place: Place, ledger: peers.Ledger, processes: int, *, count: int, share: float) -> tuple[float, float]:
    """Registered a second, from the first to the last, and how busy Redis was."""
    ledger.go("away")
    workers = peers.Peer()
    try:
        await asyncio.to_thread(_start, workers, place, "workers", processes)
        with held(workers.processes, share):
            ledger.go("back")
            first = last = 0
            began = redis = 0.0
            while last < count:
                await asyncio.sleep(LOOK_S)
                last = ledger.counts().registered
                if last and not first:
                    first, began, redis = last, time.perf_counter(), machine.cpu_s(place.redis.pid)
            wall = time.perf_counter() - began
            return (last - first) / wall, (machine.cpu_s(place.redis.pid) - redis) / wall
    finally:
        await asyncio.to_thread(workers.stop)


async def measured(rounds: int, count: int, share: float, folder: Path) -> list[Turn]:
    """One process and two in turns, so that a change of the machine strikes both."""
    found = []
    for _ in range(rounds):
        for processes in MANY:
            await machine.quiet(5.0)
            found.append(await turn(processes, count, share, folder))
            print(msgspec.json.encode(found[-1]).decode(), file=sys.stderr, flush=True)
    return found


def results(seen: Sequence[Turn]) -> str:
    """As Markdown: medians, each beside what one process did."""
    rows: list[list[str]] = []
    alone: list[float] = []
    for processes in MANY:
        own = [each for each in seen if each.processes == processes]
        rates = [statistics.median(each.acknowledged_per_s for each in own), statistics.median(each.registered_per_s for each in own)]
        alone = alone or rates
        busy = [max(each.redis_in for each in own), max(each.load_in for each in own), max(each.redis_out for each in own)]
        rows.append([
            str(processes), *(f"{rate:,.0f} ({rate / one:.2f} ×)" for rate, one in zip(rates, alone, strict=True)),
            *(f"{share:.2f}" for share in busy), str(len(own)),
        ])  # fmt: skip
    head = ("processes", "acknowledged/s", "registered/s", "Redis, cores, in", "load, cores", "Redis, cores, out", "runs")
    return markdown(head, rows)


def main() -> None:
    """In a folder that is gone afterwards."""
    parser = argparse.ArgumentParser(prog="python -m bench.abreast", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--share", type=float, default=SHARE, help=f"of a core, for each process of the gateway (default: {SHARE})")
    parser.add_argument("--folder", type=Path, default=Path("var"), help="on the disk that is measured (default: var)")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    seen = uvloop.run(measured(given.rounds, given.count, given.share, given.folder.resolve()))
    print(f"{machine.described()}\n\n{results(seen)}")


if __name__ == "__main__":
    main()
