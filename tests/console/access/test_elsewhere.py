"""Signing in at another house, against a whole gateway and a provider on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import apsw
import pytest
import pytest_asyncio

from tests.console.opened import SETTINGS, Answer, House, Officer, house, officer
from tests.fakes import idp as fake
from tests.fakes.idp import Idp
from tests.fakes.ports import free_port

OIDC = """url = "http://127.0.0.1:{port}"
[console.oidc]
issuer = "{issuer}"
client_id = "{client}"
client_secret = "{secret}"
roles = {{ "lapor-operator" = "operator", "lapor-admin" = "admin", "lapor-viewer" = "viewer" }}
"""

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Both(NamedTuple):
    """A console and the house at which its officers sign in."""

    here: House
    idp: Idp


@asynccontextmanager
async def joined(folder: Path) -> AsyncIterator[Both]:
    port = free_port()
    async with fake.running() as idp:
        oidc = OIDC.format(port=port, issuer=idp.issuer, client=fake.CLIENT, secret=fake.SECRET).replace("{", "{{").replace("}", "}}")
        settings = SETTINGS.replace('operators = "127.0.0.1:0"', f'operators = "127.0.0.1:{port}"') + oidc
        async with house(folder, settings) as here:
            yield Both(here, idp)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Both]:
    async with joined(tmp_path_factory.mktemp("house")) as one:
        yield one


async def through(at: Officer, to: str = "/") -> Answer:
    """Out, through the other house, and back."""
    out = await at.get(f"/sign-in/elsewhere?to={quote(to, safe='')}")
    assert out.status == 303
    async with at.session.get(out.headers["Location"], allow_redirects=False) as answer:
        back = urlsplit(answer.headers["Location"])
    return await at.get(f"{back.path}?{back.query}")


def came(idp: Idp, name: str, *groups: str, **bent: Any) -> None:
    idp.claims, idp.bent = {"sub": f"u-{name}", "preferred_username": name, "groups": list(groups)}, bent


async def test_who_comes_from_the_other_house_has_the_role_that_its_groups_mean(both: Both) -> None:
    came(both.idp, "Rini.Rahayu@pemda.example", "lapor-operator", "staf")
    async with officer(both.here, None) as rini:
        answer = await through(rini, "/account")
        assert (answer.status, answer.headers["Location"]) == (303, "/account")
        page = (await rini.get("/account")).text
        assert "rini.rahayu" in page
        assert "Operator" in page
        assert "current-password" not in page, "there is no password here that could be changed"
        assert (await rini.get("/accounts")).status == 403
        came(both.idp, "Rini.Rahayu@pemda.example", "lapor-admin")
        await through(rini)
        assert (await rini.get("/accounts")).status == 200, "no second proof of ours is asked of who comes from there"


@pytest.mark.parametrize("groups", [[], ["staf"], ["lapor-nothing"]])
async def test_who_has_no_group_that_means_a_role_does_not_come_in(both: Both, groups: list[str]) -> None:
    came(both.idp, "tono", *groups)
    async with officer(both.here, None) as tono:
        assert (await through(tono)).headers["Location"] == "/sign-in?elsewhere=failed"
        assert (await tono.get("/")).status == 303


async def test_nobody_from_there_takes_over_an_account_of_this_house(both: Both) -> None:
    came(both.idp, "admin", "lapor-viewer")
    async with officer(both.here, None) as stranger:
        assert (await through(stranger)).headers["Location"] == "/sign-in?elsewhere=failed"
    async with officer(both.here, "admin") as admin:
        assert (await admin.get("/accounts")).status == 200


async def test_who_is_disabled_here_does_not_come_back_from_there(both: Both) -> None:
    came(both.idp, "budi", "lapor-operator")
    async with officer(both.here, "admin") as admin, officer(both.here, None) as budi:
        await through(budi)
        assert (await budi.get("/")).status == 200
        await admin.post("/accounts/disable", name="budi")
        assert (await budi.get("/")).status == 303
        assert (await through(budi)).headers["Location"] == "/sign-in?elsewhere=failed"
        assert (await admin.post("/accounts/reset", name="budi")).status == 422, "there is no password of his here"


async def test_what_comes_back_is_taken_from_the_browser_that_left_and_once(both: Both) -> None:
    came(both.idp, "sari", "lapor-operator")
    async with officer(both.here, None) as sari, officer(both.here, None) as victim:
        out = await sari.get("/sign-in/elsewhere")
        async with sari.session.get(out.headers["Location"], allow_redirects=False) as answer:
            back = urlsplit(answer.headers["Location"])
        path = f"{back.path}?{back.query}"
        assert (await victim.get(path)).headers["Location"] == "/sign-in?elsewhere=failed", "else one is signed in as somebody else"
        assert (await sari.get(path.replace("state=", "state=x"))).headers["Location"] == "/sign-in?elsewhere=failed"
        assert (await sari.get(path)).headers["Location"] == "/"
        assert (await sari.get(path)).headers["Location"] == "/sign-in?elsewhere=failed"


@pytest.mark.parametrize("bent", [{"nonce": "another"}, {"aud": "another"}, {"exp": 1}], ids=str)
async def test_a_token_that_is_not_believed_signs_nobody_in_and_stands_in_the_audit(both: Both, bent: dict[str, Any]) -> None:
    came(both.idp, "dewi", "lapor-admin", **bent)
    async with officer(both.here, None) as dewi:
        assert (await through(dewi)).headers["Location"] == "/sign-in?elsewhere=failed"
        assert "Akun instansi" in (await dewi.get("/sign-in?elsewhere=failed")).text
    with apsw.Connection(str(both.here.folder / "var" / "console.db")) as db:
        assert db.execute("SELECT act FROM audit ORDER BY id DESC LIMIT 1").get == "session.elsewhere_refused"


async def test_another_house_that_is_away_leaves_the_door_of_this_one_open(both: Both) -> None:
    both.idp.broken = {"/token": fake.away()}
    came(both.idp, "wati", "lapor-operator")
    async with officer(both.here, None) as wati:
        assert (await through(wati)).headers["Location"] == "/sign-in?elsewhere=failed"
        both.idp.broken = {}
        assert (await wati.sign_in("viewer")).status == 303


async def test_an_address_of_somebody_else_s_is_not_gone_to(both: Both) -> None:
    came(both.idp, "lina", "lapor-viewer")
    async with officer(both.here, None) as lina:
        assert (await through(lina, "//elsewhere.example")).headers["Location"] == "/"
