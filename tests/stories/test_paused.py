"""A bind that an officer pauses while citizens write, in a gateway that is killed meanwhile: nothing is lost, and nothing done twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.stories.town import Town, town

MANY = 60


async def pour(place: Town) -> None:
    for _ in range(MANY):
        place.say()
        place.say_at_length()
        await asyncio.sleep(0.01)


async def until(claim: str, place: Town, times: int = 1) -> None:
    async with asyncio.timeout(60):
        while place.gateway.said.count(f'"event":"{claim}"') < times:
            await asyncio.sleep(0.02)


async def test_a_bind_paused_under_load_stays_so_over_a_kill_and_everything_comes_afterwards_once(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await place.gateway.start()
        pouring = asyncio.create_task(pour(place))
        paused = await place.gateway.command("channel", "pause", "operator")
        assert (paused.status, paused.out) == (0, "operator is paused\n")
        await place.smsc.until(lambda: place.smsc.counts["unbinds"] == 1, within_s=60)
        await pouring
        # what it had not written when it was killed, nobody has read
        await until("channel_paused", place)
        place.gateway.kill()
        place.gateway.spawn()
        await until("started", place, times=2)
        await until("channel_paused", place, times=2)
        place.say()
        await asyncio.sleep(1.5)
        assert place.smsc.counts["binds"] == 1
        assert '"mode":"paused"' in await place.gateway.get("/readyz")
        assert await place.gateway.metric('lapor_channel_paused{channel="operator"}') == 1
        assert (await place.gateway.command("channel", "resume", "operator")).status == 0
        await place.settled()
        assert place.verdict().clean
        assert {len(place.answers(sent.number)) for sent in place.sent} == {1}
        assert not place.gateway.leaks()
