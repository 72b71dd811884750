"""How a line shows who calls: HTTP Basic, an OAuth 2 token, a certificate; against real servers."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from yarl import URL

from channels.base import Unavailable
from forwarder import http_ledger
from forwarder.http_ledger import Settings
from forwarder.ledger import Registration
from forwarder.line import Access, Line, OAuth2, Tls, basic
from tests.forwarder.records import complaint

SECRET = "kunci-klien"
AT = datetime(2026, 11, 1, tzinfo=UTC)


class Office:
    """A ledger that answers every call with who asked, and a token server beside it."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[str] = []
        self.forms: list[dict[str, Any]] = []
        #: what the token server says next instead of a token
        self.instead: list[web.Response] = []
        self.lasts: float | None = 3600
        #: tokens that are taken back
        self.revoked: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self, stack: AsyncExitStack, tls: ssl.SSLContext | None = None) -> None:
        app = web.Application()
        app.router.add_post("/token", self._token)
        app.router.add_route("*", "/api/{rest:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        self.port = site.port

    async def _token(self, request: web.Request) -> web.Response:
        self.forms.append({**await request.post(), "who": request.headers["Authorization"]})
        if self.instead:
            return self.instead.pop(0)
        given: dict[str, object] = {"access_token": f"token-{len(self.forms)}", "token_type": "Bearer"}
        return web.json_response(given | ({"expires_in": self.lasts} if self.lasts is not None else {}))

    async def _answer(self, request: web.Request) -> web.Response:
        who = request.headers.get("Authorization", "")
        self.asked.append(who)
        if who.removeprefix("Bearer ") in self.revoked:
            return web.Response(status=401)
        found = {"reference": request.query.get("reference"), "tracking_id": "9000001", "registered_at": "2026-11-01T00:00:00Z"}
        return web.json_response(found, status=201 if request.method == "POST" else 200)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def office(stack: AsyncExitStack) -> Office:
    office = Office()
    await office.open(stack)
    return office


def _grant(office: Office, **more: str) -> OAuth2:
    return OAuth2(token_url=f"{office.url}/token", client_id="gerbang", client_secret=SECRET, **more)


async def _line(stack: AsyncExitStack, *, oauth2: OAuth2 | None = None, tls: Tls | None = None) -> Line:
    line = Line(Access(5, 4, tls=tls or Tls(), oauth2=oauth2))
    stack.push_async_callback(line.close)
    return line


async def test_basic_goes_with_every_call_of_the_http_ledger(office: Office) -> None:
    ledger = http_ledger.ledger("l", Settings(url=f"{office.url}/api", username="dinas", password=SECRET), Path(), lambda: AT)
    (answer,) = await ledger.register([complaint()])
    await ledger.close()
    assert isinstance(answer, Registration)
    assert office.asked == [basic("dinas", SECRET)]


async def test_one_token_serves_many_calls(office: Office, stack: AsyncExitStack) -> None:
    line = await _line(stack, oauth2=_grant(office, scope="laporan"))
    for _ in range(3):
        assert (await line.call("GET", URL(f"{office.url}/api/x"))).status == 200
    assert office.asked == ["Bearer token-1"] * 3
    assert office.forms == [{"grant_type": "client_credentials", "scope": "laporan", "who": basic("gerbang", SECRET)}]


async def test_a_token_that_ran_out_or_was_taken_back_is_asked_for_once_more(office: Office, stack: AsyncExitStack) -> None:
    line = await _line(stack, oauth2=_grant(office))
    await line.call("GET", URL(f"{office.url}/api/x"))
    office.revoked.add("token-1")
    assert (await line.call("GET", URL(f"{office.url}/api/x"))).status == 200
    office.revoked.add("token-2")
    office.revoked.add("token-3")
    assert (await line.call("GET", URL(f"{office.url}/api/x"))).status == 401
    assert office.asked == [f"Bearer token-{n}" for n in (1, 1, 2, 2, 3)]


async def test_a_server_that_does_not_say_how_long_its_token_lasts_is_believed_for_a_while(office: Office, stack: AsyncExitStack) -> None:
    office.lasts = None
    line = await _line(stack, oauth2=_grant(office))
    for _ in range(2):
        await line.call("GET", URL(f"{office.url}/api/x"))
    assert len(office.forms) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500},
        {"status": 401, "body": b'{"error": "invalid_client"}'},
        {"body": b"<h1>Masuk</h1>"},
        {"body": b'{"token_type": "Bearer"}'},
        {"body": b'{"access_token": "a", "token_type": "mac"}'},
        {"body": b'{"access_token": "a\\nX-Evil: 1", "token_type": "Bearer"}'},
        {"body": b"[" * 100_000},
    ],
)
async def test_without_a_token_nothing_is_sent_and_it_is_known_that_nothing_was(
    office: Office, stack: AsyncExitStack, answer: dict[str, Any]
) -> None:
    line = await _line(stack, oauth2=_grant(office))
    office.instead.append(web.Response(**answer))
    with pytest.raises(Unavailable) as failed:
        await line.call("POST", URL(f"{office.url}/api/complaints"), b"{}")
    assert (failed.value.code, failed.value.unsure, office.asked) == ("no_token", False, [])
    assert (await line.call("GET", URL(f"{office.url}/api/x"))).status == 200


async def test_a_ledger_that_asks_for_our_certificate_gets_it(stack: AsyncExitStack, tmp_path: Path) -> None:
    ours, theirs = trustme.CA(), trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.issue_cert("127.0.0.1").configure_cert(context)
    ours.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    office = Office()
    await office.open(stack, context)
    theirs.cert_pem.write_to_path(tmp_path / "ca.pem")
    client = ours.issue_cert("gerbang.example")
    client.private_key_pem.write_to_path(tmp_path / "key.pem")
    client.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    known = Tls(ca=str(tmp_path / "ca.pem"), cert=str(tmp_path / "cert.pem"), key=str(tmp_path / "key.pem"))
    url = URL(f"https://127.0.0.1:{office.port}/api/x")
    assert (await (await _line(stack, tls=known)).call("GET", url)).status == 200
    with pytest.raises(Unavailable):
        await (await _line(stack, tls=Tls(ca=known.ca))).call("GET", url)


@pytest.mark.parametrize("fault", ["expired", "stranger", "another_name"])
async def test_a_certificate_that_cannot_be_believed_is_a_fault_of_its_own_and_nothing_is_sent(
    stack: AsyncExitStack, tmp_path: Path, fault: str
) -> None:
    trusted = trustme.CA()
    issuer = trustme.CA() if fault == "stranger" else trusted
    ends = datetime.now(UTC) - timedelta(days=1) if fault == "expired" else None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    name = "elsewhere.example" if fault == "another_name" else "127.0.0.1"
    issuer.issue_cert(name, not_before=datetime.now(UTC) - timedelta(days=9), not_after=ends).configure_cert(context)
    office = Office()
    await office.open(stack, context)
    trusted.cert_pem.write_to_path(tmp_path / "ca.pem")
    line = await _line(stack, tls=Tls(ca=str(tmp_path / "ca.pem")))
    with pytest.raises(Unavailable) as failed:
        await line.call("GET", URL(f"https://127.0.0.1:{office.port}/api/x"))
    assert (failed.value.code, failed.value.unsure, office.asked) == ("certificate", False, [])


def test_a_certificate_that_is_not_there_is_named_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nowhere\.pem"):
        Line(Access(1, 1, tls=Tls(ca=str(tmp_path / "nowhere.pem"))))
    (tmp_path / "rot.pem").write_text("rot")
    with pytest.raises(ValueError, match="cannot be used"):
        Line(Access(1, 1, tls=Tls(cert=str(tmp_path / "rot.pem"), key=str(tmp_path / "rot.pem"))))
    with pytest.raises(ValueError, match="go together"):
        Line(Access(1, 1, tls=Tls(cert=str(tmp_path / "rot.pem"))))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"token": "a", "username": "b"}, "keep one"),
        ({"token": "a", "oauth2_token_url": "https://token.example"}, "keep one"),
        ({"oauth2_token_url": "ftp://token.example"}, "oauth2_token_url must look like"),
        ({"token": "a\nb"}, "token has characters"),
        ({"url": "https://user@ledger.example"}, "url must look like"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Settings(**({"url": "https://ledger.example"} | keys))


def test_no_secret_shows_in_settings() -> None:
    settings = Settings(url="https://ledger.example", oauth2_token_url="https://token.example/t", oauth2_client_secret=SECRET)
    assert SECRET not in repr(settings)
