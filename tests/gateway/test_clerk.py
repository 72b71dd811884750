"""Answers in the language of whoever wrote, and in Indonesian where that is not sure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from channels.base import Arrival, InboundMessage, Part, Progress, Question
from forwarder.wording import load
from gateway.clerk import Clerk, Read
from gateway.store.base import Case
from gateway.wordlists import shipped
from normalizer.rules import Rules
from tests.gateway.tiny import CITIZEN, Tiny

CODE = "7K3Q-9FXM-2CH4"
WRITTEN = {
    "jv": "dalane rusak, durung ono sing ndandani",
    "su": "jalan ruksak teu acan diomean",
    "en": "The road in front of our house is broken",
    "id": "jalan rusak, mohon segera diperbaiki",
    None: "Ponorogo",
}
WORDINGS = load()


class Asked(Tiny):
    """What begins with `?` asks for the status of CODE, with `!` for help."""

    def decode(self, arrival: Arrival, parts: Sequence[Part]) -> InboundMessage:
        message = super().decode(arrival, parts)
        questions = {"?": Question(kind="status", code=CODE), "!": Question(kind="help")}
        return msgspec.structs.replace(message, question=questions.get(message.text[:1]))


def clerk() -> Clerk:
    meanings, languages = shipped()
    return Clerk({"tiny": Asked()}, Rules(channels={"tiny": "sms.esme"}, abbreviations=meanings, languages=languages), WORDINGS)


def case(text: str) -> Case:
    arrival = Arrival(channel="tiny", source_id="1", raw=f"{CITIZEN}|{text}".encode(), received_at=datetime(2026, 11, 20, tzinfo=UTC))
    return Case(case_id="c1", reference=CODE, step="submit", arrival=arrival)


@pytest.mark.parametrize("language", WRITTEN)
def test_a_complaint_is_answered_in_its_language(language: str | None) -> None:
    desk, waiting = clerk(), case(WRITTEN[language])
    receipts = desk.receipt(waiting)
    assert receipts is not None
    assert [letter.text for letter in receipts] == [WORDINGS.fill("receipt", language, reference=CODE)]
    reading = desk.read(waiting)
    assert isinstance(reading, Read)
    (letter,) = desk.letter("registered", reading, tracking_id="9165816")
    assert letter.text == WORDINGS.fill("registered", language, reference=CODE, tracking_id="9165816")


@pytest.mark.parametrize("language", WRITTEN)
@pytest.mark.parametrize("found", [Progress(reference=CODE, state="registered", tracking_id="9165816", timeline=()), None])
def test_a_question_is_answered_in_its_language(language: str | None, found: Progress | None) -> None:
    desk, asked = clerk(), case(f"? {WRITTEN[language]}")
    (letter,) = desk.reply(asked, Asked().decode(asked.arrival, ()), found)
    state = WORDINGS.state("registered" if found else "mistyped", language, tracking_id="9165816")
    assert letter.text == WORDINGS.fill("status", language, reference=CODE, state=state)


@pytest.mark.parametrize("language", WRITTEN)
def test_help_is_given_in_the_language_in_which_it_is_asked_for(language: str | None) -> None:
    desk, asked = clerk(), case(f"! {WRITTEN[language]}")
    (letter,) = desk.reply(asked, Asked().decode(asked.arrival, ()), None)
    assert letter.text == WORDINGS.fill("help", language)


def test_who_asks_by_the_ledgers_number_does_not_hear_our_code() -> None:
    desk, asked = clerk(), case("? apa kabar")
    question = Question(kind="status", code="#9165816")
    message = msgspec.structs.replace(Asked().decode(asked.arrival, ()), question=question)
    (letter,) = desk.reply(asked, message, Progress(reference=CODE, state="registered", tracking_id="9165816", timeline=()))
    assert CODE not in letter.text
    assert "9165816" in letter.text
