"""A PDU of SMPP 3.4 field by field, with the place of each in its octets; for whoever looks at one, or mends a copy of one.

In: octets. Out: fields in wire order, which together are all of it. It never raises: what cannot be read is one field called `rest`,
and the walk ends there. What a message means is `pdu`'s matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from smpplib import consts

from channels.sms.layout import DATA, SUBMIT
from channels.sms.pdu import DATA_SM, DELIVER_SM, MESSAGE_PAYLOAD, SUBMIT_SM

REST: Final = "rest"
BODY: Final = "short_message"
_HEADER: Final = ("command_length", "command_id", "command_status", "sequence_number")
_TLV: Final = Struct(">HH")
_LAYOUTS: Final = {SUBMIT_SM: SUBMIT, DELIVER_SM: SUBMIT, DATA_SM: DATA}
#: those that are often met, by their names in the specification (SMPP 3.4 §5.3)
_TAGS: Final = {
    0x001D: "additional_status_info_text", 0x001E: "receipted_message_id", 0x0202: "source_subaddress", 0x0203: "dest_subaddress",
    0x0204: "user_message_reference", 0x020A: "source_port", 0x020B: "destination_port", 0x020C: "sar_msg_ref_num",
    0x020E: "sar_total_segments", 0x020F: "sar_segment_seqnum", 0x0210: "sc_interface_version", 0x0381: "callback_num",
    0x0423: "network_error_code", MESSAGE_PAYLOAD: "message_payload", 0x0425: "delivery_failure_reason", 0x0427: "message_state",
}  # fmt: skip


class Field(NamedTuple):
    """`start` and `end` are places in the PDU; a string's NUL is not within. `tag` of an optional parameter, else 0."""

    name: str
    start: int
    end: int
    value: int | bytes
    tag: int = 0


def fields(raw: bytes) -> Iterator[Field]:
    """All of it."""
    at = 0
    for name in _HEADER:
        if len(raw) < at + 4:
            yield from _rest(raw, at)
            return
        yield Field(name, at, at + 4, int.from_bytes(raw[at : at + 4]))
        at += 4
    command = int.from_bytes(raw[4:8])
    if command not in _LAYOUTS:
        yield from _rest(raw, at)
        return
    for field in _LAYOUTS[command]:
        end = raw.find(0, at, at + field.limit) if field.limit else min(at + 1, len(raw))
        if end < at or at == len(raw):
            yield from _rest(raw, at)
            return
        yield Field(field.name, at, end, raw[at:end] if field.limit else raw[at])
        at = end + bool(field.limit)
    yield from _body(raw, at, command)


def _body(raw: bytes, at: int, command: int) -> Iterator[Field]:
    if command != DATA_SM:
        if at >= len(raw) or at + 1 + raw[at] > len(raw):
            yield from _rest(raw, at)
            return
        size = raw[at]
        yield Field("sm_length", at, at + 1, size)
        yield Field(BODY, at + 1, at + 1 + size, raw[at + 1 : at + 1 + size])
        at += 1 + size
    while at + _TLV.size <= len(raw):
        tag, size = _TLV.unpack_from(raw, at)
        end = at + _TLV.size + size
        if end > len(raw):
            break
        yield Field(_TAGS.get(tag, f"tlv_0x{tag:04x}"), at + _TLV.size, end, raw[at + _TLV.size : end], tag)
        at = end
    yield from _rest(raw, at)


def _rest(raw: bytes, at: int) -> Iterator[Field]:
    if at < len(raw):
        yield Field(REST, at, len(raw), raw[at:])


def status_name(status: int) -> str:
    """ESME_ROK and its like; empty for one that is in no table."""
    return _STATUSES.get(status, "")


_STATUSES: Final[dict[int, str]] = {
    value: name.removeprefix("SMPP_") for name, value in vars(consts).items() if name.startswith("SMPP_ESME_")
}
