"""As much of SMPP 3.4 as an operator needs who sends short messages and takes answers.

In: octets and values. Out: values and octets. Pure.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from chaos.message import PART, Message

HEAD = struct.Struct(">LLLL")
RESPONSE = 0x80000000
SUBMIT_SM, DELIVER_SM, UNBIND, ENQUIRE_LINK, GENERIC_NACK = 4, 5, 6, 0x15, 0x80000000
#: receiver, transmitter, transceiver
BINDS = (1, 2, 9)
INVALID_COMMAND = 3
LONGEST = 65_536
_UDHI, _UCS2, _MESSAGE_PAYLOAD = 0x40, 8, 0x0424


class Answer(NamedTuple):
    """A submit_sm, as far as its addressee sees it."""

    to: str
    text: str


def pdu(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    """§3.2: a header and its body."""
    return HEAD.pack(16 + len(body), command, status, sequence) + body


def bodies(message: Message, short_code: bytes) -> list[bytes]:
    """§4.6.1: the deliver_sm of a message without their headers, one for each part. Its words are ASCII that GSM 03.38 has too."""
    head = b"\0\1\1%s\0\0\1%s\0" % (message.sender.encode(), short_code)
    octets = message.text.encode("ascii")
    if message.parts == 1:
        return [head + b"\0\0\0\0\0\0\0\0\0%c%s" % (len(octets), octets)]
    reference = message.serial // 10_000 % 256  # a handset counts on
    pieces = [octets[at : at + PART] for at in range(0, len(octets), PART)]
    udhs = [bytes((5, 0, 3, reference, len(pieces), index)) for index in range(1, len(pieces) + 1)]
    return [head + b"\x40\0\0\0\0\0\0\0\0%c%s" % (6 + len(piece), udh + piece) for udh, piece in zip(udhs, pieces, strict=True)]


def read_submit(body: bytes) -> Answer:
    """§4.4.1. Raises ValueError for what is no submit_sm."""
    _, at = _string(body, 0)
    _, at = _string(body, at + 2)
    to, at = _string(body, at + 2)
    esm_class = body[at]
    _, at = _string(body, at + 3)
    _, at = _string(body, at)
    coding, length = body[at + 2], body[at + 4]
    octets, rest = body[at + 5 : at + 5 + length], body[at + 5 + length :]
    while len(rest) >= 4:
        tag, size = struct.unpack_from(">HH", rest)
        octets, rest = rest[4 : 4 + size] if tag == _MESSAGE_PAYLOAD else octets, rest[4 + size :]
    if esm_class & _UDHI:
        octets = octets[1 + octets[0] :]
    return Answer(to.decode("ascii"), octets.decode("utf-16-be" if coding == _UCS2 else "latin-1", "replace"))


def read_system_id(body: bytes) -> str:
    """Who binds (§4.1.1)."""
    return _string(body, 0)[0].decode("ascii", "replace")


def _string(body: bytes, at: int) -> tuple[bytes, int]:
    end = body.index(b"\0", at)
    return body[at:end], end + 1
