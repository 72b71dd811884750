"""The operators' address before anybody has signed in: what it tells this machine, a token, a proxy and everybody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from config.settings import load
from gateway import desk
from tests.console.opened import SETTINGS, House, house

TOKEN = "0123456789abcdef-latihan"
WITH_TOKEN = SETTINGS.replace('operators = "127.0.0.1:0"', f'operators = "127.0.0.1:0"\nmetrics_token = "{TOKEN}"\nproxies = ["127.0.0.1"]')

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(tmp_path_factory.mktemp("house"), WITH_TOKEN) as one:
        yield one


async def status(here: House, path: str, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with aiohttp.ClientSession() as session, session.get(here.url + path, headers=named, allow_redirects=False) as answer:
        if answer.status == 401:
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert "lapor_" not in await answer.text()
        return answer.status


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
async def test_numbers_are_for_this_machine_and_for_the_token(here: House, path: str) -> None:
    far = {"X_Forwarded_For": "203.0.113.7"}
    assert await status(here, path) == 200
    assert await status(here, path, **far) == 401
    assert await status(here, path, **far, Authorization=f"Bearer {TOKEN}") == 200
    assert await status(here, path, **far, Authorization=f"bearer  {TOKEN} ") == 200
    for wrong in ("", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN):
        assert await status(here, path, **far, Authorization=wrong) == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Forwarded_For": "127.0.0.1"}, {"X_Forwarded_For": ""}, {"Forwarded": "for=127.0.0.1"}, {"X_Real_IP": "127.0.0.1"},
        {"Via": "1.1 proxy"}, {"Host": "konsol.example.go.id"}, {"X_Forwarded_Proto": "https"},
    ],
    ids=str,
)  # fmt: skip
async def test_a_proxy_beside_the_gateway_makes_nobody_this_machine(here: House, headers: dict[str, str]) -> None:
    assert await status(here, "/metrics", **headers) == 401


async def test_healthz_is_anybodys_and_nothing_else_is(here: House) -> None:
    assert await status(here, "/healthz", X_Forwarded_For="203.0.113.7") == 200
    for path in ("/", "/accounts", "/audit", "/audit.csv", "/account"):
        assert await status(here, path, X_Forwarded_For="203.0.113.7") == 303


async def test_status_shows_the_token_to_the_gateway_that_it_asks(here: House) -> None:
    settings = load(here.folder / "gateway.toml", {"LAPOR__HTTP__OPERATORS": here.url.removeprefix("http://")})
    found = await desk.status(settings)
    assert found.running
    assert "operator" in found.channels


async def test_without_a_token_nothing_opens_the_numbers_from_elsewhere(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        for shown in ("Bearer ", "Bearer", ""):
            assert await status(here, "/metrics", X_Forwarded_For="203.0.113.7", Authorization=shown) == 401
        assert await status(here, "/metrics") == 200
