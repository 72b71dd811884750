"""What every store promises to a gateway with several ledgers: a queue for each, and each number once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from gateway.store.record import ALONE, DEFAULT, Claim, NumberTaken, Settlement
from tests.promises.stores import (
    LONG_S,
    Counted,
    Subject,
    again,
    counted,
    done,
    letter,
    letters,
    life_of,
    no_letter,
    nothing,
    now,
    numbers,
    one,
    part,
    put,
    registered,
    waits,
)


async def of(store: Counted, *ledgers: str, limit: int = 10) -> list[Claim]:
    """What waits for these ledgers."""
    return list(await asyncio.wait_for(store.claim(limit, LONG_S, ledgers=ledgers), 60))


async def to_sort(store: Counted, limit: int = 10) -> list[Claim]:
    return list(await asyncio.wait_for(store.claim(limit, LONG_S, ledgers=("",), sorting=True), 60))


def handed(claim: Claim, ledger: str) -> Settlement:
    return Settlement(claim=claim, step="submit", due=claim.case.arrival.received_at, unsure=claim.case.unsure, ledger=ledger)


async def sorted_into(store: Counted, *ledgers: str) -> list[str]:
    """New cases, one for each of these ledgers; their references."""
    references = await put(store, *(f"of {ledger} {place}" for place, ledger in enumerate(ledgers)))
    claims: list[Claim] = []
    while len(claims) < len(ledgers):
        claims += await to_sort(store)
    for claim, ledger in zip(sorted(claims, key=lambda claim: int(claim.case.case_id)), ledgers, strict=True):
        assert await store.settle(handed(claim, ledger))
    return references


def names(claims: Sequence[Claim]) -> list[str]:
    return [claim.case.reference for claim in claims]


async def test_a_case_waits_for_its_own_ledger_and_no_other_can_claim_it(store: Counted) -> None:
    references = await sorted_into(store, "bandung", DEFAULT, "bandung")
    assert await waits(store.claim(10, LONG_S, ledgers=("",)))
    assert names(await of(store, DEFAULT)) == [references[1]]
    assert names(await of(store, "bandung")) == [references[0], references[2]]


async def test_each_ledger_is_waited_for_at_once(store: Counted) -> None:
    waiting = {name: store.claim(10, LONG_S, ledgers=(name,)) for name in ("bandung", DEFAULT)}
    references = await sorted_into(store, DEFAULT, "bandung")
    claims = {name: await asyncio.wait_for(claim, 60) for name, claim in waiting.items()}
    assert (names(claims[DEFAULT]), names(claims["bandung"])) == (references[:1], references[1:])


async def test_to_be_sorted_is_no_attempt_and_leaves_nothing_unsure(store: Counted) -> None:
    (reference,) = await put(store, "a")
    (claim,) = await to_sort(store)
    await store.settle(handed(claim, "bandung"))
    case = (await life_of(store, reference)).case
    assert (case.ledger, case.attempts, case.unsure, case.step, case.due) == ("bandung", 0, False, "submit", case.arrival.received_at)
    (tried,) = await of(store, "bandung")
    assert (tried.case.attempts, tried.case.unsure) == (1, False)


async def test_who_waits_to_sort_gets_what_comes_and_it_is_no_attempt_either(store: Counted) -> None:
    waiting = store.claim(10, LONG_S, ledgers=("",), sorting=True)
    await asyncio.sleep(0.02)
    (reference,) = await put(store, "a")
    (claim,) = await asyncio.wait_for(waiting, 60)
    assert names([claim]) == [reference]
    assert not (await life_of(store, reference)).case.unsure
    store.release([claim])
    assert (await life_of(store, reference)).case.attempts == 0


async def test_killed_while_it_was_sorted_a_case_is_to_be_sorted_again(subject: Subject, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    async with subject.opened(tmp_path / "a", 5) as store:
        (reference,) = await put(store, "a")
        await asyncio.wait_for(store.claim(1, 0.01, ledgers=("",), sorting=True), 60)
        subject.leave(tmp_path / "a", tmp_path / "b")
    async with subject.opened(tmp_path / "b", 5) as store:
        (claim,) = await to_sort(store)
        assert (claim.case.reference, claim.case.ledger, claim.case.unsure) == (reference, "", False)


async def test_what_a_ledger_may_have_is_still_in_doubt_after_it_was_sorted(store: Counted) -> None:
    await put(store, "a")
    await store.settle(again(await one(store), now(), unsure=True))
    (claim,) = await to_sort(store)
    await store.settle(handed(claim, DEFAULT))
    (tried,) = await of(store, DEFAULT)
    assert (tried.case.unsure, tried.case.attempts) == (True, 2)


async def test_what_is_put_off_by_its_ledger_stays_there(store: Counted) -> None:
    await sorted_into(store, "bandung")
    (claim,) = await of(store, "bandung")
    await store.settle(again(claim, now()))
    assert await waits(store.claim(1, LONG_S))
    assert names(await of(store, "bandung")) == names([claim])


async def test_a_part_that_comes_late_waits_for_the_ledger_that_has_the_rest(store: Counted) -> None:
    await store.hold(part(1, 2, wait_s=0), numbers("g"))
    (claim,) = await to_sort(store)
    await store.settle(handed(claim, "bandung"))
    (tried,) = await of(store, "bandung")
    await store.settle(done(tried))
    waiting = store.claim(1, LONG_S, ledgers=("bandung",))
    await asyncio.sleep(0.02)
    await store.hold(part(2, 2), numbers("g"))
    (late,) = await asyncio.wait_for(waiting, 60)
    assert (late.case.ledger, late.case.registration) == ("bandung", registered(tried))


async def test_a_gateway_with_one_ledger_takes_what_was_sorted_and_what_was_not_in_order_of_due_time(store: Counted) -> None:
    (first,) = await sorted_into(store, DEFAULT)
    (second,) = await put(store, "b")
    (third,) = await put(store, "c")
    assert names(await of(store, *ALONE, limit=2)) == [first, second]
    assert names(await of(store, *ALONE)) == [third]


async def test_one_ledger_gives_a_number_once(store: Counted) -> None:
    first, second = await sorted_into(store, "bandung", "bandung")
    claims = await of(store, "bandung")
    same = registered(claims[0])
    settlements = [msgspec.structs.replace(done(claim, letter(claim.case.case_id)), registration=same) for claim in claims]
    answers = await asyncio.gather(*map(store.settle, settlements), return_exceptions=True)
    assert answers[0] is True
    assert isinstance(answers[1], NumberTaken)
    assert answers[1].other == first
    case = (await life_of(store, second)).case
    assert (case.step, case.registration) == ("submit", None)
    assert [each.letter.key for each in await letters(store)] == [claims[0].case.case_id]
    assert await no_letter(store)
    with pytest.raises(NumberTaken):
        await store.settle(settlements[1])
    assert await store.settle(Settlement(claim=claims[1], step="parked", code="duplicate_id", unsure=True))
    assert await store.recount() == []


async def test_a_number_that_came_before_there_were_several_ledgers_is_the_default_ledgers(store: Counted) -> None:
    await put(store, "a")
    claim = await one(store)
    await store.settle(done(claim))
    await sorted_into(store, DEFAULT)
    (second,) = await of(store, DEFAULT)
    with pytest.raises(NumberTaken):
        await store.settle(Settlement(claim=second, step="done", registration=registered(claim)))


async def test_two_ledgers_may_give_the_same_number_and_then_it_tells_nobody_which_case_is_meant(store: Counted) -> None:
    first, second = await sorted_into(store, "bandung", DEFAULT)
    (at_bandung,), (elsewhere,) = await of(store, "bandung"), await of(store, DEFAULT)
    assert await store.settle(done(at_bandung))
    number = registered(at_bandung).tracking_id
    assert (await life_of(store, f"#{number}")).case.reference == first
    assert await store.settle(Settlement(claim=elsewhere, step="done", registration=registered(at_bandung)))
    assert await store.life(number) is None
    assert (await life_of(store, f"bandung:{number}")).case.reference == first
    assert (await life_of(store, f"{DEFAULT}:#{number}")).case.reference == second
    assert await store.life(f"garut:{number}") is None


async def test_what_waits_for_a_ledger_that_is_gone_is_parked_and_goes_there_when_it_is_back(store: Counted) -> None:
    gone, kept, default = await sorted_into(store, "gone", "bandung", DEFAULT)
    (fresh,) = await put(store, "not sorted yet")
    assert await store.stray([DEFAULT, "bandung"], 100) == {"gone": 1}
    assert await store.stray([DEFAULT, "bandung"], 100) == {}
    case = (await life_of(store, gone)).case
    assert (case.step, case.code, case.words) == ("parked", "no_ledger", "[ledgers.gone] is not in the settings any more")
    assert [(await life_of(store, each)).case.step for each in (kept, default, fresh)] == ["submit"] * 3
    assert await store.recount() == []
    assert counted((await store.tally()).cases) == {"telkomsel": {"submit": 3, "parked": 1}}
    assert await store.retry(case.case_id, "rini", "")
    assert names(await of(store, "gone")) == [gone]


async def test_what_is_being_tried_for_a_ledger_that_is_gone_is_left_to_who_tries_it(store: Counted) -> None:
    await sorted_into(store, "gone", "gone")
    (claim,) = await of(store, "gone", limit=1)
    assert await store.stray([DEFAULT], 100) == {"gone": 1}
    assert await store.settle(done(claim))


async def test_ledgers_that_are_gone_are_parked_in_steps(store: Counted) -> None:
    await sorted_into(store, *["gone"] * 5, "lost")
    assert await store.stray([], 2) == {"gone": 2, "lost": 1}
    assert [await store.stray([], 2) for _ in range(3)] == [{"gone": 2}, {"gone": 1}, {}]
    assert await nothing(store)
