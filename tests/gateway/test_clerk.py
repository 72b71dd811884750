"""Answers in the language of whoever wrote, and in Indonesian where that is not sure."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from channels.base import Arrival, Enclosure, Question
from forwarder.ledger import Registration
from forwarder.wording import load
from gateway.clerk import Aside, Clerk, Read, Standing
from gateway.store.record import Case
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
AT = datetime(2026, 11, 20, tzinfo=UTC)


def clerk() -> Clerk:
    meanings, languages = shipped()
    return Clerk({"tiny": Tiny()}, Rules(channels={"tiny": "sms.esme"}, abbreviations=meanings, languages=languages), WORDINGS)


def case(text: str) -> Case:
    arrival = Arrival(channel="tiny", source_id="1", raw=f"{CITIZEN}|{text}".encode(), received_at=AT)
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


STANDINGS = [Standing(CODE, "registered", "9165816"), Standing(CODE, "mistyped"), Standing(CODE, "nearest", "7K3Q-9FXM-2CH5")]


@pytest.mark.parametrize("language", WRITTEN)
@pytest.mark.parametrize("about", STANDINGS)
def test_a_question_is_answered_in_its_language(language: str | None, about: Standing) -> None:
    desk, asked = clerk(), case(f"? {WRITTEN[language]}")
    (letter,) = desk.reply(asked, Tiny().decode(asked.arrival, ()), "status", about)
    state = WORDINGS.state(about.state, language, tracking_id=about.name, nearest=about.name)
    assert letter.text == WORDINGS.fill("status", language, reference=CODE, state=state)


@pytest.mark.parametrize("language", WRITTEN)
def test_help_is_given_in_the_language_in_which_it_is_asked_for(language: str | None) -> None:
    desk, asked = clerk(), case(f"! {WRITTEN[language]}")
    (letter,) = desk.reply(asked, Tiny().decode(asked.arrival, ()), "help")
    assert letter.text == WORDINGS.fill("help", language)


ASKED = Question(kind="help")


@pytest.mark.parametrize(
    ("text", "kind", "more"),
    [
        ("BANTUAN", "sms.esme", {}), ("BANTUAN", "web.site", {"asks": False}), ("BANTUAN", "sms.esme", {"admitted": True, "asks": False}),
        ("BANTUAN", "sms.esme", {"files": (Enclosure(name="a.jpg", media_type="image/jpeg", size=9),), "asks": False}),
        ("BANTUAN", "sms.esme", {"registration": Registration(tracking_id="1", registered_at=AT), "asks": False}),
        ("Bantuan sosial tidak cair", "sms.esme", {"asks": False}), ("jalan rusak", "sms.esme", {"edited": "BANTUAN"}),
    ],
)  # fmt: skip
def test_what_asks_us_goes_to_no_ledger_unless_a_person_or_a_form_says_so(text: str, kind: str, more: dict[str, object]) -> None:
    asks = more.pop("asks", True)
    desk = Clerk({"tiny": Tiny()}, Rules(channels={"tiny": kind}), WORDINGS)
    reading = desk.read(msgspec.structs.replace(case(text), **more))
    if asks:
        assert isinstance(reading, Aside)
        assert (reading.step, reading.code, reading.message.question) == ("declined", "question", ASKED)
        assert desk.receipt(msgspec.structs.replace(case(text), **more)) == ()
    else:
        assert isinstance(reading, Read)
