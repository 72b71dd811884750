"""One question to who leaves out the place, and what citizens add to their complaints: store and ledger are real, the channel is tiny."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from channels.base import Arrival, InboundMessage, Part, Question
from forwarder.wording import load
from gateway.attempts import Submitting
from gateway.clerk import Clerk
from gateway.progress import about
from gateway.relations import Relations
from gateway.rulebook import rulebook
from gateway.store.record import Life
from gateway.wordlists import shipped
from normalizer.complaint import Complaint, decode
from normalizer.rules import Rules
from tests.gateway.tiny import CITIZEN, Desk, Tiny, desk, stint
from tests.promises.stores import KEY, nothing, numbers

OTHER = "+6281200000002"
DARK = "lampu jalan mati sudah seminggu"


class Door(Tiny):
    """`sender|text|answers`: the ids of our letters that it answers may be left out. X's like has `@` before the sender. A text that begins
    with `(pin)` is a place on a map, without words."""

    def decode(self, arrival: Arrival, parts: Sequence[Part]) -> InboundMessage:
        message = super().decode(arrival, parts)
        text, _, answers = message.text.partition("|")
        message = msgspec.structs.replace(message, text=text, answers=tuple(answers.split()))
        if text.startswith("(pin)"):
            extras = {"new_text": text.removeprefix("(pin)").strip()}
            message = msgspec.structs.replace(
                message, text="", goes_to="triage", why="no_words", question=Question(kind="help"), extras=extras
            )
        if message.sender.startswith("@"):
            return msgspec.structs.replace(message, reply_to={"to": message.sender}, one_answer=True, public=True)
        return message


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as opened:
        channel, meanings = Door(), shipped()
        rules = Rules(
            channels={"tiny": "sms.esme"}, rulebook=rulebook("", meanings[0]), abbreviations=meanings[0], languages=meanings[1]
        )  # fmt: skip
        clerk = Clerk({"tiny": channel}, rules, load())
        relations = Relations(opened.store, key=KEY, journal=opened.journal)
        submitting = Submitting(
            opened.store, opened.ledger, clerk, relations=relations, stint=stint(), metrics=opened.metrics, journal=opened.journal,
            ask_wait_s=600,
        )  # fmt: skip
        sending = type(opened.sending)(opened.store, channel, metrics=opened.metrics, journal=opened.journal)
        yield msgspec.structs.replace(opened, channel=channel, clerk=clerk, submitting=submitting, sending=sending)


async def says(here: Desk, text: str, who: str = CITIZEN) -> Life:
    """A message and one try of it."""
    nth = sum((await here.store.tally()).received.values())
    raw = f"{who}|{text}".encode()
    arrival = Arrival(channel="tiny", source_id=f"{nth} {text}", raw=raw, received_at=datetime.now(UTC))
    accepted = await here.store.put(arrival, numbers(nth))
    await here.submit()
    return await here.life(accepted.reference)


def kinds(life: Life) -> list[str]:
    return [state.letter.kind for state in life.letters]


async def record(here: Desk, reference: str) -> Complaint:
    life = await here.life(reference)
    assert life.record is not None
    return decode(life.record)


async def test_who_names_no_place_is_asked_for_it_and_his_answer_goes_to_the_ledger_with_the_complaint(here: Desk) -> None:
    first = await says(here, DARK)
    assert (first.case.step, first.case.code, kinds(first), here.ledger.calls) == ("asked", "place", ["ask"], [])
    (letter,) = first.letters
    assert first.case.reference in letter.letter.text
    assert "di mana tepatnya kejadiannya?" in letter.letter.text
    answer = await says(here, "di Jalan Mawar RT 3 Kecamatan Ponorogo")
    assert (answer.case.step, answer.case.code, answer.case.words, kinds(answer)) == ("declined", "answer", first.case.reference, [])
    await here.submit()
    said = await record(here, first.case.reference)
    assert said.text == f"{DARK}\n[jawaban] di Jalan Mawar RT 3 Kecamatan Ponorogo"
    assert said.title.value == DARK
    assert (said.ask, "needs_clarification" in said.flags) == ("", False)
    assert kinds(await here.life(first.case.reference)) == ["ask", "registered"]
    assert here.ledger.calls == [("register", 1)]


async def test_a_place_on_a_map_answers_the_question_where(here: Desk) -> None:
    first = await says(here, DARK)
    answer = await says(here, "(pin) -7.87, 111.46")
    assert (answer.case.step, answer.case.code, answer.case.words) == ("declined", "answer", first.case.reference)
    await here.submit()
    assert (await record(here, first.case.reference)).text == f"{DARK}\n[jawaban] -7.87, 111.46"


@pytest.mark.parametrize("before", ["", "halo"])
async def test_a_place_on_a_map_that_answers_nothing_waits_for_a_person_and_its_sender_is_told_how_to_write(
    here: Desk, before: str
) -> None:
    if before:
        await says(here, before)
    place = await says(here, "(pin) -7.87, 111.46")
    assert (place.case.step, place.case.code, kinds(place), here.ledger.calls) == ("triage", "no_words", ["help"], [])


async def test_one_without_words_is_asked_what_happened_and_gets_its_title_from_the_answer(here: Desk) -> None:
    first = await says(here, "halo")
    assert (first.case.step, first.case.code) == ("asked", "text")
    await says(here, "Ada kebakaran di pasar Wage, mohon bantuan segera, apinya besar")
    await here.submit()
    said = await record(here, first.case.reference)
    assert said.text.startswith("halo\n[jawaban] Ada kebakaran")
    assert (said.title.value or "").startswith("Ada kebakaran di pasar Wage")
    assert "112" in (await here.life(first.case.reference)).letters[-1].letter.text


@pytest.mark.parametrize(
    "text",
    [
        "pungutan liar di kantor samsat Jalan Merdeka, petugas minta uang",
        "air PDAM mati di Jalan Kenanga",
        "Terima kasih pak",
        DARK,
        "laporan no 9165816 belum ditangani di Jalan Mawar",
        "Rumah saya di Jalan Mawar, " + "dan saya ingin menceritakan banyak hal lain juga " * 5,
    ],
)
async def test_another_matter_meanwhile_is_a_case_of_its_own_and_the_question_stays_open(here: Desk, text: str) -> None:
    first = await says(here, DARK)
    other = await says(here, text)
    if other.case.step == "submit":  # it lacks a place too, and nobody is asked twice at once
        await here.submit()
        other = await here.life(other.case.reference)
    assert (other.case.step, (await here.life(first.case.reference)).case.step) == ("done", "asked")
    await says(here, "Jalan Mawar 7")
    await here.submit()
    assert (await record(here, first.case.reference)).text.endswith("[jawaban] Jalan Mawar 7")


async def test_a_command_meanwhile_is_a_command(here: Desk) -> None:
    first = await says(here, DARK)
    status = await says(here, f"STATUS {first.case.reference}")
    assert kinds(status) == ["status"]
    await says(here, f"BATAL {first.case.reference}")
    assert (await here.life(first.case.reference)).case.code == "withdrawn"
    assert (await says(here, "di Jalan Mawar")).case.code != "answer"


async def test_what_the_channel_says_to_answer_our_question_does_whatever_it_says(here: Desk) -> None:
    first = await says(here, DARK)
    await here.send()
    answer = await says(here, "air PDAM di rumah saya juga mati, sudah tiga hari tidak menyala sama sekali|id-1")
    assert (answer.case.code, answer.case.words) == ("answer", first.case.reference)


async def test_nobody_is_asked_in_danger_or_where_no_answer_can_come_or_twice(here: Desk) -> None:
    danger = await says(here, "tolong ada kebakaran rumah")
    unknown = await says(here, DARK, "BANK")
    public = await says(here, DARK, "@warga")
    assert {life.case.step for life in (danger, unknown, public)} == {"done"}
    first = await says(here, DARK)
    second = await says(here, "banjir setinggi lutut di rumah saya sejak kemarin")
    assert (first.case.step, second.case.step) == ("asked", "submit")
    await here.submit()
    assert (await here.life(second.case.reference)).case.step == "done"


async def test_another_address_answers_nothing(here: Desk) -> None:
    first = await says(here, DARK)
    other = await says(here, "Jalan Mawar 7", OTHER)
    assert other.case.code != "answer"
    assert (await here.life(first.case.reference)).case.step == "asked"


async def test_what_is_added_to_a_registered_report_amends_it_in_the_ledger_and_is_confirmed(here: Desk) -> None:
    first = await says(here, "lampu jalan mati di Jalan Mawar RT 3")
    reference = first.case.reference
    added = await says(here, f"TAMBAH {reference.replace('-', '').lower()} lampunya sekarang pecah")
    assert (added.case.step, added.case.code, kinds(added)) == ("declined", "follow_up", ["added"])
    assert reference in added.letters[0].letter.text
    await here.submit()
    assert here.ledger.calls == [("register", 1), ("amend", 1)]
    said = await record(here, reference)
    assert said.text.splitlines()[1].startswith("[tambahan] TAMBAH ")
    assert (said.title.value, said.related) == ("lampu jalan mati di Jalan Mawar RT 3", ())
    assert kinds(await here.life(reference)) == ["registered"]
    # by its own code the report is meant
    found = await about(here.store, added.case.reference)
    assert found is not None
    assert found.case.reference == reference


@pytest.mark.parametrize("how", ["TAMBAH {code} sudah dua hari", "laporan saya {code} sampai sekarang belum ditangani"])
async def test_who_adds_from_another_address_makes_a_case_of_his_own_that_is_linked(here: Desk, how: str) -> None:
    first = await says(here, "lampu jalan mati di Jalan Mawar RT 3")
    added = await says(here, how.format(code=first.case.reference), OTHER)
    assert added.case.step == "done"
    said = await record(here, added.case.reference)
    assert [(link.id, link.kind) for link in said.related] == [(first.case.reference, "follow_up")]
    assert here.ledger.calls == [("register", 1), ("register", 1)]


async def test_a_reply_to_a_letter_and_a_text_that_quotes_the_code_are_added_but_another_matter_is_not(here: Desk) -> None:
    first = await says(here, "lampu jalan mati di Jalan Mawar RT 3")
    await here.send()
    code = first.case.reference
    reply = await says(here, "sampai sekarang belum ada petugas|id-1")
    await here.submit()
    quoting = await says(here, f"laporan saya {code} sampai sekarang belum ditangani")
    await here.submit()
    other = await says(here, f"{code} itu sudah beres, tapi petugas samsat minta pungutan liar di Jalan Merdeka")
    assert [life.case.step for life in (reply, quoting, other)] == ["declined", "declined", "done"]
    assert (await record(here, code)).text.count("[tambahan]") == 2
    assert [link.id for link in (await record(here, other.case.reference)).related] == [code]


async def test_an_answer_that_its_author_edits_is_changed_in_the_ledger_too(here: Desk) -> None:
    first = await says(here, DARK)
    answer = await says(here, "Jalan Mawar 7")
    await here.submit()
    at = datetime.now(UTC)
    edit = Part(
        channel="tiny", group=answer.case.arrival.source_id, index=1, count=0, raw=f"{CITIZEN}|Jalan Melati 9, maaf".encode(),
        fingerprint="2", received_at=at, wait_until=at, same_since=at - timedelta(hours=1),
    )  # fmt: skip
    await here.store.hold(edit, numbers("edit"))
    await here.submit()
    await here.submit()
    assert (await record(here, first.case.reference)).text == f"{DARK}\n[jawaban] Jalan Melati 9, maaf"
    assert ((await here.life(answer.case.reference)).case.code, here.ledger.calls) == ("answer", [("register", 1), ("amend", 1)])


async def test_what_a_person_sends_on_is_a_complaint(here: Desk) -> None:
    await says(here, DARK)
    answer = await says(here, "Jalan Mawar 7")
    await here.submit()
    assert await here.store.retry(answer.case.case_id, "rini", "laporan sendiri")
    await here.submit()
    assert (await here.life(answer.case.reference)).case.step == "done"
    assert await nothing(here.store)


async def test_all_that_came_stands_somewhere(here: Desk) -> None:
    for text in (DARK, "Jalan Mawar 7", "halo", "STATUS 9165816"):
        await says(here, text)
    while not await nothing(here.store):
        await here.submit()
    tally = await here.store.tally()
    assert tally.received["tiny"] == sum(tally.cases["tiny"].values()) == 4
    assert not await asyncio.wait_for(here.store.recount(), 60)  # type: ignore[attr-defined]  # the real store counts anew
