"""The channel "social.telegram" when Telegram calls: the secret, the yes, and what is set at Telegram."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Channel, Forged, Gathering, Inbox, Listener, Request, Unavailable, Webhook
from channels.social import telegram
from gateway.rehearse.telegram_api import TelegramApi
from tests.fakes.inbox import Shelf, until
from tests.social.telegram_world import NAME, NOW, UPDATES, captured, listening, table, telegram_api, trying, word

SECRET = "rahasia-Telegram_1"
PUBLIC = "https://lapor.example/telegram/bot"


def called(**settings: Any) -> telegram.Called:
    values: dict[str, Any] = {"url": "http://127.0.0.1:1", "webhook": True, "webhook_url": PUBLIC, "webhook_secret": SECRET}
    bot = telegram.channel(NAME, table(**values | settings))
    assert isinstance(bot, telegram.Called)
    return bot


def call(body: bytes, secret: str = SECRET, method: str = "POST") -> Request:
    headers = {telegram.SECRET_HEADER: secret}
    return Request(method=method, path="/telegram/bot", query={}, headers=headers, body=body, received_at=NOW)


@asynccontextmanager
async def gateway(bot_of: Any, inbox: Inbox) -> AsyncIterator[telegram.Called]:
    """A public server that does with a webhook what the gateway's does: commit, then answer; `bot_of` is given its address."""

    async def handle(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        got = Request(method=request.method, path=request.path, query={}, headers=headers, body=await request.read(), received_at=NOW)
        try:
            delivery = bot.read(got)
            await inbox.advance(bot.name, {}, delivery.arrivals, delivery.parts)
        except Forged:
            return web.Response(status=403)
        except Unavailable:
            return web.Response(status=503)
        return web.Response(status=delivery.status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    bot: telegram.Called = bot_of(f"http://127.0.0.1:{site.port}/telegram/bot")
    try:
        yield bot
    finally:
        await runner.cleanup()


def at(api: TelegramApi) -> Any:
    return lambda url: called(url=api.url, webhook_url=url)


def test_it_is_a_channel_that_is_called() -> None:
    bot: Channel = called()
    assert isinstance(bot, Webhook)
    assert isinstance(bot, Listener)
    assert isinstance(bot, Gathering)
    assert bot.path == "/telegram/bot"
    assert called(webhook_url="https://lapor.example/a/b/").path == "/a/b"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"webhook_secret": ""}, "webhook_secret"),
        ({"webhook_url": ""}, "public address"),
        ({"webhook_url": "lapor.example/x"}, "public address"),
        ({"webhook_url": "https://[/x"}, "public address"),
        ({"webhook_url": "https://lapor.example/x?y=1"}, "public address"),
        ({"webhook_url": "https://lapor.example/"}, "path of its own"),
        ({"webhook_url": "http://lapor.example/x", "url": "https://api.telegram.org"}, "https"),
    ],
)
def test_a_webhook_that_cannot_work_is_a_fault_of_the_settings(settings: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        called(**settings)


async def test_what_telegram_brings_is_kept_before_it_hears_yes() -> None:
    async with telegram_api() as api:
        shelf = Shelf()
        api.say("Jalan rusak")
        async with gateway(at(api), shelf) as bot, listening(bot, shelf):
            await api.until(lambda: not api.waiting)
            assert api.asked["setwebhook"]["secret_token"] == SECRET
            assert api.asked["setwebhook"]["allowed_updates"] == '["message", "edited_message"]'
            assert (word(bot), len(shelf.arrivals)) == ("called", 1)


async def test_what_the_store_does_not_take_is_brought_again() -> None:
    async with telegram_api() as api:
        shelf = Shelf()
        shelf.problem = Unavailable("disk_full")
        api.say("Jalan rusak")
        async with gateway(at(api), shelf) as bot, listening(bot, shelf):
            await api.until(lambda: api.counts["webhook_no"] >= 2)
            assert len(api.waiting) == 1
            shelf.problem = None
            await api.until(lambda: not api.waiting)
        assert len(shelf.arrivals) == 1


async def test_telegram_with_another_secret_is_not_telegram() -> None:
    async with telegram_api() as api:
        shelf = Shelf()
        async with gateway(at(api), shelf) as bot, listening(bot, shelf):
            await api._call(api.asked["setwebhook"]["url"], "salah")
            api.say("Jalan rusak")
            await api.until(lambda: api.counts["webhook_no"])
        assert shelf.arrivals == []


async def test_a_token_that_was_revoked_is_a_state() -> None:
    async with telegram_api("token_revoked") as api:
        bot = called(url=api.url)
        async with trying(bot, Shelf()):
            await until(lambda: word(bot) == "refused")
            assert not bot.up


async def test_another_bot_under_the_same_name_is_not_told_where_to_call() -> None:
    async with telegram_api() as api:
        bot, shelf = called(api_url=api.url), Shelf()
        shelf.notes[NAME, telegram.BOT] = "987654321"
        async with trying(bot, shelf):
            await until(lambda: word(bot) == "other_bot")
        assert api.counts["setwebhook"] == 0


@pytest.mark.parametrize("secret", ["", "salah", SECRET[:-1], SECRET + "x", "réhasia\udc80"])
def test_a_call_without_the_secret_is_forged(secret: str) -> None:
    with pytest.raises(Forged):
        called().read(call(captured("text"), secret))


@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("POST", b""), ("PUT", b"{}")])
def test_what_is_no_update_of_telegrams_is_refused(method: str, body: bytes) -> None:
    with pytest.raises(ValueError):
        called().read(call(body, method=method))


def test_each_update_is_one_delivery() -> None:
    bot = called()
    assert [len(bot.read(call(captured(name))).arrivals) for name in ("text", "edited", "my_chat_member")] == [1, 0, 0]
    (part,) = bot.read(call(captured("edited"))).parts
    assert part.group == "7000000001/201"
    (odd,) = bot.read(call(b"\xff\x00 what is this")).arrivals
    assert odd.source_id.startswith("update/")
    assert (bot.counts["other_kind"], bot.counts["unreadable"]) == (1, 1)


@given(st.sampled_from(UPDATES), st.binary(max_size=6), st.integers(0, 400), st.sampled_from([SECRET, "salah"]), st.text(max_size=5))
def test_read_raises_nothing_but_forged_or_a_value_error(path: Any, piece: bytes, start: int, secret: str, method: str) -> None:
    raw = path.read_bytes()
    for body in (raw[:start] + piece + raw[start:], piece, json.dumps({"update_id": start, "message": piece.hex()}).encode()):
        try:
            delivery = called_once.read(call(body, secret, method if start % 2 else "POST"))
        except (Forged, ValueError):
            continue
        assert delivery.status == 200


called_once = called()
