"""The worklist at the operators' address, with a real server and a client as curl is one."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from config.settings import load
from gateway.app import running
from gateway.clerk import Read
from gateway.health import Health
from gateway.http import serving
from gateway.journal import Journal, Lines
from gateway.numbering import Numbering
from gateway.spool.home import Spool
from gateway.store.record import Settlement
from gateway.worklist_api import Desk, routes
from normalizer.complaint import encode
from tests.gateway.copying import TOKEN, Copying, copying
from tests.gateway.tiny import CITIZEN
from tests.gateway.whole import written
from tests.promises.stores import KEY, claimed

SUPERVISORS = "kunci-para-supervisor"


class Always:
    def enough(self) -> bool:
        return True


class Client:
    """Calls with a token, or without."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url = session, url

    async def call(self, method: str, path: str, *, token: str = TOKEN, by: str = "Rini", body: object = None) -> tuple[int, Any]:
        """Status, and the JSON that came; every refusal is a problem document."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if by:
            headers["X-Officer"] = by
        data = body if isinstance(body, bytes | io.BytesIO) else None
        async with self.session.request(method, self.url + path, headers=headers, data=data, json=None if data else body) as answer:
            found: Any = await answer.json(content_type=None) if answer.status != 204 else None
            if answer.status >= 400:
                assert answer.content_type == "application/problem+json"
                assert {"type", "title", "status", "code", "detail"} == set(found)
                assert found["status"] == answer.status
            assert answer.headers["Cache-Control"] == "no-store"
            return answer.status, found


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[tuple[Copying, Client]]:
    async with copying(tmp_path) as opened, _served(opened) as client:
        yield opened, client


@asynccontextmanager
async def _served(opened: Copying) -> AsyncIterator[Client]:
    here = opened.here
    spool = Spool(here.store, Path(), room=Always(), numbering=Numbering(KEY), journal=here.journal)
    health = Health(here.store, {}, Always(), here.metrics, ways={}, tenures={}, spool=spool)
    more = routes([
        Desk("x", "another-ledger-s-token", opened.worklist), Desk("y", "", opened.worklist), Desk("z", TOKEN, opened.worklist, SUPERVISORS)
    ])  # fmt: skip
    async with serving(("127.0.0.1", 0), health, here.journal, more=more) as port, aiohttp.ClientSession() as session:
        yield Client(session, f"http://127.0.0.1:{port}")


async def test_a_case_is_taken_given_a_number_and_taken_back(at: tuple[Copying, Client]) -> None:
    opened, client = at
    code = (await opened.put()).reference
    status, work = await client.call("GET", "/worklist/next")
    assert (status, work["code"], work["sheet"]["sender"]) == (200, code, CITIZEN)
    assert code in work["sheet"]["block"]
    status, lines = await client.call("GET", "/worklist")
    assert (status, [(line["code"], line["by"]) for line in lines]) == (200, [(code, "Rini")])
    done = {"code": code, "step": "done", "tracking_id": "8112829"}
    assert await client.call("POST", f"/worklist/{code}/done", body={"tracking_id": "#8112829"}) == (200, done)
    assert await client.call("POST", f"/worklist/{code}/done", body={"tracking_id": 8112829}) == (200, done)
    assert await client.call("GET", "/worklist") == (200, [])
    assert await client.call("GET", "/worklist/next") == (204, None)
    back = {"code": code, "step": "worklist", "tracking_id": ""}
    assert await client.call("POST", f"/worklist/{code}/undo") == (200, back)
    await client.call("GET", "/worklist/next")
    assert await client.call("POST", f"/worklist/{code}/put-back", by="", body={"by": "Budi"}) == (200, back)
    assert (await client.call("POST", f"/worklist/{code}/set-aside"))[0] == 422
    aside = {"code": code, "step": "parked", "tracking_id": ""}
    assert await client.call("POST", f"/worklist/{code}/set-aside", body={"reason": "uji coba"}) == (200, aside)
    assert (await client.call("POST", f"/worklist/{code}/set-aside", body={"reason": "uji coba"}))[0] == 409
    life = await opened.here.life(code)
    assert [(act.by, act.act) for act in life.acts] == [
        ("Rini", "next"),
        ("Rini", "done"),
        ("Rini", "undo"),
        ("Rini", "next"),
        ("Budi", "put back"),
        ("Rini", "set aside"),
    ]


async def confidential(opened: Copying) -> str:
    """A case whose record alone says that it is; its code."""
    code = (await opened.here.put(f"{CITIZEN}|jalan rusak di depan pasar")).reference
    (claim,) = await claimed(opened.here.store, 1)
    read = opened.here.clerk.read(claim.case)
    assert isinstance(read, Read)
    record = encode(msgspec.structs.replace(read.complaint, privacy="rahasia"))
    assert await opened.here.store.settle(Settlement(claim=claim, step="worklist", record=record))
    return code


async def test_what_is_for_few_eyes_is_for_the_supervisors_token(at: tuple[Copying, Client]) -> None:
    opened, client = at
    secret = await confidential(opened)
    plain = (await opened.put(sender="+6281200000002")).reference
    acts: list[tuple[str, object]] = [
        ("done", {"tracking_id": "8112829"}), ("undo", {}), ("put-back", {}), ("set-aside", {"reason": "uji coba"})
    ]  # fmt: skip
    for act, body in acts:
        status, problem = await client.call("POST", f"/worklist/{secret}/{act}", body=body)
        assert (status, problem["code"]) == (403, "forbidden")
    assert (await opened.here.life(secret)).acts == ()
    assert (await client.call("GET", "/worklist/next"))[1]["code"] == plain
    assert (await client.call("GET", "/worklist/next", token=SUPERVISORS, by="Budi"))[1]["code"] == secret
    status, done = await client.call("POST", f"/worklist/{secret}/done", token=SUPERVISORS, by="Budi", body={"tracking_id": "8112829"})
    assert (status, done["step"]) == (200, "done")
    assert (await client.call("POST", f"/worklist/{secret}/undo"))[0] == 403


@pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), "kunci é"])
async def test_nothing_is_told_to_whoever_shows_no_token(at: tuple[Copying, Client], token: str) -> None:
    opened, client = at
    code = (await opened.put()).reference
    calls = [
        ("GET", "/worklist"),
        ("GET", "/worklist/next"),
        *(("POST", f"/worklist/{code}/{act}") for act in ("done", "undo", "put-back")),
    ]
    for method, path in calls:
        status, problem = await client.call(method, path, token=token)
        assert (status, problem["code"]) == (401, "unauthorized")
        assert code not in str(problem)
    assert (await opened.here.life(code)).acts == ()


async def test_another_scheme_opens_nothing(at: tuple[Copying, Client]) -> None:
    _, client = at
    async with client.session.get(f"{client.url}/worklist", headers={"Authorization": f"Basic {TOKEN}"}) as answer:
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_refusals_are_problems_with_a_sentence(at: tuple[Copying, Client]) -> None:
    opened, client = at
    code = (await opened.put()).reference
    done = f"/worklist/{code}/done"

    async def refused(path: str, **more: Any) -> tuple[int, str]:
        status, problem = await client.call("POST", path, **more)
        return status, problem["code"]

    assert await refused(done, body={"tracking_id": "12"}) == (422, "invalid")
    assert await refused(done, by="", body={"tracking_id": "8112829"}) == (422, "invalid")
    assert await refused(done, body={"tracking_id": "8112829", "by": "x" * 41}) == (422, "invalid")
    assert await refused(done) == (409, "conflict")
    assert await refused("/worklist/0000-0000-0000/done", body={"tracking_id": "8112829"}) == (404, "unknown")
    assert await refused("/worklist/%20/undo") == (404, "unknown")
    for body in (b"{", b"[]", b'{"tracking_id": {}}', b'{"by": 7}', b'{"by": "\xff"}', b"\xff"):
        assert await refused(done, body=body) == (400, "bad_request")
    assert await refused(done, body=io.BytesIO(b" " * 2**21)) == (413, "too_large")
    assert (await opened.here.life(code)).acts == ()


@pytest.mark.parametrize(("table", "status"), [(f'token = "{TOKEN}"', 401), ("", 404)])
async def test_the_gateway_serves_it_only_with_a_token_in_its_settings(tmp_path: Path, table: str, status: int) -> None:
    config = written(tmp_path, f'[ledger]\nkind = "worklist"\n{table}\n')
    async with running(load(config, {}), Journal(Lines(io.BytesIO())), "doors") as started, aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{started.operators}/worklist") as answer:
            assert answer.status == status
        if status == 401:
            async with session.get(
                f"http://127.0.0.1:{started.operators}/worklist", headers={"Authorization": f"Bearer {TOKEN}"}
            ) as answer:
                assert (answer.status, await answer.json()) == (200, [])
