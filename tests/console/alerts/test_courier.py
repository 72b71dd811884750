"""What recipients hear, by mail, Telegram and webhook, from real servers; and what becomes of it when they do not answer."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from channels.base import Refused, Unavailable
from config.alerts import AlertSettings, Recipient
from forwarder.signature import HEADER, genuine
from gateway.console import cabinet, words
from gateway.console.alerts import book
from gateway.console.alerts.book import Alert, Plan, open_alerts, turn
from gateway.console.alerts.courier import Courier
from gateway.console.alerts.desk import opened_ways
from gateway.console.alerts.signs import KINDS, Sign
from gateway.console.alerts.telling import Message, Voice
from gateway.console.alerts.ways import Way
from gateway.console.words import LANGUAGES
from gateway.journal import Journal, Lines
from gateway.rehearse.telegram_api import TOKEN, TelegramApi
from tests.fakes.smtp_sink import sinking

SECRET = "kunci-yang-cukup-panjang"
VOICE = Voice(words.load()["id"].alerts, "Kominfo Latihan", ZoneInfo("Asia/Jakarta"))
SIGN = Sign(kind="channel_down", on="telkomsel", since=datetime(2026, 11, 22, 20, 0, tzinfo=UTC))


def alert(**more: object) -> Alert:
    began = SIGN.since.timestamp()
    plain = {"id": 7, "key": SIGN.key, "kind": SIGN.kind, "on": SIGN.on, "figure": 0, "since": began, "opened": began + 60,
             "closed": None, "taken": None, "by": ""}  # fmt: skip
    return msgspec.convert(plain | more, Alert)


MAILED = Recipient(name="piket", mail="piket@kominfo.example")
MESSAGE = VOICE.message([("opened", alert())])


@asynccontextmanager
async def way(recipient: Recipient, **more: Any) -> AsyncIterator[Way]:
    settings = AlertSettings(recipients=(recipient,), **more)
    async with opened_ways(settings, "gateway.example") as ways:
        yield ways[recipient.name]


@asynccontextmanager
async def listening(statuses: Sequence[int] = ()) -> AsyncIterator[tuple[str, list[tuple[str, bytes]]]]:
    """A program that hears alerts; it answers with these statuses first. A status of 0 is no answer at all."""
    calls: list[tuple[str, bytes]] = []
    answers = iter(statuses)

    async def hear(request: web.Request) -> web.Response:
        status = next(answers, 204)
        if status == 0 and request.transport is not None:
            request.transport.close()
        body = await request.read()
        if 200 <= status < 300:
            calls.append((request.headers[HEADER], body))
        return web.Response(status=status or 500)

    app = web.Application()
    app.router.add_post("/hear", hear)
    async with TestServer(app) as server:
        yield str(server.make_url("/hear")), calls


def test_every_kind_is_said_in_both_languages_with_what_to_do() -> None:
    for language in LANGUAGES:
        voice = VOICE._replace(words=words.load()[language].alerts)
        for kind in KINDS:
            each = alert(kind=kind, on="telkomsel", figure=12)
            assert len(voice.sentence(each)) > 15
            assert len(voice.todo(each)) > 30
            assert "{" not in voice.message([("opened", each), ("closed", alert(closed=0.0))]).text


def test_who_reads_no_more_than_the_subject_sees_whether_it_is_over() -> None:
    opened, over = (VOICE.message([(news, alert(closed=0.0))]).subject for news in ("opened", "closed"))
    assert over == VOICE.words.subject_over.format(sentence=VOICE.sentence(alert()))
    assert opened != over


async def test_by_mail() -> None:
    async with sinking() as relay:
        mailed = {"mail_from": "gateway@kominfo.example", "smtp_url": f"smtp://127.0.0.1:{relay.port}"}
        async with way(MAILED, **mailed) as mail:
            await mail.tell(MESSAGE)
    (kept,) = relay.mails
    read = message_from_bytes(kept.content, policy=default)
    assert (kept.recipient, read["Auto-Submitted"]) == ("piket@kominfo.example", "auto-generated")
    assert read["Subject"] == "[LAPOR!] Kanal telkomsel terputus: jawaban tidak dapat dikirim lewat kanal ini."
    text = read.get_content()
    assert "Sejak 23-11-2026 03.00 WIB." in text
    assert "Yang perlu dilakukan:" in text
    assert "alerts ack" in text


@pytest.mark.parametrize(("fault", "raised"), [("greylist", Unavailable), ("reject", Refused), ("busy", Unavailable)])
async def test_by_mail_when_the_relay_will_not(fault: str, raised: type[Exception]) -> None:
    async with sinking(fault) as relay:
        mailed = {"mail_from": "gateway@kominfo.example", "smtp_url": f"smtp://127.0.0.1:{relay.port}"}
        async with way(MAILED, **mailed) as mail:
            with pytest.raises(raised):
                await mail.tell(MESSAGE)


async def test_by_telegram() -> None:
    telegram = TelegramApi()
    await telegram.start()
    try:
        async with way(Recipient(name="kepala", telegram="7001"), telegram_token=TOKEN, telegram_api=telegram.url) as chat:
            await chat.tell(MESSAGE)
            await chat.tell(Message("", "x" * 9000, b""))
        assert (telegram.sent[0]["chat_id"], telegram.sent[0]["text"]) == ("7001", MESSAGE.text)
        assert len(telegram.sent[1]["text"]) < 4096
        async with way(Recipient(name="kepala", telegram="7001"), telegram_token="1:salah", telegram_api=telegram.url) as stranger:
            with pytest.raises(Refused) as refused:
                await stranger.tell(MESSAGE)
            assert "salah" not in str(refused.value)
    finally:
        await telegram.stop()


async def test_by_webhook() -> None:
    async with listening() as (url, calls), way(Recipient(name="pusat", webhook=url), webhook_secret=SECRET) as hook:
        await hook.tell(VOICE.message([("opened", alert()), ("closed", alert(closed=SIGN.since.timestamp() + 600))]))
    ((header, body),) = calls
    assert genuine(header, SECRET, body)
    assert not genuine(header, SECRET, body + b" ")
    told = msgspec.json.decode(body)
    assert (told["schema"], told["gateway"]) == ("alerts/1", "Kominfo Latihan")
    assert [(each["news"], each["key"], each["urgent"]) for each in told["alerts"]] == [
        ("opened", "channel_down:telkomsel", True), ("closed", "channel_down:telkomsel", True)
    ]  # fmt: skip


@pytest.mark.parametrize(("status", "raised"), [(500, Unavailable), (429, Unavailable), (0, Unavailable), (404, Refused), (302, Refused)])
async def test_by_webhook_when_the_other_side_will_not(status: int, raised: type[Exception]) -> None:
    async with listening([status]) as (url, calls), way(Recipient(name="pusat", webhook=url), webhook_secret=SECRET) as hook:
        with pytest.raises(raised):
            await hook.tell(MESSAGE)
        assert calls == []
        await hook.tell(MESSAGE)
        assert len(calls) == 1


async def test_one_that_cannot_be_reached_holds_up_nobody_and_is_told_later(tmp_path: Path) -> None:
    """The first recipient's server hangs up three times; the second one hears at once."""
    log = io.BytesIO()
    async with listening([0, 500, 503]) as (broken, late), listening() as (sound, calls):
        recipients = (Recipient(name="piket", webhook=broken), Recipient(name="pusat", webhook=sound))
        settings = AlertSettings(recipients=recipients, webhook_secret=SECRET)
        async with cabinet.opened(tmp_path, book.TABLES) as file, opened_ways(settings, "gateway.example") as ways:
            courier = Courier(file, ways, VOICE, Journal(Lines(log)))
            began = time.time() - 2000
            for after_s in (-1000, -900, 0):
                plan = Plan([each.name for each in recipients], 800)
                await file.run(partial(turn, signs=[SIGN], now=began + after_s, plan=plan))
            assert [await courier.bring(each.name, ways[each.name]) for each in recipients] == [True, True]
            assert (len(late), len(calls)) == (0, 1)
            assert [each.failed for each in await file.run(open_alerts)] == [{"piket": "unreachable"}]
            while not late:
                await file.run(lambda db: list(db.execute("UPDATE alert_letters SET due=0 WHERE state='waiting'")))
                await courier.bring("piket", ways["piket"])
            assert [each.failed for each in await file.run(open_alerts)] == [{}]
            assert not await courier.bring("piket", ways["piket"])
            courier_at_work = asyncio.create_task(courier.run())
            await file.run(lambda db: turn(db, [], began + 100, Plan([], 1)))
            await file.run(lambda db: turn(db, [], began + 300, Plan([], 1)))
            await until(lambda: len(late) == len(calls) == 2)
            courier_at_work.cancel()
    assert msgspec.json.decode(late[-1][1])["alerts"][0]["news"] == "closed"
    assert SECRET.encode() not in log.getvalue()


async def until(claim: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not claim():
            await asyncio.sleep(0.05)
