"""Delivery receipts: what an operator says became of a letter.

In: a message. Out: whether it is a receipt, and the `Receipt`. It never carries on the words of the letter, which SMSCs quote in
`text:`, and never believes a message because of its words, which a citizen can write too: only esm_class and TLVs say what a PDU is.

SMPP 3.4 §5.2.12 (message types), §5.3.2.12 and §5.3.2.35 (TLVs); the text form is that of its Appendix B, which no two SMSCs
write alike.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal

from smpplib import consts

from channels.base import Receipt
from channels.sms.alphabet import decode
from channels.sms.pdu import ShortMessage

RECEIPTED_MESSAGE_ID, MESSAGE_STATE = 0x001E, 0x0427
_MESSAGE_TYPE = 0x3C
#: the SMSC's receipt, the recipient's, and the SMSC's notice that it is not done yet
_RECEIPT, _RECIPIENT, _INTERMEDIATE = 0x04, consts.SMPP_MSGTYPE_DELIVERYACK, 0x20

State = Literal["delivered", "failed", "pending"]
#: by message_state; the words are those of the text form
_STATES: dict[int, tuple[str, State]] = {
    consts.SMPP_MESSAGE_STATE_ENROUTE: ("ENROUTE", "pending"),
    consts.SMPP_MESSAGE_STATE_DELIVERED: ("DELIVRD", "delivered"),
    consts.SMPP_MESSAGE_STATE_EXPIRED: ("EXPIRED", "failed"),
    consts.SMPP_MESSAGE_STATE_DELETED: ("DELETED", "failed"),
    consts.SMPP_MESSAGE_STATE_UNDELIVERABLE: ("UNDELIV", "failed"),
    consts.SMPP_MESSAGE_STATE_ACCEPTED: ("ACCEPTD", "pending"),
    consts.SMPP_MESSAGE_STATE_UNKNOWN: ("UNKNOWN", "failed"),
    consts.SMPP_MESSAGE_STATE_REJECTED: ("REJECTD", "failed"),
}
#: five letters tell them apart in every spelling that is about (DELIVRD, DELIVERED); FAILED and BUFFERED are not in the specification
_WORDS: dict[str, State] = {word[:5]: state for word, state in _STATES.values()} | {"FAILE": "failed", "BUFFE": "pending"}

_key = re.compile(r"\b(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text)\s?:", re.IGNORECASE).finditer
_word = re.compile(r"[A-Za-z_]{1,16}").match
_code = re.compile(r"[0-9A-Fa-f]{1,8}\b").match
#: all of a receipt and nothing else, as those SMSCs write it that mark none of theirs: nobody types that
_all = re.compile(
    r"\s*id:\S+( +sub:\d+)?( +dlvrd:\d+)? +submit ?date:[\d :-]{10,20} +done ?date:[\d :-]{10,20} +stat:[a-z]{5,10}"
    r"( +err:\w+)?( +text:.{0,160})?\s*",
    re.IGNORECASE | re.DOTALL | re.ASCII,
).fullmatch
_MAX_ID = 64
#: a receipt is a short message; what stands further on in a long one is not its fields
_MAX_TEXT = 500


def is_receipt(message: ShortMessage) -> bool:
    """True when the operator says that this PDU is a receipt; how its text begins says nothing."""
    if message.esm_class & _MESSAGE_TYPE in (_RECEIPT, _RECIPIENT, _INTERMEDIATE):
        return True
    return RECEIPTED_MESSAGE_ID in message.tlvs and MESSAGE_STATE in message.tlvs


def reads_like_one(text: str) -> bool:
    """True for the words of a receipt that is not marked as one. They say nothing of a letter, but must not be answered: the answer
    would bring the next."""
    return _all(text) is not None


def read_receipt(channel: str, message: ShortMessage, now: datetime) -> Receipt:
    """Read a message for which `is_receipt` holds; TLVs count before the text. Raises ValueError when there is no id anywhere."""
    fields = _fields(decode(message.body[:_MAX_TEXT], message.data_coding, default="latin1").text)
    ids = (message.tlvs.get(RECEIPTED_MESSAGE_ID, b"").split(b"\0")[0].decode("latin-1"), *fields.get("id", "").split()[:1])
    spellings = [spelling for known in ids if 0 < len(known) <= _MAX_ID for spelling in _spellings(known)]
    if not spellings:
        raise ValueError("the receipt names no message")
    word, state = _state(message, fields)
    code = _code(fields.get("err", ""))
    return Receipt(
        channel=channel,
        provider_ids=tuple(dict.fromkeys(spellings)),
        state=state,
        words=" ".join(filter(None, (word, f"err:{code[0]}" if code else ""))),
        at=now,
    )


def _fields(text: str) -> dict[str, str]:
    """Field by name, in any order; of a name that comes twice the first, because a quoted letter may contain names too."""
    keys = list(_key(text))
    ends = [*(key.start() for key in keys), len(text)][1:]
    fields: dict[str, str] = {}
    for key, end in zip(keys, ends, strict=True):
        fields.setdefault(key[1].lower(), text[key.end() : end].strip())
    return fields


def _state(message: ShortMessage, fields: dict[str, str]) -> tuple[str, State]:
    """The operator's word, and what it means to us; a word that nobody knows leaves the letter pending."""
    told = _STATES.get(int.from_bytes(message.tlvs.get(MESSAGE_STATE, b"")[:1]))
    if told:
        return told
    found = _word(fields.get("stat", ""))
    word = found[0] if found else ""
    return word, _WORDS.get(word[:5].upper(), "pending")


def _spellings(known: str) -> list[str]:
    """As it came, then as submit_sm_resp may have had it: without zeros, the same number in hexadecimal or decimal, in either case."""
    bare = known.lstrip("0") or known
    spellings = [known, bare]
    if len(bare) <= 20 and re.fullmatch("[0-9]+", bare):
        number = f"{int(bare):x}"
        spellings += [number, number.upper(), number.zfill(8), number.upper().zfill(8)]
    if len(bare) <= 16 and re.fullmatch("[0-9A-Fa-f]+", bare):
        number = str(int(bare, 16))
        spellings += [number, number.zfill(10)]
    return [*spellings, known.lower(), known.upper(), bare.lower(), bare.upper()]
