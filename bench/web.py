"""`python -m bench.web`: how many complaints a second the web door takes, beside an aiohttp handler that only parses the same POST.

In: a few words on the command line. Out: Markdown on standard output; `python -m bench` prints the same table below its own. The bare
handler keeps nothing: it is the ceiling that the framework sets, not a rival. It writes below `var/` and leaves nothing there.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import uvloop
from aiohttp import web

from bench import machine, peers, table

COUNT, ROUNDS, CONNECTIONS, WARM = 4000, 3, 32, 200
#: how long to wait, once a peer is warm, for it and for everybody else to leave the machine alone, in seconds
QUIET_S = 15.0
BARE, WAYS = "bare aiohttp handler", {name: peers.GATEWAY[name] for name in ("gateway", "gateway, split")}
#: the words of `--only` that mean this
TITLE = "web"
PATH = "/api/v1/complaints"

FORM = """[channels.web]
kind = "web.site"
submissions_per_hour = 1000000000
"""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One peer under the load once: complaints a second, the middle and the slowest hundredth of the answers, its processor time."""

    peer: str
    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float


def requests(first: int, count: int) -> Iterator[bytes]:
    """POSTs of some 400 bytes, none like another."""
    for number in range(first, first + count):
        text = f"Lampu jalan mati sejak hari Senin di depan pasar, sudah {number} kali dilaporkan warga. Mohon diperbaiki, gelap sekali."
        body = msgspec.json.encode({
            "text": text, "classification": "pengaduan", "title": f"Lampu jalan mati {number}", "incident_date": "2026-11-20",
            "location": "Jalan Melati 5", "region": "35.02", "category": "perhubungan", "contact": "081200000001",
        })  # fmt: skip
        head = f"POST {PATH} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nIdempotency-Key: {number}\r\n"
        yield head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def citizen(port: int, waiting: Iterator[bytes], answered: list[float]) -> None:
    """One connection: ask, wait for 201, ask again. Raises RuntimeError for any other answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in waiting:
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        answered.append(time.perf_counter() - began)
        if b" 201 " not in head[:16]:
            raise RuntimeError(f"answered {head[:40]!r}")
    writer.close()


async def load(port: int, first: int, count: int) -> tuple[float, list[float]]:
    """Seconds in all, and of each."""
    answered: list[float] = []
    waiting = requests(first, count)
    began = time.perf_counter()
    await asyncio.gather(*(citizen(port, waiting, answered) for _ in range(CONNECTIONS)))
    return time.perf_counter() - began, sorted(answered)


async def turn(name: str, count: int, folder: Path) -> Turn:
    """Start a peer, warm it up, measure, stop it."""
    with TemporaryDirectory(dir=folder, prefix="web-") as place:
        processes: list[peers.Process] = []
        try:
            port = await asyncio.to_thread(_start, name, Path(place), processes)
            await load(port, 0, WARM)
            await machine.quiet(QUIET_S)
            measured = processes[1:] or processes  # the ledger comes first, and is not what is measured
            cpu = sum(machine.cpu_s(process.pid) for process in measured)
            seconds, each = await load(port, WARM, count)
            cpu = sum(machine.cpu_s(process.pid) for process in measured) - cpu
        finally:
            for process in reversed(processes):
                await asyncio.to_thread(process.stop)
    return Turn(
        peer=name,
        per_s=count / seconds,
        p50_ms=each[len(each) // 2] * 1000,
        p99_ms=each[len(each) * 99 // 100] * 1000,
        cpu_ms=cpu / count * 1000,
    )


def _start(name: str, folder: Path, processes: list[peers.Process]) -> int:
    public = peers.free_port()
    if name == BARE:
        processes.append(peers.Process([sys.executable, "-m", "bench.web", "--serve", str(public)], folder / "bare.out", {}))
        processes[0].wait_for(public)
        return public
    ledger, operators, settings = peers.Ledger(folder), peers.free_port(), folder / "gateway.toml"
    processes.append(ledger.process)
    settings.write_text((peers.HOUSE + FORM).format(folder=folder, public=public, operators=operators, ledger=ledger.port))
    for role in WAYS[name]:
        argv = [sys.executable, "-m", "gateway", "run", "--config", str(settings), *(["--only", role] if role else [])]
        processes.append(peers.Process(argv, folder / f"gateway-{role or 'all'}.out", {}))
        processes[1].wait_for(public)
        processes[-1].wait_started()
    return public


async def turns(count: int, rounds: int, folder: Path) -> list[Turn]:
    """A B C A B C …; the medians of each."""
    names = (BARE, *WAYS)
    seen = [[await turn(name, count, folder) for name in names] for _ in range(rounds)]
    return [_median([one[place] for one in seen]) for place in range(len(names))]


def _median(seen: Sequence[Turn]) -> Turn:
    middle = {field: statistics.median(getattr(one, field) for one in seen) for field in ("per_s", "p50_ms", "p99_ms", "cpu_ms")}
    return Turn(peer=seen[0].peer, **middle)


def results(seen: Sequence[Turn]) -> str:
    """A row for each peer, and its rate to that of the bare handler."""
    head = ("peer", "POSTs acknowledged/s", "to the bare handler", "p50 / p99 ms", "CPU ms each", "what 201 means")
    rows = [
        [
            one.peer, f"{one.per_s:,.0f}", f"{one.per_s / seen[0].per_s:.2f} ×", f"{one.p50_ms:.1f} / {one.p99_ms:.1f}",
            f"{one.cpu_ms:.2f}", "parsed" if one.peer == BARE else "fsynced",
        ]
        for one in seen
    ]  # fmt: skip
    return table.markdown(head, rows)


async def _parse(request: web.Request) -> web.Response:
    told = msgspec.json.decode(await request.read())
    body = msgspec.json.encode({"reference": told["title"], "received_at": time.time(), "track_url": request.path})
    return web.Response(body=body, status=201, headers={"Content-Type": "application/json"})


async def _serve(port: int) -> None:
    app = web.Application()
    app.router.add_post(PATH, _parse)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


def main() -> None:
    """Measure, or be the bare handler."""
    parser = argparse.ArgumentParser(prog="python -m bench.web", description="The web door's rate, beside a handler that only parses.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--folder", type=Path, default=Path("var"), help="on the disk that is measured (default: var)")
    parser.add_argument("--serve", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        uvloop.run(_serve(given.serve))
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    print(f"{machine.described()}\n\n{results(uvloop.run(turns(given.count, given.rounds, given.folder.resolve())))}")


if __name__ == "__main__":
    main()
