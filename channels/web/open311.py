"""Open311 GeoReport v2: civic apps file a complaint and ask what became of it.

In: HTTP requests below `/open311/v2`. Out: XML or JSON as wiki.open311.org/GeoReport_v2 has them, errors too. It publishes nothing that
anybody wrote: of a request it tells open or closed and when, and the list of all requests is empty.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from aiohttp import hdrs, web

from channels.base import Progress
from channels.web import guard, wording
from channels.web.api import progress
from channels.web.categories import Category
from channels.web.desk import Desk
from channels.web.faults import Invalid
from channels.web.filing import Filing, filed
from channels.web.keys import known
from channels.web.problem import KNOWN, Problem, problem
from channels.web.room import Share
from channels.web.spark import written
from channels.web.submission import CLASSIFICATIONS, PRIVACIES, Submission, receive
from channels.web.uploads import read_form

ROOT: Final = "/open311/v2"
SPECIFICATION: Final = "http://wiki.open311.org/GeoReport_v2"
#: when the list of services, or what is asked for one, was last changed
CHANGESET: Final = "2026-11-22T00:00:00Z"
#: complaints that one call may ask about; each costs a look-up
ASKED: Final = 20
_FORM: Final = ".{form:xml|json}"
_REQUESTS: Final = "service_requests"
#: whoever shares a cache with the client learns no status, and an unknown code is not unknown for ever
_KEPT_NOWHERE: Final = {"Cache-Control": "no-store"}

Content = tuple[str, object]
Handler = Callable[[Desk, web.Request], Awaitable[Content]]


def routes(desk: Desk) -> Sequence[web.AbstractRouteDef]:
    """All six methods of the specification but tokens: a request has its id at once."""
    return [
        *_one(desk, f"{ROOT}/discovery{_FORM}", {hdrs.METH_GET: discovery}),
        *_one(desk, f"{ROOT}/services{_FORM}", {hdrs.METH_GET: services}),
        *_one(desk, f"{ROOT}/services/{{code}}{_FORM}", {hdrs.METH_GET: definition}),
        *_one(desk, f"{ROOT}/requests{_FORM}", {hdrs.METH_GET: several, hdrs.METH_POST: hand_in}),
        *_one(desk, f"{ROOT}/requests/{{reference}}{_FORM}", {hdrs.METH_GET: single}),
        web.route("*", "/open311{rest:(/.*)?}", answered(desk, _nothing)),
    ]


def _one(desk: Desk, path: str, handlers: Mapping[str, Handler]) -> list[web.AbstractRouteDef]:
    async def otherwise(_desk: Desk, _request: web.Request) -> Content:
        raise Problem(405, "wrong_method")

    allowed = ", ".join([*handlers, hdrs.METH_OPTIONS])
    given: list[web.AbstractRouteDef] = [web.route(method, path, answered(desk, handler)) for method, handler in handlers.items()]
    return [*given, web.route("*", path, answered(desk, otherwise, {"Allow": allowed}))]


async def _nothing(_desk: Desk, _request: web.Request) -> Content:
    raise Problem(404, "no_such_page")


def answered(desk: Desk, handler: Handler, headers: Mapping[str, str] | None = None) -> guard.Answering:
    """The handler, its answer and its refusals in the form that was asked for. `headers` go with a refusal."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.method == hdrs.METH_OPTIONS:
            return guard.preflight()
        form = request.match_info.get("form") or ("json" if request.path.endswith(".json") else "xml")
        try:
            root, content = await handler(desk, request)
        except KNOWN as error:
            refusal = problem(error)
            if refusal is None:
                raise
            desk.counts[f"open311_{refusal.code}"] += 1
            body, media_type = written(form, "errors", _errors(desk, error, refusal))
            later = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
            # "404 for resources that don't exist, 403 for keys, and basically 400 for any other"; but later is later, and too much too much
            status = 400 if refusal.status == 422 else refusal.status
            return web.Response(body=body, status=status, headers={"Content-Type": media_type, **_KEPT_NOWHERE, **later, **(headers or {})})
        body, media_type = written(form, root, content)
        status = 201 if request.method == hdrs.METH_POST else 200
        told = _KEPT_NOWHERE if root == _REQUESTS else {}
        return web.Response(body=body, status=status, headers={"Content-Type": media_type, **told})

    return answer


def _errors(desk: Desk, error: Exception, refusal: Problem) -> list[dict[str, object]]:
    """One for each fault, in words for whoever uses the app."""
    if isinstance(error, Invalid):
        return [{"code": 400, "description": words} for words in wording.faults(error.faults, desk.settings).values()]
    code = 400 if refusal.status == 422 else int(refusal.status)
    return [{"code": code, "description": refusal.detail or _WORDS.get(refusal.code, "Permintaan ini tidak dapat dilayani.")}]


_WORDS: Final[Mapping[str, str]] = {
    "mistyped_code": wording.MISTYPED.words,
    "not_a_code": wording.MISTYPED.words,
    "unknown_code": wording.UNKNOWN.words,
    "no_such_page": "Alamat ini tidak ada.",
    "wrong_method": "Metode ini tidak dilayani di alamat ini.",
    "too_many": "Terlalu banyak permintaan dari jaringan Anda. Coba lagi nanti.",
    "not_now": "Gangguan ada pada kami. Tidak ada yang disimpan; kirim lagi nanti.",
    "too_slow": "Kiriman terputus.",
    "too_large": "Kiriman terlalu besar.",
}


async def discovery(desk: Desk, request: web.Request) -> Content:
    """Where the interface is, and in which forms (wiki.open311.org/Service_Discovery)."""
    endpoint = {
        "specification": SPECIFICATION,
        "url": f"{guard.address(request, desk.host.base_url)}{ROOT}",
        "changeset": CHANGESET,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    contact = desk.settings.contact
    return "discovery", {"changeset": CHANGESET, "contact": contact, "key_service": contact, "endpoints": [endpoint]}


async def services(desk: Desk, _request: web.Request) -> Content:
    """What can be complained about: everything, in the ledger's categories."""
    return "services", [_service(one) for one in desk.categories]


def _service(one: Category) -> dict[str, object]:
    return {
        "service_code": one.code,
        "service_name": one.title,
        "description": f"Laporan tentang {one.title}.",
        "metadata": True,
        "type": "realtime",
        "keywords": ", ".join(one.keywords),
        "group": "SP4N-LAPOR!",
    }


async def definition(desk: Desk, request: web.Request) -> Content:
    """What may be said beside the description; nothing of it must be. The same for each service."""
    one = desk.categories.find(request.match_info["code"])
    if one is None:
        raise Problem(404, "no_such_page", "service_code ini tidak dikenal.")
    labels = {value: label for value, label, _ in wording.CLASSIFICATIONS}
    kinds = [{"key": value, "name": labels[value]} for value in CLASSIFICATIONS]
    shown = [{"key": value, "name": value.capitalize()} for value in PRIVACIES]
    attributes = [
        _attribute(1, "classification", "singlevaluelist", "Jenis laporan") | {"values": kinds},
        _attribute(2, "incident_date", "datetime", "Tanggal kejadian"),
        _attribute(3, "privacy", "singlevaluelist", "Anonim: nama tidak disimpan. Rahasia: laporan tidak ditampilkan.") | {"values": shown},
    ]
    return "service_definition", {"service_code": one.code, "attributes": attributes}


def _attribute(order: int, code: str, datatype: str, description: str) -> dict[str, object]:
    return {
        "variable": True,
        "code": code,
        "datatype": datatype,
        "required": False,
        "datatype_description": "YYYY-MM-DD" if datatype == "datetime" else None,
        "order": order,
        "description": description,
    }


async def hand_in(desk: Desk, request: web.Request) -> Content:
    """POST: the request's id is our reference. A key is asked for only where the settings say so."""
    with Share(desk.uploads.room) as share:
        submission = await _read(desk, request, share)
        accepted = await receive(desk, submission)
    notice = "Laporan diterima. Simpan kode ini untuk melihat statusnya."
    return _REQUESTS, [{"service_request_id": accepted.reference, "service_notice": notice, "account_id": None}]


async def _read(desk: Desk, request: web.Request, share: Share) -> Submission:
    """Raises Problem, and what `read_form` raises."""

    async def admit(said: Mapping[str, str]) -> None:
        entitled = known(desk.settings, said.get("api_key") or request.query.get("api_key", ""))
        if desk.settings.open311_key_required and not entitled:
            raise Problem(403, "bad_request", "api_key tidak ada atau tidak dikenal.")
        if desk.settings.api_keys and not entitled:
            await desk.limiter.spend("submission", guard.client(request))

    if not desk.settings.api_keys:  # else the key stands in the body, which must be read for it
        await desk.limiter.spend("submission", guard.client(request))
    try:
        fields, files = await read_form(request, desk.uploads, share, admit)
    except ValueError as wrong:
        raise Problem(400, "bad_request", "Kiriman ini bukan formulir.") from wrong
    return filed(Filing(fields=fields, files=files, key=request.headers.get("Idempotency-Key", "").strip()), desk.categories)


async def single(desk: Desk, request: web.Request) -> Content:
    """GET of one, by its id."""
    await _look(desk, request)
    return _REQUESTS, [_request(await progress(desk, request.match_info["reference"]))]


async def several(desk: Desk, request: web.Request) -> Content:
    """GET of those that are named, comma between them; of no others, because nothing is published here."""
    asked = [code for code in request.query.get("service_request_id", "").split(",") if code.strip()]
    if len(asked) > ASKED:
        raise Problem(400, "bad_request", f"Paling banyak {ASKED} kode.")
    found = []
    for code in asked:
        await _look(desk, request)
        try:
            found.append(_request(await progress(desk, code)))
        except Problem:
            continue  # what does not exist is not among those that do
    return _REQUESTS, found


async def _look(desk: Desk, request: web.Request) -> None:
    """Codes could be tried, so each costs a look-up; not those who have a key. Raises TooMany."""
    if not known(desk.settings, request.query.get("api_key", "")):
        await desk.limiter.spend("lookup", guard.client(request))


def _request(found: Progress) -> dict[str, object]:
    """Every field that the specification has, and nothing in those that would tell what was reported."""
    told = wording.STATES[found.state]
    notes = f"{told.words} Nomor laporan: {found.tracking_id}." if found.tracking_id else told.words
    silent = dict.fromkeys(
        ("service_name", "description", "agency_responsible", "service_notice"),
    )
    return {
        "service_request_id": found.reference,
        "status": "closed" if found.state in {"not_forwarded", "closed", "rejected"} else "open",
        "status_notes": notes,
        # a string in the published schema, also where it says nothing
        "service_code": "",
        **silent,
        "requested_datetime": _w3(found.timeline[0][1]),
        "updated_datetime": _w3(found.timeline[-1][1]),
        **dict.fromkeys(("expected_datetime", "address", "address_id", "zipcode", "lat", "long", "media_url")),
    }


def _w3(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
