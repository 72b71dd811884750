"""What the rehearsal SMSC reads in a bind, and what it answers: names for commands, the answer to a bind and to a submit, a delivery
receipt. Messages themselves are read and written by channels/sms/pdu.py. It opens no socket.
"""

from __future__ import annotations

import struct
from datetime import datetime

from channels.sms import pdu
from gateway.rehearse.link import Link, Mode

RESP, NACK = 0x80000000, 0x80000000
SUBMIT, DELIVER, UNBIND, ENQUIRE, DATA = 0x4, 0x5, 0x6, 0x15, 0x103
DELIVER_RESP, UNBIND_RESP, ENQUIRE_RESP, DATA_RESP = DELIVER | RESP, UNBIND | RESP, ENQUIRE | RESP, DATA | RESP
BINDS: dict[int, Mode] = {0x1: "receiver", 0x2: "transmitter", 0x9: "transceiver"}

#: our system_id, and sc_interface_version 3.4 (SMPP 3.4 §4.1.2, §5.3.2.25)
BIND_RESP_BODY = b"rehearsal\x00" + struct.pack(">HHB", 0x0210, 1, 0x34)
#: SMPP 3.4 §5.2.12
_IS_RECEIPT = 0x04
_RECEIPTED_MESSAGE_ID, _MESSAGE_STATE, _DELIVERED = 0x001E, 0x0427, b"\x02"


class Answering:
    """The answer that one submit_sm or data_sm of a session is owed."""

    def __init__(self, link: Link, header: pdu.Header) -> None:
        self.link, self.command, self.sequence = link, header.command | RESP, header.sequence

    def take(self, message_id: str) -> None:
        """Yes, and under this id (SMPP 3.4 §4.4.2)."""
        self.link.write(pdu.write_answer(pdu.Answer(command=self.command, status=0, sequence=self.sequence, message_id=message_id)))

    def refuse(self, status: int) -> None:
        """No; an answer with a status has no body."""
        self.link.say(self.command, status, self.sequence)


def bind_names(raw: bytes) -> tuple[str, str]:
    """The system_id and the password of a bind (SMPP 3.4 §4.1.1); empty where they are missing."""
    system_id, _, rest = raw[16:].partition(b"\x00")
    return system_id.decode("latin-1"), rest.partition(b"\x00")[0].decode("latin-1")


def dialled(number: str) -> str:
    """One spelling for +62812…, 62812… and 0812…; short codes stay as they are."""
    digits = number.removeprefix("+")
    return "62" + digits[1:] if digits.startswith("0") else digits


def receipt(message: pdu.ShortMessage, message_id: str, at: datetime) -> pdu.ShortMessage:
    """The delivery receipt of a message that arrived, in text and in TLVs (SMPP 3.4 appendix B, §5.3.2.12, §5.3.2.35)."""
    when = f"{at:%y%m%d%H%M}"
    words = f"id:{message_id} sub:001 dlvrd:001 submit date:{when} done date:{when} stat:DELIVRD err:000 text:"
    return pdu.ShortMessage(
        command=DELIVER,
        source_ton=message.destination_ton,
        source_npi=message.destination_npi,
        source=message.destination,
        destination_ton=message.source_ton,
        destination_npi=message.source_npi,
        destination=message.source,
        esm_class=_IS_RECEIPT,
        body=words.encode("ascii"),
        tlvs={_RECEIPTED_MESSAGE_ID: message_id.encode("ascii") + b"\x00", _MESSAGE_STATE: _DELIVERED},
    )
