"""What is the embedded store's own: its file, its lock, its group commit, and processes beside each other on one file."""

from __future__ import annotations

import asyncio
import os
import stat
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from channels.base import Unavailable
from gateway.store.base import Store
from gateway.store.batch import MOST_CLAIMED, Transactions
from gateway.store.jobs import Jobs
from gateway.store.presence import Presence
from gateway.store.record import StoreFault, StoreHeld
from gateway.store.sqlite import opened
from gateway.store.sqlite_file import open_store
from tests.promises.stores import arrival, claimed, done, nothing, now, numbers, one, parked, put, receipt

TOP = Path(__file__).parents[2]


def newer(path: Path) -> None:
    db = apsw.Connection(str(path))
    db.pragma("user_version", 99)
    db.close()


def text(path: Path) -> None:
    path.write_text("kepada yth. " * 100)


def folder(path: Path) -> None:
    path.mkdir()


def below_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("")


FAULTS = [(newer, "newer version"), (text, "not a database"), (folder, "cannot be opened"), (below_a_file, "cannot be opened")]


@pytest.mark.parametrize(("make", "words"), FAULTS)
async def test_a_file_that_cannot_be_the_store_is_named_in_one_line(make: Callable[[Path], None], words: str, tmp_path: Path) -> None:
    path = tmp_path / "var" / "gateway.db"
    path.parent.mkdir()
    make(path)
    with pytest.raises(StoreFault, match=words) as fault:
        async with opened(path, most_letters=5):
            pass
    assert str(path) in str(fault.value)
    assert "\n" not in str(fault.value)


async def test_a_newer_file_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    newer(path)
    before = path.read_bytes()
    with pytest.raises(StoreFault):
        async with opened(path, most_letters=5):
            pass
    assert path.read_bytes() == before


async def test_a_database_of_another_program_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    db = apsw.Connection(str(path))
    db.execute("CREATE TABLE letters_of_somebody(name)")
    db.close()
    with pytest.raises(StoreFault):
        async with opened(path, most_letters=5):
            pass


READ_ONLY = """
import asyncio, os, sys
from pathlib import Path
from gateway.store.batch import MOST_CLAIMED
from gateway.store.base import Store
from gateway.store.record import StoreFault, StoreHeld
from gateway.store.sqlite import opened
async def main(path):
    async with opened(path, most_letters=5):
        print("opened")
if os.geteuid() == 0:  # root may write whatever it likes
    os.setuid(65534)
try:
    asyncio.run(main(Path(sys.argv[1])))
except StoreFault as fault:
    print(fault)
"""


@pytest.mark.parametrize("what", ["file", "folder"])
async def test_a_store_that_may_only_be_read_is_named_in_one_line(what: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "gateway.db"
        if what == "file":
            async with opened(path, most_letters=5):
                pass
            path.chmod(0o444)
        Path(place).chmod(0o555)
        tried = subprocess.run([sys.executable, "-c", READ_ONLY, str(path)], cwd=TOP, capture_output=True, text=True, check=False)
        Path(place).chmod(0o755)
    assert tried.stderr == ""
    assert tried.stdout.startswith(f"{path}: ")
    assert "cannot be opened for writing" in tried.stdout
    assert tried.stdout.count("\n") == 1


async def test_only_its_owner_reads_what_citizens_wrote(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        async with opened(tmp_path / "gateway.db", most_letters=5) as store:
            await put(store, "a")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert {name: mode & 0o077 for name, mode in modes.items() if mode & 0o077} == {}


async def test_nothing_but_the_database_is_left_beside_it(tmp_path: Path) -> None:
    async with opened(tmp_path / "gateway.db", most_letters=5) as store:
        await put(store, "a")
    assert [path.name for path in tmp_path.iterdir()] == ["gateway.db"]


def commits(log: Path) -> int:
    """Transactions in a write-ahead log: frames of its present round that say how big the database is after them.

    https://www.sqlite.org/fileformat2.html#the_write_ahead_log: a header of 32 bytes, then frames of 24 bytes and a page.
    """
    raw = log.read_bytes()
    size, salt = struct.unpack(">L", raw[8:12])[0], raw[16:24]
    frames = [raw[at : at + 24] for at in range(32, len(raw), 24 + size)]
    return sum(frame[8:16] == salt and frame[4:8] != bytes(4) for frame in frames)


async def test_many_messages_share_a_commit_and_one_alone_waits_for_nobody(tmp_path: Path) -> None:
    log = tmp_path / "gateway.db-wal"
    async with opened(tmp_path / "gateway.db", most_letters=5) as store:
        before = commits(log)
        await put(store, "alone")
        assert commits(log) == before + 1
        await asyncio.gather(*(store.put(arrival(n), numbers(n)) for n in range(1000)))
        assert commits(log) <= before + 4


async def test_a_message_is_kept_before_the_settlements_that_came_before_it(tmp_path: Path) -> None:
    async with opened(tmp_path / "gateway.db", most_letters=5) as store:
        await put(store, *range(60))
        settled = [store.settle(done(claim)) for claim in await claimed(store, 60)]
        await put(store, "new")
        assert not any(settling.done() for settling in settled)
        assert all(await asyncio.gather(*settled))


async def test_messages_that_never_end_do_not_keep_settlements_waiting(tmp_path: Path) -> None:
    async with opened(tmp_path / "gateway.db", most_letters=5) as store:
        await put(store, *range(60))
        settled = asyncio.gather(*(store.settle(done(claim)) for claim in await claimed(store, 60)))
        for name in ("one", "two", "three"):
            await put(store, name)
        assert settled.done()


async def test_no_claim_keeps_the_doors_waiting_for_more_than_a_moment(tmp_path: Path) -> None:
    async with opened(tmp_path / "gateway.db", most_letters=5) as store:
        await put(store, *range(MOST_CLAIMED + 20))
        assert [len(await claimed(store, 1000)) for _ in range(2)] == [MOST_CLAIMED, 20]


async def test_a_file_that_somebody_else_holds_is_trouble_until_it_is_let_go(tmp_path: Path) -> None:
    async with opened(tmp_path / "gateway.db", most_letters=5) as store:
        other = apsw.Connection(str(tmp_path / "gateway.db"))
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable) as trouble:
            await store.put(arrival("a"), numbers("a"))
        assert trouble.value.code == "store_busy"
        other.execute("ROLLBACK")
        other.close()
        assert not (await store.put(arrival("a"), numbers("a"))).duplicate


async def test_opening_waits_for_the_file_without_stopping_the_process(tmp_path: Path) -> None:
    async with opened(tmp_path / "gateway.db", most_letters=5):
        pass
    other = apsw.Connection(str(tmp_path / "gateway.db"))
    other.execute("BEGIN IMMEDIATE")
    letting_go = threading.Timer(0.05, lambda: other.execute("ROLLBACK"))
    letting_go.start()
    try:
        async with opened(tmp_path / "gateway.db", most_letters=5) as store:
            assert len(await put(store, "a")) == 1
    finally:
        letting_go.join()
        other.close()


def let_go(other: apsw.Connection) -> None:
    other.execute("ROLLBACK")


def made_newer(other: apsw.Connection) -> None:
    other.pragma("user_version", 99)
    other.execute("COMMIT")


@pytest.mark.parametrize(("became", "why"), [(let_go, ""), (made_newer, "store_unfit")])
async def test_who_is_patient_waits_for_a_file_that_another_holds(
    became: Callable[[apsw.Connection], None], why: str, tmp_path: Path
) -> None:
    """Not even to be read: what it is shows only when it is let go."""
    path = tmp_path / "gateway.db"
    other = apsw.Connection(str(path))
    other.execute("BEGIN EXCLUSIVE")
    async with opened(path, most_letters=5, patient=True) as store:
        with pytest.raises(Unavailable) as trouble:
            await store.put(arrival("a"), numbers("a"))
        assert trouble.value.code == "store_busy"
        became(other)
        other.close()
        async with asyncio.timeout(60):
            while (found := await put_or_not(store)) == "store_busy":
                await asyncio.sleep(0.05)
        assert found == why
        if not why:
            assert len(await claimed(store)) == 1


async def put_or_not(store: Store) -> str:
    """Why it was not kept."""
    try:
        await store.put(arrival("a"), numbers("a"))
    except Unavailable as trouble:
        return trouble.code
    return ""


async def test_who_is_not_patient_is_told_that_another_holds_the_file(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    other = apsw.Connection(str(path))
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreHeld, match="cannot be opened for writing"):
        async with opened(path, most_letters=5):
            pass
    other.close()


async def test_an_operator_beside_a_gateway_leaves_its_leases_alone_and_gives_it_work(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    async with opened(path, most_letters=5) as gateway:
        (waits,) = await parked(gateway, "parked")
        await put(gateway, "leased")
        leased = await one(gateway)
        async with opened(path, most_letters=5) as operator:
            assert await nothing(operator)
            working = asyncio.create_task(claimed(gateway))
            await asyncio.sleep(0.02)
            assert await operator.retry(waits, "rini", "again")
            assert [claim.case.case_id for claim in await working] == [waits]
        assert leased.case.case_id != waits
        assert await nothing(gateway)
        assert await gateway.recount() == []


async def test_what_two_processes_keep_at_once_is_all_there_with_counts_that_agree(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    async with opened(path, most_letters=5) as one_, opened(path, most_letters=5) as other:
        taken = await asyncio.gather(*(store.put(arrival(n), numbers(n)) for n in range(200) for store in (one_, other)))
        assert sum(accepted.duplicate for accepted in taken) == 200
        assert len({accepted.reference for accepted in taken}) == 200
        shares = await asyncio.gather(claimed(one_, 100), claimed(other, 100))
        assert len({claim.case.case_id for share in shares for claim in share}) == 200
        assert await other.recount() == []


async def test_a_process_whose_doors_are_pressed_is_heard_by_the_others_for_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    async with opened(path, most_letters=5) as workers, opened(path, most_letters=5) as doors:
        await put(doors, arrival(1))  # to write is to learn who else is here
        doors.press()
        heard = [workers.pressed]
        async with asyncio.timeout(60):
            while heard[-2:] != [True, False]:
                heard.append(workers.pressed)
                await asyncio.sleep(0.01)
        assert not doors.pressed


def test_a_receipt_that_met_no_letter_is_forgotten_after_a_day(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    with closing(Presence(path)) as presence, closing(open_store(path)) as db:
        receipts = [receipt("1", "01", at=now(-90_000)), receipt("2", at=now(-80_000))]
        for jobs in (Jobs(receipts=receipts), Jobs(acts=[lambda *_: None])):
            # each as the first of a process
            Transactions(db=db, presence=presence, most_letters=5).run(jobs)
        assert [row[0] for row in db.execute("SELECT provider_id FROM early_receipts")] == ["2"]
