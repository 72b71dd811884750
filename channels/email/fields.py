"""The header of a mail or of one of its parts: fields, encoded words, parameters.

In: bytes. Out: fields by name in lower case, each with its raw values; and their text. It never raises, and reads no field further
than a citizen could have meant it.

RFC 5322 §2.2 (fields), RFC 2047 (encoded words), RFC 2231 (parameters). What clients get wrong and is read all the same: raw 8-bit
text, words cut within a character, `?` and spaces within words, base64 without its padding, encoded words within quotes.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Mapping
from typing import NamedTuple

from channels.email import charset
from channels.email.transfer import base64

Fields = Mapping[str, list[bytes]]
#: fields of one header; a mail with more is an attack
_MOST_FIELDS = 5_000
#: octets of one value; longer ones are cut before anything clever looks at them
LONGEST = 16_384
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]{0,20}:")
#: where a line ends that the next one does not go on with
_FIELD_END = re.compile(rb"\n(?![ \t])")
_EMPTY_LINE = re.compile(rb"\n\r?\n")
#: mailbox files have such a line on top of each mail
_MBOX = re.compile(rb">?From ")
#: after a line that is no field, one of these shows that the header goes on
_FIELD_KNOWN = re.compile(
    rb"(?:content-[a-z-]{1,50}|subject|from|to|cc|date|mime-version|message-id|reply-to|received|in-reply-to|references|x-[\w-]{1,60}):",
    re.IGNORECASE,
)
#: it ends where another begins, or words without end would be searched for one again and again
_WORD = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?((?:[^?=]|=(?!\?[^=])|\?(?!=)){0,4000})\?=")
_GAP = re.compile(rb"[ \t\r\n]*\Z")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PARAMETER = re.compile(r';\s{0,50}([^=;\s"]{1,100})\s{0,50}=\s{0,50}("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_NUMBERED = re.compile(r"(.+?)\*(\d{1,3})(\*?)\Z")
_MOST_PARAMETERS = 200
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_ID = re.compile(rb"<[!-;=?-~]{1,250}>")
_MOST_IDS = 100


class Header(NamedTuple):
    """`end` is where the body begins. `damaged`: a line within it was no field."""

    fields: Fields
    end: int
    damaged: bool = False


def read_header(octets: bytes, start: int, end: int) -> Header:
    """The fields between `start` and the first empty line, or the first line that cannot belong to a header."""
    fields: dict[str, list[bytes]] = {}
    damaged, position = False, start
    for _ in range(_MOST_FIELDS):
        if position >= end:
            break
        if octets.startswith((b"\r\n", b"\n"), position, end):
            return Header(fields, octets.index(b"\n", position) + 1, damaged)
        field = _FIELD.match(octets, position, end)
        folded = _FIELD_END.search(octets, position, end)
        after = folded.start() + 1 if folded else end
        if field is not None:
            name = field[1].decode("ascii").lower()
            fields.setdefault(name, []).append(octets[field.end() : min(after, field.end() + LONGEST)])
        elif position != start or not _MBOX.match(octets, position):
            if not _FIELD_KNOWN.match(octets, after, end):
                return Header(fields, position, damaged=True)
            damaged = True
        position = after
    else:
        rest = _EMPTY_LINE.search(octets, position, end)  # an attacker's header: what is too much of it is not read, and is no body either
        return Header(fields, rest.end() if rest else end, damaged=True)
    return Header(fields, end, damaged)


def first(fields: Fields, name: str) -> bytes:
    """The first value of that name, or nothing."""
    values = fields.get(name)
    return values[0] if values else b""


def text(value: bytes) -> str:
    """The words of a value (RFC 2047), in one line, without control characters."""
    value = value[:LONGEST].strip().replace(b"\r\n", b"").replace(b"\n", b"")
    if b"=?" not in value:
        return line(charset.decode(value).text)
    said: list[str] = []
    held, label, encoding, position = b"", b"", b"", 0
    for word in _WORD.finditer(value):
        between = value[position : word.start()]
        position = word.end()
        gap = _GAP.match(between) is not None
        same = (word[1].lower(), word[2].lower()) == (label, encoding)
        # only joined are the halves of a character whole again
        if not (gap and same):
            said.append(charset.decode(held, label.decode("latin-1")).text)
            said.append("" if gap and label else charset.decode(between).text)
            held, label, encoding = b"", word[1].lower(), word[2].lower()
        held += _unpack(word[3], encoding)
    said.append(charset.decode(held, label.decode("latin-1")).text)
    said.append(charset.decode(value[position:]).text)
    return line("".join(said))


def _unpack(packed: bytes, encoding: bytes) -> bytes:
    if encoding == b"q":
        return a2b_qp(packed.replace(b"\r", b"").replace(b"\n", b""), header=True)
    return base64(packed)


def line(said: str) -> str:
    """One line that cannot begin another field, wherever it is written."""
    return _CONTROLS.sub(" ", said).strip() if not said.isprintable() else said.strip()


def ids(found: Fields, name: str) -> list[str]:
    """The message ids of a field, with their brackets, each once; all in ASCII and safe to write into another field."""
    said = first(found, name)
    return list(dict.fromkeys(word.decode("ascii") for word in _ID.findall(said)))[:_MOST_IDS]


def parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """`text/plain; charset=utf-8` -> ("text/plain", {"charset": "utf-8"}), names and the main value in lower case."""
    whole = charset.decode(value[:LONGEST]).text
    main, semicolon, _ = whole.partition(";")
    main = line(main).lower()
    if not semicolon:
        return main, {}
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for number, found in enumerate(_PARAMETER.finditer(whole)):
        if number == _MOST_PARAMETERS:
            break
        name, said = found[1].lower(), _unquote(found[2].strip())
        if name.endswith("*") and "*" not in name[:-1]:
            pieces.setdefault(name[:-1], {})[0] = (said, True)
        elif (place := _NUMBERED.match(name)) is not None:
            pieces.setdefault(place[1], {})[int(place[2])] = (said, bool(place[3]))
        else:
            plain.setdefault(name, text(said.encode()) if "=?" in said else line(said))
    # RFC 6266 §4.3 says it of HTTP, clients do it in mail: where both are given, the extended one is meant
    return main, plain | {name: _joined(parts) for name, parts in pieces.items()}


def _unquote(said: str) -> str:
    if said.startswith('"'):
        return re.sub(r"\\(.)", r"\1", said[1:].removesuffix('"'), flags=re.DOTALL)
    return said


def _joined(parts: Mapping[int, tuple[str, bool]]) -> str:
    """RFC 2231 §3 and §4.1: numbered pieces, those with a star percent-encoded, the first of them naming the charset."""
    label, octets = "", b""
    for number, (_, (said, encoded)) in enumerate(sorted(parts.items())):
        piece = said
        if encoded and number == 0 and said.count("'") >= 2:
            label, _, piece = said.split("'", 2)
        octets += _PERCENT.sub(lambda sign: bytes.fromhex(sign[1].decode()), piece.encode()) if encoded else piece.encode()
    return line(charset.decode(octets, label).text)
