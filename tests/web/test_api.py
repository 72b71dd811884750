"""The public API: a complaint handed in by an app is on disk before it hears 201, and every refusal is a problem document."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientResponse, FormData
from openapi_spec_validator import validate
from yarl import URL

from channels.base import Accepted, Unavailable
from tests.fakes.inbox import Shelf, until
from tests.fakes.web_host import CODE, Door, Reception, opened, registered

COMPLAINTS = "/api/v1/complaints"
WHOLE = {
    "text": "Lampu jalan mati sejak Senin.\nGelap sekali.",
    "classification": "pengaduan",
    "title": "Lampu jalan mati",
    "incident_date": "2026-11-20",
    "location": "Jalan Melati 5",
    "region": "35.02",
    "agency": "Dinas Perhubungan",
    "category": "perhubungan",
    "name": "Warga Contoh",
    "contact": "0812 0000 0001",
    "privacy": "terbuka",
}


async def problem(response: ClientResponse, status: int, code: str) -> dict[str, Any]:
    document: dict[str, Any] = await response.json(content_type="application/problem+json")
    assert (response.status, document["status"], document["code"]) == (status, status, code)
    assert document["title"]
    assert document["type"] == f"urn:lapor:problem:{code}"
    return document


async def test_a_whole_complaint_is_kept_and_read_as_it_was_given() -> None:
    async with opened(Reception(base_url="https://lapor.example")) as door, door.client.post(door.url + COMPLAINTS, json=WHOLE) as response:
        receipt = await response.json()
        assert response.status == 201
        assert response.headers["Location"] == f"{COMPLAINTS}/r"
        assert receipt.keys() == {"reference", "received_at", "track_url"}
        assert receipt["track_url"] == "https://lapor.example/lacak/r"
        (arrival,) = door.shelf.arrivals
        message = door.site.decode(arrival, ())
    assert message.text == WHOLE["text"]
    assert message.sender == "0812 0000 0001"
    assert message.reply_to == {}
    assert message.fields == {
        "classification": "pengaduan",
        "title": "Lampu jalan mati",
        "incident_date": "2026-11-20",
        "privacy": "terbuka",
        "location": "Jalan Melati 5, Kabupaten Ponorogo, Jawa Timur",
        "region": "35.02",
        "place": "Kabupaten Ponorogo, Jawa Timur",
        "category": "PERHUBUNGAN",
        "agency": "Dinas Perhubungan",
        "name": "Warga Contoh",
    }
    assert message.extras == {"via": "api"}


async def test_only_the_text_is_required() -> None:
    async with opened() as door:
        async with door.client.post(door.url + COMPLAINTS, json={"text": "air mati"}) as response:
            assert response.status == 201
        async with door.client.post(door.url + COMPLAINTS, json={"text": " \n "}) as response:
            assert (await problem(response, 422, "invalid"))["faults"] == {"text": "missing"}
        assert len(door.shelf.arrivals) == 1


async def test_every_fault_is_named_at_once() -> None:
    wrong = {
        "text": "x" * 20_001,
        "classification": "keluhan",
        "incident_date": "2999-01-01",
        "region": "99",
        "category": "bukan kategori",
        "contact": "hubungi saya",
        "privacy": "samar",
        "title": "x" * 201,
    }
    async with opened() as door, door.client.post(door.url + COMPLAINTS, json=wrong) as response:
        assert (await problem(response, 422, "invalid"))["faults"] == {
            "text": "too_long",
            "classification": "unknown",
            "incident_date": "in_future",
            "region": "unknown",
            "category": "unknown",
            "contact": "not_a_contact",
            "privacy": "unknown",
            "title": "too_long",
        }


@pytest.mark.parametrize("day", ["20-11-2026", "2026-02-30", "kemarin", "2026-11-2"])
async def test_a_day_is_written_in_one_way(day: str) -> None:
    async with opened() as door, door.client.post(door.url + COMPLAINTS, json={"text": "x", "incident_date": day}) as response:
        assert (await problem(response, 422, "invalid"))["faults"] == {"incident_date": "not_a_date"}


async def test_yes_is_not_said_before_the_store_has() -> None:
    shelf = Shelf(slow=True)
    async with opened(Reception(shelf)) as door:
        asked = asyncio.create_task(door.client.post(door.url + COMPLAINTS, json={"text": "x"}))
        await until(lambda: shelf.waiting)
        assert not asked.done()
        shelf.waiting[0].set_result(Accepted(case_id="c", reference=CODE))
        async with await asked as response:
            assert (await response.json())["reference"] == CODE


@pytest.mark.parametrize("code", ["disk_full", "disk_nearly_full", "store_away"])
async def test_trouble_of_ours_is_503_with_a_time_to_come_back(code: str) -> None:
    async with opened() as door:
        door.shelf.problem = Unavailable(code)
        async with door.client.post(door.url + COMPLAINTS, json={"text": "x"}) as response:
            await problem(response, 503, "not_now")
            assert int(response.headers["Retry-After"]) > 0
        door.host.problem = Unavailable(code, retry_after=7)
        async with door.client.get(f"{door.url}{COMPLAINTS}/{CODE}") as response:
            await problem(response, 503, "not_now")
            assert response.headers["Retry-After"] == "7"


async def test_the_same_key_and_words_are_the_same_complaint_and_other_words_another() -> None:
    async with opened() as door:
        for text, key in (("satu", "k"), ("satu", "k"), ("dua", "k"), ("satu", "l"), ("satu", ""), ("satu", "")):
            headers = {"Idempotency-Key": key} if key else {}
            async with door.client.post(door.url + COMPLAINTS, json={"text": text}, headers=headers) as response:
                assert response.status == 201
        one, again, other, another_key, *without = [arrival.source_id for arrival in door.shelf.arrivals]
    assert one == again
    assert len({one, other, another_key, *without}) == 5


async def test_what_came_before_is_told_when_it_first_came() -> None:
    shelf = Shelf(slow=True)
    async with opened(Reception(shelf)) as door:
        door.host.told[CODE] = registered()
        asked = asyncio.create_task(door.client.post(door.url + COMPLAINTS, json={"text": "x"}, headers={"Idempotency-Key": "k"}))
        await until(lambda: shelf.waiting)
        shelf.waiting[0].set_result(Accepted(case_id="c", reference=CODE, duplicate=True))
        async with await asked as response:
            assert response.status == 201
            assert (await response.json())["received_at"] == "2026-11-20T01:00:00Z"
        assert door.site.counts == {"api_again": 1}


async def test_a_form_is_taken_with_its_key_and_checkboxes() -> None:
    form = FormData(
        {"text": "baris satu\r\nbaris dua", "key": "k1", "anonim": "on", "rahasia": "on", "name": "Warga", "contact": "a@b.example"}
    )
    async with opened() as door:
        for _ in range(2):
            async with door.client.post(door.url + COMPLAINTS, data=form()) as response:
                assert response.status == 201
        first, second = door.shelf.arrivals
        message = door.site.decode(first, ())
    assert first.source_id == second.source_id
    assert message.text == "baris satu\nbaris dua"
    assert (message.sender, message.fields) == ("", {"privacy": "rahasia"})
    assert b"Warga" not in first.raw
    assert b"b.example" not in first.raw


async def test_whoever_stays_anonymous_leaves_no_name() -> None:
    async with opened() as door:
        async with door.client.post(door.url + COMPLAINTS, json=WHOLE | {"privacy": "anonim"}) as response:
            assert response.status == 201
        (arrival,) = door.shelf.arrivals
    assert b"Warga" not in arrival.raw
    assert b"0812" not in arrival.raw


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b"{", "application/json", 400, "bad_request"),
        (b"\xff\xfe", "application/json", 400, "bad_request"),
        (b'{"text": "jalan rusak \xe9"}', "application/json", 400, "bad_request"),
        (b"[" * 100_000, "application/json", 422, "invalid"),
        (b'{"text": "\\ud800"}', "application/json", 400, "bad_request"),
        (b'{"text": 5}', "application/json", 422, "invalid"),
        (b'{"txt": "x"}', "application/json", 422, "invalid"),
        (b"{}", "application/json", 422, "invalid"),
        (b"[]", "application/json", 422, "invalid"),
        (b"x" * 300_000, "application/json", 413, "too_large"),
        (b"x", "text/plain", 415, "media_type"),
        (b'{"text": "x"}', "application/x-www-form-urlencoded", 415, "media_type"),
        (b"txet=x&text=y", "application/x-www-form-urlencoded", 422, "invalid"),
        (b"x", "multipart/form-data", 400, "bad_request"),
        (b"x", "multipart/form-data; boundary=b", 400, "bad_request"),
    ],
)
async def test_what_cannot_be_read_is_refused_plainly(body: bytes, media_type: str, status: int, code: str) -> None:
    async with opened() as door:
        async with door.client.post(door.url + COMPLAINTS, data=body, headers={"Content-Type": media_type}) as response:
            await problem(response, status, code)
        assert door.shelf.arrivals == []


async def raw(door: Door, head: bytes, body: bytes = b'{"text": "Jalan rusak"}', what: bytes = b"POST /api/v1/complaints") -> bytes:
    """What is answered to octets that no client of ours would send."""
    address = URL(door.url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    lines = (what + b" HTTP/1.1", b"Connection: close", b"Content-Length: %d" % len(body), *head.splitlines(), b"", body)
    writer.write(b"\r\n".join(lines))
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("host", [b"", b"[", b"a:99999", b"a:b", b"\xff\xfe", b"a b"])
async def test_a_host_that_is_none_does_not_come_between_a_complaint_and_its_yes(host: bytes) -> None:
    async with opened() as door:
        answer = await raw(door, b"Content-Type: application/json\nHost: " + host)
        assert answer.startswith(b"HTTP/1.1 201 ")
        assert b"/lacak/" in answer
        assert len(door.shelf.arrivals) == 1
        for path in (b"/api/v1/openapi.json", b"/open311/v2/discovery.json"):
            assert (await raw(door, b"Host: " + host, b"", b"GET " + path)).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("name", [b"X-API-Key", b"Idempotency-Key"])
async def test_a_key_in_octets_of_any_kind_is_a_key(name: bytes) -> None:
    async with opened(api_keys=("kunci-aplikasi-dinas",)) as door:
        answer = await raw(door, b"Host: lapor.example\nContent-Type: application/json\n" + name + b": \xff\xfe")
        assert answer.startswith(b"HTTP/1.1 201 ")


async def test_a_status_tells_what_happened_when_and_nothing_else() -> None:
    async with opened() as door:
        door.host.told[CODE] = registered()
        async with door.client.get(f"{door.url}{COMPLAINTS}/{CODE}") as response:
            assert response.headers["Cache-Control"] == "no-store"
            assert await response.json() == {
                "reference": CODE,
                "status": "registered",
                "timeline": [
                    {"status": "received", "at": "2026-11-20T01:00:00Z"},
                    {"status": "registered", "at": "2026-11-20T01:01:00Z"},
                ],
                "tracking_id": "10039939",
            }


@pytest.mark.parametrize(
    ("written", "status", "code"), [("7K3Q-X", 422, "mistyped_code"), ("U", 422, "not_a_code"), ("7K3Q", 404, "unknown_code")]
)
async def test_a_mistyped_code_is_told_from_an_unknown_one(written: str, status: int, code: str) -> None:
    async with opened() as door, door.client.get(f"{door.url}{COMPLAINTS}/{written}") as response:
        await problem(response, status, code)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api"), ("GET", "/api/v2/complaints"), ("DELETE", "/api/v1"), ("POST", "/api/v1/x/y/z")]
)
async def test_addresses_that_are_not_there_get_a_problem_too(method: str, path: str) -> None:
    async with opened() as door, door.client.request(method, door.url + path) as response:
        await problem(response, 404, "no_such_page")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", COMPLAINTS, "POST, OPTIONS"),
        ("DELETE", f"{COMPLAINTS}/{CODE}", "GET, OPTIONS"),
        ("PUT", "/api/v1/openapi.json", "GET, OPTIONS"),
    ],
)
async def test_other_methods_hear_which_there_are(method: str, path: str, allow: str) -> None:
    async with opened() as door, door.client.request(method, door.url + path) as response:
        await problem(response, 405, "wrong_method")
        assert response.headers["Allow"] == allow


async def test_too_many_from_one_address_wait_and_an_app_with_a_key_does_not() -> None:
    key = "kunci-aplikasi-dinas"
    async with opened(submissions_per_hour=2, lookups_per_minute=1, api_keys=(key,)) as door:
        statuses = []
        for _ in range(3):
            async with door.client.post(door.url + COMPLAINTS, json={"text": "x"}) as response:
                statuses.append(response.status)
                last = dict(response.headers)
        assert statuses == [201, 201, 429]
        assert 0 < int(last["Retry-After"]) <= 7200
        async with door.client.post(door.url + COMPLAINTS, json={"text": "x"}, headers={"X-API-Key": key}) as response:
            assert response.status == 201
        for expected in (404, 429):
            async with door.client.get(f"{door.url}{COMPLAINTS}/{CODE}") as response:
                assert response.status == expected
        assert door.site.counts == {"api": 3, "api_too_many": 2, "api_unknown_code": 1}


async def test_the_contract_is_valid_openapi_and_says_what_the_code_does() -> None:
    async with opened(Reception(base_url="https://lapor.example"), max_files=3) as door:
        async with door.client.get(door.url + "/api/v1/openapi.json") as response:
            document = await response.json()
        validate(document)
        assert document["openapi"].startswith("3.1")
        assert document["servers"] == [{"url": "https://lapor.example"}]
        assert document["components"]["schemas"]["ComplaintForm"]["properties"]["files"]["maxItems"] == 3
        described = {(path, method) for path, methods in document["paths"].items() for method in methods}
        served = {
            (route.path, route.method.lower())
            for route in door.site.routes(door.host)
            if hasattr(route, "path") and hasattr(route, "method") and route.path.startswith("/api/v1") and route.method != "*"
        }
        assert described == served
