"""What is fetched after the yes, what goes to no ledger, and what is asked of us. Store and ledger are real, the channel is tiny."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import msgspec
import pytest

from channels.base import Arrival, Attachment, Gathered, InboundMessage, Question, Receipt, Unavailable
from forwarder.wording import load
from gateway.attempts import Submitting
from gateway.clerk import Clerk
from gateway.errands import MOST, MOST_TURNS
from gateway.relations import Relations
from gateway.store.record import Claim
from normalizer.complaint import decode
from normalizer.rules import Rules
from tests.gateway.tiny import CITIZEN, SECRET, Desk, Tiny, desk, stint
from tests.promises.stores import KEY, claimed, letters, now, sent

PHOTO = Attachment(name="foto.jpg", media_type="image/jpeg", content=b"12345")


class Lazy(Tiny):
    """Its messages name a photo that is somewhere else; `finds` is what the next errands bring, or raise."""

    def __init__(self) -> None:
        super().__init__()
        self.finds: list[Gathered | Exception] = []
        self.message: dict[str, object] = {}
        self.errands = 0
        self.slow: asyncio.Event | None = None

    def decode(self, arrival: Arrival, parts: object) -> InboundMessage:
        return msgspec.structs.replace(super().decode(arrival, ()), **self.message)

    def lacks(self, message: InboundMessage) -> bool:
        return "foto" in message.text

    async def gather(self, arrival: Arrival, message: InboundMessage) -> Gathered:
        self.errands += 1
        if self.slow is not None:
            await self.slow.wait()
        found = self.finds.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def complete(self, message: InboundMessage, facts: Mapping[str, str]) -> InboundMessage:
        return msgspec.structs.replace(message, verified=facts.get("proof", ""))


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as opened:
        channel = Lazy()
        clerk = Clerk({"tiny": channel}, Rules(channels={"tiny": "social.tiny"}), load())
        relations = Relations(opened.store, key=KEY, journal=opened.journal)
        submitting = Submitting(
            opened.store, opened.ledger, clerk, relations=relations, stint=stint(), metrics=opened.metrics, journal=opened.journal
        )
        yield msgspec.structs.replace(opened, channel=channel, clerk=clerk, submitting=submitting)
        await submitting.left()


def lazy(here: Desk) -> Lazy:
    assert isinstance(here.channel, Lazy)
    return here.channel


# --- errands ---


async def test_a_photo_is_fetched_after_the_yes_and_stands_in_the_record(here: Desk) -> None:
    lazy(here).finds = [Gathered(files=(PHOTO,), facts={"proof": "seen"})]
    accepted = await here.put(f"{CITIZEN}|lihat foto")
    await here.submit()
    await here.submit()
    life = await here.life(accepted.reference)
    assert life.case.step == "done"
    assert life.record is not None
    record = decode(life.record)
    assert [(note.name, note.size) for note in record.attachments] == [("foto.jpg", 5)]
    assert record.reporter.verified == "seen"
    assert "gathered" in [line["event"] for line in here.said()]


async def test_others_do_not_wait_for_a_slow_photo(here: Desk) -> None:
    lazy(here).slow = arrived = asyncio.Event()
    lazy(here).finds = [Gathered()]
    slow, quick = await here.put(f"{CITIZEN}|lihat foto"), await here.put(f"{CITIZEN}|jalan rusak")
    await here.submit()
    assert (await here.life(quick.reference)).case.step == "done"
    assert (await here.life(slow.reference)).case.step == "submit"
    arrived.set()
    await here.submit()
    assert (await here.life(slow.reference)).case.step == "done"


async def test_a_photo_that_is_not_to_be_had_is_tried_again_and_then_done_without(here: Desk) -> None:
    lazy(here).finds = [Unavailable("http_502", retry_after=0.0), Unavailable("http_502")]
    accepted = await here.put(f"{CITIZEN}|lihat foto")
    await here.submit()
    async with asyncio.timeout(60):
        while (await here.life(accepted.reference)).case.code != "gathering":
            await asyncio.sleep(0.01)
    case = (await here.life(accepted.reference)).case
    assert case.due is not None
    assert 0 < (case.due - now()).total_seconds() <= 2
    assert here.ledger.calls == []
    (claim,) = await claimed(here.store)
    # ten minutes later, when it has been tried often enough
    old = msgspec.structs.replace(claim.case.arrival, received_at=now(-601))
    for attempts, errands, given_up in ((3, 2, False), (4, 3, True)):
        lazy(here).finds = [Unavailable("http_502", retry_after=0.0)]
        case = msgspec.structs.replace(claim.case, arrival=old, attempts=attempts)
        await here.submitting.attempt([msgspec.structs.replace(claim, case=case)])
        (claim,) = await claimed(here.store)  # when it is due again
        assert (lazy(here).errands, claim.case.facts is not None) == (errands, given_up)
    await here.submitting.attempt([claim])
    assert (await here.life(accepted.reference)).case.step == "done"
    assert any(line["event"] == "not_gathered" and line["why"] == "http_502" for line in here.said())


async def crowd(here: Desk) -> Claim:
    """As many errands as may be under way at once, none of which ends; and the claim of the next case."""
    lazy(here).slow = asyncio.Event()
    for number in range(MOST):
        await here.put(f"{CITIZEN}|lihat foto {number}")
    await here.submit()
    await here.put(f"{CITIZEN}|lihat foto terakhir")
    (claim,) = await claimed(here.store)
    return claim


async def come_again(here: Desk, claim: Claim, *, turns: int, age_s: float) -> None:
    """Its turn, after so many others."""
    arrival = msgspec.structs.replace(claim.case.arrival, received_at=now(-age_s))
    case = msgspec.structs.replace(claim.case, arrival=arrival, attempts=turns)
    await here.submitting.attempt([msgspec.structs.replace(claim, case=case)])


@pytest.mark.parametrize(("turns", "age_s", "waits_s"), [(1, 700, 1), (20, 700, 20), (100, 10, 30)])
async def test_whoever_finds_no_place_comes_again_later_and_later(here: Desk, turns: int, age_s: float, waits_s: int) -> None:
    claim = await crowd(here)
    await come_again(here, claim, turns=turns, age_s=age_s)
    case = (await here.life(claim.case.reference)).case
    assert (case.code, case.facts) == ("gathering", None)
    assert case.due is not None
    assert waits_s - 5 < (case.due - now()).total_seconds() <= waits_s


async def test_whoever_finds_no_place_for_ten_minutes_goes_on_without(here: Desk) -> None:
    claim = await crowd(here)
    await come_again(here, claim, turns=MOST_TURNS, age_s=601)
    await here.submit()
    assert (await here.life(claim.case.reference)).case.step == "done"
    assert lazy(here).errands == MOST
    assert any(line["event"] == "not_gathered" and line["why"] == "busy" for line in here.said())


async def test_a_fault_of_ours_on_an_errand_costs_the_photo_and_not_the_complaint(here: Desk) -> None:
    lazy(here).finds = [KeyError(SECRET)]
    accepted = await here.put(f"{CITIZEN}|lihat foto")
    await here.submit()
    await here.submit()
    assert (await here.life(accepted.reference)).case.step == "done"
    assert SECRET not in str(here.said())


async def test_who_stops_gives_back_what_was_being_fetched(here: Desk) -> None:
    lazy(here).slow = asyncio.Event()
    await here.put(f"{CITIZEN}|lihat foto")
    await here.submit()
    await here.submitting.left()
    (claim,) = await claimed(here.store)
    assert claim.case.attempts == 1


async def test_nobody_is_told_to_wait_before_it_is_known_that_they_may_be(here: Desk) -> None:
    await here.put(f"{CITIZEN}|lihat foto")
    (case,) = await here.store.unanswered(now(1), 10)
    assert here.clerk.receipt(case) is None


# --- aside ---


async def test_triage_waits_for_a_person_and_goes_on_when_one_says_so(here: Desk) -> None:
    lazy(here).message = {"goes_to": "triage", "why": "hashtag_only", "reply_to": {}}
    accepted = await here.put(f"{CITIZEN}|#lapor macet")
    await here.submit()
    life = await here.life(accepted.reference)
    assert (life.case.step, life.case.code, life.letters) == ("triage", "hashtag_only", ())
    assert here.ledger.calls == []
    assert here.metrics.aside == {("tiny", "triage", "hashtag_only"): 1}
    assert await here.store.retry(life.case.case_id, "rini", "")
    await here.submit()
    assert (await here.life(accepted.reference)).case.step == "done"


async def test_whose_message_waits_in_triage_hears_its_code_and_then_its_number(here: Desk) -> None:
    lazy(here).message = {"goes_to": "triage", "why": "hashtag_only"}
    accepted = await here.put(f"{CITIZEN}|macet")
    await here.submit()
    life = await here.life(accepted.reference)
    assert (life.case.step, [state.letter.kind for state in life.letters]) == ("triage", ["receipt"])
    assert accepted.reference in life.letters[0].letter.text
    assert await here.store.retry(life.case.case_id, "rini", "")
    await here.submit()
    assert [state.letter.kind for state in (await here.life(accepted.reference)).letters] == ["receipt", "registered"]


async def test_the_one_answer_that_is_allowed_waits_for_what_a_person_decides(here: Desk) -> None:
    lazy(here).message = {"goes_to": "triage", "why": "hashtag_only", "one_answer": True}
    accepted = await here.put(f"{CITIZEN}|macet")
    await here.submit()
    assert (await here.life(accepted.reference)).letters == ()


async def test_what_says_nothing_waits_in_triage_and_is_told_how_to_write(here: Desk) -> None:
    lazy(here).message = {"goes_to": "triage", "why": "no_words", "question": Question(kind="help")}
    accepted = await here.put(f"{CITIZEN}|👍")
    await here.submit()
    life = await here.life(accepted.reference)
    assert (life.case.step, [state.letter.kind for state in life.letters]) == ("triage", ["help"])


async def test_an_auto_reply_is_declined_and_what_it_says_of_a_letter_is_noted(here: Desk) -> None:
    told = await here.put(f"{CITIZEN}|jalan rusak")
    await here.submit()
    (claim,) = await letters(here.store, channel="tiny")
    await here.store.settle_letter(sent(claim, "<a@lapor.example>"))
    receipt = Receipt(channel="tiny", provider_ids=("<a@lapor.example>",), state="failed", words="5.1.1", at=now())
    lazy(here).message = {"goes_to": "declined", "why": "bounce", "receipts": (receipt,)}
    bounce = await here.put("mailer|gagal")
    await here.submit()
    life = await here.life(bounce.reference)
    assert (life.case.step, life.case.code, life.letters) == ("declined", "bounce", ())
    (state,) = (await here.life(told.reference)).letters
    assert state.receipt == "failed"
    tally = await here.store.tally()
    assert tally.received["tiny"] == sum(tally.cases["tiny"].values()) == 2


async def test_a_person_may_say_that_what_was_declined_is_a_complaint(here: Desk) -> None:
    lazy(here).message = {"goes_to": "declined", "why": "mailing_list", "reply_to": {}}
    listed = await here.put(f"{CITIZEN}|jalan rusak")
    await here.submit()
    assert await here.store.retry(listed.case_id, "rini", "")
    await here.submit()
    assert (await here.life(listed.reference)).case.step == "done"


async def test_a_large_message_is_read_like_any_other(here: Desk) -> None:
    large = await here.put(f"{CITIZEN}|{'jalan rusak ' * 100_000}")
    await here.submit()
    assert (await here.life(large.reference)).case.step == "done"


# --- questions ---


async def ask(here: Desk, question: Question) -> str:
    lazy(here).message = {"question": question}
    asked = await here.put(f"{CITIZEN}|/tanya {question.code}{len(here.out.getvalue())}")
    await here.submit()
    life = await here.life(asked.reference)
    assert (life.case.step, life.case.code) == ("declined", "question")
    (answer,) = life.letters
    return answer.letter.text


async def test_a_question_is_answered_and_is_no_complaint(here: Desk) -> None:
    told = await here.put(f"{CITIZEN}|jalan rusak")
    await here.submit()
    number = (await here.life(told.reference)).case.registration
    assert number is not None
    assert number.tracking_id in await ask(here, Question(kind="status", code=told.reference.lower()))
    assert "STATUS kode" in await ask(here, Question(kind="help"))
    assert "tidak ditemukan" in await ask(here, Question(kind="status", code="0000-0000-0000"))
    assert "salah ketik" in await ask(here, Question(kind="status", code="0000-0000-0001"))
    assert [call for call, _ in here.ledger.calls] == ["register"]
