"""A citizen's file without what it says about its maker: who cleans which type.

In: bytes of strangers and their media type. Out: the file cleaned, or None for what cannot be. What it is made with is large, so this
module is loaded when the first file comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from channels.files import boxes, documents, pictures, sound
from channels.files.kinds import DOCX, XLSX

_CLEANERS: Final[Mapping[str, Callable[[bytes, str], bytes]]] = MappingProxyType(
    {
        "image/jpeg": pictures.cleaned,
        "image/png": pictures.cleaned,
        "image/webp": pictures.cleaned,
        "application/pdf": documents.cleaned_pdf,
        DOCX: documents.cleaned_office,
        XLSX: documents.cleaned_office,
        "video/mp4": boxes.cleaned,
        "video/quicktime": boxes.cleaned,
        "video/3gpp": boxes.cleaned,
        "audio/mp4": boxes.cleaned,
        "audio/mpeg": sound.cleaned_mp3,
        "audio/ogg": sound.cleaned_ogg,
        "audio/amr": sound.cleaned_amr,
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
