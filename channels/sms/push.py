"""The channel "sms.push": an aggregator, or a Kannel or Jasmin of one's own, that calls us for each SMS.

In: HTTP calls with SMS and delivery receipts, and letters. Out: deliveries, which are answered when they are on disk; HTTP calls that
ask the aggregator to send. It never says yes by itself, never follows a redirect, never tries twice, and never logs.

    push ─► Guard (who calls) ─► push_request (what is kept) ─► push_reading (identity) ─► Delivery ─► inbox ─► success_body
    send ─► push_sending (the call) ─► send_url ─► push_sending (what the answer means)
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiohttp

from channels.base import Arrival, Delivery, Forged, InboundMessage, Letter, Part, Receipt, Refused, Request, Taken, Unavailable
from channels.sms import push_entering, push_reading, push_request, push_sending, reading
from channels.sms.push_profiles import PROFILES
from channels.sms.push_settings import Settings, receipt_state, resolved

__all__ = ["Push", "Settings", "channel"]

CONNECT_S = 10.0
#: a letter that has waited so long for its turn is not sent now: whoever gave it to us may soon give it to somebody else
TURN_S = 50.0
#: of an answer to a letter; the rest is not looked at
LARGEST_ANSWER = 64 * 1024
RECEIPTS = "/dlr"
_LONGEST_WORD = 32


def channel(name: str, settings: Settings) -> Push:
    """The channel of one aggregator. Raises ValueError when the settings leave something open."""
    return Push(name, settings)


class Push:
    """One aggregator. `counts`: forged, malformed, throttled, unreachable, no_answer, bad_answer, busy, refused."""

    def __init__(self, name: str, settings: Settings, turn_s: float = TURN_S) -> None:
        """Raises ValueError when the settings leave something open. `turn_s`: how long a letter may wait for its turn, in seconds."""
        self._name, self._settings, self._profile = name, settings, resolved(settings, PROFILES)
        self._turn_s = turn_s
        self.counts: Counter[str] = Counter()
        self._guard = push_request.Guard(settings, settings.networks)
        self._rules = push_reading.Rules(
            fields=self._profile.fields,
            codings=self._profile.codings,
            speaks=settings.speaks,
            sms=reading.Rules(
                short_code=settings.short_code,
                id_tlv=push_reading.ID_TLV,
                redelivery_window_s=settings.redelivery_window_s,
                part_timeout_s=settings.part_timeout_s,
            ),
        )
        self._room = asyncio.Semaphore(settings.send_concurrency)
        self._opened: aiohttp.ClientSession | None = None
        self._under_way = 0

    @property
    def name(self) -> str:
        return self._name

    @property
    def up(self) -> bool:
        """Always: there is no link that could be down. What the last letters met stands in `counts`."""
        return True

    @property
    def path(self) -> str:
        return self._settings.path

    def read(self, request: Request) -> Delivery:
        """An SMS at `path`, a receipt at `path`/dlr."""
        try:
            self._guard.admit(request)
            return self._read(request)
        except Forged:
            self.counts["forged"] += 1
            raise
        except ValueError:
            self.counts["malformed"] += 1
            raise

    def _read(self, request: Request) -> Delivery:
        if request.method not in self._profile.methods:
            raise ValueError(f"the method is none of {', '.join(self._profile.methods)}")
        where = request.path.rstrip("/")
        if where not in (self.path, self.path + RECEIPTS):
            raise ValueError("nothing is here")
        raw = push_request.kept(request, self._guard.field)
        if where != self.path:
            return self._delivery(receipts=(self._receipt(raw, request.received_at),))
        what, heard = push_reading.read_arrival(self._name, raw, request.received_at, self._rules)
        if isinstance(what, Part):
            return self._delivery(parts=(what,), heard=heard)
        return self._delivery(arrivals=(what,), heard=heard)

    def _delivery(
        self, *, arrivals: tuple[Arrival, ...] = (), parts: tuple[Part, ...] = (), receipts: tuple[Receipt, ...] = (), heard: bool = False
    ) -> Delivery:
        """`heard`: a citizen reads what we say."""
        profile = self._profile
        body = profile.quiet_body if self._rules.speaks and not heard else profile.success_body
        return Delivery(arrivals=arrivals, parts=parts, receipts=receipts, media_type=profile.success_type, body=body.encode())

    def _receipt(self, raw: bytes, now: datetime) -> Receipt:
        """Raises ValueError."""
        call, names = push_request.read(raw), self._profile.receipt_fields
        identity, word = call.word(names.id), call.word(names.status)
        if not identity:
            raise ValueError(f"{names.id} is missing")
        if not word:
            raise ValueError(f"{names.status} is missing")
        shown = "".join(sign for sign in word[:_LONGEST_WORD] if sign.isprintable())
        state = receipt_state(self._profile, word)
        return Receipt(channel=self._name, provider_ids=(identity,), state=state, words=shown, at=now)

    async def enter(self, words: str, public: str) -> str:
        """See `channels.base.Enterable`: a call as the aggregator makes it. Raises Refused or Unavailable."""
        call = push_entering.push(words, self._settings, self._profile.fields, self._profile.methods[0])
        await push_entering.enter(call, public + self.path)
        return ""

    def decode(self, arrival: Arrival, parts: Sequence[Part]) -> InboundMessage:
        return push_reading.decode(arrival, parts, self._rules)

    async def probe(self) -> str:
        """Is there somebody at the aggregator's address? It connects and sends nothing. Raises Unavailable."""
        if not self._settings.send_url:
            return "citizens are answered with the response; nothing to connect to"
        url = urlsplit(self._settings.send_url)
        port = url.port or (443 if url.scheme == "https" else 80)
        place = f"{url.hostname}:{port}"
        trust = ssl.create_default_context() if url.scheme == "https" else None
        try:
            async with asyncio.timeout(CONNECT_S):
                _, writer = await asyncio.open_connection(url.hostname, port, ssl=trust)
        except (OSError, UnicodeError) as problem:
            raise Unavailable(f"{place} cannot be reached: {type(problem).__name__}") from problem
        writer.close()
        return f"{place} answers; nothing was sent"

    async def send(self, letter: Letter) -> Taken:
        """One call. Raises Refused or Unavailable."""
        if not self._settings.send_url:
            raise Refused("no_way_back")
        call = push_sending.compose(letter, self._settings, self._profile)
        try:
            async with self._turn(), self._session() as session:
                reply = await self._call(session, call)
            return push_sending.judge(reply, self._profile.send_accepted, call.own_id, datetime.now(UTC))
        except Refused:
            self.counts["refused"] += 1
            raise
        except Unavailable as trouble:
            self.counts["throttled" if trouble.code == "http_429" else trouble.code] += 1
            raise

    async def _call(self, session: aiohttp.ClientSession, call: push_sending.Call) -> push_sending.Reply:
        fields, shape = call.fields, self._profile.send_format
        headers = {"Authorization": aiohttp.encode_basic_auth(*call.basic)} if call.basic else {}
        try:
            async with session.request(
                self._profile.send_method,
                self._settings.send_url,
                params=fields if shape == "query" else None,
                data=fields if shape == "form" else None,
                json=fields if shape == "json" else None,
                headers=headers,
                allow_redirects=False,
            ) as response:
                body = (await _read(response)).decode("utf-8", "replace")
                if secret := self._settings.send_password:  # one that repeats how it was called
                    body = body.replace(secret, "***")
                return push_sending.Reply(response.status, body, response.headers.get("Retry-After", ""))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as problem:
            raise Unavailable("unreachable") from problem
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            raise Unavailable("no_answer", unsure=True) from problem

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One of the `send_concurrency` places. Raises Unavailable when none becomes free."""
        try:
            async with asyncio.timeout(self._turn_s):
                await self._room.acquire()
        except TimeoutError:
            raise Unavailable("busy") from None
        try:
            yield
        finally:
            self._room.release()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """One for all letters that are under way together; it is closed with the last of them, so that nobody else has to."""
        if self._opened is None:
            self._opened = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._settings.send_concurrency),
                cookie_jar=aiohttp.DummyCookieJar(),
                middlewares=(_once,),
                timeout=aiohttp.ClientTimeout(total=self._settings.send_timeout_s, sock_connect=CONNECT_S),
            )
        session = self._opened
        self._under_way += 1
        try:
            yield session
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._opened = None
                await session.close()


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """A GET whose connection is lost aiohttp sends again by itself: the citizen would hear twice, and nobody would know."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as problem:
        raise Unavailable("no_answer", unsure=True) from problem


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The answer, or as much of it as is looked at."""
    answer = b""
    while len(answer) < LARGEST_ANSWER and (chunk := await response.content.readany()):
        answer += chunk
    if len(answer) >= LARGEST_ANSWER:
        # the rest may never end
        response.close()
    return answer[:LARGEST_ANSWER]
