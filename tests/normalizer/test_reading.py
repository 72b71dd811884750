"""Words: where they begin and end, and what an abbreviation means beside others."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizer import abbreviations, rulebook
from normalizer.reading import read, spell
from normalizer.weigh import weigh

SHIPPED = abbreviations.parse((Path(abbreviations.__file__).parent / "data" / "abbreviations.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Lampu penerangan mati,d jl raya", "lampu penerangan mati d jl raya"),
        ("RT5RW7Kel.LeuwigajahKecCimahi Selatan", "rt 5 rw 7 kel leuwigajah kec cimahi selatan"),
        ("rt04 rw.02", "rt 04 rw 02"),
        ("PDAMnya mati", "pdamnya mati"),
        ("jalan_rusak #Lapor1708", "jalan rusak lapor 1708"),
        ("Jum'at", "jum at"),
        ("badé KÉNGING nyaétaBadé", "bade kenging nyaeta bade"),
        ("𝐉𝐚𝐥𝐚𝐧 ｒｕｓａｋ ５", "jalan rusak 5"),
        ("ka\u200bmi 😭 rusak\\nmohon", "kami rusak mohon"),
        ("", ""),
        ("?! 😭", ""),
    ],
)
def test_a_text_is_cut_into_words(text: str, words: str) -> None:
    assert read(text).words == words.split()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("jln yg di dpn psr blm diprbaiki krn tdk ada ptgs", "jalan yang di depan pasar belum diperbaiki karena tidak ada petugas"),
        ("dr kemarin lampu mati", "dari kemarin lampu mati"),
        ("kata dr. Budi tutup", "kata dokter budi tutup"),
        ("Jl. dr. Soetomo", "jalan dokter soetomo"),
        ("jl dr soetomo, jl dr pasar", "jalan dr soetomo jalan dr pasar"),
        ("tidak ada bantuan dr puskesmas", "tidak ada bantuan dari puskesmas"),
        ("dr gigi tidak ada", "dokter gigi tidak ada"),
        ("kk saya hilang", "kk saya hilang"),
        ("kel. Leuwigajah", "kelurahan leuwigajah"),
        ("kel leuwigajah kec cimahi", "kelurahan leuwigajah kecamatan cimahi"),
        ("kel saya di rt 3 belum dapat", "kel saya di rt 3 belum dapat"),
        ("ada 3 kel miskin", "ada 3 kel miskin"),
        ("gg Mawar", "gang mawar"),
        ("gg 3 gelap", "gang 3 gelap"),
        ("petugas gg jelas", "petugas gg jelas"),
        ("smp skrg blm", "sampai sekarang belum"),
        ("guru smp negeri 2", "guru smp negeri 2"),
        ("anak smp hari ini", "anak smp hari ini"),
        ("sma sekali tidak", "sama sekali tidak"),
        ("uang gedung sma 1", "uang gedung sma 1"),
        ("sd 2 rusak", "sd 2 rusak"),
        ("rusak sd sekarang", "rusak sampai sekarang"),
        ("minta uang", "minta uang"),
        ("ds bogangin kc sumberejo", "desa bogangin kecamatan sumberejo"),
        ("pak ds canden kebanjiran", "pak desa canden kebanjiran"),
        ("Deli Serdang DS 5 rusak", "deli serdang ds 5 rusak"),
        ("sudah 3 th, sejak th 2022", "sudah 3 tahun sejak tahun 2022"),
        ("pkl 08.00 banyak pkl", "pukul 08 00 banyak pkl"),
        ("BRI KC Ponorogo", "bri kc ponorogo"),
        ("dk Gumelem", "dukuh gumelem"),
        ("tp tidak ada", "tetapi tidak ada"),
        ("iuran TP PKK", "iuran tp pkk"),
        ("no 12", "nomor 12"),
        ("no hp 5", "nomor hp 5"),
        ("no problem", "no problem"),
        ("pd hari Senin", "pada hari senin"),
        ("di Pd. Aren", "di pondok aren"),
        ("PD Pasar Jaya", "pd pasar jaya"),
        ("tidak bs masuk", "tidak bisa masuk"),
        ("spt kemarin", "seperti kemarin"),
        ("lapor SPT tahunan", "lapor spt tahunan"),
        ("blm dpt bantuan", "belum dapat bantuan"),
        ("tidak masuk DPT", "tidak masuk dpt"),
        ("yth bpk bupati", "yth bapak bupati"),
        ("temuan BPK RI", "temuan bpk ri"),
        ("mati,d jl raya", "mati di jalan raya"),
        ("senin s/d jumat", "senin s d jumat"),
        ("Jl. Dg. Tata", "jalan daeng tata"),
    ],
)
def test_an_abbreviation_is_written_out_where_it_is_clear(text: str, words: str) -> None:
    assert read(text, SHIPPED).words == words.split()


def test_every_word_knows_where_it_stands_and_how_it_was_written() -> None:
    text = "Sdh lapor ðŸ˜­ ka\u200bmi\\nRT5"
    reading = read(text, SHIPPED)
    assert reading.words == ["sudah", "lapor", "kami", "rt", "5"]
    assert reading.spelt == ["sdh", "lapor", "kami", "rt", "5"]
    assert reading.written == ["Sdh", "lapor", "kami", "RT", "5"]
    assert [text[start:end] for start, end in zip(reading.starts, reading.ends, strict=True)] == ["Sdh", "lapor", "ka\u200bmi", "RT", "5"]
    assert reading.span(0, len(reading.legible)) == (0, len(text))


def test_a_rule_finds_its_words_however_both_are_abbreviated() -> None:
    document = """
        [[rule]]
        name = "tidak-bisa"
        words = ["gak bs*", "dpt"]
        weight = 0.9
        flags = ["test"]
        """
    book = rulebook.parse("rules", document, (), SHIPPED)
    assert [
        text for text in ("tdk bisa", "gak bisanya", "gak masuk DPT", "tdk dpt apa2", "bisa") if weigh(book, [(read(text, SHIPPED), 0)])
    ] == ["tdk bisa", "gak bisanya", "gak masuk DPT"]


@pytest.mark.parametrize(
    "document",
    [
        "nonsense",
        '[words]\nyang = "yg"\nyah = "yg"',
        '[words]\nyang = "yg yang"',
        '[words]\nyang = "yg"\n[[unclear]]\nspelt = "yg"\nmeans = "yah"',
        '[words]\nyang = "yg"\n[[unclear]]\nspelt = "dr"\nmeans = "dari"\nbehind = ["rs"]',
        "[words]\nyang = 1",
    ],
)
def test_a_list_with_a_fault_is_refused(document: str) -> None:
    with pytest.raises(ValueError, match=r"twice|Expected|unexpected|unknown"):
        abbreviations.parse(document)


glued = st.text(alphabet="abzABZ019 _.é\n", max_size=60)
anything = st.text() | glued | st.text(alphabet=st.characters(min_codepoint=0xD000, max_codepoint=0xE000))
usual = st.lists(st.sampled_from(["dr", "DR", "kel", "Kel.", "gg", "3", "Budi", "smp", "skrg", "jl", "saya", "d", "d.", "SPT"])).map(
    " ".join
)


@given(anything | usual)
def test_any_text_can_be_read_and_its_words_lie_inside_it(text: str) -> None:
    reading = read(text, SHIPPED)
    assert reading.verbatim == text
    assert len(reading.words) == len(reading.spelt) == len(reading.written) == len(reading.starts) == len(reading.ends)
    assert all(reading.words)
    at = 0
    for start, end in zip(reading.starts, reading.ends, strict=True):
        assert at <= start <= end <= len(text)
        at = start
    assert read(text, SHIPPED).words == reading.words


@given(glued.filter(str.isascii))
def test_the_quick_way_finds_what_the_pattern_finds(text: str) -> None:
    reading = read(text)
    pattern = list(re.finditer(r"[a-z]+|[A-Z]+[a-z]*|[0-9]+", text))
    assert reading.written == [found[0] for found in pattern]
    assert reading.starts == [found.start() for found in pattern]
    assert reading.spelt == [word.lower() for word in reading.written]


@given(glued | st.text(alphabet="abz *"))
def test_a_phrase_alone_has_the_words_that_it_has_in_a_message(text: str) -> None:
    assert spell(text) == read(text).spelt


def steps(work: Callable[[], object]) -> int:
    """How many functions it calls, those of C as well."""
    called = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal called
        called += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return called


@pytest.mark.parametrize(
    "piece", ["dr ", "kel Kel. ", "gg", "RT5", "é", "e\u0301 ", "ÃÂ ", "â€™", "\\\\", "\\r", "\u200b\u200da", "aA", "😭 "]
)
def test_a_text_twice_as_long_takes_twice_the_steps(piece: str) -> None:
    once, twice = (steps(partial(_read_whole, piece * times)) for times in (1_000, 2_000))
    assert twice <= 2.2 * once + 100


def _read_whole(text: str) -> None:
    assert len(read(text, SHIPPED).starts) <= len(text)
