"""What a citizen's file is, by its content, and the same file without what it says about its maker.

In: bytes of strangers. Out: a media type, or None for what is not taken; the file cleaned, or None for what cannot be. It never trusts
a name, never opens a path, and never gives back a byte of metadata that it knows of: places and devices in pictures and videos, authors
in documents, tags in sound.

Both are plain functions over bytes; `clean` of a large picture takes a second and a hundred megabytes, so doors call it in a thread and
one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from channels.files import boxes, documents, pictures, sound
from channels.files.kinds import kind

__all__ = ["ENDINGS", "clean", "kind", "smaller"]

_CLEANERS: Final[Mapping[str, Callable[[bytes, str], bytes]]] = MappingProxyType(
    {
        "image/jpeg": pictures.cleaned,
        "image/png": pictures.cleaned,
        "image/webp": pictures.cleaned,
        "application/pdf": documents.cleaned_pdf,
        documents.DOCX: documents.cleaned_office,
        documents.XLSX: documents.cleaned_office,
        "video/mp4": boxes.cleaned,
        "video/quicktime": boxes.cleaned,
        "video/3gpp": boxes.cleaned,
        "audio/mp4": boxes.cleaned,
        "audio/mpeg": sound.cleaned_mp3,
        "audio/ogg": sound.cleaned_ogg,
        "audio/amr": sound.cleaned_amr,
    }
)

#: how the name of a cleaned file ends, by its media type: every type that is taken
ENDINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "image/jpeg": ".jpg",
        "image/png": ".png",
        "image/webp": ".webp",
        "application/pdf": ".pdf",
        documents.DOCX: ".docx",
        documents.XLSX: ".xlsx",
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
    if _CLEANERS.get(media_type) is not pictures.cleaned:
        return None
    try:
        return pictures.smaller(content, media_type, most)
    except documents.BROKEN:
        return None


def clean(content: bytes, media_type: str) -> bytes | None:
    """The file without metadata, of the same type; None when it is broken, hides something, or is of a type that is not taken."""
    cleaner = _CLEANERS.get(media_type)
    if cleaner is None:
        return None
    try:
        return cleaner(content, media_type)
    except documents.BROKEN:
        return None
