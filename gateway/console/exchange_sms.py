"""Short messages as they were said at the wire: PDUs of SMPP field by field, and what an aggregator called us with.

In: octets, a veil. Out: rows. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from smpplib import consts

from channels.sms import alphabet, anatomy, segments
from channels.sms.anatomy import Field
from channels.sms.layout import Malformed
from channels.sms.pdu import DATA_SM, DELIVER_SM, MESSAGE_PAYLOAD, SUBMIT_SM, ShortMessage, read_message
from channels.sms.push_request import read as read_call
from gateway.console.exchange_fields import Row, Veil

_COMMANDS: Final = {SUBMIT_SM: "submit_sm", DELIVER_SM: "deliver_sm", DATA_SM: "data_sm"}
#: SMPP 3.4 §5.2.5 and §5.2.6
_TON: Final = ("unknown", "international", "national", "network specific", "subscriber", "alphanumeric", "abbreviated")
_NPI: Final = {
    0: "unknown", 1: "ISDN (E.164)", 3: "data", 4: "telex", 6: "land mobile", 8: "national", 9: "private", 10: "ERMES", 14: "IP", 18: "WAP",
}  # fmt: skip
_ALPHABETS: Final = {"gsm7": "GSM 03.38", "utf-16-be": "UCS-2 / UTF-16", "binary": "8-bit"}
_NUMBERS: Final = frozenset({"source", "destination", "callback_num", "source_subaddress", "dest_subaddress"})


def pdu(raw: bytes, veil: Veil, default: str) -> Iterator[Row]:
    """All fields in wire order, then what the message says. `default`: the alphabet of data_coding 0."""
    message = _message(raw)
    for field in anatomy.fields(raw):
        yield Row(field.name, _value(field, veil), f"{field.start:04x}", _meaning(field, default))
        if field.name == anatomy.BODY or field.tag == MESSAGE_PAYLOAD:
            yield from _said(message, field, veil, default)


def _message(raw: bytes) -> ShortMessage | None:
    try:
        return read_message(raw)
    except Malformed:
        return None


def _value(field: Field, veil: Veil) -> str:
    if isinstance(field.value, int):
        return f"0x{field.value:08x}" if field.name.startswith("command_") and field.name != "command_length" else str(field.value)
    if field.name in _NUMBERS:
        return veil.number(field.value.decode("latin-1"))
    if field.tag == 0 and field.name not in {anatomy.BODY, anatomy.REST}:
        return field.value.decode("latin-1", "replace")
    return f"{len(field.value)} octets" if veil.masked and field.value else field.value.hex(" ")


def _meaning(field: Field, default: str) -> str:
    if not isinstance(field.value, int):
        return ""
    match field.name:
        case "command_id":
            return _COMMANDS.get(field.value, "")
        case "command_status":
            return anatomy.status_name(field.value)
        case "data_coding":
            name = alphabet.meant(field.value, default) or "?"
            return _ALPHABETS.get(name, name)
        case "esm_class":
            return " + ".join(_esm(field.value))
        case "source_ton" | "destination_ton":
            return _TON[field.value] if field.value < len(_TON) else ""
        case "source_npi" | "destination_npi":
            return _NPI.get(field.value, "")
    return ""


def _esm(value: int) -> Iterator[str]:
    """SMPP 3.4 §5.2.12."""
    if value & 0x3C:
        yield {0x04: "delivery receipt", 0x08: "delivery acknowledgement", 0x20: "intermediate notification"}.get(value & 0x3C, "reserved")
    if value & consts.SMPP_GSMFEAT_UDHI:
        yield "user data header"
    if value & consts.SMPP_GSMFEAT_REPLYPATH:
        yield "reply path"


def _said(message: ShortMessage | None, field: Field, veil: Veil, default: str) -> Iterator[Row]:
    """The header and the text of a body."""
    if message is None or not isinstance(field.value, bytes) or not field.value:
        return
    place, body, shifted = segments.concat(message)
    if place is not None:
        width = f"{place.width} bit"
        yield Row("part", f"{place.index}/{place.count}", "", f"reference {place.reference} ({width})")
    decoded = alphabet.decode(body, message.data_coding, default=default, shifted=shifted)
    yield Row("text", veil.text(decoded.text), "", f"{len(body)} octets" + (" — undecodable" if decoded.undecodable else ""))


def push(raw: bytes, veil: Veil) -> Iterator[Row]:
    """The fields of a call."""
    line, _, kind = raw.partition(b"\n\n")[0].partition(b"\n")
    method, _, target = line.decode("utf-8", "replace").partition(" ")
    yield Row("request", f"{method} {target.partition('?')[0]}")
    yield Row("content-type", kind.decode("utf-8", "replace").partition(": ")[2])
    try:
        values = read_call(raw).values
    except ValueError:
        yield Row("body", veil.value(raw.partition(b"\n\n")[2].decode("latin-1")))
        return
    for name, octets in values.items():
        said = octets.decode("utf-8", "replace")
        yield Row(name, veil.number(said) if said.strip().lstrip("+").isdecimal() and len(said) > 6 else veil.named(name, said))
