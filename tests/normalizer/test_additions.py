"""What a citizen says of a complaint later: how it joins the text, and what answers a question."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import InboundMessage
from gateway.rulebook import rulebook
from gateway.wordlists import shipped
from normalizer.additions import Kind, answers, joined
from normalizer.complaint import Complaint
from normalizer.normalize import normalize
from normalizer.reading import read
from normalizer.rules import Rules
from normalizer.title import from_words

MEANINGS, TONGUES = shipped()
RULES = Rules(rulebook=rulebook("", MEANINGS), abbreviations=MEANINGS, languages=TONGUES)
KINDS = st.sampled_from(["answer", "follow_up"])


def complaint(text: str, reference: str = "DPKD-5TSM-2Z2X") -> Complaint:
    at = datetime(2026, 11, 20, 3, tzinfo=UTC)
    message = InboundMessage(channel="telkomsel", source_id="1", sender="6281200000001", text=text, received_at=at)
    return normalize(message, case_id="1", reference=reference, rules=RULES)


DARK, EMPTY = complaint("lampu jalan mati sudah seminggu"), complaint("halo")


@pytest.mark.parametrize(
    "text",
    [
        "Jalan Mawar 7",
        "di RT 3 RW 5 Kel. Paju Kec. Ponorogo pak, dekat pasar",
        "depan rumah pak RT",
        "sukamaju",
        "lampu jalan di Jl Mawar itu",
    ],
)
def test_what_is_short_or_names_a_place_answers_where_it_is(text: str) -> None:
    assert answers(text, complaint(text, "0000-0000-0000"), DARK)


@pytest.mark.parametrize(
    "text",
    [
        "", "ok", "terima kasih pak", "baik pak, siap",
        "kebakaran di Jalan Mawar", "petugas samsat minta pungutan liar di Jalan Mawar", "Laporan No. 9165816 di Jalan Mawar",
        "saya mau cerita panjang lebar soal banyak hal yang belum pernah saya ceritakan",
    ],
)  # fmt: skip
def test_thanks_another_matter_and_a_tale_do_not(text: str) -> None:
    assert not answers(text, complaint(text, "0000-0000-0000"), DARK)


@pytest.mark.parametrize("text", ["kebakaran di pasar Wage", "jalan rusak " * 60, "air mati"])
def test_whatever_is_said_answers_what_happened(text: str) -> None:
    assert EMPTY.ask == "text"
    assert answers(text, complaint(text, "0000-0000-0000"), EMPTY)


@given(st.text(max_size=99), st.lists(st.tuples(KINDS, st.text(max_size=99)), max_size=3))
def test_every_word_is_kept_in_order(text: str, said: list[tuple[Kind, str]]) -> None:
    whole = joined(text, said)
    assert whole.startswith(text)
    for kind, words in reversed(said):
        mark = {"answer": "\n[jawaban] ", "follow_up": "\n[tambahan] "}[kind]
        assert whole.endswith(mark + words)
        whole = whole.removesuffix(mark + words)
    assert whole == text


def test_the_title_is_the_complaint_s_own_unless_it_says_nothing() -> None:
    assert from_words(joined("lampu mati", [("answer", "Jalan Mawar")])) == "lampu mati"
    assert from_words(joined("halo", [("answer", "Jalan Mawar gelap")])) == "Jalan Mawar gelap"
    assert from_words(joined("halo", [("answer", "!")])) is None


@pytest.mark.parametrize("mark", ["[jawaban]", "[tambahan]"])
def test_the_mark_before_it_is_no_word_of_the_citizens(mark: str) -> None:
    reading = read(f"halo\n{mark} Ada kebakaran di pasar Wage")
    assert reading.words == ["halo", "ada", "kebakaran", "di", "pasar", "wage"]
    assert [reading.verbatim[start:end] for start, end in zip(reading.starts, reading.ends, strict=True)] == reading.written
    # elsewhere it is one
    assert mark[1:-1] in read(f"mohon {mark}").words
