"""A ledger on loopback that speaks `forwarder/ledger-api.yaml`, with faults by name.

In: HTTP calls. Out: registrations, kept in memory, or whatever the script says comes next. It registers each reference once, and
counts how often it was asked again.

    python -m tests.fakes.ledger --port 9090 [--token T] [--fault NAME …]

Beside the API: `GET /_state` tells what it holds, `POST /_script` takes a JSON list of names for the next calls, `POST /_always`
takes one name for every call that no script covers ("" ends it).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Self

import msgspec
from aiohttp import web

Results = list[dict[str, Any]]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one call instead of the plain thing."""

    #: which calls it waits for; others pass by it
    methods: tuple[str, ...] = ("POST",)
    #: does the work all the same
    commits: bool = False
    #: closes the connection instead of an answer
    drops: bool = False
    #: keeps the connection open and never answers
    holds: bool = False
    delay_s: float = 0.0
    #: answers this instead; 0 for what the work gives
    status: int = 0
    media_type: str = "application/problem+json"
    headers: dict[str, str] = {}
    body: bytes = b'{"title": "as the script says"}'
    #: what becomes of the results of the work, alone or in a batch
    bend: Callable[[Results], object] | None = None


def _status(status: int, **headers: str) -> Fault:
    return Fault(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def _each(**fields: object) -> Fault:
    """Every result with these fields changed; None takes one away."""

    def bend(results: Results) -> object:
        return [{k: v for k, v in (result | fields).items() if v is not None} for result in results]

    return Fault(commits=True, bend=bend)


def _second(**fields: object) -> Fault:
    """The second result of a batch, replaced."""
    return Fault(bend=lambda results: [*results[:1], {"reference": results[1]["reference"]} | fields, *results[2:]])


FAULTS: dict[str, Fault] = {
    **{str(status): _status(status) for status in (302, 400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 500, 501, 502, 503, 504)},
    "503_seconds": _status(503, Retry_After="7"),
    "503_date": _status(503, Retry_After=format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)),
    "503_nonsense": _status(503, Retry_After="soon"),
    "redirect": _status(307, Location="/elsewhere"),
    "html": Fault(status=200, media_type="text/html", body=b"<h1>Sedang dalam pemeliharaan</h1>"),
    "html_404": Fault(methods=("GET", "POST"), status=404, media_type="text/html", body=b"<h1>Not Found</h1>"),
    "commit_then_html": Fault(status=200, commits=True, media_type="text/html", body=b"<h1>ok</h1>"),
    "commit_then_500": Fault(status=500, commits=True),
    "drop": Fault(drops=True),
    "commit_then_drop": Fault(commits=True, drops=True),
    "hold": Fault(holds=True),
    "commit_then_hold": Fault(commits=True, holds=True),
    "drop_look_up": Fault(methods=("GET",), drops=True),
    "down_for_look_up": Fault(methods=("GET",), status=503),
    "slow": Fault(delay_s=30.0, commits=True),
    "not_json": Fault(status=200, media_type="application/json", body=b'{"tracking_id": '),
    "deep": Fault(status=200, media_type="application/json", body=b'{"results": [' + b"[" * 100_000),
    "wrong_shape": Fault(status=200, media_type="application/json", body=b'["9165816"]'),
    "huge": Fault(status=200, media_type="application/json", body=b" " * (9 * 1024 * 1024)),
    "no_tracking_id": _each(tracking_id=None),
    "number_for_tracking_id": _each(tracking_id=9165816),
    "letters_in_tracking_id": _each(tracking_id="9165816x"),
    "no_time": _each(registered_at=None),
    "naive_time": _each(registered_at="2026-01-01T00:00:00"),
    "script_for_url": _each(url="javascript:alert(1)"),
    "anothers_reference": _each(reference="0000-0000-0000"),
    "shuffled": Fault(commits=True, bend=lambda results: results[::-1]),
    "short": Fault(commits=True, bend=lambda results: results[:-1]),
    "doubled": Fault(commits=True, bend=lambda results: [*results, dict(results[0], tracking_id="999999")]),
    "second_is_refused": _second(status=422, title="no such place"),
    "second_is_late": _second(status=503, title="not now"),
    "second_is_strange": Fault(commits=True, bend=lambda results: [*results[:1], "what", *results[2:]]),
    "look_up_refused": Fault(methods=("GET",), status=400),
    "amend_html": Fault(methods=("PUT",), status=200, media_type="text/html", body=b"<h1>ok</h1>"),
    "amend_missing": Fault(methods=("PUT",), status=405),
    "files_missing": Fault(methods=("PUT",), status=405),
    "files_too_large": Fault(methods=("PUT",), status=413),
    "files_503": Fault(methods=("PUT",), status=503),
    "amend_500": Fault(methods=("PUT",), status=500),
}


class FakeLedger:
    """The server and what it holds; `async with FakeLedger() as fake: fake.url`."""

    def __init__(self, *, token: str = "", port: int = 0) -> None:
        self.token, self.port = token, port
        #: the newest record of each reference, as it came
        self.records: dict[str, dict[str, Any]] = {}
        self.registrations: dict[str, dict[str, Any]] = {}
        #: by reference and number, with the headers with which they came
        self.files: dict[tuple[str, int], tuple[Mapping[str, str], bytes]] = {}
        #: method and path of each call of the API, in order
        self.calls: list[str] = []
        self.repeats = 0
        self.script: deque[Fault] = deque()
        self.always: Fault | None = None
        #: called with each request and answer; a test checks them against the published API
        self.watch: Callable[[web.Request, bytes, web.Response], None] = lambda request, body, response: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def next(self, *names: str) -> None:
        """What becomes of the next calls."""
        self.script.extend(FAULTS[name] for name in names)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/_state", self._state)
        app.router.add_post("/_script", self._set_script)
        app.router.add_post("/_always", self._set_always)
        app.router.add_route("*", "/api/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = site.port
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.calls.append(f"{request.method} /{request.match_info['path']}")
        fault = self._fault(request.method)
        await asyncio.sleep(fault.delay_s)
        if fault.status and not fault.commits:
            response = web.Response(status=fault.status, body=fault.body, content_type=fault.media_type, headers=fault.headers)
        elif (fault.drops or fault.holds) and not fault.commits:
            response = web.Response()
        else:
            response = self._work(request, body, fault)
        if fault.drops and request.transport is not None:
            request.transport.abort()
        if fault.holds:
            await asyncio.Event().wait()
        self.watch(request, body, response)
        return response

    def _fault(self, method: str) -> Fault:
        if self.script and method in self.script[0].methods:
            return self.script.popleft()
        return self.always if self.always and method in self.always.methods else Fault()

    def _work(self, request: web.Request, body: bytes, fault: Fault) -> web.Response:
        path, method = request.match_info["path"], request.method
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return _problem(401, "who are you?")
        if method == "POST" and path == "complaints":
            status, result = self._register(json.loads(body))
            answer = fault.bend([result]) if fault.bend else [result]
            response = _json(status, answer[0] if isinstance(answer, list) else answer)
        elif method == "POST" and path == "complaints:batch":
            results = []
            for record in json.loads(body)["complaints"]:
                status, result = self._register(record)
                results.append(result | {"status": status})
            response = _json(200, {"results": fault.bend(results) if fault.bend else results})
        elif method == "GET" and path == "complaints":
            found = self.registrations.get(request.query.get("reference", ""))
            response = _json(200, found) if found else _problem(404, "not registered")
        elif method == "PUT" and "/attachments/" in path and path.split("/")[1] in self.registrations:
            self.files[path.split("/")[1], int(path.rpartition("/")[2])] = (request.headers, body)
            response = web.Response(status=204)
        elif method == "PUT" and path.removeprefix("complaints/") in self.registrations:
            record = json.loads(body)
            self.records[record["reference"]] = record
            response = _json(200, self.registrations[record["reference"]])
        else:
            response = _problem(404, "no such path")
        if fault.status:
            return web.Response(status=fault.status, body=fault.body, content_type=fault.media_type, headers=fault.headers)
        return response

    def _register(self, record: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        reference = record["reference"]
        if reference in self.registrations:
            self.repeats += 1
            return 200, self.registrations[reference]
        tracking_id = str(9_000_000 + 6 * len(self.registrations) + 1)
        self.records[reference] = record
        self.registrations[reference] = {
            "reference": reference,
            "tracking_id": tracking_id,
            "registered_at": datetime.now(UTC).isoformat(),
            "url": f"http://127.0.0.1:{self.port}/laporan/{tracking_id}",
        }
        return 201, self.registrations[reference]

    async def _state(self, _: web.Request) -> web.Response:
        return _json(200, {"records": self.records, "registrations": self.registrations, "calls": len(self.calls), "repeats": self.repeats})

    async def _set_script(self, request: web.Request) -> web.Response:
        self.next(*await request.json())
        return web.Response(status=204)

    async def _set_always(self, request: web.Request) -> web.Response:
        name = await request.json()
        self.always = FAULTS[name] if name else None
        return web.Response(status=204)


def _json(status: int, answer: object) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(answer), content_type="application/json")


def _problem(status: int, title: str) -> web.Response:
    body = msgspec.json.encode({"title": title, "status": status})
    return web.Response(status=status, body=body, content_type="application/problem+json")


async def serve(arguments: argparse.Namespace) -> None:
    """Until it is stopped."""
    async with FakeLedger(token=arguments.token, port=arguments.port) as fake:
        fake.next(*arguments.fault)
        print(fake.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.ledger")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default="")
    parser.add_argument("--fault", nargs="*", default=[], choices=sorted(FAULTS), metavar="NAME")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args()))
