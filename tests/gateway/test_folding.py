"""Stubs on Redis are folded: they take little, say all that they said, and are whole again when something is done to them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from redis import Redis

from channels.base import Part
from forwarder.ledger import Happening
from gateway.archive import Archive
from gateway.archived import life as with_archive
from gateway.archiving import Archiving
from gateway.journal import Journal, Lines
from gateway.moving import move
from gateway.store import sqlite
from gateway.store.happenings import Decision, Told
from gateway.store.record import DEFAULT, NumberTaken
from gateway.store.redis import RedisStore, opened
from gateway.store.redis_checks import VERSION
from gateway.store.redis_scripts import SLOT
from tests.fakes import redis_server
from tests.fakes.redis_server import DURABLE, Server
from tests.gateway.test_archive import Office, office, over
from tests.promises import subject_redis
from tests.promises.lived import life
from tests.promises.stores import REGISTERED, arrival, done, now, numbers, one, part, put
from tests.promises.test_store_chronicle import all_of

pytestmark = pytest.mark.skipif(bool(redis_server.missing()), reason="no redis-server here")

YEARS_S = 10 * 365 * 86_400.0
#: what a field may hold: numbers of every kind and what only looks like one, digits, places, words, octets of all kinds
ODD = (
    *("0", "-0", "7", "-7", "007", "0.5", "1.50", "1e5", "1e+20", "inf", "nan", "0x10", " 1", "9007199254740993", "9999999999999999"),
    *("12345678901234567", "9223372036854775807", "1795396190.0", "1795396190.123456", "1795396190.100000", "123456789012345.0"),
    *("00", "abcdef0123456789", "0abcdef01234567", "ABCDEF0123456789", "20261123T011122-0a1b2c3d.lapor:40"),
    *("20261123T011122-0a1b2c3d.lapor:040", "20261123T011122-0a1b2c3d4.lapor:40", "elsewhere.lapor:40", "", "x" * 5000, "a b\nc\x00"),
    "jalan rusak \N{SMILING FACE WITH SMILING EYES}",
)  # fmt: skip


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "redis", *DURABLE)
    server.start()
    yield server
    server.kill()


def folded(client: Redis) -> int:
    """How many stubs are."""
    return sum(sum(1 for each in client.lrange(key, 0, -1) if each) for key in client.scan_iter("{lapor}:folded:*"))


def told(reference: str, status: str, note: str = "Sudah kami cek.") -> Told:
    happening = Happening(tracking_id="1234567", reference=reference, at=REGISTERED.registered_at, status=status, by="Dinas PU", note=note)
    return Told(ledger=DEFAULT, happening=happening, state="forwarded", heard_at=now())


async def told_of(store: RedisStore, name: object = "a") -> str:
    """A case that is over, of which its ledger has said something."""
    reference = await over(store, name)
    assert await store.tell([told(reference, "Diteruskan")]) == ["kept"]
    for each in await store.undecided(9):
        await store.decide(Decision(case_id=each.case.case_id, events=tuple(event.event_id for event in each.events)))
    return reference


async def test_of_a_case_in_the_archive_one_short_value_stays_and_who_looks_leaves_it_at_that(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        reference = await told_of(at.store)
        before, (entry,) = await life(at.store, reference), await all_of(at.store)
        await at.look()
        with subject_redis.served(tmp_path) as server, server.client() as client:
            assert list(client.scan_iter("{lapor}:case:*")) == list(client.scan_iter("{lapor}:event*")) == []
            stub = await life(at.store, reference)
            assert [(each.event_id, each.status, each.state, each.at) for each in stub.events] == [
                (each.event_id, each.status, each.state, each.at) for each in before.events
            ]
            assert stub.case.registration == before.case.registration
            assert await at.store.life("1234567") == stub
            assert (await at.store.put(arrival("a"), numbers("other"))).duplicate
            assert await at.store.tell([told(reference, "Diteruskan")]) == ["known"]
            (counted,) = await all_of(at.store)
            assert counted == msgspec.structs.replace(entry, record=None, letters=(), archived=stub.case.archived)
            assert await at.store.recount() == []
            assert folded(client) == 1, "nobody has changed anything"
        assert with_archive(at.archive, stub).events == before.events, "the machine that has the rest has its ledger's words too"


async def test_what_a_ledger_said_comes_back_with_the_rest(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        reference = await told_of(at.store)
        before = await life(at.store, reference)
        await at.look()
        assert await at.store.tell([told(reference, "Selesai", "Jalan sudah diperbaiki.")]) == ["kept"]
        await at.look()
        (after,) = await at.store.undecided(9)
        assert after.case == before.case
        assert after.events[:1] == before.events
        assert [each.note for each in after.events] == ["Sudah kami cek.", "Jalan sudah diperbaiki."]


async def test_a_ledger_that_is_asked_is_held_to_its_last_words_and_these_go_when_it_is_asked_no_more(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        reference = await told_of(at.store)
        assert len(await at.store.to_ask({DEFAULT: 0.0}, YEARS_S, 9)) == 1
        before = await life(at.store, reference)
        await at.look()
        with subject_redis.served(tmp_path) as server, server.client() as client:
            (asked,) = await at.store.to_ask({DEFAULT: 0.0}, YEARS_S, 9)
            assert asked.events == before.events
            assert folded(client) == 1
            assert await at.store.to_ask({DEFAULT: 0.0}, 0.0, 9) == []
            assert folded(client) == 0
            client.zadd("{lapor}:lingering", {asked.case.case_id: 0})  # ten minutes later
            await at.look()
            assert folded(client) == 1
        stub = await life(at.store, reference)
        assert [(each.status, each.by, each.note) for each in stub.events] == [("Diteruskan", "", "")]
        assert with_archive(at.archive, stub).events == before.events


async def test_the_number_of_a_case_in_the_archive_is_nobody_elses(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        reference = await over(at.store)
        await at.look()
        await put(at.store, "b")
        claim = await one(at.store)
        with pytest.raises(NumberTaken):
            await at.store.settle(msgspec.structs.replace(done(claim), registration=REGISTERED))
        assert (await life(at.store, reference)).case.archived


async def test_what_was_unfolded_for_nothing_is_folded_again_with_all_that_was_done(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        reference = await over(at.store)
        await at.look()
        case_id = (await life(at.store, reference)).case.case_id
        with subject_redis.served(tmp_path) as server, server.client() as client:
            assert await at.store.withdraw(case_id) == "too_late"
            assert folded(client) == 0
            unfolded = await life(at.store, reference)
            await at.look()
            assert folded(client) == 0, "it is wanted again soon, as a rule"
            client.zadd("{lapor}:lingering", {case_id: 0})  # ten minutes later
            await at.look()
            assert folded(client) == 1
        assert await life(at.store, reference) == unfolded
        assert [each.act for each in unfolded.acts] == ["withdraw"]


async def test_the_parts_of_a_long_message_are_known_again(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        first = await at.store.hold(part(1, 2), numbers("g"))
        await at.store.hold(part(2, 2), numbers("g"))
        await at.store.settle(done(await one(at.store)))
        await at.look()
        again: Part = part(2, 2)
        with subject_redis.served(tmp_path) as server, server.client() as client:
            assert (await at.store.hold(again, numbers("g"))).duplicate
            assert folded(client) == 1
            assert len(client.lindex("{lapor}:folded:0", 1) or b"") < 150
        assert [each.fingerprint for each in (await life(at.store, first.reference)).case.parts] == [
            part(1, 2).fingerprint,
            again.fingerprint,
        ]


async def test_what_is_folded_moves_to_another_store_as_it_was_before(server: Server, tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    async with opened(server.url, most_letters=5, beside=tmp_path / "gateway") as store:
        first = await told_of(store)
        references = (first, (await store.hold(part(1, 2), numbers("g"))).reference)
        await store.hold(part(2, 2), numbers("g"))
        await store.settle(done(await one(store)))
        before, tally = [await life(store, each) for each in references], await store.tally()
        await Archiving(store, archive, Journal(Lines(io.BytesIO())), after=timedelta(0)).look(now(3600))
        with server.client() as client:
            assert folded(client) == 2
    await move(server.url, f"sqlite:///{tmp_path}/new.db", archive)
    async with sqlite.opened(tmp_path / "new.db", most_letters=5) as moved:
        assert [await life(moved, each) for each in references] == before
        assert await moved.tally() == tally
        assert await moved.recount() == []


async def test_a_stub_takes_two_hundred_octets_at_most_beside_what_leads_to_it(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        for name in range(63):
            await long_identity(at, name)
        await at.look()
        with subject_redis.served(tmp_path) as server, server.client() as client:
            pages = list(client.scan_iter("{lapor}:folded:*"))
            assert folded(client) == 63
            assert sum(client.memory_usage(key, samples=0) for key in pages) < 63 * 200


async def long_identity(at: Office, name: int) -> None:
    """A case with the identity of an SMS, which is over."""
    await at.store.put(msgspec.structs.replace(arrival(name), source_id=f"{name * 2**113 + name * 7**33:032x}"), numbers(name))
    claim = await one(at.store)
    number = msgspec.structs.replace(REGISTERED, tracking_id=f"{9_000_000 + name}")
    assert await at.store.settle(msgspec.structs.replace(done(claim), registration=number))


# --- those that an older version left ---


async def test_the_stubs_of_version_2_are_folded_at_the_start_and_say_all_that_they_said(server: Server, tmp_path: Path) -> None:
    case = {
        "step": "done",
        "channel": "web",
        "identity": "77",
        "source_id": "w",
        "reference": "12345678901234567",
        "received_at": "1795396190.5",
    }
    case |= {"archived": "20261123T011122-0a1b2c3d.lapor:40", **{f"field {n}": value for n, value in enumerate(ODD)}}
    acts = ("1795396190.25", "rini", "edit", "", "1795396191.0", "rini", "drop", "iklan 12")
    parts = {"1:raw": "", "1:fingerprint": "00ff" * 8, "1:received_at": "1795396190.5"}
    event = {"case_id": "1", "ledger": "other", "tracking_id": "0123", "at": "1795396190.0", "heard_at": "1795396190.75", "status": "007"}
    event |= {"state": "closed", "letter": "3", "by": "", "note": ""}
    with server.client() as client:
        client.set(SLOT, 2)
        client.hset("{lapor}:ids", mapping={"case": 2, "event": 1})
        client.hset("{lapor}:counts", mapping={"web|received": 2, "web|done": 2})
        client.hset("{lapor}:case:1", mapping=case)
        client.hset("{lapor}:case:2", mapping={**case, "reference": "22345678901234567"})
        client.zadd("{lapor}:wanted", {"2": 1})
        client.rpush("{lapor}:acts:1", *acts)
        client.hset("{lapor}:parts:1", mapping=parts)
        client.rpush("{lapor}:events_of:1", "1")
        client.hset("{lapor}:event:1", mapping=event)
        async with opened(server.url, most_letters=5, beside=tmp_path / "gateway") as store:
            assert int(client.get(SLOT)) == VERSION
            assert folded(client) == 1, "what is on its way back stays as it is"
            assert client.exists("{lapor}:case:1", "{lapor}:acts:1", "{lapor}:parts:1", "{lapor}:event:1", "{lapor}:events_of:1") == 0
            assert await store.recount() == []
            assert await store.fetch("1") is not None
            assert {name.decode(): value.decode() for name, value in client.hgetall("{lapor}:case:1").items()} == case
            assert tuple(each.decode() for each in client.lrange("{lapor}:acts:1", 0, -1)) == acts
            assert {name.decode(): value.decode() for name, value in client.hgetall("{lapor}:parts:1").items()} == parts
            assert {name.decode(): value.decode() for name, value in client.hgetall("{lapor}:event:1").items()} == event
            assert client.lrange("{lapor}:events_of:1", 0, -1) == [b"1"]
            assert folded(client) == 0
