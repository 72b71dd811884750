"""What every store promises about a question to a citizen, and about what he says of his case later."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from channels.base import Letter
from gateway.store.kinship import Search
from gateway.store.record import STOPPED, Addition, Claim, LetterSettlement, Move, Settlement
from normalizer.likeness import Likeness
from tests.promises.stores import (
    Counted,
    Subject,
    again,
    arrival,
    claimed,
    counted,
    done,
    letter,
    letters,
    life_of,
    nothing,
    now,
    numbers,
    one,
    part,
    put,
    receipt,
    sent,
)

CITIZEN = "6281200000001"


def question(claim: Claim, to: str = CITIZEN) -> Letter:
    case_id = claim.case.case_id
    return msgspec.structs.replace(letter(f"{case_id}:ask", case_id, to=to), kind="ask")


def asking(claim: Claim, wait_s: float = 600, *, who: str = CITIZEN) -> Settlement:
    return Settlement(claim=claim, step="asked", due=now(wait_s), code="place", letters=(question(claim, who),), asks=who)


def adding(claim: Claim, case_id: str, *, kind: str = "answer", text: str = "di Jalan Mawar") -> Settlement:
    addition = Addition(kind=kind, reference=claim.case.reference, at=now(), text=text)  # type: ignore[arg-type]  # one of the two
    return Settlement(claim=claim, step="declined", code=kind, words="7K3Q", adds=(case_id, addition))


async def asked(store: Counted, name: str = "a", wait_s: float = 600) -> str:
    """A case about which its sender was asked; its id."""
    await put(store, name)
    claim = await one(store)
    assert await store.settle(asking(claim, wait_s))
    return claim.case.case_id


async def open_to(store: Counted, who: str = CITIZEN, channel: str = "telkomsel") -> str:
    """The reference of the case about which this address may answer."""
    search = Search(case_id="99", channel=channel, received_at=now(), likeness=Likeness(), sender=who)
    return (await store.kin([search]))[0].asked


async def test_who_is_asked_can_answer_and_the_case_goes_on_at_once(store: Counted) -> None:
    case_id = await asked(store)
    assert await nothing(store)
    reference = await open_to(store)
    assert (await life_of(store, reference)).case.case_id == case_id
    assert [await open_to(store, "6281200000002"), await open_to(store, channel="indosat")] == ["", ""]
    (answer,) = await put(store, "b")
    assert await store.settle(adding(await one(store), case_id))
    claim = await one(store)
    assert (claim.case.case_id, claim.case.asked, claim.case.unsure) == (case_id, True, False)
    assert [(each.kind, each.reference, each.text) for each in claim.case.additions] == [("answer", answer, "di Jalan Mawar")]
    assert [(act.by, act.act, act.words) for act in (await life_of(store, reference)).acts] == [("sender", "answer", answer)]
    assert await open_to(store) == ""
    assert counted((await store.tally()).cases) == {"telkomsel": {"submit": 1, "declined": 1}}
    assert await store.recount() == []


async def test_whose_question_is_not_answered_goes_on_as_it_is_and_is_not_asked_again(store: Counted) -> None:
    case_id = await asked(store, wait_s=0.05)
    claim = await one(store)
    assert (claim.case.case_id, claim.case.step, claim.case.asked, claim.case.unsure) == (case_id, "submit", True, False)
    assert await open_to(store) == ""
    # one who would ask all the same has the case back at once
    assert await store.settle(asking(claim))
    assert [each.letter.kind for each in await letters(store)] == ["ask"]
    await store.settle(done(await one(store)))
    assert await store.recount() == []


async def test_an_address_is_asked_about_one_case_at_a_time(store: Counted) -> None:
    first = await asked(store)
    await put(store, "b")
    claim = await one(store)
    assert await store.settle(asking(claim))
    second = await one(store)
    assert (second.case.case_id, second.case.asked) == (claim.case.case_id, True)
    assert [each.letter.case_id for each in await letters(store)] == [first]
    assert counted((await store.tally()).cases) == {"telkomsel": {"asked": 1, "submit": 1}}


async def test_a_question_has_one_answer(store: Counted) -> None:
    case_id = await asked(store)
    await put(store, "b", "c")
    first, other = await claimed(store)
    assert all(await asyncio.gather(store.settle(adding(first, case_id)), store.settle(adding(other, case_id, text="juga"))))
    life = await life_of(store, first.case.reference)
    assert (life.case.step, (await life_of(store, other.case.reference)).case.step) == ("declined", "submit")
    assert await store.recount() == []


async def test_what_is_added_to_a_registered_case_sends_it_round_again(store: Counted) -> None:
    (reference,) = await put(store, "a")
    claim = await one(store)
    await store.settle(done(claim))
    await put(store, "b")
    await store.settle(adding(await one(store), claim.case.case_id, kind="follow_up"))
    again_ = await one(store)
    assert (again_.case.reference, again_.case.unsure, again_.case.registration is not None) == (reference, False, True)
    assert [each.text for each in again_.case.additions] == ["di Jalan Mawar"]
    await store.settle(done(again_))
    assert await nothing(store)
    assert counted((await store.tally()).cases) == {"telkomsel": {"done": 1, "declined": 1}}


async def test_what_is_added_to_a_case_in_hand_sends_it_round_when_it_is_settled(store: Counted) -> None:
    await put(store, "a", "b")
    first, second = await claimed(store)
    both = store.settle(adding(second, first.case.case_id, kind="follow_up")), store.settle(done(first))
    assert all(await asyncio.gather(*both))
    (claim,) = await claimed(store)
    assert (claim.case.case_id, len(claim.case.additions)) == (first.case.case_id, 1)
    assert await store.recount() == []


async def test_what_has_come_to_its_end_takes_no_addition_and_what_waits_keeps_it(store: Counted) -> None:
    case_id = await asked(store)
    assert await store.withdraw(case_id) == "withdrawn"
    assert await open_to(store) == ""
    await put(store, "b")
    claim = await one(store)
    assert await store.settle(adding(claim, case_id))
    back = await one(store)
    assert (back.case.case_id, back.case.unsure) == (claim.case.case_id, False)
    await store.settle(again(back, now(60)))
    await put(store, "c")
    await store.settle(adding(await one(store), back.case.case_id, kind="follow_up"))
    assert await nothing(store)
    assert len((await life_of(store, back.case.reference)).case.additions) == 1


async def test_a_stale_claim_neither_asks_nor_adds(store: Counted) -> None:
    case_id = await asked(store)
    await put(store, "b")
    stale = await one(store, lease_s=0.01)
    await asyncio.sleep(0.05)
    fresh = await one(store)
    assert [await store.settle(adding(stale, case_id)), await store.settle(asking(stale, who="6281200000009"))] == [False, False]
    assert await open_to(store, "6281200000009") == ""
    assert await open_to(store) != ""
    assert await store.settle(adding(fresh, case_id))


async def test_a_case_whose_question_nobody_will_hear_does_not_wait(store: Counted) -> None:
    await store.advance(Move(channel="telkomsel", notes={STOPPED + CITIZEN: "1"}))
    await put(store, "a")
    claim = await one(store)
    assert await store.settle(asking(claim))
    back = await one(store)
    assert (back.case.case_id, await open_to(store)) == (claim.case.case_id, "")
    assert await store.recount() == []


async def test_a_question_that_could_not_be_sent_does_not_hold_its_case(store: Counted) -> None:
    case_id = await asked(store)
    (sending,) = await letters(store)
    await store.settle_letter(LetterSettlement(claim=sending, step="parked", code="bad_address"))
    assert (await one(store)).case.case_id == case_id
    assert await store.recount() == []


async def test_a_question_that_did_not_arrive_does_not_hold_its_case(store: Counted) -> None:
    case_id = await asked(store)
    (sending,) = await letters(store)
    await store.settle_letter(sent(sending, "7"))
    assert await store.note(receipt("7", state="failed"))
    assert (await one(store)).case.case_id == case_id
    assert await open_to(store) == ""
    assert await store.recount() == []


async def test_a_late_part_goes_on_at_once_with_what_was_asked_about(store: Counted) -> None:
    await store.hold(part(1, 2, wait_s=0.01), numbers("g"))
    claim = await one(store)
    assert await store.settle(asking(claim))
    await store.hold(part(2, 2), numbers("g"))
    back = await one(store)
    assert (back.case.case_id, len(back.case.parts)) == (claim.case.case_id, 2)
    assert await store.recount() == []


async def test_what_was_added_and_is_edited_goes_round_again_and_takes_the_place_of_what_it_was(store: Counted) -> None:
    case_id = await asked(store)
    await put(store, "b")
    claim = await one(store)
    await store.settle(adding(claim, case_id))
    first = await one(store)
    edit = msgspec.structs.replace(part(1, 0, group="id-b"), wait_until=now())
    await store.hold(edit, numbers("b"))
    edited = await one(store)
    assert (edited.case.case_id, edited.case.code, len(edited.case.parts)) == (claim.case.case_id, "answer", 1)
    # while the other one is in hand it would not see the change
    assert await store.settle(adding(edited, case_id, text="di Jalan Melati"))
    await store.settle(done(first))
    back = await one(store)
    assert (back.case.case_id, back.case.code) == (claim.case.case_id, "answer")
    await store.settle(adding(back, case_id, text="di Jalan Melati"))
    last = await one(store)
    assert [each.text for each in last.case.additions] == ["di Jalan Melati"]
    await store.settle(done(last))
    assert await nothing(store)
    assert await store.recount() == []


async def test_what_its_author_takes_back_is_taken_out_of_the_case_to_which_it_was_added(store: Counted) -> None:
    case_id = await asked(store)
    await put(store, "b")
    await store.settle(adding(await one(store), case_id))
    await store.settle(done(await one(store)))
    assert await store.forget("telkomsel", "id-b", "deleted", waiting=True)
    claim = await one(store)
    assert (claim.case.case_id, claim.case.additions) == (case_id, ())
    await store.settle(done(claim))
    assert await nothing(store)
    assert await store.recount() == []


async def test_questions_and_answers_outlive_a_power_cut(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path / "one", 5) as store:
        case_id = await asked(store)
        await store.put(arrival("b"), numbers("b"))
        await store.settle(adding(await one(store), case_id))
        subject.leave(tmp_path / "one", tmp_path / "two")
    async with subject.opened(tmp_path / "two", 5) as store:
        claim = await one(store)
        assert (claim.case.case_id, claim.case.asked, len(claim.case.additions)) == (case_id, True, 1)
        assert await store.recount() == []
