"""Who may open what: every route of the operators' address against every role, from the route table of a running gateway.

A page whose rule is missing here or there fails: what has no `Page` before it must stand in `BARE`, and what anybody may open in `ANYONE`.
"""

from __future__ import annotations

import gc
import html
import re
import time
from collections.abc import AsyncIterator, Iterator

import aiohttp
import apsw
import pytest
import pytest_asyncio
from aiohttp import web

from gateway.console import cabinet, room, words
from gateway.console.alerts.book import Plan, open_alerts, turn
from gateway.console.alerts.signs import KINDS, Sign
from gateway.console.guard import Guard
from gateway.console.page import Page
from gateway.console.roles import ROLES, Role, may
from tests.console.opened import SETTINGS, House, house, officer
from tests.console.seen import AGO

#: without a rule of the console: anybody's, this machine's or a token's; each is tested where it lives
BARE = {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/static/{digest}/{name}")}
#: what must be there before one is signed in
ANYONE = {
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/sign-in/elsewhere"),
    ("GET", "/sign-in/back"),
    ("GET", "/invited/{token}"),
    ("POST", "/invited/{token}"),
    ("POST", "/language"),
}
#: what admins alone do: a page that is added there is thought about
ADMIN = {
    ("GET", "/accounts"),
    *(("POST", f"/accounts/{deed}") for deed in ("add", "role", "disable", "enable", "reset")),
    ("GET", "/audit"),
    ("GET", "/audit.csv"),
}

#: of gateways that tests before these have run, and that nobody has collected yet
EARLIER: list[web.Application] = []

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    # with the pages of those who copy by hand, too
    settings = SETTINGS.replace('kind = "embedded"', 'kind = "worklist"')
    EARLIER[:] = apps()
    async with house(tmp_path_factory.mktemp("house"), settings) as one:
        yield one


def routes() -> Iterator[tuple[str, str, object]]:
    """Of the operators' address of the gateway that runs in this process: method, path, what answers."""
    for app in (each for each in apps() if each not in EARLIER):
        for route in app.router.routes():
            if route.method != "HEAD" and route.resource is not None:
                yield route.method, route.resource.canonical, route.handler


def apps() -> list[web.Application]:
    """Of every address of operators in this process."""
    return [each for each in gc.get_objects() if isinstance(each, web.Application) and "/healthz" in paths(each)]


def paths(app: web.Application) -> set[str]:
    return {resource.canonical for resource in app.router.resources()}


def pages() -> dict[tuple[str, str], Page]:
    """Those that a guard stands before."""
    found = {(method, path): getattr(handler, "__self__", None) for method, path, handler in routes()}
    return {key: guard.page for key, guard in found.items() if isinstance(guard, Guard)}


def address(path: str) -> str:
    """One that fits the path; whatever it names is not there."""
    return re.sub(r"\{[^}]*\}", "0", path)


async def test_every_route_has_a_rule(here: House) -> None:
    every = {(method, path) for method, path, _ in routes()}
    assert every - set(pages()) == BARE
    assert {key for key, page in pages().items() if page.role == "anyone"} == ANYONE & every
    assert {key for key, page in pages().items() if page.role == "admin"} >= ADMIN
    assert not {key for key, page in pages().items() if key[0] == "POST" and page.role == "viewer"} - VIEWERS, "an act of a viewer"


#: what a viewer does changes nothing but what is his own
VIEWERS = {("POST", "/sign-out"), *(("POST", f"/account/{deed}") for deed in ("password", "second", "recovery", "sessions"))}


@pytest.mark.parametrize("role", [None, *ROLES])
async def test_each_role_opens_what_it_may_and_nothing_else(here: House, role: Role | None) -> None:
    """Acts are sent without what they need, so none is done: refused by role is 403, by the sign-in page 303 to it."""
    async with officer(here, role) as visitor:
        for (method, path), page in pages().items():
            if path == "/sign-out" or page.role == "anyone":
                continue
            status, where = await asked(visitor.session, here, method, path)
            if role is None:
                assert (status, where) in {(303, "/sign-in"), (401, "")}, (method, path)
            elif not may(role, page.role):
                assert status == 403, (method, path)
            else:
                assert status not in {401, 403}, (method, path)
                assert where != "/sign-in", (method, path)


async def asked(session: aiohttp.ClientSession, here: House, method: str, path: str) -> tuple[int, str]:
    """The status, and where it leads. What goes on for ever is left at its head."""
    async with session.request(method, here.url + address(path), headers={"Origin": here.url}, allow_redirects=False) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        return answer.status, answer.headers.get("Location", "").partition("?")[0]


@pytest.mark.parametrize(
    "proof",
    [{}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
    ids=str,
)
async def test_no_act_is_done_for_a_page_that_is_not_ours(here: House, proof: dict[str, str]) -> None:
    acts = [path for (method, path), _ in pages().items() if method == "POST"]
    assert len(acts) >= 10
    async with officer(here, "admin") as admin:
        for path in acts:
            async with admin.session.post(here.url + address(path), headers=proof, allow_redirects=False) as answer:
                assert answer.status == 403, path
        assert (await admin.get("/")).status == 200


async def test_the_server_s_own_answers_carry_the_headers_too(here: House) -> None:
    async with aiohttp.ClientSession() as session:
        for method, path, status in (("GET", "/nowhere", 404), ("PUT", "/", 405), ("GET", "/healthz", 200)):
            async with session.request(method, here.url + path) as answer:
                assert answer.status == status
                assert answer.headers["Cache-Control"] == "no-store"
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                assert answer.headers["Server"] == "lapor-gateway"


# --- in which language ---


def phrases(language: words.Language) -> set[str]:
    """What stands around the values, where it is long enough to be of one language."""
    texts = [text for file in vars(words.load()[language]).values() for text in vars(file).values()]
    return {part.strip() for text in texts for part in re.split(r"\{[^}]*\}", text) if len(part.strip()) > 11}


@pytest.mark.parametrize(("language", "foreign"), [("en", "id"), ("id", "en")])
async def test_a_page_holds_no_words_of_the_other_language(here: House, language: words.Language, foreign: words.Language) -> None:
    theirs = phrases(foreign) - phrases(language)
    one = await every_alert(here)
    async with officer(here, "admin") as admin:
        await admin.post("/language", language=language, to="/")
        for path in [f"/alerts/{one}", *(address(path) for (method, path), _ in pages().items() if method == "GET" and "live" not in path)]:
            async with admin.session.get(here.url + path) as answer:
                page = html.unescape(await answer.text()) if answer.content_type == "text/html" else ""
            assert {phrase for phrase in theirs if phrase in page} == set(), path


async def every_alert(here: House) -> int:
    """One of each kind is open; the number of the first."""
    now, signs = time.time(), [Sign(kind=kind, on="operator", since=AGO, figure=12) for kind in KINDS]

    def twice(db: apsw.Connection) -> None:  # at once, so that no round of the watch comes between
        for at in (now - 3600, now - 3400):
            turn(db, signs, at, Plan([], 900))

    async with cabinet.opened(here.folder / "var", room.TABLES) as file:
        await file.run(twice)
        return (await file.run(open_alerts))[0].id


#: half of a sign in each field that a page knows: no UTF-8 is made of it
HALVES = "&".join(rf"{name}=\ud800" for name in ("name", "password", "words", "english", "until", "case", "reason", "channel")).encode()


async def test_no_act_falls_over_what_is_no_form(here: House) -> None:
    acts = sorted(path for (method, path), page in pages().items() if method == "POST" and path != "/sign-out")
    fell = here.log.getvalue().count(b"answer_fell")
    async with officer(here, "admin") as admin:
        for path in acts:
            for kind, body in (
                ("application/x-www-form-urlencoded", b"\xff\xfe=%ff"),
                ("application/x-www-form-urlencoded; charset=nonsense", b"a=b"),
                ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
                ("application/x-www-form-urlencoded; charset=unicode_escape", HALVES),
            ):
                headers = {"Origin": here.url, "Content-Type": kind}
                async with admin.session.post(f"{here.url}{address(path)}", data=body, headers=headers, allow_redirects=False) as answer:
                    assert answer.status < 500, path
    assert here.log.getvalue().count(b"answer_fell") == fell


async def test_the_life_of_a_case_that_nobody_has_is_no_stream(here: House) -> None:
    async with officer(here, "viewer") as viewer:
        assert (await viewer.get("/live/case/7K3Q9FXM2CH4")).status == 404
