"""What the octets of a short message say, and the octets that say something.

In: a body without its user data header, its data_coding and the alphabet that an operator means by 0; or a text. Out: text with the
admission that some of it could not be read; or octets with their data_coding. Reading never raises on any octets or any data_coding,
and never drops any silently: U+FFFD stands for what is not in the alphabet, and the caller keeps the octets.

Septets stand one in each octet: SMSCs speak SMPP so, and none is known that sends them packed. National language shift tables
(TS 23.038 §6.2.1.2.2) are not here: Indonesian has none. A text that uses one is read with the default tables and admitted.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from gsm0338 import Codec
from smpplib import consts

GSM7 = "gsm7"
#: what `default` may be: the names of settings, and Python's for all but GSM 03.38
ALPHABETS = {GSM7: GSM7, "latin1": "latin-1", "ascii": "ascii", "utf8": "utf-8", "ucs2": "utf-16-be", "cp1252": "cp1252"}

UTF16 = "utf-16-be"
_MARKS = {codecs.BOM_UTF16_BE: UTF16, codecs.BOM_UTF16_LE: "utf-16-le"}
BINARY = "binary"
_ESCAPE = b"\x1b"
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
#: charmap_decode takes U+FFFE for "no such character"
_HOLE = "\ufffe"


def _gsm_tables() -> tuple[str, dict[str, str]]:
    """The default alphabet as a table of 256 characters, and its extension by the character that the main table has there."""
    codec = Codec()
    octets = [bytes((octet,)) for octet in range(128)]
    basic = "".join(codec.decode(octet)[0] if octet != _ESCAPE else chr(0x1B) for octet in octets)
    extension = {main: codec.decode(_ESCAPE + octet, "ignore")[0] for main, octet in zip(basic, octets, strict=True) if octet != _ESCAPE}
    return basic.ljust(256, _HOLE), {main: character for main, character in extension.items() if character}


_BASIC, _EXTENSION = _gsm_tables()
_SEPTETS = {ord(character): bytes((octet,)) for octet, character in enumerate(_BASIC[:128]) if octet != 0x1B}
_SEPTETS |= {ord(character): _ESCAPE + _SEPTETS[ord(main)] for main, character in _EXTENSION.items()}
#: the characters that ASCII and GSM 03.38 share or GSM 03.38 has in one septet, as a table from ASCII; answers have no others
_PLAIN = {character: septet for character, septet in _SEPTETS.items() if character < 128 and len(septet) == 1}
_FROM_ASCII = bytes(_PLAIN.get(character, b"\0")[0] for character in range(256))
_beyond = re.compile(b"[^" + re.escape(bytes(_PLAIN)) + b"]").search
_escaped = re.compile("\x1b(.?)", re.DOTALL).sub
#: what no telephone types: octets that hold these are not a text, whatever alphabet they would fit
_control = re.compile("[\x00-\x08\x0e-\x1f\x7f]").search

#: SMPP 3.4 §5.2.19 below 0x10, by Python's names
_CODINGS = {
    consts.SMPP_ENCODING_IA5: "ascii",
    consts.SMPP_ENCODING_ISO88591: "latin-1",
    consts.SMPP_ENCODING_ISO88595: "iso8859-5",
    consts.SMPP_ENCODING_ISO88598: "iso8859-8",
    consts.SMPP_ENCODING_ISO10646: UTF16,
}
#: those that we read as well as we can, and never call read
_GUESSES = {
    consts.SMPP_ENCODING_JIS: "shift-jis",
    consts.SMPP_ENCODING_ISO2022JP: "iso2022-jp",
    consts.SMPP_ENCODING_EXTJIS: "euc-jp",
    consts.SMPP_ENCODING_KSC5601: "euc-kr",
}


class Decoded(NamedTuple):
    """A text, and whether some of what was sent is not in it."""

    text: str
    undecodable: bool


def decode(body: bytes, data_coding: int, *, default: str, shifted: bool = False) -> Decoded:
    """Read a whole body, or a contiguous stretch of one. `shifted`: its header names a national table, which we do not have.

    Raises ValueError only when `default` is not in ALPHABETS.
    """
    if default not in ALPHABETS:
        raise ValueError("the default alphabet is none of ours")
    name = meant(data_coding, default)
    if name is None:
        return Decoded(_guess(body, _GUESSES.get(data_coding, "utf-8")), undecodable=True)
    text, faulty = _read(body, name)
    return Decoded(text, undecodable=faulty or shifted)


def meant(data_coding: int, default: str) -> str | None:
    """The alphabet of a data_coding: GSM7, "binary", or Python's name of it; None for one of which nobody can be sure."""
    return ALPHABETS[default] if data_coding == consts.SMPP_ENCODING_DEFAULT else _named(data_coding, ALPHABETS[default])


def _named(data_coding: int, default: str) -> str | None:
    """The alphabet of a data_coding other than 0; None for one that is unknown, reserved or compressed.

    Below 0x10 SMPP's own table holds (where 4 and 8 agree with TS 23.038); above it stand the groups of TS 23.038 §4, which SMSCs
    pass through. Where a group says GSM 03.38 the default of the bind is meant: what an SMSC makes of septets does not depend on it.
    """
    if data_coding < 0x10:
        binary = data_coding in (consts.SMPP_ENCODING_BINARY, consts.SMPP_ENCODING_BINARY2)
        return BINARY if binary else _CODINGS.get(data_coding)
    group = data_coding >> 4
    if group < 0x8:
        compressed = data_coding & 0x20
        return None if compressed else (default, BINARY, UTF16, None)[data_coding >> 2 & 3]
    if group == 0xF:
        return BINARY if data_coding & 0x04 else default
    return {0xC: default, 0xD: default, 0xE: UTF16}.get(group)


def _read(body: bytes, name: str) -> tuple[str, bool]:
    """Text, and whether some of it is missing."""
    if name == GSM7:
        return _read_septets(body)
    if name == BINARY:
        text = _guess(body, "utf-8")
        return text, _UNKNOWN in text or _control(text) is not None
    if name == UTF16 and body[:2] in _MARKS:
        # a byte order mark is no part of the text, and the only way to know that the order is the other one
        body, name = body[2:], _MARKS[body[:2]]
    try:
        return body.decode(name), False
    except UnicodeDecodeError:
        return body.decode(name, "replace"), True


def _read_septets(body: bytes) -> tuple[str, bool]:
    """GSM 03.38 (TS 23.038 §6.2.1)."""
    text = codecs.charmap_decode(body, "replace", _BASIC)[0]
    if _ESCAPE in body:
        text = _escaped(_extended, text)
    return text, _UNKNOWN in text


def _extended(found: re.Match[str]) -> str:
    """The character of an escape. What the extension lacks is read by the main table, and a further escape as a space (§6.2.1.1)."""
    main = found[1]
    if main == "\x1b":
        return " "
    return _EXTENSION.get(main, main) or _UNKNOWN


def _guess(body: bytes, name: str) -> str:
    """As much of it as can be shown to a person."""
    try:
        return body.decode(name)
    except UnicodeDecodeError:
        return body.decode("ascii", "replace")


def encode(text: str, *, default: str) -> tuple[bytes, int]:
    """The octets of a text and their data_coding: 0 where GSM 03.38 and the bind's default alphabet both have every character, else 8.

    A lone surrogate, which no alphabet has, becomes a question mark. Raises ValueError when `default` is not in ALPHABETS.
    """
    if default not in ALPHABETS:
        raise ValueError("the default alphabet is none of ours")
    octets = _to_septets(text)
    if octets is not None and default != GSM7:
        try:
            octets = text.encode(ALPHABETS[default])
        except UnicodeEncodeError:
            octets = None
    if octets is not None:
        return octets, consts.SMPP_ENCODING_DEFAULT
    return text.encode(UTF16, "replace"), consts.SMPP_ENCODING_ISO10646


def septets(text: str) -> int | None:
    """How many septets a text takes; None when GSM 03.38 lacks one of its characters."""
    octets = _to_septets(text)
    return None if octets is None else len(octets)


def _to_septets(text: str) -> bytes | None:
    """One septet in each octet, two for a character of the extension."""
    if text.isascii() and not _beyond(octets := text.encode("ascii")):
        return octets.translate(_FROM_ASCII)
    try:
        return codecs.charmap_encode(text, "strict", _SEPTETS)[0]
    except UnicodeEncodeError:
        return None
