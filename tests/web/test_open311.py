"""Open311 GeoReport v2: what a civic app sends and reads, in the shapes of wiki.open311.org/GeoReport_v2."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from aiohttp import FormData

from channels.base import InboundMessage, Progress, Unavailable
from channels.web.spark import SINGULAR
from tests.fakes.web_host import CODE, Door, Reception, opened, registered

ROOT = "/open311/v2"
KEY = "kunci-aplikasi-dinas"
#: the example request of the specification, with what is invented for here
FILED = {
    "api_key": "xyz",
    "jurisdiction_id": "kota.example",
    "service_code": "perhubungan",
    "lat": "-7.8660",
    "long": "111.4660",
    "address_string": "Jalan Melati 5",
    "email": "warga@contoh.example",
    "device_id": "tt222111",
    "account_id": "123456",
    "first_name": "Warga",
    "last_name": "Contoh",
    "phone": "081200000001",
    "description": "Lampu jalan mati.\nSudah seminggu.",
    "media_url": "http://foto.example/1.jpg",
    "attribute[classification]": "pengaduan",
    "attribute[incident_date]": "2026-11-20T00:00:00+07:00",
}


async def get(door: Door, path: str, *, method: str = "GET", **how: Any) -> tuple[int, Any]:
    """Both forms must say the same; gives the JSON."""
    async with door.client.request(method, f"{door.url}{ROOT}{path}.json", **how) as response:
        said = await response.json()
        status = response.status
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    async with door.client.request(method, f"{door.url}{ROOT}{path}.xml", **how) as response:
        written = await response.read()
        assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
        assert response.status == status
    assert written.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n')
    assert spoken(ElementTree.fromstring(written)) == plain(said)
    return status, said


def spoken(element: ElementTree.Element) -> Any:
    """An element back in the Spark convention: every value as text, nothing as an empty one."""
    if element.tag in SINGULAR:
        assert {child.tag for child in element} <= {SINGULAR[element.tag]}
        return [spoken(child) for child in element]
    return {child.tag: spoken(child) for child in element} if len(element) else element.text or ""


def plain(said: Any) -> Any:
    if isinstance(said, list):
        return [plain(one) for one in said]
    if isinstance(said, dict):
        return {name: plain(value) for name, value in said.items()}
    return "" if said is None else str(said).lower() if isinstance(said, bool) else str(said)


async def test_discovery_says_where_the_interface_is() -> None:
    async with opened(Reception(base_url="https://lapor.example"), contact="https://lapor.example/bantuan") as door:
        _, said = await get(door, "/discovery")
    (endpoint,) = said["endpoints"]
    assert endpoint["url"] == "https://lapor.example/open311/v2"
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert (said["contact"], said["key_service"]) == ("https://lapor.example/bantuan",) * 2


async def test_services_are_the_categories_of_the_ledger() -> None:
    async with opened() as door:
        status, said = await get(door, "/services")
    assert (status, len(said)) == (200, 38)
    assert said[0].keys() == {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}
    assert {one["type"] for one in said} == {"realtime"}
    assert len({one["service_code"] for one in said}) == 38


async def test_a_service_is_defined_by_what_may_be_said_beside() -> None:
    async with opened() as door:
        _, said = await get(door, "/services/perhubungan")
        status, faults = await get(door, "/services/bukan")
    assert said["service_code"] == "perhubungan"
    assert [(one["code"], one["required"], one["order"]) for one in said["attributes"]] == [
        ("classification", False, 1), ("incident_date", False, 2), ("privacy", False, 3),
    ]  # fmt: skip
    assert said["attributes"][0]["values"][0] == {"key": "pengaduan", "name": "Pengaduan"}
    assert (status, [one["code"] for one in faults]) == (404, [404])


async def filed(**fields: str) -> InboundMessage:
    async with opened() as door:
        async with door.client.post(f"{door.url}{ROOT}/requests.json", data=FILED | fields) as response:
            assert response.status == 201
            assert await response.json() == [
                {
                    "service_request_id": "r",
                    "service_notice": "Laporan diterima. Simpan kode ini untuk melihat statusnya.",
                    "account_id": None,
                }
            ]
        (arrival,) = door.shelf.arrivals
        assert b"tt222111" not in arrival.raw
        assert b"123456" not in arrival.raw
        return door.site.decode(arrival, ())


async def test_a_request_is_a_complaint_with_our_reference() -> None:
    message = await filed()
    assert message.text == FILED["description"]
    assert message.sender == "warga@contoh.example"
    assert message.fields == {
        "classification": "pengaduan",
        "incident_date": "2026-11-20",
        "location": "Jalan Melati 5, -7.866000, 111.466000",
        "category": "PERHUBUNGAN",
        "name": "Warga Contoh",
    }
    assert message.extras == {
        "via": "open311", "media_url": "http://foto.example/1.jpg", "phone": "081200000001", "lat": "-7.8660", "long": "111.4660",
    }  # fmt: skip


async def test_whoever_stays_anonymous_leaves_neither_name_nor_number() -> None:
    message = await filed(**{"attribute[privacy]": "anonim"})
    assert (message.sender, message.fields.get("name"), message.extras.get("phone")) == ("", None, None)
    assert message.fields["privacy"] == "anonim"


@pytest.mark.parametrize(
    ("gone", "location"),
    [
        (("lat", "long"), "Jalan Melati 5"),
        (("address_string",), "-7.866000, 111.466000"),
        (("lat", "long", "address_string"), "545483"),
    ],
)
async def test_any_of_three_ways_to_say_where_will_do(gone: tuple[str, ...], location: str) -> None:
    message = await filed(address_id="545483", **dict.fromkeys(gone, ""))
    assert message.fields["location"] == location
    assert message.extras["address_id"] == "545483"


async def test_without_a_description_the_kind_is_what_was_said() -> None:
    assert (await filed(description=" ")).text == "Perhubungan"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"service_code": ""}, 400),
        ({"service_code": "bukan"}, 404),
        ({"lat": "", "long": "", "address_string": ""}, 400),
        ({"lat": "-7.8", "long": ""}, 400),
        ({"lat": "nan", "long": "111"}, 400),
        ({"lat": "-97", "long": "111"}, 400),
        ({"lat": "sini", "long": "sana"}, 400),
        ({"attribute[privacy]": "samar", "attribute[incident_date]": "2999-01-01"}, 400),
        ({"media_url": "x" * 3000}, 400),
    ],
)
async def test_what_cannot_be_taken_is_told_in_the_shape_of_the_specification(change: dict[str, str], status: int) -> None:
    async with opened() as door:
        told, errors = await get(door, "/requests", method="POST", data=FILED | change)
        assert told == status
        assert {one["code"] for one in errors} == {status}
        assert all(one["description"] for one in errors)
        assert door.shelf.arrivals == []


async def test_a_key_is_asked_for_where_the_settings_say_so() -> None:
    async with opened(api_keys=(KEY,), open311_key_required=True) as door:
        assert (await get(door, "/requests", method="POST", data=FILED))[0] == 403
        assert (await get(door, "/requests", method="POST", data=FILED | {"api_key": KEY}))[0] == 201
        assert (await get(door, "/services"))[0] == 200


async def test_who_has_no_key_and_sends_too_much_has_no_file_looked_at() -> None:
    async with opened(api_keys=(KEY,), submissions_per_hour=1) as door:

        async def send(**more: str) -> int:
            form = FormData(FILED | more, default_to_multipart=True)
            form.add_field("media", b"no picture at all", filename="foto.jpg")
            async with door.client.post(f"{door.url}{ROOT}/requests.json", data=form) as response:
                return response.status

        assert [await send(), await send(), await send(api_key=KEY)] == [400, 429, 400]


async def test_a_request_tells_open_or_closed_and_nothing_that_was_written() -> None:
    async with opened() as door:
        door.host.told[CODE] = registered()
        _, (said,) = await get(door, f"/requests/{CODE}")
        assert said["service_request_id"] == CODE
        assert said["status"] == "open"
        assert "10039939" in said["status_notes"]
        assert (said["requested_datetime"], said["updated_datetime"]) == ("2026-11-20T01:00:00Z", "2026-11-20T01:01:00Z")
        assert said["description"] is said["address"] is said["lat"] is said["media_url"] is None
        came = registered().timeline[0][1]
        door.host.told[CODE] = Progress(reference=CODE, state="not_forwarded", timeline=(("received", came), ("not_forwarded", came)))
        assert (await get(door, f"/requests/{CODE}"))[1][0]["status"] == "closed"


async def test_a_code_that_is_not_there_or_mistyped_is_told_apart() -> None:
    async with opened() as door:
        unknown = await get(door, "/requests/7K3Q")
        mistyped = await get(door, "/requests/7K3X")
    assert (unknown[0], mistyped[0]) == (404, 400)
    assert unknown[1][0]["description"] != mistyped[1][0]["description"]


async def test_the_list_is_of_those_that_are_named_and_of_no_others() -> None:
    async with opened() as door:
        door.host.told[CODE] = registered()
        assert await get(door, "/requests") == (200, [])
        _, said = await get(door, "/requests", params={"service_request_id": f"{CODE},7K3Q,7K3X", "status": "open"})
        assert [one["service_request_id"] for one in said] == [CODE]
        assert (await get(door, "/requests", params={"service_request_id": ",".join(["A"] * 21)}))[0] == 400


async def test_no_cache_keeps_a_status_or_that_there_is_none() -> None:
    async with opened() as door:
        door.host.told[CODE] = registered()
        for path in (f"/requests/{CODE}", "/requests/7K3Q", "/requests/7K3X", "/requests"):
            async with door.client.get(f"{door.url}{ROOT}{path}.json", params={"service_request_id": CODE}) as response:
                assert (path, response.headers.get("Cache-Control")) == (path, "no-store")


async def test_who_has_a_key_may_ask_as_often_as_he_likes() -> None:
    async with opened(lookups_per_minute=1, api_keys=(KEY,)) as door:
        door.host.told[CODE] = registered()
        for key in (KEY, KEY, "another", "another"):
            async with door.client.get(f"{door.url}{ROOT}/requests/{CODE}.json", params={"api_key": key}) as response:
                last = response.status
                assert key != KEY or last == 200
        assert last == 429
        async with door.client.get(f"{door.url}{ROOT}/requests.xml", params={"api_key": KEY, "service_request_id": CODE}) as response:
            assert response.status == 200


async def test_trouble_and_haste_are_told_honestly() -> None:
    async with opened(submissions_per_hour=2, lookups_per_minute=2) as door:
        door.shelf.problem = Unavailable("disk_full")
        assert (await get(door, "/requests", method="POST", data=FILED))[0] == 503
        assert (await get(door, "/requests", method="POST", data=FILED))[0] == 429
        assert (await get(door, "/requests/7K3Q"))[0] == 404
        assert (await get(door, "/requests/7K3Q"))[0] == 429
        async with door.client.post(f"{door.url}{ROOT}/requests.xml", data=FILED) as response:
            assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/tokens/1.xml", 404), ("GET", "", 404), ("PUT", "/requests.json", 405)])
async def test_other_addresses_and_methods_get_an_error_of_the_specification(method: str, path: str, status: int) -> None:
    async with opened() as door, door.client.request(method, f"{door.url}{ROOT}{path}") as response:
        assert response.status == status
        body = await response.read()
        assert (b"<code>%d</code>" % status in body) or (b'"code":%d' % status in body)
        assert status == 404 or response.headers["Allow"] == "GET, POST, OPTIONS"


async def test_a_form_that_is_none_is_refused() -> None:
    async with opened() as door:
        headers = {"Content-Type": "multipart/form-data"}
        assert (await get(door, "/requests", method="POST", data=b"x", headers=headers))[0] == 400
