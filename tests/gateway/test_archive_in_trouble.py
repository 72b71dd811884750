"""An archive whose disk is full, cannot be written or is lost: what is elsewhere goes on, and nothing is left lying about."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from forwarder.ledger import Happening
from gateway.archive import SUFFIX, Archive
from gateway.store.bundle import Bundle
from gateway.store.happenings import Told
from gateway.store.record import DEFAULT
from tests.fakes import redis_server
from tests.gateway.test_archive import Office, kept, office
from tests.promises.lived import life
from tests.promises.stores import REGISTERED, arrival, done, now, numbers, one
from tests.stories.disk import fill, mounted

needs_redis = pytest.mark.skipif(bool(redis_server.missing()), reason="no redis-server here")

#: more than a store tells of at once
MANY = 120


async def over(at: Office, name: str) -> str:
    """A case that is registered; its reference."""
    accepted = await at.store.put(arrival(name), numbers(name))
    await at.store.settle(done(await one(at.store)))
    return accepted.reference


async def closed(at: Office, references: Sequence[str]) -> None:
    """Their ledger says something of them, so that they are wanted."""
    for reference in references:
        tracking_id = (await life(at.store, reference)).case.registration.tracking_id  # type: ignore[union-attr]  # they are registered
        happening = Happening(tracking_id=tracking_id, reference=reference, at=REGISTERED.registered_at, status="Selesai", by="PU", note="")
        await at.store.tell([Told(ledger=DEFAULT, happening=happening, state="closed", heard_at=now())])


async def here(at: Office, reference: str) -> bool:
    return not (await life(at.store, reference)).case.archived


@needs_redis
async def test_cases_of_an_archive_that_is_lost_do_not_keep_the_others_from_coming_back(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        lost = [await over(at, f"lost-{n}") for n in range(MANY)]
        await at.look()
        at.archive.folder.rename(tmp_path / "elsewhere")
        await closed(at, lost)
        ours = [await over(at, f"ours-{n}") for n in range(2)]
        await at.look()
        await closed(at, ours)
        await at.look()
        assert [await here(at, reference) for reference in ours] == [True, True]
        for path in (tmp_path / "elsewhere").glob(f"*{SUFFIX}"):
            path.rename(at.archive.folder / path.name)
        for _ in range(MANY // 50 + 2):
            await at.look()
        assert [await here(at, reference) for reference in lost] == [True] * MANY


@needs_redis
async def test_an_archive_that_cannot_be_written_gives_back_what_it_has(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        gone, reference = await over(at, "a"), await over(at, "b")
        await at.look()
        assert await at.store.forget("telkomsel", "id-a", "deleted", waiting=False)
        await closed(at, [reference])
        # as on a disk that lets nothing be written: no name is free for the file that is to be written again
        (path,) = at.files()
        in_the_way = path.with_name(f"{path.name}.part")
        in_the_way.mkdir()
        for _ in range(3):
            await at.look()
        assert await here(at, reference)
        in_the_way.rmdir()
        await at.look()
        assert (await life(at.store, gone)).case.code == "deleted"
        assert b"raw a" not in b"".join(path.read_bytes() for path in at.files())


@needs_redis
async def test_a_clock_that_was_years_ahead_does_not_end_the_archive(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        right, at.at = at.at, at.at + timedelta(days=5000)
        await at.look()
        at.at = right
        reference = await over(at, "a")
        await at.look()
        assert not await here(at, reference)


@needs_redis
async def test_a_file_that_cannot_be_read_holds_up_no_other_case(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        unreadable = await over(at, "a")
        await at.look()
        (path,) = at.files()
        path.unlink()
        path.mkdir()
        reference = await over(at, "b")
        await at.look()
        await closed(at, [unreadable, reference])
        await at.look()
        at.journal.lines.flush()
        assert await here(at, reference)
        assert at.said.getvalue().count(b"archive_failed") == 1


def test_a_full_disk_keeps_the_room_that_it_has(tmp_path: Path) -> None:
    with mounted(tmp_path) as disk:
        archive = Archive(disk / "archive")
        filler = fill(disk)
        os.truncate(filler, filler.stat().st_size - 1_000_000)
        room = os.statvfs(disk).f_bavail
        for _ in range(3):
            with pytest.raises(OSError, match="No space"):
                archive.keep([Bundle(7, {"cases": [{"id": 7, "raw": bytes(2_000_000)}]})])
        assert os.statvfs(disk).f_bavail == room
        assert list(archive.folder.iterdir()) == []


def test_what_a_killed_one_has_left_half_written_goes(tmp_path: Path) -> None:
    archive, (place,) = kept(tmp_path, 7)
    half = archive.folder / f"20261101T000000-00000000{SUFFIX}.part"
    half.write_bytes(b"kata-kata seorang warga")
    with half.open("rb") as writing:
        fcntl.flock(writing, fcntl.LOCK_SH)
        archive.erase({8})
        assert half.exists(), "who writes it lives"
    archive.erase({8})
    assert not half.exists()
    assert archive.find(place, 7) is not None
