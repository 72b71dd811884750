"""Codes and ids that a text quotes are links, each with its evidence; what merely looks like one is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizer.complaint import Related
from normalizer.reference import BadReference, mint, read, write
from normalizer.related import MOST, quoted

OWN, FIRST, SECOND = (write(mint(b"k" * 32, "test", str(n))) for n in range(3))


def ids(text: str) -> list[str]:
    return [link.id for link in quoted(text, OWN)]


def test_a_quoted_code_is_a_follow_up_however_often_it_stands_there() -> None:
    text = f"Mohon kabar laporan {FIRST}.\n> Kode laporan: {FIRST}\n> {SECOND.lower()}, kode saya {OWN}"
    assert quoted(text, OWN) == (
        Related(id=FIRST, kind="follow_up", evidence="quoted"),
        Related(id=SECOND, kind="follow_up", evidence="quoted"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jalan rusak",
        "RW-0001-0002",
        FIRST.replace("-", " "),
        f"x{FIRST}",
        f"{FIRST}-77",
        FIRST[:-1] + ("0" if FIRST[-1] != "0" else "2"),
        "0812-0000-0001",
        "kata-kata-kita",
    ],
)
def test_what_only_looks_like_a_code_is_none(text: str) -> None:
    assert quoted(text, OWN) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#9165816", ["9165816"]),
        ("mohon tindak lanjut #9165816.", ["9165816"]),
        ("Tracking ID : #10039939", ["10039939"]),
        ("Tracking ID 10039939", ["10039939"]),
        ("Laporan No. 8112829, 8588371 belum ditanggapi", ["8112829", "8588371"]),
        ("laporan no 8112829,8588371 dan 8590001", ["8112829", "8588371", "8590001"]),
        ("nomer laporan kulo 8112829 dereng dibales", ["8112829"]),
        ("laporan abdi no 8112829 can diwaler", ["8112829"]),
        ("sesuai no laporan 9165816 yg lalu", ["9165816"]),
        ("NOMOR PENGADUAN: 9165816", ["9165816"]),
        ("Laporan saya sebelumnya dengan nomor 9165816", ["9165816"]),
        ("laporan bernomor 22005", ["22005"]),
        ("kode laporan 123456789012", ["123456789012"]),
        ("laporan 9165816 ditutup padahal belum selesai", ["9165816"]),
        ("ID Laporan 9165816#", ["9165816"]),
        ("laporan #22005", ["22005"]),
        ("laporan gue 10039939 dari maret", ["10039939"]),
        ("laporan kmrn no 9165816", ["9165816"]),
        ("laporanku 9165816 kok selesai", ["9165816"]),
        ("laporan kami yg dulu 8112829", ["8112829"]),
    ],
)
def test_an_id_of_the_ledger_behind_words_that_say_so_is_a_follow_up(text: str, found: list[str]) -> None:
    assert ids(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "9165816",
        "saya lapor ke 1708",
        "laporan no 12",
        "hubungi 081200001234",
        "lapor no 6281200001234",
        "lapor nomor 81200001234",
        "no laporan 0812000012",
        "NIK 3502170101900001",
        "no laporan 3502170101900001",
        "laporan dana 500000000 tidak jelas",
        "laporan 50000000 rupiah",
        "laporan 1000000 warga",
        "laporan no 1.500.000",
        "laporan keuangan 1500000,00",
        "laporan polisi nomor 123456",
        "Laporan Polisi no LP/12345/2026",
        "laporan no 12345/2026",
        "no pelanggan 512345678",
        "no rekening 1234567890",
        "laporan tanggal 20261122",
        "blok #12345",
        "#Lapor1708 jalan rusak",
        "#2019ganti",
        "kode pos 63411",
        "laporan9165816",
    ],
)
def test_other_numbers_are_no_ids(text: str) -> None:
    assert ids(text) == []


def test_a_telephone_number_that_happens_to_have_the_right_check_symbol_is_no_code() -> None:
    fitting = [number for n in range(10_000) if read_quietly(number := f"0812-0000-{n:04d}")]
    assert fitting
    assert [quoted(f"hubungi {number}", OWN) for number in fitting] == [()] * len(fitting)


def read_quietly(number: str) -> bool:
    try:
        return bool(read(number))
    except BadReference:
        return False


def test_a_list_is_cut() -> None:
    codes = [write(mint(b"k" * 32, "test", str(n))) for n in range(30)]
    assert len(quoted("\n".join(codes), "")) == MOST
    assert ids("laporan no " + ", ".join(str(8000000 + n) for n in range(30))) == [str(8000000 + n) for n in range(MOST)]
    both = quoted("\n".join(codes[:9]) + " laporan no 8112829, 8588371", "")
    assert (len(both), both[-1].id) == (MOST, "8112829")


def test_a_text_made_to_be_slow_is_looked_at_for_so_long_and_no_longer() -> None:
    for piece in ("laporan no ", "1" * 12 + " ", "#" * 40, "9" * 200, "8112829, ", "a-b-c-", "laporan 8112829 rupiah dan "):
        assert len(quoted(piece * (100_000 // len(piece)), OWN)) <= MOST


@given(st.text(alphabet=st.sampled_from("#0123456789 ,.-/laporandniomhk\n"), max_size=300))
def test_whatever_is_found_stands_in_the_text(text: str) -> None:
    for link in quoted(text, OWN):
        assert link.id in text
        assert 5 <= len(link.id) <= 12
        assert not link.id.startswith("0")


@given(st.text(max_size=400))
def test_any_text_can_be_searched(text: str) -> None:
    assert len(quoted(text, OWN)) <= MOST
