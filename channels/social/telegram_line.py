"""Calls to the Bot API with one bot's token.

In: the name of a method and its arguments. Out: what Telegram answered, updates as the exact bytes of each. It never tries again, and
its errors hold neither the token nor a word of a message.

python-telegram-bot's Bot is asked for raw answers: what it would make of them is not needed, and one update that it cannot read would
make it refuse the whole batch for ever. Two things of its request class are replaced: it would log what it cannot parse, citizens'
words included, and it forgets the status of most answers.
"""

from __future__ import annotations

import json
import logging
import ssl
import warnings
from http import HTTPStatus
from typing import Any, Self

import httpx
import msgspec
from telegram import Bot
from telegram.error import TelegramError, TimedOut
from telegram.request import HTTPXRequest, RequestData
from telegram.warnings import PTBUserWarning

from channels.base import Refused, Unavailable, quoted
from channels.social.telegram_settings import Settings

#: how long a connection may take to be made
CONNECT_S = 5.0
#: how much longer than it may keep a question for news open Telegram may take to say that there are none
LATE_S = 10.0
CONNECTIONS = 32
#: what of Telegram's words on a refusal is kept for the operator
_WORDS = 200
#: getFile's word for a download of Telegram's own that stopped, for whatever reason; a file_id that is none is "invalid"
_NOT_NOW = "temporarily unavailable"
#: they log addresses, which contain the token, and texts
_TALKATIVE = ("httpx", "httpcore", "telegram")
#: the call did not get as far as Telegram
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Answered(TelegramError):
    """An answer other than yes. `description` is Telegram's own, `retry_after` in seconds where it names them."""

    def __init__(self, status: int, payload: bytes) -> None:
        super().__init__(f"HTTP {status}")
        try:
            said = msgspec.json.decode(payload, type=_No)
        except (ValueError, RecursionError):
            said = _No()
        self.status, self.description, self.retry_after = status, said.description, said.parameters.retry_after


class _Parameters(msgspec.Struct, frozen=True):
    """§ResponseParameters."""

    retry_after: float | None = None


class _No(msgspec.Struct, frozen=True):
    """§Making requests, of an answer that is not ok."""

    description: str = ""
    parameters: _Parameters = _Parameters()


class _Updates(msgspec.Struct, frozen=True):
    """§Making requests, of getUpdates."""

    result: list[msgspec.Raw]


class _Quiet(HTTPXRequest):
    """Says every status, and logs nothing."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **more: Any
    ) -> tuple[int, bytes]:
        status, payload = await super().do_request(url, method, request_data, *args, **more)
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise Answered(status, payload)
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            return {"result": json.loads(payload)["result"]}
        except (ValueError, RecursionError, LookupError, TypeError):
            raise TelegramError("no answer of the Bot API") from None


class _Exact(_Quiet):
    """Leaves updates as they came."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            return {"result": [bytes(raw) for raw in msgspec.json.decode(payload, type=_Updates).result]}
        except (ValueError, RecursionError):
            # One of them has something that a strict reader stumbles over (half of a surrogate pair); the others shall not wait for it.
            updates = _Quiet.parse_json_payload(payload)["result"]
            if not isinstance(updates, list):
                raise TelegramError("no updates") from None
            return {"result": [json.dumps(update).encode() for update in updates]}


class Line:
    """An async context: open while connections are kept."""

    def __init__(self, settings: Settings, trust: ssl.SSLContext) -> None:
        """`trust` is made once and lent to every line, because to make one takes longer than a call."""
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        # do_api_request would have us call get_updates instead; see above why not
        warnings.filterwarnings("ignore", r"Please use 'Bot\.", PTBUserWarning)
        self._token, self._poll_s = settings.token, settings.poll_s
        base = settings.api_url.rstrip("/")
        patience = settings.timeout_s
        limits: dict[str, Any] = {
            "write_timeout": patience, "connect_timeout": CONNECT_S, "pool_timeout": patience, "httpx_kwargs": {"verify": trust},
        }  # fmt: skip
        self._request = _Quiet(CONNECTIONS, read_timeout=patience, **limits)
        self._news = _Exact(1, read_timeout=settings.poll_s + LATE_S, **limits)
        self._files = f"{base}/file/bot{settings.token}"
        self._bot = Bot(settings.token, base_url=f"{base}/bot", request=self._request, get_updates_request=self._news)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._request.shutdown()
        await self._news.shutdown()

    async def call(self, method: str, **arguments: Any) -> Any:
        """The result. Raises Refused or Unavailable."""
        try:
            return await self._bot.do_api_request(method, api_kwargs=arguments)
        except TelegramError as error:
            raise self._judged(error) from None  # the library's own words may contain the token

    async def updates(self, offset: int, kinds: list[str]) -> list[bytes]:
        """What is new from `offset` on, each as it came; waits for something. What is before `offset` is gone for good.

        Raises Unavailable; Refused when Telegram does not know what we want.
        """
        arguments: dict[str, Any] = {"timeout": self._poll_s, "allowed_updates": kinds}
        if offset:
            arguments["offset"] = offset
        updates: list[bytes] = await self.call("getUpdates", **arguments)
        return updates

    async def download(self, file_path: str) -> bytes:
        """The file of which getFile gave the path. Raises Unavailable; Refused when it is not there (any more)."""
        try:
            return await self._request.retrieve(f"{self._files}/{file_path}")
        except TelegramError as error:
            if isinstance(error, Answered) and error.status == HTTPStatus.NOT_FOUND:
                raise Refused("file_gone") from None
            raise self._judged(error) from None

    def _judged(self, error: TelegramError) -> Refused | Unavailable:
        """https://core.telegram.org/bots/api#making-requests; a bad token is answered with 401, or with 404 when it has no form."""
        if not isinstance(error, Answered):
            sent = not isinstance(error.__cause__, _UNSENT)
            return Unavailable("timeout" if isinstance(error, TimedOut) else "no_answer" if sent else "unreachable", unsure=sent)
        said = quoted(f"HTTP {error.status}\n{self._words(error)}")
        match error.status:
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.NOT_FOUND:
                return Unavailable("token_refused", said=said)
            case HTTPStatus.CONFLICT:
                return Unavailable("conflict", said=said)
            case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.REQUEST_TIMEOUT:
                return Unavailable("throttled", retry_after=error.retry_after, said=said)
            case HTTPStatus.FORBIDDEN:
                return Refused("blocked", self._words(error), said=said)
            case HTTPStatus.BAD_REQUEST if _NOT_NOW in error.description:
                return Unavailable("not_now", said=said)
            case status if status < HTTPStatus.INTERNAL_SERVER_ERROR:
                code = "chat_not_found" if "chat not found" in error.description.lower() else "rejected"
                return Refused(code, self._words(error), said=said)
        return Unavailable("server_error", said=said)

    def _words(self, error: Answered) -> str:
        return (error.description or error.message).replace(self._token, "***")[:_WORDS]
