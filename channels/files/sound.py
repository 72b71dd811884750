"""Voice notes and music without their tags.

In: MP3, Ogg (Opus, Vorbis), AMR. Out: the frames, and nothing before, between or behind them; in Ogg the comment header stays as long as
it was, and says nothing. Raises ValueError when no frame is found.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

#: kbit/s by index, of MPEG 1 and of MPEG 2 and 2.5, layer III (ISO 11172-3 §2.4.2.3, ISO 13818-3)
_RATES: Final = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
}
_HERTZ: Final = {3: (44100, 48000, 32000, 0), 2: (22050, 24000, 16000, 0), 0: (11025, 12000, 8000, 0)}
#: bytes of a frame behind its first, by frame type (RFC 4867 §5.3, 3GPP TS 26.101 and 26.201); -1 is no frame
_AMR: Final = (12, 13, 15, 17, 19, 20, 26, 31, 5, -1, -1, -1, -1, -1, -1, 0)
_AMR_WB: Final = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, -1, -1, -1, -1, 0, 0)

#: MPEG audio, layer III: the first octets of a frame of version 1, 2 and 2.5, with and without a sum
_SYNC: Final = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]")


#: what looks like a frame and is none, as it comes about in a cover or a tag; and frames of an AMR, five hours of them
MOST_FALSE: Final = 10_000
MOST_FRAMES: Final = 1_000_000
#: each octet with its bits turned round
_TURNED: Final = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))


def cleaned_mp3(content: bytes, _media_type: str) -> bytes:
    """Only frames that are whole. Raises ValueError for what only looks like sound."""
    kept = b"".join(content[start:end] for start, end in _mp3_frames(content))
    if not kept:
        raise ValueError("no frame")
    return kept


def _mp3_frames(content: bytes) -> Iterator[tuple[int, int]]:
    at, wrong = _behind_id3(content), 0
    while found := _SYNC.search(content, at):
        at = found.start()
        end = at + _mp3_length(content[at : at + 4])
        if end == at or end > len(content):
            at, wrong = at + 1, wrong + 1
            if wrong > MOST_FALSE:
                raise ValueError("noise")
            continue
        yield at, end
        at = end


def _behind_id3(content: bytes) -> int:
    """ID3v2 in front (its §3.1): what is inside must not be taken for frames."""
    at = 0
    while content[at : at + 3] == b"ID3" and at + 10 <= len(content):
        a, b, c, d = (octet & 0x7F for octet in content[at + 6 : at + 10])
        at += 10 + (a << 21 | b << 14 | c << 7 | d) + (10 if content[at + 5] & 0x10 else 0)
    return at


def _mp3_length(header: bytes) -> int:
    """Of the frame with this header; 0 when it is none."""
    if len(header) < 4:
        return 0
    version = header[1] >> 3 & 3
    rate, hertz = _RATES[version == 3][header[2] >> 4], _HERTZ[version][header[2] >> 2 & 3]
    if not rate or not hertz:
        return 0
    return (144 if version == 3 else 72) * rate * 1000 // hertz + (header[2] >> 1 & 1)


def cleaned_amr(content: bytes, _media_type: str) -> bytes:
    """The magic number and every frame up to the first that is none; of more than five hours, the first five."""
    magic = next((word for word in (b"#!AMR\n", b"#!AMR-WB\n") if content.startswith(word)), None)
    if magic is None:
        raise ValueError("no AMR")
    sizes = _AMR if magic == b"#!AMR\n" else _AMR_WB
    at = len(magic)
    for _ in range(MOST_FRAMES):
        if at >= len(content) or content[at] & 0x83:
            break
        size = sizes[content[at] >> 3 & 15]
        if size < 0 or at + 1 + size > len(content):
            break
        at += 1 + size
    if at == len(magic):
        raise ValueError("no frame")
    return content[:at]


def cleaned_ogg(content: bytes, _media_type: str) -> bytes:
    """Pages as they are but for those of the second packet, the comments (RFC 7845 §5.2, Vorbis I §5)."""
    out = bytearray()
    comment: list[bytearray] = []
    serial, packets = -1, 0
    for page in _pages(content):
        out_of_one = int.from_bytes(page[14:18], "little")
        serial = out_of_one if serial < 0 else serial
        if out_of_one != serial:
            raise ValueError("several streams")
        if packets == 1:
            comment.append(page)
        else:
            out += page
        packets += sum(lace < 255 for lace in _laces(page))
        if comment and packets >= 2:
            out += b"".join(_silent(comment))
            comment = []
    if packets < 3 or comment:
        raise ValueError("no sound")
    return bytes(out)


def _pages(content: bytes) -> Iterator[bytearray]:
    """RFC 3533 §6. What follows the last page is left out."""
    at = 0
    while content[at : at + 4] == b"OggS" and at + 27 <= len(content):
        laces = content[at + 27 : at + 27 + content[at + 26]]
        end = at + 27 + len(laces) + sum(laces)
        if end > len(content):
            raise ValueError("a page without its end")
        yield bytearray(content[at:end])
        at = end


def _laces(page: bytearray) -> bytes:
    return bytes(page[27 : 27 + page[26]])


def _silent(pages: list[bytearray]) -> Iterator[bytes]:
    """The pages of the comment packet, with a comment of the same length that is all vendor, and the vendor all blanks."""
    bodies = [bytes(page[27 + page[26] :]) for page in pages]
    joined = b"".join(bodies)
    length = 0
    for lace in b"".join(_laces(page) for page in pages):
        length += lace
        if lace < 255:
            break
    joined = _blank(joined[:length]) + joined[length:]
    for page, body in zip(pages, bodies, strict=True):
        page[27 + page[26] :] = joined[: len(body)]
        joined = joined[len(body) :]
        page[22:26] = bytes(4)
        page[22:26] = struct.pack("<I", _crc(page))
        yield bytes(page)


def _blank(packet: bytes) -> bytes:
    for magic, tail in ((b"OpusTags", b""), (b"\x03vorbis", b"\x01")):
        blanks = len(packet) - len(magic) - 8 - len(tail)
        if packet.startswith(magic) and blanks >= 0:
            return magic + struct.pack("<I", blanks) + b" " * blanks + bytes(4) + tail
    raise ValueError("comments of another kind")


def _crc(page: bytes | bytearray) -> int:
    """RFC 3533 §6: zlib's polynomial, but with the bits the other way round, from zero, and not inverted."""
    reflected = zlib.crc32(page.translate(_TURNED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{reflected:032b}"[::-1], 2)
