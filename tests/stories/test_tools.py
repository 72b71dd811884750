"""What a user tries first: swaks, smtp-source and curl against a gateway that runs. Skipped where they are not installed."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.stories.door_mail import ADDRESS, Mail
from tests.stories.door_web import Web, by_api
from tests.stories.doors import street
from tests.stories.town import MARK

#: a tracking code, as it is written
CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
TEXT = f"{MARK}: lampu jalan mati di depan pasar"


async def run(tool: str, *words: str) -> tuple[int, str]:
    """Exit status, and what it printed; skips the test when the tool is not here."""
    place = shutil.which(tool) or shutil.which(tool, path="/usr/sbin")
    if place is None:
        pytest.skip(f"{tool} is not installed")
    process = await asyncio.create_subprocess_exec(place, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    async with asyncio.timeout(60):
        printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode()


async def test_swaks_is_told_under_which_code_its_mail_is_queued(tmp_path: Path) -> None:
    door = Mail()
    async with street(tmp_path, door) as place:
        await place.gateway.start()
        await place.reachable(door.port)
        words = ("--server", f"127.0.0.1:{door.port}", "--from", "budi@warga.example", "--to", ADDRESS, "--body", TEXT)
        status, printed = await run("swaks", *words, "--header", "Subject: Lampu jalan", "--helo", "pasar.example")
        assert status == 0, printed
        queued = re.search(r"250 2\.0\.0 queued as (\S+)", printed)
        assert queued, printed
        await place.until(lambda: door.sink.mails)
        (record,) = place.ledger.records.values()
        assert (record["reference"], record["reporter"]["address"]) == (queued[1], "budi@warga.example")
        assert TEXT in record["text"]
        # a stranger is no citizen of ours, and a relay we are not
        status, printed = await run("swaks", *words[:4], "--to", "orang@lain.example", "--helo", "pasar.example")
        assert status != 0
        assert "550 5.1.1" in printed


async def test_smtp_source_gets_every_mail_in_over_ten_sessions(tmp_path: Path) -> None:
    door = Mail()
    async with street(tmp_path, door) as place:
        await place.gateway.start()
        await place.reachable(door.port)
        words = ("-c", "-s", "10", "-m", "200", "-l", "2048", "-f", "budi@warga.example", "-t", ADDRESS, f"127.0.0.1:{door.port}")
        status, printed = await run("smtp-source", *words)
        assert status == 0, printed
        # each has the Message-ID and the octets that it has: smtp-source tells them apart, and so do we
        await place.until(lambda: len(place.gateway.rows("SELECT id FROM cases")) == 200)


async def test_curl_hands_a_complaint_in_and_asks_what_became_of_it(tmp_path: Path) -> None:
    async with street(tmp_path, Web(by_api)) as place:
        await place.gateway.start()
        await place.reachable(place.gateway.public)
        url = f"http://127.0.0.1:{place.gateway.public}"
        body = json.dumps({"text": TEXT, "classification": "pengaduan"})
        post = ("-sS", "-i", f"{url}/api/v1/complaints", "-H", "Content-Type: application/json", "-H", "Idempotency-Key: 7", "-d", body)
        first, again = await run("curl", *post), await run("curl", *post)
        assert first[1].startswith("HTTP/1.1 201"), first
        assert CODE.findall(first[1]) == CODE.findall(again[1])
        code = CODE.findall(first[1])[0]
        await place.until(lambda: place.ledger.records)
        shown: dict[str, Any] = {}
        async with asyncio.timeout(60):
            while shown.get("status") != "registered":
                shown = json.loads((await run("curl", "-sS", f"{url}/api/v1/complaints/{code}"))[1])
        assert set(shown) == {"reference", "status", "timeline", "tracking_id"}
        assert len(place.ledger.records) == 1


async def test_curl_files_by_open311_in_xml_and_in_json(tmp_path: Path) -> None:
    async with street(tmp_path, Web(by_api)) as place:
        await place.gateway.start()
        await place.reachable(place.gateway.public)
        url = f"http://127.0.0.1:{place.gateway.public}/open311/v2"
        services = json.loads((await run("curl", "-sS", f"{url}/services.json"))[1])
        fields = {"service_code": services[0]["service_code"], "description": TEXT, "lat": "-6.2", "long": "106.8"}
        form = [word for name, value in fields.items() for word in ("--data-urlencode", f"{name}={value}")]
        _, xml = await run("curl", "-sS", f"{url}/requests.xml", *form)
        code = ElementTree.fromstring(xml).findtext("request/service_request_id")
        assert code
        assert CODE.fullmatch(code)
        await place.until(lambda: place.ledger.records)
        (shown,) = json.loads((await run("curl", "-sS", f"{url}/requests/{code}.json"))[1])
        assert shown["service_request_id"] == code
        assert shown["status"] == "open"
        assert MARK not in json.dumps(shown)
