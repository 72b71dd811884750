"""What is asked of us, in all its spellings; and what only begins so, which is a complaint."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Enclosure, InboundMessage, Question
from forwarder.wording import KINDS, LANGUAGES, load
from normalizer.reference import ALPHABET
from normalizer.wish import NEW_TEXT, Addition, addition, asked, question

CODE = "DPKD-5TSM-2Z2X"
MISTYPED = "DPKD-5TSM-2Z2Z"
#: one whose groups are words that we know, and that has no digit
WORDY = "SAYA-BACA-XYKE"


def message(text: str, subject: str = "", **more: object) -> InboundMessage:
    plain = InboundMessage(channel="c", source_id="1", sender="+6281200000001", text=text, received_at=datetime(2026, 11, 20, tzinfo=UTC))
    return msgspec.structs.replace(plain, subject=subject, **more)


@pytest.mark.parametrize(
    "text",
    [
        f"STATUS {CODE}", f"status {CODE.lower()}", f"Status: {CODE}", f"STATUS={CODE}.", f"status ({CODE})", f"STATUS {CODE}?",
        "STATUS dpkd5tsm2z2x", "cek dpkd 5tsm 2z2x", "cek status DPKD 5TSM 2Z2X", "STATUS DPKD-5TSM 2Z2X", "STATUS DPK D5T SM2 Z2X",
        "status d p k d 5 t s m 2 z 2 x", "STATUS DPKD\u20105TSM\u20112Z2X", f"{CODE} status", f"{CODE} cek dong",
        f"tolong cek laporan saya {CODE}", f"mohon info status laporan saya dengan kode {CODE} terima kasih",
        f"Selamat pagi pak, cek status aduan saya no {CODE} ya, makasih", f"#Lapor1708 STATUS {CODE}", f"LAPOR STATUS {CODE}",
        f"@lapor1708 status {CODE}", f"/status {CODE}", f"STATUS(spasi){CODE}", f"please check my report {CODE}, thank you",
        f"  STATUS\n{CODE}\n", f"lacak {CODE}", f"check status of report {CODE}", f"INFO {CODE}", f"laporan {CODE} sudah sampai mana? cek",
    ],
)  # fmt: skip
def test_where_a_report_stands_is_asked_in_many_spellings(text: str) -> None:
    assert asked(text) == Question(kind="status", code=CODE)


@pytest.mark.parametrize("text", ["STATUS DPKD-5TSM-2Z2X", "STATUS DPKD-5TSM-2Z2X", "Status DPKD_5TSM_2Z2X"])
def test_other_dashes_and_spaces_are_a_code_too(text: str) -> None:
    assert asked(text) == Question(kind="status", code=CODE)


@pytest.mark.parametrize("digits", ["9165816", "12345", "123456789012"])
@pytest.mark.parametrize("text", ["STATUS {}", "status #{}", "cek laporan no. {}", "Cek status aduan saya #{} dong min"])
def test_the_ledgers_number_does_as_well(text: str, digits: str) -> None:
    found = asked(text.format(digits))
    assert found is not None
    assert (found.kind, found.code.lstrip("#")) == ("status", digits)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"STATUS {MISTYPED}", MISTYPED), ("cek dpkd5tsm2z2z pak", MISTYPED), ("STATUS DPKD 5TSM 2Z2Z", MISTYPED),
        ("status saya dpkd 5tsm 2z2z", MISTYPED), ("STATUS DPKD-5TSM-2Z2", "DPKD-5TSM-2Z2"), ("STATUS DPKD-5TSM-2Z2XX", "DPKD-5TSM-2Z2XX"),
        ("STATUS UPKD-5TSM-2Z2X", "UPKD-5TSM-2Z2X"), ("STATUS WEYJ-6FWN-NSZZ", "WEYJ-6FWN-NSZZ"),
    ],
)  # fmt: skip
def test_a_mistyped_code_is_recognised_as_one(text: str, code: str) -> None:
    assert asked(text) == Question(kind="status", code=code)


@pytest.mark.parametrize(
    "text",
    [f"BATAL {CODE}", f"batalkan laporan saya {CODE}", f"mohon batalkan laporan {CODE.lower()} terima kasih", f"cabut laporan {CODE}",
     f"cancel {CODE} please", f"Batal: {CODE}", f"{CODE} BATAL"],
)  # fmt: skip
def test_a_report_is_withdrawn(text: str) -> None:
    assert asked(text) == Question(kind="withdraw", code=CODE)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("help", "BANTUAN"), ("help", "bantuan"), ("help", "INFO"), ("help", "Info!"), ("help", "help"), ("help", "HELP?"),
        ("help", "info dong min"), ("help", "LAPOR BANTUAN"), ("help", "#lapor info"), ("help", "/bantuan"), ("help", "Halo, info pak"),
        ("help", "STATUS"), ("help", "cek status"), ("help", "status laporan saya?"), ("help", "Cek status laporan saya bagaimana pak"),
        ("help", "BATAL"), ("help", "batalkan laporan saya"), ("help", "info status laporan"), ("help", "info help"),
        ("stop", "BERHENTI"), ("stop", "stop"), ("stop", "STOP!"), ("stop", "Unreg"), ("stop", "UNREG LAPOR"), ("stop", "berhenti pak"),
        ("start", "MULAI"), ("start", "start"), ("start", "Mulai lapor"),
    ],
)  # fmt: skip
def test_a_word_alone_is_a_wish(kind: str, text: str) -> None:
    assert asked(text) == Question(kind=kind)  # type: ignore[arg-type]  # one of the kinds, from the table


COMPLAINTS = [
    "Status jalan kami tidak jelas", "Status tanah bengkok digugat kades", "Batal berangkat karena jalan rusak",
    "Batal umroh, uang tidak kembali", "Info pungli di samsat", "Info: jalan rusak di depan pasar", "Bantuan sosial tidak cair",
    "Bantuan belum datang", "Stop pungli!", "stop bakar sampah", "Berhenti di lampu merah ditilang", "help, the road is broken",
    "help me", "help please", "tolong", "TOLONG!", "tolong bantuan", "mohon bantuan", "minta bantuan pak", "bantuan darurat",
    "tolong help", "mulai besok air mati", "Start engine dilarang", "cek", "cek cek", "tes", "cek jalan rusak", "tolong cek",
        "info bantuan sosial",
    "Cek kosong dari kelurahan", "cek RT05 RW02 desa", "cek RT05-RW02-DESA", "cek simpanglima5",
    "cek antar-kota-lama", "cek rt 05 rw 02", "status penyelesaian", "status siswa smp",
        "status BPJS 081200000001",
    "status KTP 3500000000000001", "batal 3 kali", "batal 12345 tiket", "stop 5 menit", "jangan batal DPKD-5TSM-2Z2X",
    f"tidak jadi batal {CODE}", f"BATAL {CODE} karena sudah diperbaiki warga sendiri", f"status {CODE} belum ada tindakan",
    f"{CODE}", f"jalan rusak {CODE}", f"batal cek {CODE}", f"TAMBAH {CODE} lampunya mati", f"STATUS {CODE} dan {MISTYPED}",
    "Info PUNGLI", "Bantuan PKH", "bantuan!! rumah roboh", "INFO RT", "stop help", "stop mulai", "info stop", "kode", "pak", "laporan",
    "unreg 3000 pulsa hilang", "cancel order penipuan", "cabut izin galian C", "withdraw BRI gagal", "lacak motor hilang B 1234 XY",
    "status AG-1234-XY", "cek 12-11-2026", "cek 500", "", " ", "?", "#", "@lapor1708", "-", "...", "\ud800",
    "bantuan " * 40, "STATUS " + "x" * 200,
]  # fmt: skip


@pytest.mark.parametrize("text", COMPLAINTS)
def test_what_only_begins_so_is_a_complaint(text: str) -> None:
    assert asked(text) is None


def test_three_words_of_four_letters_are_no_code_even_when_they_spell_one() -> None:
    assert asked("status saya baca xyke") is None
    assert asked("cek " + WORDY.replace("-", " ")) is None
    assert asked(f"cek {WORDY}") == Question(kind="status", code=WORDY)


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        ("", f"STATUS {CODE}", "status"), (f"STATUS {CODE}", "", "status"), ("Cek status", CODE, "status"), (CODE, "cek status", "status"),
        (f"Status {CODE}", f"status {CODE}", "status"), ("Jalan rusak", f"STATUS {CODE}", "status"), ("Re: Lampu jalan", "STOP", "stop"),
        ("Re: Lampu jalan", "bantuan", "help"), ("Info", "info", "help"), ("Bantuan", "", "help"), ("LAPOR", "info", "help"),
        ("Tanya", "info", None), ("Jalan rusak", "bantuan", None), ("Pungli", "stop", None), ("Stop pungli", "", None),
        ("Bantuan sosial", "tidak cair", None), ("Jalan rusak", "", None), ("BATAL", CODE, "withdraw"),
    ],
)  # fmt: skip
def test_a_mail_asks_in_its_text_or_its_subject(subject: str, text: str, kind: str | None) -> None:
    found = question(message(text, subject))
    assert (found.kind if found else None) == kind
    if found and found.kind in {"status", "withdraw"}:
        assert found.code == CODE


def test_what_a_mail_quotes_is_not_what_it_asks() -> None:
    quoting = message(f"STATUS {CODE}\n\n> Kode: {CODE}. Nomor laporan: 9165816.", "Re: LAPOR", extras={NEW_TEXT: f"STATUS {CODE}"})
    assert question(quoting) == Question(kind="status", code=CODE)


def test_what_comes_with_a_picture_is_a_complaint() -> None:
    assert question(message("bantuan", attachments=(Enclosure(name="a.jpg", media_type="image/jpeg", size=9),))) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_none_of_our_letters_is_a_wish(language: str) -> None:
    wordings = load()
    values = {"reference": CODE, "tracking_id": "9165816", "state": wordings.state("received", language), "question": "di mana"}
    for kind in KINDS:
        for urgent in (False, True):
            assert asked(wordings.fill(kind, language, urgent=urgent, **values)) is None
    assert asked(wordings.elsewhere(language)) is None


PIECES = ["cek", "status", "batal", "kode", "7", "DPKD", "5TSM", CODE, "pak", "-", "#"]


@given(st.text(max_size=200) | st.lists(st.sampled_from(PIECES)).map(" ".join))
def test_any_text_can_be_asked_about(text: str) -> None:
    found = asked(text)
    assert found is None or len(found.code) <= 17


def _no_other_thing(code: str) -> bool:
    """A number of the ledger, a word, RT 5."""
    return sum(map(str.isdigit, code)) > 0 and not code.isdecimal() and not {"RT", "RW"} & {code[at : at + 2] for at in range(11)}


@given(st.text(alphabet=ALPHABET, min_size=12, max_size=12).filter(_no_other_thing))
def test_whatever_stands_behind_status_and_looks_like_a_code_is_one(code: str) -> None:
    found = asked(f"STATUS {code[:4]}-{code[4:8]}-{code[8:]}")
    assert found == Question(kind="status", code=f"{code[:4]}-{code[4:8]}-{code[8:]}")


# --- what is added ---


@pytest.mark.parametrize(
    ("opening", "to"),
    [
        (f"TAMBAH {CODE} ", CODE), (f"tambah {CODE}: ", CODE), (f"Tambahan untuk {CODE}: ", CODE),
        (f"tambahan laporan {CODE.lower()}, ", CODE),
        ("TAMBAH DPKD 5TSM 2Z2X ", CODE), ("tambah dpkd5tsm2z2x ", CODE), (f"Menambahkan untuk laporan no. {CODE} - ", CODE),
        (f"#TAMBAH {CODE} ", CODE), (f"TAMBAH {MISTYPED} ", ""), ("Tambahan laporan #9165816. ", "9165816"),
        ("tambah aduan no 9165816 ", "9165816"),
        ("TAMBAH #9165816 ", "9165816"),
    ],
)  # fmt: skip
def test_what_adds_to_a_report_names_it_first(opening: str, to: str) -> None:
    text = f"{opening}lampunya mati lagi"
    assert addition(text) == Addition(to, len(opening))
    assert addition(f"LAPOR {text}", 6) == Addition(to, len(opening) + 6)


@pytest.mark.parametrize(
    "text",
    ["Tambah 10000 per sak", "tambah guru baru desa kami", "Tambahan jam mengajar", "tambah", "", f"jalan rusak, tambah {CODE}",
        "tambahan 3 RT",
     "Tambah saya baca xyke", "tambah RT05RW02DESA lampu"],
)  # fmt: skip
def test_what_only_speaks_of_more_adds_to_nothing(text: str) -> None:
    assert addition(text) == Addition("", 0)


@given(st.text())
def test_where_an_addition_begins_lies_in_the_text(text: str) -> None:
    for whole in (text, f"tambah {text}", f"TAMBAH {CODE} {text}"):
        assert 0 <= addition(whole).body <= len(whole)
