"""What an aggregator's push is: an arrival or a part; and, once it is on disk, what it says.

In: the bytes that `push_request` keeps of a call. Out: `Arrival`s and `Part`s, later an `InboundMessage`. Pure; it raises ValueError,
whose words name a field and never what is in it.

A push is the deliver_sm that the aggregator once got, told in other words. So it is turned back into one, and all that is known about
short messages holds for it: `reading` gives it its identity and says who may be answered, `segments` joins its parts, octets before
letters, `alphabet` reads them. Of a text whose letters are known the octets are UTF-16.

Parts are known by their user data header, by fields of the aggregator's (reference, parts, part), or by a "(1/3) " at the very start
of the text, which some aggregators write when they have thrown the header away. A citizen may write that too; so a lone one is given
back as it was written when the others do not come in time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec
from smpplib import consts

from channels.base import Arrival, InboundMessage, Part
from channels.sms import alphabet, reading, segments
from channels.sms.pdu import DELIVER_SM, ShortMessage
from channels.sms.push_request import Call, read
from channels.sms.push_settings import Codings, Fields, Printable

#: where the aggregator's own id of a message stands in the deliver_sm that we make of it; a tag of the range for vendors
ID_TLV = 0x1400
_LONGEST_NUMBER, _LONGEST_ID, _LONGEST_HEADER = 64, 256, 140
_numbered = re.compile(r"\(([0-9]{1,2})/([0-9]{1,2})\) ").match
_MOST_NUMBERED = 20

#: by the names that aggregators write, without their hyphens; what is not here is read as UTF-8
_CHARSETS = {
    **dict.fromkeys(("ucs2", "utf16", "utf16be"), alphabet.UTF16),
    **dict.fromkeys(("iso88591", "latin1"), "latin-1"),
    **dict.fromkeys(("windows1252", "cp1252"), "cp1252"),
    **dict.fromkeys(("usascii", "ascii"), "ascii"),
    **dict.fromkeys(("gsm", "gsm7", "gsm0338"), alphabet.GSM7),
}
#: data_coding (SMPP 3.4 §5.2.19) of the default alphabet, of UTF-16 and of octets
GSM7, WIDE, BINARY = 0x00, 0x08, (0x02, 0x04)
_KANNEL = {0: None, 1: BINARY[1], 2: WIDE}
#: what Kannel writes for %c of a message whose link named no coding, or a data_coding of a group that it does not know (0x40 to 0xBF)
_KANNEL_UNDEFINED = "-1"


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say about reading."""

    fields: Fields
    codings: Codings
    #: short_code and times
    sms: reading.Rules
    #: citizens are answered by what we say to the push, and by no letter
    speaks: bool

    @property
    def window(self) -> timedelta:
        """How long the same words from the same sender are the same message, where the aggregator gives no id."""
        return timedelta(seconds=self.sms.redelivery_window_s)


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """A push as the deliver_sm that it was."""

    message: ShortMessage
    #: the same with a "(1/3) " taken for a part's; `message` has the text as it was written
    numbered: ShortMessage | None = None
    #: some of the text could not be read, although the deliver_sm does not show it
    damaged: bool = False
    id: Printable = ""


def read_arrival(channel: str, raw: bytes, now: datetime, rules: Rules) -> tuple[Arrival | Part, bool]:
    """Give a push its identity; and whether a citizen hears what we say to it: at a telephone, and of several parts on the first."""
    pushed = unpacked(raw, rules)
    message = pushed.numbered or pushed.message
    kept = reading.read_arrival(channel, raw, message, now=now, since=now - rules.window, rules=rules.sms)
    if isinstance(kept, Part) and pushed.numbered:
        # no reference: those of other senders' and other recipients' headers must not meet this one
        place = segments.Concat(reference=0, width=0, count=kept.count, index=kept.index)
        kept = msgspec.structs.replace(kept, group=segments.group_key(message, place))
    first = not isinstance(kept, Part) or kept.index == 1
    return kept, rules.speaks and first and _is_telephone(message, rules)


def decode(arrival: Arrival, parts: Sequence[Part], rules: Rules) -> InboundMessage:
    """What was sent. Raises ValueError when the bytes are no push."""
    raws = [(part.index, part.raw) for part in sorted(parts, key=lambda part: part.index)] or [(0, arrival.raw)]
    pushes = [(index, unpacked(raw, rules)) for index, raw in raws]
    alone = len(pushes) == 1 and pushes[0][1].numbered is not None
    messages = [(index, pushed.message if alone else pushed.numbered or pushed.message) for index, pushed in pushes]
    told = reading.said(arrival, messages, 0 if alone or not parts else parts[0].count, rules.sms)
    flags = dict.fromkeys(told.flags)
    if alone and parts:
        flags["incomplete_sms"] = None
    if any(pushed.damaged for _, pushed in pushes):
        flags["undecodable"] = None
    return msgspec.structs.replace(
        told,
        flags=tuple(flags),
        reply_to={"to": told.reply_to["to"]} if told.reply_to and not rules.speaks else {},
        extras={"provider_id": pushes[0][1].id} if pushes[0][1].id else {},
    )


def unpacked(raw: bytes, rules: Rules) -> Pushed:
    """Read what was kept of a push. Raises ValueError."""
    call, names = read(raw), rules.fields
    octets, coding, damaged = _text(call, rules)
    header = _header(call.values.get(names.udh, b""))
    identity = call.word(names.id).strip()
    if len(identity) > _LONGEST_ID:
        raise ValueError(f"{names.id} is longer than {_LONGEST_ID} characters")
    source = _number(call, names.sender)
    message = ShortMessage(
        command=DELIVER_SM,
        source_ton=_kind(source),
        source=source,
        destination=_number(call, names.recipient) if call.values.get(names.recipient) else rules.sms.short_code,
        esm_class=consts.SMPP_GSMFEAT_UDHI if header else 0,
        data_coding=coding,
        body=header + octets,
        tlvs={ID_TLV: identity.encode()} if identity else {},
    )
    message = _placed(message, call, names)
    if header or segments.SAR_COUNT in message.tlvs or coding != WIDE:
        return Pushed(message=message, damaged=damaged, id=identity)
    return Pushed(message=message, numbered=_by_number(message), damaged=damaged, id=identity)


def _number(call: Call, name: str) -> str:
    """An address as it was written; a + that came unescaped in a query has become a blank."""
    written = call.word(name)
    number = written.strip()
    if written.startswith(" ") and number.isdecimal():
        number = f"+{number}"
    if not number:
        raise ValueError(f"{name} is missing")
    if len(number) > _LONGEST_NUMBER or not number.isprintable():
        raise ValueError(f"{name} is no number and no name")
    return number


def _kind(source: str) -> int:
    """The type of number (SMPP 3.4 §5.2.5) that an address has by its looks."""
    digits = source.removeprefix("+")
    kind: int = consts.SMPP_TON_ALNUM
    if digits.isascii() and digits.isdecimal():
        kind = consts.SMPP_TON_INTL if source != digits else consts.SMPP_TON_UNK
    return kind


def _is_telephone(message: ShortMessage, rules: Rules) -> bool:
    nothing = Arrival(channel="", source_id="", raw=b"", received_at=datetime.min)  # noqa: DTZ901 - nobody looks at it
    return bool(reading.said(nothing, [(0, message)], 0, rules.sms).reply_to)


def _text(call: Call, rules: Rules) -> tuple[bytes, int, bool]:
    """The octets of the text, their data_coding, and whether letters are missing that were there once."""
    names = rules.fields
    written, text = (call.values.get(name) for name in (names.hex, names.text))
    if written is None and text is None:
        raise ValueError(f"{names.text} is missing")
    octets = _from_hex(written, names.hex) if written else text or b""
    coding, charset = _coding(call, rules), call.word(names.charset).lower()
    name = _CHARSETS.get(charset.replace("-", "").replace("_", ""))
    if name is None and coding is not None and (written or not _are_letters(octets, coding)):
        return octets, coding, False
    if name == alphabet.GSM7:
        return octets, GSM7, False
    if name == alphabet.UTF16:
        return octets, WIDE, False
    letters = octets.decode(name or "utf-8", "replace")
    # what the aggregator could not read itself has its U+FFFD too, and is just as damaged
    return letters.encode(alphabet.UTF16, "replace"), WIDE, "\N{REPLACEMENT CHARACTER}" in letters


def _coding(call: Call, rules: Rules) -> int | None:
    """The data_coding that is meant; None when nothing says so, or when letters are."""
    written = call.word(rules.fields.coding)
    if not written or (rules.codings == "kannel" and written == _KANNEL_UNDEFINED):
        return None
    number = _small(written, rules.fields.coding, 255)
    return _KANNEL.get(number) if rules.codings == "kannel" else number


def _are_letters(octets: bytes, coding: int) -> bool:
    """True for a text in UTF-8, whatever its data_coding was: some aggregators pass octets on as they came, others write letters."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return False
    return coding not in BINARY and not (coding == WIDE and "\0" in text and len(octets) % 2 == 0)


def _from_hex(written: bytes, name: str) -> bytes:
    try:
        return bytes.fromhex(written.decode("ascii"))
    except ValueError:
        raise ValueError(f"{name} is not hexadecimal") from None


def _header(written: bytes) -> bytes:
    """The user data header, octets or hexadecimal; nothing when it is neither, or does not fill its own length."""
    try:
        header = bytes.fromhex(written.decode("ascii"))
    except ValueError:
        header = written
    whole = 1 < len(header) <= _LONGEST_HEADER and header[0] == len(header) - 1
    return header if whole else b""


def _placed(message: ShortMessage, call: Call, names: Fields) -> ShortMessage:
    """With the SAR parameters that the aggregator's own fields stand for (SMPP 3.4 §5.3.2.22-24)."""
    count, index = (call.word(name) for name in (names.parts, names.part))
    if not count or not index:
        return message
    reference = call.word(names.reference)
    place = {
        segments.SAR_REFERENCE: blake2b(reference.encode(), digest_size=2).digest(),
        segments.SAR_COUNT: bytes((_small(count, names.parts, 255),)),
        segments.SAR_INDEX: bytes((_small(index, names.part, 255),)),
    }
    return msgspec.structs.replace(message, tlvs=message.tlvs | place)


def _by_number(message: ShortMessage) -> ShortMessage | None:
    """The message as the part that a "(1/3) " makes of it."""
    found = _numbered(message.body[: 2 * len("(19/20) ")].decode(alphabet.UTF16, "replace"))
    if not found:
        return None
    index, count = int(found[1]), int(found[2])
    if not 1 <= index <= count or not 2 <= count <= _MOST_NUMBERED:
        return None
    place = {segments.SAR_REFERENCE: b"\0\0", segments.SAR_COUNT: bytes((count,)), segments.SAR_INDEX: bytes((index,))}
    return msgspec.structs.replace(message, body=message.body[2 * len(found[0]) :], tlvs=message.tlvs | place)


def _small(written: str, name: str, most: int) -> int:
    if not re.fullmatch("[0-9]{1,9}", written) or int(written) > most:
        raise ValueError(f"{name} is no number up to {most}")
    return int(written)
