"""Telegram, asked and called, and X as subjects."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from channels.base import Arrival, Channel, Letter, Request
from channels.social import telegram, x_page
from channels.social.telegram_intake import take
from channels.social.x_page import Account, Via
from gateway.rehearse.telegram_api import TOKEN, person
from tests.fakes import x as fake_x
from tests.fakes.inbox import Shelf, until
from tests.promises.channels import ANSWER, WORDS, Kept, Reluctant, Subject, kept_as
from tests.social.telegram_world import listening, telegram_api

HERE = Path(__file__).parents[1] / "social"
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
WHO = "warga_pasar"


# --- social.telegram ---

UPDATES = [path.read_bytes() for path in sorted((HERE / "telegram").glob("*.json"))]
BOT: dict[str, Any] = {"token": TOKEN, "api_url": "http://127.0.0.1:9", "poll_s": 1}
SECRET = "kunci-webhook"
CALLED = BOT | {"webhook": True, "webhook_url": "http://127.0.0.1:9/telegram/pintu", "webhook_secret": SECRET}


def _bot(table: dict[str, Any]) -> telegram.Polled | telegram.Called:
    return telegram.channel("pintu", msgspec.convert(table, telegram.Settings))


@asynccontextmanager
async def _asked(inbox: Reluctant) -> AsyncIterator[Channel]:
    async with telegram_api() as api:
        bot = _bot({**BOT, "api_url": api.url})
        async with listening(bot, inbox):
            api.say(WORDS, who=WHO)
            await until(lambda: inbox.shelf.arrivals)
            yield bot


@asynccontextmanager
async def _telling(fault: str) -> AsyncIterator[tuple[Channel, Letter]]:
    chat = str(person(WHO)["id"])
    letter = Letter(
        key="k", case_id="1", channel="pintu", to=f"@{WHO}", kind="receipt", text=ANSWER, reply_to={"chat": chat, "message": "1"}
    )
    async with telegram_api() as api:
        bot = _bot({**BOT, "api_url": api.url})
        async with listening(bot, Shelf()):
            if fault == "gone":
                await api.stop()
            else:
                api.misbehave(*filter(None, [fault]))
            yield bot, letter


def _updates() -> list[Kept]:
    taken = [take("pintu", raw, NOW, "lapor_latihan_bot").what for raw in UPDATES]
    return [kept_as(what) for what in taken if what is not None]


def _called(body: bytes, **headers: str) -> Request:
    return Request(method="POST", path="/telegram/pintu", query={}, headers=headers, body=body, received_at=NOW, client="192.0.2.7")


POLLED_SUBJECT = Subject(
    kind="social.telegram",
    table=BOT,
    secrets=(TOKEN, TOKEN.partition(":")[2]),
    private=(WHO, str(person(WHO)["id"])),
    examples=_updates(),
    coming=_asked,
    sending=_telling,
    fates={
        "taken": ("",), "throttled": ("throttled",), "broken": ("server_error",), "garbled": ("bad_gateway", "not_json"),
        "silent": ("hang",), "dropped": ("drop_after_send",), "gone": ("gone",), "refused": ("blocked", "chat_not_found", "teapot"),
    },
    slow=frozenset({"hang"}),
)  # fmt: skip
_PROOF = "x-telegram-bot-api-secret-token"
CALLED_SUBJECT = Subject(
    kind="social.telegram",
    table=CALLED,
    secrets=(TOKEN, SECRET),
    private=(WHO, str(person(WHO)["id"])),
    examples=_updates(),
    calls=[_called(body, **{_PROOF: SECRET}) for body in UPDATES],
    forged=[
        *(_called(body) for body in UPDATES[:2]),
        *(_called(UPDATES[0], **{_PROOF: said}) for said in ("", SECRET[:-1], SECRET + " ", SECRET.upper(), "ключ", "\udcff")),
    ],
    sending=_telling,
    fates={"taken": ("",)},
    never=dict.fromkeys(
        ("throttled", "broken", "garbled", "silent", "dropped", "gone", "refused"), "letters go out as those of a bot that asks"
    ),
)

# --- social.x ---

US = Account(id="1000000001", username="LAPOR1708")
ACCOUNT: dict[str, Any] = {"account": "lapor1708", "api_url": "http://127.0.0.1:9", **fake_x.KEYS}
SEARCHED = {"hashtag_only", "quote_of_ours"}


@asynccontextmanager
async def _mentioned(inbox: Reluctant) -> AsyncIterator[Channel]:
    async with fake_x.simulated() as world:
        channel = fake_x.account(world.url)
        async with fake_x.listening(channel, inbox):
            world.world.write(f"@{WHO}", f"@lapor1708 {WORDS}")
            await until(lambda: inbox.shelf.arrivals)
            yield channel


@asynccontextmanager
async def _replying(fault: str) -> AsyncIterator[tuple[Channel, Letter]]:
    async with fake_x.simulated() as world:
        channel = fake_x.account(world.url, poll_s=60.0)
        async with fake_x.listening(channel, Shelf()):
            post = world.world.write(f"@{WHO}", f"@lapor1708 {WORDS}")
            if fault == "gone":
                await world.stop()
            elif fault:
                world.faults[fault] = -1
            reply_to = {"post": post, "author": world.world.person(WHO).id}
            yield channel, Letter(key="1:answer", case_id="1", channel="x", to=f"@{WHO}", kind="receipt", text=ANSWER, reply_to=reply_to)


def _posts() -> list[Kept]:
    kept = []
    for path in sorted((HERE / "x").glob("*.json")):
        via: Via = "hashtags" if path.stem in SEARCHED else "stream" if path.stem == "stream_line" else "mentions"
        for found in x_page.read_page(path.read_bytes(), US, via).found:
            kept.append(Kept(arrival=Arrival(channel="pintu", source_id=found.first_id or "0", raw=found.raw, received_at=NOW)))
    return kept


X_SUBJECT = Subject(
    kind="social.x",
    table=ACCOUNT,
    secrets=tuple(fake_x.KEYS.values()),
    private=(WHO,),
    examples=_posts(),
    coming=_mentioned,
    sending=_replying,
    fates={
        "taken": ("",), "throttled": ("rate_limited",), "broken": ("post_503", "html_503"), "garbled": ("html_503",),
        "dropped": ("drop_after_post", "reset"), "gone": ("gone",), "refused": ("reply_forbidden",),
    },
    never={"silent": "X is given twenty seconds, in the code; an answer that does not come is told like one that was dropped"},
)  # fmt: skip
