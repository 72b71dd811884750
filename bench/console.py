"""`python -m bench.console`: what the operators' room costs.

In: a few words on the command line. Out: Markdown on standard output: how long the overview takes and what it weighs with very many cases
waiting at thirty channels, and how fast SMS are acknowledged while nobody watches and while ten do. It writes below `var/` and leaves
nothing there.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import msgspec
import uvloop

from bench import machine, peers
from bench.backlog import TOGETHER, put
from bench.measure import BIND_S, PATIENCE_S, WARM, WARM_WINDOW
from bench.smsc import Figures, Load, Operator
from bench.table import Target, markdown, promises
from gateway.store.sqlite import opened

MILLION, CHANNELS, VIEWERS = 1_000_000, 30, 10
LOOKS, COUNT = 7, 20_000
#: longer than the console takes to look again by itself, so that each page is made anew
APART_S = 5.5
#: how long the processor time is watched
WATCH_S = 10.0
NAME, PASSWORD = "bench", "a password that is long"

#: an operator that is away, so that the page has all that it may ever have to say
DOOR = """
[channels.{name}]
kind = "sms.esme"
host = "127.0.0.1"
port = {smsc}
system_id = "bench"
password = "secret"
"""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The overview, as an officer gets it: in the middle and at worst, and its octets, as they are and as they travel."""

    p50_ms: float
    worst_ms: float
    #: an answer of three words by the same process, for what the machine has to do besides
    empty_ms: float
    bytes: int
    packed: int
    #: seconds of the gateway's processor time in each second, while nobody watches and while VIEWERS do
    alone: float
    watched: float


async def filled(path: Path, count: int) -> None:
    """Cases that wait, dealt out to the channels."""
    async with opened(path, most_letters=5) as store:
        for first in range(0, count, TOGETHER):
            serials = range(first, min(first + TOGETHER, count))
            await asyncio.gather(*(put(store, serial, _door(serial % CHANNELS)) for serial in serials))


def _door(nth: int) -> str:
    """The first is the one that every gateway of the bench has."""
    return f"door{nth:02d}" if nth else "bench"


async def officer(session: aiohttp.ClientSession, address: str) -> None:
    """Sign in."""
    form = {"name": NAME, "password": PASSWORD}
    async with session.post(f"{address}/sign-in", data=form, headers={"Origin": address}, allow_redirects=False) as answer:
        if answer.status != 303:
            raise RuntimeError(f"not signed in: {answer.status}")


@asynccontextmanager
async def signed_in(address: str) -> AsyncIterator[aiohttp.ClientSession]:
    """One browser."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=None)) as session:
        await officer(session, address)
        yield session


def account(settings: Path) -> None:
    """An officer for the bench."""
    argv = [sys.executable, "-m", "gateway", "operators", "add", NAME, "--config", str(settings)]
    subprocess.run(argv, input=f"{PASSWORD}\n".encode(), cwd=peers.TOP, check=True, stdout=subprocess.DEVNULL)


async def overview(count: int, folder: Path) -> Page:
    """With so many cases that wait for a ledger that is away."""
    with TemporaryDirectory(dir=folder, prefix="console-") as name:
        away = peers.free_port()
        tables = "".join(DOOR.format(name=_door(nth), smsc=away) for nth in range(1, CHANNELS))
        place = peers.Place(folder=Path(name), smsc=away, ledger=peers.free_port(), tables=tables)
        (place.folder / "var").mkdir()
        await filled(place.folder / "var" / "gateway.db", count)
        peer = await asyncio.to_thread(peers.start, "gateway", place)
        try:
            await asyncio.to_thread(account, place.folder / "gateway.toml")
            async with signed_in(peer.operators) as session:
                times, body = await _looked(session, f"{peer.operators}/")
                empty, _ = await _looked(session, f"{peer.operators}/healthz")
            alone = await _busy(peer)
            async with viewers(peer.operators, VIEWERS):
                watched = await _busy(peer)
            return Page(
                p50_ms=statistics.median(times),
                worst_ms=max(times),
                empty_ms=statistics.median(empty),
                bytes=len(body),
                packed=len(gzip.compress(body)),
                alone=alone,
                watched=watched,
            )
        finally:
            await asyncio.to_thread(peer.stop)


async def _busy(peer: peers.Peer) -> float:
    cpu = peer.cpu_s()
    await asyncio.sleep(WATCH_S)
    return (peer.cpu_s() - cpu) / WATCH_S


@asynccontextmanager
async def viewers(address: str, count: int) -> AsyncIterator[list[int]]:
    """So many who watch; how many octets came to them."""
    seen = [0]
    async with AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(signed_in(address)) for _ in range(count)]
        watching = [asyncio.create_task(_watch(session, address, seen)) for session in sessions]
        yield seen
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


async def _looked(session: aiohttp.ClientSession, url: str) -> tuple[list[float], bytes]:
    times, body = [], b""
    for _ in range(LOOKS):
        await asyncio.sleep(APART_S)
        began = time.perf_counter()
        async with session.get(url) as answer:
            body = await answer.read()
        times.append((time.perf_counter() - began) * 1000)
    return times, body


async def _watch(session: aiohttp.ClientSession, address: str, seen: list[int]) -> None:
    """The live part, for ever."""
    while True:
        async with session.get(f"{address}/live/overview") as stream:
            async for chunk in stream.content.iter_any():
                seen[0] += len(chunk)


async def intake(watching: int, count: int, folder: Path) -> tuple[Figures, float, int]:
    """SMS at full speed beside so many who watch: what was seen, the gateway's processor time for each in ms, and octets to the viewers."""
    operator = Operator()
    smsc = await operator.listen()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(operator.close)
        place_folder = Path(stack.enter_context(TemporaryDirectory(dir=folder, prefix="console-")))
        ledger = await asyncio.to_thread(peers.Ledger, place_folder)
        stack.callback(ledger.process.stop)
        place = peers.Place(folder=place_folder, smsc=smsc, ledger=ledger.port)
        peer = await asyncio.to_thread(peers.start, "gateway", place)
        stack.callback(peer.stop)
        async with asyncio.timeout(BIND_S):
            await operator.bound.wait()
        await asyncio.to_thread(account, place_folder / "gateway.toml")
        seen = await stack.enter_async_context(viewers(peer.operators, watching))
        await operator.drive(Load(count=WARM, window=WARM_WINDOW), PATIENCE_S)
        cpu = peer.cpu_s()
        figures = await operator.drive(Load(count=count, first=WARM), PATIENCE_S)
        cpu_ms = (peer.cpu_s() - cpu) / count * 1000
        return figures, cpu_ms, seen[0]


async def watched(rounds: int, count: int, folder: Path) -> list[list[str]]:
    """A row for nobody, and one for ten, in turn so that a change of the machine strikes both."""
    found: dict[int, list[tuple[Figures, float, int]]] = {0: [], VIEWERS: []}
    for _ in range(rounds):
        for viewers, runs in found.items():
            await machine.quiet(5.0)
            runs.append(await intake(viewers, count, folder))
    rows = []
    for viewers, runs in found.items():
        per_s = statistics.median(figures.ack_per_s for figures, *_ in runs)
        p99 = statistics.median(figures.ack_p99_ms or 0.0 for figures, *_ in runs)
        cpu = statistics.median(cpu_ms for _, cpu_ms, _ in runs)
        rows.append(
            [str(viewers), f"{per_s:,.0f}", f"{p99:.3g}", f"{cpu:.3f}", f"{max(octets for *_, octets in runs) // 1024:,}", str(rounds)]
        )
    return rows


async def everything(given: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    idle, page = await overview(0, folder), await overview(given.waiting, folder)
    title = f"the overview with {given.waiting:,} cases waiting and {CHANNELS} channels"
    targets = [
        Target(what=f"{title}, middle of {LOOKS}", wanted=200, seen=page.p50_ms, unit="ms", low=True),
        Target(what="the slowest of these", wanted=200, seen=page.worst_ms, unit="ms", low=True),
        Target(what="its HTML", wanted=150, seen=page.bytes / 1024, unit="KiB", low=True),
        Target(what="the same as it travels", wanted=150, seen=page.packed / 1024, unit="KiB", low=True),
    ]
    targets += [
        Target(
            what=f"the overview with {CHANNELS} channels and nothing waiting, middle of {LOOKS}",
            wanted=200,
            seen=idle.p50_ms,
            unit="ms",
            low=True,
        ),
        Target(
            what=f"what {VIEWERS} who watch cost, of one processor", wanted=5, seen=(idle.watched - idle.alone) * 100, unit="%", low=True
        ),
    ]
    print(f"{machine.described()}\n\n{promises(targets)}\n", flush=True)
    print(
        f"An empty answer of the same process took {page.empty_ms:.3g} ms, and {idle.empty_ms:.3g} ms with nothing waiting.\n", flush=True
    )
    if not given.rounds:
        return
    head = ("who watch", "acknowledged/s", "ack p99 ms", "CPU ms a message", "KiB to them", "runs")
    print(markdown(head, await watched(given.rounds, given.count, folder)))


def main() -> None:
    """In a folder that is gone afterwards."""
    parser = argparse.ArgumentParser(prog="python -m bench.console", description="What the operators' room costs.")
    parser.add_argument("--waiting", type=int, default=MILLION, help="cases in the store (default: a million)")
    parser.add_argument("--rounds", type=int, default=3, help="how often intake is measured each way (default: 3); 0 leaves it out")
    parser.add_argument("--count", type=int, default=COUNT, help=f"messages of a run (default: {COUNT})")
    parser.add_argument("--folder", type=Path, default=Path("var"), help="on the disk that is measured (default: var)")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=given.folder.resolve(), prefix="bench-") as name:
        uvloop.run(everything(given, Path(name)))


if __name__ == "__main__":
    main()
