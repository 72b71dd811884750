"""What ledgers' words mean: LAPOR!'s, regional systems', Open311's, and an operator's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder.states import LEDGER_STATES, SHIPPED, States


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Diverifikasi", "verified"),
        ("Terdisposisi ke Pemerintah Kota Bandung", "forwarded"),
        ("Ditindaklanjuti oleh Instansi", "answered"),
        ("Ditanggapi oleh Pelapor", "in_progress"),
        ("Ditanggapi", "answered"),
        ("Selesai otomatis dalam 10 hari", "closed"),
        ("SELESAI.", "closed"),
        ("Selesai Penanganan", "answered"),
        ("selesai diverifikasi", "verified"),
        ("Proses OPD Terkait", "in_progress"),
        ("sedang diproses", "in_progress"),
        ("Dalam proses", "in_progress"),
        ("Butuh tanggapan pelapor", "needs_reply"),
        ("Bukan Wewenang", "rejected"),
        ("dialihkan ke Kementerian PU", "moved"),
        ("Terarsipkan", "closed"),
        ("open", "registered"),
        ("closed", "closed"),
        ("in_progress", "in_progress"),
        # an end is not read into what only begins like one
        ("selesai tahap pertama", "other"),
        ("belum selesai", "other"),
        ("belum diverifikasi", "other"),
        ("tidak ditolak", "other"),
        ("A2 Tunda", "other"),
        ("", "other"),
        ("…", "other"),
        ("sudah", "other"),
    ],
)
def test_a_ledgers_word_has_one_meaning(status: str, state: str) -> None:
    assert States({}).of(status) == state


def test_an_operator_explains_words_and_explains_them_better() -> None:
    states = States({"A2 Tunda": "needs_reply", "Terarsipkan": "rejected", "menunggu-SK": "in_progress"})
    assert [states.of(word) for word in ("a2 tunda", "terarsipkan oleh admin", "Menunggu SK", "selesai")] == [
        "needs_reply", "rejected", "in_progress", "closed",
    ]  # fmt: skip


@pytest.mark.parametrize("own", [{"selesai": "finished"}, {"…": "closed"}])
def test_an_operator_is_told_what_cannot_be_meant(own: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"^(expected one of registered, verified, .*, other|a word of the ledger's)"):
        States(own)


def test_no_shipped_word_has_two_meanings() -> None:
    words = [word for meanings in SHIPPED.values() for word in meanings]
    assert len(words) == len(set(words))
    assert all(States({}).of(word) == state for state, meanings in SHIPPED.items() for word in meanings)


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    assert States({}).of(text) in LEDGER_STATES
