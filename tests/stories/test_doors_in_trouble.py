"""Trouble behind each door, told in its own protocol (design §4): a full disk, a store that cannot write, a ledger that is away.

On a full disk, whoever calls is told to come again; where we ask, the cursor stands still. A store that cannot write, and a ledger that is
away, are nobody's business but ours. When the trouble is over, everything is there once.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.stories.all_doors import DOORS
from tests.stories.disk import fill, mounted
from tests.stories.doors import NAME, Street, street

#: before, so that the store has a log
FEW = 3
#: those that are asked, and do not call
ASKED = {"telegram", "x"}


@pytest.mark.parametrize("which", sorted(DOORS))
async def test_on_a_full_disk_it_says_come_again_and_takes_all_when_there_is_room(which: str, tmp_path: Path) -> None:
    with mounted(tmp_path) as disk:
        async with street(tmp_path, DOORS[which](), data=disk / "var") as place:
            await opened(place)
            filler = fill(disk)
            await refused(place, codes={"disk_full", "disk_nearly_full"})
            filler.unlink()
            await place.settled()
            await place.conserved()


@pytest.mark.parametrize("which", sorted(set(DOORS) - ASKED))
async def test_while_the_store_cannot_write_it_takes_all_the_same_and_the_store_has_it_afterwards(which: str, tmp_path: Path) -> None:
    async with street(tmp_path, DOORS[which]()) as place, unwritable(place):
        sent = [place.say() for _ in range(FEW)]
        await place.until(lambda: not place.left())
        assert len(sent) <= await place.gateway.metric(f'lapor_spool_waiting{{channel="{NAME}"}}')


@pytest.mark.parametrize("which", sorted(ASKED))
async def test_while_the_store_cannot_write_its_cursor_stands_still(which: str, tmp_path: Path) -> None:
    """Its provider keeps what came: nobody need wait for a yes."""
    async with street(tmp_path, DOORS[which]()) as place, unwritable(place):
        await refused(place, codes={"store_failed"})


@asynccontextmanager
async def unwritable(place: Street) -> AsyncIterator[None]:
    """A store that has worked: the kernel refuses every byte by which its log would grow. Afterwards all is where it belongs."""
    await opened(place)
    was = place.gateway.limit(resource.RLIMIT_FSIZE, place.gateway.wal.stat().st_size)
    yield
    place.gateway.limit(resource.RLIMIT_FSIZE, was)
    await place.settled()
    await place.conserved()


@pytest.mark.parametrize("which", sorted(DOORS))
async def test_while_the_ledger_is_away_it_takes_all_the_same_and_says_that_it_is_safe(which: str, tmp_path: Path) -> None:
    async with street(tmp_path, DOORS[which](), ledger_open=False, receipt_after_s=0.5) as place:
        await place.start()
        sent = [place.say() for _ in range(FEW)]
        await place.until(lambda: not place.left())
        if place.door.letters != "none":
            async with asyncio.timeout(60):
                while not all([await place.door.heard(said) for said in sent]):
                    await asyncio.sleep(0.02)
            assert [said.nth for said in sent if "ketik STATUS dan kode itu" not in (await place.door.heard(said))[0]] == []
        await place.open_ledger()
        verdict = await place.settled()
        assert verdict.again == 0
        await place.conserved()


async def opened(place: Street) -> None:
    """It works, and has worked."""
    await place.start()
    for _ in range(FEW):
        place.say()
    await place.settled()


async def refused(place: Street, *, codes: set[str]) -> None:
    """Nothing that is sent now is taken, and its sender is told so as the protocol has it."""
    sent = [place.say() for _ in range(FEW)]
    samples = [f'lapor_messages_refused_total{{channel="{NAME}",code="{code}"}}' for code in codes]
    async with asyncio.timeout(60):
        while not any([await place.gateway.metric(sample) for sample in samples]):
            await asyncio.sleep(0.05)
    if place.door.full:
        await place.until(lambda: all(said.told for said in sent))
        assert {word for said in sent for word in said.told} == place.door.full
    assert place.left() == sent
    assert place.gateway.alive
