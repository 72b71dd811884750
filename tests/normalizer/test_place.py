"""Where it happened: said with its evidence, and settled only when two levels agree."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import InboundMessage
from gateway.wordlists import regions, shipped
from normalizer import keyword, place
from normalizer.complaint import Inferred, Location
from normalizer.place_spelling import alike
from normalizer.reading import read
from normalizer.regions import number
from normalizer.rules import Keyword, Rules

REGIONS = regions()
ABBREVIATIONS, _ = shipped()
RULES = Rules(
    regions=REGIONS,
    abbreviations=ABBREVIATIONS,
    keywords={"TANGKAB": Keyword(region="36.03", place="Kabupaten Tangerang"), "WARGA": Keyword(region="36", place="Banten", marked=True)},
)
NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)


def told(text: str, subject: str = "", **fields: str) -> Inferred[Location]:
    message = InboundMessage(channel="a", source_id="1", sender="", text=text, subject=subject, received_at=NOON, fields=fields)
    return place.location(message, read(text, ABBREVIATIONS), keyword.read(text, RULES.keywords), RULES)


def where(text: str, **fields: str) -> Location:
    return told(text, **fields).value or Location()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tanggul di utara jembatan dk gumelem ds bogangin kc sumberejo segera di perbaiki", "35.22.12.2024"),
        ("RT5RW7Kel.LeuwigajahKecCimahi Selatan", "32.77.01.1004"),
        ("Kel. Kertajaya Kec. Gubeng Surabaya listrik padam", "35.78.08.1004"),
        ("desa Sukamaju kec Cibungbulang kab bogor", "32.01.16.2013"),
        ("desa Suka Maju kec Cibungbulang", "32.01.16.2013"),
        ("Jl. Raya Bogor KM 23, Cimanggis, Depok berlubang", "32.76.02"),
        ("jalan berlubang di Babadan Ponorogo", "35.02.16"),
        ("Kec. Bandung, Kab. Serang", "36.04.34"),
        ("jalan kecamatan Bandung kabupaten Serang, jangan dikira Bandung jawa barat", "36.04.34"),
        ("sampah menumpuk kec. Coblong Bandung", "32.73.02"),
        ("Yth Bupati Ponorogo, jalan desa Paju rusak", "35.02.17.1001"),
        ("Kec. Ponorogo, Ponorogo", "35.02.17"),
        ("Trotoar jalan Bandung kec Klojen Malang", "35.73.02"),
        ("jl Solo Jogja Prambanan Klaten berlubang", "33.10.01"),
        ("jalan Kalasan Sleman rusak", "34.04.10"),
        ("di gemah pedurungan semarang banjir", "33.74.06.1007"),
        ("jukir liar di Genteng Surabaya", "35.78.07"),
        ("rob di pekalongan utara kota pekalongan", "33.75.03"),
        ("sampah wonten Wedomartani Ngemplak", "34.04.11.2004"),
        ("kecbabadan kab ponorogo lampu mati", "35.02.16"),
        ("Kec. Babadn Kab. Ponorogo", "35.02.16"),
        ("Lokasi Kejadian Kabupaten Kediri | Pare | Pelem | depan pasar", "35.06.17.2007"),
        ("Kp. Melayu Jaktim banjir", "31.75.03.1001"),
        ("Gondokusuman, Jogja banjir", "34.71.03"),
        ("Kabupaten Ponorogo, Jawa Timur", "35.02"),
        ("warung Padang di Kec. Babadan Ponorogo buka sampai malam", "35.02.16"),
        ("Dinas PU Provinsi Jawa Barat, jalan di Kabupaten Garut rusak", "32.05"),
        ("TANGKAB jalan rusak di kec. Curug", "36.03.17"),
        ("DI KEC. BABADAN KAB. PONOROGO LAMPU MATI", "35.02.16"),
    ],
)
def test_two_levels_that_agree_settle_the_code(text: str, code: str) -> None:
    assert where(text).code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Lampu penerangan mati,d jl raya senggreng rt 04 rw 02",
        "mbk lek mlm puskesmas driyo masih buka ta",
        "Jalan Surabaya rusak",
        "Gang Bandung banjir",
        "warung Padang di pinggir jalan",
        "sate Madura",
        "bus jurusan Solo ugal-ugalan",
        "orang Jawa",
        "Bank Jakarta",
        "RS Cipto",
        "jalan dari Malang ke Batu macet",
        "Pak Camat Sumberejo tolong",
        "Kota Bandung macet",
        "Bandung macet",
        "desa Sukamaju banjir",
        "kec Sukorejo",
        "jogja macet, jogja panas",
        "pasar baru becek, maju terus, damai dan makmur, harapan warga melayu",
        "nasib malang di tengah pasar",
        "Kecamatan Gedangan Sidoarjo dan Kecamatan Lawang Malang, keduanya rusak",
        "desa Sukamaju kab Ponorogo",
        "TKI asal Kec. Sukorejo Kab. Ponorogo ditahan",
        "truk pasir dari Muntilan Magelang lewat sini tiap malam",
        "kapal dari Merak ke Bakauheni Lampung Selatan telat",
        "batik Pekalongan Jawa Tengah mahal",
        "kontraktor dari Surabaya Jawa Timur kerja seenaknya",
        "desa Mojoroto kec Mojoroto kabupaten Kediri",
        "RS Bethesda Yogyakarta menolak warga Kulon Progo",
        "Jl. Palembang - Betung Banyuasin rusak",
    ],
)
def test_less_than_that_settles_nothing(text: str) -> None:
    assert where(text).code is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Alamat KTP: Kec. Gunungpati Kota Semarang. Lokasi kejadian: Kec. Tembalang Kota Semarang", "33.74.10"),
        ("Pelaku berasal dari Kec. Bangkalan Kab. Bangkalan, kejadian di Kec. Tambaksari Surabaya", "35.78.10"),
        ("asal Klaten Jawa Tengah, tinggal di Kec. Cibinong Kab. Bogor", "32.01.01"),
        ("KTP Kec. Babadan Ponorogo hilang", "35.02.16"),
        ("saya dari Desa Paju Kec. Ponorogo, jalan gelap", "35.02.17.1001"),
        ("Kulon Progo, Yogyakarta", "34.01"),
    ],
)
def test_where_somebody_comes_from_is_not_where_it_happened(text: str, code: str) -> None:
    assert where(text).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Canggu, North Kuta, Badung", "51.03.06.2005"),
        ("potholes in North Kuta, Badung", "51.03.06"),
        ("no light in Kuta, Badung", "51.03.01"),
        ("trash in West Sumbawa, Taliwang", "52.07.02"),
        ("trash in Coblong, north Bandung", "32.73.02"),
        ("trans jateng ke Blora perlu ditambah", None),
    ],
)
def test_a_direction_that_english_puts_before_a_name_belongs_to_it(text: str, code: str | None) -> None:
    assert where(text).code == code


def test_a_town_in_the_field_is_not_left_for_one_in_the_text() -> None:
    assert where("Saya warga Kec. Mlati Sleman", location="depan stasiun Bandung").code is None
    assert where("Saya di Kec. Coblong", location="depan stasiun Bandung").code == "32.73.02"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Bandung macet", ["32.04", "32.73"]),
        ("Kota Bandung macet", ["32.73"]),
        ("Kab. Bandung banjir", ["32.04"]),
        ("jalan dari Malang ke Batu macet", ["35.07", "35.73", "35.79"]),
        ("kec Sukorejo", ["33.24.03", "35.02.15", "35.14.09", "35.72.02"]),
        ("Pak Camat Sumberejo", ["18.06.13"]),
        ("Jl. Raya Bogor macet", []),
        ("the road to Bali regency is broken", ["51"]),
        ("bad road in West Bandung regency", ["32.17"]),
        ("trans jateng ke Blora perlu ditambah", ["33.16"]),
        ("warung Padang enak", []),
        ("desa Sukamaju banjir", []),
        ("pasar baru becek", []),
    ],
)
def test_what_may_be_meant_is_said_without_being_chosen(text: str, codes: list[str]) -> None:
    assert [one.code for one in where(text).candidates] == codes


@pytest.mark.parametrize(
    "text",
    [
        "perangkat desa minta uang",
        "PERANGKAT DESA MINTA UANG",
        "Kepala desa bilang bukan urusannya, Kec. Babadan Kab. Ponorogo",
        "kantor desa tutup terus, kec. Babadan kab. Ponorogo",
        "warga desa tidak dapat bantuan",
        "warga mampu malah dapat bantuan",
        "aparat kelurahan sering mungut uang",
        "polsek suruh bayar",
        "dana desa sudah habis",
        "Pak camat tahu, ibu lurah setuju",
    ],
)
def test_what_an_office_does_is_no_name(text: str) -> None:
    assert [one.code for one in where(text).candidates] in ([], ["35.02.16"])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sampah di kec tarik sidoarjo", "35.15.01"),
        ("desa tutup kec tunjungan kab blora", "33.16.10.2005"),
        ("Kec. Selesai, Kab. Langkat", "12.05.06"),
        ("jalan di kab pulang pisau", "62.11"),
        ("Desa Tutup Kec. Tunjungan Kab. Blora", "33.16.10.2005"),
    ],
)
def test_what_is_written_like_a_name_or_is_longer_is_one(text: str, code: str | None) -> None:
    found = [one.code for one in where(text).candidates]
    assert (found[0] if found else None) == code


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("Kec. Babadan Kab. Ponorogo", "kecamatan+kabupaten"),
        ("Babadan, Ponorogo", "kecamatan+kabupaten"),
        ("Kec. Babadn Kab. Ponorogo", "kecamatan+kabupaten+misspelt"),
        ("kel Paju kec Ponorogo kab Ponorogo Jatim", "kelurahan+kecamatan+kabupaten+provinsi"),
        ("Ponorogo gelap", "name"),
        ("Kab Ponorogo gelap", "kabupaten"),
        ("TANGKAB di kec. Curug", "kecamatan+keyword"),
    ],
)
def test_the_evidence_names_what_speaks_for_it(text: str, evidence: str) -> None:
    assert where(text).candidates[0].evidence == evidence


@pytest.mark.parametrize(
    ("text", "codes", "told_as"),
    [
        ("Kalideres banjir", ["31.73.06"], "Kalideres"),
        ("tebing retak, nyuwun dipriksa. Samigaluh", ["34.01.11"], "Samigaluh"),
        ("jalan menyang Samigaluh rusak parah", ["34.01.11"], "Samigaluh"),
        ("kahuruan di Cibaduyut", ["32.73.17.1003"], "Cibaduyut"),
        ("banjir di Jagakarsa", ["31.74.09"], "Jagakarsa"),
        # small letters, a word that begins a sentence, and a name of many are no more than words
        ("kalideres banjir", [], ""),
        ("Sawit kami dicuri tiap malam", [], ""),
        ("Sekampung keracunan nasi kotak", [], ""),
        ("Sukamaju banjir", [], ""),
    ],
)
def test_a_name_that_only_one_region_has_says_where_it_may_be_and_never_settles_it(text: str, codes: list[str], told_as: str) -> None:
    found = where(text)
    assert ([one.code for one in found.candidates], found.text, found.code) == (codes, told_as, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("banjir di Tanjung Pinang", "21.72"),
        ("jalan rusak di Lombok Barat", "52.01"),
        ("hutan dibakar di Kubu Raya", "61.12"),
    ],
)
def test_a_town_of_two_words_is_not_taken_for_a_village_of_that_name(text: str, code: str) -> None:
    assert [one.code for one in where(text).candidates] == [code]


def test_what_lies_in_such_a_town_is_settled_with_it() -> None:
    assert where("kec Narmada di Lombok Barat jalan rusak").code == "52.01.03"


def test_a_hamlet_that_is_called_like_a_kecamatan_stays_a_hamlet() -> None:
    found = where("rumah roboh di dusun Ngaglik rt 12")
    assert [(one.kind, one.value) for one in found.details] == [("dusun", "Ngaglik"), ("rt", "12")]
    assert not found.candidates
    assert where("Kp. Melayu Jaktim banjir").code == "31.75.03.1001"


def test_the_place_is_told_in_the_citizens_own_words() -> None:
    text = "Mohon bantuan. Jl. Mawar RT 04 RW 02 Desa Paju Kec. Ponorogo gelap gulita"
    found = where(text)
    assert found.text == "Jl. Mawar RT 04 RW 02 Desa Paju Kec. Ponorogo"
    assert [(one.kind, one.value, text[one.start : one.end]) for one in found.details] == [
        ("jalan", "Mawar", "Jl. Mawar"),
        ("rt", "4", "RT 04"),
        ("rw", "2", "RW 02"),
    ]


@pytest.mark.parametrize(
    ("text", "rule", "confidence"),
    [
        ("Kec. Babadan Kab. Ponorogo", "place", 0.9),
        ("Desa Paju Kec. Ponorogo Kab. Ponorogo", "place", 0.95),
        ("Kab. Ponorogo", "place", 0.5),
        ("Ponorogo", "place", 0.3),
        ("Jl. Mawar", "place", 0.3),
        ("TANGKAB gelap", "keyword:TANGKAB", 0.5),
        ("TANGKAB di kec. Curug", "keyword:TANGKAB+place", 0.9),
    ],
)
def test_it_says_by_which_rule_and_how_sure(text: str, rule: str, confidence: float) -> None:
    assert (told(text).rule, told(text).confidence, told(text).provenance) == (rule, confidence, "derived")


@pytest.mark.parametrize(
    ("location", "region", "code"),
    [
        ("Babadan, dekat pasar", "35.02", "35.02.16"),
        ("Jl. Mawar, Desa Paju", "35.02", "35.02.17.1001"),
        ("Jl. Mawar 3", "35.02", "35.02"),
        ("Kec. Lowokwaru Kota Malang", "35.02", "35.02"),
        ("Kec. Babadan, Ponorogo", "", "35.02.16"),
    ],
)
def test_words_in_a_form_are_read_within_the_region_that_was_chosen(location: str, region: str, code: str) -> None:
    found = told("lampu mati", location=location, region=region, place="Kabupaten Ponorogo")
    assert found.provenance == "given"
    assert found.value is not None
    assert (found.value.text, found.value.code) == (location, code)
    assert all(location[one.start : one.end].strip() for one in found.value.details)


def test_a_chosen_region_is_never_left_for_what_the_text_says() -> None:
    found = told("Kec. Lowokwaru Kota Malang", region="35.02", place="Kabupaten Ponorogo")
    assert found.value is not None
    assert (found.value.code, [one.code for one in found.value.candidates]) == ("35.02", ["35.02"])
    assert (found.rule, found.confidence) == ("field", 1.0)


def test_the_subject_of_a_mail_may_name_the_region() -> None:
    found = told("Jalan di Kec. Babadan rusak", subject="Laporan dari Kabupaten Ponorogo").value
    assert found is not None
    assert found.code == "35.02.16"


def test_without_the_list_no_place_is_inferred() -> None:
    text = "Jl. Mawar Kec. Babadan Kab. Ponorogo"
    message = InboundMessage(channel="a", source_id="1", sender="", text=text, received_at=NOON)
    assert place.location(message, read(text), keyword.read(text, {}), Rules()) == Inferred()


@pytest.mark.parametrize(
    ("written", "name", "same"),
    [
        ("babadn", "babadan", True),
        ("babdaan", "babadan", True),
        ("babadann", "babadan", True),
        ("babodon", "babadan", False),
        ("pajo", "paju", False),
        ("pedurngann", "pedurungan", True),
        ("sukorejo", "sukaraja", False),
    ],
)
def test_a_slip_is_borne_in_six_letters_and_two_in_ten(written: str, name: str, same: bool) -> None:
    assert alike(written, name) is same


ADDRESS = """
    desa kec. kab kota prov di Jl. raya rt rw 5 , . Babadan Ponorogo Sukamaju Bandung malang Batu Sukorejo kecbabadan pasar baru camat
"""
texts = st.lists(st.sampled_from(ADDRESS.split())).map(" ".join) | st.text()


@given(texts, st.sampled_from(["", "35.02", "36", "35.02.17.1001", "00", "99.99"]), texts)
def test_any_text_is_read_and_what_is_said_can_be_proved(text: str, region: str, location: str) -> None:
    found = told(text, region=region, location=location).value or Location()
    home = location.strip() or text
    assert found.text in home
    assert all(0 <= one.start < one.end <= len(home) for one in found.details)
    assert len(found.candidates) <= 10
    for one in found.candidates:
        assert one.evidence.startswith(("given", "keyword")) or REGIONS.name(number(one.code)) == one.name
    if found.code is not None and found.code != region:
        proof = [one for one in found.candidates if one.code.startswith(found.code)]
        assert any(len(one.levels) > 1 for one in proof)


@given(texts)
def test_the_same_text_says_the_same(text: str) -> None:
    assert told(text) == told(text)
