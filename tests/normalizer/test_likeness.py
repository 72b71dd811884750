"""What is compared of a message: the same for what is the same, nothing for what says too little, and never a word of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Enclosure, InboundMessage
from normalizer.complaint import Candidate, Inferred, Location
from normalizer.likeness import LONGEST, SKETCH, Likeness, folded, of
from normalizer.normalize import normalize
from normalizer.rules import Rules

KEY = b"key of the likeness tests"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
RULES = Rules(channels={"sms": "sms.esme", "sms2": "sms.push", "x": "social.x", "telegram": "social.telegram", "surel": "email.mailbox"})
LONG = "Angin kencang semalam, pohon tumbang menutup badan jalan, mohon segera ditangani petugas."


def like(text: str, place: Location | None = None, key: bytes = KEY, **said: Any) -> Likeness:
    message = InboundMessage(**{"channel": "sms", "source_id": "1", "sender": "081200000001", "text": text, "received_at": NOW, **said})
    complaint = normalize(message, case_id="1", reference="7K3Q-9FXM-2CH4", rules=RULES)
    if place is not None:
        complaint = msgspec.structs.replace(complaint, location=Inferred(value=place, rule="test"))
    return of(message, complaint, key)


def at(code: str, text: str = "") -> Location:
    return Location(text=text, candidates=(Candidate(code=code, name="Sukamaju", levels=("kecamatan",), evidence="test"),), code=code)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jalan rusak!", "jalan   RUSAK"),
        ("#Lapor1708 jalan rusak", "jalan rusak @LAPOR1708"),
        ("Jalan rusak 😡😡", "jalan rusak"),
        ("ja\u0301lan rusak", "j\u00e1lan rusak"),
        ("ＪＡＬＡＮ rusak", "jalan rusak"),
        ("jalan\r\nrusak", "jalan\nrusak"),
        ("😡", "😡 "),
    ],
)
def test_how_it_is_written_makes_no_difference(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RT 5", "RT 6"),
        ("RT 1 RW 12", "RT 11 RW 2"),
        ("jalan rusak", "jalan rusak terima kasih"),
        ("jalan rusak", "rusak jalan"),
        ("😡", "👍"),
        ("lapor jalan", "lapor jembatan"),
    ],
)
def test_what_is_said_does(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_a_text_without_words_is_one_all_the_same_and_only_calls_too() -> None:
    assert folded("#Lapor1708") == b"#Lapor1708"
    assert folded(" ") == b""


def test_the_same_person_is_known_by_the_number_under_every_operator_and_by_the_handle_in_one_network_only() -> None:
    assert like("halo").same == like("halo", channel="sms2", sender="+62 812-0000-0001").same != 0
    assert like("halo", channel="x", sender="@warga").same != like("halo", channel="telegram", sender="@warga").same
    assert (
        like("halo", channel="surel", sender="Budi@warga.example").same == like("halo", channel="surel", sender="budi@warga.example").same
    )
    assert like("halo").same != like("halo", sender="081200000002").same


@pytest.mark.parametrize(
    "other",
    [
        {"subject": "foto kedua"},
        {"fields": {"location": "Jalan Mawar"}},
        {"fields": {"region": "35.02.17"}},
        {"attachments": (Enclosure(name="a.jpg", media_type="image/jpeg", size=7),)},
        {"answers": ("7000000001/150",)},
    ],
)
def test_what_comes_with_the_same_words_makes_another_message_of_them_and_not_another_text(other: dict[str, Any]) -> None:
    assert like(LONG, **other).same not in {0, like(LONG).same}
    assert like(LONG, **other).text == like(LONG).text != 0


def test_what_cannot_be_compared_is_like_nothing_else() -> None:
    gone = (Enclosure(name="a.jpg", media_type="image/jpeg", size=0),)
    photo = (Enclosure(name="a.jpg", media_type="image/jpeg", size=7),)
    assert like("ini", attachments=gone).same == 0
    assert like("", attachments=photo).same == 0
    assert like("", attachments=photo, subject="Jalan rusak").same != 0
    assert like("halo", sender="").same == 0


@pytest.mark.parametrize(
    "text", ["jalan rusak", "lampu jalan mati sudah dua minggu", "a b c d e f g h i j", "assalamualaikum warahmatullahi wabarakatuh"]
)
def test_a_short_text_is_written_twice_by_chance(text: str) -> None:
    assert like(text).text == 0


def test_a_template_with_another_address_in_each_copy_is_one_text_and_not_one_message() -> None:
    one = like(f"{LONG} Jl Mawar RT 1 Kec Sukamaju", at("32.04.05", "Jl Mawar RT 1 Kec Sukamaju"))
    other = like(f"{LONG} Jl Melati RT 9 Kec Sukasari", at("32.04.06", "Jl Melati RT 9 Kec Sukasari"))
    assert one.text == other.text != 0
    assert one.same != other.same
    assert not {*one.near} & {*other.near}


def test_a_place_and_words_that_say_what_happened_are_needed_to_be_near() -> None:
    assert like(LONG).near == ()
    assert like(LONG, at("32.04")).near == ()
    assert like("mohon tolong pak", at("32.04.05")).near == ()
    near = like(LONG, at("32.04.05.2001"))
    assert (near.place, len(near.near)) == ("32.04.05.2001", 3)
    assert near.near == like(LONG, at("32.04.05")).near
    assert near.words == tuple(sorted(near.words))


def test_the_words_of_the_address_are_not_what_happened() -> None:
    one = like("lampu mati di Jl Kenanga Sukamaju", at("32.04.05", "Jl Kenanga Sukamaju"))
    assert one.words == like("mati lampu jalan", at("32.04.05")).words
    assert len(one.words) == 2


def test_a_confidential_case_is_like_confidential_ones_and_what_its_own_sender_said() -> None:
    place = at("32.04.05")
    public, secret = like(LONG, place), like(LONG, place, fields={"privacy": "rahasia"})
    assert public.text != secret.text
    assert not {*public.near} & {*secret.near}
    assert public.same == like(LONG, place, fields={"privacy": "anonim"}).same == secret.same


def test_without_the_key_nothing_can_be_told_and_no_word_is_kept() -> None:
    one, other = like(LONG, at("32.04.05")), like(LONG, at("32.04.05"), key=b"another key, just as long")
    assert not {one.same, one.text, *one.near, *one.words} & {other.same, other.text, *other.near, *other.words}
    kept = msgspec.msgpack.encode(one)
    assert b"pohon" not in kept
    assert len(kept) < 200


def test_a_book_is_compared_by_its_beginning_and_its_length() -> None:
    page = "kata " * (LONGEST // 5)
    assert folded(page + "satu") != folded(page + "dua lagi")
    assert len(folded(page * 50)) < LONGEST + 10
    assert len(like(" ".join(f"kata{n}" for n in range(1000)), at("32.04.05")).words) == SKETCH


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_has_a_likeness_and_equal_words_have_equal_ones(one: str, other: str) -> None:
    mine, theirs = like(one, at("32.04.05")), like(other, at("32.04.05"))
    assert (folded(one) == folded(other)) == (mine.same == theirs.same) or not (folded(one) and folded(other))
    for each in (mine.same, mine.text, *mine.near, *mine.words):
        assert 0 <= each < 2**63


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing_more_for_what_is_written_in_ascii(text: str) -> None:
    once = folded(text.encode("ascii", "replace").decode())
    assert folded(once.decode()) == once


@given(st.text(alphabet=st.sampled_from("aA bB.,-\t\n1"), max_size=60))
def test_signs_and_capitals_never_matter(text: str) -> None:
    assert folded(f"a {text}") == folded(f" A: {text.upper()}!! ")
