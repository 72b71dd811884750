"""winmail.dat: what Outlook writes when it believes that all the world has Outlook.

In: the bytes of the file. Out: the body and the files in it, or None when it is none. It never raises: what breaks off is read as far
as it goes. (tnefparse copies the whole rest for each attribute, counts to whatever a file says, logs, and cuts zeros from the end of
files; the tests hold this reader to it where both can read.)

MS-OXTNEF §2.1 (attributes), §2.1.3.4 (encapsulated properties).
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct, error
from typing import NamedTuple

import msgspec

from channels.email import charset, markup, rtf

_SIGNATURE = b"\x78\x9f\x3e\x22"
_ATTRIBUTE = Struct("<BHHI")
_PROPERTY = Struct("<HH")
_LONG = Struct("<I")
_ATTACHMENT_LEVEL = 2
_BODY, _MAPI, _CODEPAGE = 0x800C, 0x9003, 0x9007
_TITLE, _DATA, _BEGINS, _ATTACHED_MAPI = 0x8010, 0x800F, 0x9002, 0x9005
_P_BODY, _P_RTF, _P_HTML, _P_CODEPAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
_P_DATA, _P_FILE, _P_LONG_FILE, _P_SHOWN, _P_TYPE = 0x3701, 0x3704, 0x3707, 0x3001, 0x370E
#: octets of a value by its type; the others say how long they are
_SIZES = {0: 0, 1: 0, 2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_OBJECT, _UNICODE, _MANY, _NAMED = 13, 31, 0x1000, 0x8000
_INTERFACE_ID = 16
_MOST_ATTRIBUTES, _MOST_PROPERTIES, _MOST_FILES = 5_000, 2_000, 200


class File(NamedTuple):
    """A file as its sender named it."""

    name: str
    media_type: str
    content: bytes


class Tnef(msgspec.Struct, frozen=True, kw_only=True):
    """What was in it. `text` is empty when the body stands in the mail itself."""

    text: str
    files: tuple[File, ...]


class _Draft:
    """A file under way."""

    def __init__(self) -> None:
        self.title = self.name = self.media_type = ""
        self.content = b""


def read(octets: bytes) -> Tnef | None:
    """The body, from plain text, HTML or RTF, whichever there is first; and the files."""
    if octets[:4] != _SIGNATURE:
        return None
    codepage, body, properties = "cp1252", "", dict[int, tuple[int, bytes]]()
    drafts: list[_Draft] = []
    for level, name, value in _attributes(octets):
        if name == _CODEPAGE:
            codepage = f"cp{int.from_bytes(value[:4], 'little')}"
        elif name == _BODY:
            body = charset.decode(value.rstrip(b"\0"), codepage).text
        elif name == _MAPI and level != _ATTACHMENT_LEVEL:
            properties = dict(_properties(value))
        elif name == _BEGINS and len(drafts) < _MOST_FILES:
            drafts.append(_Draft())
        elif level == _ATTACHMENT_LEVEL and drafts:
            _add(drafts[-1], name, value, codepage)
    files = tuple(File(draft.name or draft.title, draft.media_type, draft.content) for draft in drafts)
    return Tnef(text=body.strip() or _body(properties, codepage), files=files)


def _attributes(octets: bytes) -> Iterator[tuple[int, int, bytes]]:
    position = 6
    for _ in range(_MOST_ATTRIBUTES):
        if position + _ATTRIBUTE.size > len(octets):
            return
        level, name, _, size = _ATTRIBUTE.unpack_from(octets, position)
        position += _ATTRIBUTE.size
        yield level, name, octets[position : position + size]
        position += size + 2  # a sum follows; what it would prove, base64 has broken long before


def _properties(value: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Tag, type and octets of each, the first value of one that has many."""
    position = 4
    try:
        for _ in range(min(_LONG.unpack_from(value)[0], _MOST_PROPERTIES)):
            kind, tag = _PROPERTY.unpack_from(value, position)
            position += 4
            if tag >= _NAMED:
                (by_name,) = _LONG.unpack_from(value, position + 16)
                (length,) = _LONG.unpack_from(value, position + 20)
                position += 24 + (_padded(length) if by_name else 0)
            size = _SIZES.get(kind & ~_MANY)
            count = 1
            if kind & _MANY or size is None:
                (count,) = _LONG.unpack_from(value, position)
                position += 4
            if size is not None:
                yield tag, (kind, value[position : position + size])
                position += size * count
                continue
            for number in range(min(count, _MOST_PROPERTIES)):
                (length,) = _LONG.unpack_from(value, position)
                if number == 0:
                    yield tag, (kind, value[position + 4 : position + 4 + length])
                position += 4 + _padded(length)
    except error:
        return  # it breaks off


def _padded(length: int) -> int:
    return length + -length % 4


def _add(draft: _Draft, name: int, value: bytes, codepage: str) -> None:
    if name == _TITLE:
        draft.title = charset.decode(value.rstrip(b"\0"), codepage).text
    elif name == _DATA:
        draft.content = value
    elif name == _ATTACHED_MAPI:
        properties = dict(_properties(value))
        for tag in (_P_SHOWN, _P_FILE, _P_LONG_FILE):
            draft.name = _words(properties.get(tag), codepage) or draft.name
        draft.media_type = _words(properties.get(_P_TYPE), codepage)
        kind, content = properties.get(_P_DATA, (0, b""))
        draft.content = draft.content or (content[_INTERFACE_ID:] if kind == _OBJECT else content)


def _words(found: tuple[int, bytes] | None, codepage: str) -> str:
    if found is None:
        return ""
    kind, octets = found
    wide = kind & ~_MANY == _UNICODE
    return charset.decode(octets if wide else octets.rstrip(b"\0"), "utf-16-le" if wide else codepage).text


def _body(properties: dict[int, tuple[int, bytes]], codepage: str) -> str:
    if said := _words(properties.get(_P_BODY), codepage).strip():
        return said
    if (html := properties.get(_P_HTML)) is not None:
        own = properties.get(_P_CODEPAGE)
        label = f"cp{int.from_bytes(own[1], 'little')}" if own else codepage
        return markup.to_text(_words(html, label))
    return rtf.to_text(rtf.decompress(properties.get(_P_RTF, (0, b""))[1]))
