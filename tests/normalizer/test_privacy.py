"""Who may see a complaint: what was chosen, what the words ask, what they tell."""

from __future__ import annotations

import msgspec
import pytest

from channels.base import Enclosure
from normalizer.privacy import nameless, restricted
from tests.normalizer.reading_rules import record


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("RAHASIA. pak lurah jarang masuk", "rahasia"),
        ("jalan rusak di dusun krajan (rahasia)", "rahasia"),
        ("tetangga jual miras tiap malam #rahasia", "rahasia"),
        ("mohon dirahasiakan, ada judi sabung ayam di belakang pasar", "rahasia"),
        ("rahasiakan identitas saya ya pak, tambang liar di bukit", "rahasia"),
        ("jangan sebut nama saya, bidan desa jarang di tempat", "rahasia"),
        ("ulah nyebut nami abdi, aya nu ngajual arak", "rahasia"),
        ("ojo nganti ngerti wong kono nek aku sing lapor", "rahasia"),
        ("Please keep this confidential, the factory dumps waste", "rahasia"),
        # what stands before and behind a wish does not take it back
        ("got mampet di desa, mohon dirahasiakan", "rahasia"),
        ("sampah di depan kantor desa kami, rahasiakan identitas saya", "rahasia"),
        ("mohon dirahasiakan dari pihak sekolah, parkirnya semrawut", "rahasia"),
        ("jangan beritahu pihak RT, sampah dibakar", "rahasia"),
        ("lampu mati, sudah ada data. RAHASIA", "rahasia"),
        ("gak usah sebut nama sy, parkir liar", "rahasia"),
        ("saya ga mau nama saya keluar, kos sebelah berisik", "rahasia"),
        ("tolong jaga identitas saya, penginapan liar", "rahasia"),
        ("nama pelapor mohon disamarkan, jalan berlubang", "rahasia"),
        ("jangan sampai tetangga tau kalo saya yg lapor, sampah dibakar", "rahasia"),
        ("cukup inisial saja, lampu mati", "rahasia"),
        ("nama saya cukup admin saja yg tau, parkir liar", "rahasia"),
        ("mhn tdk menyebutkan identitas pelapor, galian kabel", "rahasia"),
        ("asmo kulo sampun ngantos dipun mangertosi tiyang, margi risak", "rahasia"),
        ("sing penting ulah aya nu apal abdi nu ngalaporkeun, jalan butut", "rahasia"),
        ("My name should not appear anywhere, potholes", "rahasia"),
        ("saya gak mau ribut, tolong anonimkan laporan ini, musik keras", "anonim"),
        ("jenengku ojo diumbar, tanggane ngobong sampah", "rahasia"),
        ("nyuwun tulung asmane kulo dirahasiakaken, margi risak", "rahasia"),
        ("entong disebut nami kuring, lampu pareum", "rahasia"),
        ("identitas abdi mugi dijaga, cai teu ngocor", "rahasia"),
        ("I don't want my name published, potholes everywhere", "rahasia"),
        ("Please do not reveal my name, the drain is clogged", "rahasia"),
        ("ANONIM lampu jalan mati di gang 3", "anonim"),
        ("lampu jalan mati di gang 3. anonim", "anonim"),
        ("#anonim guru sering bolos", "anonim"),
        ("Please keep me anonymous, trucks carry logs at night", "anonim"),
        ("jangan sampai bocor ke pak RT, sampah dibakar", "rahasia"),
        ("laporan ini rhs ya, parkir liar", "rahasia"),
        ("gausah cantumin nama sy, lampu mati", "rahasia"),
        ("nama nya jgn disebutin, kos berisik", "rahasia"),
        ("jgn blg2 ke tetangga ya, got mampet", "rahasia"),
        ("jgn smp ktauan ya, musik keras", "rahasia"),
        ("jgn d sebut nama sy, sampah", "rahasia"),
        ("sy tdk ingin dikenal, sampah di kali", "rahasia"),
        ("takut kena imbas kalo ketahuan, pohon miring", "rahasia"),
        ("takut diteror kalau ketahuan melapor, pohon miring", "rahasia"),
        ("mohon pengertiannya agar nama kami tidak bocor, got mampet", "rahasia"),
        ("asal nama saya aman, got mampet", "rahasia"),
        ("ojo kandha karo sopo2 yo pak, got mampet", "rahasia"),
        ("kulo ajrih menawi konangan, lampu pejah", "rahasia"),
        ("jenengku singidno wae, dalane rusak", "rahasia"),
        ("ulah bebeja ka pa kades, jalan butut", "rahasia"),
        ("sieun kanyahoan ku tatangga, runtah numpuk", "rahasia"),
        ("ngaran kuring tong ditulis, cai teu ngocor", "rahasia"),
        ("don't let my landlord know it was me, the drain is clogged", "rahasia"),
        ("i am afraid the owner will find out, the drain is clogged", "rahasia"),
        ("please leave my name out of it, potholes", "rahasia"),
        ("sy lapor anon, parkir liar", "anonim"),
        # who asks for both is shown to nobody
        ("ANONIM RAHASIA ada tambang liar", "rahasia"),
        ("#Lapor1708 RAHASIA ada tambang liar", "rahasia"),
    ],
)
def test_what_is_asked_for_is_kept(text: str, kept: str) -> None:
    found = record(text)
    assert found.privacy == kept
    assert found.privacy_rule not in {"", "field"}


@pytest.mark.parametrize(
    "text",
    [
        "rahasia negara bocor di internet, usut",
        "sudah jadi rahasia umum jalan itu gelap",
        "saya dapat surat anonim berisi ancaman",
        "ada telepon anonim tiap malam mengganggu",
        "fitur anonim di aplikasi tidak bisa dipilih",
        "tidak usah dirahasiakan, jalan berlubang",
        "desa selalu merahasiakan jadwal posyandu",
        "jalan sampun ngantos 3 wulan risak",
        "jangan dikasih tahun depan, jalan sudah rusak sekarang",
        "silakan cantumkan nama saya, jalan berlubang",
        "nama saya tidak keluar di pengumuman PPDB",
        "petugas tidak mau menyebut nama saat menagih",
        "nama jalan tidak disebut di papan, mohon dipasang",
        "my name is not published on the list of graduates",
        "lampu jalan mati",
        "jangan rahasiakan jadwal pemadaman, warga perlu tahu",
        "nama saya jangan dicoret dari daftar",
        "jangan lupa nama saya dimasukkan ke daftar",
        "saya tidak mau tau, besok harus nyala",
        "jangan bilang 2 minggu lagi",
        "parkir liar jadi masalah, laporan kami tidak ditanggapi",
        "atap pasar bocor ke kios, jangan didiamkan",
        "takut pohon itu tumbang, makanya saya lapor",
        "it was me who called last week, the lamp is not fixed",
        "my number is not registered at the clinic",
        "ulah aya runtah deui di dieu",
    ],
)
def test_a_secret_that_is_told_about_is_no_wish(text: str) -> None:
    found = record(text)
    assert (found.privacy, found.privacy_rule) == ("terbuka", "")


@pytest.mark.parametrize(
    "text",
    [
        "asma kula Paidi, lampu pejah",
        "agar identitas anak saya muncul di sistem, mohon diperbaiki",
        "identitas pelaku dilindungi pemilik kos",
        "saya yang lapor kemarin, jangan lama2 dong",
        "siapa yang mau lapor jangan takut",
        "jangan sampai anak sekolah tidak tahu bahaya jalan ini",
        "ojo nganti dalane ambrol",
    ],
)
def test_no_words_make_a_wish_of_what_may_only_resemble_one(text: str) -> None:
    """To have too few readers is a small harm, to have one's name told is not."""
    assert record(text).privacy_rule in {"", "mirip-minta-rahasia"}


@pytest.mark.parametrize("text", ["silakan sebut nama saya, saya siap jadi saksi", "silakan tulis nama saya besar besar, trotoar rusak"])
def test_who_wants_to_be_named_is(text: str) -> None:
    assert record(text).privacy == "terbuka"


def test_the_subject_of_a_mail_may_ask() -> None:
    assert record("Kepala pasar jarang hadir.", subject="RAHASIA: pasar").privacy == "rahasia"


def test_an_abuse_of_office_is_confidential_unless_its_sender_chose_otherwise() -> None:
    text = "kades korupsi dana desa 200 juta"
    suggested = record(text)
    assert (suggested.privacy, suggested.privacy_rule) == ("rahasia", suggested.oversight.rule)
    for chosen in ("terbuka", "anonim", "rahasia"):
        found = record(text, fields={"privacy": chosen})
        assert (found.privacy, found.privacy_rule) == (chosen, "field")
    assert record(f"ANONIM. {text}").privacy == "anonim"


@pytest.mark.parametrize(
    ("text", "privacy", "unnamed"),
    [
        ("ANONIM RAHASIA ada tambang liar", "rahasia", True),
        ("Lampu mati. Mohon tanpa menyebut nama saya, laporan anonim", "rahasia", True),
        ("Saya anonim saja pak, takut ketahuan, got mampet", "rahasia", True),
        ("mohon tetap anonim, lampu mati", "anonim", True),
        ("mohon dirahasiakan, lampu mati", "rahasia", False),
        ("kades korupsi dana desa 200 juta", "rahasia", False),
        ("lampu mati", "terbuka", False),
    ],
)
def test_who_asks_for_no_name_has_none_also_where_secrecy_is_asked_for_besides(text: str, privacy: str, unnamed: bool) -> None:
    found = record(text)
    assert (found.privacy, found.anonymous, nameless(found)) == (privacy, unnamed, unnamed)


def test_what_is_chosen_in_a_form_is_all_that_is_asked() -> None:
    assert not record("Saya anonim saja pak", fields={"privacy": "rahasia"}).anonymous
    assert record("lampu mati", fields={"privacy": "anonim"}).anonymous


def test_few_eyes_see_what_was_asked_for_or_told_from_inside() -> None:
    plain = record("lampu jalan mati")
    assert not restricted(plain)
    assert restricted(msgspec.structs.replace(plain, privacy="anonim"))
    assert restricted(msgspec.structs.replace(plain, privacy="rahasia"))
    assert restricted(msgspec.structs.replace(plain, flags=("whistleblowing",)))


def test_no_file_names_who_asked_for_no_name() -> None:
    files = tuple(Enclosure(name=name, media_type="image/jpeg", size=1) for name in ("KTP Warga Contoh.JPG", "Warga.Contoh", ".Warga"))
    named = [note.name for note in record("ANONIM lampu jalan mati", attachments=files).attachments]
    assert named == ["lampiran-1.jpg", "lampiran-2", "lampiran-3"]
    assert [note.name for note in record("ANONIM RAHASIA lampu jalan mati", attachments=files).attachments] == named
    for text in ("lampu jalan mati", "RAHASIA lampu jalan mati"):
        assert [note.name for note in record(text, attachments=files).attachments] == [file.name for file in files]
