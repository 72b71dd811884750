"""What would help a complaint that cannot be worked on as it is."""

from __future__ import annotations

import pytest

from channels.base import Enclosure
from tests.normalizer.reading_rules import record

LETTER = (Enclosure(name="surat.pdf", media_type="application/pdf", size=1000),)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", "text"),
        ("Assalamualaikum", "text"),
        ("jalan", "text"),
        ("#Lapor1708", "text"),
        ("sesuai isi surat", "text"),
        ("Mohon ditindaklanjuti sesuai lampiran", "text"),
        ("sampah menumpuk tidak diangkut, bau sekali", "place"),
        ("lampu jalan mati sudah seminggu", "place"),
        ("dalane rusak durung didandani", "place"),
        ("lampu mati di jl mawar 3", ""),
        ("jalan rusak rt 04 rw 02", ""),
        ("sampah menumpuk di desa Sukamaju", ""),
        ("banjir di Condet, arus deras", ""),
        ("macet tiap sore di Malioboro", ""),
        ("big hole near Beachwalk", ""),
        ("sampah menumpuk di Puskesmas", "place"),
        ("sampah menumpuk di Januari", "place"),
        ("Sampah Menumpuk Di Tempatnya", "place"),
        ("SAMPAH MENUMPUK DI MALIOBORO", "place"),
        ("mau tanya syarat membuat KTP?", ""),
        ("usul dibuat taman bermain anak", ""),
        ("gaji saya tidak dibayar perusahaan tiga bulan", ""),
        ("tes", ""),
        ("SLOT GACOR maxwin, bonus new member, daftar sekarang", ""),
    ],
)
def test_what_is_missing_is_named(text: str, asked: str) -> None:
    found = record(text)
    assert found.ask == asked
    assert ("needs_clarification" in found.flags) == bool(asked)


def test_a_letter_that_came_needs_no_words() -> None:
    assert record("sesuai isi surat", attachments=LETTER).ask == ""
    assert record("Pengaduan. Mohon ditindaklanjuti sesuai surat terlampir", attachments=LETTER).ask == ""
    assert record("lampu jalan mati sudah seminggu", attachments=LETTER).ask == "place"


def test_a_place_that_was_given_is_a_place() -> None:
    assert record("lampu jalan mati sudah seminggu", fields={"location": "Jalan Melati 5"}).ask == ""
