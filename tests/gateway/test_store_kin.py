"""What is the embedded store's own about kin: how its rows go, what is read for an answer, and files of an earlier version."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import apsw
import pytest

from gateway.store import kin, tables
from gateway.store.batch import Transactions
from gateway.store.jobs import NEW, Jobs, Queue, Want
from gateway.store.kin import OLD_FOR_NEW
from gateway.store.kinship import KINDS, Search
from gateway.store.presence import Presence
from gateway.store.sqlite import opened
from gateway.store.sqlite_file import open_store
from gateway.store.tables import instant
from normalizer.likeness import Likeness
from tests.promises.stores import now, put, receipt

DAY_S = 86_400.0
FULL = Likeness(same=1, text=2, near=(3, 4, 5), place="35.02.17", words=(1, 2, 3))


@pytest.fixture
def db(tmp_path: Path) -> Iterator[apsw.Connection]:
    connection = open_store(tmp_path / "gateway.db")
    yield connection
    connection.close()


def searches(first: int, count: int, at: float) -> list[Search]:
    return [Search(case_id=str(first + n), channel="sms", received_at=instant(at), likeness=FULL) for n in range(count)]


def rows(db: apsw.Connection, table: str) -> int:
    found: int = db.execute(f"SELECT count(*) FROM {table}").get
    return found


def test_what_is_old_goes_a_few_rows_for_each_that_comes_until_it_is_gone(db: apsw.Connection) -> None:
    old, today = time.time() - 200 * DAY_S, time.time()
    for start in range(0, 100, 20):
        kin.find(db, searches(start, 20, old), old)
    assert (rows(db, "likenesses"), rows(db, "kin")) == (100, 500)
    left = [(rows(db, "likenesses"), rows(db, "kin"))]
    for n in range(40):
        kin.find(db, searches(1000 + n, 1, today), today)
        left.append((rows(db, "likenesses"), rows(db, "kin")))
    shrinking = [(likenesses - n, keys - 5 * n) for n, (likenesses, keys) in enumerate(left)]
    for before, after in pairwise(shrinking):
        assert 0 <= before[0] - after[0] <= OLD_FOR_NEW
        assert 0 <= before[1] - after[1] <= OLD_FOR_NEW * len(KINDS)
    kin.find(db, searches(2000, 60, today), today)
    assert (rows(db, "likenesses"), rows(db, "kin")) == (100, 500)
    assert db.execute("SELECT min(at) FROM likenesses").get > old


def test_each_kind_of_key_is_kept_for_as_long_as_it_is_looked_for(db: apsw.Connection) -> None:
    today = time.time()
    for days in (130, 60, 10, 0.5, 0):
        kin.find(db, searches(int(days * 10), 1, today - days * DAY_S), today - days * DAY_S)
    kin.find(db, searches(5000, 100, today), today)
    kept = [rows(db, f"(SELECT DISTINCT id FROM kin WHERE kind={kind} AND id<=5)") for kind in range(len(KINDS))]
    assert kept == [1, 4, 3], "an hour, ninety days, two weeks"


def test_every_look_is_a_search_of_the_primary_key(db: apsw.Connection) -> None:
    seen: list[str] = []

    def trace(cursor: apsw.Cursor, sql: str, _: object) -> bool:
        seen.append(sql)
        return True

    db.exec_trace = trace
    kin.find(db, searches(1, 3, time.time()), time.time())
    kin.find(db, searches(1, 3, time.time()), time.time())
    kin.forget(db, 1)
    db.exec_trace = None
    plans = [row[3] for sql in seen for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", [0] * sql.count("?"))]
    scans = [plan for plan in plans if plan.startswith(("SCAN likenesses", "SCAN kin"))]
    # the oldest few, by LIMIT
    assert set(scans) <= {"SCAN likenesses"}
    assert any("SEARCH kin USING PRIMARY KEY (kind=? AND bucket=? AND key=? AND id<?)" in plan for plan in plans)


async def test_a_file_of_the_version_before_gets_the_tables_and_keeps_its_cases(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    db = apsw.Connection(str(path))
    db.execute(tables.STEPS[0])
    db.pragma("user_version", 1)
    db.execute("INSERT INTO counts VALUES ('sms', 'received', 0)")
    db.close()
    both = [opened(path, most_letters=5) for _ in range(2)]
    async with both[0] as store, both[1] as other:
        (reference,) = await put(store, "a")
        asked = Search(case_id="1", channel="sms", received_at=now(), likeness=FULL)
        assert [found.kin for found in await other.kin([asked])] == [()]
        assert await other.life(reference) is not None


async def test_two_processes_may_bring_one_file_up_to_date_at_once(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    for _ in range(20):
        connections = await asyncio.gather(*(asyncio.to_thread(open_store, path) for _ in range(4)))
        assert {connection.pragma("user_version") for connection in connections} == {tables.VERSION}
        for connection in connections:
            connection.close()
        path.unlink()


def test_likenesses_alone_wait_for_no_flush_and_everything_else_does(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    presence = Presence(path)
    transactions = Transactions(db=open_store(path), presence=presence, most_letters=5)
    asked = searches(1, 1, time.time())
    want = Want((NEW,), 10, 60.0)
    flushed, normal, full = [], 1, 2
    quiet: dict[Queue, float] = {NEW: time.time() + 60}
    for jobs, quiet_until in [
        (Jobs(acts=[lambda *_: None]), {}),  # looks who else is here
        (Jobs(kin=[asked]), {}),
        (Jobs(kin=[asked], wants=[want]), quiet),
        (Jobs(kin=[asked], wants=[want]), {}),
        (Jobs(kin=[asked], receipts=[receipt("1")]), quiet),
        (Jobs(wants=[want]), quiet),
        (Jobs(kin=[asked]), {}),
    ]:
        transactions.quiet_until = dict(quiet_until)
        transactions.run(jobs)
        flushed.append(transactions.db.pragma("synchronous"))
    assert flushed == [full, normal, normal, full, full, full, normal]
    transactions.db.close()
    presence.close()
