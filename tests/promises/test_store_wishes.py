"""What every store promises to citizens who take a report back, or want no more news."""

from __future__ import annotations

import msgspec

from channels.base import LetterKind
from gateway.store.record import STOPPED, Move
from tests.promises.stores import (
    REGISTERED,
    Counted,
    again,
    arrival,
    claimed,
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
    parked,
    part,
    put,
)


async def test_what_waits_for_the_ledger_is_withdrawn_for_good(store: Counted) -> None:
    (reference,) = await put(store, "a")
    await store.settle(again(await one(store), now(0.05)))
    case_id = (await life_of(store, reference)).case.case_id
    assert [await store.withdraw(case_id) for _ in range(2)] == ["withdrawn", "withdrawn"]
    life = await life_of(store, reference)
    assert (life.case.step, life.case.code, life.case.due) == ("declined", "withdrawn", None)
    assert [(act.by, act.act) for act in life.acts] == [("sender", "withdraw")]
    assert await nothing(store)
    assert await store.recount() == []
    assert counted((await store.tally()).cases) == {"telkomsel": {"declined": 1}}


async def test_what_waits_for_a_person_or_for_its_parts_is_withdrawn_too(store: Counted) -> None:
    (case_id,) = await parked(store, "a")
    held = await store.hold(part(1, 2), numbers("g"))
    assert [await store.withdraw(case_id), await store.withdraw(held.case_id)] == ["withdrawn", "withdrawn"]
    await store.hold(part(2, 2), numbers("g"))
    assert await nothing(store)
    assert await store.recount() == []


async def test_what_the_ledger_has_stays_there_and_the_wish_is_written_down(store: Counted) -> None:
    (reference,) = await put(store, "a")
    claim = await one(store)
    await store.settle(done(claim))
    assert [await store.withdraw(claim.case.case_id) for _ in range(2)] == ["too_late", "too_late"]
    life = await life_of(store, reference)
    assert (life.case.step, life.case.registration) == ("done", REGISTERED)
    assert [act.act for act in life.acts] == ["withdraw"]


async def test_what_the_ledger_may_have_is_not_called_withdrawn(store: Counted) -> None:
    (reference,) = await put(store, "a")
    claim = await one(store)
    await store.settle(again(claim, now(60), unsure=True))
    assert await store.withdraw(claim.case.case_id) == "too_late"
    assert (await life_of(store, reference)).case.step == "submit"


async def test_what_is_being_tried_is_not_touched(store: Counted) -> None:
    (reference,) = await put(store, "a")
    claim = await one(store)
    assert await store.withdraw(claim.case.case_id) == "busy"
    assert (await life_of(store, reference)).acts == ()
    assert await store.settle(done(claim))


async def test_what_a_person_dropped_keeps_its_reason_and_may_be_accepted_after_all(store: Counted) -> None:
    (case_id,) = await parked(store, "a")
    await store.drop(case_id, "rini", "ganda")
    assert await store.withdraw(case_id) == "withdrawn"
    (listed,) = await store.listing("declined", 9)
    assert listed.code == "unreadable"
    assert await store.retry(case_id, "rini", "")
    assert [claim.case.case_id for claim in await claimed(store)] == [case_id]


async def test_who_wants_no_news_gets_answers_and_nothing_else(store: Counted) -> None:
    (reference,) = await put(store, "a")
    await store.advance(Move(channel="telkomsel", notes={f"{STOPPED}6281200000001": "1"}))
    kinds: list[LetterKind] = ["registered", "receipt", "ask", "status", "help", "withdrawn", "stopped", "resumed"]
    written = [msgspec.structs.replace(letter(kind), kind=kind) for kind in kinds]
    claim = await one(store)
    await store.settle(done(claim, *written, letter("other", to="6281200000002")))
    await store.comfort([], [letter("there", channel="indosat")])
    assert [each.letter.key for each in await letters(store)] == ["status", "help", "withdrawn", "stopped", "resumed", "other"]
    assert [each.letter.key for each in await letters(store, channel="indosat")] == ["there"]
    muted = [(state.letter.kind, state.code) for state in (await life_of(store, reference)).letters if state.step == "muted"]
    assert muted == [("registered", "stopped"), ("receipt", "stopped"), ("ask", "stopped")]


async def test_who_wants_news_again_gets_them(store: Counted) -> None:
    name = f"{STOPPED}6281200000001"
    await store.advance(Move(channel="telkomsel", notes={name: "1"}))
    await store.comfort([], [letter("k0")])
    assert await no_letter(store)
    await store.advance(Move(channel="telkomsel", notes={name: None}))
    await store.comfort([], [letter("k1")])
    assert [each.letter.key for each in await letters(store)] == ["k1"]


async def test_an_address_is_known_by_the_letters_that_it_had(store: Counted) -> None:
    references = await put(store, "a", "b", "c")
    for claim in await claimed(store):
        to = "6281200000002" if claim.case.reference == references[1] else "6281200000001"
        await store.settle(done(claim, letter(f"k{claim.case.case_id}", claim.case.case_id, to=to)))
    there = await store.put(arrival("d", channel="indosat"), numbers("d"))
    await store.settle(done(await one(store), letter("k4", there.case_id, channel="indosat")))
    assert set(await store.addressed("telkomsel", "6281200000001", 9)) == {references[0], references[2]}
    assert len(await store.addressed("telkomsel", "6281200000001", 1)) == 1
    assert await store.addressed("telkomsel", "6281200000003", 9) == []
