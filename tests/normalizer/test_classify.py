"""Class, oversight, subject and agency: what is said where something speaks, and nothing where nothing does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.normalizer.reading_rules import record, rules

ROADS = "PEKERJAAN UMUM DAN PENATAAN RUANG"
TRAFFIC = "PERHUBUNGAN"
POWER = "ENERGI DAN SUMBER DAYA ALAM"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Jalan depan pasar rusak parah, mohon segera diperbaiki", "pengaduan"),
        ("dalane bolong, durung didandani", "pengaduan"),
        ("lampu pareum tos sabulan", "pengaduan"),
        ("the road is broken and nobody fixes it", "pengaduan"),
        # a subject alone is a complaint, probably
        ("PJU gang mawar 3", "pengaduan"),
        ("mau tanya syarat membuat akta kelahiran apa saja ya?", "permintaan_informasi"),
        ("bade naros, kumaha cara ngadamel KTP?", "permintaan_informasi"),
        ("How do I renew my family card?", "permintaan_informasi"),
        ("Usul, sebaiknya ada taman bermain di setiap kelurahan", "aspirasi"),
        ("saran: hukuman korupsi diperberat biar jera", "aspirasi"),
        ("Terima kasih kepada petugas kebersihan, sangat membantu", None),
        ("hmm", None),
    ],
)
def test_the_class_is_what_the_words_speak_for(text: str, said: str | None) -> None:
    found = record(text).classification
    assert found.value == said
    assert (found.rule != "") == (said is not None)


@pytest.mark.parametrize(
    "text",
    [
        "kades korupsi dana desa 200 juta",
        "oknum polisi minta 200rb di pos tanpa surat tilang",
        "lurahe njaluk duit nek arep njaluk tandha tangan",
        "kuwu menta artos ka warga pikeun ngurus surat",
        "The village head asked for money to sign my letter",
        "bikin SIM kalau ga nyogok pasti gagal",
        "BLT dipotong 100 ribu oleh perangkat desa",
        "kepala sekolah jual kursi ppdb 3 juta",
        "bantuan sapi dijual oleh ketua kelompok",
        "camat mengarahkan warga memilih calon nomor 2",
        "tanda tangan warga dipalsukan kades untuk mencairkan dana",
        "proyek talud dikerjakan adiknya pak camat, nepotisme",
    ],
)
def test_an_abuse_of_office_is_seen_in_whatever_words(text: str) -> None:
    found = record(text)
    assert found.oversight.value == "berkadar"
    assert found.oversight.rule


@pytest.mark.parametrize(
    "text",
    [
        "Pelayanan cepat dan tidak ada pungli, hebat",
        "ini bukan pungli tapi iuran warga yang disepakati",
        "Spanduk Hari Anti Korupsi roboh menutupi trotoar",
        "apakah korupsi bisa dilaporkan di sini?",
        "kemana melapor kalau ada pungli?",
        "mahasiswa KKN butuh posko",
        "Stop korupsi!",
        "min beda pungli sama gratifikasi apa ya",
        "tugu anti korupsi kusam dan lampunya mati",
        "petugas PDAM minta bayar tagihan 300 ribu",
        "anak saya disuapi susah makan",
    ],
)
def test_who_denies_asks_or_paints_a_slogan_accuses_nobody(text: str) -> None:
    assert record(text).oversight.value != "berkadar"


def test_only_complaints_are_watched() -> None:
    assert record("lampu jalan mati di gang mawar").oversight.value == "tidak_berkadar"
    assert record("mau tanya jam buka kantor kelurahan?").oversight.value is None
    assert record("usul ditambah taman kota").oversight.value is None


def test_an_abuse_of_office_counts_under_whatever_tab() -> None:
    found = record("kades korupsi dana desa", fields={"classification": "aspirasi"})
    assert (found.classification.value, found.classification.provenance) == ("aspirasi", "given")
    assert found.oversight.value == "berkadar"


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("jalan desa rusak berlubang", ROADS),
        ("lampu penerangan jalan mati total", TRAFFIC),
        ("listrik padam terus setiap malam, PLN gimana", POWER),
        ("air PDAM tidak mengalir sudah seminggu", POWER),
        ("sampah menumpuk di pinggir kali, bau", "LINGKUNGAN HIDUP DAN KEHUTANAN"),
        ("e-KTP saya belum jadi dari dukcapil", "KEPENDUDUKAN"),
        ("antrian di puskesmas lama sekali, dokternya tidak ada", "KESEHATAN"),
        ("bansos PKH ibu saya tidak cair", "SOSIAL DAN KESEJAHTERAAN"),
        ("gaji dan lembur tidak dibayar perusahaan", "KETENAGAKERJAAN"),
        ("menu MBG di sekolah basi", "PROGRAM MAKAN BERGIZI GRATIS (MBG)"),
        ("pupuk subsidi langka, petani menjerit", "PERTANIAN DAN PETERNAKAN"),
        ("anjing liar menggigit warga di kampung kami", "EVAKUASI HEWAN LIAR"),
        ("mohon blokir situs judi online", "TEKNOLOGI INFORMASI DAN KOMUNIKASI"),
        # of two, the one that is named first
        ("jalan berlubang membuat angkot sering mogok", ROADS),
        ("begitulah", None),
    ],
)
def test_the_subject_is_one_of_the_ledgers_names_or_none(text: str, subject: str | None) -> None:
    assert record(text).category.value == subject


def test_an_agency_is_a_hint_unless_somebody_named_it() -> None:
    hint = record("listrik padam terus, PLN gimana").agency
    assert hint.value == "PT PLN (Persero)"
    assert hint.provenance == "derived"
    assert hint.confidence < 0.5
    by_subject = record("gaji dan lembur tidak dibayar perusahaan").agency
    assert by_subject.value == "Dinas Tenaga Kerja"
    named = record("listrik padam terus, PLN gimana", fields={"agency": "Dinas ESDM"}).agency
    assert (named.value, named.provenance) == ("Dinas ESDM", "given")


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("listrik di rumah saya sering padam", "PT PLN (Persero)"),
        ("gas melon langka di pasar", "PT Pertamina (Persero)"),
        ("rumah kami banjir sudah 5 hari", "Badan Penanggulangan Bencana Daerah"),
        ("banjir tiap hujan, got tidak pernah dikeruk", "Dinas Pekerjaan Umum"),
        ("sertifikat tanah saya 3 tahun belum jadi di BPN", "Kementerian Agraria dan Tata Ruang/Badan Pertanahan Nasional"),
        ("saldo JHT BPJS Ketenagakerjaan tidak bisa dicairkan", "BPJS Ketenagakerjaan"),
        ("kartu BPJS ketenagakerjaan saya tidak bisa dicairkan", "BPJS Ketenagakerjaan"),
        ("tiket kereta tidak bisa direfund", "Kementerian Perhubungan"),
        ("trotoar penuh pkl", "Satuan Polisi Pamong Praja"),
        ("pinjol ilegal menagih terus", "Otoritas Jasa Keuangan"),
        # abuse of office stays with those who watch over it, whatever it is about
        ("PTSL di desa kami ditarik 1,5 juta per bidang, sertifikat ditahan pak kades", "Inspektorat"),
        ("jadi honorer satpol pp bayar 35jt lewat pak kabid", "Inspektorat"),
    ],
)
def test_the_hint_names_who_is_in_charge_and_not_only_of_the_category(text: str, unit: str) -> None:
    assert record(text).agency.value == unit


def test_a_hospital_that_only_marks_the_spot_is_no_subject() -> None:
    assert record("lampu jalan mati di depan RSUD").category.value == TRAFFIC


def test_what_was_given_wins() -> None:
    found = record("lampu jalan mati", fields={"classification": "aspirasi", "category": "Infrastruktur"})
    assert (found.classification.value, found.category.value) == ("aspirasi", "Infrastruktur")
    assert found.classification.provenance == found.category.provenance == "given"


def test_the_subject_of_a_mail_is_read_too() -> None:
    assert record("Terlampir kronologinya.", subject="Dugaan korupsi dana desa").oversight.value == "berkadar"


HEAP = "kades minta uang tidak ada korupsi kebakaran jenggot lampu mati jalan rusak apakah ? anonim # ( )"
WORDS = st.lists(st.sampled_from(HEAP.split()))


@given(st.one_of(st.text(), WORDS.map(" ".join)))
def test_any_text_is_read_twice_in_the_same_way(text: str) -> None:
    first, again = record(text), record(text)
    assert first == again
    assert first.text == again.text
    names = {clause.name for clause in rules().rulebook.clauses}
    for found in (first.classification, first.oversight, first.category, first.agency):
        assert (found.value is None) == (found.rule == "")
        assert found.rule in names | {""}
        assert 0 <= found.confidence <= 1
