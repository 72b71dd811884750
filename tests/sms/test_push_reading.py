"""What each aggregator's push is, and what it says once it is on disk."""

from __future__ import annotations

import random
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Arrival, InboundMessage, Part
from tests.sms.pushed import KEY, NOW, asked, called, door, kept, said

GRIN = "\N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("profile", "name", "sender", "text"),
    [
        ("kannel", "kannel_text", "+628120000001", "Lampu jalan mati di RT 4 é"),
        ("kannel", "kannel_utf16", "+628120000002", f"halo {GRIN}"),
        ("kannel", "kannel_octets", "+628120000002", f"halo {GRIN} é"),
        ("jasmin", "jasmin_get", "628120000001", "jalan rusak \N{EURO SIGN}"),
        ("jasmin", "jasmin_post", "628120000001", f"halo {GRIN}"),
        ("twilio", "twilio_sms", "+628120000001", f"jalan rusak {GRIN}"),
        ("generic", "generic_json", "628120000001", 'jalan "rusak" é'),
    ],
)
def test_every_aggregators_message_is_read(profile: str, name: str, sender: str, text: str) -> None:
    read = said(door(profile), called(name))
    assert (read.sender, read.text, read.flags) == (sender, text, ())
    assert read.reply_to == {"to": sender}


def test_a_whole_message_is_an_arrival_with_its_request_and_without_its_secret() -> None:
    what = kept(door(), called("generic_json"))
    assert isinstance(what, Arrival)
    assert (what.received_at, what.same_since) == (NOW, None)
    assert what.raw.startswith(b"POST /sms/agregator\ncontent-type: application/json\n\n{")
    assert b"9007199254740993" in what.raw
    assert KEY.encode() not in what.raw


def test_the_raw_of_a_form_is_octet_for_octet_what_came() -> None:
    request = called("jasmin_post")
    what = kept(door("jasmin"), request)
    assert what.raw == b"POST /sms/jasmin\ncontent-type: application/x-www-form-urlencoded\n\n" + request.body


def test_a_secret_in_a_query_or_a_form_is_cut_out() -> None:
    channel = door("jasmin", secret=KEY, allow_from=[])
    get, post = called("jasmin_get"), called("jasmin_post")
    get = msgspec.structs.replace(get, query={**get.query, "secret": KEY})
    post = msgspec.structs.replace(post, body=b"%73ecret=" + KEY.encode() + b"&" + post.body)
    for request in (get, post):
        what = kept(channel, request)
        assert KEY.encode() not in what.raw
        assert said(channel, request).sender == "628120000001"


def test_what_was_kept_reads_the_same_again() -> None:
    channel = door("kannel")
    what = kept(channel, called("kannel_octets"))
    assert isinstance(what, Arrival)
    assert channel.decode(what, ()) == channel.decode(what, ())


def test_the_aggregators_id_makes_a_redelivery_the_same_at_any_time_and_tells_equal_words_apart() -> None:
    channel = door()
    first, later = kept(channel, asked()), kept(channel, msgspec.structs.replace(asked(), received_at=NOW + timedelta(days=1)))
    other = kept(channel, asked(id="m-2"))
    assert isinstance(first, Arrival)
    assert isinstance(later, Arrival)
    assert isinstance(other, Arrival)
    assert first.source_id == later.source_id != other.source_id
    assert first.same_since is None


def test_without_an_id_the_same_words_are_a_redelivery_within_the_window() -> None:
    channel = door(redelivery_window_s=60)
    first, other = kept(channel, asked(id=None)), kept(channel, asked("jalan rusak!", id=None))
    assert isinstance(first, Arrival)
    assert isinstance(other, Arrival)
    assert first.same_since == NOW - timedelta(seconds=60)
    assert first.source_id != other.source_id


def test_a_header_makes_a_part_and_octets_are_joined_before_they_are_read() -> None:
    channel = door("kannel")
    one = kept(channel, called("kannel_part"))
    assert isinstance(one, Part)
    assert (one.index, one.count) == (2, 3)
    wide = f"jalan {GRIN}!".encode("utf-16-be")
    requests = [
        asked(None, id=f"m-{index}", hex=piece.hex(), coding=8, udh=f"0500030902{index:02d}")
        for index, piece in enumerate((wide[:14], wide[14:]), 1)
    ]
    assert said(door(), *reversed(requests)).text == f"jalan {GRIN}!"


def test_fields_of_the_aggregators_own_make_a_part_too() -> None:
    channel = door()
    what = kept(channel, called("generic_parts"))
    assert isinstance(what, Part)
    assert (what.index, what.count) == (2, 3)
    other = kept(channel, asked(reference="b2", parts=3, part=1))
    assert isinstance(other, Part)
    assert other.group != what.group
    whole = kept(channel, asked(reference="b2", parts=1, part=1))
    assert isinstance(whole, Arrival)


def test_numbered_texts_are_joined() -> None:
    channel = door()
    what = kept(channel, called("generic_numbered"))
    assert isinstance(what, Part)
    assert (what.index, what.count, what.wait_until) == (2, 3, NOW + timedelta(seconds=600))
    texts = {1: "(1/3) jalan rusak, ", 2: "(2/3) sudah dua minggu", 3: "(3/3) , tolong"}
    read = said(channel, *(asked(texts[index], id=f"m-{index}") for index in (3, 1, 2)))
    assert (read.text, read.flags) == ("jalan rusak, sudah dua minggu, tolong", ())


def test_two_senders_numbered_texts_do_not_meet_nor_do_a_header_and_a_number() -> None:
    channel = door()
    mine, theirs = kept(channel, asked("(1/2) a")), kept(channel, asked("(1/2) a", sender="+628120000002"))
    fields = kept(channel, asked("a", parts=2, part=1, reference=""))
    assert isinstance(mine, Part)
    assert isinstance(theirs, Part)
    assert isinstance(fields, Part)
    assert len({mine.group, theirs.group, fields.group}) == 3


def test_a_lone_numbered_text_is_given_back_as_it_was_written() -> None:
    read = said(door(), asked("(1/3) sudah lapor ke kelurahan"))
    assert (read.text, read.flags) == ("(1/3) sudah lapor ke kelurahan", ("incomplete_sms",))


def test_numbered_texts_of_which_one_is_missing_have_a_gap() -> None:
    read = said(door(), asked("(1/3) jalan "), asked("(3/3) rusak", id="m-3"))
    assert (read.text, read.flags) == ("jalan [bagian 2/3 tidak diterima]rusak", ("incomplete_sms",))


@pytest.mark.parametrize(
    "text",
    ["(1/3)tanpa spasi", " (1/3) spasi dulu", "1/3 jalan", "(0/3) a", "(4/3) a", "(1/1) a", "(1/21) a", "(1/100) a", "RT (1/3) a", "(1/3"],
)
def test_only_what_stands_at_the_very_start_and_makes_sense_is_a_number(text: str) -> None:
    assert isinstance(kept(door(), asked(text)), Arrival)
    assert said(door(), asked(text)).text == text


@pytest.mark.parametrize(
    ("sender", "written", "answerable"),
    [
        ("+628120000001", "+628120000001", True),
        ("628120000001", "628120000001", True),
        ("08120000001", "08120000001", True),
        (" 628120000001", "+628120000001", True),
        ("BANK", "BANK", False),
        ("3636", "3636", False),
        ("+1708", "+1708", False),
        ("Dinas Pajak", "Dinas Pajak", False),
    ],
)
def test_only_telephones_are_answered(sender: str, written: str, answerable: bool) -> None:
    read = said(door(), asked(sender=sender))
    assert read.sender == written
    assert bool(read.reply_to) is answerable


def test_our_own_number_is_never_answered() -> None:
    assert not said(door("twilio", short_code="+628120000001"), called("twilio_sms")).reply_to


@pytest.mark.parametrize(
    ("fields", "text", "flags"),
    [
        ({"hex": "6A616C616E00", "coding": 0}, "jalan@", ()),
        ({"hex": "6a616c616e20e9", "coding": 3}, "jalan é", ()),
        ({"hex": "6a616c616e20e9", "charset": "windows-1252"}, "jalan é", ()),
        ({"hex": "6a616c616e20e9", "charset": "ISO-8859-1"}, "jalan é", ()),
        ({"hex": "6a616c616e20e9", "charset": "rot13"}, "jalan \ufffd", ("undecodable",)),
        ({"hex": "6a616c616e00", "charset": "GSM-7"}, "jalan@", ()),
        ({"hex": "ff00fe", "coding": 4}, "\ufffd\0\ufffd", ("undecodable",)),
        ({"text": "ditulis sebagai huruf", "coding": 8}, "ditulis sebagai huruf", ()),
        ({"text": "ditulis sebagai huruf", "coding": 0}, "ditulis sebagai huruf", ()),
        ({"text": ""}, "", ()),
        ({"udh": "050003", "text": "kepala rusak"}, "kepala rusak", ()),
    ],
)
def test_alphabets(fields: dict[str, object], text: str, flags: tuple[str, ...]) -> None:
    read = said(door(), asked(**fields))  # type: ignore[arg-type]  # some of them replace the text
    assert (read.text, read.flags) == (text, flags)


def test_octets_of_a_query_that_are_not_utf_8_are_admitted_when_nobody_says_what_they_are() -> None:
    request = called("kannel_octets")
    request = msgspec.structs.replace(request, query={"from": "+628120000001", "text": "caf\udce9"})
    read = said(door("kannel"), request)
    assert (read.text, read.flags) == ("caf\ufffd", ("undecodable",))


def test_what_no_query_can_hold_is_no_fault_of_ours() -> None:
    assert said(door("kannel"), called("kannel_text", query={"from": "+628120000001", "text": "a\ud800"})).text == "a?"


def test_the_aggregators_id_stands_beside_the_message() -> None:
    assert said(door(), called("generic_json")) == InboundMessage(
        channel="agregator",
        source_id="f",
        sender="628120000001",
        text='jalan "rusak" é',
        received_at=NOW,
        reply_to={"to": "628120000001"},
        extras={"provider_id": "9007199254740993"},
    )


def test_no_letter_follows_what_was_answered_with_the_response() -> None:
    channel = door(answer="response", send_url="", success_body="{reference}")
    assert said(channel, asked()).reply_to == {}


def test_fields_have_the_names_of_the_settings_also_deep_in_json() -> None:
    channel = door(fields={"from": "sms.msisdn", "text": "sms.isi"})
    body = msgspec.json.encode({"id": "m-1", "sms": {"msisdn": "+628120000001", "isi": "jalan rusak"}, "secret": KEY})
    read = said(channel, called("generic_json", body=body))
    assert (read.sender, read.text) == ("+628120000001", "jalan rusak")


def test_half_of_an_emoji_in_json_costs_no_more_than_the_emoji() -> None:
    body = b'{"id": "m-1", "from": "+628120000001", "text": "jalan rusak \\ud83d", "secret": "%s"}' % KEY.encode()
    assert said(door(), called("generic_json", body=body)).text == "jalan rusak ?"
    assert KEY.encode() not in kept(door(), called("generic_json", body=body)).raw


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_what_is_no_number_in_json_is_not_there(number: bytes) -> None:
    channel = door(secret_header="x-kunci")
    request = called("generic_json", headers={"content-type": "application/json", "x-kunci": KEY})
    body = b'{"id": %s, "from": "+628120000001", "text": "jalan rusak"}' % number
    what = kept(channel, msgspec.structs.replace(request, body=body))
    assert isinstance(what, Arrival)
    # no id: the same words are the same message for ten minutes, not for ever
    assert what.same_since == NOW - timedelta(minutes=10)
    assert said(channel, msgspec.structs.replace(request, body=body)).extras == {}
    with pytest.raises(ValueError, match="from is missing"):
        channel.read(msgspec.structs.replace(request, body=b'{"from": %s, "text": "jalan rusak"}' % number))


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_blanks_are_no_id(blank: str) -> None:
    what = kept(door(), asked(id=blank))
    assert isinstance(what, Arrival)
    assert what.same_since == NOW - timedelta(minutes=10)


def test_a_coding_that_kannel_does_not_know_refuses_no_message() -> None:
    query = {"from": "+628120000001", "hex": "6a616c616e20c3a9", "coding": "-1", "charset": "UTF-8"}
    assert said(door("kannel"), called("kannel_octets", query=query)).text == "jalan é"


@pytest.mark.parametrize("raw", [b"", b"POST /\n\n", b"POST /\ncontent-type: image/png\n\nx", b"GET /?text=a\ncontent-type: \n\n"])
def test_bytes_that_are_no_push_are_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"push|form|missing|JSON"):
        door().decode(Arrival(channel="agregator", source_id="f", raw=raw, received_at=NOW), ())


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300).filter(
        lambda text: not text.startswith("\ufeff") and "\ufffd" not in text
    ),
    st.integers(2, 9),
    st.randoms(),
)
def test_parts_in_any_order_and_twice_are_the_text(text: str, count: int, dice: random.Random) -> None:
    size = len(text) // count + 1
    pieces = [text[at * size : (at + 1) * size] for at in range(count)]
    requests = [asked(piece, id=f"m-{index}", reference="7", parts=count, part=index) for index, piece in enumerate(pieces, 1)]
    requests += dice.sample(requests, k=dice.randint(0, count))
    dice.shuffle(requests)
    read = said(door(), *requests)
    # a byte order mark at the start of a part in the middle is a letter like any other
    assert (read.text, read.flags) == (text, ())
