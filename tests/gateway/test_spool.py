"""Round the store and home again: what comes while the store is away, with every way in which that can go wrong."""

from __future__ import annotations

import asyncio
import io
import os
import resource
import stat
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import msgspec
import pytest

from channels.base import Arrival, Attachment, Part, Progress, Receipt, Unavailable
from gateway.intake import Intake, Room
from gateway.journal import Journal, Lines
from gateway.metrics import Metrics
from gateway.numbering import Numbering
from gateway.public import Reception
from gateway.sheaf import FRAME_SIZE, HEAD_SIZE, Record, read
from gateway.spool import quarantine
from gateway.spool.file import QUARANTINE, SPOOL, Left, Writing, waiting
from gateway.spool.home import Spool
from gateway.spool.home import opened as opened_spool
from gateway.spool.quarantine import NotThere
from gateway.spool.record import Message, written
from gateway.store.base import Store
from gateway.store.record import Life
from gateway.store.sqlite import opened
from normalizer.reference import write
from tests.gateway.fickle import Fickle
from tests.promises.stores import KEY

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TEXT = b"jalan rusak di depan rumah 6281200000001"
FULL = Path("/proc")


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """A gateway's doors in front of a store that can be out of reach."""

    wire: Fickle
    intake: Intake
    spool: Spool
    metrics: Metrics
    journal: Journal
    out: io.BytesIO

    def said(self, *events: str) -> list[dict[str, object]]:
        self.journal.lines.flush()
        lines = [msgspec.json.decode(line) for line in self.out.getvalue().splitlines()]
        return [line for line in lines if line["event"] in events]

    async def home(self) -> None:
        """The store is there, and is brought what waits."""
        self.wire.code = ""
        await self.spool.round()

    @property
    def files(self) -> list[Path]:
        return waiting(self.spool.folder)

    @property
    def torn(self) -> list[Path]:
        return waiting(self.spool.quarantine)


@asynccontextmanager
async def gateway(store: Store, folder: Path, *, room: Path | None = None, key: bytes = KEY) -> AsyncIterator[Here]:
    wire, metrics, out = Fickle(store), Metrics(), io.BytesIO()
    journal, numbering = Journal(Lines(out)), Numbering(key)
    async with opened_spool(wire.store, folder, room=Room(room or folder), numbering=numbering, journal=journal) as spool:
        intake = Intake(wire.store, Room(folder), detour=spool.detour, numbering=numbering, metrics=metrics, journal=journal)
        yield Here(wire=wire, intake=intake, spool=spool, metrics=metrics, journal=journal, out=out)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(tmp_path / "gateway.db", most_letters=5) as store:
        yield store


def mail(source_id: str = "mail", *, at: datetime = AT, raw: bytes = TEXT) -> Arrival:
    return Arrival(channel="surat", source_id=source_id, raw=raw, received_at=at)


def sms(source_id: str = "print", *, at: datetime = AT) -> Arrival:
    """Known by its bytes alone, for ten minutes."""
    return Arrival(channel="telkomsel", source_id=source_id, raw=TEXT, received_at=at, same_since=at - timedelta(minutes=10))


def part(index: int, at: datetime = AT, *, count: int = 2) -> Part:
    return Part(
        channel="telkomsel", group="g", index=index, count=count, raw=b"x", fingerprint=f"f{index}", received_at=at,
        wait_until=at + timedelta(minutes=10), same_since=at - timedelta(hours=1),
    )  # fmt: skip


async def known(store: Store, reference: str) -> Life:
    life = await store.life(reference)
    assert life is not None
    return life


# --- the way round ---


@pytest.mark.parametrize("code", ["store_unreachable", "store_busy", "store_full", "store_not_replicated"])
async def test_what_comes_while_the_store_is_away_gets_its_yes_and_the_code_that_it_will_have(
    store: Store, tmp_path: Path, code: str
) -> None:
    picture = Attachment(name="foto\ud800.jpg", media_type="image/jpeg", content=b"bytes" * 1000)
    async with gateway(store, tmp_path) as here:
        here.wire.code = code
        told = [await here.intake.accept(mail(f"{n}")) for n in range(3)]
        told.append(await here.intake.accept(msgspec.structs.replace(mail("with"), files=(picture,))))
        held = [await here.intake.hold(part(n, AT + timedelta(seconds=n))) for n in (2, 1)]
        assert await here.intake.note(Receipt(channel="telkomsel", provider_ids=("7",), state="delivered", words="", at=AT)) is False
        assert here.spool.state.waiting == {"surat": 4, "telkomsel": 3}
        assert len({each.reference for each in [*told, *held]}) == 5
        assert (await store.tally()).received == {}
        await here.home()
        assert (here.spool.state.waiting, here.files, here.torn, here.said("spool_unfinished")) == ({}, [], [], [])
        for n, accepted in enumerate(told[:3]):
            case = (await known(store, accepted.reference)).case
            assert (case.arrival, case.step) == (mail(f"{n}"), "submit")
        case = (await known(store, told[3].reference)).case
        assert await store.files(case.case_id) == [msgspec.structs.replace(picture, name="foto?.jpg")]
        assert [each.index for each in (await known(store, held[0].reference)).case.parts] == [1, 2]
        assert (await store.tally()).received == {"surat": 4, "telkomsel": 1}
        assert [line["event"] for line in here.said("store_away", "store_back")] == ["store_away", "store_back"]
        assert (here.metrics.received, here.metrics.accepted) == ({"surat": 4, "telkomsel": 2}, {"surat": 4, "telkomsel": 2})
        assert not any(word in here.out.getvalue().decode() for word in ("6281200000001", "jalan", told[0].reference))


async def test_whoever_asks_for_a_code_that_waits_hears_that_it_was_received(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        host = Reception(here.intake, "", here.wire.store, here.spool.detour.since)
        here.wire.code = "store_unreachable"
        told = await here.intake.accept(mail())
        received = Progress(reference=told.reference, state="received", timeline=(("received", AT),))
        assert await host.progress(told.reference.lower()) == received
        with pytest.raises(Unavailable):
            await host.progress("7654321")
        with pytest.raises(Unavailable):
            await host.progress(write(7))
        # the store is back, and has not been brought it yet
        here.wire.code = ""
        here.spool.detour.back()
        assert (await host.progress(told.reference), await host.progress(write(7))) == (received, None)
        await here.home()
        assert await host.progress(told.reference) == received
        assert here.spool.detour.since(told.reference) is None


async def test_an_identity_that_cannot_be_written_down_is_refused_and_holds_up_nobody(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        for code in ("store_unreachable", ""):
            here.wire.code = code
            with pytest.raises(Unavailable, match="spool_failed"):
                await here.intake.accept(mail("half \ud800"))
        await here.intake.accept(mail())
        await here.home()
        assert (await store.tally()).received == {"surat": 1}


async def test_what_is_brought_home_in_several_tries_is_counted_once(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        here.wire.code = "store_unreachable"
        for n in range(1200):
            here.intake.accept(mail(f"{n:04}"))
        await here.intake.accept(mail("last"))
        # the question whether it is there is a commit too, and of the last one the answer is lost
        for left, waits in ((3, 701), (2, 201)):
            here.wire.code, here.wire.left = "", left
            await here.spool.round()
            assert here.spool.state.waiting == {"surat": waits}
        here.wire.left = None
        await here.home()
        assert (here.spool.state.waiting, (await store.tally()).received, here.files) == ({}, {"surat": 1201}, [])


async def test_a_store_that_goes_away_when_all_is_home_is_told_so_the_next_time(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        here.wire.code = "store_unreachable"
        await here.intake.accept(mail("one"))
        # the question, what waits, and that it is all: of this the answer is lost, and the file is gone already
        here.wire.code, here.wire.left = "", 3
        await here.spool.round()
        assert (here.files, here.spool.detour.behind) == ([], True)
        here.wire.left = None
        await here.home()
        assert (here.spool.detour.behind, here.said("spool_stuck")) == (False, [])
        assert (await store.tally()).received == {"surat": 1}


async def test_only_the_first_one_waits_for_the_store_to_say_that_it_is_away(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        here.wire.code = "store_unreachable"
        await here.intake.accept(mail("first"))
        here.wire.code = ""
        await here.intake.accept(mail("second"))
        assert (await store.tally()).received == {}
        await here.spool.round()
        await here.intake.accept(mail("third"))
        assert (await store.tally()).received == {"surat": 3}


@pytest.mark.parametrize("code", ["disk_full", "store_closed", "no_reference"])
async def test_a_store_that_is_there_and_says_no_is_not_gone_round(store: Store, tmp_path: Path, code: str) -> None:
    async with gateway(store, tmp_path) as here:
        here.wire.code = code
        with pytest.raises(Unavailable, match=code):
            await here.intake.accept(mail())
        assert (here.files, here.spool.state.waiting, here.spool.detour.why) == ([], {}, "")


async def test_a_store_that_fails_is_asked_whether_it_takes_anything_at_all(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        here.wire.loathes = {"poison"}
        with pytest.raises(Unavailable, match="store_failed"):
            await here.intake.accept(mail("poison"))
        assert not here.spool.detour.why
        here.wire.code = "store_failed"
        accepted = await asyncio.gather(*(here.intake.accept(mail(f"{n}")) for n in range(5)))
        await here.home()
        assert [(await known(store, each.reference)).case.arrival.source_id for each in accepted] == [f"{n}" for n in range(5)]


async def test_a_disk_without_room_says_later_for_the_spool_too(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path, room=FULL) as here:
        here.wire.code = "store_unreachable"
        for refused in (here.intake.accept(mail()), here.intake.hold(part(1))):
            with pytest.raises(Unavailable, match="disk_nearly_full"):
                await refused
        assert (here.files, here.metrics.accepted) == ([], {})


async def test_a_spool_whose_disk_is_gone_is_later_and_costs_the_store_nothing(store: Store, tmp_path: Path) -> None:
    """The store itself asks for the way round, in the midst of its work: what went wrong there ended it for good."""
    (mounted := tmp_path / "mounted").mkdir()
    journal, numbering = Journal(Lines(io.BytesIO())), Numbering(KEY)
    async with opened_spool(store, mounted, room=Room(mounted), numbering=numbering, journal=journal) as spool:
        intake = Intake(store, Room(tmp_path), detour=spool.detour, numbering=numbering, metrics=Metrics(), journal=journal)
        with closing(apsw.Connection(str(tmp_path / "gateway.db"))) as other:
            other.execute("BEGIN IMMEDIATE")
            mounted.rename(tmp_path / "gone")
            with pytest.raises(Unavailable, match="disk_nearly_full"):
                await intake.accept(mail())
        (tmp_path / "gone").rename(mounted)
        await spool.round()
        accepted = await intake.accept(mail())
        assert (await known(store, accepted.reference)).case.arrival == mail()


async def test_who_polls_waits_for_his_cursor(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        here.wire.code = "store_unreachable"
        await here.intake.accept(mail())
        here.wire.code = ""
        with pytest.raises(Unavailable, match="store_unreachable"):
            await here.intake.advance("telegram", {"offset": "12"}, [mail("update")])
        await here.home()
        await here.intake.advance("telegram", {"offset": "12"}, [mail("update")])
        assert await here.intake.recall("telegram", "offset") == "12"


async def test_a_door_that_opens_while_the_store_is_away_learns_when_it_last_heard(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        here.wire.code = "store_unreachable"
        assert await here.intake.latest("telkomsel") is None
        await here.intake.accept(sms())
        assert await here.intake.latest("telkomsel") == AT
        await here.home()
        await here.intake.accept(sms("later", at=AT + timedelta(minutes=1)))
        assert await here.intake.latest("telkomsel") == AT + timedelta(minutes=1)


async def test_what_waits_is_for_its_owners_eyes_alone(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        here.wire.code = "store_unreachable"
        await here.intake.accept(mail())
        (path,) = here.files
        assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
        assert KEY not in path.read_bytes()


# --- the same thing twice ---


async def test_a_redelivery_hears_the_same_whenever_it_comes(store: Store, tmp_path: Path) -> None:
    for source_id, come in {"id": mail, "print": sms}.items():
        async with gateway(store, tmp_path) as here:
            here.wire.code = "store_unreachable"
            at = [AT + timedelta(minutes=n) for n in range(5)]
            both = await asyncio.gather(*(here.intake.accept(come(source_id, at=at[0])) for _ in range(2)))
            again = await here.intake.accept(come(source_id, at=at[1]))
            # the store is back, and has not been brought it yet
            here.wire.code = ""
            here.spool.detour.back()
            between = await here.intake.accept(come(source_id, at=at[2]))
            await here.home()
            after = await here.intake.accept(come(source_id, at=at[3]))
            assert {each.reference for each in (*both, again, between, after)} == {both[0].reference}
            assert [each.duplicate for each in (*both, again, between, after)] == [False, True, True, True, True]
            assert here.said("told_another_reference") == []
    assert (await store.tally()).received == {"surat": 1, "telkomsel": 1}


async def test_the_same_words_later_are_another_case_there_too(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        here.wire.code = "store_unreachable"
        first, later = [await here.intake.accept(sms(at=AT + timedelta(hours=n))) for n in range(2)]
        assert first.reference != later.reference
        await here.home()
        assert {(await known(store, each.reference)).case.arrival.received_at for each in (first, later)} == {AT, AT + timedelta(hours=1)}


async def test_nothing_overtakes_what_it_could_be_taken_for(store: Store, tmp_path: Path) -> None:
    """The store is back; the same words again, two hours later, and the edit of a post, come before it has been brought the first ones."""
    edit = msgspec.structs.replace(part(1, AT + timedelta(hours=1), count=0), channel="surat", group="post", raw=b"better words")
    for n, restarted in enumerate((False, True)):
        folder, at = tmp_path / f"{n}", AT + timedelta(days=n)
        folder.mkdir()
        async with gateway(store, folder) as here:
            here.wire.code = "store_unreachable"
            first = await here.intake.accept(sms(at=at))
            post = await here.intake.accept(mail(f"post {n}"))
            here.wire.code = ""
            here.spool.detour.back()
            if not restarted:
                later = await here.intake.accept(sms(at=at + timedelta(hours=2)))
                edited = await here.intake.hold(msgspec.structs.replace(edit, group=f"post {n}"))
                await here.home()
        async with gateway(store, folder) as here:
            if restarted:
                later = await here.intake.accept(sms(at=at + timedelta(hours=2)))
                edited = await here.intake.hold(msgspec.structs.replace(edit, group=f"post {n}"))
                await here.home()
        assert (edited.reference, first.reference == later.reference) == (post.reference, False)
        assert [(await known(store, each.reference)).case.arrival.received_at for each in (first, later)] == [at, at + timedelta(hours=2)]
        case = (await known(store, post.reference)).case
        assert (case.arrival.raw, [each.raw for each in case.parts]) == (TEXT, [b"better words"])
        assert waiting(folder / SPOOL) == []


async def test_what_the_store_had_before_it_went_is_one_case(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        first = await here.intake.accept(mail())
        await here.intake.accept(sms())
        await here.intake.hold(part(1))
        here.wire.code = "store_unreachable"
        again = await here.intake.accept(mail())
        await here.intake.accept(sms(at=AT + timedelta(minutes=1)))
        await here.intake.hold(part(2, AT + timedelta(minutes=1)))
        await here.home()
        assert (again.reference, (await store.tally()).received) == (first.reference, {"surat": 1, "telkomsel": 2})
        assert (here.said("told_another_reference"), here.torn) == ([], [])


async def test_a_yes_that_was_lost_on_its_way_from_the_store_is_no_second_case(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        here.wire.left = 1
        accepted = await here.intake.accept(sms())
        assert here.spool.state.waiting == {"telkomsel": 1}
        here.wire.left = None
        await here.home()
        assert (await store.tally()).received == {"telkomsel": 1}
        assert (await known(store, accepted.reference)).case.arrival.received_at == AT


async def test_a_code_that_somebody_else_has_is_told_aloud_and_nothing_is_lost(store: Store, tmp_path: Path) -> None:
    numbering = Numbering(KEY)
    theirs = await store.put(mail("theirs"), numbering.of(mail("ours")))
    async with gateway(store, tmp_path) as here:
        here.wire.code = "store_unreachable"
        told = await here.intake.accept(mail("ours"))
        await here.intake.accept(mail("next"))
        assert told.reference == theirs.reference
        await here.home()
        (alarm,) = here.said("told_another_reference")
        assert (await store.tally()).received == {"surat": 3}
        assert alarm["case"] not in {theirs.case_id, ""}
        assert (len(here.torn), here.spool.torn, here.files) == (1, 1, [])


async def test_a_key_that_was_changed_meanwhile_makes_no_liar_of_us(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path, key=b"k" * 32) as here:
        here.wire.code = "store_unreachable"
        told = await here.intake.accept(mail())
    async with gateway(store, tmp_path, key=b"o" * 32) as here:
        await here.home()
    assert (await known(store, told.reference)).case.arrival == mail()


# --- parts ---


async def test_parts_that_lie_apart_in_the_spool_wait_for_each_other(store: Store, tmp_path: Path) -> None:
    """The hour for which the store was away is none in which the other parts failed to come."""
    async with gateway(store, tmp_path) as here:
        here.wire.code = "store_unreachable"
        await here.intake.hold(part(1))
        here.wire.left, here.wire.code = 3, ""
        await here.spool.round()
        here.wire.left = None
        (held,) = await store.listing("held", 5)
        assert held.due is not None
        assert held.due > datetime.now(UTC) + timedelta(minutes=9)


# --- killed, and others ---


async def test_who_comes_next_brings_home_what_was_left(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        here.wire.code = "store_unreachable"
        told = [await here.intake.accept(mail(f"{n}")) for n in range(3)]
    async with gateway(store, tmp_path) as here:
        here.wire.code = "store_unreachable"
        here.spool.detour.gone("store_unreachable")
        await here.spool.round()
        here.wire.code = ""
        await here.spool.round()
        assert (here.files, here.torn, here.said("spool_unfinished")) == ([], [], [])
    assert [(await known(store, each.reference)).case.arrival.source_id for each in told] == ["0", "1", "2"]


async def test_nobody_touches_what_another_one_writes(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as one, gateway(store, tmp_path) as other:
        one.wire.code = "store_unreachable"
        await one.intake.accept(mail("one"))
        await other.home()
        assert len(one.files) == 1
        assert other.spool.state.waiting == {}
        await one.home()
        assert one.files == []
        assert (await store.tally()).received == {"surat": 1}


async def test_a_kill_at_any_commit_repeats_nothing(store: Store, tmp_path: Path) -> None:
    """The answer of each commit is lost once, as if we had died then; the same words an hour apart must stay three cases."""
    for n in range(1, 8):
        folder, told = tmp_path / f"{n}", dict[datetime, str]()
        folder.mkdir()
        for hour in range(3):
            at = AT + timedelta(days=n, hours=hour)
            async with gateway(store, folder) as here:
                here.wire.code = "store_unreachable"
                told[at] = (await here.intake.accept(sms(at=at))).reference
        async with gateway(store, folder) as here:
            here.wire.left = n
            await here.spool.round()
            assert bool(here.files) == (n < 6)
        async with gateway(store, folder) as here:
            await here.home()
            assert (here.files, here.torn, here.said("told_another_reference")) == ([], [], [])
        assert [(await known(store, reference)).case.arrival.received_at for reference in told.values()] == list(told)
        assert (await store.tally()).received == {"telkomsel": 3 * n}


async def test_a_large_spool_is_many_files_and_comes_home_in_order(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        here.wire.code = "store_unreachable"
        told = [await here.intake.accept(mail(f"{n}", raw=bytes(7 * 2**20))) for n in range(7)]
        assert len(here.files) == 3
        await here.home()
        cases = [(await known(store, each.reference)).case for each in told]
        assert [case.arrival.source_id for case in sorted(cases, key=lambda case: int(case.case_id))] == [f"{n}" for n in range(7)]


# --- damage ---


def laid(folder: Path, name: str, n: int = 3, *, ended: bool = False) -> Path:
    """A file that its writer has left, with so many mails in it."""
    folder.mkdir(parents=True, exist_ok=True)
    writing = Writing(folder)
    for nth in range(n):
        arrival = mail(f"{name} {nth}")
        writing.append([written(Message(what=arrival, told=Numbering(KEY).of(arrival)(0)))])
    if ended:
        writing.end()
    os.close(writing.handle)
    return writing.path


def frames(octets: bytes) -> list[int]:
    """Where each record ends, behind the head."""
    return [HEAD_SIZE, *(each.at + FRAME_SIZE + len(each.body) for each in read(octets) if isinstance(each, Record))]


async def arrived(store: Store) -> Counter[str]:
    """How many mails of each file have come home."""
    return Counter(case.arrival.source_id.partition(" ")[0] for case in await store.listing("submit", 100_000))


async def test_cut_at_any_octet_what_came_whole_comes_home_and_the_rest_is_in_quarantine(store: Store, tmp_path: Path) -> None:
    folder, cuts, left = tmp_path / SPOOL, dict[str, int](), dict[str, bytes]()
    whole = laid(tmp_path / "measure", "0000", ended=True).read_bytes()
    ends = frames(whole)
    for cut in range(len(whole)):
        path = laid(folder, f"{cut:04}", ended=True)
        os.truncate(path, cut)
        cuts[path.name], left[path.name] = cut, path.read_bytes()
    async with gateway(store, tmp_path) as here:
        await here.home()
        torn = {path.name for path in here.torn}
        assert here.files == []
        assert torn == {name for name, cut in cuts.items() if cut and cut not in ends}
        assert {line["file"] for line in here.said("spool_quarantined")} == torn
        assert {line["level"] for line in here.said("spool_quarantined")} == {"error"}
        assert {line["file"] for line in here.said("spool_unfinished")} == set(cuts) - torn
        assert all(path.read_bytes() == left[path.name] for path in here.torn)
        assert here.spool.torn == len(torn)
    expected = {f"{cut:04}": sum(end <= cut for end in ends[1:]) for cut in range(len(whole))}
    assert await arrived(store) == Counter({name: n for name, n in expected.items() if n})
    async with gateway(store, tmp_path) as here:
        assert {line["file"] for line in here.said("spool_quarantined")} == torn
        assert here.spool.torn == len(torn)


async def test_one_octet_changed_anywhere_costs_one_message_at_most_and_is_shouted_about(store: Store, tmp_path: Path) -> None:
    whole = laid(tmp_path / "measure", "0000", ended=True).read_bytes()
    for at in range(HEAD_SIZE, len(whole)):
        path = laid(tmp_path / SPOOL, f"{at:04}", ended=True)
        octets = bytearray(path.read_bytes())
        octets[at] ^= 0x10
        path.write_bytes(octets)
    async with gateway(store, tmp_path) as here:
        await here.home()
        assert (len(here.torn), here.files) == (len(whole) - HEAD_SIZE, [])
    come = await arrived(store)
    assert set(come) == {f"{at:04}" for at in range(HEAD_SIZE, len(whole))}
    assert set(come.values()) == {2, 3}


async def test_one_that_the_store_will_not_have_does_not_hold_up_the_others(store: Store, tmp_path: Path) -> None:
    async with gateway(store, tmp_path) as here:
        here.wire.code = "store_unreachable"
        told = [await here.intake.accept(mail(name)) for name in ("before", "poison", "after")]
        here.wire.loathes = {"poison"}
        await here.home()
        assert [await store.life(each.reference) is not None for each in told] == [True, False, True]
        assert [line["channel"] for line in here.said("spool_refused")] == ["surat"]
        assert (len(here.torn), here.files, here.spool.state.waiting) == (1, [], {})
        # what somebody mended is brought home by putting it back
        here.wire.loathes.clear()
        (path,) = here.torn
        quarantine.again(tmp_path, path.name)
        await here.home()
        assert await store.life(told[1].reference) is not None
        assert (await store.tally()).received == {"surat": 3}


async def test_a_record_of_a_newer_version_waits_for_one(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / SPOOL
    folder.mkdir()
    writing = Writing(folder)
    writing.append([msgspec.msgpack.encode({"type": "telegram", "what": 1}), b"\xc1"])
    writing.end()
    os.close(writing.handle)
    async with gateway(store, tmp_path) as here:
        await here.home()
        assert (here.torn, here.files) == ([here.spool.quarantine / writing.path.name], [])


async def test_a_disk_that_refuses_is_later_and_what_was_kept_before_stays(store: Store, tmp_path: Path) -> None:
    """The kernel lets no file grow beyond what the first message needed."""
    async with gateway(store, tmp_path) as here:
        here.wire.code = "store_unreachable"
        told = await here.intake.accept(mail("small"))
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (here.files[0].stat().st_size + 100, hard))
        try:
            with pytest.raises(Unavailable, match="disk_full"):
                await here.intake.accept(mail("large", raw=bytes(5000)))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        again = await here.intake.accept(mail("large", raw=bytes(5000)))
        await here.home()
        assert (here.torn, here.said("spool_unfinished")) == ([], [])
        assert {(await known(store, each.reference)).case.arrival.source_id for each in (told, again)} == {"small", "large"}


async def test_a_file_that_is_tried_again_brings_home_each_record_once(store: Store, tmp_path: Path) -> None:
    path = laid(tmp_path / SPOOL, "torn")
    os.truncate(path, path.stat().st_size - 1)
    async with gateway(store, tmp_path) as here:
        await here.home()
        for _ in range(2):
            quarantine.again(tmp_path, path.name)
            assert (here.torn, here.files) == ([], [path])
            await here.home()
            assert (here.torn, here.files) == ([tmp_path / QUARANTINE / path.name], [])
    assert await arrived(store) == {"torn": 2}
    assert (await store.tally()).received == {"surat": 2}


async def test_what_is_put_away_is_kept_for_a_month_and_can_be_brought_back(store: Store, tmp_path: Path) -> None:
    path = laid(tmp_path / QUARANTINE, "torn")
    octets, at = path.read_bytes(), datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    quarantine.drop(tmp_path, path.name, at + timedelta(milliseconds=999))
    (away,) = quarantine.dropped(tmp_path)
    assert (away.name, away.at, away.until, away.size) == (path.name, at, at + timedelta(days=30), len(octets))
    quarantine.forget(tmp_path, at + timedelta(days=29, hours=23))
    quarantine.recover(tmp_path, path.name)
    assert (path.read_bytes(), quarantine.dropped(tmp_path)) == (octets, [])
    quarantine.drop(tmp_path, path.name, datetime.now(UTC) - timedelta(days=30))
    async with gateway(store, tmp_path) as here:
        assert here.spool.torn == 0
        await here.spool.round()
    assert not any((tmp_path / QUARANTINE / quarantine.DROPPED).iterdir())


async def test_no_name_leads_out_of_the_folder_and_nothing_is_taken_out_of_a_hand_or_written_over(tmp_path: Path) -> None:
    path = laid(tmp_path / QUARANTINE, "torn")
    for name in ("", ".", "../spool", f"../{QUARANTINE}/{path.name}", "nothing.spool"):
        for act in (quarantine.again, quarantine.recover, quarantine.content):
            with pytest.raises(NotThere):
                act(tmp_path, name)
    held = Left.taken(path)
    assert held is not None
    with pytest.raises(NotThere):
        quarantine.again(tmp_path, path.name)
    held.close()
    (tmp_path / SPOOL).mkdir()
    (tmp_path / SPOOL / path.name).write_bytes(b"another")
    with pytest.raises(NotThere):
        quarantine.again(tmp_path, path.name)
    assert (tmp_path / SPOOL / path.name).read_bytes() == b"another"
