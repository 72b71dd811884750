"""The calls that the channel makes to X's API v2, by way of tweepy.

In: questions and answers to post. Out: X's bytes. Raises Refused and Unavailable only. It never decides when to ask again, remembers
no post, and tells nobody a key: the logs of tweepy are shut below WARNING, and an exception of ours carries a code.

tweepy signs, and knows the parameters; everything else is done in a middleware of the session, because tweepy takes an HTML 503 for
success of another kind and drops the headers: there a failure becomes ours, the limits of each endpoint are noted and kept, and
another `api_url` takes the place of X's own host.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import tweepy.asynchronous
from yarl import URL

from channels.base import Unavailable, quoted
from channels.social import x_errors
from channels.social.x_page import Account, parse
from channels.social.x_post import identity, table, words
from channels.social.x_settings import PUBLIC_API, Settings

#: seconds; a page of a hundred posts with everything that belongs to them takes X a second or two
TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10, sock_read=20)
PAGE: Final = 100
#: the hosts of X's pictures and films
MEDIA_HOSTS: Final = ".twimg.com"

FIELDS: Final[dict[str, Any]] = {
    "tweet_fields": [
        "attachments", "author_id", "conversation_id", "created_at", "edit_history_tweet_ids", "entities", "geo", "in_reply_to_user_id",
        "lang", "note_tweet", "public_metrics", "referenced_tweets",
    ],
    "expansions": [
        "attachments.media_keys", "author_id", "geo.place_id", "referenced_tweets.id", "referenced_tweets.id.author_id",
    ],
    "user_fields": ["id", "username", "protected"],
    "media_fields": ["media_key", "type", "url", "preview_image_url", "variants"],
    "place_fields": ["full_name", "name", "place_type", "country_code"],
}  # fmt: skip


class Limits:
    """What X left us of each endpoint's window, as its last answer said. Times are Unix seconds."""

    def __init__(self) -> None:
        self._closed: dict[str, float] = {}

    def heard(self, endpoint: str, headers: Any, now: float) -> None:
        """An answer came."""
        if headers.get("x-rate-limit-remaining") == "0":
            self._closed[endpoint] = now + x_errors.until_reset(headers, now)
        else:
            self._closed.pop(endpoint, None)

    def wait(self, endpoint: str, now: float) -> float:
        """Seconds until it may be asked again, spread a little so that not all come back in one instant."""
        closed = self._closed.get(endpoint, 0.0) - now
        return closed + random.random() if closed > 0 else 0.0


class Api:
    """One account at X. Questions are asked with the app's bearer token, answers are signed by the account."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._base = URL(settings.api_url)
        for talkative in ("tweepy", "oauthlib"):  # at DEBUG they print the bearer token, what was signed, and whose posts were asked for
            logging.getLogger(talkative).setLevel(logging.WARNING)
        self.limits = Limits()

    @asynccontextmanager
    async def session(self, *, endless: bool = False) -> AsyncIterator[aiohttp.ClientSession]:
        """For as long as calls are made. `endless`: for the stream, which is silent for 20 s at most and never ends."""
        timeout = aiohttp.ClientTimeout(total=None, connect=10, sock_read=45) if endless else TIMEOUT
        async with aiohttp.ClientSession(middlewares=[self._through], timeout=timeout) as session:
            yield session

    async def me(self, session: aiohttp.ClientSession) -> Account:
        """Whose the access keys are."""
        return _account(await self._ask(session, "get_me", user_auth=True))

    async def mentions(self, session: aiohttp.ClientSession, account: Account, **bounds: str) -> bytes:
        """A page of the posts that mention us, the newest first; `bounds`: since_id, until_id, pagination_token."""
        return await self._ask(session, "get_users_mentions", account.id, max_results=PAGE, **bounds, **FIELDS)

    async def search(self, session: aiohttp.ClientSession, query: str, **bounds: str) -> bytes:
        """A page of the last seven days, the newest first; `bounds`: since_id, until_id, next_token."""
        return await self._ask(session, "search_recent_tweets", query, max_results=PAGE, **bounds, **FIELDS)

    async def lookup(self, session: aiohttp.ClientSession, ids: list[str]) -> bytes:
        """Which of up to a hundred posts there still are."""
        return await self._ask(session, "get_tweets", ids, tweet_fields=["id"])

    async def post(self, text: str, to: str) -> tuple[str, str]:
        """Answer a post; the id of ours, or empty when X said yes and nothing more, and what of its answer is kept.

        On a connection of its own: one that was kept and is closed in that moment leaves it unsure whether X has read us.
        """
        async with self.session() as session:
            body = await self._ask(session, "create_tweet", text=text, in_reply_to_tweet_id=to, user_auth=True)
        try:
            post = identity(table(parse(body).get("data")).get("id"))
        except ValueError:
            post = ""
        # the rest repeats the answer, and whom it names
        return post, f'{{"data": {{"id": "{post}"}}}}' if post else quoted(body.decode("utf-8", "replace"))

    def media_url(self, url: str) -> URL | None:
        """Where a picture is to be had; None for any other place in the world."""
        try:
            there = URL(url)
        except ValueError:
            return None
        if there.scheme != "https" or not (there.host or "").endswith(MEDIA_HOSTS) or there.explicit_port:
            return None
        return there

    async def _ask(self, session: aiohttp.ClientSession, call: str, *args: Any, **params: Any) -> bytes:
        client = self._client(session)
        try:
            answer = await getattr(client, call)(*args, **params)
            # tweepy has read and released it, and a released answer can be had as a text only
            body: str = await answer.text("utf-8", "surrogateescape")
        except TimeoutError as error:
            raise Unavailable("timeout", unsure=True) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unavailable("no_connection", unsure=not isinstance(error, aiohttp.ClientConnectorError)) from error
        return body.encode("utf-8", "surrogateescape")

    def _client(self, session: aiohttp.ClientSession) -> Any:
        own = self._settings
        client = tweepy.asynchronous.AsyncClient(
            own.bearer_token,
            own.consumer_key,
            own.consumer_secret,
            own.access_token,
            own.access_secret,
            return_type=aiohttp.ClientResponse,
        )
        client.session = session
        return client

    async def _through(self, request: aiohttp.ClientRequest, call: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        """Every call of ours passes here."""
        endpoint = f"{request.method} {_endpoint(request.url)}"
        if (wait := self.limits.wait(endpoint, time.time())) > 0:
            raise Unavailable("rate_limited", retry_after=wait)
        if self._settings.api_url != PUBLIC_API:
            request.url = self._base.join(URL(f"{self._base.path.rstrip('/')}{request.url.raw_path_qs}", encoded=True))
        response = await call(request)
        self.limits.heard(endpoint, response.headers, time.time())
        if response.status < 300:
            return response
        try:
            async with asyncio.timeout(5):
                body = await response.content.read(64 * 1024)
        except (aiohttp.ClientError, TimeoutError):
            body = b""
        response.close()
        raise x_errors.failure(response.status, response.headers, body, time.time())


def _endpoint(url: URL) -> str:
    """The path without its ids: one limit holds for all."""
    return "/".join("*" if piece.isdecimal() else piece for piece in url.path.split("/"))


def _account(body: bytes) -> Account:
    try:
        user = table(parse(body).get("data"))
    except ValueError as error:
        raise Unavailable("bad_answer") from error
    if not identity(user.get("id")) or not words(user.get("username")):
        raise Unavailable("bad_answer")
    return Account(id=identity(user.get("id")), username=words(user.get("username")))
