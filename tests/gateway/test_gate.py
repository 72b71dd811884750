"""A ledger that is away: nobody's attempts are spent on it, and the oldest go first when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from channels.base import Unavailable
from forwarder.breaker import IN_A_ROW
from gateway import duties
from tests.gateway.tiny import CITIZEN, Desk, desk

CASES = 40


class Quiet:
    """Doors at which nothing happens."""

    crowded = pouring = False


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def working(here: Desk) -> AsyncIterator[None]:
    pace = duties.Pace(batch=2, concurrency=2, lease_s=60)
    submitting = asyncio.create_task(duties.submit(here.store, here.submitting, Quiet(), pace=pace, way=here.way(2)))
    try:
        yield
    finally:
        submitting.cancel()
        await asyncio.wait((submitting,))


async def _done(here: Desk, cases: int) -> None:
    for _ in range(2000):
        if (await here.store.tally()).cases["tiny"].get("done", 0) == cases:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(await here.store.tally())


async def test_an_outage_costs_few_calls_and_nearly_no_case_an_attempt(here: Desk) -> None:
    codes = [(await here.put(f"{CITIZEN}|air mati {nth}")).reference for nth in range(CASES)]
    here.ledger.script = [Unavailable("unreachable", retry_after=1.0)] * (IN_A_ROW + 2)
    async with working(here):
        await asyncio.sleep(0.5)
        assert len(here.ledger.calls) <= IN_A_ROW + 2
        await _done(here, CASES)
    # the cases of the first calls came before it was known; the trials asked with one each
    trials = [count for _, count in here.ledger.calls[IN_A_ROW + 1 : IN_A_ROW + 2]]
    assert trials == [1]
    attempts = [(await here.life(code)).case.attempts for code in codes]
    assert sum(attempts) <= CASES + 2 * (IN_A_ROW + 1) + 2
    said = [line["event"] for line in here.said() if line["event"].startswith("ledger_")]
    assert said == ["ledger_away", "ledger_back"]


async def test_a_ledger_that_cannot_be_asked_again_parks_few_while_it_is_away(here: Desk) -> None:
    here.ledger.finds = here.ledger.idempotent = False
    for nth in range(CASES):
        await here.put(f"{CITIZEN}|air mati {nth}")
    here.ledger.script = [Unavailable("http_502", unsure=True)] * 1000
    async with working(here):
        while len(here.ledger.calls) < IN_A_ROW:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        here.ledger.script.clear()
        parked = (await here.store.tally()).cases["tiny"].get("parked", 0)
        # two calls at once, with two cases each at most
        assert parked <= 2 * (IN_A_ROW + 1)
        await _done(here, CASES - parked)


async def test_what_was_claimed_for_a_ledger_that_went_away_is_given_back(here: Desk) -> None:
    for nth in range(CASES):
        await here.put(f"{CITIZEN}|air mati {nth}")
    here.ledger.script = [Unavailable("unreachable", retry_after=3600.0)] * 1000
    async with working(here):
        while len(here.ledger.calls) < IN_A_ROW:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        # claimed by nobody, so that another process, or the next one, need not wait for a lease to end
        assert len(await asyncio.wait_for(here.store.claim(CASES, 60), 60)) >= CASES - 2 * (IN_A_ROW + 2)


async def test_after_an_outage_the_oldest_goes_first(here: Desk) -> None:
    here.ledger.script = [Unavailable("unreachable", retry_after=1.0)] * 1000
    async with working(here):
        while len(here.ledger.calls) < IN_A_ROW:
            await here.put(f"{CITIZEN}|listrik {len(here.ledger.calls)}", object())
            await asyncio.sleep(0.02)
        late = [(await here.put(f"{CITIZEN}|air mati {nth}")).reference for nth in range(CASES)]
        here.ledger.script.clear()
        await _done(here, sum((await here.store.tally()).received.values()))
    numbers = []
    for code in late:
        registration = (await here.life(code)).case.registration
        assert registration is not None
        numbers.append(registration.tracking_id)
    # two calls at once may pass each other
    assert all(earlier < later for earlier, later in zip(numbers, numbers[4:], strict=False))
