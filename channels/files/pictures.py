"""Pictures without what the camera wrote into them.

In: a JPEG, PNG or WebP. Out: the same picture turned the right way up and encoded anew, so that nothing but its pixels is left: no EXIF
(place, time, device), no XMP, no comment, no colour profile, no preview, nothing behind the end. It never unpacks more than
`MAX_PIXELS`. Raises any of `BROKEN`.
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageOps, JpegImagePlugin

#: what decoders are known to raise over hostile bytes; a fault of ours beside it is a ValueError
BROKEN: Final = (
    OSError, ValueError, SyntaxError, ArithmeticError, LookupError, TypeError, AttributeError, AssertionError, EOFError, RuntimeError,
    MemoryError, struct.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
#: a telephone's largest picture; 120 MB unpacked
MAX_PIXELS: Final = 40_000_000
_FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


def cleaned(content: bytes, media_type: str) -> bytes:
    """Raises ValueError for a film or a bomb, and what else stands in `BROKEN`."""
    written = _FORMATS[media_type]
    with Image.open(BytesIO(content), formats=(written,)) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise ValueError("more pixels than are unpacked")
        # a JPEG with several pictures is a telephone's (depth, brightness): the first is what was seen
        if written != "JPEG" and getattr(picture, "n_frames", 1) > 1:
            raise ValueError("a film")
        how = _encoding(picture, content, written)
        upright = _upright(picture)
    upright.info = {name: value for name, value in upright.info.items() if name == "transparency" and written == "PNG"}
    out = BytesIO()
    upright.save(out, written, **how)
    return out.getvalue()


def _encoding(picture: Image.Image, content: bytes, written: str) -> dict[str, Any]:
    """As the original was, so that it gets neither larger nor worse."""
    if written == "PNG":
        return {"optimize": False}
    if written == "WEBP":
        return {"lossless": True} if content[12:16] == b"VP8L" else {"quality": 85}
    how: dict[str, Any] = {"progressive": True, "qtables": getattr(picture, "quantization", None)}
    sampling = JpegImagePlugin.get_sampling(picture)
    return how if sampling < 0 else how | {"subsampling": sampling}


def _upright(picture: Image.Image) -> Image.Image:
    """As it was held; with a damaged orientation, as it is."""
    picture.load()
    try:
        return ImageOps.exif_transpose(picture)
    except BROKEN:
        return picture.copy()


def without_segments(jpeg: bytes) -> bytes:
    """A JPEG inside a document, left as it is but for APP0-13, APP15 and comments; APP14 says how its colours are meant (T.81 Annex B).

    Raises ValueError for what is no JPEG.
    """
    if jpeg[:2] != b"\xff\xd8":
        raise ValueError("no JPEG")
    out, at = bytearray(jpeg[:2]), 2
    while True:
        if at + 2 > len(jpeg) or jpeg[at] != 0xFF:
            raise ValueError("a damaged JPEG")
        marker = jpeg[at + 1]
        if marker == 0xD9:
            return bytes(out) + b"\xff\xd9"
        if marker == 0xFF:  # fill (B.1.1.2)
            at += 1
            continue
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        if marker == 0xDA:
            end = _end_of_scan(jpeg, end)
        if not (0xE0 <= marker <= 0xEF and marker != 0xEE) and marker != 0xFE:
            out += jpeg[at:end]
        if end <= at + 3:
            raise ValueError("a damaged JPEG")
        at = end


def _end_of_scan(jpeg: bytes, at: int) -> int:
    """Where the next marker stands that is neither a stuffed zero nor a restart (B.1.1.5)."""
    while (at := jpeg.find(b"\xff", at)) >= 0 and at + 1 < len(jpeg):
        if jpeg[at + 1] != 0 and not 0xD0 <= jpeg[at + 1] <= 0xD7:
            return at
        at += 2
    raise ValueError("a JPEG without an end")
