"""The format of a file to which records are appended, and from which they can be told again whatever happened to it.

In: the bodies of records, and for reading the octets of a file. Out: the octets to append, and for reading each record, or where and
why there is none. Pure: no disk, no clock, no chance. It does not know what a record means.

A file is a head, frames, and a last frame that says END. Integers are big-endian.

    head    twice, so that one bad octet does not cost the file: magic "lapr1\\r\\n\\0" (8), nonce (8), CRC-32 of both (4)
    frame   mark (4), length of the body (4), CRC-32 of nonce, mark, length and body (4), body
    END     a frame with the other mark; its body: how many records there are (8), CRC-32 of their CRCs in order (4)

The marks are made of the nonce, which is drawn for each file. So a reader finds the next frame behind a damaged one, and neither the
octets of a citizen's message nor those of an older file that lay at this place on the disk can pass for a frame.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, Protocol
from zlib import crc32

MAGIC: Final = b"lapr1\r\n\0"
#: octets of the nonce that a writer draws
NONCE: Final = 8
_HEAD: Final = struct.Struct(">8s8sI")
_FRAME: Final = struct.Struct(">4sII")
_END: Final = struct.Struct(">QI")
#: octets before the first frame, and before each body
HEAD_SIZE: Final = 2 * _HEAD.size
FRAME_SIZE: Final = _FRAME.size


class Octets(Protocol):
    """The octets of a file: read, or mapped where it is large."""

    def __len__(self) -> int: ...

    def __getitem__(self, cut: slice, /) -> bytes: ...

    def find(self, sub: bytes, start: int, /) -> int: ...


class Record(NamedTuple):
    """A body, and where its frame begins."""

    at: int
    body: bytes


class Gap(NamedTuple):
    """Octets from `at` up to `until` that are no frame. head: neither copy of it is right. torn: no frame comes after them. damaged: one
    does. behind: they come after END."""

    at: int
    until: int
    why: Literal["head", "torn", "damaged", "behind"]


class End(NamedTuple):
    """The END mark, and how many of the records that it counts were not read: 0 for a file that is whole."""

    records: int
    missing: int


class Sheaf:
    """What a file is made of, in the order in which it is written."""

    def __init__(self, nonce: bytes) -> None:
        """`nonce`: 8 octets by chance, for this file alone."""
        self._nonce, self._count, self._fold = nonce, 0, 0

    def head(self) -> bytes:
        """What the file begins with."""
        plain = MAGIC + self._nonce
        return (plain + crc32(plain).to_bytes(4)) * 2

    def record(self, body: bytes) -> bytes:
        """The frame of the next record."""
        frame, check = _frame(self._nonce, _mark(self._nonce), body)
        self._count, self._fold = self._count + 1, _folded(self._fold, check)
        return frame

    def end(self) -> bytes:
        """What the file ends with."""
        return _frame(self._nonce, _end_mark(self._nonce), _END.pack(self._count, self._fold))[0]


def read(octets: Octets) -> Iterator[Record | Gap | End]:
    """All that is in a file, in order. One that was never ended, or lost its end, gives no `End`."""
    nonce = _nonce(octets)
    if nonce is None or len(octets) < HEAD_SIZE:
        if len(octets):
            yield Gap(0, len(octets), "head")
        return
    at, count, fold = HEAD_SIZE, 0, 0
    while at < len(octets):
        found = _frame_at(octets, at, nonce)
        if found is None:
            following = _next(octets, at, nonce)
            yield Gap(at, following, "torn" if following == len(octets) else "damaged")
            at = following
            continue
        mark, check, body = found
        after = at + FRAME_SIZE + len(body)
        if mark == _end_mark(nonce) and len(body) == _END.size:
            said, said_fold = _END.unpack(body)
            # as many as it says, and yet not those that it saw
            yield End(said, abs(said - count) or int(said_fold != fold))
            if after < len(octets):
                yield Gap(after, len(octets), "behind")
            return
        yield Record(at, body)
        at, count, fold = after, count + 1, _folded(fold, check)


def body_at(octets: Octets, at: int) -> bytes | None:
    """The body of the record whose frame begins there; None when none does, or it is damaged."""
    nonce = _nonce(octets)
    found = None if nonce is None else _frame_at(octets, at, nonce)
    return None if found is None or nonce is None or found[0] != _mark(nonce) else found[2]


def _mark(nonce: bytes) -> bytes:
    return nonce[:4]


def _end_mark(nonce: bytes) -> bytes:
    return bytes(255 - octet for octet in nonce[:4])


def _frame(nonce: bytes, mark: bytes, body: bytes) -> tuple[bytes, int]:
    check = _check(nonce, mark, body)
    return _FRAME.pack(mark, len(body), check) + body, check


def _check(nonce: bytes, mark: bytes, body: bytes) -> int:
    return crc32(body, crc32(nonce + mark + len(body).to_bytes(4)))


def _folded(fold: int, check: int) -> int:
    return crc32(check.to_bytes(4), fold)


def _nonce(octets: Octets) -> bytes | None:
    for at in (0, _HEAD.size):
        copy = octets[at : at + _HEAD.size]
        if len(copy) == _HEAD.size:
            magic, nonce, check = _HEAD.unpack(copy)
            if magic == MAGIC and check == crc32(copy[:16]):
                return bytes(nonce)
    return None


def _frame_at(octets: Octets, at: int, nonce: bytes) -> tuple[bytes, int, bytes] | None:
    """Mark, checksum and body of the frame that begins there."""
    start = at + FRAME_SIZE
    if start > len(octets):
        return None
    mark, length, check = _FRAME.unpack(octets[at:start])
    if mark not in (_mark(nonce), _end_mark(nonce)) or start + length > len(octets):
        return None
    body = octets[start : start + length]
    return (mark, check, body) if check == _check(nonce, mark, body) else None


def _next(octets: Octets, at: int, nonce: bytes) -> int:
    """Where the next frame behind a damaged one begins; the end of the file when there is none."""
    for mark in (_mark(nonce), _end_mark(nonce)):
        found = octets.find(mark, at + 1)
        while found != -1:
            if _frame_at(octets, found, nonce) is not None:
                return found
            found = octets.find(mark, found + 1)
    return len(octets)
