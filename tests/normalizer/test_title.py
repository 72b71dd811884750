"""Titles: the first words that say something, on one line, never longer than the limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizer.text import line, scrub
from normalizer.title import GIVEN_LIMIT, LIMIT, from_line, from_words

GREETINGS = """
    assalamualaikum asalamualaikum ass aslm askum asskum selamat+pagi slamat+sore slmt+malam met+siang pagi siang sore malam malem mlm
    bapak bpk pak ibu bu kang mas mbak mbk kak gan bos min admin sdr sdri sugeng+enjing wilujeng+siang sampurasun punten permisi
    kulonuwun om+swastiastu salam+sejahtera halo helo hai hi dear maaf mohon+maaf kepada+yth kpd+yth yth ytc yang+terhormat
"""


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("jalan rusak di dk gumelem", "jalan rusak di dk gumelem"),
        ("Yth kang yoto .sebelum hujan mohon tanggul diperbaiki", "sebelum hujan mohon tanggul diperbaiki"),
        ("Kepada Yth. Bapak Bupati Tangerang, jalan rusak", "jalan rusak"),
        ("yth pak camat jalan rusak, mohon", "jalan rusak, mohon"),
        ("Yang terhormat Bapak/Ibu Walikota. Banjir lagi", "Banjir lagi"),
        ("Yth. banjir, mohon bantuan", "banjir, mohon bantuan"),
        ("Assalamu'alaikum wr. wb. Selamat pagi pak, lampu mati", "lampu mati"),
        ("Assalamualaikum warahmatullahi wabarakatuh, lampu mati", "lampu mati"),
        ("ASS.WR.WB lampu mati", "lampu mati"),
        ("aslm lampu mati", "lampu mati"),
        ("selamat siang admin, lampu mati", "lampu mati"),
        ("malam min lampu mati", "lampu mati"),
        ("Sugeng enjing, dalan rusak", "dalan rusak"),
        ("Sampurasun. jalan butut", "jalan butut"),
        ("Halo, maaf mengganggu. air mati", "air mati"),
        ("pak, air mati", "air mati"),
        ("mbk lek mlm puskesmas masih buka ta", "mbk lek mlm puskesmas masih buka ta"),
        ("!!! banjir", "banjir"),
        ("\U0001f62d\U0001f62d banjir", "banjir"),
        ("jalan\nrusak\t\tparah", "jalan rusak parah"),
        ("jalan\x00rusak \u202eparah", "jalan rusak parah"),
        ("jalan\\nrusak ðŸ˜\xad badÃ©", "jalan rusak 😭 badé"),
        ("jalan rusak #Lapor1708", "jalan rusak"),
        ("#jalanrusak di Cilacap", "jalanrusak di Cilacap"),
        ("[bagian 1/2 tidak diterima] dan jalan rusak", "dan jalan rusak"),
        ("(penting) jalan rusak", "(penting) jalan rusak"),
    ],
)
def test_a_title_is_the_first_words_without_the_greeting(body: str, title: str) -> None:
    assert from_words(body) == title


@pytest.mark.parametrize("greeting", GREETINGS.split())
def test_every_greeting_goes_in_any_case(greeting: str) -> None:
    for written in (greeting, greeting.title(), greeting.upper()):
        assert from_words(f"{written.replace('+', ' ')}, lampu mati") == "lampu mati"


@pytest.mark.parametrize(
    "body", ["Ibu hamil ditolak", "Pak RT minta uang", "Siang hari lampu menyala", "Asalkan ada", "Haiti", "Bu guru memukul", "Dinas tutup"]
)
def test_what_only_looks_like_a_greeting_stays(body: str) -> None:
    assert from_words(body) == body


@pytest.mark.parametrize(
    "body",
    [
        "",
        "   ",
        "???",
        "#Lapor1708",
        "#lapor #lapor1708",
        "Assalamualaikum",
        "Selamat siang pak.",
        "[bagian 2/2 tidak diterima]",
        "\U0001f62d",
    ],
)
def test_where_nothing_is_said_there_is_no_title(body: str) -> None:
    assert from_words(body) is None


def test_a_row_of_greetings_ends_somewhere() -> None:
    assert from_words("halo halo halo halo") == "halo"


def test_a_long_text_is_cut_behind_a_word() -> None:
    title = from_words("jalan raya Senggreng rt 04 rw 02 rusak parah sudah tiga bulan belum diperbaiki")
    assert title == "jalan raya Senggreng rt 04 rw 02 rusak parah sudah tiga…"
    assert from_words("a" * 100) == "a" * 59 + "…"
    assert from_words("a" * 60) == "a" * 60


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Jalan rusak", "Jalan rusak"),
        ("  Re: Fwd: Jalan rusak ", "Jalan rusak"),
        ("#Lapor1708 Jalan rusak", "Jalan rusak"),
        ("Yth Bupati", "Yth Bupati"),
        ("Re:", None),
        ("  ", None),
        ("...", None),
    ],
)
def test_a_title_of_the_citizens_own_keeps_its_words(written: str, title: str | None) -> None:
    assert from_line(written) == title


@given(st.text() | st.text(alphabet="a .#[]\n\u202e"))
def test_a_title_is_one_printable_line_within_its_limit(text: str) -> None:
    for title, limit in ((from_words(text), LIMIT), (from_line(text), GIVEN_LIMIT)):
        if title is not None:
            assert 0 < len(title) <= limit
            assert title.isprintable() or "\ufffd" in title
            assert title == title.strip()


@given(st.text(), st.integers(2, 80))
def test_a_line_is_never_longer_than_asked_and_says_when_it_was_cut(text: str, limit: int) -> None:
    short = line(text, limit)
    assert len(short) <= limit
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    assert short == plain or short.endswith("…")


def test_a_long_gap_does_not_hide_that_more_comes() -> None:
    assert line("jalan" + " " * 1000 + "rusak", 60) == "jalan…"
    assert line("jalan" + " " * 1000, 60) == "jalan"


def test_only_lone_surrogates_are_replaced() -> None:
    assert scrub("caf\u00e9 \U0001f62d \x00 \ud83d!") == "caf\u00e9 \U0001f62d \x00 \ufffd!"
    assert scrub("jalan") == "jalan"
