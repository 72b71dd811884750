"""Pictures without what the camera wrote into them.

In: a JPEG, PNG or WebP. Out: the same picture turned the right way up and encoded anew, so that nothing but its pixels is left: no EXIF
(place, time, device), no XMP, no comment, no colour profile, no preview, nothing behind the end. It never unpacks more than
`MAX_PIXELS`. Raises any of `BROKEN`.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from PIL import Image, JpegImagePlugin

#: what decoders are known to raise over hostile bytes; a fault of ours beside it is a ValueError
BROKEN: Final = (
    OSError, ValueError, SyntaxError, ArithmeticError, LookupError, TypeError, AttributeError, AssertionError, EOFError, RuntimeError,
    MemoryError, struct.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
#: a telephone's largest picture; 120 MB unpacked
MAX_PIXELS: Final = 40_000_000
#: by orientation, what puts the picture upright
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_EXIF_SEGMENT: Final = 0xE1
_SCAN: Final = 0xDA
_END: Final = 0xD9
#: what stands before a marker and means nothing (B.1.1.2)
_FILL: Final = re.compile(rb"\xff+")
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7]", re.DOTALL)
#: each of them costs as much as the whole picture; a progressive JPEG has some ten
MAX_SCANS: Final = 50
#: a segment holds 64 kB, and of what is longer (a profile of colours, a second picture) each 64 kB has one
MAX_SEGMENTS: Final = 5_000
# For the whole process (Pillow, "Block allocator"): what is asked of the system in pieces above 32 MB goes back to it at once; of
# smaller pieces each picture would leave a few tens of megabytes behind.
Image.core.set_block_size(40 * 1024 * 1024)  # type: ignore[attr-defined]  # documented and yet not among its types
#: longest edges in pixels and JPEG qualities, from a screen's size down to what still shows a hole in a road
_SMALLER: Final = ((2560, 85), (2048, 80), (1600, 75), (1280, 70), (960, 65), (640, 60), (320, 50))
_FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


def cleaned(content: bytes, media_type: str) -> bytes:
    """Raises ValueError for a film or a bomb, and what else stands in `BROKEN`."""
    written, turned = _FORMATS[media_type], 1
    if written == "JPEG":
        # before the decoder sees it: a telephone's second picture (depth, brightness) goes too, the first is what was seen
        parts = list(segments(content))
        if sum(marker == _SCAN for marker, _ in parts) > MAX_SCANS:
            raise ValueError("more scans than a camera writes")
        turned = next((orientation(body) for marker, body in parts if marker == _EXIF_SEGMENT and body[4:8] == b"Exif"), 1)
        content = without_segments(content)
    with Image.open(BytesIO(content), formats=(written,)) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise ValueError("more pixels than are unpacked")
        if getattr(picture, "n_frames", 1) > 1:
            raise ValueError("a film")
        how = _encoding(picture, content, written)
        picture.load()
        turned = orientation(picture.info.get("exif") or b"") if written != "JPEG" else turned
        upright = picture.transpose(_TURNS[turned]) if turned in _TURNS else picture
        upright.info = {name: value for name, value in upright.info.items() if name == "transparency" and written == "PNG"}
        out = BytesIO()
        upright.save(out, written, **how)
    return out.getvalue()


def smaller(content: bytes, media_type: str, most: int) -> bytes | None:
    """A cleaned picture as a JPEG of at most so many bytes, as large as it can be; None when it cannot. Raises what stands in `BROKEN`."""
    with Image.open(BytesIO(content), formats=(_FORMATS[media_type],)) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise ValueError("more pixels than are unpacked")
        # what is see-through becomes white, not black
        plain = Image.new("RGB", picture.size, "white")
        plain.paste(picture, mask=picture.convert("RGBA").getchannel("A") if picture.mode in {"RGBA", "LA", "P", "PA"} else None)
    for edge, quality in _SMALLER:
        plain.thumbnail((edge, edge))
        out = BytesIO()
        plain.save(out, "JPEG", quality=quality)
        if out.tell() <= most:
            return out.getvalue()
    return None


def area(content: bytes, media_type: str) -> int:
    """Pixels, as the picture says; nothing is unpacked. Raises what stands in `BROKEN`."""
    with Image.open(BytesIO(content), formats=(_FORMATS[media_type],)) as picture:
        return picture.width * picture.height


def orientation(exif: bytes) -> int:
    """How the camera was held (Exif 2.32 §4.6.4 A, tag 274, in the first directory of TIFF 6.0 §2); 1 when that is not to be read.

    Read here, because the decoder's own reader of EXIF is a large surface for hostile bytes.
    """
    tiff = exif[exif.find(b"Exif\0\0") + 6 :] if b"Exif\0\0" in exif[:10] else exif
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    try:
        if order is None:
            return 1
        at = struct.unpack_from(f"{order}I", tiff, 4)[0]
        for entry in range(struct.unpack_from(f"{order}H", tiff, at)[0]):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * entry)
            if (tag, kind) == (274, 3):
                return int(value)
    except struct.error:
        return 1
    return 1


def _encoding(picture: Image.Image, content: bytes, written: str) -> dict[str, Any]:
    """As the original was, so that it gets neither larger nor worse."""
    if written == "PNG":
        return {"optimize": False}
    if written == "WEBP":
        return {"lossless": True} if content[12:16] == b"VP8L" else {"quality": 85}
    # neither progressive nor optimised: both hold a second picture in memory while they write
    how: dict[str, Any] = {"qtables": getattr(picture, "quantization", None)}
    sampling = JpegImagePlugin.get_sampling(picture)
    return how if sampling < 0 else how | {"subsampling": sampling}


def without_segments(jpeg: bytes) -> bytes:
    """A JPEG as it is, but for what is said beside the picture: APP0-15, comments, and what stands behind the end.

    APP14 stays, which says how its colours are meant, and a plain JFIF header. Raises ValueError for what is no JPEG.
    """
    kept = [body for marker, body in segments(jpeg) if _shown(marker, body)]
    return b"".join([b"\xff\xd8", *kept, b"\xff\xd9"])


def _shown(marker: int, body: bytes) -> bool:
    if marker == 0xE0:
        return body[4:9] == b"JFIF\0" and len(body) == 18  # a longer one has a preview
    return marker == 0xEE or not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def segments(jpeg: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and bytes of each (T.81 Annex B), a scan with all that it drew; up to the end of the picture, or of the bytes."""
    if jpeg[:2] != b"\xff\xd8":
        raise ValueError("no JPEG")
    at = 2
    for _ in range(MAX_SEGMENTS):
        fill = _FILL.match(jpeg, at)
        at = fill.end() - 1 if fill else at
        if at + 4 > len(jpeg) or jpeg[at + 1] == _END:
            return
        marker = jpeg[at + 1]
        if jpeg[at] != 0xFF:
            raise ValueError("a damaged JPEG")
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        if end < at + 4:
            raise ValueError("a damaged JPEG")
        end = _end_of_scan(jpeg, end) if marker == _SCAN else end
        yield marker, jpeg[at:end]
        at = end
    raise ValueError("more segments than a camera writes")


def _end_of_scan(jpeg: bytes, at: int) -> int:
    """Where the next marker stands that is neither a stuffed zero nor a restart (B.1.1.5)."""
    marker = _MARKER.search(jpeg, at)
    return marker.start() if marker else len(jpeg)
