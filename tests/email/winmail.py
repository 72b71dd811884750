"""Writes winmail.dat files, as Outlook does (MS-OXTNEF §2.1), for tests of what reads them."""

from __future__ import annotations

import struct

SIGNATURE = b"\x78\x9f\x3e\x22\x01\x00"
MESSAGE, ATTACHMENT = 1, 2
VERSION, CODEPAGE, BODY, PROPERTIES = 0x89006, 0x69007, 0x2800C, 0x69003
BEGINS, TITLE, DATA, ATTACHED_PROPERTIES = 0x69002, 0x18010, 0x6800F, 0x69005
STRING, UNICODE, BINARY, OBJECT, LONG = 0x1E, 0x1F, 0x102, 0x0D, 3


def attribute(level: int, name: int, value: bytes) -> bytes:
    """One attribute: level, id and type, length, value and its sum."""
    return struct.pack("<BII", level, name, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*items: tuple[int, int, bytes]) -> bytes:
    """Encapsulated properties: type, tag and value of each."""
    out = struct.pack("<I", len(items))
    for kind, tag, value in items:
        out += struct.pack("<HH", kind, tag)
        out += value if kind == LONG else struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)
    return out


def winmail(*attributes: bytes, codepage: int = 1252) -> bytes:
    """A file with the attributes that every one has, and these."""
    head = attribute(MESSAGE, VERSION, struct.pack("<I", 0x10000)) + attribute(MESSAGE, CODEPAGE, struct.pack("<II", codepage, 0))
    return SIGNATURE + head + b"".join(attributes)


def attached(name: str, content: bytes, *items: tuple[int, int, bytes]) -> bytes:
    """A file within the file; `items` are further properties of it."""
    out = attribute(ATTACHMENT, BEGINS, b"\0" * 14) + attribute(ATTACHMENT, TITLE, name.encode("cp1252") + b"\0")
    return out + attribute(ATTACHMENT, DATA, content) + (attribute(ATTACHMENT, ATTACHED_PROPERTIES, properties(*items)) if items else b"")
