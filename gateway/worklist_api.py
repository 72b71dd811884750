"""The worklist for programs, at the operators' address: whoever shows the token of a ledger copies into that ledger; what is for few eyes
is for the supervisors' token alone.

In: HTTP requests. Out: JSON; what is refused is an RFC 9457 problem document. It takes no cookie, so no page can make a browser call it,
and it tells whoever shows no token nothing but that.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Final, NamedTuple

import msgspec
from aiohttp import web

from channels.base import Unavailable
from gateway.worklist import NotDone, Why, Worklist

#: seconds after which to try again when the store cannot do it now
RETRY_AFTER_S: Final = 5
#: cases in one list
MOST: Final = 100
#: where an officer's name stands; in a body `by` is the same
OFFICER: Final = "X-Officer"

_STATUS: Final[dict[Why, HTTPStatus]] = {
    "unknown": HTTPStatus.NOT_FOUND, "invalid": HTTPStatus.UNPROCESSABLE_ENTITY, "conflict": HTTPStatus.CONFLICT,
    "forbidden": HTTPStatus.FORBIDDEN,
}  # fmt: skip


class Desk(NamedTuple):
    """The worklist of a ledger, and what opens it to programs; an empty token does not. `supervisor_token` also opens what is for few
    eyes."""

    ledger: str
    token: str
    worklist: Worklist
    supervisor_token: str = ""

    @property
    def keys(self) -> Iterator[tuple[str, Worklist]]:
        """Each token, and what it opens."""
        found = ((self.token, self.worklist.without_few()), (self.supervisor_token, self.worklist))
        return ((token, worklist) for token, worklist in found if token)


class Body(msgspec.Struct, frozen=True):
    """What an act may say."""

    tracking_id: str | int = ""
    by: str = ""
    reason: str = ""


Act = Callable[[Worklist, str, Body], Awaitable[object]]


def routes(desks: Sequence[Desk]) -> list[web.RouteDef]:
    """None when there is no desk that a token opens."""
    keys = [key for desk in desks for key in desk.keys]
    if not keys:
        return []

    async def done(worklist: Worklist, code: str, body: Body) -> object:
        return await worklist.done(code, body.by, str(body.tracking_id))

    async def undo(worklist: Worklist, code: str, body: Body) -> object:
        return await worklist.undo(code, body.by)

    async def put_back(worklist: Worklist, code: str, body: Body) -> object:
        return await worklist.put_back(code, body.by)

    async def set_aside(worklist: Worklist, code: str, body: Body) -> object:
        return await worklist.set_aside(code, body.by, body.reason)

    async def following(worklist: Worklist, _code: str, body: Body) -> object:
        return await worklist.next(body.by)

    async def waiting(worklist: Worklist, _code: str, _body: Body) -> object:
        return await worklist.waiting(MOST)

    return [
        web.get("/worklist", _answering(keys, waiting)),
        web.get("/worklist/next", _answering(keys, following)),
        web.post("/worklist/{code}/done", _answering(keys, done)),
        web.post("/worklist/{code}/undo", _answering(keys, undo)),
        web.post("/worklist/{code}/put-back", _answering(keys, put_back)),
        web.post("/worklist/{code}/set-aside", _answering(keys, set_aside)),
    ]


def _answering(keys: Sequence[tuple[str, Worklist]], act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        worklist = _opened(keys, request.headers.get("Authorization", ""))
        if worklist is None:
            return _problem(HTTPStatus.UNAUTHORIZED, "unauthorized", "Show the token of the ledger.", {"WWW-Authenticate": "Bearer"})
        try:
            body = msgspec.json.decode(await request.read() or b"{}", type=Body)
            body = msgspec.structs.replace(body, by=body.by or request.headers.get(OFFICER, ""))
            found = await act(worklist, request.match_info.get("code", ""), body)
        except NotDone as refusal:
            return _problem(_STATUS[refusal.why], refusal.why, refusal.words)
        except web.HTTPRequestEntityTooLarge:
            return _problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", "The body is too large.")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _problem(HTTPStatus.BAD_REQUEST, "bad_request", "The body is not the JSON that is expected here.")
        except Unavailable:
            words = "The store cannot do it now; nothing was changed."
            return _problem(HTTPStatus.SERVICE_UNAVAILABLE, "not_now", words, {"Retry-After": str(RETRY_AFTER_S)})
        if found is None:
            return web.Response(status=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "no-store"})
        return web.Response(body=msgspec.json.encode(found), content_type="application/json", headers={"Cache-Control": "no-store"})

    return answer


def _opened(keys: Sequence[tuple[str, Worklist]], authorization: str) -> Worklist | None:
    """Every token is compared, each in a time that tells nothing of it."""
    scheme, _, shown = authorization.partition(" ")
    given = shown.strip().encode("utf-8", "surrogateescape")
    fits = [worklist for token, worklist in keys if hmac.compare_digest(given, token.encode())]
    return fits[0] if fits and scheme.lower() == "bearer" else None


def _problem(status: HTTPStatus, code: str, words: str, headers: dict[str, str] | None = None) -> web.Response:
    document = {"type": f"urn:lapor:problem:{code}", "title": status.phrase, "status": int(status), "code": code, "detail": words}
    return web.Response(
        body=msgspec.json.encode(document), status=status, content_type="application/problem+json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )  # fmt: skip
