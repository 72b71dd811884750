"""The aggregator's door, entered from our own side: a call as the aggregator makes it, with its secret.

In: words, the settings, the address. Out: the call as it was answered. A door that only certain addresses may call may refuse us, which
says nothing of the aggregator.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Final

import aiohttp
import msgspec

from channels.base import Refused, Unavailable
from channels.sms.push_settings import Fields, Method, Settings

PATIENCE_S: Final = 60.0
#: of nobody
_SENDER: Final = "+6281200000000"


class Push(msgspec.Struct, frozen=True):
    """What is called, and with which fields."""

    method: Method
    fields: dict[str, str]
    headers: dict[str, str]


def push(words: str, settings: Settings, names: Fields, method: Method) -> Push:
    """As an aggregator with these names would make it."""
    fields = {names.sender: _SENDER, names.recipient: settings.short_code, names.text: words, names.id: f"uji-{secrets.token_hex(8)}"}
    headers = {}
    if settings.username:
        headers["Authorization"] = aiohttp.encode_basic_auth(settings.username, settings.password)
    if settings.secret and settings.secret_header:
        headers[settings.secret_header] = settings.secret
    elif settings.secret:
        fields[settings.secret_field] = settings.secret
    return Push(method, {name: value for name, value in fields.items() if name}, headers)


async def enter(call: Push, url: str) -> None:
    """Raises Refused or Unavailable."""
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    form = call.method == "POST"
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(
                call.method, url, params=None if form else call.fields, data=call.fields if form else None, headers=call.headers
            ) as answer,
        ):
            await answer.read()
    except (aiohttp.ClientError, TimeoutError, OSError) as problem:
        raise Unavailable("no_answer") from problem
    if answer.status == HTTPStatus.FORBIDDEN:
        raise Refused("not_allowed_from_here")
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise (Refused if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR else Unavailable)(f"http_{answer.status}")
