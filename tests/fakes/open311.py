"""An Open311 GeoReport v2 server on loopback, in JSON and XML, with the faults of `tests.fakes.faulty` by name.

In: forms. Out: requests, kept in memory; it has no idea of a repeat. `answers` says what a POST is told: an id, a token that stands for
one after some questions, or nothing. Shapes are those of wiki.open311.org/GeoReport_v2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Literal, Self
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec
from aiohttp import web

from tests.fakes.faulty import Script, Server

Row = dict[str, Any]
KEY = "kunci-open311"
SERVICES: Sequence[Row] = (
    {
        "service_code": "jalan",
        "service_name": "Jalan",
        "description": "",
        "metadata": False,
        "keywords": "",
        "group": "",
    },
    {
        "service_code": "lampu",
        "service_name": "Lampu",
        "description": "",
        "metadata": True,
        "keywords": "",
        "group": "",
    },
    {
        "service_code": "taman",
        "service_name": "Taman",
        "description": "",
        "metadata": True,
        "keywords": "",
        "group": "",
    },
)
#: the type of every service, by what a POST is told
TYPES = {"id": "realtime", "token": "batch", "nothing": "blackbox"}
GARDEN: Row = {
    "service_code": "taman",
    "attributes": [
        {
            "variable": True, "code": "JENIS", "datatype": "multivaluelist", "required": True, "order": 1, "description": "Apa yang rusak",
            "values": [{"key": "pohon", "name": "Pohon"}, {"key": "bangku", "name": "Bangku"}],
        },
    ],
}  # fmt: skip
DEFINITION: Row = {
    "service_code": "lampu",
    "attributes": [
        {"variable": True, "code": "KODE", "datatype": "string", "required": True, "order": 1, "description": "Kode pengirim"},
        {
            "variable": True, "code": "JENIS", "datatype": "singlevaluelist", "required": True, "order": 2, "description": "Jenis",
            "values": [{"key": "mati", "name": "Mati"}, {"key": "redup", "name": "Redup"}],
        },
        {"variable": False, "code": "CATATAN", "datatype": "string", "required": True, "order": 3, "description": "Hanya untuk dibaca"},
    ],
}  # fmt: skip


class FakeOpen311:
    """`async with FakeOpen311() as fake: fake.url`."""

    def __init__(
        self,
        form: Literal["json", "xml"] = "json",
        *,
        answers: Literal["id", "token", "nothing"] = "id",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.form, self.answers, self._now = form, answers, now
        #: the same for every request, when it is given
        self.number = ""
        self.script = Script()
        self.server = Server(
            web.get("/discovery.{form}", self._discovery),
            web.get("/v2/services.{form}", self._services),
            web.get("/v2/services/{code}.{form}", self._definition),
            web.post("/v2/requests.{form}", self._post),
            web.get("/v2/requests.{form}", self._list),
            web.get("/v2/requests/{number}.{form}", self._single),
            web.get("/v2/tokens/{token}.{form}", self._token),
        )
        #: in the order of their ids; the form as it came, and when
        self.requests: list[tuple[dict[str, str], datetime]] = []
        #: questions after a token before it stands for an id; -1: for ever
        self.patience = 1
        #: what such a question is answered with, if not 200
        self.token_status = 200
        #: requests that the list does not show yet, counted from the newest
        self.hidden = 0
        self.listed_most = 1000
        self.tells_description = True
        self.tells_id = True
        #: services that are listed and take nothing
        self.closed: set[str] = set()
        self.calls: list[str] = []
        self._asked: dict[str, int] = {}
        #: what is said of a single request beside its id, by id
        self.standing: dict[str, Row] = {}

    @property
    def url(self) -> str:
        return f"{self.server.url}/v2"

    @property
    def discovery(self) -> str:
        return f"{self.server.url}/discovery.{self.form}"

    def next(self, *names: str) -> None:
        """What becomes of the next POSTs (or of the calls that a fault names)."""
        self.script.next(*names)

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.server.stop()

    @property
    def told(self) -> list[tuple[str, str]]:
        """The code in each request, and its id."""
        return [(form["description"].rpartition(": ")[2], self._number(nth)) for nth, (form, _) in enumerate(self.requests)]

    def _number(self, nth: int) -> str:
        return self.number or str(638_345 + nth)

    def _said(self, request: web.Request, names: tuple[str, str], content: Row | Sequence[Row], status: int = 200) -> web.Response:
        headers = {"Date": format_datetime(self._now(), usegmt=True)}
        if request.match_info["form"] == "json" and self.form == "json":
            body = msgspec.json.encode(content)
            return web.Response(status=status, body=body, content_type="application/json", charset="utf-8", headers=headers)
        if request.match_info["form"] != "xml":
            names, content, status = ("errors", "error"), [{"code": "404", "description": "no such format"}], 404
        element = Element(names[0])
        if isinstance(content, dict):
            _fill(element, content)
        else:
            for row in content:
                _fill(SubElement(element, names[1]), row)
        body = tostring(element, encoding="utf-8", xml_declaration=True)
        return web.Response(status=status, body=body, content_type="text/xml", charset="utf-8", headers=headers)

    def _error(self, request: web.Request, status: int, words: str) -> web.Response:
        return self._said(request, ("errors", "error"), [{"code": str(status), "description": words}], status)

    async def _discovery(self, request: web.Request) -> web.Response:
        self.calls.append("GET discovery")
        formats = ["text/xml", "application/json"] if self.form == "json" else ["text/xml"]
        at = "2026-11-01T00:00:00Z"
        common = {"changeset": at, "formats": formats}
        endpoints = [
            {"specification": "http://wiki.open311.org/GeoReport_v2", "url": "http://127.0.0.1:1/test", "type": "test"} | common,
            {"specification": "http://wiki.open311.org/GeoReport_v2", "url": self.url, "type": "production"} | common,
        ]
        return self._said(request, ("discovery", ""), {"changeset": at, "contact": "", "key_service": "", "endpoints": endpoints})

    async def _services(self, request: web.Request) -> web.Response:
        self.calls.append("GET services")
        return self._said(request, ("services", "service"), [service | {"type": TYPES[self.answers]} for service in SERVICES])

    async def _definition(self, request: web.Request) -> web.Response:
        self.calls.append("GET definition")
        return self._said(request, ("service_definition", ""), GARDEN if request.match_info["code"] == "taman" else DEFINITION)

    async def _post(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.calls.append("POST requests")
        return await self.server.act(request, self.script.take("POST"), lambda: self._take(request, form))

    def _take(self, request: web.Request, form: dict[str, str]) -> web.Response:
        if form.get("api_key") != KEY:
            return self._error(request, 403, "Invalid api_key")
        if form.get("service_code") not in {service["service_code"] for service in SERVICES} - self.closed:
            return self._error(request, 400, "service_code was not found")
        if not form.get("address_string"):
            return self._error(request, 400, "a location is required")
        self.requests.append((form, self._now()))
        number = self._number(len(self.requests) - 1)
        row: Row = {"service_notice": "Terima kasih.", "account_id": None}
        if self.answers == "id":
            row |= {"service_request_id": number}
        elif self.answers == "token":
            row |= {"token": f"t/{number}"}
        return self._said(request, ("service_requests", "request"), [row], 201)

    async def _token(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        self.calls.append("GET token")
        if self.token_status != 200:
            return self._error(request, self.token_status, "token was not found")
        self._asked[token] = self._asked.get(token, 0) + 1
        row: Row = {"token": token}
        if self.patience >= 0 and self._asked[token] > self.patience:
            row |= {"service_request_id": token.removeprefix("t/")}
        return self._said(request, ("service_requests", "request"), [row])

    async def _single(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        self.calls.append("GET request")
        if not 638_345 <= int(number) < 638_345 + len(self.requests):
            return self._error(request, 404, "service_request_id was not found")
        row = self._row(int(number) - 638_345) | self.standing.get(number, {})
        return self._said(request, ("service_requests", "request"), [row])

    async def _list(self, request: web.Request) -> web.Response:
        self.calls.append("GET requests")
        return await self.server.act(request, self.script.take("GET"), lambda: self._listed(request))

    def _listed(self, request: web.Request) -> web.Response:
        start, end = (datetime.fromisoformat(request.query[name]) for name in ("start_date", "end_date"))
        shown = self.requests[: len(self.requests) - self.hidden]
        found = [self._row(nth) for nth, (_, at) in enumerate(shown) if start <= at <= end]
        return self._said(request, ("service_requests", "request"), found[::-1][: self.listed_most])

    def _row(self, nth: int) -> Row:
        form, at = self.requests[nth]
        return {
            "service_request_id": self._number(nth) if self.tells_id else None,
            "status": "open",
            "service_code": form["service_code"],
            "description": form["description"] if self.tells_description else None,
            "requested_datetime": at.isoformat(),
            "address": form["address_string"],
        }


def _fill(element: Element, row: Row) -> None:
    singular = {"attributes": "attribute", "values": "value", "endpoints": "endpoint", "formats": "format"}
    for name, value in row.items():
        child = SubElement(element, name)
        if isinstance(value, list):
            for one in value:
                inner = SubElement(child, singular[name])
                if isinstance(one, dict):
                    _fill(inner, one)
                else:
                    inner.text = str(one)
        elif value is not None:
            child.text = str(value).lower() if isinstance(value, bool) else str(value)
