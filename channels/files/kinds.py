"""What a file is.

In: its bytes. Out: one of the media types that are taken, or None. It looks at content only, and opens no more than a ZIP's table of
contents.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Final
from zipfile import BadZipFile, ZipFile

import filetype  # type: ignore[import-untyped]  # it ships no types, and one word is asked of it

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PLAIN: Final = frozenset({"image/jpeg", "image/png", "image/webp", "application/pdf", "audio/mpeg", "audio/ogg", "audio/amr"})
#: major brands of ISO 14496-12 §4.3 files; pictures in such boxes (heic, avif) are not taken
_PICTURES: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"crx ", b"jp2 "})
_VIDEO_TRACK: Final = re.compile(rb"hdlr.{8}vide", re.DOTALL)


def kind(content: bytes) -> str | None:
    """`image/jpeg` and its like; None for what we do not take: programs, archives, SVG, HTML, HEIC, whatever is not known."""
    if content[4:8] == b"ftyp":
        return _boxed(content)
    if content.startswith(b"PK\x03\x04"):
        return _zipped(content)
    if content.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "audio/amr"
    guessed = filetype.guess_mime(content)
    return str(guessed) if guessed in _PLAIN else None


def _boxed(content: bytes) -> str | None:
    brand = content[8:12]
    if brand in _PICTURES:
        return None
    if brand.startswith((b"3gp", b"3g2", b"3gr", b"3gs")):
        return "video/3gpp"
    # voice recorders write the same brands as cameras
    if brand.startswith(b"M4A") or not _VIDEO_TRACK.search(content):
        return "audio/mp4"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def _zipped(content: bytes) -> str | None:
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    return DOCX if "word/document.xml" in names else XLSX if "xl/workbook.xml" in names else None
