"""PDUs as an SMSC would send them, made by smpplib, so that our own codec is not its own judge.

In: fields. Out: bytes. It never reads our code.
"""

from __future__ import annotations

import struct
from typing import Any

from smpplib import consts, smpp

ROK = consts.SMPP_ESME_ROK


class _Numbers:
    sequence = 0

    def next_sequence(self) -> int:
        return 0


def made(command: str, sequence: int, status: int = ROK, **fields: Any) -> bytes:
    """One PDU."""
    pdu = smpp.make_pdu(command, client=_Numbers(), **fields)
    pdu.sequence, pdu.status = sequence, status
    return bytes(pdu.generate())


def bare(command: int, sequence: int, status: int = ROK, body: bytes = b"") -> bytes:
    """Any PDU, known or not."""
    return struct.pack(">LLLL", 16 + len(body), command, status, sequence) + body


def delivery(sequence: int, text: bytes = b"jalan rusak", sender: str = "628120000001", **fields: Any) -> bytes:
    """A deliver_sm."""
    there: dict[str, Any] = {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": sender, "destination_addr": "1708"}
    return made("deliver_sm", sequence, short_message=text, **there, **fields)


def header(raw: bytes) -> tuple[int, int, int]:
    """Command, status and sequence."""
    _, command, status, sequence = struct.unpack(">LLLL", raw[:16])
    return command, status, sequence


def pdus(raw: bytes) -> list[bytes]:
    """Whole PDUs, cut apart."""
    found = []
    while raw:
        length = struct.unpack(">L", raw[:4])[0]
        found.append(raw[:length])
        raw = raw[length:]
    return found
