"""The bodies of calls by providers and ledgers: small, prompt, and of many callers at once.

In: a request. Out: its body while it is dealt with, or what to answer instead. Calls that are begun and never ended take no more memory
together than they are given here; a small one is heard whatever others do.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from channels.web.room import Room, Share

#: a call is small, and comes at once
LARGEST, SLOWEST_S = 2**20, 30.0
#: octets of all calls under way, beyond the first 64 kB of each
TOGETHER: Final = 64 * 2**20
#: when a caller whom we could not serve may try again, in seconds, if nobody knows better
AGAIN: Final = {"Retry-After": "5"}


class Unread(Exception):
    """The body is not to be had: the status, the words and the headers of the answer."""

    def __init__(self, status: int, words: str, headers: Mapping[str, str] = {}) -> None:
        super().__init__(words)
        self.status, self.words, self.headers = status, words, headers


class Calls:
    """Those that one door has under way."""

    def __init__(self) -> None:
        """None yet."""
        self._room = Room(TOGETHER)

    @asynccontextmanager
    async def body(self, request: web.Request) -> AsyncIterator[bytes]:
        """What came, while the call is answered. Raises Unread."""
        with Share(self._room) as share:
            try:
                async with asyncio.timeout(SLOWEST_S):
                    body = await _read(request, share)
            except TimeoutError:
                raise Unread(408, "too slow") from None
            except (ConnectionError, HttpProcessingError, web.RequestPayloadError):
                # it broke off, or is not what its headers say, which is no fault of ours
                raise Unread(400, "the body cannot be read") from None
            yield body


async def _read(request: web.Request, share: Share) -> bytes:
    body = bytearray()
    async for some in request.content.iter_any():
        body += some
        if len(body) > LARGEST:
            raise Unread(413, "too large")
        if not share.hear(len(some)):
            raise Unread(503, "not now", AGAIN)
    return bytes(body)
