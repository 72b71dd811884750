"""What every store promises of leases: one holder, a token that grows, and nothing done for one who has lost it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.store.base import Store
from gateway.store.fencing import Fence, LeaseLost
from gateway.store.record import LetterClaim, Move
from tests.promises.stores import LONG_S, Counted, Subject, arrival, done, letter, numbers, one, part, put, waits

#: so long a lease that is to be lost lasts
SHORT_S = 0.05


async def taken(store: Store, holder: str = "a", for_s: float = LONG_S, name: str = "telkomsel") -> Fence:
    """Wait until this holder has it."""
    async with asyncio.timeout(60):
        while (token := await store.lease(name, holder, for_s)) is None:
            await asyncio.sleep(0.01)
    return Fence(name, token)


async def lost(store: Store) -> Fence:
    """A fence whose lease another has by now."""
    fence = await taken(store, "a", SHORT_S)
    await taken(store, "b")
    return fence


async def test_a_lease_has_one_holder_who_may_have_it_for_longer(store: Counted) -> None:
    first = await taken(store)
    assert await store.lease("telkomsel", "b", LONG_S) is None
    assert await taken(store) == first
    assert (await taken(store, "b", name="indosat")).name == "indosat"
    assert [(held.name, held.holder, held.token == first.token) for held in await store.leases()][1:] == [("telkomsel", "a", True)]


async def test_of_many_who_ask_at_once_one_gets_it(store: Counted) -> None:
    tokens = await asyncio.gather(*(store.lease("telkomsel", f"holder {n}", LONG_S) for n in range(20)))
    assert sum(token is not None for token in tokens) == 1


async def test_a_lease_that_ended_goes_to_another_under_a_greater_token_and_the_first_one_hears_of_it(store: Counted) -> None:
    first = await taken(store, "a", SHORT_S)
    second = await taken(store, "b", SHORT_S)
    assert second.token > first.token
    third = await taken(store, "a")
    assert third.token > second.token
    assert await store.lease("telkomsel", "b", LONG_S) is None
    (held,) = await store.leases()
    assert (held.holder, held.token) == ("a", third.token)
    assert 0 < held.left_s <= LONG_S


async def test_a_lease_that_ended_is_nobodys_until_it_is_taken_and_its_holder_may_still_have_it_for_longer(store: Counted) -> None:
    first = await taken(store, "a", 0.01)
    await asyncio.sleep(SHORT_S)
    assert await store.leases() == []
    assert await taken(store, "a") == first


async def test_a_lease_given_back_is_free_at_once_and_only_its_holder_can_give_it_back(store: Counted) -> None:
    first = await taken(store)
    await store.unlease(Fence("telkomsel", first.token + 7))
    assert await store.lease("telkomsel", "b", LONG_S) is None
    await store.unlease(first)
    assert await store.leases() == []
    assert ((await store.lease("telkomsel", "b", LONG_S)) or 0) > first.token


async def test_a_lease_and_its_token_outlive_a_restart(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path, 5) as store:
        first = await taken(store, "a")
    async with subject.opened(tmp_path, 5) as store:
        assert await store.lease("telkomsel", "b", LONG_S) is None
        await store.unlease(first)
        assert (await taken(store, "b")).token > first.token


async def test_under_a_lease_a_cursor_moves_and_for_one_who_has_lost_it_nothing_does(store: Counted) -> None:
    stale = await lost(store)
    fresh = await taken(store, "b")
    numbered = (arrival("a"), numbers("a"))
    assert len(await store.advance(Move(channel="telkomsel", notes={"offset": "5"}, arrivals=[numbered], fence=fresh))) == 1
    late = Move(
        channel="telkomsel", notes={"offset": "3"}, arrivals=[(arrival("b"), numbers("b"))], parts=[(part(1, 2), numbers("p"))], fence=stale
    )
    with pytest.raises(LeaseLost) as refused:
        await store.advance(late)
    assert refused.value.code == "lease_lost"
    assert await store.recall("telkomsel", "offset") == "5"
    assert (await store.tally()).received == {"telkomsel": 1}


async def test_one_who_has_lost_it_takes_nobody_else_with_him(store: Counted) -> None:
    stale, fresh = await lost(store), await taken(store, "b")
    moves = [Move(channel="telkomsel", notes={f"note {n}": "x"}, fence=stale if n % 2 else fresh) for n in range(10)]
    answers = await asyncio.gather(*(store.advance(move) for move in moves), store.put(arrival("c"), numbers("c")), return_exceptions=True)
    assert [isinstance(answer, LeaseLost) for answer in answers] == [bool(n % 2) for n in range(10)] + [False]
    assert await store.recall("telkomsel", "note 4") == "x"
    assert await store.recall("telkomsel", "note 5") is None


async def test_a_lease_that_ended_and_that_nobody_took_is_not_lost(store: Counted) -> None:
    fence = await taken(store, "a", 0.01)
    await asyncio.sleep(SHORT_S)
    await store.advance(Move(channel="telkomsel", notes={"offset": "5"}, fence=fence))
    assert await store.recall("telkomsel", "offset") == "5"


async def with_letter(store: Store, name: str = "m") -> None:
    await put(store, name)
    claim = await one(store)
    await store.settle(done(claim, letter(f"{name} letter", claim.case.case_id)))


async def letters_of(store: Store, fence: Fence) -> list[LetterClaim]:
    return list(await asyncio.wait_for(store.claim_letters("telkomsel", 10, LONG_S, fence=fence), 60))


async def test_letters_go_to_the_holder_and_not_to_one_who_has_lost_it(store: Counted) -> None:
    stale, fresh = await lost(store), await taken(store, "b")
    await with_letter(store)
    with pytest.raises(LeaseLost):
        await letters_of(store, stale)
    (claim,) = await letters_of(store, fresh)
    assert claim.attempts == 1


async def test_who_waits_for_letters_when_he_loses_it_is_told_so(store: Counted) -> None:
    first = await taken(store, "a", SHORT_S)
    waiting = store.claim_letters("telkomsel", 10, LONG_S, fence=first)
    await taken(store, "b")
    with pytest.raises(LeaseLost):
        await asyncio.wait_for(waiting, 60)


async def test_a_letter_is_not_handed_over_to_one_who_lost_it_while_he_waited(store: Counted) -> None:
    first = await taken(store, "a", SHORT_S)
    waiting = store.claim_letters("telkomsel", 10, LONG_S, fence=first)
    fresh = await taken(store, "b")
    await with_letter(store)
    with pytest.raises(LeaseLost):
        await asyncio.wait_for(waiting, 60)
    assert len(await letters_of(store, fresh)) == 1


async def test_a_holder_who_waits_gets_what_comes(store: Counted) -> None:
    fence = await taken(store)
    waiting = store.claim_letters("telkomsel", 10, LONG_S, fence=fence)
    await with_letter(store)
    assert len(await asyncio.wait_for(waiting, 60)) == 1
    assert await waits(store.claim_letters("telkomsel", 10, LONG_S, fence=fence))
