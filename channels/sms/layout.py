"""How the PDUs of SMPP 3.4 are laid out: the tables of fields, one field, and the optional parameters.

In: octets or values. Out: values or octets, or `Malformed`, which names the field and never its content. It knows no whole PDU; that
is `pdu`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import Struct
from typing import NamedTuple

from smpplib import consts

_TLV = Struct(">HH")


class Malformed(ValueError):
    """A PDU that is framed but cannot be read; `status` is the command_status that says so to the other side."""

    def __init__(self, status: int, words: str) -> None:
        """`words` name the field at fault, never what is in it."""
        super().__init__(words)
        self.status = status


class Field(NamedTuple):
    """A field of a message: a C-octet string of at most `limit` octets with its NUL, or one octet where `limit` is 0."""

    name: str
    limit: int
    status: int


_ADDRESSES = (
    Field("service_type", 6, consts.SMPP_ESME_RINVSERTYP),
    Field("source_ton", 0, consts.SMPP_ESME_RINVSRCTON),
    Field("source_npi", 0, consts.SMPP_ESME_RINVSRCNPI),
    Field("source", 21, consts.SMPP_ESME_RINVSRCADR),
    Field("destination_ton", 0, consts.SMPP_ESME_RINVDSTTON),
    Field("destination_npi", 0, consts.SMPP_ESME_RINVDSTNPI),
    Field("destination", 21, consts.SMPP_ESME_RINVDSTADR),
    Field("esm_class", 0, consts.SMPP_ESME_RINVESMCLASS),
)
_REGISTERED = Field("registered_delivery", 0, consts.SMPP_ESME_RINVREGDLVFLG)
_CODING = Field("data_coding", 0, consts.SMPP_ESME_RINVCMDLEN)

#: SMPP 3.4 §4.4.1 and §4.6.1, up to sm_length
SUBMIT = (
    *_ADDRESSES,
    Field("protocol_id", 0, consts.SMPP_ESME_RINVCMDLEN),
    Field("priority_flag", 0, consts.SMPP_ESME_RINVPRTFLG),
    Field("schedule_delivery_time", 17, consts.SMPP_ESME_RINVSCHED),
    Field("validity_period", 17, consts.SMPP_ESME_RINVEXPIRY),
    _REGISTERED,
    Field("replace_if_present_flag", 0, consts.SMPP_ESME_RINVREPFLAG),
    _CODING,
    Field("sm_default_msg_id", 0, consts.SMPP_ESME_RINVDFTMSGID),
)
#: SMPP 3.4 §4.7.1: no short_message, and addresses as long as a host name
DATA = (*(field._replace(limit=65) if field.limit == 21 else field for field in _ADDRESSES), _REGISTERED, _CODING)
#: SMPP 3.4 §5.2.23
MESSAGE_ID = Field("message_id", 65, consts.SMPP_ESME_RINVMSGID)


def pattern(layout: Sequence[Field]) -> bytes:
    """The table, and an octet of length after it, as a regular expression: a group for each string and for each run of octets."""
    octets, wire = 0, ""
    for field in layout:
        if field.limit:
            wire += f"(.{{{octets}}})" if octets else ""
            wire += f"([^\\0]{{0,{field.limit - 1}}})\\0"
        octets = 0 if field.limit else octets + 1
    return f"{wire}(.{{{octets + 1}}})".encode()


def read_tlvs(raw: bytes, at: int) -> dict[int, bytes]:
    """The optional parameters from `at` to the end (SMPP 3.4 §3.2.4); of a repeated tag the first counts.

    Fewer NULs than a parameter has octets of header are no parameter: SMSCs write one behind a short_message, as if that were a string.
    """
    tlvs: dict[int, bytes] = {}
    size = len(raw)
    while at < size:
        if size - at < 4:
            if not any(raw[at:]):
                break
            raise Malformed(consts.SMPP_ESME_RINVOPTPARSTREAM, "octets after the last optional parameter")
        tag, length = _TLV.unpack_from(raw, at)
        at += 4 + length
        if at > size:
            raise Malformed(consts.SMPP_ESME_RINVOPTPARSTREAM, f"optional parameter 0x{tag:04x} runs over the end")
        tlvs.setdefault(tag, raw[at - length : at])
    return tlvs


def write_field(field: Field, value: int | str) -> bytes:
    """One field on the wire."""
    try:
        if isinstance(value, int):
            return bytes((value,))
        octets = value.encode("latin-1")
    except ValueError:
        raise ValueError(f"{field.name} cannot be written") from None
    if len(octets) >= field.limit or 0 in octets:
        raise ValueError(f"{field.name} is longer than {field.limit - 1} octets, or holds a NUL")
    return octets + b"\0"


def write_tlvs(tlvs: Mapping[int, bytes]) -> bytes:
    """Optional parameters in the order in which they are given."""
    if any(not 0 <= tag <= 0xFFFF or len(value) > 0xFFFF for tag, value in tlvs.items()):
        raise ValueError("an optional parameter has no 16-bit tag or length")
    return b"".join(_TLV.pack(tag, len(value)) + value for tag, value in tlvs.items())
