"""What a try is: of a case at the ledger, and of a letter at its channel. The ledger and the store are real, the channel is tiny."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from channels.base import Part, Refused, Unavailable
from gateway import duties
from gateway.attempts import Submitting
from gateway.relations import Relations
from gateway.sending import Sending
from gateway.store.base import Store
from gateway.store.kinship import Found, Search
from gateway.store.record import LetterSettlement, Life, Settlement
from gateway.store.trying import LEDGER
from gateway.work import work
from normalizer.complaint import decode
from tests.gateway.tiny import CITIZEN, SECRET, Desk, desk, stint
from tests.promises.stores import KEY, arrival, now, numbers, receipt, waits


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as opened:
        yield opened


# --- cases ---


async def test_a_message_is_read_registered_kept_and_answered(here: Desk) -> None:
    accepted = await here.put(f"{CITIZEN}|jalan rusak di depan pasar")
    await here.submit()
    life = await here.life(accepted.reference)
    assert life.case.step == "done"
    assert life.case.registration == await here.ledger.find(accepted.reference, datetime.now(UTC))
    assert life.record is not None
    assert life.tries == ()
    record = decode(life.record)
    assert (record.text, record.reference, record.reporter.address) == ("jalan rusak di depan pasar", accepted.reference, CITIZEN)
    await here.send()
    (letter,) = here.channel.sent
    assert (letter.kind, letter.to, letter.reply_to, letter.case_id) == ("registered", CITIZEN, {"to": CITIZEN}, accepted.case_id)
    assert accepted.reference in letter.text
    assert life.case.registration is not None
    assert life.case.registration.tracking_id in letter.text
    assert [(line["event"], line["case"], line["channel"]) for line in here.said()] == [
        ("submitted", accepted.case_id, "tiny"),
        ("registered", accepted.case_id, "tiny"),
        ("told", accepted.case_id, "tiny"),
    ]
    assert here.metrics.forwarded == {("embedded", "registered"): 1}
    assert here.metrics.letters == {("tiny", "registered", "sent"): 1}


async def test_a_batch_is_one_call(here: Desk) -> None:
    for n in range(20):
        await here.put(f"{CITIZEN}|lampu mati {n}")
    await here.submit()
    assert here.ledger.calls == [("register", 20)]
    assert (await here.store.tally()).cases["tiny"]["done"] == 20


async def test_who_cannot_be_answered_gets_no_letter(here: Desk) -> None:
    accepted = await here.put("BANK|promo")
    await here.submit()
    life = await here.life(accepted.reference)
    assert (life.case.step, life.letters) == ("done", ())


async def test_what_cannot_be_read_is_parked_with_words_and_holds_up_nobody(here: Desk) -> None:
    unread, read = await here.put(b"no such thing"), await here.put(f"{CITIZEN}|banjir")
    await here.submit()
    life = await here.life(unread.reference)
    assert (life.case.step, life.case.code, life.case.words, life.case.unsure) == ("parked", "unreadable", "no sender in it", False)
    assert life.letters == ()
    assert (await here.life(read.reference)).case.step == "done"
    assert here.ledger.calls == [("register", 1)]
    assert here.metrics.forwarded == {("embedded", "parked"): 1, ("embedded", "registered"): 1}
    assert {"event": "parked", "case": unread.case_id, "code": "unreadable"}.items() <= here.said()[1].items()


async def test_what_cannot_be_read_goes_on_with_what_a_person_read_in_it(here: Desk) -> None:
    accepted = await here.put(b"\xff\xfe")
    await here.submit()
    await here.store.edit(accepted.case_id, "rini", "jalan rusak")
    await here.store.retry(accepted.case_id, "rini", "")
    await here.submit()
    life = await here.life(accepted.reference)
    assert life.record is not None
    assert (life.case.step, decode(life.record).text, life.letters) == ("done", "jalan rusak", ())


async def test_a_person_s_reading_stands_in_the_place_of_the_text_and_the_answer_still_finds_its_way(here: Desk) -> None:
    accepted = await here.put(f"{CITIZEN}|jln rsk")
    here.ledger.script = [Refused("invalid")]
    await here.submit()
    await here.store.edit(accepted.case_id, "rini", "jalan rusak")
    await here.store.retry(accepted.case_id, "rini", "")
    await here.submit()
    life = await here.life(accepted.reference)
    assert life.record is not None
    assert (decode(life.record).text, life.letters[-1].letter.kind, life.letters[-1].letter.to) == ("jalan rusak", "registered", CITIZEN)


async def test_our_bug_parks_with_a_traceback_that_holds_nothing_of_the_message(here: Desk) -> None:
    accepted = await here.put(f"{CITIZEN}|{SECRET}")
    here.channel.bug = KeyError(SECRET, CITIZEN)
    await here.submit()
    life = await here.life(accepted.reference)
    assert (life.case.step, life.case.code) == ("parked", "bug")
    assert "tiny.py" in life.case.words
    assert life.case.words.endswith("KeyError")
    assert life.case.arrival.raw == f"{CITIZEN}|{SECRET}".encode()
    said = f"{life.case.words} {here.said()}"
    assert SECRET not in said
    assert CITIZEN not in said
    here.channel.bug = None
    await here.store.retry(accepted.case_id, "rini", "")
    await here.submit()
    assert (await here.life(accepted.reference)).case.step == "done"


async def test_a_channel_that_is_gone_from_the_settings_parks_with_its_name(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        gone = await here.store.put(arrival("gone", channel="closed"), numbers("gone"))
        await here.submit()
        life = await here.life(gone.reference)
        assert (life.case.step, life.case.code) == ("parked", "no_channel")
        assert "[channels.closed]" in life.case.words


async def test_a_ledger_that_is_away_is_asked_again_later(here: Desk) -> None:
    accepted = await here.put(f"{CITIZEN}|air mati")
    here.ledger.script = [Unavailable("http_503")]
    before = now()
    await here.submit()
    life = await here.life(accepted.reference)
    assert (life.case.step, life.case.code, life.case.attempts, life.case.unsure, life.letters) == ("submit", "http_503", 1, False, ())
    assert life.case.due is not None
    assert life.case.due > before + timedelta(seconds=0.5)
    assert here.said()[1].items() >= {"event": "retried", "code": "http_503", "attempts": 1}.items()
    assert here.ledger.calls == [("register", 1)]
    (tried,) = life.tries
    assert (tried.of, tried.nth, tried.step, tried.code) == (LEDGER, 1, "submit", "http_503")
    assert before <= tried.at <= now()


async def test_after_a_doubt_the_ledger_is_asked_before_it_is_told(here: Desk) -> None:
    accepted = await here.put(f"{CITIZEN}|air mati")
    claim = await asyncio.wait_for(here.store.claim(1, 0.02), 60)
    await here.submit()
    assert claim[0].case.reference == accepted.reference
    assert here.ledger.calls == [("find", 1), ("register", 1)]
    assert (await here.life(accepted.reference)).case.step == "done"


async def test_a_stale_attempt_is_counted_and_its_letter_is_not_sent(here: Desk) -> None:
    await here.put(f"{CITIZEN}|air mati")
    stale = await asyncio.wait_for(here.store.claim(1, 0.02), 60)
    await here.submit()
    await here.submitting.attempt(stale)
    assert here.metrics.forwarded == {("embedded", "registered"): 1, ("embedded", "stale"): 1}
    await here.send()
    assert len(here.channel.sent) == 1


class Full:
    """A store on a disk that has no room when something is to be settled for the first time, and has some when it is offered again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.refused: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def settle(self, settlement: Settlement) -> asyncio.Future[bool]:
        return self._full(settlement.claim.case.case_id) or self._store.settle(settlement)

    def settle_letter(self, settlement: LetterSettlement) -> asyncio.Future[bool]:
        return self._full(settlement.claim.letter.key) or self._store.settle_letter(settlement)

    def _full(self, what: str) -> asyncio.Future[Any] | None:
        if what in self.refused:
            return None
        self.refused.append(what)
        future = asyncio.get_running_loop().create_future()
        future.set_exception(Unavailable("disk_full"))
        return future


async def test_what_the_store_could_not_take_is_written_before_the_leases_end(here: Desk) -> None:
    store = cast(Store, Full(here.store))
    relations = Relations(store, key=KEY, journal=here.journal)
    submitting = Submitting(store, here.ledger, here.clerk, relations=relations, stint=stint(), metrics=here.metrics, journal=here.journal)
    for n in range(20):
        await here.put(f"+62812000000{n:02}|lampu mati {n}")
    await submitting.attempt(await store.claim(100, 6))
    assert (await store.tally()).cases["tiny"]["done"] == 20
    await Sending(store, here.channel, metrics=here.metrics, journal=here.journal).attempt(await store.claim_letters("tiny", 100, 6))
    assert here.metrics.letters == {("tiny", "registered", "sent"): 20}


class Unasked(Full):
    """A store that cannot say at first what cases have to do with each other."""

    def kin(self, searches: Sequence[Search]) -> asyncio.Future[Sequence[Found]]:
        return self._full("kin") or self._store.kin(searches)


async def test_what_the_store_failed_before_the_ledger_was_told_is_tried_again_at_once(here: Desk) -> None:
    store = cast(Store, Unasked(here.store))
    relations = Relations(store, key=KEY, journal=here.journal)
    submitting = Submitting(store, here.ledger, here.clerk, relations=relations, stint=stint(), metrics=here.metrics, journal=here.journal)
    reference = (await here.put(f"{CITIZEN}|lampu mati")).reference
    working = asyncio.create_task(work(lambda: store.claim(10, 600), submitting.attempt, store.release, batch=10, in_flight=2))
    async with asyncio.timeout(60):
        while (await here.life(reference)).case.step != "done":
            await asyncio.sleep(0.02)
    working.cancel()
    await asyncio.wait((working,))
    assert ((await here.life(reference)).case.attempts, len(here.ledger.calls)) == (1, 1)


class Strange(Full):
    """A store that is asked where a case stands, and says what nobody can read."""

    async def life(self, code: str) -> Life:
        raise KeyError(SECRET, code)


async def test_a_bug_over_a_question_parks_the_question_and_holds_up_nobody(here: Desk) -> None:
    store = cast(Store, Strange(here.store))
    relations = Relations(store, key=KEY, journal=here.journal)
    submitting = Submitting(store, here.ledger, here.clerk, relations=relations, stint=stint(), metrics=here.metrics, journal=here.journal)
    asked = (await here.put(f"{CITIZEN}|STATUS 7K3Q-9FXM-2CH4")).reference
    other = (await here.put(f"{CITIZEN}|lampu mati")).reference
    await submitting.attempt(await store.claim(100, 60))
    question = (await here.life(asked)).case
    assert (question.step, question.code, question.unsure) == ("parked", "bug", False)
    assert question.words.endswith("KeyError")
    assert SECRET not in question.words
    assert (await here.life(other)).case.step == "done"


async def test_a_refusal_of_the_ledger_is_parked_with_its_words(here: Desk) -> None:
    accepted = await here.put(f"{CITIZEN}|air mati")
    here.ledger.script = [Refused("http_422", "kategori tidak ada")]
    await here.submit()
    case = (await here.life(accepted.reference)).case
    assert (case.step, case.code, case.words, case.unsure) == ("parked", "http_422", "kategori tidak ada", False)


async def test_whose_report_a_person_must_look_at_hears_its_code_at_once_and_once(here: Desk) -> None:
    accepted = await here.put(f"{CITIZEN}|air mati")
    for _ in range(2):
        here.ledger.script = [Refused("http_422")]
        await here.submit()
        assert await here.store.retry(accepted.case_id, "rini", "")
    await here.submit()
    letters = [state.letter for state in (await here.life(accepted.reference)).letters]
    assert [(letter.kind, letter.to) for letter in letters] == [("receipt", CITIZEN), ("registered", CITIZEN)]
    assert accepted.reference in letters[0].text


async def test_an_answer_that_never_came_is_parked_as_unknown_when_the_ledger_cannot_be_asked(here: Desk) -> None:
    here.ledger.finds = here.ledger.idempotent = False
    accepted = await here.put(f"{CITIZEN}|air mati")
    here.ledger.script = [Unavailable("timeout", unsure=True)]
    await here.submit()
    case = (await here.life(accepted.reference)).case
    assert (case.step, case.code, case.unsure) == ("parked", "unknown", True)


async def test_a_bug_in_a_batch_is_met_by_each_alone_asking_first(here: Desk) -> None:
    references = [(await here.put(f"{CITIZEN}|air mati {n}")).reference for n in range(3)]
    here.ledger.script = [RuntimeError(SECRET), None, RuntimeError(SECRET), None]
    await here.submit()
    cases = [(await here.life(reference)).case for reference in references]
    assert [(case.step, case.code, case.unsure) for case in cases] == [("done", "", False), ("parked", "bug", True), ("done", "", False)]
    assert here.ledger.calls == [("register", 3)] + [("find", 1), ("register", 1)] * 3
    assert SECRET not in cases[1].words


async def test_a_letter_that_cannot_be_written_parks_its_case(here: Desk) -> None:
    accepted = await here.put("+62\ud800|air mati".encode("utf-8", "surrogatepass"))
    await here.submit()
    assert (await here.life(accepted.reference)).case.step == "parked"


async def test_a_late_part_amends_what_was_registered_and_says_nothing_again(here: Desk) -> None:
    def part(index: int, raw: bytes) -> Part:
        return Part(
            channel="tiny", group="g", index=index, count=2, raw=raw, fingerprint=str(index), received_at=now(), wait_until=now(0.01),
            same_since=now(-60),
        )  # fmt: skip

    accepted = await here.store.hold(part(1, f"{CITIZEN}|jalan ".encode()), numbers("g"))
    await here.submit()
    registered = (await here.life(accepted.reference)).case.registration
    await here.store.hold(part(2, b"rusak"), numbers("g"))
    await here.submit()
    life = await here.life(accepted.reference)
    assert life.record is not None
    assert (life.case.step, life.case.registration, decode(life.record).text) == ("done", registered, "jalan rusak")
    assert [state.letter.kind for state in life.letters] == ["registered"]
    assert here.ledger.calls == [("register", 1), ("amend", 1)]


# --- letters ---


async def letter_of(here: Desk, fate: Exception | None) -> str:
    accepted = await here.put(f"{CITIZEN}|air mati")
    await here.submit()
    here.channel.fate = [fate]
    await here.send()
    return accepted.reference


async def test_a_letter_that_the_operator_cannot_take_now_is_sent_later(here: Desk) -> None:
    reference = await letter_of(here, Unavailable("throttled"))
    life = await here.life(reference)
    (state,) = life.letters
    assert (state.step, state.attempts, state.code) == ("send", 1, "throttled")
    assert [(tried.of, tried.nth, tried.step, tried.code) for tried in life.tries] == [(state.letter.key, 1, "send", "throttled")]
    assert here.metrics.letters == {("tiny", "registered", "retried"): 1}
    assert await waits(here.store.claim_letters("tiny", 1, 60))


@pytest.mark.parametrize(
    ("fate", "code", "words"),
    [
        (Refused("invalid_number", "ESME_RINVDSTADR"), "invalid_number", "ESME_RINVDSTADR"),
        (ZeroDivisionError(SECRET), "bug", "ZeroDivisionError"),
    ],
)
async def test_a_letter_that_will_never_be_taken_is_parked_with_the_reason(here: Desk, fate: Exception, code: str, words: str) -> None:
    reference = await letter_of(here, fate)
    life = await here.life(reference)
    (state,) = life.letters
    assert (life.case.step, state.step, state.code) == ("done", "parked", code)
    assert state.words.endswith(words)
    assert SECRET not in state.words
    assert here.said()[-1].items() >= {"event": "refused", "letter": "registered", "code": code}.items()
    assert here.metrics.letters == {("tiny", "registered", "parked"): 1}


async def test_one_letter_s_fault_is_not_another_s(here: Desk) -> None:
    for n in range(3):
        await here.put(f"+628120000000{n}|air mati")
    await here.submit()
    here.channel.fate = [None, KeyError(), None]
    await here.send()
    assert (await here.store.tally()).letters["tiny"].items() >= {"sent": 2, "parked": 1}.items()


async def test_the_receipt_of_a_letter_finds_it_by_the_provider_s_id(here: Desk) -> None:
    reference = await letter_of(here, None)
    assert await here.store.note(msgspec.structs.replace(receipt("id-1"), channel="tiny"))
    assert (await here.life(reference)).letters[0].receipt == "delivered"


# --- duties ---


async def test_whoever_waits_too_long_hears_once_that_it_is_safe_and_again_when_it_is_registered(here: Desk) -> None:
    accepted = await here.put(f"{CITIZEN}|air mati")
    await here.put("BANK|promo")
    await here.put(b"unreadable")
    comforting = [asyncio.create_task(duties.comfort(here.store, here.clerk, stint(), 0)) for _ in range(2)]
    await asyncio.wait_for(here.send(), 60)
    for each in comforting:
        each.cancel()
    await asyncio.wait(comforting)
    await here.submit()
    await here.send()
    assert [letter.kind for letter in here.channel.sent] == ["receipt", "registered"]
    assert all(accepted.reference in letter.text for letter in here.channel.sent)


async def test_nobody_is_told_twice_that_the_ledger_has_it(here: Desk) -> None:
    await here.put(f"{CITIZEN}|air mati")
    await here.submit()
    comforting = asyncio.create_task(duties.comfort(here.store, here.clerk, stint(), 0))
    await here.send()
    assert await waits(here.store.claim_letters("tiny", 1, 60))
    comforting.cancel()
    assert [letter.kind for letter in here.channel.sent] == ["registered"]


async def test_a_long_message_that_waited_for_its_parts_is_comforted_too(here: Desk) -> None:
    held = Part(
        channel="tiny", group="g", index=1, count=2, raw=f"{CITIZEN}|jalan".encode(), fingerprint="1", received_at=now(),
        wait_until=now(0.3), same_since=now(-60),
    )  # fmt: skip
    await here.store.hold(held, numbers("g"))
    await here.put("+6281200000002|air mati")
    comforting = asyncio.create_task(duties.comfort(here.store, here.clerk, stint(), 0))
    try:
        await here.send()
        here.ledger.script = [Unavailable("http_503", retry_after=60.0)] * 9
        await asyncio.wait_for(here.submit(), 60)
        while (await here.store.tally()).cases["tiny"].get("held"):
            await asyncio.wait_for(here.submit(), 60)
        await asyncio.wait_for(here.send(), 1.5)
    finally:
        comforting.cancel()
    assert {letter.to for letter in here.channel.sent} == {CITIZEN, "+6281200000002"}


class Doors:
    """As they are said to be."""

    crowded = pouring = False


async def test_cases_wait_while_it_pours_at_the_doors(here: Desk) -> None:
    doors = Doors()
    doors.crowded = doors.pouring = True
    pace = duties.Pace(batch=10, concurrency=2, lease_s=60)
    submitting = asyncio.create_task(duties.submit(here.store, here.submitting, doors, pace=pace, way=here.way(2)))
    await here.put(f"{CITIZEN}|air mati")
    await asyncio.sleep(0.05)
    assert (await here.store.tally()).cases["tiny"]["submit"] == 1
    assert not here.ledger.calls
    doors.crowded = doors.pouring = False
    await asyncio.wait_for(here.send(), 60)
    submitting.cancel()
    await asyncio.wait((submitting,))
    assert [letter.kind for letter in here.channel.sent] == ["registered"]


async def test_a_crowd_at_the_doors_puts_cases_off_but_not_for_ever(here: Desk) -> None:
    doors = Doors()
    doors.crowded = True
    submitting = asyncio.create_task(
        duties.submit(here.store, here.submitting, doors, pace=duties.Pace(batch=10, concurrency=2, lease_s=60), way=here.way(2))
    )
    await here.put(f"{CITIZEN}|air mati")
    await asyncio.wait_for(here.send(), 60)
    submitting.cancel()
    await asyncio.wait((submitting,))
    assert [letter.kind for letter in here.channel.sent] == ["registered"]


async def test_no_letter_is_claimed_for_a_closed_door(here: Desk) -> None:
    here.channel.up = False
    answering = asyncio.create_task(duties.answer(here.store, here.sending, lease_s=60))
    reference = (await here.put(f"{CITIZEN}|air mati")).reference
    await here.submit()
    await asyncio.sleep(0.05)
    assert (await here.life(reference)).letters[0].attempts == 0
    here.channel.up = True
    async with asyncio.timeout(60):
        while not here.channel.sent:
            await asyncio.sleep(0.02)
    answering.cancel()
    await asyncio.wait((answering,))


async def test_a_drain_settles_what_the_ledger_was_told(here: Desk) -> None:
    here.ledger.go = asyncio.Event()
    reference = (await here.put(f"{CITIZEN}|air mati")).reference
    working = asyncio.create_task(
        work(lambda: here.store.claim(10, 60), here.submitting.attempt, here.store.release, batch=10, in_flight=2)
    )
    async with asyncio.timeout(60):
        while not here.ledger.calls:
            await asyncio.sleep(0.01)
    working.cancel()
    await asyncio.sleep(0.02)
    assert not working.done()
    here.ledger.go.set()
    await asyncio.wait((working,), timeout=60)
    assert (await here.life(reference)).case.step == "done"


async def test_what_was_claimed_but_not_begun_is_there_for_the_next_one_after_a_drain(here: Desk) -> None:
    here.ledger.go = asyncio.Event()
    for n in range(8):
        await here.put(f"{CITIZEN}|air mati {n}")
    working = asyncio.create_task(work(lambda: here.store.claim(8, 60), here.submitting.attempt, here.store.release, batch=1, in_flight=1))
    async with asyncio.timeout(60):
        while not here.ledger.calls:
            await asyncio.sleep(0.01)
    working.cancel()
    here.ledger.go.set()
    await asyncio.wait((working,), timeout=60)
    done = (await here.store.tally()).cases["tiny"].get("done", 0)
    assert len(await asyncio.wait_for(here.store.claim(100, 60), 0.3)) == 8 - done
