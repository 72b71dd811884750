"""The pictures and films of a post, fetched after the yes, so that a picture which cannot be had never costs the words beside it.

In: what `x_reading` found in a post. Out: files, cleaned of what they say about their maker; those that are not to be had are left out,
and named in the record all the same. It asks X's media hosts and nobody else, whatever address a post holds.
"""

from __future__ import annotations

import asyncio
import json
from typing import Final, NamedTuple

import aiohttp
import msgspec

from channels.base import Attachment, Enclosure, Gathered, InboundMessage, Refused, Unavailable
from channels.files import ENDINGS, clean, kind
from channels.social.x_api import Api
from channels.social.x_reading import Medium

#: octets; X's largest picture has 5 MB, and of a film the largest version that fits is taken
LARGEST: Final = 15 * 2**20
#: of all files of a case: they are held in memory together, and a thread may name a hundred films
TOGETHER: Final = 4 * LARGEST
#: one for each file that was had, under which its medium's key stands
FACT: Final = "had:"


def media(message: InboundMessage) -> list[Medium]:
    """What is to be fetched. Raises nothing: what stands there was written by `x_reading`."""
    return msgspec.convert(json.loads(message.extras.get("media", "[]")), list[Medium])


async def gather(api: Api, message: InboundMessage, cleaning: asyncio.Lock) -> Gathered:
    """All files, up to `TOGETHER`. `cleaning` is held while one is cleaned. Raises Unavailable when one cannot be had now."""
    files: list[Attachment] = []
    facts: dict[str, str] = {}
    left = TOGETHER
    async with api.session() as session:
        for medium in media(message):
            if (file := await _fetched(Fetching(api, session, cleaning, min(LARGEST, left)), medium)) is not None:
                left -= len(file.content)
                files.append(file)
                facts[f"{FACT}{medium.key}"] = file.name
    return Gathered(files=tuple(files), facts=facts)


def complete(message: InboundMessage, facts: dict[str, str]) -> InboundMessage:
    """What could not be had is named, with no size. Pure."""
    lost = [medium for medium in media(message) if f"{FACT}{medium.key}" not in facts]
    named = tuple(Enclosure(name=medium.key, media_type="", size=0) for medium in lost)
    return msgspec.structs.replace(message, attachments=(*message.attachments, *named)) if named else message


class Fetching(NamedTuple):
    """Where files come from, and how many octets the next may have."""

    api: Api
    session: aiohttp.ClientSession
    cleaning: asyncio.Lock
    most: int


async def _fetched(fetching: Fetching, medium: Medium) -> Attachment | None:
    """The best version that can be had: of a film the largest that fits, at last its still picture."""
    for url in medium.urls:
        content = await _content(fetching, url)
        media_type = kind(content) if content is not None else None
        if content is None or media_type is None:
            continue
        async with fetching.cleaning:  # a large one takes a second and a hundred megabytes
            cleaned = await asyncio.to_thread(clean, content, media_type)
        if cleaned is not None:
            return Attachment(name=f"{medium.key}{ENDINGS[media_type]}", media_type=media_type, content=cleaned)
    return None


async def _content(fetching: Fetching, url: str) -> bytes | None:
    """None when it is too large, gone, or not at X. Raises Unavailable for what may be had later."""
    there = fetching.api.media_url(url)
    if there is None:
        return None
    try:
        async with fetching.session.get(there, allow_redirects=False) as answer:
            if answer.status != 200 or (answer.content_length or 0) > fetching.most:
                return None
            content = bytearray()
            async for piece in answer.content.iter_chunked(65536):
                content += piece
                if len(content) > fetching.most:
                    return None
            return bytes(content)
    except Refused:
        return None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unavailable("media_unavailable") from error
