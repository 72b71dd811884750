"""What was learned: stems and lists are added up, the file can be read again, and what ships fits the rules beside it."""

from __future__ import annotations

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizer.learned import ALWAYS, LIST, Learned, Weights, parse, stem, written
from normalizer.reading import read
from tests.normalizer.reading_rules import record, rules

TOLD: Weights = {ALWAYS: (-2.0, -2.0, -2.0), "setor": (3.0, 0.0, -0.5), "@fire": (0.0, 4.0, 0.0), "rahasia": (-0.25, -1.0, 5.0)}
LISTS = {"api": ("@fire",), "geni": ("@fire", "@unknown")}


@pytest.mark.parametrize(
    ("words", "likely"),
    [
        ([], (False, False, False)),
        (["setornya"], (True, False, False)),
        (["disetorkan"], (True, False, False)),
        # how often makes no difference, nor does a word of which nothing is known
        (["api", "geni", "besar"], (False, True, False)),
        (["geni", "setoran"], (True, True, False)),
        (["dirahasiakan", "setoran"], (True, False, True)),
        (["rahasia", "api", "setor"], (True, True, True)),
    ],
)
def test_stems_and_lists_are_added_up(words: list[str], likely: tuple[bool, bool, bool]) -> None:
    seen = Learned(TOLD, LISTS).chances(words)
    assert (seen.oversight > 0.5, seen.emergency > 0.5, seen.wish > 0.5) == likely
    assert Learned(TOLD, LISTS).chances([*words, *words]) == seen


def test_where_nothing_was_learned_nothing_is_likely() -> None:
    seen = Learned({ALWAYS: (-20.0, -20.0, -20.0)}, {}).chances(["api"])
    assert (seen.oversight, seen.emergency, seen.wish) == pytest.approx((0, 0, 0), abs=1e-6)


@pytest.mark.parametrize(
    "together",
    [("dipukul", "pukul", "pukulan"), ("minta", "meminta"), ("potongan", "dipotongnya", "potong"), ("setor", "setoran"), ("7", "2026")],
)
def test_what_belongs_together_has_one_stem(together: tuple[str, ...]) -> None:
    assert len({stem(word) for word in together}) == 1


@given(st.text())
def test_a_stem_is_never_empty_where_the_word_was_not(word: str) -> None:
    assert bool(stem(word)) == bool(word)


def test_the_file_is_read_as_it_was_written() -> None:
    assert parse("# how it was made\n" + written({**TOLD, "nothing": (0.001, -0.004, 0.0)})) == TOLD


def test_what_ships_names_only_lists_that_the_rules_have() -> None:
    shipped = parse((resources.files("normalizer") / "data" / "learned.txt").read_text("utf-8"))
    named = {feature for feature in shipped if feature.startswith(LIST)}
    assert named
    assert named <= {name for names in rules().rulebook.learned.lists.values() for name in names}


@pytest.mark.parametrize(
    "text",
    [
        "juru bayar mengurangi honor kami dan menyuruh meneken kuitansi kosong",
        "yang lolos tes cuma keponakan ketua panitia, nilai kami diubah",
    ],
)
def test_an_abuse_is_heard_in_words_of_which_no_rule_knows(text: str) -> None:
    assert record(text).oversight.value == "berkadar"


@pytest.mark.parametrize(
    "text",
    [
        "pesan saya ini jangan ada ekornya ya pak, trotoar licin",
        "biar saya jadi suara tanpa muka saja, sampah numpuk di kali",
        "anggap saja sms ini tidak pernah ada yang kirim",
        "jenengku digowo dewe wae pak, dalane jeglong",
        "ngaran abdi kubur sing jero nya pa, lampu pareum",
    ],
)
def test_a_wish_to_stay_unnamed_is_heard_in_words_of_which_no_rule_knows(text: str) -> None:
    found = record(text)
    assert (found.privacy, found.privacy_rule) == ("rahasia", "mirip-minta-rahasia")


@pytest.mark.parametrize("text", ["anonim, jenengku digowo dewe wae", "lapor anonim, kalau ditanya jawab dari orang lewat"])
def test_who_asks_for_anonim_is_not_made_more_open_by_what_resembles_a_wish(text: str) -> None:
    assert rules().rulebook.learned.chances(read(text, rules().abbreviations).words).wish > 0.5
    assert record(text).privacy == "anonim"


def test_a_clear_danger_is_one_however_clearly_it_resembles_an_abuse() -> None:
    text = "ibu muda di kapal kami dijual suaminya ke germo 10 juta, besok kapal sandar di dermaga, bayinya ditahan supaya dia tidak lari"
    seen = rules().rulebook.learned.chances(read(text, rules().abbreviations).words)
    assert min(seen.oversight, seen.emergency) > 0.7
    assert "emergency" in record(text).flags
