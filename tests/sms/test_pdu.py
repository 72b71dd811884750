"""The codec of messages and answers, on octets written by hand and on what is wrong with them."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import consts

from channels.sms import pdu
from channels.sms.pdu import Answer, FramingLost, Malformed, ShortMessage
from tests.sms.wire import captured

PLAIN = captured("deliver_plain")


def framed(command: int, body: bytes, sequence: int = 1) -> bytes:
    return struct.pack(">IIII", 16 + len(body), command, 0, sequence) + body


def tlv(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


def test_a_plain_message_is_read_field_by_field() -> None:
    assert pdu.read_message(PLAIN) == ShortMessage(
        command=pdu.DELIVER_SM,
        sequence=77,
        source_ton=1,
        source_npi=1,
        source="628120000001",
        destination_npi=1,
        destination="1708",
        body=b"TANGKAB jalan rusak",
    )


def test_vendor_parameters_and_the_header_in_the_body_are_kept() -> None:
    message = pdu.read_message(captured("deliver_part_udh8"))
    assert (message.service_type, message.esm_class, message.sequence) == ("CMT", 0x40, 0x102)
    assert message.body == b"\x05\x00\x03\xa5\x03\x02 di d"
    assert message.tlvs == {0x1401: b"\xde\xad\xbe\xef"}


def test_message_payload_is_the_body_of_a_message_without_a_short_message() -> None:
    message = pdu.read_message(captured("deliver_payload"))
    assert message.body.decode("utf-16-be") == "jalan \N{GRINNING FACE}"
    assert (message.data_coding, message.tlvs) == (8, {0x0204: b"\x00\x17"})


def test_data_sm_has_its_own_layout() -> None:
    message = pdu.read_message(captured("data_sm"))
    assert (message.command, message.source, message.destination, message.body) == (pdu.DATA_SM, "628120000004", "1708", b"saya")
    assert message.tlvs == {0x020C: b"\x12\x34", 0x020E: b"\x02", 0x020F: b"\x01"}


@pytest.mark.parametrize("name", ["deliver_plain", "deliver_part_udh8", "data_sm", "receipt_text", "receipt_tlv"])
def test_what_is_read_is_written_again_octet_for_octet(name: str) -> None:
    raw = captured(name)
    assert pdu.write_message(pdu.read_message(raw)) == raw


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("submit_sm_resp", Answer(command=pdu.SUBMIT_SM_RESP, sequence=0x21, message_id="1E240")),
        ("submit_sm_resp_bare", Answer(command=pdu.SUBMIT_SM_RESP, sequence=0x22)),
        ("submit_sm_resp_throttled", Answer(command=pdu.SUBMIT_SM_RESP, sequence=0x23, status=consts.SMPP_ESME_RTHROTTLED)),
    ],
)
def test_answers_are_read(name: str, answer: Answer) -> None:
    assert pdu.read_answer(captured(name)) == answer


def test_a_message_id_that_lacks_its_nul_is_read_because_a_lost_answer_is_a_letter_sent_twice() -> None:
    assert pdu.read_answer(framed(pdu.SUBMIT_SM_RESP, b"1E240")).message_id == "1E240"


def test_generic_nack_is_an_answer_without_a_body() -> None:
    raw = struct.pack(">IIII", 16, pdu.GENERIC_NACK, 3, 9)
    assert pdu.read_answer(raw) == Answer(command=pdu.GENERIC_NACK, status=3, sequence=9)
    assert pdu.write_answer(pdu.read_answer(raw)) == raw


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"x" * 65, consts.SMPP_ESME_RINVMSGID),
        (b"x" * 65 + b"\0", consts.SMPP_ESME_RINVMSGID),
        (b"1\0\1", consts.SMPP_ESME_RINVOPTPARSTREAM),
    ],
)
def test_an_answer_with_a_fault_names_it(body: bytes, status: int) -> None:
    with pytest.raises(Malformed) as caught:
        pdu.read_answer(framed(pdu.SUBMIT_SM_RESP, body))
    assert caught.value.status == status


def test_a_request_is_no_answer_and_an_answer_no_message() -> None:
    with pytest.raises(Malformed) as no_answer:
        pdu.read_answer(PLAIN)
    with pytest.raises(Malformed) as no_message:
        pdu.read_message(captured("submit_sm_resp"))
    assert no_answer.value.status == no_message.value.status == consts.SMPP_ESME_RINVCMDID


def test_a_header_that_lies_about_its_length_is_malformed() -> None:
    for raw in (PLAIN + b"\0", PLAIN[:-1], PLAIN[:15], b""):
        for read in (pdu.read_message, pdu.read_answer):
            with pytest.raises(Malformed) as caught:
                read(raw)
            assert caught.value.status == consts.SMPP_ESME_RINVCMDLEN


ADDRESSED = b"\0\1\1628120000001\0\0\1" + b"1708\0"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"CMTXYZ\0", consts.SMPP_ESME_RINVSERTYP, "service_type"),
        (b"\0\1", consts.SMPP_ESME_RINVCMDLEN, "source_npi is missing"),
        (b"\0\1\1" + b"6" * 21 + b"\0\0\1" + b"1708\0" + bytes(10), consts.SMPP_ESME_RINVSRCADR, "source"),
        (b"\0\1\1" + b"628120000001", consts.SMPP_ESME_RINVSRCADR, "source"),
        (b"\0\1\1628120000001\0\0\1" + b"1" * 30 + bytes(10), consts.SMPP_ESME_RINVDSTADR, "destination"),
        (ADDRESSED + b"\0\0\0" + b"9" * 17 + bytes(8), consts.SMPP_ESME_RINVSCHED, "schedule_delivery_time"),
        (ADDRESSED + b"\0\0\0\0" + b"9" * 17 + bytes(8), consts.SMPP_ESME_RINVEXPIRY, "validity_period"),
        (ADDRESSED + bytes(5), consts.SMPP_ESME_RINVCMDLEN, "registered_delivery is missing"),
        (ADDRESSED + bytes(9), consts.SMPP_ESME_RINVCMDLEN, "sm_length is missing"),
        (ADDRESSED + bytes(9) + b"\5abcd", consts.SMPP_ESME_RINVMSGLEN, "sm_length"),
        (ADDRESSED + bytes(9) + b"\4abcd\0\1", consts.SMPP_ESME_RINVOPTPARSTREAM, "octets after"),
        (ADDRESSED + bytes(9) + b"\4abcd\x14\1\0\2\0", consts.SMPP_ESME_RINVOPTPARSTREAM, "0x1401"),
    ],
)
def test_a_fault_is_named_by_field_and_status_and_never_by_content(body: bytes, status: int, words: str) -> None:
    with pytest.raises(Malformed) as caught:
        pdu.read_message(framed(pdu.DELIVER_SM, body))
    assert caught.value.status == status
    assert words in str(caught.value)
    assert not any(content in str(caught.value) for content in ("62812", "1708", "abcd", "CMTX"))


@pytest.mark.parametrize("nuls", [1, 2, 3])
def test_nuls_after_the_last_field_say_nothing(nuls: int) -> None:
    body = ADDRESSED + bytes(9) + b"\4abcd"
    assert pdu.read_message(framed(pdu.DELIVER_SM, body + bytes(nuls))) == pdu.read_message(framed(pdu.DELIVER_SM, body))
    numbered = framed(pdu.DELIVER_SM, body + tlv(0x1401, b"A1") + bytes(nuls))
    assert pdu.read_message(numbered).tlvs == {0x1401: b"A1"}
    assert pdu.read_answer(framed(pdu.SUBMIT_SM_RESP, b"1E240\0" + bytes(nuls))).message_id == "1E240"


def test_of_a_repeated_parameter_the_first_counts() -> None:
    raw = framed(pdu.DELIVER_SM, ADDRESSED + bytes(9) + b"\1a" + tlv(0x1401, b"one") + tlv(0x1401, b"two"))
    assert pdu.read_message(raw).tlvs == {0x1401: b"one"}


def test_a_payload_beside_a_short_message_is_kept_with_the_other_parameters() -> None:
    raw = framed(pdu.DELIVER_SM, ADDRESSED + bytes(9) + b"\1a" + tlv(0x0424, b"bcd"))
    message = pdu.read_message(raw)
    assert (message.body, message.tlvs) == (b"a", {0x0424: b"bcd"})
    assert pdu.write_message(message) == raw


@pytest.mark.parametrize(
    "changes",
    [
        {"source": "6" * 21},
        {"service_type": "CMTXYZ"},
        {"validity_period": "9" * 17},
        {"destination": "17\0008"},
        {"source": "\N{EURO SIGN}"},
        {"esm_class": 256},
        {"data_coding": -1},
        {"tlvs": {0x10000: b""}},
        {"tlvs": {0x0424: b"x"}, "body": b"y" * 255},
        {"body": b"y" * 65536},
    ],
)
def test_what_cannot_be_written_is_a_value_error_without_the_content(changes: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"command": pdu.SUBMIT_SM, "source": "1708", "destination": "628120000001", "body": b"isi", **changes}
    with pytest.raises(ValueError) as caught:
        pdu.write_message(ShortMessage(**fields))
    assert "66666" not in str(caught.value)
    assert "628" not in str(caught.value)


def test_a_long_body_goes_to_message_payload() -> None:
    message = ShortMessage(command=pdu.SUBMIT_SM, destination="628120000001", body=b"x" * 255)
    raw = pdu.write_message(message)
    assert tlv(0x0424, b"x" * 255) in raw
    assert pdu.read_message(raw) == message


octet = st.integers(0, 255)


def c_string(longest: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=longest)


messages = st.builds(
    ShortMessage,
    command=st.sampled_from([pdu.DELIVER_SM, pdu.SUBMIT_SM]),
    sequence=st.integers(0, 0xFFFFFFFF),
    service_type=c_string(5),
    source_ton=octet,
    source_npi=octet,
    source=c_string(20),
    destination_ton=octet,
    destination_npi=octet,
    destination=c_string(20),
    esm_class=octet,
    protocol_id=octet,
    priority_flag=octet,
    schedule_delivery_time=c_string(16),
    validity_period=c_string(16),
    registered_delivery=octet,
    replace_if_present_flag=octet,
    data_coding=octet,
    sm_default_msg_id=octet,
    body=st.binary(max_size=300),
    tlvs=st.dictionaries(st.integers(0, 0xFFFF).filter(lambda tag: tag != pdu.MESSAGE_PAYLOAD), st.binary(max_size=40), max_size=4),
)


@given(messages)
def test_every_message_comes_back_as_it_was_written(message: ShortMessage) -> None:
    assert pdu.read_message(pdu.write_message(message)) == message


@given(
    st.builds(
        Answer,
        command=st.sampled_from([pdu.SUBMIT_SM_RESP, pdu.DELIVER_SM_RESP, pdu.DATA_SM_RESP]),
        status=st.integers(0, 0xFFFFFFFF),
        sequence=st.integers(0, 0xFFFFFFFF),
        message_id=c_string(64),
        tlvs=st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=40), max_size=3),
    )
)
def test_every_answer_comes_back_as_it_was_written(answer: Answer) -> None:
    assert pdu.read_answer(pdu.write_answer(answer)) == answer


def test_the_short_way_to_answer_a_delivery_is_the_long_one() -> None:
    for command in (pdu.DELIVER_SM, pdu.DATA_SM):
        answer = Answer(command=command | pdu.RESPONSE, sequence=7, status=consts.SMPP_ESME_RX_T_APPN)
        assert pdu.deliver_answer(command, 7, consts.SMPP_ESME_RX_T_APPN) == pdu.write_answer(answer)


@given(st.lists(messages.map(pdu.write_message), max_size=5), st.data())
def test_a_stream_gives_the_same_pdus_however_it_is_cut(raws: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(raws)
    step = data.draw(st.integers(1, max(1, len(stream))))
    found: list[bytes] = []
    rest = b""
    for at in range(0, len(stream), step):
        whole, rest = pdu.split(rest + stream[at : at + step])
        found += whole
    assert (found, rest) == (raws, b"")


def test_a_stream_fed_octet_by_octet_gives_each_pdu_once() -> None:
    rest, found = b"", []
    for octet in PLAIN * 3 + PLAIN[:20]:
        whole, rest = pdu.split(rest + bytes((octet,)))
        found += whole
    assert (found, rest) == ([PLAIN] * 3, PLAIN[:20])


def test_a_buffer_without_a_whole_pdu_is_handed_back_and_not_copied() -> None:
    beginning = struct.pack(">I", 65_000) + bytes(60_000)
    assert pdu.split(beginning)[1] is beginning


@pytest.mark.parametrize("length", [0, 3, 15, pdu.MAX_LENGTH + 1, 0xFFFFFFFF])
def test_a_length_that_no_pdu_has_loses_the_framing_but_not_what_came_before(length: int) -> None:
    with pytest.raises(FramingLost) as caught:
        pdu.split(PLAIN + struct.pack(">I", length))
    assert caught.value.whole == (PLAIN,)
