"""What is the Redis store's own: which servers it takes, answers that are lost, servers that go and come back."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import msgspec
import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from channels.base import Attachment, Unavailable
from config.settings import GatewaySettings, Settings, StoreSettings
from forwarder.ledger import Happening
from gateway.check import check
from gateway.store.happenings import Decision, Told
from gateway.store.record import DEFAULT, Copied, FileSettlement, LetterSettlement, Move, Settlement, StoreFault
from gateway.store.redis import RedisStore, Terms, opened
from gateway.store.redis_checks import LOOK, VERSION, advice
from gateway.store.redis_link import replicated, waiting
from gateway.store.redis_scripts import SLOT, script
from tests.fakes import redis_server
from tests.fakes.cutting import Line, cutting
from tests.fakes.redis_server import DURABLE, Server
from tests.promises.stores import (
    REGISTERED,
    arrival,
    claimed,
    counted,
    done,
    letter,
    letters,
    life_of,
    no_letter,
    nothing,
    now,
    numbers,
    one,
    put,
    sent,
)

pytestmark = pytest.mark.skipif(bool(redis_server.missing()), reason=redis_server.missing())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with redis_server.server(tmp_path / "redis") as running:
        yield running


@pytest.fixture
async def line(server: Server) -> AsyncIterator[Line]:
    async with cutting(server.port) as proxy:
        yield proxy


@pytest.fixture
async def store(line: Line, tmp_path: Path) -> AsyncIterator[RedisStore]:
    async with opened(f"redis://127.0.0.1:{line.port}", most_letters=5, beside=tmp_path / "gateway") as store:
        yield store
        assert await store.recount() == []


async def back(store: RedisStore) -> None:
    """Wait until it has its server again."""
    async with asyncio.timeout(60):
        while True:
            try:
                await store.tally()
            except Unavailable:
                await asyncio.sleep(0.01)
            else:
                return


def unheard(line: Line, name: str) -> None:
    """The answer of the next call of a script is lost."""
    line.swallow = script(name).digest.encode()


# --- a layout of an older version ---


async def test_a_store_of_version_1_gets_what_a_later_one_has_besides(server: Server, tmp_path: Path) -> None:
    async with opened(server.url, most_letters=5, beside=tmp_path / "gateway") as store:
        await asyncio.gather(*(store.put(arrival(n, at=now(-n)), numbers(n)) for n in range(LOOK + 10)))
        await store.put(arrival("w", channel="web"), numbers("w"))
        assert await store.settle(done(await one(store)))
        before = await store.tally()
    with server.client() as client:
        client.delete("{lapor}:waiting:telkomsel", "{lapor}:waiting:web")
        client.set(SLOT, 1)
    async with opened(server.url, most_letters=5, beside=tmp_path / "gateway") as store:
        assert await store.tally() == before
        assert await store.recount() == []
    with server.client() as client:
        assert int(client.get(SLOT)) == VERSION


# --- answers that are lost ---


async def test_what_was_put_but_not_heard_of_is_a_duplicate_with_its_reference(store: RedisStore, line: Line) -> None:
    await put(store, "before")
    unheard(line, "put")
    with pytest.raises(Unavailable, match="store_unreachable"):
        await store.put(arrival("a"), numbers("a"))
    await back(store)
    accepted = await store.put(arrival("a"), numbers("a"))
    assert (line.swallowed, accepted.duplicate) == (1, True)
    assert (await life_of(store, accepted.reference)).case.case_id == accepted.case_id
    assert (await store.tally()).received == {"telkomsel": 2}


async def test_a_settlement_that_was_not_heard_of_is_settled_once_and_told_then(store: RedisStore, line: Line) -> None:
    await put(store, "a", "b")
    claim, other = await claimed(store)
    settlement = done(claim, letter("k", claim.case.case_id))
    unheard(line, "settle")
    with pytest.raises(Unavailable):
        await store.settle(settlement)
    await back(store)
    # somebody else's claim is no less stale for that
    assert await store.settle(done(other))
    assert not await store.settle(done(other))
    assert await store.settle(settlement)
    assert not await store.settle(settlement)
    assert not await store.settle(Settlement(claim=claim, step="parked"))
    assert [each.letter.key for each in await letters(store)] == ["k"]
    assert counted((await store.tally()).cases) == {"telkomsel": {"done": 2}}


async def test_another_settlement_than_the_one_that_was_not_heard_of_is_stale(store: RedisStore, line: Line) -> None:
    (reference,) = await put(store, "a")
    claim = await one(store)
    unheard(line, "settle")
    with pytest.raises(Unavailable):
        await store.settle(done(claim))
    await back(store)
    assert not await store.settle(Settlement(claim=claim, step="parked", code="bug"))
    assert (await life_of(store, reference)).case.step == "done"


async def test_a_letter_whose_settlement_was_not_heard_of_is_settled_once_and_told_then(store: RedisStore, line: Line) -> None:
    await put(store, "a")
    await store.comfort([], [letter("k")])
    (claim,) = await letters(store)
    unheard(line, "settle_letters")
    with pytest.raises(Unavailable):
        await store.settle_letter(sent(claim, "7"))
    await back(store)
    assert await store.settle_letter(sent(claim, "7"))
    assert not await store.settle_letter(LetterSettlement(claim=claim, step="parked"))
    assert counted((await store.tally()).letters) == {"telkomsel": {"sent": 1}}


async def test_claims_that_nobody_heard_of_are_made_anew_and_were_no_attempts(store: RedisStore, line: Line) -> None:
    await put(store, "a", "b")
    await store.comfort([], [letter("k")])
    unheard(line, "claim")
    waiting, answers = store.claim(10, 600), store.claim_letters("telkomsel", 10, 600)
    found = await asyncio.wait_for(waiting, 60)
    assert (line.swallowed, [(claim.case.attempts, claim.case.unsure) for claim in found]) == (1, [(1, False)] * 2)
    assert [claim.attempts for claim in await asyncio.wait_for(answers, 60)] == [1]
    assert await nothing(store)
    assert await no_letter(store)


async def test_a_cursor_whose_move_was_not_heard_of_moves_once(store: RedisStore, line: Line) -> None:
    move = Move(channel="x", notes={"since": "10"}, arrivals=[(arrival("a", channel="x"), numbers("a"))])
    unheard(line, "advance")
    with pytest.raises(Unavailable):
        await store.advance(move)
    await back(store)
    assert await store.recall("x", "since") == "10"
    assert [accepted.duplicate for accepted in await store.advance(move)] == [True]


async def test_what_an_officer_did_and_was_not_told_of_is_said_when_he_does_it_again(store: RedisStore, line: Line) -> None:
    (reference,) = await put(store, "a")
    await store.settle(Settlement(claim=await one(store), step="worklist", record=b"{}"))
    unheard(line, "worklist")
    with pytest.raises(Unavailable):
        await store.take("rini", 600)
    await back(store)
    taken = await store.take("rini", 600)
    assert taken is not None
    assert taken.case.reference == reference
    said = Copied(case_id=taken.case.case_id, by="rini", registration=REGISTERED, letters=(letter("k", taken.case.case_id),))
    unheard(line, "worklist")
    with pytest.raises(Unavailable):
        await store.register(said)
    await back(store)
    assert await store.register(said) == "again"
    assert [each.letter.key for each in await letters(store)] == ["k"]
    assert [act.act for act in (await life_of(store, reference)).acts] == ["next", "done"]


async def test_what_a_ledger_said_and_what_was_made_of_it_is_there_once_whatever_was_heard(store: RedisStore, line: Line) -> None:
    (reference,) = await put(store, "a")
    await store.settle(done(await one(store)))
    happening = Happening(tracking_id=REGISTERED.tracking_id, reference=reference, at=now(), status="Selesai", by="", note="")
    told = Told(ledger=DEFAULT, happening=happening, state="closed", heard_at=now())
    unheard(line, "events")
    with pytest.raises(Unavailable):
        await store.tell([told])
    await back(store)
    assert await store.tell([told]) == ["known"]
    (life,) = await store.undecided(9)
    decision = Decision(case_id=life.case.case_id, events=(life.events[0].event_id,), number=1, letters=(letter("1:change:1"),))
    unheard(line, "events")
    with pytest.raises(Unavailable):
        await store.decide(decision)
    await back(store)
    assert not await store.decide(decision)
    assert await store.undecided(9) == []
    assert [each.letter.key for each in await letters(store)] == ["1:change:1"]


async def test_files_whose_claim_was_not_heard_of_come_again_when_its_lease_ends(store: RedisStore, line: Line) -> None:
    await put(store, "a")
    await store.settle(msgspec.structs.replace(done(await one(store)), files=(1,)))
    unheard(line, "claim_files")
    with pytest.raises(Unavailable):
        await store.claim_files(9, 0.01)
    await back(store)
    (claim,) = await store.claim_files(9, 600)
    settlement = FileSettlement(claim=claim, step="sent")
    unheard(line, "settle_file")
    with pytest.raises(Unavailable):
        await store.settle_file(settlement)
    await back(store)
    assert await store.settle_file(settlement)
    assert await store.claim_files(9, 600) == []


# --- transitions that fail half way ---


async def test_what_was_kept_by_halves_is_kept_whole_when_it_comes_again(store: RedisStore, server: Server) -> None:
    photo = Attachment(name="foto.jpg", media_type="image/jpeg", content=b"12")
    message = msgspec.structs.replace(arrival("b"), files=(photo,))
    await put(store, "a")
    with server.client() as client:
        # nothing can be put there, as by a fault of ours; the store tries a second time by itself, with another id
        client.mset({"{lapor}:files:2": "", "{lapor}:files:3": ""})
        with pytest.raises(Unavailable):
            await store.put(message, numbers("b"))
        client.delete("{lapor}:files:2", "{lapor}:files:3")
    accepted = await store.put(message, numbers("b"))
    assert (accepted.case_id, accepted.duplicate) == ("4", False)
    assert await store.files(accepted.case_id) == [photo]
    assert counted((await store.tally()).cases) == {"telkomsel": {"submit": 2}}


# --- servers that go and come back ---


async def test_who_waits_for_work_goes_on_waiting_while_the_server_is_away(store: RedisStore, line: Line, server: Server) -> None:
    (first,) = await put(store, "first")
    assert (await one(store)).case.reference == first
    waiting = store.claim(10, 600)
    await asyncio.sleep(0.02)
    server.kill()
    for n in range(3):
        with pytest.raises(Unavailable, match="store_unreachable"):
            await store.put(arrival(n), numbers(n))
    assert not waiting.done()
    server.start()
    await back(store)
    (reference,) = await put(store, "second")
    assert [claim.case.reference for claim in await asyncio.wait_for(waiting, 60)] == [reference]


async def test_a_server_that_stands_still_is_told_to_those_who_wait_and_comes_back(store: RedisStore, server: Server) -> None:
    await put(store, "before")
    server.send(signal.SIGSTOP)
    with pytest.raises(Unavailable, match="store_unreachable"):
        await store.put(arrival("a"), numbers("a"))
    server.send(signal.SIGCONT)
    await back(store)
    await put(store, "a")
    assert (await store.tally()).received == {"telkomsel": 2}


async def test_letters_that_were_lost_before_they_were_listed_are_found(store: RedisStore, server: Server) -> None:
    await put(store, 1, 2)
    for claim in await claimed(store):
        await store.settle(done(claim, letter(f"{claim.case.case_id}:registered", claim.case.case_id)))
    for sending in await letters(store):
        await store.settle_letter(LetterSettlement(claim=sending, step="parked", code="no_such_number"))
    with server.client() as client:
        assert client.delete("{lapor}:lost") == 1
    assert [each.letter_id for each in (await store.lost(9)).letters] == ["1", "2"]
    assert await store.discard("1", "rini", "sudah ditelepon")
    assert [each.letter_id for each in (await store.lost(9)).letters] == ["2"]


async def test_scripts_that_the_server_has_forgotten_are_taught_again(store: RedisStore, server: Server) -> None:
    await put(store, "a")
    with server.client() as client:
        client.script_flush()
    await put(store, "b")
    assert len(await claimed(store)) == 2


async def test_what_one_process_leaves_another_takes_at_once(store: RedisStore, server: Server, tmp_path: Path) -> None:
    async with opened(server.url, most_letters=5, beside=tmp_path / "other") as other:
        began = now()
        waiting = other.claim(10, 600)
        await asyncio.sleep(0.3)
        (reference,) = await put(store, "a")
        (claim,) = await asyncio.wait_for(waiting, 60)
        assert claim.case.reference == reference
        assert now() - began < timedelta(minutes=1)
        assert await nothing(store)


async def test_a_server_without_memory_says_no_to_all_and_loses_nothing(store: RedisStore, server: Server) -> None:
    await put(store, "before")
    (claim,) = await claimed(store)
    with server.client() as client:
        client.config_set("maxmemory", 1)
        refused = await asyncio.gather(
            *(store.put(arrival(n), numbers(n)) for n in range(300)), store.settle(done(claim)), return_exceptions=True
        )
        assert {str(each) for each in refused} == {"store_full"}
        client.config_set("maxmemory", 0)
    assert await store.settle(done(claim))
    assert (await store.tally()).received == {"telkomsel": 1}


async def test_a_cluster_that_was_away_as_a_whole_comes_back(tmp_path: Path) -> None:
    with redis_server.cluster(tmp_path / "cluster") as (servers, url):
        async with opened(url, most_letters=5, beside=tmp_path / "gateway", terms=Terms(replicas=0)) as store:
            await put(store, "a")
            for each in servers:
                each.kill()
            with pytest.raises(Unavailable, match="store_unreachable"):
                await store.put(arrival("b"), numbers("b"))
            # longer than the pauses between two attempts to reach it
            await asyncio.sleep(0.5)
            for each in servers:
                each.start()
            await back(store)
            await put(store, "b")


async def test_who_is_patient_waits_for_a_server_that_is_not_there_yet(tmp_path: Path) -> None:
    late = Server(tmp_path / "redis", *DURABLE)
    patient = Terms(patient=True)
    async with opened(late.url, most_letters=5, beside=tmp_path / "gateway", terms=patient) as store:
        with pytest.raises(Unavailable, match="store_unreachable"):
            await put(store, "a")
        waiting = store.claim(10, 600)
        try:
            late.start()
            await back(store)
            await put(store, "a")
            assert len(await asyncio.wait_for(waiting, 60)) == 1
        finally:
            late.kill()


async def test_a_server_that_comes_late_and_unfit_is_not_used_before_it_is_mended(tmp_path: Path) -> None:
    late = Server(tmp_path / "redis", "--save", "", "--appendonly", "yes", "--appendfsync", "everysec")
    async with opened(late.url, most_letters=5, beside=tmp_path / "gateway", terms=Terms(patient=True)) as store:
        try:
            late.start()
            async with asyncio.timeout(60):
                while await said(store) != "store_unfit":
                    await asyncio.sleep(0.01)
            with late.client() as client:
                client.config_set("appendfsync", "always")
            await back(store)
        finally:
            late.kill()


async def said(store: RedisStore) -> str:
    """What a store that is away says."""
    with pytest.raises(Unavailable) as trouble:
        await store.tally()
    return trouble.value.code


async def test_a_server_that_does_not_know_us_is_no_matter_of_patience(tmp_path: Path) -> None:
    with (
        redis_server.server(tmp_path / "redis", *DURABLE, "--protected-mode", "no") as server,
        pytest.raises(StoreFault, match="AuthenticationError") as fault,
    ):
        with server.client() as client:
            client.config_set("requirepass", "another")
        wrong = f"redis://:secret@127.0.0.1:{server.port}"
        async with opened(wrong, most_letters=5, beside=tmp_path / "gateway", terms=Terms(patient=True)):
            raise AssertionError
    assert "secret" not in str(fault.value)


# --- which servers it takes ---


async def refused(server: Server, folder: Path, **terms: bool) -> str:
    with pytest.raises(StoreFault) as fault:
        async with opened(server.url, most_letters=5, beside=folder / "gateway", terms=Terms(**terms)):
            raise AssertionError
    assert "\n" not in str(fault.value)
    return str(fault.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--save", ""), "appendonly is no, not yes"),
        (("--save", "", "--appendonly", "yes"), "appendfsync is everysec, not always"),
        (("--appendonly", "yes", "--appendfsync", "no"), "appendfsync is no, not always"),
        ((*DURABLE, "--rename-command", "CONFIG", ""), "does not say how it writes"),
    ],
)
async def test_a_server_that_may_lose_a_yes_is_refused_unless_that_is_accepted(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    with redis_server.server(tmp_path / "redis", *options) as server:
        said = await refused(server, tmp_path)
        assert words in said
        assert "store.accept_loss = true" in said
        async with opened(server.url, most_letters=5, beside=tmp_path / "gateway", terms=Terms(accept_loss=True)) as store:
            assert await put(store, "a")


async def test_a_server_that_throws_keys_away_is_refused_whatever_is_accepted(tmp_path: Path) -> None:
    with redis_server.server(tmp_path / "redis", *DURABLE, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru") as server:
        assert "maxmemory-policy is allkeys-lru" in await refused(server, tmp_path, accept_loss=True)


async def test_a_newer_layout_and_a_replica_are_refused(server: Server, tmp_path: Path) -> None:
    with server.client() as client:
        client.set("{lapor}:schema", 99)
        assert "schema 99" in await refused(server, tmp_path)
        client.delete("{lapor}:schema")
        client.replicaof("127.0.0.1", 1)
        assert "is a replica" in await refused(server, tmp_path)


@pytest.mark.parametrize(("scheme", "name"), [("redis", ""), ("redis+sentinel", "/lapor"), ("redis+cluster", "")])
async def test_one_that_is_not_there_is_said_in_a_sentence_without_its_password(tmp_path: Path, scheme: str, name: str) -> None:
    with pytest.raises(StoreFault) as fault:
        async with opened(f"{scheme}://u:secret@127.0.0.1:1{name}", most_letters=5, beside=tmp_path / "gateway"):
            raise AssertionError
    assert str(fault.value).startswith(f"{scheme}://127.0.0.1:1: cannot be reached (")
    assert len(str(fault.value)) < 140
    assert "secret" not in str(fault.value)


@pytest.mark.parametrize(
    "url", ["redis://h/x", "redis://a,b", "redis+sentinel://h", "redis+cluster://h/1", "redis://h:99999", "redis:///0"]
)
async def test_an_address_that_makes_no_sense_is_said_in_one_sentence(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreFault, match=r"^\[store\] url: expected "):
        async with opened(url, most_letters=5, beside=tmp_path / "gateway"):
            raise AssertionError


async def test_gateway_check_says_what_the_store_is_good_for(server: Server, tmp_path: Path) -> None:
    settings = Settings(gateway=GatewaySettings(data_dir=tmp_path), store=StoreSettings(url=server.url))
    async with opened(server.url, most_letters=5, beside=tmp_path / "redis") as store:
        await put(store, "a")
    assert [line.words for line in await check(settings) if line.what == "store"] == ["1 cases, every one accounted for"]
    with server.client() as client:
        client.hincrby("{lapor}:counts", "telkomsel|received", 1)
        assert [line.words for line in await check(settings) if line.what == "store"] == ["telkomsel: 2 received, 1 accounted for"]
        client.config_set("appendfsync", "everysec")
    (line,) = [line for line in await check(settings) if line.what == "store"]
    assert (line.ok, "appendfsync is everysec, not always" in line.words) == (False, True)


async def test_gateway_check_advises_on_what_would_cost_memory_one_day(server: Server, tmp_path: Path) -> None:
    settings = Settings(gateway=GatewaySettings(data_dir=tmp_path), store=StoreSettings(url=server.url))
    with server.client() as client:
        client.config_set("hash-max-ziplist-entries", 128)
        (line,) = [line for line in await check(settings) if line.what == "redis"]
        assert line.ok
        assert line.words.startswith("hash-max-listpack-entries is 128: from some 8 million cases on, ")
        client.config_set("hash-max-ziplist-entries", 1024)
        assert not [line for line in await check(settings) if line.what == "redis"]


async def test_a_server_is_advised_by_the_name_that_it_knows_or_not_at_all(tmp_path: Path) -> None:
    class Old:
        async def config_get(self, _: str) -> dict[str, str]:
            return {"hash-max-ziplist-entries": "512"}

    assert (await advice(cast("Redis", Old()))).startswith("hash-max-ziplist-entries is 512: from some 33 million")
    with redis_server.server(tmp_path / "redis", *DURABLE, "--rename-command", "CONFIG", "") as silent:
        async with Redis(port=silent.port) as client:
            assert await advice(client) == ""


def test_replicas_have_it_on_disk_where_the_server_can_tell() -> None:
    assert waiting((7, 0, 15), 1, accept_loss=False)[:2] == ("WAIT", 1)
    assert waiting((7, 2, 0), 2, accept_loss=False)[:3] == ("WAITAOF", 0, 2)
    # a replica that writes no file would never say so
    assert waiting((8, 0, 1), 1, accept_loss=True)[:2] == ("WAIT", 1)
    assert [replicated(answer) for answer in (0, 2, [1, 0], [0, 2], ResponseError("ERR"))] == [0, 2, 0, 2, 0]


async def kept(store: RedisStore) -> bool:
    """False while its replicas are too busy to say so in time."""
    try:
        await put(store, "a")
    except Unavailable:
        return False
    else:
        return True


async def test_more_replicas_than_a_yes_waits_for_are_refused(tmp_path: Path) -> None:
    with redis_server.watched(tmp_path / "redis") as (primary, _, url):
        another = Server(tmp_path / "another", *DURABLE, "--replicaof", f"127.0.0.1 {primary.port}")
        another.start()
        try:
            with primary.client() as client:
                await asyncio.to_thread(redis_server.until, lambda: client.wait(2, 1) == 2)
            with pytest.raises(StoreFault, match=r"has 2 replicas.*store\.replicas = 2"):
                async with opened(url, most_letters=5, beside=tmp_path / "gateway"):
                    pass
            async with opened(url, most_letters=5, beside=tmp_path / "gateway", terms=Terms(replicas=2)) as store:
                async with asyncio.timeout(60):
                    while not await kept(store):
                        pass
        finally:
            another.kill()
