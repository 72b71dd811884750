"""What a citizen's file is, by its content, and the same file without what it says about its maker.

In: bytes of strangers. Out: a media type, or None for what is not taken; the file cleaned, or None for what cannot be. It never trusts
a name, never opens a path, and never gives back a byte of metadata that it knows of: places and devices in pictures and videos, authors
in documents, tags in sound.

Both are plain functions over bytes; `clean` of a large picture takes a second and a hundred megabytes, so doors call it in a thread and
one at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from channels.files.kinds import DOCX, XLSX, kind

__all__ = ["ENDINGS", "clean", "kind", "smaller"]

#: how the name of a cleaned file ends, by its media type: every type that is taken
ENDINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "image/jpeg": ".jpg",
        "image/png": ".png",
        "image/webp": ".webp",
        "application/pdf": ".pdf",
        DOCX: ".docx",
        XLSX: ".xlsx",
        "video/mp4": ".mp4",
        "video/quicktime": ".mov",
        "video/3gpp": ".3gp",
        "audio/mp4": ".m4a",
        "audio/mpeg": ".mp3",
        "audio/ogg": ".ogg",
        "audio/amr": ".amr",
    }
)


def smaller(content: bytes, media_type: str, most: int) -> bytes | None:
    """A cleaned picture as a JPEG of at most so many bytes; None for one that cannot be made so small, and for whatever is no picture."""
    # 7 MB, here and below, that a gateway does without until the first file comes
    from channels.files import cleaning

    return cleaning.smaller(content, media_type, most)


def clean(content: bytes, media_type: str) -> bytes | None:
    """The file without metadata, of the same type; None when it is broken, hides something, or is of a type that is not taken."""
    from channels.files import cleaning

    return cleaning.clean(content, media_type)
