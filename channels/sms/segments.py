"""Long messages: what says that a PDU is a part, how parts become one text, and how a long text becomes parts.

In: a `ShortMessage`, or the bodies of parts, or a text. Out: its place among the parts and its body without the user data header;
stretches of octets with the gaps between them; bodies for submit_sm. It never decodes: octets are joined first, because an escape or
a surrogate pair may straddle two parts.

TS 23.040 §9.2.3.24 (user data header) and SMPP 3.4 §5.3.2.22 to .24 (the SAR parameters).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b

import msgspec
from smpplib import consts

from channels.sms.alphabet import GSM7, UTF16, encode, septets
from channels.sms.pdu import ShortMessage

SAR_REFERENCE, SAR_COUNT, SAR_INDEX = 0x020C, 0x020E, 0x020F
_SAR = ((SAR_REFERENCE, 2), (SAR_COUNT, 1), (SAR_INDEX, 1))

#: information elements: parts with an 8-bit and with a 16-bit reference, national single and locking shift
_CONCAT_8, _CONCAT_16, _SHIFTS = 0x00, 0x08, (0x24, 0x25)
_USUAL = bytes((5, _CONCAT_8, 3))
_MAX_PARTS = 255
#: no text in GSM 03.38 or ASCII begins with an octet below; hardly a header is so long
_BLANK = 0x20
#: 67 UTF-16 units; smpplib has no constant for it
_UCS2_PART = 67


class Concat(msgspec.Struct, frozen=True, kw_only=True):
    """The place of a part: 1 <= index <= count, and count >= 2. `width` is that of the reference: 8 or 16 bits."""

    reference: int
    width: int
    count: int
    index: int


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Parts that never came, first to last, of `count`."""

    first: int
    last: int
    count: int

    def __str__(self) -> str:
        """What stands in the text in their place; Indonesian, because citizens and clerks read it."""
        parts = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return f"[bagian {parts}/{self.count} tidak diterima]"


def concat(message: ShortMessage) -> tuple[Concat | None, bytes, bool]:
    """The place of a part or None for a message that is whole, its body without header, and whether a national table is used.

    What makes no sense (count 0, index 0 or above count, a wrong length) makes the message a whole one. A header that is longer than
    the body is no header, and neither are the first words of a text whose SMSC says that it has one: nothing is cut off.
    """
    if not message.esm_class & consts.SMPP_GSMFEAT_UDHI:
        return _sar(message) if message.tlvs else None, message.body, False
    body = message.body
    if body.startswith(_USUAL) and len(body) >= 6:
        # nothing but an 8-bit reference: what nearly every telephone sends
        return _placed(body[3], 8, body[4], body[5]) or _sar(message), body[6:], False
    if not body or len(body) < 1 + body[0]:
        return _sar(message), body, False
    place, shifted, filled = None, False, 0
    for element, value in _elements(body[1 : 1 + body[0]]):
        filled += 2 + len(value)
        if element == _CONCAT_8 and len(value) == 3:
            place = _placed(value[0], 8, value[1], value[2])
        elif element == _CONCAT_16 and len(value) == 4:
            place = _placed(value[0] << 8 | value[1], 16, value[2], value[3])
        elif element in _SHIFTS:
            shifted = True
    if place is None and _is_text(message, filled):
        return _sar(message), body, False
    return place or _sar(message), body[1 + body[0] :], shifted


def _is_text(message: ShortMessage, filled: int) -> bool:
    """True when what should be a header begins a text: a letter's code is no length that elements fill; and in UTF-16 half a letter."""
    length = message.body[0]
    if not length:
        return message.data_coding == consts.SMPP_ENCODING_ISO10646 and len(message.body) % 2 == 0
    return length >= _BLANK and filled != length


def _elements(header: bytes) -> Iterator[tuple[int, bytes]]:
    """The information elements; of one that runs over the end, and after it, nothing."""
    at = 0
    while at + 2 <= len(header) and at + 2 + header[at + 1] <= len(header):
        end = at + 2 + header[at + 1]
        yield header[at], header[at + 2 : end]
        at = end


def _sar(message: ShortMessage) -> Concat | None:
    """The place that the SAR parameters give; all three must be there, in their right lengths."""
    values = [message.tlvs.get(tag, b"") for tag, _ in _SAR]
    if any(len(value) != length for value, (_, length) in zip(values, _SAR, strict=True)):
        return None
    reference, count, index = (int.from_bytes(value) for value in values)
    return _placed(reference, 16, count, index)


def _placed(reference: int, width: int, count: int, index: int) -> Concat | None:
    if count < 2 or not 1 <= index <= count:
        return None
    return Concat(reference=reference, width=width, count=count, index=index)


def group_key(message: ShortMessage, place: Concat) -> str:
    """Whose parts belong together, as a fingerprint: a reference alone is shared by many citizens at any time."""
    key = f"{message.source}\0{message.destination}\0{place.reference}\0{place.width}\0{place.count}"
    return blake2b(key.encode(), digest_size=16).hexdigest()


def join(parts: Sequence[tuple[int, bytes]], count: int) -> tuple[bytes | Gap, ...]:
    """Contiguous stretches of octets, each to be decoded as one, and the gaps between them.

    `parts` are (index, body) in any order; of an index that came twice the first counts, and one outside 1..count is not a part.
    """
    bodies: dict[int, bytes] = {}
    for index, body in parts:
        bodies.setdefault(index, body)
    joined: list[bytes | Gap] = []
    for index in range(1, count + 1):
        before = joined[-1] if joined else None
        if index in bodies:
            if isinstance(before, bytes):
                joined[-1] = before + bodies[index]
            else:
                joined.append(bodies[index])
        elif isinstance(before, Gap):
            joined[-1] = Gap(first=before.first, last=index, count=count)
        else:
            joined.append(Gap(first=index, last=index, count=count))
    return tuple(joined)


def split_text(text: str, reference: int, *, default: str) -> list[tuple[bytes, int, int]]:
    """(body with its header, esm_class, data_coding) for each submit_sm that `text` needs; one, without a header, if it fits.

    160 septets or 70 UTF-16 units, in parts 153 or 67: counted as they go through the air, whatever the bind's default alphabet is.
    No cut goes through an escape or a surrogate pair. Only the low 8 bits of `reference` are sent. Raises ValueError above 255 parts.
    """
    octets, coding = encode(text, default=default)
    wide = coding == consts.SMPP_ENCODING_ISO10646 or default == "ucs2"
    usual = not wide and default == GSM7
    if (len(octets) if usual else _units(text, wide=wide)) <= (consts.UCS2_LENGTH // 2 if wide else consts.SEVENBIT_LENGTH):
        return [(octets, consts.SMPP_MSGTYPE_DEFAULT, coding)]
    pieces = _cut(text, _UCS2_PART if wide else consts.SEVENBIT_PART_SIZE, wide=wide)
    if len(pieces) > _MAX_PARTS:
        raise ValueError("the text needs more than 255 parts")
    parts = []
    for index, piece in enumerate(pieces, start=1):
        header = _USUAL + bytes((reference & 0xFF, len(pieces), index))
        body = piece.encode(UTF16, "replace") if wide else encode(piece, default=default)[0]
        parts.append((header + body, consts.SMPP_GSMFEAT_UDHI, coding))
    return parts


def _units(text: str, *, wide: bool) -> int:
    """UTF-16 units, or septets."""
    return len(text.encode(UTF16, "replace")) // 2 if wide else septets(text) or 0


def _cut(text: str, limit: int, *, wide: bool) -> list[str]:
    """Pieces of at most `limit` units, each of whole characters."""
    pieces, start, taken = [], 0, 0
    for at, character in enumerate(text):
        units = _units(character, wide=wide)
        if taken + units > limit:
            pieces.append(text[start:at])
            start, taken = at, 0
        taken += units
    return [*pieces, text[start:]]
