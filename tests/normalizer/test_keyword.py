"""Keywords: a coined word routes in every spelling, an everyday word never by accident."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizer.keyword import ORDINARY, Opening, read
from normalizer.rules import Keyword, Rules

TANGKAB = Keyword(agency="Pemerintah Kabupaten Tangerang", region="36.03", place="Kabupaten Tangerang")
PASAR = Keyword(agency="Dinas Pasar")
BBM = Keyword(agency="Pertamina", marked=True)
TABLE = Rules(keywords={"Tangkab": TANGKAB, "PASAR": PASAR, "baru": PASAR, "BBM": BBM}).keywords


@pytest.mark.parametrize(
    "text",
    [
        "TANGKAB jalan rusak",
        "tangkab jalan rusak",
        "Tangkab jalan rusak",
        "TANGKAB.jalan rusak",
        "TANGKAB:jalan rusak",
        "TANGKAB, jalan rusak",
        "TANGKAB-jalan rusak",
        "TANGKAB - jalan rusak",
        "TANGKAB/jalan rusak",
        "TANGKAB_jalan rusak",
        "TANGKAB\njalan rusak",
        "(TANGKAB) jalan rusak",
        "( tangkab )jalan rusak",
        "[TANGKAB] jalan rusak",
        "<TANGKAB> jalan rusak",
        "#TANGKAB jalan rusak",
        "#TANGKAB#jalan rusak",
        '"TANGKAB" jalan rusak',
        "  *TANGKAB* jalan rusak",
        "\U0001f64f TANGKAB jalan rusak",
        "LAPOR TANGKAB jalan rusak",
        "#Lapor1708 TANGKAB jalan rusak",
        "LAPOR 1708 TANGKAB jalan rusak",
        "LAPOR! TANGKAB jalan rusak",
        "TANGKAB #LAPOR jalan rusak",
        "TANGKAB LAPOR: jalan rusak",
    ],
)
def test_a_coined_keyword_is_found_in_every_spelling(text: str) -> None:
    opening = read(text, TABLE)
    assert (opening.word, opening.keyword) == ("TANGKAB", TANGKAB)
    assert text[opening.body :].lstrip(' .,:;-/_#*"\n') == "jalan rusak"


@pytest.mark.parametrize(
    "text", ["#Lapor1708 jalan rusak", "LAPOR jalan rusak", "#LAPOR jalan rusak", "lapor, jalan rusak", "LAPOR1708: jalan rusak"]
)
def test_a_tag_routes_nowhere_and_is_passed_over(text: str) -> None:
    opening = read(text, TABLE)
    assert (opening.word, opening.keyword) == ("", None)
    assert text[opening.body :].lstrip(" ,:") == "jalan rusak"


@pytest.mark.parametrize(
    "text",
    [
        "jalan rusak di TANGKAB",
        "Tangkabupaten jalan rusak",
        "TANGKABjalan rusak",
        "TANGKABé jalan",
        "warga TANGKAB lapor",
        "laporan TANGKAB",
        "Lapor.go.id tidak bisa dibuka",
        "tangkab@example.org tidak menjawab",
        "tangkab.go.id mati",
        "",
        "   ",
        "...",
        "tengah malam listrik mati",
        "MAJU terus",
        "damai",
        "Yth TANGKAB jalan rusak",
    ],
)
def test_a_word_that_is_not_the_opening_keyword_routes_nowhere(text: str) -> None:
    assert read(text, TABLE) == Opening("", None, 0)


@pytest.mark.parametrize("word", ["pasar", "Pasar", "PASAR", "baru", "BARU", "bbm", "BBM"])
@pytest.mark.parametrize(
    "behind", [" kemarin jalan rusak", ": jalan rusak", ", jalan rusak", ".jalan rusak", " - jalan rusak", "", ") jalan"]
)
def test_an_everyday_word_does_not_route_even_when_it_is_in_the_table(word: str, behind: str) -> None:
    assert read(word + behind, TABLE).keyword is None
    assert read("LAPOR " + word + behind, TABLE).keyword is None


@pytest.mark.parametrize(
    "text", ["(PASAR) bau sampah", "#pasar bau sampah", "[Pasar] bau sampah", "{baru} bau", "LAPOR (bbm) habis", "( PASAR ) bau"]
)
def test_an_everyday_word_routes_when_it_is_marked(text: str) -> None:
    assert read(text, TABLE).keyword in (PASAR, BBM)


@pytest.mark.parametrize("text", ["(PASAR bau sampah)", "[PASAR) bau", "# PASAR bau", "PASAR) bau", "(PASAR"])
def test_half_a_mark_is_no_mark(text: str) -> None:
    assert read(text, TABLE).keyword is None


def test_what_comes_behind_a_row_of_tags_is_text() -> None:
    assert read("LAPOR #LAPOR lapor LAPOR! TANGKAB jalan rusak", TABLE).keyword is None


def test_only_the_first_keyword_routes() -> None:
    opening = read("TANGKAB (PASAR) bau", TABLE)
    assert opening.keyword == TANGKAB
    assert "PASAR" in "TANGKAB (PASAR) bau"[opening.body :]


def test_the_everyday_words_of_the_brief_are_protected() -> None:
    assert {"PASAR", "TENGAH", "BARU", "MAJU", "DAMAI", "HARAPAN"} <= ORDINARY


@given(st.text())
def test_no_text_raises_and_the_body_lies_inside(text: str) -> None:
    assert 0 <= read(text, TABLE).body <= len(text)


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"TANG KAB": Keyword()}, "TANG KAB"),
        ({"": Keyword()}, "letters or digits"),
        ({"X": Keyword()}, "'X'"),
        ({"Tangkab": Keyword(), "TANGKAB": Keyword()}, "twice"),
        ({"TANGKAB": Keyword(region="3603")}, "'3603'"),
    ],
)
def test_a_table_that_could_never_match_is_refused(keywords: dict[str, Keyword], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Rules(keywords=keywords)
