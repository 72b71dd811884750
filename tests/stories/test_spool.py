"""The store is away: every door says yes all the same, and when it is back everything is there once, under the codes that were told.

Another program holds the lock on the store's file for longer than the gateway waits for it, as a backup that hangs would.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.fakes import redis_server
from tests.stories.all_doors import DOORS
from tests.stories.disk import fill, mounted
from tests.stories.door_row import Row
from tests.stories.doors import street
from tests.stories.process import GatewayProcess
from tests.stories.test_full_disk import COME_AGAIN
from tests.stories.town import Town, town

#: those that call us, and whose senders are told a code or can say again that it is the same
CALLED = ("api", "email", "form", "push")


@contextmanager
def locked(gateway: GatewayProcess) -> Iterator[None]:
    """Nobody else can write the store."""
    with closing(sqlite3.connect(gateway.store, timeout=60, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        yield


async def test_sms_get_their_yes_while_the_store_is_away_and_are_all_there_once_when_it_is_back(tmp_path: Path) -> None:
    """Parts of one message come before, while and after; the gateway is killed in between."""
    async with town(tmp_path) as place:
        await place.gateway.start()
        place.say()
        await place.settled()
        number, text, (first, *others) = place.at_length()
        mobiles = place.deliver(first)
        await place.smsc.until(lambda: mobiles[0].taken)
        with locked(place.gateway):
            mobiles += place.deliver(*others[:-1])
            sent = [place.say(), place.say_at_length(reference=9)]
            await place.smsc.until(lambda: all(each.acknowledged for each in sent) and mobiles[-1].taken, within_s=60)
            # known to be away: nobody waits for it any more
            sent = [place.say() for _ in range(50)]
            await place.smsc.until(lambda: all(each.acknowledged for each in sent), within_s=60)
            state = json.loads(await place.gateway.get("/readyz"))
            assert (state["ready"], state["why"]) == (True, "store_busy")
            assert state["spool"]["waiting"]["operator"] >= 53
            shown = await place.gateway.command("status")
            assert "The store does not answer" in shown.out
            assert re.search(r"in the spool, waiting for the store: operator \d\d", shown.out)
            place.gateway.kill()
        place.gateway.hurry()
        await place.gateway.start()
        place.expect(number, text, mobiles + place.deliver(others[-1]))
        await place.settled()
        assert not files(place.gateway)
        assert await place.gateway.stop() == 0


@pytest.mark.parametrize("killed", [False, True])
async def test_every_door_that_is_called_tells_the_codes_that_the_store_gives_later(tmp_path: Path, killed: bool) -> None:
    door = Row({name: DOORS[name]() for name in CALLED})
    async with street(tmp_path, door) as place:
        await place.gateway.start()
        for _ in CALLED:
            place.say()
        await place.settled()
        with locked(place.gateway):
            for _ in range(5 * len(CALLED)):
                place.say()
            await place.until(lambda: not place.left())
            waiting = [await place.gateway.metric(f'lapor_spool_waiting{{channel="{name}"}}') for name in CALLED]
            # the two ways into the web are one channel
            assert sum(waiting) == 5 * len(CALLED)
            if killed:
                place.gateway.kill()
        if killed:
            await place.gateway.start()
        await place.settled()
        told = {said.reference for said in place.sent if said.reference}
        assert len(told) == 6 * len(set(CALLED) - {"push"})
        assert told <= set(place.ledger.records)
        await place.conserved(*CALLED)
        assert not files(place.gateway)
        assert '"told_another_reference"' not in place.gateway.said


async def test_a_gateway_that_can_open_no_file_for_a_while_goes_on(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await place.gateway.start()
        was = place.gateway.limit(resource.RLIMIT_NOFILE, 3)
        sent = [place.say() for _ in range(5)]
        await place.smsc.until(lambda: all(each.acknowledged for each in sent))
        await place.smsc.until(lambda: '"why":"EMFILE"' in place.gateway.said, within_s=60)
        place.gateway.limit(resource.RLIMIT_NOFILE, was)
        await place.settled()
        assert await place.gateway.stop() == 0


with_redis = pytest.mark.skipif(bool(redis_server.missing()), reason=redis_server.missing())


@contextmanager
def redis_of(place: Town, folder: Path) -> Iterator[redis_server.Server]:
    """The town's gateway has its store there, on another disk than its spool."""
    with redis_server.server(folder / "redis") as redis:
        settings = place.gateway.config.read_text(encoding="utf-8")
        place.gateway.config.write_text(re.sub('"sqlite:.*"', f'"{redis.url}"', settings), encoding="utf-8")
        # what shares a Redis shares a key, which no gateway makes there
        place.gateway.data.mkdir()
        (place.gateway.data / "secret").write_text("5e" * 32)
        (place.gateway.data / "secret").chmod(0o600)
        yield redis


@with_redis
@pytest.mark.parametrize("killed", [False, True])
async def test_a_redis_that_is_stopped_and_started_again_is_gone_round(tmp_path: Path, killed: bool) -> None:
    async with town(tmp_path) as place:
        with redis_of(place, tmp_path) as redis:
            await place.gateway.start()
            place.say()
            await place.settled()
            redis.kill()
            sent = [place.say() for _ in range(20)] + [place.say_at_length()]
            await place.smsc.until(lambda: all(each.acknowledged for each in sent), within_s=60)
            state = json.loads(await place.gateway.get("/readyz"))
            assert (state["ready"], state["why"]) == (True, "store_unreachable")
            if killed:
                place.gateway.kill()
            redis.start()
            if killed:
                await place.gateway.start()
            await place.settled()
            assert not files(place.gateway)
            assert await place.gateway.stop() == 0


async def test_a_gateway_that_is_started_while_another_holds_its_store_takes_in_and_brings_it_home_later(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await place.gateway.start()
        place.say()
        await place.settled()
        place.gateway.kill()
        with locked(place.gateway):
            place.gateway.spawn()
            sent = [place.say() for _ in range(20)] + [place.say_at_length()]
            await place.smsc.until(lambda: all(each.acknowledged for each in sent), within_s=60)
            state = json.loads(await place.gateway.get("/readyz"))
            assert (state["ready"], state["why"]) == (True, "store_busy")
        await place.settled()
        assert not files(place.gateway)
        assert await place.gateway.stop() == 0


@with_redis
async def test_a_gateway_that_is_started_while_its_redis_is_away_takes_in_and_brings_it_home_later(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        with redis_of(place, tmp_path) as redis:
            await place.gateway.start()
            place.say()
            await place.settled()
            redis.kill()
            place.gateway.kill()
            place.gateway.spawn()
            sent = [place.say() for _ in range(20)] + [place.say_at_length()]
            await place.smsc.until(lambda: all(each.acknowledged for each in sent), within_s=60)
            state = json.loads(await place.gateway.get("/readyz"))
            assert (state["ready"], state["why"]) == (True, "store_unreachable")
            redis.start()
            await place.settled()
            assert not files(place.gateway)
            assert await place.gateway.stop() == 0
            assert '"event":"lease_unknown"' in place.gateway.said


@with_redis
async def test_killed_while_it_brings_things_home_it_repeats_nothing_and_loses_nothing(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        with redis_of(place, tmp_path) as redis:
            await place.gateway.start()
            redis.kill()
            for nth in range(1500):
                place.say()
                if nth % 10 == 0:
                    await asyncio.sleep(0)
            await place.smsc.until(lambda: all(each.acknowledged for each in place.sent), within_s=120)
            redis.start()
            for _ in range(3):
                before = len(place.ledger.registrations)
                async with asyncio.timeout(60):
                    while len(place.ledger.registrations) <= before and files(place.gateway):
                        await asyncio.sleep(0.005)
                await asyncio.sleep(random.uniform(0, 0.1))
                place.gateway.kill()
                await place.gateway.start()
            await place.settled(within_s=180)
            assert not files(place.gateway)
            assert await place.gateway.stop() == 0


@with_redis
async def test_a_spool_without_room_says_come_again_and_goes_on_when_there_is_some(tmp_path: Path) -> None:
    with mounted(tmp_path) as disk:
        async with town(tmp_path, data=disk / "var") as place:
            with redis_of(place, tmp_path) as redis:
                await place.gateway.start()
                redis.kill()
                place.say()
                await place.smsc.until(lambda: place.sent[0].acknowledged, within_s=60)
                filler = fill(disk)
                async with asyncio.timeout(60):
                    while json.loads(await place.gateway.get("/readyz"))["ready"]:
                        await asyncio.sleep(0.05)
                late = [place.say() for _ in range(3)]
                await place.smsc.until(lambda: all(len(each.mobiles[0].statuses) > 2 for each in late), within_s=60)
                assert not any(each.acknowledged for each in late)
                assert {status for each in late for status in each.mobiles[0].statuses} <= COME_AGAIN
                filler.unlink()
                await place.smsc.until(lambda: all(each.acknowledged for each in late), within_s=60)
                redis.start()
                await place.settled()
                assert not files(place.gateway)
                assert await place.gateway.metric("lapor_spool_torn") == 0


async def test_a_torn_file_is_shouted_about_until_somebody_looks(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await place.gateway.start()
        with locked(place.gateway):
            sent = [place.say() for _ in range(3)]
            await place.smsc.until(lambda: all(each.acknowledged for each in sent), within_s=60)
            place.gateway.kill()
        (path,) = files(place.gateway)
        with path.open("ab") as file:
            file.write(path.read_bytes()[40:60])
        for _ in range(2):
            await place.gateway.start()
            await place.settled()
            assert await place.gateway.metric("lapor_spool_torn") == 1
            shown = await place.gateway.command("status")
            checked = await place.gateway.command("check")
            assert "quarantine" in shown.out
            assert (checked.status, "quarantine" in checked.out) == (1, True)
            assert await place.gateway.stop() == 0
        assert place.gateway.said.count('"spool_quarantined"') == 2
        (place.gateway.data / "quarantine" / path.name).unlink()
        await place.gateway.start()
        assert await place.gateway.metric("lapor_spool_torn") == 0


def files(gateway: GatewayProcess) -> list[Path]:
    """What waits."""
    return sorted((gateway.data / "spool").iterdir())
