"""A disk without room: the operator is told to come again, nothing that was acknowledged is lost, and room is all it takes to go on."""

from __future__ import annotations

import asyncio
import json
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from smpplib import consts

from tests.stories.disk import fill, mounted
from tests.stories.town import Sent, Town, town

COME_AGAIN = {consts.SMPP_ESME_RX_T_APPN, consts.SMPP_ESME_RMSGQFUL}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MiB."""
    with mounted(tmp_path) as disk:
        yield disk


async def test_a_full_disk_takes_nothing_loses_nothing_and_recovers_when_room_is_made(tmp_path: Path, small_disk: Path) -> None:
    async with town(tmp_path, data=small_disk / "var") as place:
        await place.gateway.start()
        for _ in range(5):
            place.say()
            place.say_at_length()
        await place.settled()
        filler = fill(small_disk)
        # the first ones meet the disk's own "no", the later ones the gateway's look at how full it is
        first = await refused(place, place.say())
        async with asyncio.timeout(60):
            while json.loads(await place.gateway.get("/readyz"))["why"] != "disk_nearly_full":
                await asyncio.sleep(0.05)
        later = await refused(place, place.say_at_length())
        filler.unlink()
        await place.settled()
        assert {*first.mobiles[0].statuses[:-1], *later.mobiles[0].statuses[:-1]} <= COME_AGAIN
        assert place.gateway.alive
        assert await place.gateway.stop() == 0


async def test_a_store_that_may_not_grow_is_gone_round_and_brought_what_came_when_it_may(tmp_path: Path) -> None:
    """The write of the store's own file fails, and others do not: that is no full disk, so what comes waits in the spool."""
    async with town(tmp_path) as place:
        await place.gateway.start()
        for _ in range(5):
            place.say()
        await place.settled()
        was = place.gateway.limit(resource.RLIMIT_FSIZE, place.gateway.wal.stat().st_size)
        sent = place.say()
        await place.smsc.until(lambda: sent.acknowledged)
        # and what the operator says of the answers to those before
        assert await place.gateway.metric('lapor_spool_waiting{channel="operator"}') >= 1
        place.gateway.limit(resource.RLIMIT_FSIZE, was)
        await place.settled()


@pytest.mark.soak
async def test_a_disk_that_fills_up_under_load_loses_nothing(tmp_path: Path, small_disk: Path) -> None:
    """What could not be settled is claimed again when its lease ends: half a minute, with the quickest ledger."""
    async with town(tmp_path, data=small_disk / "var", ledger="timeout_s = 0.5") as place:
        await place.gateway.start()
        for nth in range(3000):
            place.say()
            if nth % 10 == 0:
                await asyncio.sleep(0)
            if nth == 1500:
                filler = fill(small_disk)
        await asyncio.sleep(2)
        filler.unlink()
        assert {ack.status for ack in place.smsc.spool.acked} & COME_AGAIN, "the disk was never full for anybody"
        await place.settled(within_s=120)
        assert await place.gateway.stop() == 0


async def refused(place: Town, sent: Sent) -> Sent:
    """Wait until the gateway has said no to it twice."""
    await place.smsc.until(lambda: len(sent.mobiles[0].statuses) > 1)
    assert not sent.mobiles[0].taken
    assert set(sent.mobiles[0].statuses) <= COME_AGAIN
    return sent
