"""Arrivals, parts and their identities; and what they say once they are on disk."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Arrival, InboundMessage, Part
from channels.sms import pdu, reading, segments
from channels.sms.pdu import Malformed, ShortMessage
from channels.sms.reading import Rules, fingerprint
from tests.sms.wire import captured

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SINCE = NOW - timedelta(seconds=600)
RULES = Rules(short_code="1708")
GRIN = "\N{GRINNING FACE}"
PLAIN = ShortMessage(
    command=pdu.DELIVER_SM, source_ton=1, source_npi=1, source="628120000001", destination_npi=1, destination="1708", body=b"jalan rusak"
)


def arrive(message: ShortMessage, rules: Rules = RULES) -> Arrival | Part:
    raw = pdu.write_message(message)
    return reading.read_arrival("telkomsel", raw, pdu.read_message(raw), now=NOW, since=SINCE, rules=rules)


def said(*messages: ShortMessage, rules: Rules = RULES) -> InboundMessage:
    kept = [arrive(message, rules) for message in messages]
    parts = [part for part in kept if isinstance(part, Part)]
    return reading.decode(Arrival(channel="telkomsel", source_id="f", raw=kept[0].raw, received_at=NOW), parts, rules)


def parts_of(octets: bytes, cuts: list[int], data_coding: int = 0) -> list[ShortMessage]:
    """A body cut where a sloppy sender cuts it."""
    bodies = [octets[start:end] for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True)]
    return [
        msgspec.structs.replace(PLAIN, esm_class=0x40, data_coding=data_coding, body=bytes((5, 0, 3, 9, len(bodies), number)) + body)
        for number, body in enumerate(bodies, start=1)
    ]


def test_a_whole_message_is_an_arrival_with_its_exact_bytes() -> None:
    raw = captured("deliver_plain")
    message = pdu.read_message(raw)
    assert reading.read_arrival("telkomsel", raw, message, now=NOW, since=SINCE, rules=RULES) == Arrival(
        channel="telkomsel", source_id=fingerprint(message), raw=raw, received_at=NOW, same_since=SINCE
    )


def test_a_part_is_held_with_its_place_its_patience_and_its_limits() -> None:
    raw = captured("deliver_part_udh8")
    message = pdu.read_message(raw)
    part = reading.read_arrival("telkomsel", raw, message, now=NOW, since=SINCE, rules=RULES)
    assert isinstance(part, Part)
    place = segments.concat(message)[0]
    assert place is not None
    assert part == Part(
        channel="telkomsel",
        group=segments.group_key(message, place),
        index=2,
        count=3,
        raw=raw,
        fingerprint=fingerprint(message),
        received_at=NOW,
        wait_until=NOW + timedelta(seconds=600),
        same_since=NOW - timedelta(seconds=600 + 3600),
    )


def test_sar_parameters_make_a_part_too() -> None:
    raw = captured("data_sm")
    part = reading.read_arrival("telkomsel", raw, pdu.read_message(raw), now=NOW, since=SINCE, rules=RULES)
    assert isinstance(part, Part)
    assert (part.index, part.count) == (1, 2)


def test_a_redelivery_has_the_same_fingerprint() -> None:
    again = msgspec.structs.replace(PLAIN, sequence=99, service_type="CMT", tlvs={0x1401: b"route 2"})
    assert fingerprint(again) == fingerprint(PLAIN)


@pytest.mark.parametrize(
    "changes",
    [
        {"source": "628120000002"},
        {"destination": "1709"},
        {"esm_class": 0x40},
        {"data_coding": 3},
        {"body": b"jalan rusak."},
        {"tlvs": {0x020C: b"\0\1"}},
        {"tlvs": {0x0424: b"jalan"}},
    ],
)
def test_another_message_has_another_fingerprint(changes: dict[str, object]) -> None:
    assert fingerprint(msgspec.structs.replace(PLAIN, **changes)) != fingerprint(PLAIN)


def test_the_operators_id_tells_messages_apart_and_makes_a_redelivery_the_same_at_any_time() -> None:
    rules = Rules(short_code="1708", id_tlv=0x1401)
    first, second = (msgspec.structs.replace(PLAIN, tlvs={0x1401: identity}) for identity in (b"A1", b"A2"))
    kept, again, other = arrive(first, rules), arrive(msgspec.structs.replace(first, sequence=9), rules), arrive(second, rules)
    assert isinstance(kept, Arrival)
    assert isinstance(again, Arrival)
    assert isinstance(other, Arrival)
    assert kept.source_id == again.source_id != other.source_id
    assert kept.same_since is None
    without = arrive(PLAIN, rules)
    assert isinstance(without, Arrival)
    assert without.same_since == SINCE


@pytest.mark.parametrize(
    ("id_tlv", "tlvs"), [(0, {0: b""}), (0x1401, {0x1401: b""}), (0x1401, {0x1401: b"\0"}), (0x1401, {0: b"", 0x1402: b"A1"})]
)
def test_a_parameter_that_is_no_id_makes_no_message_the_same_as_one_of_long_ago(id_tlv: int, tlvs: dict[int, bytes]) -> None:
    kept = arrive(msgspec.structs.replace(PLAIN, tlvs=tlvs), Rules(short_code="1708", id_tlv=id_tlv))
    assert isinstance(kept, Arrival)
    assert kept.same_since == SINCE


def test_what_cannot_be_read_is_kept_and_its_redelivery_known_by_all_but_the_sequence_number() -> None:
    raw = captured("deliver_plain")[:40]
    again = raw[:12] + b"\0\0\1\1" + raw[16:]
    first, second = (reading.unreadable("telkomsel", octets, NOW, SINCE) for octets in (raw, again))
    assert first.source_id == second.source_id != reading.unreadable("telkomsel", raw + b"x", NOW, SINCE).source_id
    assert (first.raw, first.same_since) == (raw, SINCE)
    with pytest.raises(Malformed):
        reading.decode(first, (), RULES)


def test_a_message_is_read_with_sender_text_and_the_way_back() -> None:
    assert said(PLAIN) == InboundMessage(
        channel="telkomsel",
        source_id="f",
        sender="+628120000001",
        text="jalan rusak",
        received_at=NOW,
        reply_to={"to": "628120000001", "ton": "1", "npi": "1"},
        extras={"source_ton": "1"},
    )


def test_vendor_parameters_are_kept_as_hex() -> None:
    assert said(pdu.read_message(captured("deliver_part_udh8"))).extras == {"source_ton": "1", "0x1401": "deadbeef"}


@pytest.mark.parametrize(
    ("ton", "source", "sender", "answerable"),
    [
        (1, "628120000001", "+628120000001", True),
        (1, "+628120000001", "+628120000001", True),
        (1, "08120000001", "08120000001", True),
        (2, "08120000001", "08120000001", True),
        (0, "628120000001", "628120000001", True),
        (5, "BANK", "BANK", False),
        (5, "628120000001", "628120000001", False),
        (0, "Info-Pajak", "Info-Pajak", False),
        (3, "3636", "3636", False),
        (1, "123456", "+123456", False),
        (0, "+1708", "+1708", False),
        (0, "", "", False),
        (0, "٠٨١٢٠٠٠٠٠٠١".encode().decode("latin-1")[:20], "٠٨١٢٠٠٠٠٠٠١".encode().decode("latin-1")[:20], False),
    ],
)
def test_only_telephones_are_answered(ton: int, source: str, sender: str, answerable: bool) -> None:
    read = said(msgspec.structs.replace(PLAIN, source_ton=ton, source=source))
    assert read.sender == sender
    assert bool(read.reply_to) is answerable


@pytest.mark.parametrize(
    ("text", "goes_to"),
    [
        (
            "id:0000000001 sub:001 dlvrd:001 submit date:2611230900 done date:2611230901 stat:DELIVRD err:000 text:LAPOR! Terima kasih",
            "declined",
        ),
        ("id:7f submit date:261123090000 done date:261123090100 stat:UNDELIV err:0x1 Text:", "declined"),
        ("id:0000000001 sub:001 dlvrd:001 submit date:2611230900 done date:2611230901 stat:DELIVRD err:000 padahal jalan rusak", "submit"),
        ("id:77 stat:DELIVRD kata petugas, padahal jalan rusak", "submit"),
        ("id:77 submit date: kemarin", "submit"),
    ],
)
def test_a_receipt_that_is_not_marked_is_no_complaint_and_gets_no_answer(text: str, goes_to: str) -> None:
    read = said(msgspec.structs.replace(PLAIN, body=text.encode()))
    assert (read.text, read.goes_to, bool(read.reply_to)) == (text, goes_to, goes_to == "submit")


def test_our_own_number_is_never_answered() -> None:
    assert not said(PLAIN, rules=Rules(short_code="+628120000001")).reply_to


def test_an_escape_and_a_surrogate_pair_may_straddle_two_parts() -> None:
    assert said(*parts_of(b"harga 5\x1be di RT 4", [8])).text == "harga 5\N{EURO SIGN} di RT 4"
    assert said(*parts_of(f"jalan {GRIN}!".encode("utf-16-be"), [14], data_coding=8)).text == f"jalan {GRIN}!"


def test_missing_parts_leave_a_mark_and_a_flag() -> None:
    first, _, third = parts_of(b"satu dua tiga", [5, 9])
    read = said(third, first)
    assert read.text == "satu [bagian 2/3 tidak diterima]tiga"
    assert read.flags == ("incomplete_sms",)


def test_a_stretch_that_is_cut_through_a_character_is_admitted() -> None:
    first, *_ = parts_of(f"jalan {GRIN}!".encode("utf-16-be"), [14], data_coding=8)
    read = said(first)
    assert read.text == "jalan \ufffd[bagian 2/2 tidak diterima]"
    assert read.flags == ("incomplete_sms", "undecodable")


def test_parts_in_two_alphabets_are_read_each_in_its_own() -> None:
    gsm, wide = parts_of(b"\x00satu ", [5])
    wide = msgspec.structs.replace(wide, data_coding=8, body=wide.body[:6] + f"dua {GRIN}".encode("utf-16-be"))
    assert said(gsm, wide).text == f"@satudua {GRIN}"


def test_a_national_table_and_a_payload_beside_a_text_are_admitted() -> None:
    assert said(msgspec.structs.replace(PLAIN, esm_class=0x40, body=b"\3\x25\1\1isi")).flags == ("undecodable",)
    beside = said(msgspec.structs.replace(PLAIN, tlvs={0x0424: b"isi"}))
    assert (beside.flags, beside.extras) == (("undecodable",), {"source_ton": "1", "0x0424": "697369"})


@given(st.text(max_size=400).filter(lambda text: not text.startswith("\ufeff")), st.integers(2, 255), st.randoms())
def test_parts_in_any_order_and_twice_are_the_text(text: str, size: int, dice: random.Random) -> None:
    octets = text.encode("utf-16-be")
    size = max(size, len(octets) // 200 + 1)
    messages = parts_of(octets, list(range(size, len(octets), size)), data_coding=8)
    messages += dice.sample(messages, k=dice.randint(0, len(messages)))
    dice.shuffle(messages)
    read = said(*messages)
    assert (read.text, read.flags) == (text, ())
