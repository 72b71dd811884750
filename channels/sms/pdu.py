"""PDUs of SMPP 3.4 that carry messages, and their answers: bytes in, records out, and back.

In: bytes of a link, or records. Out: whole PDUs, `ShortMessage`s, `Answer`s, or `Malformed` / `FramingLost`. It never looks at what a
message says, never raises anything else on bytes from outside, and never puts content into the words of an error.

The layout of a message is a table; the way most PDUs take is a regular expression made of that table, and whatever does not fit it
is walked field by field, so that the fault has a name. PDUs of the session (bind, enquire_link, unbind) are smpplib's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from struct import Struct
from typing import NamedTuple

import msgspec
from smpplib import consts

from channels.sms.layout import DATA, MESSAGE_ID, SUBMIT, Malformed, pattern, read_tlvs, write_field, write_tlvs

__all__ = [
    "DATA_SM", "DATA_SM_RESP", "DELIVER_SM", "DELIVER_SM_RESP", "GENERIC_NACK", "MAX_LENGTH", "MAX_SHORT_MESSAGE", "MESSAGE_PAYLOAD",
    "SUBMIT_SM", "SUBMIT_SM_RESP", "Answer", "FramingLost", "Header", "Malformed", "ShortMessage", "deliver_answer", "header",
    "read_answer", "read_message", "split", "write_answer", "write_message",
]  # fmt: skip

SUBMIT_SM = 0x00000004
DELIVER_SM = 0x00000005
DATA_SM = 0x00000103
RESPONSE = 0x80000000
GENERIC_NACK = RESPONSE
SUBMIT_SM_RESP = RESPONSE | SUBMIT_SM
DELIVER_SM_RESP = RESPONSE | DELIVER_SM
DATA_SM_RESP = RESPONSE | DATA_SM

#: a PDU with 64 KB of message_payload and room for its other fields
MAX_LENGTH = 70_000
HEADER_LENGTH = 16
MESSAGE_PAYLOAD = 0x0424
#: sm_length is one octet and 255 is reserved (SMPP 3.4 §5.2.21)
MAX_SHORT_MESSAGE = 254

_HEADER = Struct(">IIII")
_LENGTH = Struct(">I")
_ANSWER = Struct(">IIIIB")


class FramingLost(Exception):
    """The stream names a length that no PDU has: nothing after it can be found. `whole`: the PDUs that came before it."""

    def __init__(self, words: str = "", whole: Sequence[bytes] = ()) -> None:
        super().__init__(words)
        self.whole = tuple(whole)


class Header(NamedTuple):
    """The first sixteen octets of every PDU (SMPP 3.4 §3.2)."""

    length: int
    command: int
    status: int
    sequence: int


class ShortMessage(msgspec.Struct, frozen=True):
    """A deliver_sm, submit_sm or data_sm.

    Field order is wire order (SMPP 3.4 §4.6.1) and the struct may be built by position: the reader of every message does, and building
    one from twenty keywords takes longer than all the rest of its work. Name the fields everywhere else.
    """

    command: int
    sequence: int = 0
    service_type: str = ""
    source_ton: int = 0
    source_npi: int = 0
    source: str = ""
    destination_ton: int = 0
    destination_npi: int = 0
    destination: str = ""
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    #: short_message, or message_payload where short_message is empty
    body: bytes = b""
    #: every other TLV as it came, the first of a tag that is repeated; message_payload only when it came beside a short_message
    tlvs: dict[int, bytes] = {}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A submit_sm_resp, deliver_sm_resp or data_sm_resp; reading gives generic_nack too."""

    command: int
    status: int = consts.SMPP_ESME_ROK
    sequence: int = 0
    message_id: str = ""
    tlvs: dict[int, bytes] = {}


_LAYOUT = {SUBMIT_SM: SUBMIT, DELIVER_SM: SUBMIT, DATA_SM: DATA}
_match = re.compile(pattern(SUBMIT), re.DOTALL).match


def split(buffer: bytes) -> tuple[list[bytes], bytes]:
    """The whole PDUs at the start of `buffer`, and the rest. A buffer without a whole PDU comes back itself, not copied.

    Raises FramingLost, with the PDUs before the fault, when a length is below 16 or above MAX_LENGTH.
    """
    whole: list[bytes] = []
    start, size = 0, len(buffer)
    while size - start >= 4:
        length: int = _LENGTH.unpack_from(buffer, start)[0]
        if not HEADER_LENGTH <= length <= MAX_LENGTH:
            raise FramingLost("command_length out of bounds", whole)
        if size - start < length:
            break
        whole.append(buffer[start : start + length])
        start += length
    return whole, buffer[start:] if start else buffer


def header(raw: bytes) -> Header:
    """Read the header. Raises Malformed when there are not sixteen octets."""
    if len(raw) < HEADER_LENGTH:
        raise Malformed(consts.SMPP_ESME_RINVCMDLEN, "the header is cut off")
    return Header._make(_HEADER.unpack_from(raw))


def read_message(raw: bytes) -> ShortMessage:
    """Read one whole deliver_sm, submit_sm or data_sm; raises Malformed, whatever the bytes are."""
    size = len(raw)
    if size < HEADER_LENGTH:
        raise Malformed(consts.SMPP_ESME_RINVCMDLEN, "the header is cut off")
    length, command, _, sequence = _HEADER.unpack_from(raw)
    found = _match(raw, HEADER_LENGTH)
    if found is None or length != size or _LAYOUT.get(command) is not SUBMIT:
        return _walk(raw)
    service, source_kind, source, destination_kind, destination, flags, schedule, validity, octets = found.groups()
    source_ton, source_npi = source_kind
    destination_ton, destination_npi = destination_kind
    esm_class, protocol_id, priority = flags
    registered, replace, coding, default_id, sm_length = octets
    start = found.end()
    end = start + sm_length
    body = raw[start:end]
    tlvs: dict[int, bytes] = {}
    if end != size:
        body, tlvs = _with_tlvs(raw, end, body)
    return ShortMessage(
        command, sequence, service.decode("latin-1"), source_ton, source_npi, source.decode("latin-1"), destination_ton, destination_npi,
        destination.decode("latin-1"), esm_class, protocol_id, priority, schedule.decode("latin-1"), validity.decode("latin-1"),
        registered, replace, coding, default_id, body, tlvs,
    )  # fmt: skip


def _walk(raw: bytes) -> ShortMessage:
    """Read field by field: data_sm, and PDUs with a fault, which is named here."""
    length, command, _, sequence = _HEADER.unpack_from(raw)
    if length != len(raw):
        raise Malformed(consts.SMPP_ESME_RINVCMDLEN, "command_length is not the length of the PDU")
    if command not in _LAYOUT:
        raise Malformed(consts.SMPP_ESME_RINVCMDID, "command_id is not a message")
    values: dict[str, int | str] = {}
    at = HEADER_LENGTH
    for field in _LAYOUT[command]:
        if at >= length:
            raise Malformed(consts.SMPP_ESME_RINVCMDLEN, f"{field.name} is missing")
        if field.limit:
            end = raw.find(0, at, at + field.limit)
            if end < 0:
                raise Malformed(field.status, f"{field.name} has no NUL within {field.limit} octets")
            values[field.name] = raw[at:end].decode("latin-1")
            at = end + 1
        else:
            values[field.name] = raw[at]
            at += 1
    end = at
    if command != DATA_SM:
        if at >= length:
            raise Malformed(consts.SMPP_ESME_RINVCMDLEN, "sm_length is missing")
        at, end = at + 1, at + 1 + raw[at]
    body, tlvs = _with_tlvs(raw, end, raw[at:end])
    return msgspec.convert({"command": command, "sequence": sequence, **values, "body": body, "tlvs": tlvs}, ShortMessage)


def _with_tlvs(raw: bytes, at: int, short_message: bytes) -> tuple[bytes, dict[int, bytes]]:
    """The body and the other TLVs of a message whose short_message ends at `at`."""
    if at > len(raw):
        raise Malformed(consts.SMPP_ESME_RINVMSGLEN, "sm_length runs over the end")
    tlvs = read_tlvs(raw, at)
    if not short_message and MESSAGE_PAYLOAD in tlvs:
        short_message = tlvs.pop(MESSAGE_PAYLOAD)
    return short_message, tlvs


def write_message(message: ShortMessage) -> bytes:
    """The PDU of a message. A body above 254 octets, and any body of data_sm, goes to message_payload, after the other TLVs.

    Raises ValueError, naming the field, when one is too long, holds a NUL, or is not an octet.
    """
    command, body, tlvs = message.command, message.body, message.tlvs
    fields = _plain(message) or b"".join(write_field(field, getattr(message, field.name)) for field in _LAYOUT[command])
    if body and (len(body) > MAX_SHORT_MESSAGE or command == DATA_SM):
        if MESSAGE_PAYLOAD in tlvs:
            raise ValueError("message_payload is given twice")
        tlvs = {**tlvs, MESSAGE_PAYLOAD: body}
        body = b""
    if command != DATA_SM:
        fields += bytes((len(body),)) + body
    if tlvs:
        fields += write_tlvs(tlvs)
    return _HEADER.pack(HEADER_LENGTH + len(fields), command, 0, message.sequence) + fields


def _plain(message: ShortMessage) -> bytes:
    """The fields before sm_length at once, or nothing: then one of them must be looked at by itself."""
    service, source, destination = message.service_type, message.source, message.destination
    schedule, validity = message.schedule_delivery_time, message.validity_period
    fits = len(service) < 6 and len(source) < 21 and len(destination) < 21 and len(schedule) < 17 and len(validity) < 17
    if not fits or message.command == DATA_SM or "\0" in service + source + destination + schedule + validity:
        return b""
    try:
        return (
            f"{service}\0{chr(message.source_ton)}{chr(message.source_npi)}{source}\0"
            f"{chr(message.destination_ton)}{chr(message.destination_npi)}{destination}\0"
            f"{chr(message.esm_class)}{chr(message.protocol_id)}{chr(message.priority_flag)}{schedule}\0{validity}\0"
            f"{chr(message.registered_delivery)}{chr(message.replace_if_present_flag)}"
            f"{chr(message.data_coding)}{chr(message.sm_default_msg_id)}"
        ).encode("latin-1")
    except ValueError:
        return b""


def read_answer(raw: bytes) -> Answer:
    """Read one whole answer; raises Malformed, whatever the bytes are.

    The body may be absent, whatever the status (some SMSCs leave it off with status 0 too), and a message_id that fills the rest of
    the PDU may lack its NUL: an answer that is lost means a letter sent twice.
    """
    length, command, status, sequence = header(raw)
    if length != len(raw):
        raise Malformed(consts.SMPP_ESME_RINVCMDLEN, "command_length is not the length of the PDU")
    if command not in (SUBMIT_SM_RESP, DELIVER_SM_RESP, DATA_SM_RESP, GENERIC_NACK):
        raise Malformed(consts.SMPP_ESME_RINVCMDID, "command_id is not an answer to a message")
    if length == HEADER_LENGTH or command == GENERIC_NACK:
        return Answer(command=command, status=status, sequence=sequence)
    end = raw.find(0, HEADER_LENGTH)
    if end < 0:
        end = length
    if end - HEADER_LENGTH >= MESSAGE_ID.limit:
        raise Malformed(MESSAGE_ID.status, f"message_id has no NUL within {MESSAGE_ID.limit} octets")
    message_id = raw[HEADER_LENGTH:end].decode("latin-1")
    return Answer(command=command, status=status, sequence=sequence, message_id=message_id, tlvs=read_tlvs(raw, end + 1))


def write_answer(answer: Answer) -> bytes:
    """The PDU of an answer, with its message_id also when that is empty. Raises ValueError when a field cannot be written."""
    body = b"" if answer.command == GENERIC_NACK else write_field(MESSAGE_ID, answer.message_id) + write_tlvs(answer.tlvs)
    return _HEADER.pack(HEADER_LENGTH + len(body), answer.command, answer.status, answer.sequence) + body


def deliver_answer(command: int, sequence: int, status: int) -> bytes:
    """The answer to a deliver_sm or data_sm, given the command of the request: an empty message_id, no TLVs (SMPP 3.4 §4.6.2)."""
    return _ANSWER.pack(HEADER_LENGTH + 1, RESPONSE | command, status, sequence, 0)
