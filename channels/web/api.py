"""The public JSON API: hand in a complaint, ask what became of one.

In: HTTP requests below `/api/v1`. Out: JSON, and problem documents for every refusal. It tells a status to whoever holds the code, and
never a text, a name or an address. The words of the contract are in `openapi`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec
from aiohttp import hdrs, web

from channels.base import Accepted, Progress
from channels.web import guard
from channels.web.desk import Desk
from channels.web.faults import Invalid
from channels.web.keys import known
from channels.web.openapi import Complaint, Receipt, Status, Step, document
from channels.web.problem import KNOWN, Problem, problem
from channels.web.room import Share
from channels.web.submission import Submission, from_fields, receive
from channels.web.uploads import read_body, read_form

COMPLAINTS: Final = "/api/v1/complaints"
#: a JSON body: the longest text in characters of four bytes, and the rest
JSON_BYTES: Final = 200_000
FORM_FIELDS: Final = frozenset(Complaint.__struct_fields__) | {"key", "anonim", "rahasia"}
FORMS: Final = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})

Handler = Callable[[Desk, web.Request], Awaitable[web.Response]]


def routes(desk: Desk) -> Sequence[web.AbstractRouteDef]:
    """All addresses of the API; what is asked of none of them gets a problem document too."""
    return [
        *_one(desk, COMPLAINTS, {hdrs.METH_POST: hand_in}),
        *_one(desk, COMPLAINTS + "/{reference}", {hdrs.METH_GET: look_up}),
        *_one(desk, "/api/v1/openapi.json", {hdrs.METH_GET: describe}),
        web.route("*", "/api{rest:(/.*)?}", answered(desk, _nothing)),
    ]


def _one(desk: Desk, path: str, handlers: dict[str, Handler]) -> list[web.AbstractRouteDef]:
    allowed = ", ".join([*handlers, hdrs.METH_OPTIONS])
    given: list[web.AbstractRouteDef] = [web.route(method, path, answered(desk, handler)) for method, handler in handlers.items()]
    return [*given, web.route("*", path, answered(desk, partial(_otherwise, allowed)))]


async def _otherwise(allowed: str, _desk: Desk, request: web.Request) -> web.Response:
    if request.method == hdrs.METH_OPTIONS:
        return guard.preflight()
    return Problem(405, "wrong_method").response({"Allow": allowed})


async def _nothing(_desk: Desk, request: web.Request) -> web.Response:
    if request.method == hdrs.METH_OPTIONS:
        return guard.preflight()
    raise Problem(404, "no_such_page")


def answered(desk: Desk, handler: Handler) -> guard.Answering:
    """The handler, its refusals as problem documents."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(desk, request)
        except KNOWN as error:
            refusal = problem(error)
            if refusal is None:
                raise
            desk.counts[f"api_{refusal.code}"] += 1
            return refusal.response()

    return answer


async def hand_in(desk: Desk, request: web.Request) -> web.Response:
    """POST: 201 with the reference, when it is on disk."""
    if not known(desk.settings, request.headers.get("X-API-Key", "")):
        await desk.limiter.spend("submission", guard.client(request))
    with Share(desk.uploads.room) as share:
        submission, now = await _read(desk, request, share), desk.clock()
        accepted = await receive(desk, submission)
    if accepted.duplicate and (found := await desk.host.progress(accepted.reference)):
        now = found.timeline[0][1]  # when it came for the first time
    receipt = Receipt(reference=accepted.reference, received_at=now, track_url=track_url(desk, request, accepted))
    return _json(receipt, 201, {"Location": f"{COMPLAINTS}/{accepted.reference}"})


def track_url(desk: Desk, request: web.Request, accepted: Accepted) -> str:
    """Where a person sees what becomes of it."""
    return f"{guard.address(request, desk.host.base_url)}/lacak/{accepted.reference}"


async def _read(desk: Desk, request: web.Request, share: Share) -> Submission:
    key = request.headers.get("Idempotency-Key", "").strip()
    if request.content_type in FORMS:
        try:
            fields, files = await read_form(request, desk.uploads, share)
        except ValueError as wrong:
            raise Problem(400, "bad_request", "This is not the form that its Content-Type says.") from wrong
        _look_at_names(fields)
        return from_fields({**fields, "key": key or fields.get("key", "")}, files, via="api")
    if request.content_type != "application/json":
        raise Problem(415, "media_type")
    try:
        body = await read_body(request, desk.uploads, share, JSON_BYTES)
    except ValueError as wrong:
        raise Problem(400, "bad_request", "The body is broken.") from wrong
    return from_fields({**_fields(body), "key": key}, via="api")


def _look_at_names(fields: Mapping[str, str]) -> None:
    """A field with a wrong name would be lost without a word. Raises Problem, and Invalid with the names."""
    if any(name.lstrip().startswith("{") for name in fields):
        raise Problem(415, "media_type", "The body looks like JSON: say Content-Type: application/json.")
    if strange := fields.keys() - FORM_FIELDS:
        raise Invalid(dict.fromkeys(sorted(strange), "unknown"))


def _fields(body: bytes) -> dict[str, str]:
    """Raises Problem: 400 for what is no JSON, 422 for JSON that is no complaint."""
    try:
        complaint = msgspec.json.decode(body, type=Complaint)
    except msgspec.ValidationError as wrong:
        raise Problem(422, "invalid", str(wrong)) from wrong
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise Problem(400, "bad_request", "The body is not JSON in UTF-8.") from wrong
    return {name: value for name, value in msgspec.structs.asdict(complaint).items() if value}


async def look_up(desk: Desk, request: web.Request) -> web.Response:
    """GET of one: its status, or why not. Costs a look-up, because codes could be tried."""
    if not known(desk.settings, request.headers.get("X-API-Key", "")):
        await desk.limiter.spend("lookup", guard.client(request))
    return _json(status(await progress(desk, request.match_info["reference"])), 200, {"Cache-Control": "no-store"})


async def progress(desk: Desk, written: str) -> Progress:
    """Raises Problem for a code that is mistyped or unknown, Unavailable when the store cannot say."""
    try:
        found = await desk.host.progress(written)
    except ValueError as wrong:
        raise Problem(422, "mistyped_code" if str(wrong) == "check" else "not_a_code") from wrong
    if found is None:
        raise Problem(404, "unknown_code")
    return found


def status(found: Progress) -> Status:
    """What may be told."""
    steps = tuple(Step(status=state, at=at) for state, at in found.timeline)
    return Status(reference=found.reference, status=found.state, timeline=steps, tracking_id=found.tracking_id)


async def describe(desk: Desk, request: web.Request) -> web.Response:
    """The contract, for machines."""
    return _json(document(guard.address(request, desk.host.base_url), desk.settings), 200, {"Cache-Control": "public, max-age=3600"})


def _json(content: object, code: int, headers: dict[str, str]) -> web.Response:
    return web.Response(body=msgspec.json.encode(content), status=code, headers={"Content-Type": "application/json", **headers})
