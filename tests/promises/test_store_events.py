"""What every store promises of what ledgers say became of cases, and of the letters that tell citizens."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from channels.base import Letter
from forwarder.ledger import Happening, Registration
from forwarder.states import LedgerState
from gateway.store.happenings import Decision, Told
from gateway.store.record import DEFAULT, STOPPED, LetterSettlement, Move, Settlement, Step
from tests.promises.stores import (
    REGISTERED,
    STORES,
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
    put,
)

AT = REGISTERED.registered_at
CITIZEN = "6281200000001"


def told(
    reference: str, status: str = "Selesai", state: LedgerState = "closed", *, at: datetime = AT, number: str = "1234567", note: str = "",
    ledger: str = DEFAULT,
) -> Told:  # fmt: skip
    happening = Happening(tracking_id=number, reference=reference, at=at, status=status, by="Dinas PU", note=note)
    return Told(ledger=ledger, happening=happening, state=state, heard_at=now())


def change(number: int = 1, case_id: str = "1", *, text: str = "selesai", at: datetime | None = None) -> Letter:
    return msgspec.structs.replace(letter(f"{case_id}:change:{number}", case_id), kind="change", text=text, not_before=at)


async def registered(store: Counted, *names: object) -> list[str]:
    references = await put(store, *names)
    for claim in await claimed(store, len(names)):
        await store.settle(done(claim))
    return references


async def ids(store: Counted, reference: str) -> tuple[int, ...]:
    """Of the events of which nobody has decided."""
    return tuple(event.event_id for event in (await life_of(store, reference)).events if event.letter is None)


async def test_what_a_ledger_says_is_kept_once_and_with_its_own_words(store: Counted) -> None:
    (reference,) = await registered(store, "a")
    first = told(reference, "Terdisposisi ke Dinas PU", "forwarded", note="Akan kami cek.")
    assert await store.tell([first, told(reference), first]) == ["kept", "kept", "known"]
    assert await store.tell([msgspec.structs.replace(first, heard_at=now(9))]) == ["known"]
    (one_, _) = (await life_of(store, reference)).events
    assert (one_.status, one_.state, one_.by, one_.note, one_.at) == (
        "Terdisposisi ke Dinas PU",
        "forwarded",
        "Dinas PU",
        "Akan kami cek.",
        AT,
    )


async def test_what_nobody_has_sent_is_unknown(store: Counted) -> None:
    (reference,) = await registered(store, "a")
    assert (
        await store.tell([told("7K3Q-9FXM-2CH4"), told("nonsense"), told(reference, number="7654321"), told(reference, ledger="city")])
        == ["unknown"] * 4
    )
    assert (await life_of(store, reference)).events == ()


async def test_what_was_told_outlives_the_process(tmp_path: Path) -> None:
    for subject in STORES.values():
        async with subject.opened(tmp_path, 5) as store:
            (reference,) = await registered(store, "a")
            await store.tell([told(reference)])
            subject.leave(tmp_path, tmp_path / "left")
        async with subject.opened(tmp_path / "left", 5) as store:
            assert [event.status for event in (await life_of(store, reference)).events] == ["Selesai"]
            assert [life.case.reference for life in await store.undecided(9)] == [reference]


async def test_a_decision_queues_its_letter_and_holds_for_these_events_alone(store: Counted) -> None:
    (reference,) = await registered(store, "a")
    await store.tell([told(reference)])
    decision = Decision(case_id="1", events=await ids(store, reference), number=1, letters=(change(at=now(0.05)),))
    await store.tell([told(reference, "Ditolak", "rejected")])
    assert await store.decide(decision)
    assert not await store.decide(decision)
    assert [event.letter for event in (await life_of(store, reference)).events] == [1, None]
    assert [life.case.reference for life in await store.undecided(9)] == [reference]
    assert [each.letter.key for each in await letters(store)] == ["1:change:1"]


async def test_a_letter_is_not_claimed_before_its_hour(store: Counted) -> None:
    (reference,) = await registered(store, "a")
    await store.tell([told(reference)])
    await store.decide(Decision(case_id="1", events=await ids(store, reference), number=1, letters=(change(at=now(600)),)))
    assert await no_letter(store)
    assert counted((await store.tally()).letters) == {"telkomsel": {"send": 1}}


async def test_a_newer_letter_takes_the_place_and_the_hour_of_one_that_waits(store: Counted) -> None:
    (reference,) = await registered(store, "a")
    await store.tell([told(reference, "Diteruskan", "forwarded")])
    await store.decide(Decision(case_id="1", events=await ids(store, reference), number=1, letters=(change(text="a", at=now(0.2)),)))
    await store.tell([told(reference)])
    newer = Decision(case_id="1", events=await ids(store, reference), number=1, instead=change(text="b"))
    assert await store.decide(newer)
    (claim,) = await letters(store)
    assert claim.letter.text == "b"
    await store.tell([told(reference, "Ditolak", "rejected")])
    late = Decision(case_id="1", events=await ids(store, reference), number=1, instead=change(text="c"))
    assert not await store.decide(late)
    await store.settle_letter(LetterSettlement(claim=claim, step="sent"))
    assert not await store.decide(late)
    assert len(await ids(store, reference)) == 1


async def test_who_writes_stop_while_a_letter_waits_does_not_get_it(store: Counted) -> None:
    (reference,) = await registered(store, "a")
    await store.tell([told(reference)])
    await store.decide(Decision(case_id="1", events=await ids(store, reference), number=1, letters=(change(at=now(0.1)),)))
    await store.advance(Move(channel="telkomsel", notes={f"{STOPPED}{CITIZEN}": "1"}))
    await asyncio.sleep(0.2)
    assert await no_letter(store)
    (state,) = (await life_of(store, reference)).letters
    assert (state.step, state.code) == ("muted", "stopped")
    assert counted((await store.tally()).letters) == {"telkomsel": {"muted": 1}}


async def test_an_event_settles_a_case_of_which_nobody_was_sure(store: Counted) -> None:
    (reference,) = await put(store, "a")
    claim = await one(store)
    await store.settle(Settlement(claim=claim, step="parked", code="unknown", words="perhaps", unsure=True))
    await store.tell([told(reference)])
    assert [life.case.reference for life in await store.undecided(9)] == [reference]
    proof = Registration(tracking_id="1234567", registered_at=AT)
    decision = Decision(
        case_id="1", events=await ids(store, reference), registration=proof, record=b"{}", letters=(letter("1:registered"),)
    )
    assert await store.decide(decision)
    life = await life_of(store, "1234567")
    assert (life.case.step, life.case.registration, life.case.code, life.record) == ("done", proof, "", b"{}")
    assert await nothing(store)
    assert await store.recount() == []
    assert counted((await store.tally()).cases) == {"telkomsel": {"done": 1}}


async def test_a_case_that_is_being_tried_is_left_to_its_attempt(store: Counted) -> None:
    (reference,) = await put(store, "a")
    claim = await one(store)
    assert await store.tell([told(reference)]) == ["kept"]
    assert await store.undecided(9) == []
    proof = Registration(tracking_id="1234567", registered_at=AT)
    assert not await store.decide(Decision(case_id="1", events=await ids(store, reference), registration=proof))
    await store.settle(done(claim))
    assert [life.case.reference for life in await store.undecided(9)] == [reference]
    assert await store.recount() == []


async def test_a_number_that_another_case_has_proves_nothing(store: Counted) -> None:
    await registered(store, "a")
    await put(store, "b")
    await store.settle(Settlement(claim=await one(store), step="parked", code="unknown", unsure=True))
    (case,) = await store.listing("parked", 9)
    await store.tell([told(case.reference)])
    proof = Registration(tracking_id="1234567", registered_at=AT)
    assert await store.decide(Decision(case_id=case.case_id, events=await ids(store, case.reference), number=1, registration=proof))
    life = await life_of(store, case.reference)
    assert (life.case.step, life.case.registration, [event.letter for event in life.events]) == ("parked", None, [0])
    assert await store.undecided(9) == []


@pytest.mark.parametrize("step", ["triage", "parked", "worklist"])
async def test_one_that_waits_for_a_person_is_not_taken_out_of_his_hands(store: Counted, step: Step) -> None:
    await parked(store, "a", step=step)
    (case,) = await store.listing(step, 9)
    assert await store.tell([told(case.reference)]) == ["kept"]
    assert await store.undecided(9) == []


async def test_what_a_message_said_is_forgotten_with_what_the_ledger_answered(store: Counted) -> None:
    (reference,) = await registered(store, "a")
    await store.tell([told(reference, note="Ibu Sari, jalan sudah diperbaiki.")])
    assert await store.forget("telkomsel", "id-a", "deleted", waiting=True)
    (event,) = (await life_of(store, reference)).events
    assert (event.status, event.by, event.note) == ("Selesai", "", "")


# --- ledgers that are asked ---


async def due(store: Counted, *, every_s: float = 0.0, for_s: float = 1e9, limit: int = 9) -> list[str]:
    return [life.case.reference for life in await store.to_ask({DEFAULT: every_s}, for_s, limit)]


async def test_a_registered_case_is_asked_about_once_in_a_while_those_due_first_first(store: Counted) -> None:
    references = await registered(store, "a", "b", "c")
    assert await due(store, every_s=600) == []
    await store.put_off(["1", "2", "3"], now(-1))
    assert await due(store, every_s=600) == references
    await store.put_off(["2"], now(-2))
    await store.put_off(["1"], now(-1))
    await store.put_off(["3"], now(600))
    assert await due(store, every_s=600) == [references[1], references[0]]
    assert await due(store, every_s=600) == []


async def test_nobody_asks_about_what_is_closed_declined_too_old_or_not_registered(store: Counted) -> None:
    closed, old, waits, mine = await put(store, "closed", "old", "waits", "mine")
    ancient = Registration(tracking_id="7777777", registered_at=now(-9e6))
    for claim in await claimed(store):
        fate = {
            closed: done(claim),
            old: Settlement(claim=claim, step="done", registration=ancient),
            waits: again(claim, now(600)),
            mine: Settlement(claim=claim, step="done", registration=Registration(tracking_id="8888888", registered_at=now())),
        }
        await store.settle(fate[claim.case.reference])
    gone = await store.put(arrival("gone"), numbers("gone"))
    await store.settle(Settlement(claim=await one(store), step="declined", code="hashtag_only"))
    await store.tell([told(closed)])
    await due(store, for_s=8e6)
    for _ in range(2):
        await store.put_off(["1", "2", "3", "4", gone.case_id], now(-1))
        assert await due(store, for_s=8e6) == [mine]


async def test_a_ledger_that_is_not_asked_does_not_stand_in_the_way_of_others(store: Counted) -> None:
    references = await registered(store, "a", "b")
    assert list(await store.to_ask({"city": 0.0}, 1e9, 1)) == []
    await store.put_off(["1", "2"], now(-1))
    assert list(await store.to_ask({"city": 0.0}, 1e9, 9)) == []
    await store.put_off(["1", "2"], now(-1))
    assert sorted(await due(store)) == sorted(references)


async def test_whom_to_ask_next_outlives_the_process(tmp_path: Path) -> None:
    for subject in STORES.values():
        async with subject.opened(tmp_path, 5) as store:
            (reference,) = await registered(store, "a")
            await due(store)
            await store.put_off(["1"], now(-1))
        async with subject.opened(tmp_path, 5) as store:
            assert await due(store, every_s=600) == [reference]
        async with subject.opened(tmp_path, 5) as store:
            assert await due(store, every_s=600) == []
