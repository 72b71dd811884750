"""Signing in at another house, against one on loopback: what it says is believed when all of it fits, and nothing else is."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web

from gateway.console.access import id_token
from gateway.console.access.id_token import BadToken, Told
from gateway.console.access.oidc import Issuer, Leave, NoAnswer
from tests.fakes import idp as fake
from tests.fakes.idp import Idp

BACK = "http://127.0.0.1:9/masuk/kembali"


@dataclass
class Client:
    """As the settings have it."""

    issuer: str
    client_id: str = fake.CLIENT
    client_secret: str = field(default=fake.SECRET, repr=False)
    scope: str = "openid profile"


@pytest.fixture
async def idp() -> AsyncIterator[Idp]:
    async with fake.running() as one:
        yield one


async def back(leave: Leave) -> dict[str, str]:
    """What the browser brings back."""
    async with aiohttp.ClientSession() as session, session.get(leave.url, allow_redirects=False) as answer:
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}


async def signed_in(issuer: Issuer) -> Told:
    leave = await issuer.leave()
    brought = await back(leave)
    assert brought["state"] == leave.state
    return await issuer.told(brought["code"], leave.nonce, leave.verifier)


@pytest.mark.parametrize("signed", ["RS256", "ES256"])
@pytest.mark.parametrize("basic", [True, False])
async def test_who_comes_back_is_who_the_other_house_says(idp: Idp, signed: str, basic: bool) -> None:
    idp.signed, idp.basic = signed, basic
    told = await signed_in(Issuer(Client(idp.issuer), BACK))
    assert (told.subject, told.name) == ("u-1", "rini")
    assert id_token.role(told.claims, "groups", {"lapor-operator": "operator"}) == "operator"


@pytest.mark.parametrize("signed", ["none", "HS256", "stranger"])
async def test_a_token_that_the_other_house_did_not_sign_is_not_believed(idp: Idp, signed: str) -> None:
    idp.signed = signed
    with pytest.raises(BadToken):
        await signed_in(Issuer(Client(idp.issuer), BACK))


@pytest.mark.parametrize(
    "bent",
    [
        {"iss": "https://elsewhere.example"}, {"iss": None}, {"aud": "another-client"}, {"aud": [fake.CLIENT, "another"]},
        {"aud": None}, {"azp": "another-client"}, {"exp": 1_000_000_000}, {"exp": None}, {"exp": "soon"}, {"iat": None},
        {"iat": 4_000_000_000}, {"nonce": "of another browser"}, {"nonce": None}, {"sub": None}, {"sub": ""}, {"sub": 7},
    ],
    ids=str,
)  # fmt: skip
async def test_a_token_that_answers_something_else_is_not_believed(idp: Idp, bent: dict[str, Any]) -> None:
    idp.bent = bent
    with pytest.raises(BadToken):
        await signed_in(Issuer(Client(idp.issuer), BACK))


async def test_a_code_is_nothing_without_the_browser_that_asked_for_it(idp: Idp) -> None:
    issuer = Issuer(Client(idp.issuer), BACK)
    mine, others = await issuer.leave(), await issuer.leave()
    code = (await back(mine))["code"]
    with pytest.raises(NoAnswer):
        await issuer.told(code, others.nonce, others.verifier)


async def test_new_keys_of_the_other_house_are_fetched_once(idp: Idp) -> None:
    now = [1_000_000.0]
    issuer = Issuer(Client(idp.issuer), BACK, clock=lambda: now[0])
    with pytest.raises(BadToken):  # the clock of this test is long ago; the keys are known by now
        await signed_in(issuer)
    assert idp.calls.count("/keys") == 1
    idp.change_keys()
    with pytest.raises(BadToken):
        await signed_in(issuer)
    assert idp.calls.count("/keys") == 1, "within half a minute nobody makes us ask again"
    now[0] += 31
    with pytest.raises(BadToken):
        await signed_in(issuer)
    assert idp.calls.count("/keys") == 2


async def test_a_house_that_changed_its_keys_is_believed_again(idp: Idp) -> None:
    ahead = [0.0]
    issuer = Issuer(Client(idp.issuer), BACK, clock=lambda: time.time() + ahead[0])
    await signed_in(issuer)
    idp.change_keys()
    ahead[0] = 31.0
    assert (await signed_in(issuer)).name == "rini"


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token"])
@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=503), lambda: web.Response(text="<h1>Masuk</h1>", content_type="text/html"),
        lambda: web.Response(body=b"[" * 100_000), lambda: web.json_response({}), lambda: web.json_response({"keys": "none"}),
        lambda: web.Response(body=b'"' + b"x" * 2**20), lambda: web.Response(status=302, headers={"Location": "/elsewhere"}),
    ],
    ids=["503", "html", "deep", "empty", "wrong", "huge", "redirect"],
)  # fmt: skip
async def test_a_house_that_speaks_nonsense_is_away(idp: Idp, path: str, answer: Any) -> None:
    idp.broken = {path: answer()}
    with pytest.raises((NoAnswer, BadToken)):
        await signed_in(Issuer(Client(idp.issuer), BACK))
    assert "/elsewhere" not in idp.calls


async def test_an_issuer_that_says_it_is_another_is_not_asked_further(idp: Idp) -> None:
    with pytest.raises(NoAnswer):
        await Issuer(Client(idp.issuer + "/"), BACK).leave()


async def test_a_house_that_is_away_is_away() -> None:
    with pytest.raises(NoAnswer):
        await Issuer(Client("http://127.0.0.1:9"), BACK).leave()


@pytest.mark.parametrize(
    ("claims", "path", "role"),
    [
        ({"groups": ["lapor-admin", "x"]}, "groups", "admin"),
        ({"groups": ["lapor-viewer", "lapor-admin"]}, "groups", "admin"),
        ({"groups": "lapor-viewer"}, "groups", "viewer"),
        ({"realm_access": {"roles": ["lapor-viewer"]}}, "realm_access.roles", "viewer"),
        ({"groups": ["lapor-nothing", 7, None]}, "groups", None),
        ({"groups": {"lapor-admin": True}}, "groups", None),
        ({}, "groups", None),
    ],
)
def test_what_its_groups_mean_here(claims: dict[str, Any], path: str, role: str | None) -> None:
    assert id_token.role(claims, path, {"lapor-admin": "admin", "lapor-viewer": "viewer"}) == role
