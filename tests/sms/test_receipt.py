"""Receipts in the forms that SMSCs give them, and messages that only look like one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels.base import Receipt
from channels.sms import pdu
from channels.sms.pdu import ShortMessage
from channels.sms.reading import is_receipt, read_receipt
from tests.sms.wire import captured

NOW = datetime(2026, 11, 22, 2, 2, tzinfo=UTC)


def receipt(text: str, *, data_coding: int = 0, esm_class: int = 0x04, tlvs: dict[int, bytes] | None = None) -> ShortMessage:
    body = text.encode("utf-16-be" if data_coding == 8 else "latin-1")
    return ShortMessage(command=pdu.DELIVER_SM, esm_class=esm_class, data_coding=data_coding, body=body, tlvs=tlvs or {})


def test_the_text_form_is_read_and_the_letter_in_it_is_not_carried_on() -> None:
    message = pdu.read_message(captured("receipt_text"))
    assert is_receipt(message)
    read = read_receipt("telkomsel", message, NOW)
    assert (read.channel, read.state, read.words, read.at) == ("telkomsel", "delivered", "DELIVRD err:000", NOW)
    assert read.provider_ids[0] == "0000123456"
    assert "Laporan" not in repr(read)


def test_the_tlv_form_is_read() -> None:
    message = pdu.read_message(captured("receipt_tlv"))
    assert is_receipt(message)
    read = read_receipt("telkomsel", message, NOW)
    assert (read.provider_ids[0], read.state, read.words) == ("1E240", "failed", "UNDELIV")


@pytest.mark.parametrize(
    ("received", "on_file"),
    [
        ("0000123456", "0000123456"),
        ("0000123456", "123456"),
        ("0000123456", "1e240"),
        ("0000123456", "1E240"),
        ("123456", "0001e240"),
        ("123456", "0001E240"),
        ("1E240", "123456"),
        ("1e240", "0000123456"),
        ("1e240", "1E240"),
        ("00ABCDEF", "abcdef"),
        ("a-1_b.7", "A-1_B.7"),
    ],
)
def test_an_id_is_known_in_every_spelling(received: str, on_file: str) -> None:
    read: Receipt = read_receipt("telkomsel", receipt(f"id:{received} stat:DELIVRD"), NOW)
    assert read.provider_ids[0] == received
    assert on_file in read.provider_ids
    assert len(set(read.provider_ids)) == len(read.provider_ids)


@pytest.mark.parametrize(
    ("text", "state", "words"),
    [
        ("ID:77 SUB:001 DLVRD:001 STAT:delivrd ERR:000 TEXT:", "delivered", "delivrd err:000"),
        ("stat:EXPIRED id:77", "failed", "EXPIRED"),
        ("text:LAPOR! stat:UNDELIV err:27 id:77", "failed", "UNDELIV err:27"),
        ("id: 77 submit date: 2611220201 stat: REJECTD err: 0a", "failed", "REJECTD err:0a"),
        ("id:77 sub:001 stat:ACCEPTD", "pending", "ACCEPTD"),
        ("id:77 stat:ENROUTE", "pending", "ENROUTE"),
        ("id:77 stat:DELETED", "failed", "DELETED"),
        ("id:77 stat:UNKNOWN", "failed", "UNKNOWN"),
        ("id:77 stat:DELIVERED done date:2611220201", "delivered", "DELIVERED"),
        ("id:77 stat:SKIPPED", "pending", "SKIPPED"),
        ("id:77", "pending", ""),
        ("id:77 stat: err:jalan rusak", "pending", ""),
        ("id:77 stat:DELIVRD text:stat:EXPIRED id:99", "delivered", "DELIVRD"),
    ],
)
def test_fields_may_be_missing_in_any_order_and_in_any_case(text: str, state: str, words: str) -> None:
    read = read_receipt("telkomsel", receipt(text), NOW)
    assert (read.provider_ids[0], read.state, read.words) == ("77", state, words)


def test_a_receipt_in_ucs2_is_read() -> None:
    assert read_receipt("telkomsel", receipt("id:77 stat:DELIVRD", data_coding=8), NOW).state == "delivered"


def test_parameters_count_before_the_text_and_both_ids_are_known() -> None:
    read = read_receipt("telkomsel", receipt("id:88 stat:DELIVRD err:001", tlvs={0x001E: b"77\0", 0x0427: b"\3"}), NOW)
    assert (read.provider_ids[0], read.state, read.words) == ("77", "failed", "EXPIRED err:001")
    assert "88" in read.provider_ids


@pytest.mark.parametrize("text", ["", "stat:DELIVRD err:000", "id: stat:DELIVRD", f"id:{'9' * 65} stat:DELIVRD", "jalan rusak"])
def test_a_receipt_that_names_no_message_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="names no message"):
        read_receipt("telkomsel", receipt(text), NOW)


@pytest.mark.parametrize(
    ("message", "claim"),
    [
        (receipt("id:77 stat:DELIVRD", esm_class=0x04), True),
        (receipt("id:77 stat:DELIVRD", esm_class=0x44), True),
        (receipt("id:77", esm_class=0x08), True),
        (receipt("id:77", esm_class=0x20), True),
        (receipt("", esm_class=0, tlvs={0x001E: b"77\0", 0x0427: b"\2"}), True),
        (receipt("id:77 stat:DELIVRD kata petugas, padahal jalan rusak", esm_class=0), False),
        (receipt("", esm_class=0, tlvs={0x001E: b"77\0"}), False),
        (receipt("setuju", esm_class=0x10), False),
        (receipt("isi", esm_class=0x40), False),
        (receipt("isi", esm_class=0x03), False),
    ],
)
def test_only_the_operator_says_what_a_receipt_is(message: ShortMessage, claim: bool) -> None:
    assert is_receipt(message) is claim
