"""A long SMS as an operator hands it over: a text in, deliver_sm in parts out. Pure.

It cuts at the octet, as SMSCs that split by themselves do, so that a GSM escape or a surrogate pair may straddle two parts. A phone
does not do that: gateway/rehearse/handset.py splits as a phone.
"""

from __future__ import annotations

import struct
from typing import Literal

import gsm0338
import msgspec
from smpplib import consts

from channels.sms import pdu

Width = Literal[8, 16, "sar"]
GSM7, LATIN1, UCS2 = 0, 3, 8
#: octets in a part beside its header: (septets as octets, octets), from 140 octets on the air (3GPP TS 23.040 §9.2.3.24)
_ROOM: dict[Width, tuple[int, int]] = {8: (153, 134), 16: (152, 132), "sar": (153, 134)}


def long_sms(text: str, source: str, dest: str, reference: int, *, width: Width = 8, coding: int = GSM7) -> list[pdu.ShortMessage]:
    """The parts in order: a UDH with an 8 or 16 bit reference, or SAR TLVs (SMPP 3.4 §5.3.2.22)."""
    body = _encode(text, coding)
    room = _ROOM[width][0 if coding == GSM7 else 1]
    pieces = [body[at : at + room] for at in range(0, len(body), room)]
    return [_part(piece, (reference, len(pieces), nth), width, _message(source, dest, coding)) for nth, piece in enumerate(pieces, 1)]


def short_sms(text: str, source: str, dest: str, *, coding: int = GSM7) -> pdu.ShortMessage:
    """The text in one deliver_sm."""
    return msgspec.structs.replace(_message(source, dest, coding), body=_encode(text, coding))


def _encode(text: str, coding: int) -> bytes:
    """Raises UnicodeEncodeError (a ValueError) for what the alphabet does not have. GSM septets stay one in an octet, as on SMPP links."""
    if coding == GSM7:
        return bytes(gsm0338.Codec().encode(text)[0])
    return text.encode("utf-16-be" if coding == UCS2 else "latin-1")


def _message(source: str, dest: str, coding: int) -> pdu.ShortMessage:
    """From an international number to a short code, without its text."""
    return pdu.ShortMessage(
        command=pdu.DELIVER_SM,
        source_ton=consts.SMPP_TON_INTL,
        source_npi=consts.SMPP_NPI_ISDN,
        source=source.removeprefix("+"),
        destination_npi=consts.SMPP_NPI_ISDN,
        destination=dest,
        data_coding=coding,
    )


def _part(piece: bytes, numbers: tuple[int, int, int], width: Width, message: pdu.ShortMessage) -> pdu.ShortMessage:
    """One part; `numbers` are the reference, the count and the index, in wire order (3GPP TS 23.040 §9.2.3.24.1, §9.2.3.24.8)."""
    if width == "sar":
        reference, count, index = numbers
        tlvs = {0x020C: struct.pack(">H", reference), 0x020E: bytes((count,)), 0x020F: bytes((index,))}
        return msgspec.structs.replace(message, body=piece, tlvs=tlvs)
    layout = ">BBBBBB" if width == 8 else ">BBBHBB"
    header = struct.pack(layout, *((5, 0, 3) if width == 8 else (6, 8, 4)), *numbers)
    return msgspec.structs.replace(message, body=header + piece, esm_class=consts.SMPP_GSMFEAT_UDHI)
