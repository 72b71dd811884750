"""The embedded ledger on a real disk: restarts, two writers, meddling, a disk that is full, files that are not ours."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from channels.base import Refused, Unavailable
from forwarder import embedded
from forwarder.book import Book, verify
from forwarder.embedded import EmbeddedLedger, Settings
from forwarder.ledger import Registration
from normalizer.complaint import Complaint
from tests.forwarder.records import AT, complaint, reference


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return embedded.place(Settings(), tmp_path)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[EmbeddedLedger]:
    opened = embedded.ledger("office", Settings(), tmp_path, lambda: AT)
    yield opened
    await opened.close()


def _written(path: Path, count: int) -> Path:
    book = Book(path)
    for number in range(count):
        book.register({reference(number): '{"text": "jalan rusak"}'}, AT)
    book.close()
    return path


def _meddle(path: Path, *statements: str) -> None:
    """As somebody with the sqlite3 program would."""
    db = sqlite3.connect(path)
    for statement in ("DROP TRIGGER no_update", "DROP TRIGGER no_delete", *statements):
        db.execute(statement)
    db.commit()
    db.close()


async def test_what_was_registered_is_there_after_a_restart(tmp_path: Path) -> None:
    ledger = embedded.ledger("office", Settings(), tmp_path, lambda: AT)
    (first,) = await ledger.register([complaint(1)])
    await ledger.close()
    reopened = embedded.ledger("office", Settings(), tmp_path, lambda: AT)
    assert await reopened.find(reference(1), AT) == first
    (second,) = await reopened.register([complaint(2)])
    assert isinstance(second, Registration)
    assert second != first
    await reopened.close()
    assert verify(tmp_path / "ledger.db") is None


async def test_the_office_reads_a_complaint_and_its_amendments_by_number(ledger: EmbeddedLedger) -> None:
    (registration,) = await ledger.register([complaint(1)])
    assert isinstance(registration, Registration)
    await ledger.register([complaint(2)])
    longer = msgspec.structs.replace(complaint(1), text="lebih panjang")
    await ledger.amend(longer)
    await ledger.amend(longer)
    entries = await ledger.entries(registration.tracking_id)
    assert [entry.kind for entry in entries] == ["registration", "amendment"]
    assert {entry.reference for entry in entries} == {reference(1)}
    assert entries[0].at == AT
    assert [msgspec.json.decode(entry.record, type=Complaint) for entry in entries] == [complaint(1), longer]
    assert await ledger.entries("1") == ()


async def test_the_office_pages_through_the_book_newest_first(ledger: EmbeddedLedger) -> None:
    await ledger.register([complaint(number) for number in range(5)])
    first = await ledger.page(limit=2)
    rest = await ledger.page(before=first[-1].seq)
    assert [entry.seq for entry in (*first, *rest)] == [5, 4, 3, 2, 1]
    assert await ledger.page(before=1) == ()


async def test_no_slip_of_one_digit_turns_a_tracking_id_into_anothers(ledger: EmbeddedLedger) -> None:
    answers = await ledger.register([complaint(number) for number in range(400)])
    ids = {answer.tracking_id for answer in answers if isinstance(answer, Registration)}
    assert len(ids) == 400
    assert {len(tracking_id) for tracking_id in ids} == {7}
    for tracking_id in ids:
        slips = {tracking_id[:i] + digit + tracking_id[i + 1 :] for i in range(7) for digit in "0123456789"}
        swaps = {tracking_id[:i] + tracking_id[i + 1] + tracking_id[i] + tracking_id[i + 2 :] for i in range(6)}
        assert not (slips | swaps) & ids - {tracking_id}


async def test_an_amendment_of_what_is_not_in_the_book_is_refused(ledger: EmbeddedLedger) -> None:
    with pytest.raises(Refused, match="unknown_reference"):
        await ledger.amend(complaint(3))


async def test_two_processes_may_write_one_book(ledger: EmbeddedLedger, tmp_path: Path) -> None:
    beside = embedded.ledger("office", Settings(), tmp_path, lambda: AT)
    for start in range(0, 40, 4):
        await asyncio.gather(ledger.register([complaint(n) for n in range(start, start + 3)]), beside.register([complaint(start + 3)]))
        await asyncio.gather(ledger.amend(complaint(start, "a")), beside.amend(complaint(start + 1, "b")))
    assert [await ledger.find(reference(n), AT) for n in range(40)] == [await beside.find(reference(n), AT) for n in range(40)]
    assert None not in [await ledger.find(reference(n), AT) for n in range(40)]
    await beside.close()
    assert verify(tmp_path / "ledger.db") is None


async def test_another_program_that_holds_the_file_for_long_makes_us_wait(ledger: EmbeddedLedger, path: Path) -> None:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, lambda: db.execute("ROLLBACK"))
    release.start()
    (answer,) = await ledger.register([complaint(1)])
    assert isinstance(answer, Registration)
    release.join()
    db.close()


async def test_a_disk_that_takes_no_more_is_unavailable_and_recovers(ledger: EmbeddedLedger, path: Path) -> None:
    (kept,) = await ledger.register([complaint(0)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 65536, hard))
    try:
        answers = await ledger.register([complaint(number, "x" * 20_000) for number in range(1, 40)])
        with pytest.raises(Unavailable):
            await ledger.amend(complaint(0, "x" * 400_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert all(isinstance(answer, Unavailable) and not answer.unsure for answer in answers)
    assert await ledger.find(reference(1), AT) is None
    again = await ledger.register([complaint(number) for number in range(40)])
    assert all(isinstance(answer, Registration) for answer in again)
    assert again[0] == kept
    assert verify(path) is None


def test_the_book_refuses_changes(path: Path) -> None:
    _written(path, 2)
    db = sqlite3.connect(path)
    for statement in ("UPDATE entries SET record = '{}'", "DELETE FROM entries WHERE seq = 2"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(statement)
    db.close()


def test_an_untouched_book_proves_itself(path: Path) -> None:
    assert verify(path) is None
    assert verify(_written(path, 3)) is None


@pytest.mark.parametrize("column", ["kind", "tracking_id", "reference", "at", "record"])
def test_an_altered_entry_is_found(path: Path, column: str) -> None:
    _meddle(_written(path, 5), f"UPDATE entries SET {column} = {column} || ' ' WHERE seq = 3")
    fault = verify(path)
    assert fault is not None
    assert (fault.seq, "altered" in fault.words) == (3, True)


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("DELETE FROM entries WHERE seq = 3", 3),
        ("DELETE FROM entries WHERE seq = 1", 1),
        ("UPDATE entries SET seq = -seq WHERE seq = 4", 1),
        ("UPDATE entries SET hash = randomblob(32) WHERE seq = 2", 2),
        ("INSERT INTO entries SELECT 6, kind, '1', 'x', at, record, hash FROM entries WHERE seq = 5", 6),
    ],
)
def test_a_removed_or_invented_entry_is_found(path: Path, statement: str, seq: int) -> None:
    _meddle(_written(path, 5), statement)
    fault = verify(path)
    assert fault is not None
    assert fault.seq == seq


def test_a_damaged_page_is_found(path: Path) -> None:
    _written(path, 300)
    content = bytearray(path.read_bytes())
    for page in range(4096 * 6, len(content) - 4096, 4096):
        content[page : page + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    assert verify(path) is not None


def _not_a_database(path: Path) -> None:
    path.write_bytes(b"Kepada Yth. Bapak Bupati, " * 100)


def _newer(path: Path) -> None:
    _meddle(_written(path, 1), "PRAGMA user_version = 2")


def _of_another_program(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE laporan (id)")
    db.commit()
    db.close()


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (_not_a_database, "not a ledger file"),
        (_newer, "newer version of the gateway"),
        (_of_another_program, "another program"),
        (Path.mkdir, "cannot be opened"),
    ],
)
def test_a_file_that_is_no_book_of_ours_is_named_and_left_alone(path: Path, prepare: Callable[[Path], None], words: str) -> None:
    prepare(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(ValueError, match=words) as refusal:
        Book(path)
    assert str(path) in str(refusal.value)
    with pytest.raises(ValueError, match=words):
        verify(path)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"missing/ledger\.db: cannot be opened"):
        Book(tmp_path / "missing" / "ledger.db")


def test_only_its_owner_reads_the_book(path: Path) -> None:
    book = Book(path)
    book.register({reference(1): "{}"}, AT)
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.glob("ledger.db*")} == {0o600}
    book.close()


def test_the_settings_may_name_another_file(tmp_path: Path) -> None:
    assert embedded.place(Settings(path="/srv/buku.db"), tmp_path) == Path("/srv/buku.db")
