"""What an aggregator pushed, in disguise: the same fields by the same names.

In: the octets that `push_request` keeps of a call. Out: the same for the reader, with another number and other words. Pure.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlencode

from channels.sms.alphabet import UTF16
from gateway.console import disguised_json, disguised_sms
from gateway.console.disguise import Disguise

#: fields by which the text is read and parts are told apart
_PLAIN: Final = frozenset({"coding", "charset", "udh", "parts", "part"})
_HEX: Final = frozenset({"hex", "binary"})
#: codings and charsets of two octets for a sign, as Kannel and as SMPP count them
_WIDE: Final = frozenset({b"2", b"8", b"utf-16", b"utf-16be", b"ucs-2", b"ucs2"})
_numbered = re.compile(rb"\([0-9]{1,2}/[0-9]{1,2}\) ").match


def call(raw: bytes, disguise: Disguise) -> bytes:
    """Line, type, body."""
    head, blank, body = raw.partition(b"\n\n")
    line, feed, kind = head.partition(b"\n")
    target, mark, query = line.partition(b"?")
    if b"json" not in kind:
        body = _form(body, disguise)
    elif body.strip():
        body = disguised_json.document(body, disguise)
    return target + mark + _form(query, disguise) + feed + kind + blank + body


def _form(octets: bytes, disguise: Disguise) -> bytes:
    pairs = parse_qsl(octets.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    values = {name: value.encode("latin-1") for name, value in pairs}
    wide = bool(_WIDE & {values.get("coding", b"").lower(), values.get("charset", b"").lower()})
    return urlencode([(name, _value(name, value.encode("latin-1"), disguise, wide)) for name, value in pairs], encoding="latin-1").encode()


def _value(name: str, value: bytes, disguise: Disguise, wide: bool) -> bytes:
    if name in _PLAIN:
        return value
    charset = UTF16 if wide else "utf-8"
    if name in _HEX:
        try:
            return disguised_sms.text(bytes.fromhex(value.decode("ascii")), disguise, charset).hex().encode()
        except ValueError:
            return disguise.octets(value)
    if re.fullmatch(rb"[+ ]?[0-9]+", value):
        return value[:1].strip(b"0123456789") + disguise.number(value.lstrip(b"+ ").decode()).encode()
    place = _numbered(value)
    start = place.end() if place else 0
    plain = charset if wide and b"\0" in value else "utf-8"
    return value[:start] + disguised_sms.text(value[start:], disguise, plain)
