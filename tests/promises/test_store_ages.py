"""What every store promises about age: since when the oldest waits, of each channel and of each ledger that is told by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.store.ages import Pile
from gateway.store.record import DEFAULT, Settlement
from tests.promises.stores import Counted, arrival, claimed, done, now, numbers

MINUTES_AGO = [now(-60.0 * minutes).replace(microsecond=0) for minutes in range(10)]


async def came(store: Counted, channel: str, *at: datetime) -> None:
    for each in at:
        await store.put(arrival(each.isoformat(), channel=channel, at=each), numbers((channel, each)))


async def oldest(store: Counted) -> dict[str, datetime]:
    return dict((await store.tally()).waiting)


async def handed_over(store: Counted, ledger: str | None, count: int) -> Sequence[str]:
    """To the worklist; their ids."""
    claims = await claimed(store, count)
    for claim in claims:
        assert await store.settle(Settlement(claim=claim, step="worklist", record=b"{}", ledger=ledger))
    return [claim.case.case_id for claim in claims]


async def test_of_each_channel_the_oldest_that_waits_is_known_whatever_waits_of_others(store: Counted) -> None:
    assert await oldest(store) == {}
    await came(store, "web", MINUTES_AGO[5], MINUTES_AGO[7], MINUTES_AGO[1])
    await came(store, "sms", MINUTES_AGO[3])
    assert await oldest(store) == {"web": MINUTES_AGO[7], "sms": MINUTES_AGO[3]}


async def test_what_is_claimed_waits_still_and_what_is_done_or_put_aside_does_not(store: Counted) -> None:
    await came(store, "web", MINUTES_AGO[9], MINUTES_AGO[8], MINUTES_AGO[2])
    first, second, third = await claimed(store, 3)
    assert await oldest(store) == {"web": MINUTES_AGO[9]}
    assert await store.settle(done(first))
    assert await oldest(store) == {"web": MINUTES_AGO[8]}
    assert await store.settle(Settlement(claim=second, step="parked", code="unreadable"))
    assert await oldest(store) == {"web": MINUTES_AGO[2]}
    assert await store.settle(Settlement(claim=third, step="triage"))
    assert await oldest(store) == {}
    # whoever is sent on waits again, as long as he has waited
    assert await store.retry(second.case.case_id, "rini", "")
    assert await oldest(store) == {"web": MINUTES_AGO[8]}


async def test_of_a_worklist_the_oldest_that_is_free_and_the_longest_that_is_in_hand_are_known(store: Counted) -> None:
    assert (await store.tally()).piles == {}
    await came(store, "web", *MINUTES_AGO[:4])
    await handed_over(store, None, 4)
    assert (await store.tally()).piles == {DEFAULT: Pile(free=MINUTES_AGO[0])}
    first = await store.take("rini", 600)
    assert first is not None
    assert await store.take("budi", 600)
    pile = (await store.tally()).piles[DEFAULT]
    assert pile.free == MINUTES_AGO[2]
    assert pile.taken is not None
    assert await store.put_back(first.case.case_id, "rini")
    again = (await store.tally()).piles[DEFAULT]
    assert again.taken is not None
    assert (again.free, again.taken > pile.taken) == (MINUTES_AGO[0], True)


async def test_a_case_that_was_in_hand_for_too_long_is_free_again(store: Counted) -> None:
    await came(store, "web", MINUTES_AGO[4])
    await handed_over(store, None, 1)
    assert await store.take("rini", 0)
    assert (await store.tally()).piles == {DEFAULT: Pile(free=MINUTES_AGO[4])}


async def test_each_ledger_has_a_worklist_of_its_own(store: Counted) -> None:
    await came(store, "web", MINUTES_AGO[6])
    await handed_over(store, "balai", 1)
    await came(store, "web", MINUTES_AGO[5])
    await handed_over(store, "dinas", 1)
    assert await store.take("rini", 600, ledgers=["dinas"])
    piles = (await store.tally()).piles
    assert set(piles) == {"balai", "dinas"}
    assert piles["balai"] == Pile(free=MINUTES_AGO[6])
    assert piles["dinas"].free is None
    assert piles["dinas"].taken is not None
