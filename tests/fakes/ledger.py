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
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Self

import msgspec
from aiohttp import web

from tests.fakes.faulty import FAULTS as COMMON
from tests.fakes.faulty import Fault, Results, Script, Server


def _each(**fields: object) -> Fault:
    """Every result with these fields changed; None takes one away."""

    def bend(results: Results) -> object:
        return [{k: v for k, v in (result | fields).items() if v is not None} for result in results]

    return Fault(commits=True, bend=bend)


def _second(**fields: object) -> Fault:
    """The second result of a batch, replaced."""
    return Fault(bend=lambda results: [*results[:1], {"reference": results[1]["reference"]} | fields, *results[2:]])


FAULTS: Mapping[str, Fault] = {
    **COMMON,
    "no_tracking_id": _each(tracking_id=None),
    "number_for_tracking_id": _each(tracking_id=9165816),
    "letters_in_tracking_id": _each(tracking_id="9165816x"),
    "no_time": _each(registered_at=None),
    "naive_time": _each(registered_at="2026-01-01T00:00:00"),
    "time_nobody_set": _each(registered_at="0001-01-01T00:00:00Z"),
    "time_before_all": _each(registered_at="0001-01-01T00:00:00+07:00"),
    "time_after_all": _each(registered_at="9999-12-31T23:59:59-07:00"),
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

    def __init__(self, *, token: str = "", port: int = 0, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.token, self._now = token, now
        #: the same for every complaint, when it is given
        self.number = ""
        self.script = Script(FAULTS)
        self.server = Server(
            web.get("/_state", self._state),
            web.post("/_script", self._set_script),
            web.post("/_always", self._set_always),
            web.route("*", "/api/{path:.*}", self._answer),
            port=port,
        )
        #: the newest record of each reference, as it came
        self.records: dict[str, dict[str, Any]] = {}
        self.registrations: dict[str, dict[str, Any]] = {}
        #: by reference and number, with the headers with which they came
        self.files: dict[tuple[str, int], tuple[Mapping[str, str], bytes]] = {}
        #: method and path of each call of the API, in order
        self.calls: list[str] = []
        self.repeats = 0
        #: a call whose body has these bytes in it always meets this
        self.poison: tuple[bytes, Fault] | None = None
        #: called with each request and answer; a test checks them against the published API
        self.watch: Callable[[web.Request, bytes, web.Response], None] = lambda request, body, response: None

    @property
    def url(self) -> str:
        return f"{self.server.url}/api"

    @property
    def told(self) -> list[tuple[str, str]]:
        """Reference and number of each registration."""
        return [(reference, given["tracking_id"]) for reference, given in self.registrations.items()]

    def next(self, *names: str) -> None:
        """What becomes of the next calls."""
        self.script.next(*names)

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.server.stop()

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.calls.append(f"{request.method} /{request.match_info['path']}")
        fault = self.poison[1] if self.poison and self.poison[0] in body else self.script.take(request.method)
        response = await self.server.act(request, fault, lambda: self._work(request, body, fault))
        self.watch(request, body, response)
        return response

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
        return response

    def _register(self, record: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        reference = record["reference"]
        if reference in self.registrations:
            self.repeats += 1
            return 200, self.registrations[reference]
        tracking_id = self.number or str(9_000_000 + 6 * len(self.registrations) + 1)
        self.records[reference] = record
        self.registrations[reference] = {
            "reference": reference,
            "tracking_id": tracking_id,
            "registered_at": self._now().isoformat(),
            "url": f"{self.server.url}/laporan/{tracking_id}",
        }
        return 201, self.registrations[reference]

    async def _state(self, _: web.Request) -> web.Response:
        return _json(200, {"records": self.records, "registrations": self.registrations, "calls": len(self.calls), "repeats": self.repeats})

    async def _set_script(self, request: web.Request) -> web.Response:
        self.next(*await request.json())
        return web.Response(status=204)

    async def _set_always(self, request: web.Request) -> web.Response:
        name = await request.json()
        self.script.always = FAULTS[name] if name else None
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
