"""Between the wire and the yes: an identity, a reference that only we can make, a commit, a count and a word in the journal."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from channels.base import Arrival, Part, Receipt, Unavailable
from gateway.intake import Intake, Room
from gateway.journal import Journal, Lines
from gateway.metrics import Metrics
from gateway.numbering import Numbering
from gateway.spool.home import Spool
from gateway.store.base import Store
from gateway.store.sqlite import opened
from normalizer.reference import read

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TEXT = "jalan rusak di depan rumah 6281200000001"
#: a file system without a single block
FULL = Path("/proc")


class Desk(NamedTuple):
    intake: Intake
    metrics: Metrics
    journal: Journal
    out: io.BytesIO

    def said(self) -> list[tuple[str, str, str]]:
        return [(line["event"], line["case"], line["channel"]) for line in map(msgspec.json.decode, self.out.getvalue().splitlines())]


def desk(store: Store, folder: Path, *, key: bytes = b"k" * 32) -> Desk:
    metrics, out = Metrics(), io.BytesIO()
    journal = Journal(Lines(out))
    numbering, room = Numbering(key), Room(folder)
    detour = Spool(store, folder, room=room, numbering=numbering, journal=journal).detour
    return Desk(Intake(store, room, detour=detour, numbering=numbering, metrics=metrics, journal=journal), metrics, journal, out)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(tmp_path / "gateway.db", most_letters=5) as store:
        yield store


def sms(source_id: str = "print", *, at: datetime = AT, fingerprint: bool = True) -> Arrival:
    since = at - timedelta(minutes=10) if fingerprint else None
    return Arrival(channel="telkomsel", source_id=source_id, raw=TEXT.encode(), received_at=at, same_since=since)


def part(index: int, at: datetime = AT) -> Part:
    return Part(
        channel="telkomsel", group="g", index=index, count=2, raw=b"x", fingerprint=f"f{index}", received_at=at,
        wait_until=at + timedelta(hours=1), same_since=at - timedelta(hours=1),
    )  # fmt: skip


async def test_what_was_accepted_is_counted_and_told_without_a_word_of_it(store: Store, tmp_path: Path) -> None:
    here = desk(store, tmp_path)
    first = await here.intake.accept(sms())
    again = await here.intake.accept(sms(at=AT + timedelta(minutes=1)))
    held = await here.intake.hold(part(1))
    here.journal.lines.flush()
    assert again == msgspec.structs.replace(first, duplicate=True)
    assert here.said() == [(word, case, "telkomsel") for word, case in (
        ("accepted", first.case_id), ("duplicate", first.case_id), ("held", held.case_id),
    )]  # fmt: skip
    assert (here.metrics.received, here.metrics.accepted, here.metrics.duplicates) == (
        {"telkomsel": 3},
        {"telkomsel": 3},
        {"telkomsel": 1},
    )
    said = here.out.getvalue().decode()
    assert not any(secret in said for secret in (TEXT, "6281200000001", first.reference, "print"))


async def test_the_same_words_later_are_another_case_with_another_reference(store: Store, tmp_path: Path) -> None:
    here = desk(store, tmp_path)
    first = await here.intake.accept(sms())
    later = await here.intake.accept(sms(at=AT + timedelta(hours=1)))
    assert (later.duplicate, later.reference == first.reference) == (False, False)
    assert read(later.reference) == later.reference


async def test_a_reference_follows_from_the_message_and_a_key_that_nobody_else_has(tmp_path: Path) -> None:
    found = []
    for n, (key, later) in enumerate([(b"k" * 32, 0), (b"k" * 32, 9), (b"o" * 32, 0)]):
        async with opened(tmp_path / f"{n}.db", most_letters=5) as store:
            here = desk(store, tmp_path, key=key)
            by_id = await here.intake.accept(sms("id", at=AT + timedelta(hours=later), fingerprint=False))
            by_print = await here.intake.accept(sms())
            found.append((by_id.reference, by_print.reference))
    ours, same, theirs = found
    assert ours == same
    assert set(ours).isdisjoint(theirs)


async def test_parts_of_one_message_have_one_reference(store: Store, tmp_path: Path) -> None:
    here = desk(store, tmp_path)
    first = await here.intake.hold(part(2))
    second = await here.intake.hold(part(1, AT + timedelta(seconds=5)))
    assert (first.case_id, first.reference) == (second.case_id, second.reference)


async def test_a_disk_without_room_takes_nothing_and_says_so(store: Store) -> None:
    here = desk(store, FULL)
    for refused in (here.intake.accept(sms()), here.intake.hold(part(1))):
        with pytest.raises(Unavailable) as trouble:
            await refused
        assert trouble.value.code == "disk_nearly_full"
    await asyncio.sleep(0)
    assert here.metrics.refused == {("telkomsel", "disk_nearly_full"): 2}
    assert (here.metrics.received, here.metrics.accepted) == ({"telkomsel": 2}, {})
    assert (await store.tally()).received == {}
    assert here.out.getvalue() == b""


async def test_what_is_in_is_still_worked_off_on_a_disk_without_room(store: Store, tmp_path: Path) -> None:
    await desk(store, tmp_path).intake.accept(sms())
    assert len(await store.claim(1, 60)) == 1
    receipt = Receipt(channel="telkomsel", provider_ids=("7",), state="delivered", words="", at=AT)
    here = desk(store, FULL)
    assert await here.intake.note(receipt) is False
    assert here.metrics.receipts == {("telkomsel", "delivered"): 1}
    assert await here.intake.latest("telkomsel") == AT
    assert await here.intake.latest("indosat") is None


async def test_a_store_that_is_gone_is_trouble_by_name(tmp_path: Path) -> None:
    async with opened(tmp_path / "gateway.db", most_letters=5) as store:
        here = desk(store, tmp_path)
    with pytest.raises(Unavailable):
        await here.intake.accept(sms())
    await asyncio.sleep(0)
    assert here.metrics.refused == {("telkomsel", "store_closed"): 1}


def test_a_disk_with_room_has_room(tmp_path: Path) -> None:
    assert Room(tmp_path).enough()
    assert not Room(FULL).enough()


async def test_a_disk_that_is_not_there_any_more_is_later_at_the_doors(store: Store, tmp_path: Path) -> None:
    (folder := tmp_path / "mounted").mkdir()
    here = desk(store, folder)
    folder.rmdir()
    for refused in (here.intake.accept(sms()), here.intake.hold(part(1))):
        with pytest.raises(Unavailable, match="disk_nearly_full"):
            await refused


# --- in steps ---


async def test_a_step_is_counted_and_said_message_by_message_and_its_notes_move(store: Store, tmp_path: Path) -> None:
    here = desk(store, tmp_path)
    first, again, held = await here.intake.advance(
        "telkomsel", {"offset": "12"}, [sms("a", fingerprint=False), sms("a", fingerprint=False)], [part(1)]
    )
    here.journal.lines.flush()
    assert again == msgspec.structs.replace(first, duplicate=True)
    assert here.said() == [
        ("accepted", first.case_id, "telkomsel"), ("duplicate", first.case_id, "telkomsel"), ("held", held.case_id, "telkomsel"),
    ]  # fmt: skip
    assert (here.metrics.received["telkomsel"], here.metrics.accepted["telkomsel"], here.metrics.duplicates["telkomsel"]) == (3, 3, 1)
    assert await here.intake.recall("telkomsel", "offset") == "12"
    assert await here.intake.recalled("telkomsel", "off", 5) == {"offset": "12"}


async def test_a_step_that_the_disk_has_no_room_for_moves_nothing(store: Store) -> None:
    here = desk(store, FULL)
    with pytest.raises(Unavailable, match="disk_nearly_full"):
        await here.intake.advance("telkomsel", {"offset": "12"}, [sms("a")])
    assert await here.intake.recall("telkomsel", "offset") is None
    assert here.metrics.refused == {("telkomsel", "disk_nearly_full"): 1}
    # what needs no room may be noted all the same: what was spent, who opted out
    assert await here.intake.advance("telkomsel", {"spent": "1"}) == []


async def test_a_closed_store_takes_no_step(tmp_path: Path) -> None:
    async with opened(tmp_path / "gateway.db", most_letters=5) as closing:
        here = desk(closing, tmp_path)
    with pytest.raises(Unavailable, match="store_closed"):
        await here.intake.advance("telkomsel", {"offset": "12"}, [sms("a")])
    await asyncio.sleep(0)
    assert here.metrics.refused == {("telkomsel", "store_closed"): 1}


async def test_what_an_author_takes_back_is_purged(store: Store, tmp_path: Path) -> None:
    here = desk(store, tmp_path)
    accepted = await here.intake.accept(sms("a", fingerprint=False))
    assert await here.intake.forget("telkomsel", "a", "deleted")
    life = await store.life(accepted.reference)
    assert life is not None
    assert (life.case.step, life.case.arrival.raw) == ("declined", b"")
