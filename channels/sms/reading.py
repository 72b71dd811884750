"""What a deliver_sm or data_sm is: an arrival, a part or a receipt; and, once it is on disk, what it says.

In: PDUs, and an instant that the caller took. Out: `Arrival`s and `Part`s that hold the exact bytes and an identity; later an
`InboundMessage`. It never corrects what a citizen wrote, and raises ValueError (`Malformed` is one) and nothing else.

deliver_sm has no id of its own. A redelivery is recognised by its fingerprint within a window, or at any time when the operator
gives each message an id in a TLV (`Rules.id_tlv`); the fingerprint then covers the id too, so that an operator who counts in
sixteen bits cannot make a new message look like an old one. A TLV without an octet but NUL is no id: it would be the same for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec
from smpplib import consts

from channels.base import Arrival, InboundMessage, Part
from channels.sms import alphabet, segments
from channels.sms.pdu import MESSAGE_PAYLOAD, ShortMessage, read_message
from channels.sms.receipt import is_receipt, read_receipt, reads_like_one

__all__ = ["Rules", "decode", "fingerprint", "is_receipt", "read_arrival", "read_receipt", "said", "unreadable"]

#: parts that come later than the timeout by less than this amend the message that went on without them
_LATE_PARTS_S = 3600
#: parameters in which two messages may differ that are equal in all else
_TELLING = (segments.SAR_REFERENCE, segments.SAR_COUNT, segments.SAR_INDEX, MESSAGE_PAYLOAD)
_VENDOR_TAGS = range(0x1400, 0x4000)
#: numbers of this length belong to services, never to a person
_SHORT_CODE_DIGITS = 6


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings of a bind say about reading. Seconds are seconds."""

    short_code: str = ""
    #: what the operator means by data_coding 0; a name in `alphabet.ALPHABETS`
    default_alphabet: str = alphabet.GSM7
    #: the TLV with the operator's own id of a message; 0 when there is none
    id_tlv: int = 0
    redelivery_window_s: float = 600
    part_timeout_s: float = 600


def fingerprint(message: ShortMessage, id_tlv: int = 0) -> str:
    """Equal for a message and its redelivery on the same channel: sender, recipient, esm_class, data_coding, header and body."""
    key = f"{message.source}\0{message.destination}\0{message.esm_class}\0{message.data_coding}\0"
    if message.tlvs:
        key += "".join(f"{tag:x}={message.tlvs[tag].hex()}\0" for tag in (*_TELLING, id_tlv) if tag in message.tlvs)
    return blake2b(key.encode() + message.body, digest_size=16).hexdigest()


def read_arrival(channel: str, raw: bytes, message: ShortMessage, *, now: datetime, since: datetime, rules: Rules) -> Arrival | Part:
    """Give a message that is not a receipt its identity. `since`: equal bytes before this instant were another message."""
    identity = fingerprint(message, rules.id_tlv)
    if message.esm_class & consts.SMPP_GSMFEAT_UDHI or message.tlvs:
        place = segments.concat(message)[0]
        if place is not None:
            patience = timedelta(seconds=rules.part_timeout_s)
            return Part(
                channel=channel,
                group=segments.group_key(message, place),
                index=place.index,
                count=place.count,
                raw=raw,
                fingerprint=identity,
                received_at=now,
                wait_until=now + patience,
                same_since=min(since, now - patience - timedelta(seconds=_LATE_PARTS_S)),
            )
        if rules.id_tlv and message.tlvs.get(rules.id_tlv, b"").strip(b"\0"):
            return Arrival(channel=channel, source_id=identity, raw=raw, received_at=now)
    return Arrival(channel=channel, source_id=identity, raw=raw, received_at=now, same_since=since)


def unreadable(channel: str, raw: bytes, now: datetime, since: datetime) -> Arrival:
    """A PDU that is kept though it cannot be read. A redelivery differs in nothing but its sequence number (octets 12 to 15)."""
    identity = blake2b(raw[:12] + raw[16:], digest_size=16).hexdigest()
    return Arrival(channel=channel, source_id=identity, raw=raw, received_at=now, same_since=since)


def decode(arrival: Arrival, parts: Sequence[Part], rules: Rules) -> InboundMessage:
    """What was sent. `parts` are those that came, in any order; where there are none the arrival itself is the message.

    Raises ValueError, `Malformed` among them, when the bytes are no message.
    """
    if not parts:
        return said(arrival, [(0, read_message(arrival.raw))], 0, rules)
    raws = [(part.index, part.raw) for part in sorted(parts, key=lambda part: part.index)]
    return said(arrival, [(index, read_message(raw)) for index, raw in raws], parts[0].count, rules)


def said(arrival: Arrival, messages: Sequence[tuple[int, ShortMessage]], count: int, rules: Rules) -> InboundMessage:
    """What messages say that have been read already: parts by index, in order, of `count`; or one message that came whole, and 0."""
    read = _text(messages, count, rules.default_alphabet) if count else _whole(messages[0][1], rules.default_alphabet)
    return _message(arrival, [message for _, message in messages], read, rules)


def _message(arrival: Arrival, messages: Sequence[ShortMessage], said: tuple[str, tuple[str, ...]], rules: Rules) -> InboundMessage:
    """The first part speaks for who sent it."""
    machine = reads_like_one(said[0])
    return InboundMessage(
        channel=arrival.channel,
        source_id=arrival.source_id,
        sender=_sender(messages[0]),
        text=said[0],
        received_at=arrival.received_at,
        reply_to={} if machine else _reply_to(messages[0], rules.short_code),
        flags=said[1],
        extras=_extras(messages),
        goes_to="declined" if machine else "submit",
        why="delivery_report" if machine else "",
    )


def _whole(message: ShortMessage, default: str) -> tuple[str, tuple[str, ...]]:
    """The text of a message that came in one piece, and its flags."""
    place, body, shifted = segments.concat(message)
    if place is not None:
        return _text([(place.index, message)], place.count, default)
    decoded = alphabet.decode(body, message.data_coding, default=default)
    beside = bool(message.tlvs) and message.tlvs.get(MESSAGE_PAYLOAD, message.body) != message.body
    return decoded.text, ("undecodable",) if decoded.undecodable or shifted or beside else ()


def _text(messages: Sequence[tuple[int, ShortMessage]], count: int, default: str) -> tuple[str, tuple[str, ...]]:
    """The text with its gaps, and the flags that say what is missing in it."""
    read = [(index, message.data_coding, *segments.concat(message)[1:]) for index, message in messages]
    coding = read[0][1]
    shifted = any(uses_table for *_, uses_table in read)
    bodies = [(index, body) for index, _, body, _ in read]
    if any(other != coding for _, other, _, _ in read):
        # some telephones choose the alphabet part by part: those in UTF-16 are left as they are, the others become it
        coding = consts.SMPP_ENCODING_ISO10646
        bodies = [
            (index, body if own == coding else alphabet.decode(body, own, default=default).text.encode(alphabet.UTF16))
            for index, own, body, _ in read
        ]
    stretches = segments.join(bodies, count)
    decoded = [alphabet.decode(stretch, coding, default=default) for stretch in stretches if isinstance(stretch, bytes)]
    words = iter(decoded)
    text = "".join(next(words).text if isinstance(stretch, bytes) else str(stretch) for stretch in stretches)
    beside = any(message.tlvs.get(MESSAGE_PAYLOAD, message.body) != message.body for _, message in messages)
    flags = {
        "incomplete_sms": len(decoded) < len(stretches),
        "undecodable": shifted or beside or any(stretch.undecodable for stretch in decoded),
    }
    return text, tuple(flag for flag, raised in flags.items() if raised)


def _sender(message: ShortMessage) -> str:
    """As the PDU gives it, with the plus that an international number (TON 1) means; SMSCs also give that TON to 0812…"""
    number = message.source
    international = message.source_ton == consts.SMPP_TON_INTL and _is_number(number) and not number.startswith(("0", "+"))
    return f"+{number}" if international else number


def _is_number(address: str) -> bool:
    digits = address.removeprefix("+")
    return digits.isascii() and digits.isdecimal()


def _reply_to(message: ShortMessage, short_code: str) -> dict[str, str]:
    """Where the answer goes, or nothing.

    A name cannot be answered. Short codes are services (banks, operators, offices like ours), whose machines would answer our
    answer, and so would we; the same holds for our own number.
    """
    digits = message.source.removeprefix("+")
    machine = len(digits) <= _SHORT_CODE_DIGITS or digits == short_code.removeprefix("+")
    if message.source_ton == consts.SMPP_TON_ALNUM or not _is_number(message.source) or machine:
        return {}
    return {"to": message.source, "ton": str(message.source_ton), "npi": str(message.source_npi)}


def _extras(messages: Sequence[ShortMessage]) -> dict[str, str]:
    """What is kept beside the message, each of the first part that has it.

    The type of the sender's number in decimal; as hex the vendor's parameters (SMPP 3.4 §5.3.1), and a message_payload that came
    beside a short_message.
    """
    extras: dict[str, str] = {"source_ton": str(messages[0].source_ton)}
    for message in messages:
        for tag, value in message.tlvs.items():
            if tag in _VENDOR_TAGS or tag == MESSAGE_PAYLOAD:
                extras.setdefault(f"0x{tag:04x}", value.hex())
    return extras
