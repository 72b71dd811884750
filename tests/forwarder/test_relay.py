"""What people paste, and what a ledger of words alone is told."""

from __future__ import annotations

from datetime import date

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from forwarder.relay import WIB, relay
from normalizer.complaint import AttachmentNote, Candidate, Inferred, Location
from tests.forwarder.records import complaint, reference


def test_a_bare_complaint_is_its_words_when_it_came_and_its_code() -> None:
    assert relay(complaint(3), WIB) == (f"jalan rusak di depan pasar\n\nDiterima: 01-11-2026 09:03\nKode laporan: {reference(3)}")


def test_all_that_the_record_knows_stands_below_the_words_and_no_name() -> None:
    place = Location(
        text="depan pasar,\nRT 2",
        code="35.02.17",
        candidates=(
            Candidate(code="35.02.17", name="Ponorogo, Kabupaten Ponorogo", levels=("kecamatan", "kabupaten"), evidence="kecamatan"),
        ),
    )
    whole = msgspec.structs.replace(
        complaint(1),
        location=Inferred(value=place),
        incident_date=Inferred(value=date(2026, 10, 31), provenance="assumed"),
        classification=Inferred(value="permintaan_informasi"),
        category=Inferred(value="PERHUBUNGAN"),
        agency=Inferred(value="Dinas Perhubungan"),
        attachments=(AttachmentNote(name="foto.jpg", media_type="image/jpeg", size=1),),
    )
    assert relay(whole, WIB).splitlines() == [
        "jalan rusak di depan pasar",
        "",
        "Lokasi kejadian: Ponorogo, Kabupaten Ponorogo (35.02.17) | depan pasar, RT 2",
        "Tanggal kejadian: 31-10-2026 (perkiraan)",
        "Klasifikasi: Permintaan Informasi",
        "Kategori: PERHUBUNGAN",
        "Instansi tujuan: Dinas Perhubungan",
        "Lampiran: foto.jpg",
        "Diterima: 01-11-2026 09:03",
        f"Kode laporan: {reference(1)}",
    ]
    assert whole.reporter.address not in relay(whole, WIB)


@given(st.text())
def test_any_text_is_relayed_verbatim_but_for_what_no_form_can_carry(text: str) -> None:
    block = relay(complaint(0, text), WIB)
    shown = block.split("\n\nDiterima: ")[0] if text.strip() else ""
    assert len(shown) == len(text.strip())
    assert all(sign in (kept, "\ufffd") for kept, sign in zip(text.strip(), shown, strict=True))
    assert block.endswith(f"Kode laporan: {reference(0)}")
    block.encode()
