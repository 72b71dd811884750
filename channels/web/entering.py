"""The web door, entered from our own side: a complaint by the API, as an agency's own app would hand it in.

In: words, the address. Out: the code that the API gave. It reads nothing else of the answer.
"""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

import aiohttp
import msgspec

from channels.base import Refused, Unavailable
from channels.web.api import COMPLAINTS
from channels.web.openapi import Receipt

PATIENCE_S: Final = 60.0


async def enter(words: str, public: str, key: str) -> str:
    """`key`: one of the API's, or none. Raises Refused or Unavailable."""
    complaint = {
        "classification": "permintaan_informasi", "title": "Uji saluran otomatis", "text": words, "location": "Uji saluran",
        "incident_date": f"{datetime.now(UTC):%Y-%m-%d}",
    }  # fmt: skip
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(public + COMPLAINTS, json=complaint, headers={"X-API-Key": key} if key else {}) as answer,
        ):
            body = await answer.read()
    except (aiohttp.ClientError, TimeoutError, OSError) as problem:
        raise Unavailable("no_answer") from problem
    if answer.status != HTTPStatus.CREATED:
        raise (Refused if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR else Unavailable)(f"http_{answer.status}")
    try:
        return msgspec.json.decode(body, type=Receipt).reference
    except msgspec.DecodeError:
        raise Unavailable("bad_answer") from None
