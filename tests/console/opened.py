"""A console that is open, and officers of every role before it; for the tests of its pages."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from config.settings import load
from gateway.app import running
from gateway.console import cabinet, room
from gateway.console.access.accounts import Accounts
from gateway.console.access.sessions import COOKIE
from gateway.console.roles import ROLES, Role
from gateway.journal import Journal, Lines
from tests.fakes import smsc as fake_smsc
from tests.fakes.smsc import Smsc

#: of every officer; a name is its role
PASSWORD = "kata sandi yang panjang"
#: a gateway with a form; its ledger stands before this, and what a test adds for the console behind it
ROOM = """
[gateway]
data_dir = "{folder}/var"
[http]
public = "127.0.0.1:0"
operators = "127.0.0.1:0"
[store]
url = "sqlite:///{folder}/var/gateway.db"
[channels.web]
kind = "web.site"
[console]
second_proof = "nobody"
"""
SETTINGS = f"""
[ledger]
kind = "embedded"
[channels.operator]
kind = "sms.esme"
host = "127.0.0.1"
port = {{port}}
system_id = "lapor"
password = "rahasia"
{ROOM}"""
#: a console's file in which an officer of each role has an account, once it was made: each password takes a tenth of a second
_staff: list[bytes] = []


class Answer(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    text: str
    headers: Mapping[str, str]


class Officer(msgspec.Struct):
    """Signed in, with a cookie, as a browser would be."""

    url: str
    session: aiohttp.ClientSession

    async def get(self, path: str) -> Answer:
        async with self.session.get(self.url + path, allow_redirects=False) as answer:
            return Answer(answer.status, await answer.text(), answer.headers)

    async def post(self, path: str, **fields: str) -> Answer:
        async with self.session.post(self.url + path, data=fields, headers={"Origin": self.url}, allow_redirects=False) as answer:
            return Answer(answer.status, await answer.text(), answer.headers)

    async def sign_in(self, name: str, password: str = PASSWORD) -> Answer:
        return await self.post("/sign-in", name=name, password=password)

    @property
    def cookie(self) -> str:
        """As a browser would have it, for one that is driven."""
        return next(each.value for each in self.session.cookie_jar if each.key == COOKIE)


class House(msgspec.Struct):
    """A running gateway with a bind and the web door."""

    url: str
    public: int
    smsc: Smsc
    folder: Path
    log: io.BytesIO


async def staff(folder: Path) -> None:
    """An officer of each role gets an account."""
    kept = folder / cabinet.FILE
    fresh = not kept.exists()
    if fresh and _staff:
        folder.mkdir(parents=True, exist_ok=True)
        kept.touch(0o600)
        kept.write_bytes(_staff[0])
        return
    async with cabinet.opened(folder, room.TABLES) as file:
        for role in ROLES:
            await Accounts(file).add(role, role, PASSWORD, by="test")
    if fresh:
        _staff.append(kept.read_bytes())


@asynccontextmanager
async def house(folder: Path, settings: str = SETTINGS) -> AsyncIterator[House]:
    """Started; an officer of each role has an account."""
    await staff(folder / "var")
    log = io.BytesIO()
    async with fake_smsc.running() as smsc:
        (folder / "gateway.toml").write_text(settings.format(folder=folder, port=smsc.port), encoding="utf-8")
        async with running(load(folder / "gateway.toml", {}), Journal(Lines(log))) as gateway:
            assert gateway.public
            yield House(f"http://127.0.0.1:{gateway.operators}", gateway.public, smsc, folder, log)


@asynccontextmanager
async def officer(of: House, role: Role | None) -> AsyncIterator[Officer]:
    """Signed in with this role; None: somebody at the sign-in page."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        visitor = Officer(of.url, session)
        if role is not None:
            assert (await visitor.sign_in(role)).status == 303
        yield visitor
