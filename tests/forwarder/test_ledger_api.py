"""The published API is a valid document, and what the HTTP ledger says on the wire keeps to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest
import yaml
from aiohttp import web
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from openapi_spec_validator import validate
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from channels.base import Refused
from forwarder import http_ledger
from forwarder.ledger import File, Filing
from tests.fakes.ledger import FakeLedger
from tests.forwarder.records import AT, complaint, reference

API = Path(http_ledger.__file__).with_name("ledger-api.yaml")
RECORD = API.parent.parent / "normalizer" / "complaint.schema.json"
ROOT = "https://gateway.test/forwarder/ledger-api.yaml"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(API.read_text("utf-8"))
    return loaded


class Contract:
    """The document, asked about single calls."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.paths = document["paths"]
        record = DRAFT202012.create_resource(json.loads(RECORD.read_text("utf-8")))
        self.registry = Registry().with_resources(
            [
                (ROOT, DRAFT202012.create_resource(document)),
                ("https://gateway.test/normalizer/complaint.schema.json", record),
                (record.contents["$id"], record),
            ]
        )
        self.seen: set[tuple[str, str, int]] = set()

    def fits(self, pointer: str, value: object) -> None:
        """Raise unless the value has the shape that stands there."""
        schema = {"$ref": f"{ROOT}#{pointer}"}
        Draft202012Validator(schema, registry=self.registry, format_checker=FormatChecker()).validate(value)

    def check(self, request: web.Request, body: bytes, response: web.Response) -> None:
        """Raises unless the call and its answer keep to the document."""
        path = request.path.removeprefix("/api")
        known, below = path in self.paths, "/attachments/" in path
        template = path if known else "/complaints/{reference}/attachments/{number}" if below else "/complaints/{reference}"
        method = request.method.lower()
        operation = self.paths[template][method]
        where = f"/paths/{template.replace('/', '~1')}/{method}"
        values = {"header": request.headers, "query": request.query, "path": _named(template, path)}
        for place, parameter in enumerate(operation.get("parameters", ())):
            self.fits(f"{where}/parameters/{place}/schema", values[parameter["in"]][parameter["name"]])
        if "requestBody" in operation and not below:
            assert request.content_type == "application/json"
            self.fits(f"{where}/requestBody/content/application~1json/schema", json.loads(body))
        assert str(response.status) in operation["responses"]
        if response.status < 300 and response.status != 204:
            assert isinstance(response.body, bytes)
            self.fits(f"{where}/responses/{response.status}/content/application~1json/schema", json.loads(response.body))
        self.seen.add((method, template, response.status))


def _named(template: str, path: str) -> dict[str, object]:
    """What stands in the path for each name in braces."""
    pairs = zip(template.split("/"), path.split("/"), strict=True)
    named = {name[1:-1]: unquote(word) for name, word in pairs if name.startswith("{")}
    return {name: int(word) if word.isdigit() else word for name, word in named.items()}


@pytest.fixture
def contract(document: dict[str, Any]) -> Contract:
    return Contract(document)


def test_the_published_api_is_valid_openapi(document: dict[str, Any]) -> None:
    validate(document, base_uri=API.as_uri())


async def test_every_call_of_the_http_ledger_keeps_to_the_published_api(contract: Contract) -> None:
    faults: list[Exception] = []

    def watch(request: web.Request, body: bytes, response: web.Response) -> None:
        # a failure in the server would come to us as a mere 500
        try:
            contract.check(request, body, response)
        except (AssertionError, KeyError, ValidationError) as fault:
            faults.append(fault)

    async with FakeLedger(token="secret") as fake:
        fake.watch = watch
        ledger = http_ledger.ledger("national", http_ledger.Settings(url=fake.url, token="secret"), API.parent, lambda: AT)
        await ledger.probe()
        await ledger.register([complaint(1)])
        await ledger.register([complaint(1)])
        await ledger.register([complaint(number) for number in range(5)])
        await ledger.find(reference(1), AT)
        await ledger.amend(msgspec.structs.replace(complaint(1), text="lebih panjang"))
        file = File(reference=reference(1), number=2, name="lubang jalan.jpg", media_type="image/jpeg", content=b"jpeg")
        assert isinstance(ledger, Filing)
        await ledger.file(file)
        fake.next("files_too_large")
        with pytest.raises(Refused):
            await ledger.file(file)
        fake.next("422", "503_seconds")
        await ledger.register([complaint(7)])
        await ledger.register([complaint(7), complaint(8)])
        fake.next("second_is_refused")
        await ledger.register([complaint(7), complaint(8)])
        await ledger.close()
    assert faults == []
    assert contract.seen == {
        ("get", "/complaints", 404),
        ("get", "/complaints", 200),
        ("post", "/complaints", 201),
        ("post", "/complaints", 200),
        ("post", "/complaints", 422),
        ("post", "/complaints:batch", 200),
        ("post", "/complaints:batch", 503),
        ("put", "/complaints/{reference}", 200),
        ("put", "/complaints/{reference}/attachments/{number}", 204),
        ("put", "/complaints/{reference}/attachments/{number}", 413),
    }


def test_an_event_is_described_as_it_is_sent(contract: Contract, document: dict[str, Any]) -> None:
    event = {"tracking_id": "9165816", "reference": reference(1), "at": "2026-11-01T02:03:04Z", "by": "Dinas PU", "status": "x", "note": ""}
    contract.fits("/components/schemas/Event", event)
    (header,) = document["webhooks"]["event"]["post"]["parameters"]
    assert header["name"] == "X-Lapor-Signature"
