"""An SMS aggregator on loopback that speaks as Kannel, Jasmin, Twilio or a JSON aggregator does, with faults by name.

In: what citizens say, and calls of a gateway at its send URL. Out: pushes to the gateway, again until it hears the yes of its profile;
letters, kept in memory; delivery receipts. A redelivery has the same id; a letter that was taken has one too.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

USER, PASSWORD = "lapor", "kunci"
#: by name: what happens to a letter instead of the plain thing. "drop", "hang" and "endless" take it first; "" is the plain thing
FAULTS = ("", "429", "500", "503", "400", "redirect", "html", "hang", "drop", "endless")
AGAIN_S = 0.1


@dataclass(slots=True)
class Push:
    """An SMS on its way to the gateway."""

    id: str
    sender: str
    text: str
    fields: dict[str, str] = field(default_factory=dict)
    #: status and body of each answer; (0, "") where nobody answered
    answers: list[tuple[int, str]] = field(default_factory=list)
    taken: bool = False


@dataclass(slots=True, kw_only=True)
class Letter:
    """A letter as the gateway wrote it."""

    id: str
    to: str
    text: str
    fields: dict[str, str]


class Aggregator:
    """`async with Aggregator("kannel") as aggregator: aggregator.send_url`."""

    def __init__(self, profile: str = "generic", *, secret: str = "", port: int = 0) -> None:
        """`secret` goes along with each push, in the field of that name."""
        self.profile, self.secret, self.port = profile, secret, port
        #: where pushes go; set before the first
        self.url = ""
        self.letters: list[Letter] = []
        #: letters that were refused or not understood, and those that came by each fault
        self.counts: Counter[str] = Counter()
        #: status and body of each answer to a receipt
        self.receipts: list[tuple[int, str]] = []
        self._faults: deque[str] = deque()
        self._number = 0
        self._going: set[asyncio.Task[None]] = set()
        self._let_go = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/send", self._send)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = site.port
        self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        return self

    async def __aexit__(self, *_: object) -> None:
        for going in self._going:
            going.cancel()
        await asyncio.gather(*self._going, return_exceptions=True)
        self._let_go.set()
        await self._client.close()
        await self._runner.cleanup()

    @property
    def send_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send"

    def next(self, *names: str) -> None:
        """What happens to the next letters."""
        assert set(names) <= set(FAULTS)
        self._faults += names

    # --- in ---

    def say(self, sender: str, text: str, **fields: str) -> Push:
        """A citizen says something; the gateway is called until it says yes."""
        self._number += 1
        push = Push(id=f"mo-{self._number}", sender=sender, text=text, fields=fields)
        going = asyncio.create_task(self._insist(push))
        self._going.add(going)
        going.add_done_callback(self._going.discard)
        return push

    async def _insist(self, push: Push) -> None:
        while not push.taken:
            await self.push(push)
            if not push.taken:
                await asyncio.sleep(AGAIN_S)

    async def push(self, push: Push) -> None:
        """One call."""
        try:
            async with self._client.request(self._method, self.url, **self._shape(push)) as answer:
                push.answers.append((answer.status, await answer.text()))
        except (aiohttp.ClientError, TimeoutError, OSError):
            push.answers.append((0, ""))
            return
        push.taken = self._is_yes(*push.answers[-1])

    @property
    def _method(self) -> str:
        return "GET" if self.profile == "kannel" else "POST"

    def _shape(self, push: Push) -> dict[str, Any]:
        """The call as aiohttp wants it."""
        common = push.fields | ({"secret": self.secret} if self.secret else {})
        if self.profile == "kannel":
            wide = not push.text.isascii()
            octets = push.text.encode("utf-16-be" if wide else "utf-8").hex().upper()
            known = {"coding": "2", "charset": "UTF-16BE"} if wide else {"coding": "0", "charset": "UTF-8"}
            return {"params": {"from": push.sender, "to": "1708", "id": push.id, "hex": octets} | known | common}
        if self.profile == "jasmin":
            # the default alphabet and ASCII agree in the letters that are said here
            coding, binary = ("0", push.text.encode()) if push.text.isascii() else ("8", push.text.encode("utf-16-be"))
            known = {"id": push.id, "from": push.sender, "to": "1708", "origin-connector": "operator", "coding": coding}
            return {"data": known | {"content": push.text, "binary": binary.hex()} | common}
        if self.profile == "twilio":
            return {"data": {"MessageSid": push.id, "From": push.sender, "To": "+628120001708", "Body": push.text} | common}
        return {"json": {"id": push.id, "from": push.sender, "to": "1708", "text": push.text} | common}

    def _is_yes(self, status: int, body: str) -> bool:
        if self.profile == "kannel":
            return status in (200, 202)
        if self.profile == "jasmin":
            return status == 200 and body.strip() == "ACK/Jasmin"
        if self.profile == "twilio":
            return status == 200 and body.startswith("<Response")
        return status == 200 and json.loads(body)["status"] == "ok"

    # --- out ---

    async def _send(self, request: web.Request) -> web.StreamResponse:
        fields = {name: str(value) for name, value in (await self._fields(request)).items()}
        fault = self._faults.popleft() if self._faults else ""
        if fault:
            self.counts[fault] += 1
        if not self._knows(request, fields):
            self.counts["bad_auth"] += 1
            return self._no()
        if fault in ("429", "500", "503", "400"):
            return web.Response(status=int(fault), text="begitu tertulis", headers={"Retry-After": "7"} if fault == "429" else {})
        if fault == "redirect":
            return web.Response(status=302, headers={"Location": "/elsewhere"})
        if fault == "html":
            return web.Response(text="<h1>Sedang dalam pemeliharaan</h1>", content_type="text/html")
        letter = self._take(fields)
        if fault == "hang":
            await self._let_go.wait()
        if fault == "drop" and request.transport:
            request.transport.abort()
        return await self._endless(request) if fault == "endless" else self._yes(letter)

    async def _fields(self, request: web.Request) -> dict[str, Any]:
        if request.method == "GET":
            return dict(request.query)
        if request.content_type == "application/json":
            return dict(await request.json())
        return dict(parse_qsl(await request.text(), keep_blank_values=True))

    def _knows(self, request: web.Request, fields: dict[str, str]) -> bool:
        if self.profile in ("kannel", "jasmin"):
            return (fields.get("username"), fields.get("password")) == (USER, PASSWORD)
        return request.headers.get("Authorization") == aiohttp.encode_basic_auth(USER, PASSWORD)

    def _no(self) -> web.Response:
        if self.profile == "kannel":
            return web.Response(status=403, text="Authorization failed for sendsms")
        if self.profile == "jasmin":
            return web.Response(status=403, text='Error "Authentication failure for username:lapor"')
        return web.json_response({"code": 20003, "message": "Authenticate"}, status=401)

    def _take(self, fields: dict[str, str]) -> Letter:
        to, text = ("To", "Body") if self.profile == "twilio" else ("to", "content" if self.profile == "jasmin" else "text")
        words = bytes.fromhex(fields["hex-content"]).decode("utf-16-be") if "hex-content" in fields else fields[text]
        self.letters.append(Letter(id=f"mt-{len(self.letters) + 1}", to=fields[to], text=words, fields=fields))
        return self.letters[-1]

    def _yes(self, letter: Letter) -> web.Response:
        if self.profile == "kannel":
            return web.Response(status=202, text="0: Accepted for delivery", content_type="text/html")
        if self.profile == "jasmin":
            return web.Response(text=f'Success "{letter.id}"')
        if self.profile == "twilio":
            return web.json_response({"sid": letter.id.replace("-", ""), "status": "queued"}, status=201)
        return web.json_response({"message_id": letter.id}, status=202)

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while not self._let_go.is_set():
            try:
                await answer.write(b" " * 65536)
            except ConnectionError:
                break
        return answer

    async def receipt(self, letter: Letter, word: str) -> None:
        """Tell what became of a letter, as it was asked to when it got it."""
        known = {"kannel": "dlr-url", "jasmin": "dlr-url", "twilio": "StatusCallback", "generic": "callback_url"}
        url = letter.fields[known[self.profile]]
        if self.profile == "kannel":
            call = self._client.get(url.replace("%d", word))
        elif self.profile == "jasmin":
            assert letter.fields["dlr-method"] == "POST"
            call = self._client.post(url, data={"id": letter.id, "message_status": word, "level": "2"})
        elif self.profile == "twilio":
            call = self._client.post(url, data={"MessageSid": letter.id.replace("-", ""), "MessageStatus": word})
        else:
            call = self._client.post(url, json={"id": letter.id, "status": word})
        async with call as answer:
            self.receipts.append((answer.status, await answer.text()))

    def answers_to(self, number: str) -> list[str]:
        """What a telephone has heard."""
        return [letter.text for letter in self.letters if letter.to == number]


def table(aggregator: Aggregator, name: str, public: int, *lines: str) -> str:
    """TOML of the channel that it calls and that sends through it; receipts come back to the same."""
    aggregator.url = f"http://127.0.0.1:{public}/sms/{name}"
    rows = [
        f"[channels.{name}]",
        'kind = "sms.push"',
        f'profile = "{aggregator.profile}"',
        f'path = "/sms/{name}"',
        f'secret = "{aggregator.secret}"' if aggregator.secret else 'allow_from = ["127.0.0.1"]',
        f'send_url = "{aggregator.send_url}"',
        f'send_username = "{USER}"',
        f'send_password = "{PASSWORD}"',
        f'receipt_url = "{aggregator.url}/dlr"',
        *lines,
    ]
    return "\n".join(rows) + "\n"
