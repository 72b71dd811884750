"""Whole stores on Redis, as an operator moves them, copies them and looks into their archive."""

from __future__ import annotations

import asyncio
import io
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from redis import Redis

from gateway.archive import FOLDER, Archive
from gateway.archiving import Archiving
from gateway.faults import CannotStart
from gateway.journal import Journal, Lines
from gateway.migrate import Far, migrate
from gateway.moving import move
from gateway.store import redis, redis_bundles, sqlite, sqlite_bundles
from gateway.store.record import StoreFault
from tests.fakes import redis_server
from tests.fakes.redis_server import Server
from tests.gateway.test_cli import fault, ran, told
from tests.gateway.test_migrate import MANY, TOP, command, filled
from tests.gateway.whole import filled as office
from tests.gateway.whole import written
from tests.promises.lived import Lived
from tests.promises.stores import LONG_S, arrival, claimed, now, numbers, parked, put

pytestmark = pytest.mark.skipif(bool(redis_server.missing()), reason="no redis-server here")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with redis_server.server(tmp_path / "redis") as running:
        yield running


def at(server: Server) -> dict[str, str]:
    """The same settings, with the store on this server."""
    return {"LAPOR__STORE__URL": server.url}


def move_to(url: str) -> tuple[str, ...]:
    return ("migrate", "--to", url, "--config")


# --- migrate ---


def test_an_office_moves_to_redis_and_its_commands_find_there_what_they_found_before(tmp_path: Path, server: Server) -> None:
    config, cases = written(tmp_path), office(tmp_path)
    before = [told("trace", code, "--config", config) for code in (cases.done, cases.parked)]
    status, out, err = ran(*move_to(f"redis://:x@{server.url.removeprefix('redis://')}"), config)
    assert (status, out) == (1, "")
    assert ":x@" not in err, "a password is in no sentence"
    status, out, err = ran(*move_to(server.url), config)
    assert (status, err) == (0, "")
    assert f"A gateway starts on {server.url}/0 alone" in out
    environment = at(server)
    after = [ran("trace", code, "--json", "--config", config, env=environment) for code in (cases.done, cases.parked)]
    assert [status for status, _, _ in after] == [0, 0]
    assert [msg for _, msg, _ in after] == [ran_json(each) for each in before]


def ran_json(found: object) -> str:
    """As the command line writes it."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


def test_killed_while_it_moves_into_redis_it_goes_on_and_nothing_is_there_twice(tmp_path: Path, server: Server) -> None:
    old = tmp_path / "old.db"
    filled(old, MANY)

    def there(client: Redis) -> int:
        return int(client.hget("{lapor}:ids", "case") or 0)

    with server.client() as client:
        were = []
        for cases in (1, MANY // 2):
            started = subprocess.Popen(command("--from", f"sqlite:///{old}", "--to", server.url), cwd=TOP, stdout=subprocess.DEVNULL)
            while there(client) < cases and started.poll() is None:
                time.sleep(0.001)
            started.send_signal(signal.SIGKILL)
            started.wait()
            were.append(there(client))
    assert 0 < were[0] < MANY, "it was killed in the middle"
    assert were == sorted(were)

    async def counted() -> None:
        with pytest.raises(StoreFault, match="not finished"):
            async with redis.opened(server.url, most_letters=5, beside=tmp_path / "gateway"):
                pass
        assert (await move(f"sqlite:///{old}", server.url, Archive(tmp_path))).rows["cases"] == MANY
        async with redis.opened(server.url, most_letters=5, beside=tmp_path / "gateway") as store:
            assert (await store.tally()).received == {"telkomsel": MANY}
            assert await store.recount() == []
            assert (await store.put(arrival(7), numbers("other"))).duplicate

    asyncio.run(counted())


def test_a_redis_without_room_says_so_in_a_line_and_is_filled_when_it_has_some(tmp_path: Path, server: Server) -> None:
    old = tmp_path / "old.db"
    filled(old, MANY)
    move = ("migrate", "--from", f"sqlite:///{old}", "--to", server.url)
    with server.client() as client:
        client.config_set("maxmemory", client.info("memory")["used_memory"] + 500_000)
        assert "OutOfMemory" in fault(1, *move)
        client.config_set("maxmemory", 0)
    assert ran(*move)[0] == 0


async def test_a_redis_that_a_gateway_works_on_or_that_has_something_is_left_alone(tmp_path: Path, server: Server) -> None:
    async with sqlite.opened(tmp_path / "old.db", most_letters=5) as store:
        await put(store, "a")
    old, archive = f"sqlite:///{tmp_path}/old.db", Archive(tmp_path / FOLDER)
    async with redis.opened(server.url, most_letters=5, beside=tmp_path / "gateway") as gateway:
        await put(gateway, "b")
        with pytest.raises(CannotStart, match="stop the gateway"):
            await move(old, server.url, archive)
    with pytest.raises(CannotStart, match="not empty"):
        await move(old, server.url, archive)
    with pytest.raises(CannotStart, match="itself"):
        await move(server.url, server.url, archive)
    await move(server.url, f"sqlite:///{tmp_path}/new.db", archive)
    with pytest.raises(StoreFault, match="was moved to"):
        async with redis.opened(server.url, most_letters=5, beside=tmp_path / "gateway"):
            pass


async def test_what_moves_to_where_another_server_may_take_over_is_on_that_one_too(tmp_path: Path) -> None:
    async with sqlite.opened(tmp_path / "old.db", most_letters=5) as store:
        references = await put(store, "a", "b")
    with redis_server.watched(tmp_path / "redis") as (_, replica, url):
        moved = await move(f"sqlite:///{tmp_path}/old.db", url, Archive(tmp_path))
        with replica.client() as client:
            assert client.hget("{lapor}:ids", "case") == b"2"
        assert moved.rows["cases"] == len(references)


async def test_somebody_who_works_on_a_redis_while_it_is_moved_is_found_out(tmp_path: Path, server: Server) -> None:
    async with redis.opened(server.url, most_letters=5, beside=tmp_path / "gateway") as store:
        await put(store, "a", "b")

    def meddle(far: Far) -> None:
        if far.doing == "comparing":
            with server.client() as client:
                client.hset("{lapor}:case:1", "words", "x")

    async with redis_bundles.movable(server.url, Archive(tmp_path).find) as old:
        with sqlite_bundles.movable(tmp_path / "new.db", made=True) as new, pytest.raises(StoreFault, match="meanwhile"):
            await migrate(old, new, meddle)
    await move(server.url, f"sqlite:///{tmp_path}/new.db", Archive(tmp_path))
    async with sqlite.opened(tmp_path / "new.db", most_letters=5) as moved:
        assert [case.words for case in await moved.unanswered(now(), 9)] == ["x", ""]


async def test_what_lies_in_the_archive_moves_too_and_is_missed_when_it_is_on_another_machine(tmp_path: Path, server: Server) -> None:
    archive = Archive(tmp_path / FOLDER)
    async with redis.opened(server.url, most_letters=5, beside=tmp_path / "gateway") as store:
        life = Lived(store)
        await life.live(("put_files", "decline", "put_large", "decline", "put"))
        before = [await store.life(reference) for reference in life.came]
        tally = await store.tally()
        await Archiving(store, archive, Journal(Lines(io.BytesIO())), after=timedelta(0)).look(now(60))
        assert [(await life_of_stub(store, reference)) for reference in life.came] == [True, True, False]
    archive.folder.rename(tmp_path / "elsewhere")
    with pytest.raises(CannotStart, match="another machine"):
        await move(server.url, f"sqlite:///{tmp_path}/new.db", archive)
    (tmp_path / "elsewhere").rename(archive.folder)
    await move(server.url, f"sqlite:///{tmp_path}/new.db", archive)
    async with sqlite.opened(tmp_path / "new.db", most_letters=5) as moved:
        assert [await moved.life(reference) for reference in life.came] == before
        assert await moved.tally() == tally
        assert await moved.recount() == []


async def life_of_stub(store: redis.RedisStore, reference: str) -> bool:
    life = await store.life(reference)
    return life is not None and bool(life.case.archived)


# --- the archive ---


def test_a_case_in_the_archive_of_this_machine_is_traced_with_all_that_it_had(tmp_path: Path, server: Server) -> None:
    config, cases = written(tmp_path), office(tmp_path)
    assert ran(*move_to(server.url), config)[0] == 0
    trace = ("trace", cases.done, "--json", "--config", config)
    before = ran(*trace, env=at(server))[1]

    async def archive() -> None:
        async with redis.opened(server.url, most_letters=5, beside=tmp_path / "gateway") as store:
            await Archiving(store, Archive(tmp_path / FOLDER), Journal(Lines(io.BytesIO())), after=timedelta(0)).look(now(60))

    asyncio.run(archive())
    after = ran(*trace, env=at(server))[1]
    assert '"archived": ""' in before
    assert '"archived": "20' in after
    assert [line for line in after.splitlines() if "archived" not in line] == [
        line for line in before.splitlines() if "archived" not in line
    ]
    (tmp_path / FOLDER).rename(tmp_path / "elsewhere")
    status, out, _ = ran(*trace, env=at(server))
    assert (status, cases.tracking_id in out, '"archived": "20' in out) == (0, True, True)


# --- backup and restore ---


def test_a_copy_of_a_redis_is_put_back_and_of_what_waits_its_ledger_is_asked_first(tmp_path: Path, server: Server) -> None:
    config, copy = written(tmp_path), tmp_path / "copy.rdb"

    async def lived() -> list[str]:
        async with redis.opened(server.url, most_letters=5, beside=tmp_path / "gateway") as store:
            came = await put(store, "a", "b")
            await parked(store, "c")
            return came

    came = asyncio.run(lived())
    subprocess.run(["redis-cli", "-p", str(server.port), "--rdb", str(copy)], check=True, capture_output=True)
    server.kill()

    # as docs/operations.md says
    folder = tmp_path / "restored"
    folder.mkdir()
    copy.rename(folder / "dump.rdb")
    first = Server(folder, "--save", "", "--appendonly", "no")
    first.start()
    with first.client() as client:
        client.config_set("appendonly", "yes")
        while client.info("persistence")["aof_rewrite_in_progress"] or client.info("persistence")["aof_rewrite_scheduled"]:
            time.sleep(0.01)
    first.kill()
    with redis_server.server(folder) as again:
        assert "without FILE" in fault(2, "restore", str(copy), "--config", config, env=at(again))
        assert "Redis is copied" in fault(2, "backup", str(copy), "--config", config, env=at(again))
        status, out, err = ran("restore", "--config", config, env=at(again))
        assert (status, err) == (0, "")
        assert "of 3 cases that waited" in out

        async def there() -> None:
            async with redis.opened(again.url, most_letters=5, beside=tmp_path / "gateway") as store:
                assert await store.recount() == []
                known = [await store.put(arrival(name), numbers("other")) for name in ("a", "b", "c")]
                assert [each.duplicate for each in known] == [True] * 3
                assert [each.reference for each in known][:2] == came
                claims = await claimed(store, lease_s=LONG_S)
                assert [claim.case.unsure for claim in claims] == [True, True]

        asyncio.run(there())
