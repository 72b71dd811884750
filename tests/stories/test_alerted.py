"""Two machines on one Redis, each with its console: what an officer does at one is so at the other, and an alert is told by one of them.

An operator's line is lost. The first recipient is told by mail, the next by a call of a program, and the third never, because an officer at
the other console took it on; the machine that told them is killed, and the other one tells them when it is over. How long it took is
printed (`pytest -s`); the waiting that an alert takes is shortened in the console's file.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiohttp import web

from gateway.console import cabinet, room
from gateway.console.access.accounts import Accounts
from gateway.console.words import load
from tests.console.opened import PASSWORD, Officer
from tests.fakes import smsc as fake_smsc
from tests.fakes.redis_server import missing, server
from tests.fakes.smtp_sink import Sink, sinking
from tests.stories.process import GatewayProcess

TABLES = """
[channels.web]
kind = "web.site"
[console]
second_proof = "nobody"
[alerts]
escalate_min = 60
mail_from = "gateway@kota.example"
smtp_url = "smtp://gateway:kunci@127.0.0.1:{mail}"
telegram_token = "12345:latihan"
telegram_api = "{calls}"
webhook_secret = "rahasia yang panjang"
[[alerts.recipients]]
name = "piket"
mail = "piket@kota.example"
[[alerts.recipients]]
name = "pusat"
webhook = "{calls}/alerts"
[[alerts.recipients]]
name = "kepala"
telegram = "-1001"
"""
WORDS = load()["id"].alerts
DOWN = "channel_down:operator"


class Calls(msgspec.Struct):
    """What programs were called with: news and keys, and how often the bot was."""

    url: str = ""
    heard: list[tuple[str, str]] = []
    bot: int = 0

    async def take(self, request: web.Request) -> web.Response:
        if "/bot" in request.path:
            self.bot += 1
        else:
            self.heard += [(each["news"], each["key"]) for each in (await request.json())["alerts"]]
        return web.json_response({"ok": True})


@asynccontextmanager
async def called() -> AsyncIterator[Calls]:
    calls, app = Calls(), web.Application()
    app.router.add_post("/{rest:.*}", calls.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    calls.url = f"http://127.0.0.1:{site.port}"
    try:
        yield calls
    finally:
        await runner.cleanup()


def subjects(sink: Sink) -> list[str]:
    return [str(email.message_from_bytes(mail.content, policy=email.policy.SMTP)["Subject"]) for mail in sink.mails]


async def until(claim: Callable[[], object], words: str) -> None:
    async with asyncio.timeout(90):
        while not claim():
            await asyncio.sleep(0.1)
    print(words)


class Machine:
    """One of the two, and an officer at its console."""

    def __init__(self, gateway: GatewayProcess, officer: Officer) -> None:
        self.gateway, self.officer = gateway, officer

    def book(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """What the console's file says, or is made to say."""
        with closing(sqlite3.connect(self.gateway.data / "console.db", timeout=60)) as db, db:
            return list(db.execute(sql, values))

    def there(self, what: str) -> bool:
        return bool(self.book(f"SELECT 1 FROM alerts WHERE key=? AND closed IS NULL AND {what}", DOWN))

    async def until_paused(self, wanted: float) -> None:
        async with asyncio.timeout(30):
            while await self.gateway.metric('lapor_channel_paused{channel="web"}') != wanted:
                await asyncio.sleep(0.1)

    async def sees(self, path: str, *words: str) -> None:
        async with asyncio.timeout(60):
            while True:
                page = (await self.officer.get(path)).text
                if all(each in page for each in words):
                    return
                await asyncio.sleep(0.2)


async def made(stack: AsyncExitStack, folder: Path, *, smsc: int, store: str, tables: str) -> Machine:
    """Started; "operator" may sign in."""
    (folder / "var").mkdir(parents=True)
    (folder / "var" / "secret").write_text("5a" * 32, encoding="ascii")
    async with cabinet.opened(folder / "var", room.TABLES) as file:
        await Accounts(file).add("operator", "operator", PASSWORD, by="test")
    gateway = GatewayProcess(folder, ledger='kind = "embedded"', smsc=smsc, tables=tables, store=store)
    stack.callback(gateway.kill)
    gateway.spawn()
    await until(lambda: '"event":"started"' in gateway.said, f"{folder.name} has started")
    jar = aiohttp.CookieJar(unsafe=True)
    session = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
    officer = Officer(f"http://127.0.0.1:{gateway.operators}", session)
    assert (await officer.sign_in("operator")).status == 303
    return Machine(gateway, officer)


@pytest.mark.skipif(bool(missing()), reason=missing())
async def test_two_consoles_on_one_store_are_one_room_and_an_alert_is_told_once(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        redis = stack.enter_context(server(tmp_path / "redis"))
        smsc = await stack.enter_async_context(fake_smsc.running())
        sink = await stack.enter_async_context(sinking(password="kunci"))
        calls = await stack.enter_async_context(called())
        tables = TABLES.format(mail=sink.port, calls=calls.url)
        a = await made(stack, tmp_path / "satu", smsc=smsc.port, store=redis.url, tables=tables)
        b = await made(stack, tmp_path / "dua", smsc=smsc.port, store=redis.url, tables=tables)

        # a channel that is paused at one is paused at both, and resumed at the other
        await a.officer.post("/controls", channel="web", act="pause")
        await b.until_paused(1)
        await b.sees("/controls", load()["id"].controls.is_paused)
        await b.officer.post("/controls", channel="web", act="resume")
        await b.until_paused(0)

        # a line is lost, and one of them tells the first recipient, and later the next
        port, since = smsc.port, time.monotonic()
        await smsc.stop()
        await until(lambda: a.there("1"), "the line is lost")
        a.book("UPDATE alerts SET first=first-60")
        await until(lambda: sink.mails, "the first recipient is told")
        print(f"a mail after {time.monotonic() - since:.1f} s, and the minute that was taken off")
        a.book("UPDATE alerts SET told_at=told_at-3600")
        await until(lambda: calls.heard, "the next one is called")

        # it is taken on at the other, and nobody else hears of it
        await b.sees("/alerts", WORDS.channel_down.format(on="operator"))
        number = str(b.book("SELECT id FROM alerts WHERE closed IS NULL AND key=?", DOWN)[0][0])
        assert (await b.officer.post(f"/alerts/{number}/take")).status == 303
        await until(lambda: a.there("by='operator'"), "the other console knows who sees to it")
        await a.sees("/alerts", WORDS.taken.partition("{")[0])

        # the machine that told is gone, and so is its right to; the line comes back
        a.gateway.kill()
        with redis.client() as client:
            client.delete("{lapor}:lease:alerts", "{lapor}:lease:operator")
        b.book("UPDATE alerts SET told_at=told_at-3600")
        await smsc.start("127.0.0.1", port)
        await until(lambda: b.there("calm IS NOT NULL"), "the other one judges, and the line is back")
        b.book("UPDATE alerts SET calm=calm-1800")
        await until(lambda: len(sink.mails) > 1 and len(calls.heard) > 1, "both hear that it is over")
        assert calls.heard == [("opened", DOWN), ("closed", DOWN)]
        lost = WORDS.channel_down.format(on="operator")
        assert subjects(sink) == [form.format(sentence=lost) for form in (WORDS.subject_open, WORDS.subject_over)]
        assert calls.bot == 0
        assert a.gateway.leaks() == b.gateway.leaks() == []
