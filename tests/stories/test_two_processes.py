"""Doors and workers as two processes on one store: each dies and comes back, and nothing that was acknowledged is lost or doubled."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import redis_server
from tests.stories.process import GatewayProcess
from tests.stories.town import Town, town


@pytest.fixture(params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of the store that both work on; empty for a file."""
    if request.param == "sqlite":
        yield ""
        return
    if why := redis_server.missing():
        pytest.skip(why)
    with redis_server.server(tmp_path / "redis") as server:
        (tmp_path / "var").mkdir()
        (tmp_path / "var" / "secret").write_text("5a" * 32, encoding="ascii")
        yield server.url


async def apart(place: Town) -> GatewayProcess:
    """Start the doors, and give the workers, which are not started."""
    workers = place.gateway.beside("--only", "workers")
    place.gateway.words = ("--only", "doors")
    await place.gateway.start()
    return workers


async def test_doors_take_in_what_workers_register_and_answer_it_at_once(tmp_path: Path, store: str) -> None:
    async with town(tmp_path, store=store) as place:
        workers = await apart(place)
        place.say()
        await place.smsc.until(lambda: place.sent[0].acknowledged)
        assert not place.ledger.registrations
        workers.spawn()
        try:
            await place.settled()
            for _ in range(20):
                place.say()
                place.say_at_length()
            await place.settled()
        finally:
            assert await workers.stop() == 0


async def test_workers_that_die_leave_their_claims_to_the_next_ones(tmp_path: Path, store: str) -> None:
    async with town(tmp_path, store=store) as place:
        workers = await apart(place)
        for _ in range(3):
            workers.spawn()
            for _ in range(80):
                place.say()
            await asyncio.sleep(0.6)
            workers.kill()
        workers.spawn()
        try:
            await place.settled()
        finally:
            workers.kill()
        assert place.verdict().clean


async def test_doors_that_die_do_not_stop_the_workers(tmp_path: Path, store: str) -> None:
    async with town(tmp_path, store=store) as place:
        workers = await apart(place)
        workers.spawn()
        try:
            for _ in range(3):
                for _ in range(80):
                    place.say()
                await asyncio.sleep(0.3)
                place.gateway.kill()
                await place.gateway.start()
            await place.settled()
        finally:
            workers.kill()
