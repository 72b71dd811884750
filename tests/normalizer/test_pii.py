"""What belongs to a person is found, however it is written; what only looks like it is left. Every number and name here is invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizer.pii import find
from normalizer.reading import read


def found(text: str) -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in find(read(text))]


NIK, KK = "3578011203900001", "3578011203900002"


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        (f"NIK {NIK} belum terdaftar", [("nik", NIK)]),
        (f"NIK{NIK}", [("nik", NIK)]),
        (f"nik saya:{NIK}.", [("nik", NIK)]),
        ("nikku 357801120390001 kurang satu angka", [("nik", "357801120390001")]),
        (f"tolong cek {NIK} pak", [("nik", NIK)]),
        ("cek 3578 0112 0390 0001", [("nik", "3578 0112 0390 0001")]),
        ("cek 35.78.01.120390.0001 ya", [("nik", "35.78.01.120390.0001")]),
        ("3 5 7 8 0 1 1 2 0 3 9 0 0 0 0 1", [("nik", "3 5 7 8 0 1 1 2 0 3 9 0 0 0 0 1")]),
        ("no ktp 999912039000011", [("nik", "999912039000011")]),
        (f"kk {KK} nik {NIK}", [("kk", KK), ("nik", NIK)]),
        (f"Kartu Keluarga nomor {KK}", [("kk", KK)]),
        (f"{NIK} 081200001234", [("nik", NIK), ("phone", "081200001234")]),
        (f"NIK{NIK}HP081200001234", [("nik", NIK), ("phone", "081200001234")]),
        ("NIK 35780112[bagian 2/3 tidak diterima]0001 saya", [("nik", "35780112[bagian 2/3 tidak diterima]0001")]),
        ("NIK 3578011203[bagian 2/3 tidak diterima] jalan rusak", [("nik", "3578011203")]),
    ],
)
def test_identity_numbers(text: str, spans: list[tuple[str, str]]) -> None:
    assert found(text) == spans


@pytest.mark.parametrize(
    "number",
    [
        "081200001234", "0812-0000-1234", "0812 0000 1234", "0812.0000.1234", "+6281200001234", "+62 812-0000-1234", "6281200001234",
        "62 812 0000 1234", "+62 (0)812 0000 1234", "(+62) 812 0000 1234", "00 62 812 0000 1234", "08 12 00 00 12 34",
        "0 8 1 2 0 0 0 0 1 2 3 4", "0812 - 0000 - 1234", "(021) 555-1234", "021-5551234", "0274 512345", "(0274)512345",
        "+62 21 555 1234", "+65 0000 1234", "81200001234", "٠٨١٢٠٠٠٠١٢٣٤", "０８１２００００１２３４", "𝟎𝟖𝟏𝟐𝟎𝟎𝟎𝟎𝟏𝟐𝟑𝟒",
        "0812\u200b0000\u200b1234", "0812\u20110000\u20111234", "0 8 1 2 - 0 0 0 0 - 1 2 3 4", "08I200001234", "0812_0000_1234",
        "0812 0000 123 4", "kosong delapan dua belas dobel nol dobel nol sebelas dua dua", "nol 812 0000 1234",
        "0812 nol nol nol nol satu dua tiga empat", "nol delapan satu dua nol nol nol nol satu dua tiga empat",
        "0\ufe0f\u20e38\ufe0f\u20e31\ufe0f\u20e32\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e31\ufe0f\u20e32\ufe0f\u20e33\ufe0f\u20e34",
    ],
)  # fmt: skip
def test_telephone_numbers_in_every_spelling(number: str) -> None:
    assert found(f"hubungi {number}, terima kasih") == [("phone", number)]
    assert found(f"jalan rusak {number}") == [("phone", number)]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("wa081200001234wa", ["081200001234"]),
        ("hp 081200001234/081200001235", ["081200001234", "081200001235"]),
        ("0812-0000-1234 0812-0000-1235", ["0812-0000-1234", "0812-0000-1235"]),
        ("081200001234 5 orang", ["081200001234"]),
        ("tgl 20-11-2026 0812-0000-1234", ["0812-0000-1234"]),
        ("tlp rumah 5551234", ["5551234"]),
        ("tlp kantor 5551234, fax (0274) 512345, hub kantor desa 0274-123456", []),
        ("wa kantor desa 081200001234", ["081200001234"]),
        ("PDAM (024) 8315514", []),
        ("wa.me/6281200001234", ["6281200001234"]),
        ("hp 0812*0000*1234, 0812,0000,1234", ["0812*0000*1234", "0812,0000,1234"]),
        ("wa delapan satu dua nol nol nol nol tiga tiga empat empat", ["delapan satu dua nol nol nol nol tiga tiga empat empat"]),
        ("wa 24 jam 0812 0000 1234", ["0812 0000 1234"]),
        ("hubungi 1500-123, telp 0800-1-123-456 atau 021-1500123", []),
        ("pungli jam 0830 1200 1500", []),
        ("anggaran 8500000000 untuk satu jalan", []),
        ("kosong satu dua tiga empat lima enam tujuh delapan kali", []),
    ],
)
def test_telephone_numbers_among_other_signs(text: str, spans: list[str]) -> None:
    assert found(text) == [("phone", number) for number in spans]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("surat ke budi.s+lapor@contoh.co.id ya", [("mail", "budi.s+lapor@contoh.co.id")]),
        ("budi0812@contoh.id.", [("mail", "budi0812@contoh.id")]),
        ("@lapor1708 jalan rusak @ pasar", []),
        ("kirim ke wati.rahayu at gmail dot com ya", [("mail", "wati.rahayu at gmail dot com")]),
        ("surel b_santoso[at]kantor.example", [("mail", "b_santoso[at]kantor.example")]),
        ("surel tono[at]kantor[dot]example", [("mail", "tono[at]kantor[dot]example")]),
        ("surel tono (at) kantor (dot) co (dot) id", [("mail", "tono (at) kantor (dot) co (dot) id")]),
        ("surel rahmat@ gmail.com", [("mail", "rahmat@ gmail.com")]),
        ("surel rahmat @gmail.com", [("mail", "rahmat @gmail.com")]),
        ("look at the road, dot by dot", []),
        ("rek BCA 1234567890 milik oknum", [("account", "1234567890")]),
        ("norek. 1234-01-012345-53-4 BRI", [("account", "1234-01-012345-53-4")]),
        ("BRI unit Wates an Siti Aminah 1234567890", [("name", "Siti Aminah"), ("account", "1234567890")]),
        ("dikirim ke 1234 01 012345 53 4", [("account", "1234 01 012345 53 4")]),
        ("rek 0021 01 0123 4567 8", [("account", "0021 01 0123 4567 8")]),
        ("rek BCA 1.234.567.891", [("account", "1.234.567.891")]),
        ("ditransfer ke 9876543210", [("account", "9876543210")]),
        ("di rekening 1.500.000.000 raib", []),
        ("dikirim ke 9012345678 atas nama Yuyun", [("account", "9012345678"), ("name", "Yuyun")]),
        ("kode bayar 8820112345678", [("account", "8820112345678")]),
        ("sudah bayar 1500000 2000000", []),
        ("NIP 19790514 200501 1 004", [("number", "19790514 200501 1 004")]),
        ("no kontrol 12345678", [("customer", "12345678")]),
        ("norek 3321 0456 7788 990 hilang 12.500.000", [("account", "3321 0456 7788 990")]),
        ("rek 1234567890 500000 rupiah", [("account", "1234567890")]),
        ("rekening saya di bank mandiri cabang kota 1234567890123", [("account", "1234567890123")]),
        ("minta transfer ke 1234567890 (BNI)", [("account", "1234567890")]),
        ("NPWP 09.254.294.3-407.000", [("npwp", "09.254.294.3-407.000")]),
        ("09.254.294.3-407.000", [("npwp", "09.254.294.3-407.000")]),
        ("NPWP 08.254.294.3-407.000", [("npwp", "08.254.294.3-407.000")]),
        ("npwp saya 092542943407000", [("npwp", "092542943407000")]),
        ("kartu 4111 1111 1111 1111", [("card", "4111 1111 1111 1111")]),
        ("kartu kredit 4111111111111112", [("card", "4111111111111112")]),
        ("idpel 512345678901 mati", [("customer", "512345678901")]),
        ("ID Pelanggan: 51234567890", [("customer", "51234567890")]),
        ("pdam nomor pelanggan 0012345678", [("customer", "0012345678")]),
        ("no pelanggan PDAM 0145678 air keruh", [("customer", "0145678")]),
        ("BPJS 0001234567890", [("number", "0001234567890")]),
        ("kartu KIS 0001 2345 6789 1 mati", [("number", "0001 2345 6789 1")]),
        ("no peserta 0001112223334", [("number", "0001112223334")]),
        ("no kartu 0001234567895", [("card", "0001234567895")]),
        ("KKS no. 5899123412341234 hilang", [("card", "5899123412341234")]),
        ("No ATM 5221840012345678", [("card", "5221840012345678")]),
        ("kartu jakarta pintar no 6032981234567890", [("card", "6032981234567890")]),
        ("indihome saya nomor 122345678901 mati", [("customer", "122345678901")]),
        ("nopel 1203445", [("customer", "1203445")]),
        ("no pel 320011223344", [("customer", "320011223344")]),
        ("pelanggan no 1005678", [("customer", "1005678")]),
        ("NOP 33.10.050.004.012-0123.0", [("customer", "33.10.050.004.012-0123.0")]),
        ("VA 8277081234567890 lunas", [("account", "8277081234567890")]),
        ("transfer ke rek 5271001234 an", [("account", "5271001234")]),
        ("nmr o812 0000 1234", [("phone", "o812 0000 1234")]),
        ("paspor saya A1234567 hilang", [("passport", "A1234567")]),
        ("kode A1234567", []),
        ("lahir di Surabaya 12 Maret 1990", [("birth", "12 Maret 1990")]),
        ("TTL: Kediri, 12-03-1990", [("birth", "12-03-1990")]),
        ("tgl lhr 17/08/1985 salah di akta", [("birth", "17/08/1985")]),
        ("lahir 01/02/1960 kok di KK jadi 01/02/1906", [("birth", "01/02/1960"), ("birth", "01/02/1906")]),
        ("lahir 01/02/1960, lapor tgl 10/08/2026", [("birth", "01/02/1960")]),
    ],
)
def test_other_numbers_and_addresses(text: str, spans: list[tuple[str, str]]) -> None:
    assert found(text) == spans


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("hub saya di 0812\n0000 1234 ya", [("phone", "0812\n0000 1234")]),
        ("hp 0812-0000-\r\n1234 ya", [("phone", "0812-0000-\r\n1234")]),
        ("call me at +62\n812 0000 1234", [("phone", "+62\n812 0000 1234")]),
        (
            "hp nol delapan satu dua\nnol nol nol nol satu dua tiga empat",
            [
                ("phone", "nol delapan satu dua\nnol nol nol nol satu dua tiga empat"),
            ],
        ),
        (f"NIK {NIK[:8]}\n{NIK[8:]} mohon dicek", [("nik", f"{NIK[:8]}\n{NIK[8:]}")]),
        ("nik 3578/0112/0390/0001", [("nik", "3578/0112/0390/0001")]),
        ("rek BNI 01234\n56789", [("account", "01234\n56789")]),
        ("plat B 1234\nXYZ, motor AD\n4567 BC", [("plate", "B 1234\nXYZ"), ("plate", "AD\n4567 BC")]),
        ("truk nopol H 1 2 3 4 AB, mobil B 1234 X Y Z", [("plate", "H 1 2 3 4 AB"), ("plate", "B 1234 X Y Z")]),
        ("surel rahmat@\ngmail.com", [("mail", "rahmat@\ngmail.com")]),
        ("TTL:\nKediri, 12-03-1990", [("birth", "12-03-1990")]),
        ("lahir 12\nMaret 1990", [("birth", "12\nMaret 1990")]),
        # two numbers, one below the other, and a number above something else
        ("hp 081200001234\n081200001235", [("phone", "081200001234"), ("phone", "081200001235")]),
        ("hp 0812 0000 1234\n1000 warga", [("phone", "0812 0000 1234")]),
        ("jalan 1200\n1500 meter\ntahun 2023\n2024 2025", []),
        ("tahun 2021/2022/2023/2024", []),
        ("jadwal 08.00\n09.00\n10.00\n11.00", []),
        ("bayi baru lahir\nkejadian tgl 12-03-2026", []),
        ("harga 12.000\n13.500\n14.000", []),
        ("motor parkir di blok B 12\ndi depan", []),
    ],
)
def test_what_goes_on_in_the_next_line(text: str, spans: list[tuple[str, str]]) -> None:
    assert found(text) == spans


@pytest.mark.parametrize(
    ("text", "plates"),
    [
        ("B 1234 XYZ parkir di trotoar", ["B 1234 XYZ"]),
        ("AD 4567 BC, L9012AB", ["AD 4567 BC", "L9012AB"]),
        ("motor plat b 1234 xyz", ["b 1234 xyz"]),
        ("mobil dinas AG-12-R", ["AG-12-R"]),
        ("truk d1234ab", ["d1234ab"]),
        ("QQ 1234 XYZ", []),
        ("RT 5 RW 3, KM 23 B, no 12 A", []),
        ("blok B 123 C, mobil tetangga di blok B 12 A", []),
        ("SMP N 3 Kab Malang dan SD N 100 Kota", []),
        ("motor lewat d 1000 m dari pasar, b 20 kali", []),
        ("truk B 1234 yang lewat", []),
        ("plat nomor b 9876 tyu parkir", ["b 9876 tyu"]),
        ("mobil di jl A 12 B parkir", []),
        ("plat F 6 AN", ["F 6 AN"]),
        ("nmax ab 5544 mj lawan arah", ["ab 5544 mj"]),
        ("mobil L 300 box, kos B 201 AC", []),
    ],
)
def test_number_plates(text: str, plates: list[str]) -> None:
    assert [words for kind, words in found(text) if kind == "plate"] == plates


@pytest.mark.parametrize(
    "text",
    [
        "#9165816 belum ditanggapi",
        "Laporan No. 8112829, 8588371",
        "laporan no 91658160001",
        "tracking id #10039939",
        "kode 7K3Q-9FXM-2CH4",
        "Rp 1.500.000, Rp1.500.000.000 dan Rp 62812000000",
        "62.812.000.000 rupiah",
        "20-11-2026 jam 08.30, 08.12.2026 10.00",
        "tgl 08-12-26 10.30 s/d 09-12-26",
        "KM 45+200, RT 005/RW 012, no 112",
        "telp 112 atau 110",
        "token listrik 1234 5678 9012 3456 7890",
        "tiket 3578011203900001",
        "jalan 2,5 km 1.000 m tahun 2024 2025 2026",
        "https://contoh.id/laporan/x-202403121709041710238144338",
    ],
)
def test_what_only_looks_like_it(text: str) -> None:
    assert found(text) == []


PIECES = st.sampled_from([
    NIK, "081200001234", "0812 0000 1234", "NIK ", "nik", "kk ", "rek ", "hp", "telepon ", "[", "]", "[NIK]", "[nama]", "[telepon]",
    "nama saya ", "nama: ", "a.n. ", "Budi", " Santoso ", "lahir ", "12-03-1990", "B 1234 XYZ", "motor ", "b 1 c ", "budi@contoh.id",
    "@", ".", "-", " ", "1", "0", "+62", "(", ")", "[bagian 2/3 tidak diterima]", "paspor ", "A1234567", "\n", "٠", "\u200b", "\u2069",
    "Â\xa0", "Rp ", "4111 1111 1111 1111", "nol ", "delapan ", "jam ", "at ", "gmail dot com ", "saya ", "dari ", "bu ", "I ", "kasih. ",
    "laporan ",
])  # fmt: skip
TEXTS = st.text() | st.lists(PIECES | st.text(max_size=3), max_size=20).map("".join) | st.text("0123456789 .-@()+Bnik", max_size=80)


@pytest.mark.parametrize(
    "written",
    [
        "0812-\u202a0000\u202c-1234", "0812-\u20660000\u2069-1234", "0812-\ufeff0000-1234", "0812\u202f0000\u202f1234",
        "0812Â\xa00000Â\xa01234", "0812â€‘0000â€‘1234", "0812â\x80\x910000â\x80\x911234",
        "wati\u200b@contoh.id", "wati@contoh.\u200bid", "wati@con\u00adtoh.id",
    ],
)  # fmt: skip
def test_what_a_sign_that_nobody_sees_or_a_misread_one_tears_apart_is_found_as_it_was_written(written: str) -> None:
    assert [text for _, text in found(f"hubungi {written} ya")] == [written]


@given(TEXTS)
def test_what_is_found_in_the_legible_text_is_found_where_the_citizen_wrote_it(text: str) -> None:
    reading = read(text)
    spans = find(reading)
    for each in find(read(reading.legible)):
        start, end = reading.span(each.start, each.end)
        assert any(span.start <= start and end <= span.end for span in spans)


@given(TEXTS)
def test_spans_lie_in_the_text_in_order_and_apart(text: str) -> None:
    end = 0
    for span in find(read(text)):
        assert end <= span.start < span.end <= len(text)
        end = span.end


@pytest.mark.parametrize(
    "piece",
    [
        "1", "08", "@", "a@", "a@a.", "1 ", "08 ", "081200001234 ", "1a", "B 1 ", "motor B 1 X ", "nama saya ", "nama: ", "a.n.",
    "lahir 12-", "paspor ", "1[bagian 2/3 tidak diterima]", "+0", "1.", "62.812.", "nik 123456 ", "4111 ", "٠", "nama saya Budi ",
    "0274 1", "(", "a'", "[bagian ", "saya Budi ", "terima kasih, ", "hormat ", "an Budi ", "bapak ", "kasih\n", "Nama: S.Pd, ",
    "nol ", "delapan 08 ", "at ", "a at gmail ", "a.a(at", "saya budi dari ", "dr. ", "1O", "lahir 1-1-1960 jadi ", "kasih bu Ning ",
        "08\n", "1\n", "B 1\n", "motor B\n1 ", "atas nama\n", "lahir\n", "a@\n", "1234/", "nol\n", "nama saya Budi\n",
    ],
)  # fmt: skip
def test_made_to_be_slow_is_read_to_the_end(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    assert all(span.end <= len(text) for span in find(read(text)))
