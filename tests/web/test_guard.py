"""What stands before pages and calls: headers, forms of other sites, and how often one client may ask."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.web.allowance import CLIENTS, Limiter, TooMany, Window, subscriber
from channels.web.settings import Settings
from channels.web.site import channel
from tests.fakes.web_host import CODE, Reception, lower, opened

FORM = {"text": "Jalan rusak", "classification": "pengaduan", "title": "x", "incident_date": "2026-11-20", "location": "Jalan Melati 5"}


@pytest.mark.parametrize("path", ["/", "/lacak", "/tidak-ada", "/privasi"])
async def test_every_page_is_shut_to_what_is_not_ours(path: str) -> None:
    async with opened() as door, door.client.get(door.url + path) as response:
        told = lower(response.headers)
    policy = told["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert told["x-content-type-options"] == "nosniff"
    assert told["referrer-policy"] == "same-origin"
    assert "geolocation=()" in told["permissions-policy"]
    assert "strict-transport-security" not in told
    assert "access-control-allow-origin" not in told


async def test_https_is_insisted_on_where_it_is_spoken() -> None:
    async with opened(Reception(base_url="https://lapor.example")) as door:
        for path in ("/", "/api/v1/openapi.json"):
            async with door.client.get(door.url + path) as response:
                assert response.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://lain.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://lapor.example"}, 303),
        ({"Origin": "https://lapor.example"}, 303),
        ({}, 303),
    ],
)
async def test_a_form_that_another_site_sends_is_refused(said: dict[str, str], status: int) -> None:
    async with opened(Reception(base_url="https://lapor.example")) as door:
        async with door.client.post(door.url + "/", data=FORM, headers=said, allow_redirects=False) as response:
            assert response.status == status
            assert "Content-Security-Policy" in response.headers
        assert len(door.shelf.arrivals) == (status == 303)
        assert door.site.counts["cross_site"] == (status == 403)


async def test_any_site_may_call_the_interfaces_and_no_cookie_goes_along() -> None:
    async with opened() as door:
        said = {
            "Origin": "https://lain.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "idempotency-key",
        }
        async with door.client.options(door.url + "/api/v1/complaints", headers=said) as response:
            assert response.status == 204
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert "Idempotency-Key" in response.headers["Access-Control-Allow-Headers"]
            assert "Access-Control-Allow-Credentials" not in response.headers
        said = {"Origin": "https://lain.example", "Sec-Fetch-Site": "cross-site"}
        async with door.client.post(door.url + "/api/v1/complaints", json={"text": "x"}, headers=said) as response:
            assert response.status == 201
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert "Set-Cookie" not in response.headers
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]


async def test_one_client_is_one_address_and_of_ipv6_one_subscriber() -> None:
    assert subscriber("2001:db8::1") == subscriber("2001:db8::ffff:1") != subscriber("2001:db8:0:1::1")
    assert subscriber("::ffff:192.0.2.1") == "192.0.2.1" == subscriber("192.0.2.1")
    assert subscriber("") == ""
    limiter = Limiter(submissions_per_hour=1, lookups_per_minute=0)
    await limiter.spend("submission", "192.0.2.1")
    await limiter.spend("submission", "192.0.2.2")
    with pytest.raises(TooMany) as much:
        await limiter.spend("submission", "192.0.2.1")
    assert 1 <= much.value.retry_after <= 7200
    for _ in range(100):
        await limiter.spend("lookup", "192.0.2.1")


@given(steps=st.lists(st.floats(0, 50), max_size=80), most=st.integers(1, 5))
def test_the_window_slides_and_the_wait_it_names_is_enough(steps: list[float], most: int) -> None:
    window, now, taken = Window(most, 60.0), 0.0, []
    for step in steps:
        now += step
        wait_s = window.take("a", now)
        if wait_s:
            assert 0 < wait_s <= 120
            now += math.ceil(wait_s)
            assert window.take("a", now) == 0.0
        taken.append(now)
        in_one_turn = [at for at in taken if at // 60.0 == now // 60.0]
        assert len(in_one_turn) <= most


def test_made_up_addresses_do_not_fill_the_memory() -> None:
    window = Window(2, 60.0)
    assert all(window.take(str(number), 1.0) == 0.0 for number in range(CLIENTS))
    assert [window.take(f"new {number}", 1.0) == 0.0 for number in range(3)] == [True, True, False]
    assert window.take("5", 1.0) == 0.0
    assert window.take("new", 200.0) == 0.0


async def test_trying_codes_is_stopped_on_every_door_together() -> None:
    async with opened(lookups_per_minute=3) as door:
        statuses = []
        for path in (f"/api/v1/complaints/{CODE}", f"/open311/v2/requests/{CODE}.json", f"/lacak/{CODE}", f"/api/v1/complaints/{CODE}"):
            async with door.client.get(door.url + path) as response:
                statuses.append(response.status)
    assert statuses == [404, 404, 404, 429]


def test_settings_show_no_key_and_refuse_what_cannot_work() -> None:
    key = "kunci-aplikasi-dinas"
    assert key not in repr(Settings(api_keys=(key,)))
    assert key not in str(list(Settings(api_keys=(key,)).__rich_repr__()))
    assert channel("web", Settings()).up
    with pytest.raises(ValueError, match="everybody"):
        Settings(open311_key_required=True)
    with pytest.raises(ValueError, match="max_body_bytes"):
        Settings(max_body_bytes=2000)
