"""Videos and voice notes in boxes (ISO 14496-12, QuickTime, 3GPP TS 26.244) without what the recorder wrote beside them.

In: an MP4, MOV, 3GP or M4A. Out: the same file, byte for byte as long, in which every box that is not needed to play it has become
`free` space full of zeros: user data (place, device, titles), XMP, and whole tracks that are neither picture nor sound (a drone's
positions, a telephone's). Times of recording become zero. Nothing is moved, because tables inside point at places in the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

#: boxes that stay, by the box around them; of `minf` and below all stay but those of `_TELLING`
_NEEDED: Final = {
    b"": frozenset({b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"wide"}),
    b"moov": frozenset({b"mvhd", b"trak", b"mvex", b"iods"}),
    b"trak": frozenset({b"tkhd", b"mdia", b"edts", b"tref", b"tapt"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf", b"elng"}),
    b"moof": frozenset({b"mfhd", b"traf"}),
    b"traf": frozenset({b"tfhd", b"tfdt", b"trun", b"sbgp", b"sgpd", b"saiz", b"saio", b"senc", b"subs"}),
}
_TELLING: Final = frozenset({b"udta", b"meta", b"uuid", b"free", b"skip", b"ilst", b"keys", b"XMP_", b"loci"})
_OPENED: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"})
#: tracks, and stretches of stored bytes; what made-up tables make us do is so bounded
MOST: Final = 100
#: boxes in one other; recorders write a few dozen
MOST_BOXES: Final = 10_000
_SEEN_OR_HEARD: Final = frozenset({b"vide", b"soun"})
_TIMED: Final = frozenset({b"mvhd", b"tkhd", b"mdhd"})


class Box(NamedTuple):
    """Where a box and its body lie; `end` is one past it."""

    kind: bytes
    start: int
    body: int
    end: int


def cleaned(content: bytes, _media_type: str) -> bytes:
    """Raises ValueError for boxes that do not fit into each other, and for a file without a track."""
    film = bytearray(content)
    top = list(_inside(film, 0, len(film)))
    if top[0].kind != b"ftyp" or not any(box.kind == b"moov" for box in top):
        raise ValueError("nothing to play")
    stored = [box for box in top if box.kind == b"mdat"]
    if len(stored) > MOST or film.count(b"trak") > MOST:
        raise ValueError("more tracks than any recorder writes")
    _tidy(film, Box(b"", 0, 0, len(film)), stored)
    return bytes(film)


def _inside(film: bytearray, at: int, end: int) -> Iterator[Box]:
    for _ in range(MOST_BOXES):
        if at + 8 > end:
            break
        size, kind = struct.unpack_from(">I4s", film, at)
        body = at + 8
        if size == 1:
            if at + 16 > end:
                raise ValueError("a box without its length")
            size, body = struct.unpack_from(">Q", film, body)[0], at + 16
        stop = end if size == 0 else at + size
        if stop < body or stop > end:
            raise ValueError("a box that does not fit")
        yield Box(kind, at, body, stop)
        at = stop
    if at != end and any(film[at:end]):
        raise ValueError("bytes outside of every box")


def _tidy(film: bytearray, around: Box, stored: list[Box]) -> None:
    needed = _NEEDED.get(around.kind)
    for box in list(_inside(film, around.body, around.end)):
        if box.kind in _TELLING or (needed is not None and box.kind not in needed):
            _free(film, box)
        elif box.kind == b"trak" and _handler(film, box) not in _SEEN_OR_HEARD:
            _forget_samples(film, box, stored)
            _free(film, box)
        elif box.kind in _TIMED:
            _forget_times(film, box)
        elif box.kind == b"hdlr":
            # the name of the handler (§8.4.3.3) is the recorder's
            film[box.body + 24 : box.end] = bytes(max(0, box.end - box.body - 24))
        elif box.kind in _OPENED:
            _tidy(film, box, stored)


def _free(film: bytearray, box: Box) -> None:
    film[box.start + 4 : box.start + 8] = b"free"
    film[box.body : box.end] = bytes(box.end - box.body)


def _forget_times(film: bytearray, box: Box) -> None:
    """When it was made and changed: two times of 4 bytes, or of 8 in version 1 (§8.2.2.2, §8.3.2.2, §8.4.2.2)."""
    if box.end - box.body < 20:
        raise ValueError("a header without its times")
    width = 8 if film[box.body] == 1 else 4
    film[box.body + 4 : box.body + 4 + 2 * width] = bytes(2 * width)


def _handler(film: bytearray, track: Box) -> bytes:
    mdia = _find(film, track, b"mdia")
    hdlr = mdia and _find(film, mdia, b"hdlr")
    return bytes(film[hdlr.body + 8 : hdlr.body + 12]) if hdlr else b""


def _find(film: bytearray, around: Box, kind: bytes) -> Box | None:
    return next((box for box in _inside(film, around.body, around.end) if box.kind == kind), None)


def _forget_samples(film: bytearray, track: Box, stored: list[Box]) -> None:
    """What the track says lies among the pictures: its chunks (§8.7) become zeros. Raises ValueError when they are not to be found."""
    table = track
    for kind in (b"mdia", b"minf", b"stbl"):
        found = _find(film, table, kind)
        if found is None:
            raise ValueError("a track without its table")
        table = found
    left = len(film)
    for start, size in _chunks(film, table):
        left -= size
        if left < 0:
            raise ValueError("chunks that lie over each other")
        if size and not any(box.body <= start and start + size <= box.end for box in stored):
            raise ValueError("a chunk outside of the stored bytes")
        film[start : start + size] = bytes(size)


def _chunks(film: bytearray, table: Box) -> Iterator[tuple[int, int]]:
    """Where each chunk lies, and how long it is: stco or co64, stsc, stsz."""
    offsets = [at for kind, form in ((b"stco", ">I"), (b"co64", ">Q")) for at in _column(film, table, kind, form)]
    runs = list(_rows(film, table, b"stsc", ">III"))
    same, sizes = _sizes(film, table)
    sample, run = 0, -1
    for number, start in enumerate(offsets, start=1):
        while run + 1 < len(runs) and runs[run + 1][0] <= number:
            run += 1
        count = runs[run][1] if run >= 0 else 0
        yield start, same * count if same else sum(sizes[sample : sample + count])
        sample += count


def _sizes(film: bytearray, table: Box) -> tuple[int, list[int]]:
    """The size that all samples have, or 0 and each one's (§8.7.3.2)."""
    box = _find(film, table, b"stsz")
    if box is None or box.end - box.body < 12:
        raise ValueError("samples without sizes")
    same = int.from_bytes(film[box.body + 4 : box.body + 8])
    return same, [] if same else _column(film, table, b"stsz", ">I")


def _column(film: bytearray, table: Box, kind: bytes, form: str) -> list[int]:
    return [row[0] for row in _rows(film, table, kind, form)]


def _rows(film: bytearray, table: Box, kind: bytes, form: str) -> Iterator[tuple[int, ...]]:
    """Rows of a full box: version and flags, in stsz the size that all have, a count, the rows."""
    box = _find(film, table, kind)
    if box is None:
        return
    at = box.body + (12 if kind == b"stsz" else 8)
    count = int.from_bytes(film[at - 4 : at])
    width = struct.calcsize(form)
    if at + count * width > box.end:
        raise ValueError("a table longer than its box")
    yield from struct.iter_unpack(form, bytes(film[at : at + count * width]))
