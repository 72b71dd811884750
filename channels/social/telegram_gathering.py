"""Fetches the files that a message names: getFile says where one lies, then it is downloaded.

In: what `telegram_media` found, and a line. Out: the files, cleaned of what they would tell about their sender. What cannot be had at
all is left out; it raises Unavailable for what may be had later, and never touches the message. Telegram keeps a file for whoever has
its file_id, which stays in the bytes of the update: a person can still ask for what was left out.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from channels.base import Attachment, Gathered, InboundMessage, Refused, Unavailable
from channels.files import clean, kind
from channels.social.telegram_line import Line
from channels.social.telegram_media import FETCHED, Named, named_in

#: files of one message are held in memory together; as many as this times the largest allowed are
_TOGETHER = 2


class _Place(msgspec.Struct, frozen=True):
    """§File, as getFile gives it."""

    file_path: str = ""
    file_size: int = 0


async def gather(line: Line, message: InboundMessage, max_bytes: int, cleaning: asyncio.Lock) -> Gathered:
    """`cleaning` is held while a file is cleaned, which takes memory and a thread. Raises Unavailable."""
    files: list[Attachment] = []
    fetched: list[str] = []
    left = max_bytes * _TOGETHER
    for file in named_in(message):
        content = await _fetched(line, file, min(max_bytes, left))
        if content is None:
            continue
        left -= len(content)
        async with cleaning:
            cleaned = await asyncio.to_thread(_cleaned, file.name, content)
        if cleaned is not None:
            files.append(cleaned)
            fetched.append(file.unique)
    return Gathered(files=tuple(files), facts={FETCHED: " ".join(fetched)})


def _cleaned(name: str, content: bytes) -> Attachment | None:
    """None for a type that is not taken, whatever the message called it, and for what cannot be cleaned."""
    media_type = kind(content)
    cleaned = clean(content, media_type) if media_type else None
    return Attachment(name=name, media_type=media_type, content=cleaned) if media_type and cleaned is not None else None


async def _fetched(line: Line, file: Named, most: int) -> bytes | None:
    """None for what is too big, gone, or not given."""
    if file.size > most:
        return None
    try:
        place = _place(await line.call("getFile", file_id=file.file_id))
        if not place.file_path or not 0 < place.file_size <= most:
            return None
        content = await line.download(place.file_path)
    except Refused:
        return None
    if len(content) != place.file_size:
        raise Unavailable("download_cut")
    return content


def _place(result: Any) -> _Place:
    """Raises Unavailable for an answer that has another form."""
    try:
        return msgspec.convert(result, _Place)
    except ValueError:
        raise Unavailable("bad_answer") from None
