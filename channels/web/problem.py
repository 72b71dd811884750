"""Refusals of the API as RFC 9457 problem documents.

In: what went wrong. Out: `application/problem+json` with a stable `code`. It never tells what somebody wrote, and never what a reference
belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web

from channels.base import Unavailable
from channels.web.allowance import TooMany
from channels.web.faults import Invalid
from channels.web.uploads import Stalled, TooLarge

#: seconds after which a client may try again when nobody knows better
RETRY_AFTER_S: Final = 30

TITLES: Final[Mapping[str, str]] = {
    "bad_request": "The request cannot be read.",
    "invalid": "Some fields cannot be taken as they are.",
    "mistyped_code": "This is no reference: its check symbol does not fit. It was mistyped.",
    "not_a_code": "This cannot be a reference: twelve letters and digits, such as 7K3Q-9FXM-2CH4.",
    "unknown_code": "There is no complaint with this reference.",
    "no_such_page": "There is nothing at this address.",
    "wrong_method": "This address does not take this method.",
    "too_slow": "The body came too slowly.",
    "too_large": "The body is too large.",
    "media_type": "Send application/json, multipart/form-data or application/x-www-form-urlencoded.",
    "too_many": "Too many requests from this address.",
    "not_now": "It cannot be kept now. Nothing was taken; send it again later.",
}


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457 §3; `code` is ours and stable, `faults` are codes by field."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    faults: dict[str, str] = {}


class Problem(Exception):
    """A refusal on its way out of a handler."""

    def __init__(self, status: int, code: str, detail: str = "", *, faults: Mapping[str, str] | None = None, retry_after: int = 0) -> None:
        """`code` is one of `TITLES`; `retry_after` in seconds."""
        super().__init__(code)
        self.status, self.code, self.detail = HTTPStatus(status), code, detail
        self.faults, self.retry_after = dict(faults or {}), retry_after

    def response(self, headers: Mapping[str, str] | None = None) -> web.Response:
        """As the client gets it."""
        document = Document(
            type=f"urn:lapor:problem:{self.code}", title=TITLES[self.code], status=self.status, code=self.code, detail=self.detail,
            faults=self.faults,
        )  # fmt: skip
        later = {"Retry-After": str(self.retry_after)} if self.retry_after else {}
        return web.Response(
            body=msgspec.json.encode(document),
            status=self.status,
            headers={"Content-Type": "application/problem+json", "Cache-Control": "no-store", **later, **(headers or {})},
        )


def problem(error: Exception) -> Problem | None:
    """What an exception that a handler may raise means to the client; None for a fault of ours."""
    match error:
        case Problem():
            return error
        case Invalid():
            return Problem(422, "invalid", faults=error.faults)
        case TooMany():
            return Problem(429, "too_many", retry_after=error.retry_after)
        case Unavailable():
            return Problem(503, "not_now", retry_after=round(error.retry_after or RETRY_AFTER_S))
        case TooLarge():
            return Problem(413, "too_large")
        case Stalled():
            return Problem(408, "too_slow")
        case _:
            return None


#: what `problem` knows
KNOWN: Final = (Problem, Invalid, TooMany, Unavailable, TooLarge, Stalled)
