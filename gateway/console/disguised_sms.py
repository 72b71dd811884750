"""A short message in disguise: the same fields at the same places, with another number and other words.

In: PDUs of SMPP, what an aggregator pushed. Out: the same for the reader. A long message's parts still belong together, because the
header and the optional parameters that say so stay. Pure.
"""

from __future__ import annotations

from typing import Final

from channels.sms import alphabet, anatomy, segments
from channels.sms.alphabet import GSM7, UTF16
from channels.sms.pdu import DELIVER_SM, MESSAGE_PAYLOAD, ShortMessage
from gateway.console.disguise import Disguise

#: parameters that say nothing of a person: numbers, places of parts, states
_PLAIN: Final = frozenset({0x0204, 0x020A, 0x020B, 0x020C, 0x020E, 0x020F, 0x0210, 0x0423, 0x0425, 0x0427})
_ADDRESSES: Final = frozenset({"source", "destination"})
#: numbers of services are this short, and nobody's
_SERVICE: Final = 6


def pdu(raw: bytes, disguise: Disguise, default: str) -> bytes:
    """`default`: the alphabet of data_coding 0."""
    changed, found = bytearray(raw), {field.name: field for field in anatomy.fields(raw)}
    coding, esm = (_number(found, name) for name in ("data_coding", "esm_class"))
    for field in anatomy.fields(raw):
        if not isinstance(field.value, bytes):
            continue
        if field.name in _ADDRESSES:
            said = _address(field.value, disguise)
        elif field.name == anatomy.BODY or field.tag == MESSAGE_PAYLOAD:
            start = _header(field.value, esm, coding)
            said = field.value[:start] + text(field.value[start:], disguise, alphabet.meant(coding, default))
        elif field.name == anatomy.REST or (field.tag and field.tag not in _PLAIN):
            said = disguise.octets(field.value)
        else:
            continue
        changed[field.start : field.end] = said
    return bytes(changed)


def _number(found: dict[str, anatomy.Field], name: str) -> int:
    value = found[name].value if name in found else 0
    return value if isinstance(value, int) else 0


def _address(octets: bytes, disguise: Disguise) -> bytes:
    said = octets.decode("latin-1")
    if not said.removeprefix("+").isdecimal():
        return text(octets, disguise, "latin-1")
    return octets if len(said) <= _SERVICE else disguise.number(said).encode("latin-1")


def _header(octets: bytes, esm: int, coding: int) -> int:
    """How many octets of a body are its user data header, which stays; none where esm_class names one that is not there."""
    message = ShortMessage(command=DELIVER_SM, esm_class=esm, data_coding=coding, body=octets)
    return len(octets) - len(segments.concat(message)[1])


def text(octets: bytes, disguise: Disguise, name: str | None) -> bytes:
    """As many octets, in the same alphabet."""
    if name == GSM7:
        return _septets(octets, disguise)
    if name == UTF16:
        order = "utf-16-le" if octets[:2] == b"\xff\xfe" else UTF16
        whole = len(octets) & -2
        return disguise.text(octets[:whole].decode(order, "surrogatepass")).encode(order, "surrogatepass") + octets[whole:]
    if name is None or name == alphabet.BINARY:
        name = "utf-8"
    try:
        said = disguise.text(octets.decode(name)).encode(name)
    except UnicodeError:
        return disguise.octets(octets)
    return said if len(said) == len(octets) else disguise.octets(octets)


def _septets(octets: bytes, disguise: Disguise) -> bytes:
    """Octet by octet, so that what is in no alphabet stays; of an escape neither half is a letter."""
    escaped = {at + 1 for at, octet in enumerate(octets) if octet == 0x1B}
    signs = [alphabet.decode(octets[at : at + 1], 0, default=GSM7).text for at in range(len(octets))]
    plain = "".join("\0" if at in escaped or len(sign) != 1 else sign for at, sign in enumerate(signs))
    changed = disguise.text(plain)
    pairs = zip(octets, plain, changed, strict=True)
    return b"".join(bytes((octet,)) if old == new else alphabet.encode(new, default=GSM7)[0] for octet, old, new in pairs)
