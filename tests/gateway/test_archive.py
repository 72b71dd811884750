"""Cases that are over leave Redis for the archive, are known by what stays, and come back when something happens to them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from channels.base import Attachment
from forwarder.ledger import Happening
from gateway.archive import SUFFIX, Archive
from gateway.archived import present
from gateway.archiving import Archiving
from gateway.journal import Journal, Lines
from gateway.store.bundle import Bundle
from gateway.store.happenings import Told
from gateway.store.record import DEFAULT, Addition, Settlement
from gateway.store.redis import RedisStore
from tests.fakes import redis_server
from tests.promises import subject_redis
from tests.promises.lived import FULL, Lived, life
from tests.promises.stores import REGISTERED, arrival, claimed, done, letter, letters, now, numbers, one, part, put, sent

pytestmark = pytest.mark.skipif(bool(redis_server.missing()), reason="no redis-server here")


class Office:
    """A store on Redis, the archive of this machine, and who carries cases between them."""

    def __init__(self, store: RedisStore, folder: Path) -> None:
        self.store, self.archive, self.said = store, Archive(folder / "archive"), io.BytesIO()
        self.at = now(3600)
        self.journal = Journal(Lines(self.said))
        self.archiving = Archiving(store, self.archive, self.journal, after=timedelta(0))

    async def look(self) -> None:
        """The next round; each is a minute later than the one before."""
        self.at += timedelta(minutes=1)
        await self.archiving.look(self.at)

    def files(self) -> list[Path]:
        return sorted(self.archive.folder.glob(f"*{SUFFIX}"))


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[Office]:
    async with subject_redis.plain(folder, 5) as store:
        yield Office(store, folder)


async def over(store: RedisStore, name: object = "a") -> str:
    """A case that is registered, and whose sender has heard; its reference."""
    file = Attachment(name="foto.jpg", media_type="image/jpeg", content=b"\xff\xd8" * 3000)
    accepted = await store.put(msgspec.structs.replace(arrival(name), files=(file,)), numbers(name))
    claim = await one(store)
    await store.settle(done(claim, letter(f"{name}:registered", claim.case.case_id)))
    (written,) = await letters(store)
    await store.settle_letter(sent(written, f"p-{name}"))
    return accepted.reference


async def test_a_case_that_is_over_leaves_for_the_archive_and_what_stays_knows_it(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        reference = await over(at.store)
        before, tally = await life(at.store, reference), await at.store.tally()
        await at.look()
        stub = await life(at.store, reference)
        assert stub.case.archived
        assert (stub.case.arrival.raw, stub.record, stub.letters, stub.case.files) == (b"", None, (), ())
        assert (stub.case.step, stub.case.registration) == ("done", before.case.registration)
        assert await at.store.life("1234567") == stub
        again = await at.store.put(arrival("a"), numbers("other"))
        assert (again.reference, again.duplicate) == (reference, True)
        assert await at.store.tally() == tally
        assert await at.store.recount() == []
        (kept,) = [at.archive.find(stub.case.archived, int(stub.case.case_id))]
        assert kept is not None
        assert kept.rows["files"][0]["content"] == b"\xff\xd8" * 3000


async def test_what_waits_for_anything_stays(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        life_ = Lived(at.store)
        await life_.live(("put", "put", "done", "put_files", "done", "put", "park", "put", "copy", "put", "ask", "put", "claim"))
        await at.look()
        assert at.files() == [], "letters that are not sent, files on their way, people and leases: nothing of it is over"


async def test_a_case_to_which_something_has_happened_lately_stays(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        reference = await over(at.store)
        at.archiving = Archiving(at.store, at.archive, at.journal, after=timedelta(days=30))
        await at.look()
        assert at.files() == []
        assert not (await life(at.store, reference)).case.archived
        at.at += timedelta(days=31)
        await at.look()
        assert (await life(at.store, reference)).case.archived


async def test_a_case_of_which_its_ledger_says_something_comes_back_and_is_as_it_was(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        reference = await over(at.store)
        before = await life(at.store, reference)
        await at.look()
        happening = Happening(tracking_id="1234567", reference=reference, at=REGISTERED.registered_at, status="Selesai", by="PU", note="")
        told = Told(ledger=DEFAULT, happening=happening, state="closed", heard_at=now())
        assert await at.store.tell([told, told]) == ["kept", "known"]
        assert await at.store.undecided(9) == [], "nobody decides about a case that is not here"
        await at.look()
        (after,) = await at.store.undecided(9)
        assert (after.case, after.letters, after.record) == (before.case, before.letters, before.record)
        assert [event.status for event in after.events] == ["Selesai"]
        assert list(await at.store.files(after.case.case_id)) == [
            Attachment(name="foto.jpg", media_type="image/jpeg", content=b"\xff\xd8" * 3000)
        ]
        assert await at.store.recount() == []


async def test_what_its_sender_adds_is_kept_and_the_case_goes_round_when_it_is_back(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        reference = await over(at.store)
        case_id = (await life(at.store, reference)).case.case_id
        await at.look()
        (more,) = await put(at.store, "b")
        claim = await one(at.store)
        added = Addition(kind="follow_up", reference=more, at=now(), text="belum selesai")
        settlement = Settlement(claim=claim, step="declined", code="follow_up", words=reference, adds=(case_id, added))
        assert await at.store.settle(settlement)
        assert (await life(at.store, more)).case.step == "declined"
        await at.look()
        back = await one(at.store)
        assert (back.case.case_id, back.case.archived, back.case.arrival.raw) == (case_id, "", b"raw a")
        assert [each.text for each in back.case.additions] == ["belum selesai"]
        assert await at.store.recount() == []


async def test_a_message_that_is_edited_late_is_kept_and_the_case_goes_round_when_it_is_back(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        first = await at.store.hold(part(1, 2), numbers("g"))
        await at.store.hold(part(2, 2), numbers("g"))
        await at.store.settle(done(await one(at.store)))
        await at.look()
        assert (await life(at.store, first.reference)).case.archived
        assert (await at.store.hold(part(1, 2), numbers("g"))).duplicate, "the same part is known"
        assert (await at.store.hold(part(3, 2), numbers("g"))).reference == first.reference
        await at.look()
        (back,) = await claimed(at.store)
        assert [each.raw for each in back.case.parts] == [b"g1", b"g2", b"g3"]


async def test_nothing_is_let_go_to_which_something_has_happened_since_it_was_read(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        reference = await over(at.store)
        (quiet,) = await at.store.quiet(now(60))
        assert (await at.store.withdraw(str(quiet.bundle.case_id))) == "too_late"
        await at.archiving._keep([quiet])
        assert not (await life(at.store, reference)).case.archived
        assert [at.archive.find(f"{path.name}:0", quiet.bundle.case_id) for path in at.files()] == [None]


async def test_what_its_author_takes_back_is_taken_out_of_the_archive_too(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        gone, stays = await over(at.store, "a"), await over(at.store, "b")
        await at.look()
        assert b"raw a" in b"".join(path.read_bytes() for path in at.files())
        assert await at.store.forget("telkomsel", "id-a", "deleted", waiting=False)
        await at.look()
        left = b"".join(path.read_bytes() for path in at.files())
        assert b"raw a" not in left
        assert b"raw b" in left
        assert (await life(at.store, gone)).case.code == "deleted"
        other = (await life(at.store, stays)).case
        found = at.archive.find(other.archived, int(other.case_id))
        assert found is not None
        assert found.case_id == int(other.case_id), "it lies at another place now, and is found"


async def test_killed_between_its_disk_and_redis_it_is_kept_again_and_what_is_forgotten_is_forgotten_in_both(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        reference = await over(at.store)
        (quiet,) = await at.store.quiet(now(60))
        await at.store.let_go(at.archive.machine, ())
        at.archive.keep([quiet.bundle])
        assert not (await life(at.store, reference)).case.archived, "here it was killed"
        with subject_redis.served(tmp_path) as server, server.client() as client:
            client.zadd("{lapor}:lingering", {"1": 0})  # ten minutes later
        await at.look()
        assert (await life(at.store, reference)).case.archived
        assert len(at.files()) == 2
        assert await at.store.forget("telkomsel", "id-a", "deleted", waiting=False)
        await at.look()
        assert b"raw a" not in b"".join(path.read_bytes() for path in at.files())


async def test_a_case_whose_archive_is_on_another_machine_waits_and_is_told_of(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        reference = await over(at.store)
        await at.look()
        at.archive.folder.rename(tmp_path / "elsewhere")
        happening = Happening(tracking_id="1234567", reference=reference, at=REGISTERED.registered_at, status="Selesai", by="PU", note="")
        await at.store.tell([Told(ledger=DEFAULT, happening=happening, state="closed", heard_at=now())])
        await at.look()
        await at.look()
        at.journal.lines.flush()
        assert at.said.getvalue().count(b"archive_missing") == 1
        (tmp_path / "elsewhere").rename(at.archive.folder)
        await at.look()
        assert len(await at.store.undecided(9)) == 1


async def test_a_whole_life_goes_to_the_archive_and_back(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        lived = Lived(at.store)
        await lived.live(FULL)
        tally = await at.store.tally()
        await at.look()
        assert await at.store.tally() == tally
        assert await at.store.recount() == []


async def test_who_needs_all_of_a_case_has_it_within_a_moment_and_waits_for_nothing_that_will_not_come(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        reference = await over(at.store)
        before = await life(at.store, reference)
        await at.look()
        stub = await life(at.store, reference)
        carrying = asyncio.create_task(at.archiving.run())
        found = await present(at.store, stub)
        carrying.cancel()
        assert (found.case, found.letters, found.record) == (before.case, before.letters, before.record)
        assert await present(at.store, found) == found
        assert await present(at.store, stub) == found, "who has seen a stub a moment ago sees what is there now"


async def test_a_case_that_nobody_brings_is_answered_for_by_its_stub(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        reference = await over(at.store)
        await at.look()
        stub = await life(at.store, reference)
        assert await present(at.store, stub) == stub


# --- the files ---


def kept(tmp_path: Path, *ids: int) -> tuple[Archive, list[str]]:
    archive = Archive(tmp_path / "archive")
    return archive, archive.keep([Bundle(n, {"cases": [{"id": n, "raw": b"%d" % n}]}) for n in ids])


def test_what_is_kept_is_found_again_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    archive, places = kept(tmp_path, 7, 8)
    found = [archive.find(place, case_id) for place, case_id in zip(places, (7, 8), strict=True)]
    assert [each and each.case_id for each in found] == [7, 8]
    assert archive.find("none.lapor:40", 7) is None
    assert archive.find("../../etc/passwd:0", 7) is None
    assert [path.stat().st_mode & 0o077 for path in archive.folder.iterdir()] == [0]


def test_a_damaged_bundle_is_not_given_back_and_not_thrown_away(tmp_path: Path) -> None:
    archive, places = kept(tmp_path, 7, 8, 9)
    (path,) = archive.folder.iterdir()
    octets = bytearray(path.read_bytes())
    at = int(places[0].rpartition(":")[2])
    octets[at + 20] ^= 1
    path.write_bytes(octets)
    assert archive.find(places[0], 7) is None
    archive.erase({8})
    assert [archive.find(place, case_id) is not None for place, case_id in zip(places, (7, 8, 9), strict=True)] == [False, False, True]
    assert path.with_suffix(".damaged").read_bytes() == octets[at : int(places[1].rpartition(":")[2])]


def test_a_file_that_the_disk_has_emptied_holds_up_nobody(tmp_path: Path) -> None:
    archive, places = kept(tmp_path, 7)
    (path,) = archive.folder.iterdir()
    path.write_bytes(b"")
    assert archive.find(places[0], 7) is None
    (other,) = archive.keep([Bundle(8, {"cases": [{"id": 8, "raw": b"8"}]})])
    archive.erase({8})
    assert archive.find(other, 8) is None
