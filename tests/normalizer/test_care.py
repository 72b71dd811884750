"""Danger, insults, advertisements and trials; and what only looks like them."""

from __future__ import annotations

import pytest

from tests.normalizer.reading_rules import record


@pytest.mark.parametrize(
    "text",
    [
        "KEBAKARAN di gang 5, pemadam belum datang",
        "kobongan pak, omah mburi pasar",
        "aya kahuruan di kampung abdi",
        "fire in the market, please send help",
        "kecelakaan beruntun, korban banyak",
        "saya dipukuli suami tiap malam",
        "bojone digebugi terus saben bengi",
        "ayah saya memukul ibu tadi malam",
        "saya ingin mati saja, capek hidup",
        "I want to die",
        "anak tenggelam di kolam barusan",
        "longsor menimpa rumah warga, ada yang tertimbun",
        "dibegal di jalan lingkar, motor dibawa kabur",
        "ibu saya pingsan, butuh ambulans",
        "banjir bandang, kami terjebak di atap",
        "ada bom di depan gereja",
    ],
)
def test_a_danger_is_seen(text: str) -> None:
    assert "emergency" in record(text).flags


@pytest.mark.parametrize(
    "text",
    [
        "pejabat kebakaran jenggot dikritik warga",
        "hati terbakar cemburu lihat tetangga dapat bansos",
        "mati lampu terus di komplek kami",
        "minta fogging, banyak nyamuk dibunuh satu datang seribu",
        "tahun lalu ada kecelakaan di tikungan ini, mohon dipasang rambu",
        "jalan ini rawan kecelakaan",
        "mohon hydrant dan alat pemadam kebakaran di pasar",
        "gaji segini namanya pembunuhan pelan pelan",
        "sosialisasi pencegahan bunuh diri di sekolah kapan?",
        "anak saya tenggelam dalam tugas sekolah",
        "jembatan darurat sudah lapuk",
        "rawan begal karena lampu jalan mati",
        "kecelakaan bisa terjadi kalau dibiarkan",
    ],
)
def test_a_figure_of_speech_a_fear_and_last_year_are_no_danger(text: str) -> None:
    assert "emergency" not in record(text).flags


@pytest.mark.parametrize(
    "text",
    ["dasar anjing pejabat semua", "bangsat jalan rusak dibiarkan", "lurahe goblok", "anjing, listrik padam lagi", "this is bullshit"],
)
def test_an_insult_is_flagged(text: str) -> None:
    assert "abusive" in record(text).flags


@pytest.mark.parametrize(
    "text",
    [
        "anjing liar menggigit warga",
        "monyet turun dari hutan merusak kebun",
        "kandang babi tetangga bau sekali",
        "asu galak nyokot bocah",
        "anjing saya mati setelah divaksin petugas",
        "bangkai babi dibuang ke sungai",
    ],
)
def test_an_animal_is_an_animal(text: str) -> None:
    assert "abusive" not in record(text).flags


@pytest.mark.parametrize(
    "text",
    [
        "SLOT GACOR maxwin hari ini, bonus new member, daftar sekarang",
        "Dana cepat cair tanpa jaminan, bunga ringan, hubungi WA admin",
        "SELAMAT! Nomor anda terpilih sebagai pemenang undian, klaim hadiah di sini",
        "Jual obat herbal original, diskon 50%, pesan sekarang",
    ],
)
def test_an_advertisement_is_suspected_and_has_no_subject(text: str) -> None:
    found = record(text)
    assert "spam_suspect" in found.flags
    assert (found.classification.value, found.category.value, found.ask) == (None, None, "")


@pytest.mark.parametrize(
    "text",
    [
        "Mohon blokir situs judi online, suami saya kecanduan slot",
        "Tetangga saya tertipu pinjaman online cepat cair, tolong ditindak",
        "iklan slot gacor di videotron alun-alun meresahkan",
        "toko itu jual obat kuat ilegal dekat sekolah",
    ],
)
def test_a_complaint_about_gambling_or_fraud_is_no_advertisement(text: str) -> None:
    assert "spam_suspect" not in record(text).flags


@pytest.mark.parametrize("text", ["tes", "test 123", "coba", "Dummy laporan jalan", "ini hanya tes, mohon abaikan", "just a test"])
def test_a_trial_is_a_trial(text: str) -> None:
    assert "test" in record(text).flags


@pytest.mark.parametrize("text", ["tes CPNS curang", "hasil tes swab saya belum keluar dari puskesmas", "coba perbaiki jalan kami pak"])
def test_who_tests_something_else_complains(text: str) -> None:
    assert "test" not in record(text).flags


def test_who_tells_from_inside_is_a_whistleblower() -> None:
    assert "whistleblowing" in record("Saya bendahara di dinas, kepala dinas menyuruh membuat kwitansi fiktif").flags
    assert "whistleblowing" not in record("kades korupsi dana desa").flags


def test_flags_of_the_channel_stay_first_and_stand_once() -> None:
    found = record("KEBAKARAN di pasar", flags=("incomplete_sms", "emergency"))
    assert found.flags[:2] == ("incomplete_sms", "emergency")
    assert len(set(found.flags)) == len(found.flags)
