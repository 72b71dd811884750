"""The page of a ledger that is told by hand says how long its worklist has waited."""

from __future__ import annotations

import asyncio
import re

import pytest

from gateway.store.record import Settlement
from tests.console.opened import Officer, officer
from tests.console.shelves import Shelves

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def seen(who: Officer, *none: bool) -> None:
    """Wait until the page says of the oldest free one, and of the longest in hand, that there is none."""
    async with asyncio.timeout(60):
        while True:
            text = (await who.get("/ledger/worklist")).text
            facts = text.partition('class="facts card"')[2].partition("</dl>")[0]
            if [each == "tidak ada" for each in re.findall(r"<dd>(.*?)</dd>", facts, re.DOTALL)] == list(none):
                return
            await asyncio.sleep(0.2)


async def test_the_oldest_that_waits_and_the_longest_that_is_in_hand_are_told(here: Shelves) -> None:
    async with officer(here.house, "operator") as rini:
        await seen(rini, True, True)
        claim = await here.came()
        assert await here.store.settle(Settlement(claim=claim, step="worklist", record=b"{}"))
        await seen(rini, False, True)
        await here.store.take("rini", 600)
        await seen(rini, True, False)
