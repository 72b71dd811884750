"""What the gateway hears and says at /ledger/events keeps to the published interface, and the documented call is heard."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from pathlib import Path
from shutil import which

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from forwarder.signature import signed
from tests.forwarder.test_ledger_api import API, ROOT
from tests.gateway.test_events import Door, opened
from tests.gateway.told import SHARED, told

GUIDE = API.parent.parent / "docs" / "ledgers.md"


def fits(pointer: str, value: object) -> None:
    document = yaml.safe_load(API.read_text("utf-8"))
    registry = Registry().with_resources([(ROOT, DRAFT202012.create_resource(document))])
    schema = {"$ref": f"{ROOT}#/webhooks/event/post/{pointer}"}
    Draft202012Validator(schema, registry=registry, format_checker=FormatChecker()).validate(value)


async def test_calls_and_answers_keep_to_the_published_interface(tmp_path: Path) -> None:
    body, heard = "requestBody/content/application~1json/schema", "responses/{}/content/application~1{}/schema"
    async with opened(tmp_path) as door:
        event, stranger = door.event(note="Segera."), door.event() | {"reference": "7K3Q-9FXM-2CH4"}
        fits("parameters/0/schema", signed(SHARED, 1_795_000_000, b"{}"))
        for sent in (event, [event, stranger]):
            fits(body, sent)
        for status, sent, form in ((200, event, "json"), (404, [event, stranger], "problem+json"), (400, {}, "problem+json")):
            got, answer = await told(door.port, sent)
            assert got == status
            fits(heard.format(status, form), answer)
        got, answer = await told(door.port, event, secret="somebody else's secret")
        fits(heard.format(got, "problem+json"), answer)
        with pytest.raises(ValidationError):
            fits(body, {"reference": door.reference})


@pytest.mark.skipif(not (which("openssl") and which("curl")), reason="the guide uses both")
async def test_the_documented_call_is_heard(tmp_path: Path) -> None:
    async with opened(tmp_path) as door:
        status = await _by_hand(tmp_path, door)
        assert json.loads(status) == {"kept": 1, "known": 0}
        assert await door.kept() == ["Ditindaklanjuti oleh Instansi"]


async def _by_hand(folder: Path, door: Door) -> str:
    """The commands of the guide, with this door's address, secret and codes in them."""
    (commands,) = re.findall(r"```bash\n(secret=.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    secret = folder / "secret"
    secret.write_text(SHARED, encoding="utf-8")
    for theirs, ours in {
        "/run/secrets/ledger-events": str(secret),
        "https://lapor.example.go.id": f"http://127.0.0.1:{door.port}",
        "9165816": door.number,
        "7K3Q-9FXM-2CH4": door.reference,
    }.items():
        assert theirs in commands
        commands = commands.replace(theirs, ours)
    done = await asyncio.to_thread(subprocess.run, ["bash", "-euc", commands], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout
