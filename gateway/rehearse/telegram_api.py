"""A rehearsal Telegram: the Bot API for one bot (https://core.telegram.org/bots/api), and the people who write to it.

In: calls of a gateway, messages of people. Out: updates, by long polling or to a webhook, in order and until they are confirmed, as
Telegram does; what the bot sent. It never filters by allowed_updates, so that a gateway can be shown what it did not ask for, and keeps
everything in memory.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from gateway.rehearse.telegram_faults import UNAUTHORIZED, Answer, Faults, no, yes

TOKEN = "1234567890:latihan-bukan-rahasia-AAAAAAAAAAAAA"  # noqa: S105 - of a bot that exists nowhere but here
BOT = {"id": 1234567890, "is_bot": True, "first_name": "LAPOR! (latihan)", "username": "lapor_latihan_bot"}
FIRST_UPDATE, FIRST_MESSAGE = 870_000_001, 101
#: what one answer to getUpdates holds at most
BATCH = 100
#: how long a webhook may take, and how long a gateway that is stopped is waited for
CALL_S, STOP_S = 10.0, 1.0
_ODD: Mapping[str, bytes] = {
    "malformed_update": b'{"update_id":%d,"message":{"message_id":"x","chat":[]}}',
    "half_a_pair": b'{"update_id":%d,"message":{"message_id":1,"date":1,"chat":{"id":7,"type":"private"},"text":"\\ud83d"}}',
    "nameless_update": b'{"message":{"message_id":1,"date":1,"chat":{"id":7,"type":"private"},"text":"tanpa nomor"}}',
}


def person(name: str) -> dict[str, Any]:
    """§User: somebody with this user name, and always the same number."""
    return {"id": 7_000_000_000 + zlib.crc32(name.encode()) % 10**9, "is_bot": False, "first_name": name, "username": name}


class TelegramApi:
    """Telegram itself; `sent`, `counts`, `asked` and `waiting` say what came to pass."""

    def __init__(self, faults: Iterable[str] = (), *, retry_s: float = 0.05) -> None:
        """`retry_s`: how long after a webhook's no it is called again."""
        #: the arguments of every sendMessage that was not refused, in order, with the message_id that was given
        self.sent: list[dict[str, str]] = []
        #: the methods that were called; webhook_yes and webhook_no for the calls of ours
        self.counts: Counter[str] = Counter()
        #: the last arguments of each method, in lower case
        self.asked: dict[str, dict[str, str]] = {}
        #: what is not confirmed, by update_id
        self.waiting: dict[int, bytes] = {}
        #: content by file_id
        self.files: dict[str, bytes] = {}
        self.misbehave(*faults)
        self._retry_s, self._next_update, self._next_message = retry_s, FIRST_UPDATE, FIRST_MESSAGE
        self._asking = 0
        self._happened, self._over = asyncio.Event(), asyncio.Event()
        self._caller: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen at `url`. Raises OSError when the address cannot be had."""
        app = web.Application(client_max_size=2**20)
        app.router.add_route("*", "/bot{token}/{method}", self._called)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        self._runner = web.AppRunner(app, shutdown_timeout=STOP_S, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self.url = f"http://{host}:{site.port}"

    async def stop(self) -> None:
        self._over.set()
        self._note("stopped")
        if self._caller is not None:
            self._caller.cancel()
            with suppress(asyncio.CancelledError):
                await self._caller
        if self._runner is not None:
            await self._runner.cleanup()

    def misbehave(self, *names: str) -> None:
        """From now on go wrong in these ways, and no longer in others. Raises ValueError for a name that is not known."""
        self.faults = Faults(names)

    def say(self, text: str = "", who: str = "warga", **more: object) -> int:
        """Write to the bot in private; `more` are other fields of §Message. Returns the message_id."""
        sender = person(who)
        message_id, self._next_message = self._next_message, self._next_message + 1
        message: dict[str, object] = {
            "message_id": message_id,
            "from": sender,
            "chat": {"id": sender["id"], "first_name": who, "username": who, "type": "private"},
            "date": int(datetime.now(UTC).timestamp()),
        }
        self.bring({"message": message | ({"text": text} if text else {}) | more})
        return message_id

    def bring(self, update: Mapping[str, object] | bytes) -> int:
        """An update of any kind, which is given its number (bytes with a `%d` for it). Returns the update_id."""
        number, self._next_update = self._next_update, self._next_update + 1
        self.waiting[number] = update % number if isinstance(update, bytes) else msgspec.json.encode({"update_id": number, **update})
        self._note("updates")
        return number

    def keep(self, content: bytes, file_id: str) -> dict[str, object]:
        """A file that can be asked for; what §Document says of it."""
        self.files[file_id] = content
        return {"file_id": file_id, "file_unique_id": f"u-{file_id}", "file_size": len(content)}

    def answers_to(self, who: str) -> list[str]:
        return [sent["text"] for sent in self.sent if sent["chat_id"] == str(person(who)["id"])]

    async def until(self, claim: Callable[[], object], *, within_s: float = 5.0) -> None:
        """Wait until the claim holds; it is looked at whenever something came. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while not claim():
                await self._happened.wait()

    def _note(self, what: str) -> None:
        self.counts[what] += 1
        happened, self._happened = self._happened, asyncio.Event()
        happened.set()

    async def _called(self, request: web.Request) -> web.StreamResponse:
        """Methods are known in any case, arguments come in the query, as a form or as JSON (§Making requests)."""
        method = request.match_info["method"].lower()
        arguments = {**request.query}
        if request.content_type == "application/json":
            arguments |= {name: value if isinstance(value, str) else str(value) for name, value in (await request.json()).items()}
        else:
            arguments |= {name: str(value) for name, value in (await request.post()).items()}
        self.asked[method] = arguments
        self._note(method)
        if request.match_info["token"] != TOKEN:
            return _web(UNAUTHORIZED)
        if instead := self.faults.instead(method):
            return _web(instead)
        if method in {"sendmessage", "getfile"} and self.faults.strikes("hang"):
            await self._over.wait()
        answer = await self._answer(method, arguments)
        if method == "sendmessage" and self.faults.strikes("drop_after_send") and request.transport is not None:
            request.transport.abort()
        return _web(answer)

    async def _answer(self, method: str, arguments: dict[str, str]) -> Answer:
        match method:
            case "getme":
                return yes(BOT)
            case "getupdates":
                return await self._updates(arguments)
            case "setwebhook":
                await self._call(arguments["url"], arguments.get("secret_token", ""))
                return yes(True)
            case "deletewebhook":
                await self._call("", "")
                return yes(True)
            case "sendmessage":
                return self._send(arguments)
            case "getfile":
                return self._file(arguments["file_id"])
        return no(404, "Not Found")

    async def _updates(self, arguments: dict[str, str]) -> Answer:
        """§getUpdates: an update is confirmed as soon as one behind it is asked for. Whoever asks last is the one who is answered."""
        if self._caller is not None:
            return no(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
        self._asking += 1
        mine, offset = self._asking, int(arguments.get("offset", 0))
        for number in [number for number in self.waiting if number < offset]:
            del self.waiting[number]
        self._note("confirmations")
        with suppress(TimeoutError):
            claim = lambda: self.waiting or self._over.is_set() or self._asking != mine  # noqa: E731 - it is read where it stands
            await self.until(claim, within_s=float(arguments.get("timeout", 0)))
        if self._asking != mine:
            return no(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
        batch = [self.waiting[number] for number in sorted(self.waiting)[:BATCH]]
        if batch:
            batch = [*(odd % self._odd(odd) for name, odd in _ODD.items() if self.faults.strikes(name)), *batch]
        return Answer(200, b'{"ok":true,"result":[' + b",".join(batch) + b"]}")

    def _odd(self, update: bytes) -> tuple[int, ...]:
        """The number of an update that is put in front of a batch."""
        return (min(self.waiting) - 1,) if b"%d" in update else ()

    def _send(self, arguments: dict[str, str]) -> Answer:
        message_id, self._next_message = self._next_message, self._next_message + 1
        self.sent.append(arguments | {"message_id": str(message_id)})
        self._note("sent")
        chat = {"id": int(arguments["chat_id"]), "type": "private"}
        return yes({"message_id": message_id, "from": BOT, "chat": chat, "date": 1, "text": arguments["text"]})

    def _file(self, file_id: str) -> Answer:
        if file_id not in self.files:
            return no(400, "Bad Request: invalid file_id")
        size = len(self.files[file_id])
        return yes({"file_id": file_id, "file_unique_id": f"u-{file_id}", "file_size": size, "file_path": f"documents/{file_id}"})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        self._note("download")
        content = self.files.get(request.match_info["path"].removeprefix("documents/"))
        if content is None or request.match_info["token"] != TOKEN or self.faults.strikes("file_gone"):
            return _web(no(404, "Not Found"))
        if not self.faults.strikes("download_cut"):
            return web.Response(body=content)
        response = web.StreamResponse(headers={"Content-Length": str(len(content))})
        await response.prepare(request)
        await response.write(content[: len(content) // 2])
        if request.transport is not None:
            request.transport.close()
        return response

    async def _call(self, url: str, secret: str) -> None:
        """From now on bring updates to this address, or, when it is empty, to nobody."""
        if self._caller is not None:
            self._caller.cancel()
            with suppress(asyncio.CancelledError):
                await self._caller
        self._caller = asyncio.create_task(self._bring(url, secret)) if url else None

    async def _bring(self, url: str, secret: str) -> None:
        """§setWebhook: one at a time, each until it is answered with a 2xx."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret, "Content-Type": "application/json"}
        async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=CALL_S)) as session:
            while True:
                happened = self._happened
                if not self.waiting:
                    await happened.wait()
                    continue
                number = min(self.waiting)
                try:
                    async with session.post(url, data=self.waiting[number]) as answer:
                        taken = answer.ok
                except (aiohttp.ClientError, TimeoutError):
                    taken = False
                if taken:
                    self.waiting.pop(number, None)
                self._note("webhook_yes" if taken else "webhook_no")
                if not taken:
                    await asyncio.sleep(self._retry_s)


def _web(answer: Answer) -> web.Response:
    kind = "text/html" if answer.body.startswith(b"<") else "application/json"
    return web.Response(status=answer.status, body=answer.body, content_type=kind)
