"""Streets, numbers and landmarks, in the citizen's own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wordlists import regions, shipped
from normalizer import site
from normalizer.reading import read

ABBREVIATIONS, _ = shipped()


def details(text: str) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in site.details(read(text, ABBREVIATIONS), regions().wide)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Lampu mati,d jl raya senggreng rt 04 rw 02", [("jalan", "raya senggreng"), ("rt", "4"), ("rw", "2")]),
        ("RT5RW7Kel.LeuwigajahKecCimahi Selatan", [("rt", "5"), ("rw", "7")]),
        ("RT/RW 05/02", [("rt", "5"), ("rw", "2")]),
        ("rt 05/02", [("rt", "5"), ("rw", "2")]),
        ("RT 03 RW IX", [("rt", "3"), ("rw", "9")]),
        ("Jl. Raya Bogor KM 23 berlubang", [("jalan", "Raya Bogor"), ("km", "23")]),
        ("km. 45+200 longsor", [("km", "45+200")]),
        ("Jl. A. Yani macet", [("jalan", "A. Yani")]),
        ("Jl.Jend.Sudirman macet", [("jalan", "Jend.Sudirman")]),
        ("jl Diponegoro Surabaya macet", [("jalan", "Diponegoro")]),
        ("Jl. Raya Bogor Cimanggis Depok", [("jalan", "Raya Bogor")]),
        ("Jln Mawar, Kec. Babadan", [("jalan", "Mawar")]),
        ("Gang Bandung banjir", [("gang", "Bandung")]),
        ("gg 3 gelap", [("gang", "3")]),
        ("dk gumelem", [("dusun", "gumelem")]),
        ("Perum Griya Asri blok C3 no 12", [("perumahan", "Griya Asri"), ("blok", "C3")]),
        ("sampah depan pasar Legi menumpuk", [("patokan", "depan pasar Legi")]),
        ("dekat SDN 2 Babadan", [("patokan", "dekat SDN 2 Babadan")]),
        ("Puskesmas Mawar antre", [("patokan", "Puskesmas Mawar")]),
        ("depan RSUD dr. Soetomo", [("patokan", "depan RSUD dr. Soetomo")]),
        ("flyover Pasupati macet", [("patokan", "flyover Pasupati")]),
    ],
)
def test_what_names_the_spot_is_found(text: str, found: list[tuple[str, str]]) -> None:
    assert details(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "jalan rusak parah",
        "jalan desa belum diaspal",
        "Jalan berlubang sudah lama",
        "Pak RT minta uang",
        "rt setempat tidak menanggapi",
        "kecepatan 60 km per jam",
        "sudah 3 km macet",
        "Perum Bulog",
        "pasar becek",
        "puskesmas tutup terus",
        "KM 20000 ganti oli",
        "kampung kami",
        "bansos dipotong RT 50 ribu",
        "iuran rw 20rb",
        "",
    ],
)
def test_words_that_name_no_spot_are_left_alone(text: str) -> None:
    assert details(text) == []


ADDRESS = "jl jalan raya gang rt rw / 5 12 km + perum blok c depan pasar Mawar Bogor , ."


@given(st.lists(st.sampled_from(ADDRESS.split())).map(" ".join) | st.text())
def test_every_detail_takes_up_words_of_the_text_one_behind_the_other(text: str) -> None:
    reading = read(text)
    found = site.details(reading, regions().wide)
    edges = [edge for one in found for edge in (one.start, one.end)]
    assert edges == sorted(edges)
    assert all(0 <= one.start < one.end <= len(reading.words) and one.value for one in found)


def test_a_text_made_of_addresses_brings_a_bounded_number() -> None:
    assert len(details("rt 5 rw 3 " * 1000)) < 50
