"""Our codec of the hot PDUs against smpplib's, both ways, where smpplib is right.

It cuts long strings without a word, reads integer parameters without their length, refuses parameters that it does not declare for a
command, and writes parameters in an order of its own: nothing of that is generated here.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from smpplib import smpp

from channels.sms import pdu
from channels.sms.pdu import Answer, ShortMessage

#: our name of a field: smpplib's
NAMES = {
    "service_type": "service_type",
    "source_ton": "source_addr_ton",
    "source_npi": "source_addr_npi",
    "source": "source_addr",
    "destination_ton": "dest_addr_ton",
    "destination_npi": "dest_addr_npi",
    "destination": "destination_addr",
    "esm_class": "esm_class",
    "protocol_id": "protocol_id",
    "priority_flag": "priority_flag",
    "schedule_delivery_time": "schedule_delivery_time",
    "validity_period": "validity_period",
    "registered_delivery": "registered_delivery",
    "replace_if_present_flag": "replace_if_present_flag",
    "data_coding": "data_coding",
    "sm_default_msg_id": "sm_default_msg_id",
}
DATA_NAMES = ("service_type", "source_ton", "source_npi", "source", "destination_ton", "destination_npi", "destination", "esm_class")
COMMANDS = {pdu.DELIVER_SM: "deliver_sm", pdu.SUBMIT_SM: "submit_sm", pdu.DATA_SM: "data_sm"}
#: in smpplib's order: (tag, name, octets)
INTEGERS = ((0x0204, "user_message_reference", 2), (0x020C, "sar_msg_ref_num", 2), (0x020E, "sar_total_segments", 1))


class Numberless:
    """smpplib takes a number from its client for every request that it makes or reads."""

    sequence = 0

    def next_sequence(self) -> int:
        return 0


octet = st.integers(0, 255)
text = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E))
messages = st.builds(
    ShortMessage,
    command=st.sampled_from([pdu.DELIVER_SM, pdu.SUBMIT_SM]),
    sequence=st.integers(1, 0x7FFFFFFF),
    **{name: text.map(lambda value: value[:5]) for name in ("service_type",)},
    **{name: text.map(lambda value: value[:20]) for name in ("source", "destination")},
    **{name: text.map(lambda value: value[:16]) for name in ("schedule_delivery_time", "validity_period")},
    **{name: octet for name in NAMES if name.endswith(("ton", "npi", "class", "protocol_id", "flag", "delivery", "coding", "msg_id"))},
    body=st.binary(max_size=400),
    tlvs=st.sets(st.sampled_from(INTEGERS)).map(
        lambda chosen: {tag: b"\7".rjust(size, b"\1") for tag, _, size in INTEGERS if (tag, _, size) in chosen}
    ),
)


def by_smpplib(message: ShortMessage) -> bytes:
    names = (*DATA_NAMES, "registered_delivery", "data_coding") if message.command == pdu.DATA_SM else tuple(NAMES)
    fields: dict[str, Any] = {NAMES[name]: getattr(message, name) for name in names}
    fields |= {name: int.from_bytes(message.tlvs[tag]) for tag, name, _ in INTEGERS if tag in message.tlvs}
    long = len(message.body) > 254 or message.command == pdu.DATA_SM
    fields["message_payload" if long else "short_message"] = message.body
    made = smpp.make_pdu(COMMANDS[message.command], client=Numberless(), **fields)
    made.sequence = message.sequence
    return bytes(made.generate())


def read_by_smpplib(raw: bytes) -> Any:
    return smpp.parse_pdu(raw, client=Numberless(), allow_unknown_opt_params=True)


@given(messages)
def test_messages_are_written_as_smpplib_writes_them(message: ShortMessage) -> None:
    assert pdu.write_message(message) == by_smpplib(message)


@given(messages)
def test_messages_that_smpplib_wrote_are_read_as_meant(message: ShortMessage) -> None:
    assert pdu.read_message(by_smpplib(message)) == message


@given(messages)
def test_smpplib_reads_our_messages_as_we_do(message: ShortMessage) -> None:
    theirs = read_by_smpplib(pdu.write_message(message))
    for ours, name in NAMES.items():
        value = getattr(theirs, name)
        assert (value.decode("latin-1") if isinstance(value, bytes) else value) == getattr(message, ours)
    assert theirs.sequence == message.sequence
    assert (theirs.short_message or getattr(theirs, "message_payload", None) or b"") == message.body


@given(messages)
def test_data_sm_is_written_and_read_as_smpplib_does(message: ShortMessage) -> None:
    tlvs = {tag: value for tag, value in message.tlvs.items() if tag != 0x0204}
    kept = {name: getattr(message, name) for name in (*DATA_NAMES, "registered_delivery", "data_coding", "sequence", "body")}
    data = ShortMessage(command=pdu.DATA_SM, tlvs=tlvs, **kept)
    raw = by_smpplib(data)
    assert pdu.read_message(raw) == data
    assert pdu.write_message(data) == raw


@given(
    st.sampled_from(["submit_sm_resp", "deliver_sm_resp", "data_sm_resp"]),
    st.integers(0, 0xFFFF),
    st.integers(1, 0x7FFFFFFF),
    text.map(lambda value: value[:64]),
)
def test_answers_are_written_and_read_as_smpplib_does(name: str, status: int, sequence: int, message_id: str) -> None:
    made = smpp.make_pdu(name, client=Numberless(), message_id=message_id)
    made.status, made.sequence = status, sequence
    raw = bytes(made.generate())
    commands = {"submit_sm_resp": pdu.SUBMIT_SM_RESP, "deliver_sm_resp": pdu.DELIVER_SM_RESP, "data_sm_resp": pdu.DATA_SM_RESP}
    answer = Answer(command=commands[name], status=status, sequence=sequence, message_id=message_id)
    assert pdu.write_answer(answer) == raw
    assert pdu.read_answer(raw) == answer
