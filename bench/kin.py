"""`python -m bench.kin`: what it costs to find the kin of a case among ten million others.

In: how many. Out: Markdown: how long the store takes to write a hundred likenesses down and find whom they know, with so many cases and
with few; how much the index weighs on the disk, and the process in memory. It writes below `var/` and leaves nothing there.

The index is filled by the statements of SQLite itself, as ninety days of cases would have left it: four of five have a text that is
long enough, two of five a place, and of each hundred one is a copy of one of ten templates. Batches of the same mix are then asked
through the store's own door, each in a transaction of its own, flushed. Cold: after the kernel was told to forget the file.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
import msgspec
import uvloop

from bench import machine, table
from gateway.store.kinship import KINDS, Search
from gateway.store.sqlite import opened
from gateway.store.sqlite_file import open_store
from normalizer.likeness import SKETCH, Likeness

TITLE = "kin"
COUNT, QUICK, FEW = 10_000_000, 100_000, 10_000
BATCH, BATCHES, COLD_BATCHES = 100, 300, 50
DAYS = 90
TEMPLATES = 10
#: kecamatan, and words that say what happened in one: under so many keys the near ones lie
NEAR_KEYS = 7_285 * 300
SAME, TEXT, NEAR = range(len(KINDS))

CASES = """
WITH RECURSIVE series(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < :count)
INSERT INTO cases(id, reference, identity, channel, source_id, received_at, raw, step)
SELECT i, i * 3602879, i, 'bench', '', :began + i * :step, x'', 'done' FROM series
"""
LIKENESSES = """
WITH RECURSIVE series(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < :count)
INSERT INTO likenesses SELECT i, i, :began + i * :step, CASE WHEN i % 5 < 2 THEN :placed ELSE :plain END FROM series
"""
KEYS = """
WITH RECURSIVE series(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM series WHERE i < :count)
INSERT OR IGNORE INTO kin SELECT :kind, CAST((:began + i * :step) / :bucket_s AS INTEGER) AS bucket, CASE
    WHEN :kind = 1 AND i % 100 = 0 THEN 1 + i / 100 % :templates
    WHEN :kind = 2 THEN abs(random()) % :near
    ELSE abs(random()) END AS key, i
FROM series WHERE i % 5 < :share ORDER BY bucket, key, i
"""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Of one size of index; times in milliseconds for a batch."""

    count: int
    p50_ms: float
    p99_ms: float
    cold_p50_ms: float
    cold_p99_ms: float
    #: of a warm batch
    cpu_ms: float
    met: float
    index_mb: float
    memory_mb: float


def filled(path: Path, count: int) -> float:
    """A store with so many likenesses, and what they weigh in MiB."""
    db = open_store(path)
    for pragma, value in (("synchronous", "off"), ("journal_mode", "off"), ("cache_size", -400_000), ("locking_mode", "exclusive")):
        db.pragma(pragma, value)
    now = time.time()
    began, step = now - DAYS * 86_400, DAYS * 86_400 / count
    # The unique index on random references would take longer to fill than all that is measured, and has no part in it.
    db.execute("DROP INDEX cases_reference; DROP INDEX cases_identity")
    numbers = {"count": count, "began": began, "step": step, "templates": TEMPLATES, "near": NEAR_KEYS}
    with db:
        db.execute(CASES, {**numbers, "count": count + (BATCHES + COLD_BATCHES) * BATCH})
    before = _size(db)
    plain, placed = (msgspec.msgpack.encode(_likeness(random.Random(1), place=place)) for place in (False, True))
    with db:
        db.execute(LIKENESSES, {**numbers, "plain": plain, "placed": placed})
        for kind, share in ((SAME, 5), (TEXT, 4), (NEAR, 2), (NEAR, 2), (NEAR, 2)):
            window_s, bucket_s = KINDS[kind]
            first = max(int((DAYS * 86_400 - window_s - bucket_s) / step), 1)
            db.execute(KEYS, {**numbers, "kind": kind, "share": share, "bucket_s": bucket_s, "first": first})
    weight = _size(db) - before
    db.close()
    return weight


def _size(db: apsw.Connection) -> float:
    return float(db.pragma("page_count") * db.pragma("page_size") / 2**20)


def _likeness(draw: random.Random, *, place: bool, template: bool = False) -> Likeness:
    text = 1 + draw.randrange(TEMPLATES) if template else draw.getrandbits(62)
    if not place:
        return Likeness(same=draw.getrandbits(62), text=text)
    near = tuple(draw.randrange(NEAR_KEYS) for _ in range(3))
    words = tuple(sorted(draw.getrandbits(32) for _ in range(SKETCH)))
    return Likeness(same=draw.getrandbits(62), text=text, near=near, place="35.02.17.1001", words=words)


def _searches(first: int, draw: random.Random) -> list[Search]:
    now = datetime.now(UTC)
    return [
        Search(case_id=str(first + n), channel="bench", received_at=now, likeness=_likeness(draw, place=n % 5 < 2, template=n == 0))
        for n in range(BATCH)
    ]


async def asked(path: Path, count: int, weight: float) -> Seen:
    """Batches, one after the other."""
    draw, met = random.Random(2), 0
    async with opened(path, most_letters=5) as store:

        async def timed(first: int) -> float:
            nonlocal met
            searches, began = _searches(first, draw), time.perf_counter()
            found = await store.kin(searches)
            took = time.perf_counter() - began
            met += sum(len(each.kin) for each in found)
            return took * 1000

        _forgotten(path)
        cold = [await timed(count + 1 + n * BATCH) for n in range(COLD_BATCHES)]
        began_cpu = time.process_time()
        warm = [await timed(count + 1 + (COLD_BATCHES + n) * BATCH) for n in range(BATCHES)]
        cpu_ms, memory_mb = (time.process_time() - began_cpu) / BATCHES * 1000, machine.memory_mb(os.getpid())
    return Seen(
        count=count, p50_ms=statistics.median(warm), p99_ms=_p99(warm), cold_p50_ms=statistics.median(cold), cold_p99_ms=_p99(cold),
        cpu_ms=cpu_ms, met=met / (BATCHES + COLD_BATCHES), index_mb=weight, memory_mb=memory_mb,
    )  # fmt: skip


def _p99(times: Sequence[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


def _forgotten(path: Path) -> None:
    """What the kernel keeps of the file in memory goes, so that the disk is read."""
    with path.open("rb") as file:
        os.fdatasync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def turn(count: int, folder: Path) -> Seen:
    """One size, in a folder that is gone afterwards."""
    with TemporaryDirectory(dir=folder, prefix="kin-") as name:
        path = Path(name) / "gateway.db"
        # in a process of its own, whose memory is not counted
        with ProcessPoolExecutor(1, get_context("spawn")) as filling:
            weight = filling.submit(filled, path, count).result()
        return uvloop.run(asked(path, count, weight))


def results(seen: Sequence[Seen]) -> str:
    """A row for each size."""
    head = (
        "cases in the index",
        f"{BATCH} cases, p50 / p99 ms",
        "cold, p50 / p99 ms",
        "CPU ms",
        "kin met by a batch",
        "index MiB",
        "RSS MiB",
    )
    rows = [
        [
            f"{one.count:,}", f"{one.p50_ms:.1f} / {one.p99_ms:.1f}", f"{one.cold_p50_ms:.1f} / {one.cold_p99_ms:.1f}", f"{one.cpu_ms:.1f}",
            f"{one.met:.0f}", f"{one.index_mb:,.0f}", f"{one.memory_mb:.0f}",
        ]
        for one in seen
    ]  # fmt: skip
    return table.markdown(head, rows)


def told(count: int, folder: Path) -> str:
    """The table: few, and so many."""
    return results([turn(size, folder) for size in (FEW, count)])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.kin", description="The kin of a case among very many others.")
    parser.add_argument("--count", type=int, default=COUNT, help=f"cases in the index (default: {COUNT:,})")
    parser.add_argument("--folder", type=Path, default=Path("var"), help="on the disk that is measured (default: var)")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    print(f"{machine.described()}\n\n{told(given.count, given.folder.resolve())}")


if __name__ == "__main__":
    main()
