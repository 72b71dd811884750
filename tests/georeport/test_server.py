"""Our door for civic apps against GeoReport v2: each method, in both forms, and the errors."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

import pytest

from channels.base import Progress
from tests.fakes.web_host import CODE, Door, opened, registered
from tests.georeport.spec import ERRORS, FORM, METHODS, answer_faults, method, request_faults

ROOT = "/open311/v2"
#: the arguments of POST Service Request, all of them, with invented contents
FILED = {
    "api_key": "xyz",
    "jurisdiction_id": "kota.example",
    "service_code": "perhubungan",
    "lat": "-7.866",
    "long": "111.466",
    "address_string": "Jalan Melati 5",
    "address_id": "545483",
    "email": "warga@contoh.example",
    "device_id": "tt222111",
    "account_id": "123456",
    "first_name": "Warga",
    "last_name": "Contoh",
    "phone": "081200000001",
    "description": "Lampu mati & jalan gelap +\nꦗꦭꦤ꧀ 😡",
    "media_url": "http://foto.example/1.jpg",
    "attribute[classification]": "pengaduan",
}


def form(fields: dict[str, str]) -> str:
    """As the specification's example encodes it: brackets as they are."""
    return "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items())


async def asked(door: Door, verb: str, path: str, body: str = "") -> int:
    """The status; the answer is of the specification."""
    headers = {"Content-Type": FORM} if body else {}
    async with door.client.request(verb, f"{door.url}{ROOT}{path}", data=body.encode() or None, headers=headers) as response:
        right = method(verb, path.partition("?")[0]) if response.status < 400 else ERRORS
        assert list(answer_faults(right, await response.read(), response.headers["Content-Type"])) == []
        return response.status


@pytest.mark.parametrize("kind", ["xml", "json"])
async def test_every_method_is_answered_in_both_forms(kind: str) -> None:
    sections = set()
    async with opened() as door:
        door.host.told[CODE] = registered()
        for path in ("/discovery", "/services", "/services/perhubungan", "/requests", f"/requests/{CODE}"):
            assert await asked(door, "GET", f"{path}.{kind}") == 200
            sections.add(method("GET", f"{path}.{kind}").section)
        assert list(request_faults(method("POST", f"/requests.{kind}"), form(FILED), FORM)) == []
        assert await asked(door, "POST", f"/requests.{kind}", form(FILED)) == 201
    # a request of ours has its id at once, so there are no tokens
    assert sections | {"POST Service Request", "GET service_request_id from a token"} == {one.section for one in METHODS}


@pytest.mark.parametrize("state", ["received", "registered", "in_progress", "closed", "rejected", "not_forwarded"])
async def test_a_request_is_open_or_closed_in_every_state(state: Any) -> None:
    (came, *_) = registered().timeline
    async with opened() as door:
        door.host.told[CODE] = Progress(reference=CODE, state=state, timeline=(came, (state, came[1])))
        for kind in ("xml", "json"):
            assert await asked(door, "GET", f"/requests/{CODE}.{kind}") == 200


async def test_arguments_of_the_list_are_taken_alone_and_together() -> None:
    async with opened() as door:
        door.host.told[CODE] = registered()
        several = f"service_request_id={CODE}&service_code=perhubungan&status=open,closed&jurisdiction_id=kota.example"
        dates = "start_date=2026-11-01T00:00:00Z&end_date=2026-11-20T00:00:00%2B07:00"
        for query in ("", several, dates, f"{several}&{dates}"):
            assert list(request_faults(method("GET", "/requests.json"), query)) == []
            assert await asked(door, "GET", f"/requests.json?{query}") == 200


async def test_what_is_optional_may_be_empty_or_absent() -> None:
    async with opened() as door:
        needed = {"service_code": "perhubungan", "address_string": "Jalan Melati 5"}
        assert await asked(door, "POST", "/requests.json", form(needed)) == 201
        assert await asked(door, "POST", "/requests.json", form(dict.fromkeys(FILED, "") | needed)) == 201
        first, second = (door.site.decode(arrival, ()) for arrival in door.shelf.arrivals)
    assert (first.text, first.sender, first.fields) == (second.text, second.sender, second.fields)


@pytest.mark.parametrize("place", [{"lat": "-7.8", "long": "111.4"}, {"address_string": "Jalan Melati"}, {"address_id": "545483"}])
async def test_any_full_location_will_do(place: dict[str, str]) -> None:
    async with opened() as door:
        assert await asked(door, "POST", "/requests.xml", form({"service_code": "perhubungan"} | place)) == 201


async def test_text_is_utf_8_in_and_out() -> None:
    async with opened() as door:
        assert await asked(door, "POST", "/requests.xml", form(FILED)) == 201
        (arrival,) = door.shelf.arrivals
        assert door.site.decode(arrival, ()).text == FILED["description"]


@pytest.mark.parametrize("kind", ["xml", "json"])
@pytest.mark.parametrize(
    ("verb", "path", "body", "status"),
    [
        ("GET", "/services/bukan", "", 404),
        ("GET", "/requests/7K3Q", "", 404),
        ("GET", "/tokens/1", "", 404),
        ("POST", "/requests", "address_string=a", 400),
        ("POST", "/requests", "service_code=bukan&address_string=a", 404),
        ("POST", "/requests", "service_code=perhubungan", 400),
        ("POST", "/requests", "service_code=perhubungan&lat=1", 400),
    ],
)
async def test_an_error_is_one_of_the_specification(kind: str, verb: str, path: str, body: str, status: int) -> None:
    async with opened() as door:
        assert await asked(door, verb, f"{path}.{kind}", body) == status


async def test_a_key_that_is_missing_or_wrong_is_403() -> None:
    async with opened(api_keys=("kunci-aplikasi-dinas",), open311_key_required=True) as door:
        assert await asked(door, "POST", "/requests.xml", form(FILED)) == 403
        assert await asked(door, "POST", "/requests.xml", form(FILED | {"api_key": "kunci-aplikasi-dinas"})) == 201
