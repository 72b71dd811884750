"""What every store promises to those who work off lists."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Literal

import pytest

from gateway.store import lists
from gateway.store.base import Store
from gateway.store.lists import Lost
from gateway.store.record import LetterSettlement, LetterStep, Settlement, Step
from tests.promises.stores import (
    LONG_S,
    Counted,
    arrival,
    claimed,
    counted,
    done,
    letter,
    letters,
    life_of,
    no_letter,
    nothing,
    numbers,
    one,
    parked,
    put,
    receipt,
    sent,
)


async def paged(store: Store, step: Step, size: int, **wanted: str) -> list[list[str]]:
    """The ids on each page that is not empty."""
    pages, after = [], ""
    while True:
        page = await store.page(step, size, after=after, **wanted)
        pages.append([case.case_id for case in page.cases])
        after = page.after
        if not after:
            return [each for each in pages if each]


async def aside(store: Store, names: range, step: Step, code: str) -> list[str]:
    await put(store, *names)
    claims = await claimed(store, len(names))
    for claim in claims:
        assert await store.settle(Settlement(claim=claim, step=step, code=code))
    return [claim.case.case_id for claim in claims]


async def test_a_list_is_read_page_by_page_without_a_case_twice_or_none_at_all(store: Store) -> None:
    ids = await parked(store, *range(7))
    assert await paged(store, "parked", 3) == [ids[:3], ids[3:6], ids[6:]]
    assert await paged(store, "parked", 7) == [ids]
    gone = [case_id for case_id in ids[:5] if await store.drop(case_id, "rini", "iklan")]
    assert await paged(store, "declined", 2) == [gone[:2:-1], gone[2:0:-1], gone[:1]]
    assert await paged(store, "triage", 2) == []
    # a page that begins where a case stood that has gone meanwhile
    assert [case.case_id for case in (await store.page("parked", 9, after=gone[0])).cases] == ids[5:]


async def test_those_whose_senders_have_heard_of_them_stand_among_the_others(store: Store) -> None:
    ids = await parked(store, *range(4))
    listed = {case.case_id: case for case in await store.listing("parked", 9)}
    await store.comfort([listed[ids[0]], listed[ids[2]]], [])
    assert await paged(store, "parked", 3) == [ids[:3], ids[3:]]


async def test_a_list_is_read_by_code_and_by_channel_and_its_reasons_are_counted(store: Store) -> None:
    bugs = await aside(store, range(3), "parked", "bug")
    await aside(store, range(3, 5), "parked", "unreadable")
    await store.put(arrival("by mail", channel="mail"), numbers("by mail"))
    (mail,) = await claimed(store, 1)
    await store.settle(Settlement(claim=mail, step="parked", code="bug"))
    assert await paged(store, "parked", 2, code="bug") == [bugs[:2], [bugs[2], mail.case.case_id]]
    assert await paged(store, "parked", 2, code="bug", channel="mail") == [[mail.case.case_id]]
    assert await paged(store, "parked", 9, channel="nobody") == []
    reasons = await store.reasons("parked")
    assert (reasons.counts, reasons.after) == ({("telkomsel", "bug"): 3, ("telkomsel", "unreadable"): 2, ("mail", "bug"): 1}, "")


async def test_what_is_rare_is_looked_for_in_many_small_steps(store: Store) -> None:
    common = lists.LOOK + 10
    await asyncio.gather(*(store.put(arrival(name), numbers(name)) for name in range(common)))
    settled = 0
    while settled < common:
        claims = await claimed(store, common)
        aside_ = [Settlement(claim=claim, step="triage", code="hashtag_only") for claim in claims]
        assert all(await asyncio.gather(*map(store.settle, aside_)))
        settled += len(claims)
    (rare,) = await aside(store, range(common, common + 1), "triage", "spam_suspect")
    first = await store.page("triage", 5, code="spam_suspect")
    assert first.cases == []
    assert first.after
    assert await paged(store, "triage", 5, code="spam_suspect") == [[rare]]
    part = await store.reasons("triage")
    assert sum(part.counts.values()) == lists.LOOK
    assert (await store.reasons("triage", after=part.after)).counts == {("telkomsel", "hashtag_only"): 10, ("telkomsel", "spam_suspect"): 1}


async def test_who_comes_second_changes_nothing(store: Counted) -> None:
    (case_id,) = await parked(store, 1)
    assert not await store.retry(case_id, "budi", "", seen="triage")
    assert await store.drop(case_id, "rini", "iklan", seen="parked")
    assert not await store.retry(case_id, "budi", "", seen="parked")
    assert not await store.drop(case_id, "budi", "", seen="parked")
    (case,) = await store.listing("declined", 9)
    assert [(act.by, act.act) for act in (await life_of(store, case.reference)).acts] == [("rini", "drop")]
    assert await store.recount() == []


async def test_of_two_at_the_same_instant_one_has_done_it(store: Store) -> None:
    ids = await parked(store, *range(10))
    acts = [act for id_ in ids for act in (store.retry(id_, "rini", "", seen="parked"), store.drop(id_, "budi", "iklan", seen="parked"))]
    came = await asyncio.gather(*acts)
    assert [one_ + other for one_, other in zip(came[::2], came[1::2], strict=True)] == [1] * 10


async def test_what_is_sent_on_can_be_taken_back_for_a_while(store: Counted) -> None:
    (case_id,) = await parked(store, 1, step="triage")
    assert await store.retry(case_id, "rini", "", seen="triage", after_s=60)
    assert await nothing(store)
    assert await store.reopen(case_id, "rini", "triage")
    (case,) = await store.listing("triage", 9)
    assert (case.step, case.due, case.admitted, case.code) == ("triage", None, False, "unreadable")
    assert [act.act for act in (await life_of(store, case.reference)).acts] == ["retry", "undo"]
    assert not await store.reopen(case_id, "rini", "triage")
    assert await store.retry(case_id, "rini", "", after_s=0.01)
    claim = await one(store)
    assert not await store.reopen(case_id, "rini", "triage")
    assert claim.case.case_id == case_id
    assert await store.recount() == []


async def test_who_waits_for_work_gets_what_was_sent_on_when_its_while_is_over(store: Store) -> None:
    (case_id,) = await parked(store, 1)
    waiting = store.claim(1, LONG_S)
    await asyncio.sleep(0.02)
    assert await store.retry(case_id, "rini", "", after_s=0.2)
    (claim,) = await asyncio.wait_for(waiting, 60)
    assert claim.case.case_id == case_id


async def test_who_waits_for_letters_gets_one_that_is_sent_again(store: Store) -> None:
    await refused(store, 1)
    (found,) = await gone(store)
    waiting = store.claim_letters("telkomsel", 1, LONG_S)
    await asyncio.sleep(0.02)
    assert await store.resend(found.letter_id, "rini", "")
    (claim,) = await asyncio.wait_for(waiting, 60)
    assert claim.letter == found.state.letter


async def test_what_was_dropped_comes_back_to_where_it_was(store: Counted) -> None:
    one_, other = await parked(store, 1, 2)
    assert await store.drop(one_, "rini", "iklan")
    assert await store.reopen(one_, "budi", "parked")
    assert [case.case_id for case in await store.listing("parked", 9)] == [one_, other]
    # nobody has dropped this one, or sent it on
    assert not await store.reopen(other, "budi", "parked")
    # … and one that went to no ledger by itself is taken back by nobody
    await put(store, 3)
    claim = await one(store)
    await store.settle(Settlement(claim=claim, step="declined", code="question"))
    assert not await store.reopen(claim.case.case_id, "budi", "parked")
    assert not await store.reopen("999", "budi", "parked")
    assert await store.recount() == []


async def test_what_was_unknown_is_unknown_again_when_it_is_taken_back(store: Store) -> None:
    await put(store, 1)
    claim = await one(store)
    await store.settle(Settlement(claim=claim, step="parked", code="unknown", unsure=True))
    case_id = claim.case.case_id
    assert await store.retry(case_id, "rini", "dicari, tidak ada", after_s=60)
    assert [case.unsure for case in await store.listing("submit", 9)] == [False]
    assert await store.reopen(case_id, "rini", "parked")
    assert [case.unsure for case in await store.listing("parked", 9)] == [True]


# --- letters ---


async def written(store: Store, *names: object) -> list[str]:
    """Letters that wait to be sent, one for each case; the cases' references."""
    references = await put(store, *names)
    for claim in await claimed(store, len(names)):
        await store.settle(done(claim, letter(f"{claim.case.case_id}:registered", claim.case.case_id)))
    return references


async def refused(store: Store, *names: object) -> list[str]:
    references = await written(store, *names)
    for claim in await letters(store, len(names)):
        await store.settle_letter(LetterSettlement(claim=claim, step="parked", code="no_such_number", words="why"))
    return references


async def gone(store: Store, **wanted: str) -> list[Lost]:
    return list((await store.lost(9, **wanted)).letters)


def standing(found: list[Lost]) -> list[tuple[str, LetterStep, str, str]]:
    return [(each.reference, each.state.step, each.state.code, each.state.words) for each in found]


async def test_letters_that_did_not_arrive_are_listed_with_their_cases(store: Counted) -> None:
    first, second = await refused(store, 1, 2)
    (third,) = await written(store, 3)
    (claim,) = await letters(store)
    await store.settle_letter(sent(claim, "p-3"))
    found = await gone(store)
    assert standing(found) == [(first, "parked", "no_such_number", "why"), (second, "parked", "no_such_number", "why")]
    assert [(each.standing, each.state.letter.kind) for each in found] == [("done", "registered")] * 2
    await store.note(receipt("p-3", state="failed"))
    assert [each.reference for each in await gone(store)] == [first, second, third]
    page = await store.lost(2)
    assert [each.reference for each in page.letters] == [first, second]
    assert [each.reference for each in (await store.lost(2, after=page.after)).letters] == [third]
    assert await gone(store, channel="mail") == []
    assert len(await gone(store, channel="telkomsel")) == 3


async def test_a_lost_letter_is_tried_again_as_if_it_were_new(store: Counted) -> None:
    (reference,) = await refused(store, 1)
    (found,) = await gone(store)
    before = datetime.now(UTC)
    assert await store.resend(found.letter_id, "rini", "nomor sudah aktif")
    assert not await store.resend(found.letter_id, "budi", "")
    assert await gone(store) == []
    (claim,) = await letters(store)
    assert (claim.letter, claim.attempts, claim.created_at >= before) == (found.state.letter, 1, True)
    assert await store.settle_letter(sent(claim, "p-9"))
    life = await life_of(store, reference)
    assert [(state.step, state.code, state.words) for state in life.letters] == [("sent", "", "")]
    assert [(act.by, act.act, act.words) for act in life.acts] == [("rini", "letter retry", "registered: nomor sudah aktif")]
    await store.note(receipt("p-9", state="failed"))
    (found,) = await gone(store)
    assert await store.resend(found.letter_id, "rini", "")
    assert (await life_of(store, reference)).letters[0].receipt == ""
    assert await store.recount() == []


@pytest.mark.parametrize("late", ["failed", "delivered"])
async def test_a_late_receipt_of_the_first_go_says_nothing_of_the_next(store: Counted, late: Literal["failed", "delivered"]) -> None:
    (reference,) = await written(store, 1)
    (claim,) = await letters(store)
    # an SMS of three parts; of one it is heard at once that it did not arrive
    assert await store.settle_letter(sent(claim, "p-1", "p-2", "p-3"))
    await store.note(receipt("p-1", state="failed"))
    assert await store.resend((await gone(store))[0].letter_id, "rini", "")
    await store.note(receipt("p-2", state=late))
    (claim,) = await letters(store)
    assert await store.settle_letter(sent(claim, "p-9"))
    await store.note(receipt("p-3", state=late))
    assert [(state.step, state.receipt) for state in (await life_of(store, reference)).letters] == [("sent", "")]
    await store.note(receipt("p-9"))
    assert [(state.step, state.receipt) for state in (await life_of(store, reference)).letters] == [("sent", "delivered")]
    assert await store.recount() == []


async def test_a_letter_says_whose_it_is_wherever_it_stands(store: Store) -> None:
    (reference,) = await refused(store, 1)
    (found,) = await gone(store)
    assert await store.lettered(found.letter_id) == reference
    assert await store.discard(found.letter_id, "rini", "sudah ditelepon")
    assert await store.lettered(found.letter_id) == reference
    assert await store.lettered("999") == ""


async def test_a_letter_that_need_not_be_sent_is_out_of_the_list_and_comes_back_as_it_was(store: Counted) -> None:
    (reference,) = await refused(store, 1)
    (found,) = await gone(store)
    assert not await store.recover(found.letter_id, "rini")
    assert await store.discard(found.letter_id, "rini", "sudah ditelepon")
    assert not await store.discard(found.letter_id, "budi", "")
    assert await gone(store) == []
    assert await no_letter(store)
    assert counted((await store.tally()).letters) == {"telkomsel": {"muted": 1}}
    assert await store.recover(found.letter_id, "budi")
    assert await gone(store) == [found]
    assert counted((await store.tally()).letters) == {"telkomsel": {"parked": 1}}
    assert await store.discard(found.letter_id, "rini", "")
    assert await store.resend(found.letter_id, "rini", "")
    assert len(await letters(store)) == 1
    acts = [(act.by, act.act, act.words) for act in (await life_of(store, reference)).acts]
    assert acts[:2] == [("rini", "letter drop", "registered: sudah ditelepon"), ("budi", "letter undo", "registered")]
    assert await store.recount() == []


async def test_one_that_is_on_its_way_or_unknown_is_left_alone(store: Store) -> None:
    await written(store, 1)
    for act in (store.resend, store.discard):
        assert not await act("1", "rini", "")
        assert not await act("99", "rini", "")
    assert not await store.recover("1", "rini")
    assert len(await letters(store)) == 1
