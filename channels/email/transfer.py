"""Content-Transfer-Encoding undone (RFC 2045 §6), whatever was done to it on the way.

In: the octets of a body and the name of its encoding. Out: its content, and what was wrong. It never raises, and gives octets back as
they are when they were plainly never encoded.
"""

from __future__ import annotations

import binascii
import re
from typing import NamedTuple

from channels.email import uuencode

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_LAYOUT = b"=\r\n\t "
_ONLY_BASE64 = re.compile(rb"[A-Za-z0-9+/=\r\n]*")
_PADS = re.compile(rb"=+")
_OTHER_SIGNS = bytes(set(range(256)) - set(_ALPHABET))
#: texts in one body, each with its own padding
_MOST_TEXTS = 1_000
_IDENTITY = {"", "7bit", "8bit", "binary", "none", "8-bit", "7-bit"}


class Content(NamedTuple):
    """What a body holds, and a word for what was wrong with it; empty when nothing was."""

    octets: bytes
    defect: str = ""


def undo(body: bytes, encoding: str, *, is_text: bool = False) -> Content:
    """`encoding` in lower case, as the field gives it. A text that says base64 and plainly is none is taken as it is."""
    if encoding in _IDENTITY:
        return Content(body)
    if encoding.startswith("quoted"):
        return Content(binascii.a2b_qp(body))
    if encoding.startswith("base64"):
        if is_text and _is_prose(body):
            return Content(body, "encoding_wrong")
        return Content(base64(body), "" if _ends_well(body) else "base64_damaged")
    if encoding in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        found = uuencode.extract(body)
        return Content(found.files[0].content) if found.files else Content(body, "encoding_wrong")
    return Content(body, "encoding_unknown")


def base64(packed: bytes) -> bytes:
    """What can be had of it: without the signs that do not belong there, and without the rest of four that is not whole."""
    pad = packed.find(b"=")
    if pad >= 0 and packed[pad:].strip(_LAYOUT):
        # several texts, each with its own padding, or a footer that a list wrote below
        if packed.count(b"=") < 2 * _MOST_TEXTS and _ONLY_BASE64.fullmatch(packed, pad):
            return b"".join(_quads(piece) for piece in _PADS.split(packed))
        packed = packed[:pad]
    return _quads(packed)


def _quads(packed: bytes) -> bytes:
    try:
        return binascii.a2b_base64(packed)
    except binascii.Error:
        signs = packed.translate(None, _OTHER_SIGNS)
    whole = len(signs) - (len(signs) % 4 == 1)
    return binascii.a2b_base64(signs[:whole] + b"=" * (-whole % 4))


def _is_prose(body: bytes) -> bool:
    """Base64 has no spaces within its lines and no punctuation; what a list wrote below its end proves nothing."""
    sample = body[:4000].strip().partition(b"=")[0]
    strange = len(sample.translate(None, _ALPHABET + b"=\r\n")) if sample else 0
    return strange * 20 > len(sample)


def _ends_well(body: bytes) -> bool:
    signs = len(body.translate(None, b"\r\n\t "))
    return signs % 4 == 0
