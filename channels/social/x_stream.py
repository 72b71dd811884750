"""The filtered stream: an option beside the polling that brings a post seconds sooner, at the full price of a read.

In: lines of X's stream. Out: kept posts. It moves no cursor: the polling reads the same posts again, knows them by their ids, and brings
whatever the stream missed. So nothing here has to be certain, and every trouble is answered by connecting again, later each time.

tweepy's stream client connects again at once, for ever, when X closes politely; and ends its task without a word on anything that it
does not know. So one connection is one task here, whose end of any kind is a failure, and the pauses are ours.
"""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp
import tweepy
import tweepy.asynchronous

from channels.base import Refused, Unavailable
from channels.social.x_api import FIELDS
from channels.social.x_page import parse, read_page
from channels.social.x_post import identity, rows, table, words
from channels.social.x_shift import Shift

#: the rules with such a tag are ours; those of others on the same app are left alone, and what they bring is passed over
TAG: Final = "lapor:"
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 300.0
#: a connection that lived so long was a good one
HELD_S: Final = 60.0


async def stream(shift: Shift) -> None:
    """For ever, while the purse allows."""
    pause = FIRST_PAUSE_S
    while True:
        began = asyncio.get_running_loop().time()
        wait = pause
        if _may(shift):
            try:
                await _connect(shift)
            except (Unavailable, Refused) as failure:
                if _may(shift):
                    shift.board.failed("stream", failure.code)
                else:
                    shift.board.well("stream")  # it was closed to save, which the level says
                wait = max(pause, failure.retry_after or 0.0) if isinstance(failure, Unavailable) else LONGEST_PAUSE_S
        pause = FIRST_PAUSE_S if asyncio.get_running_loop().time() - began > HELD_S else min(pause * 2, LONGEST_PAUSE_S)
        await asyncio.sleep(wait * (0.75 + 0.5 * random.random()))


def _may(shift: Shift) -> bool:
    return shift.guard.level(datetime.now(UTC)) in {"ok", "slow"}


async def _connect(shift: Shift) -> None:
    """One connection, from the rules to its end, which is always a failure. Raises Unavailable or Refused."""
    async with shift.api.session(endless=True) as session:
        tap = Tap(shift, session)
        try:
            await tap.agree(rules(shift))
            # tweepy's task swallows its cancellation; awaited itself, it would swallow ours
            await asyncio.wait((tap.filter(**FIELDS),))
        except TimeoutError as error:
            raise Unavailable("timeout") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unavailable("no_connection") from error
        finally:
            await tap.leave()
        raise tap.end if isinstance(tap.end, Unavailable | Refused) else Unavailable("stream_ended")


def rules(shift: Shift) -> dict[str, str]:
    """Tag -> rule."""
    own = shift.settings
    found = {f"{TAG}mentions": f"@{own.account} -is:retweet -from:{own.account}"}
    return found | ({f"{TAG}hashtags": own.query} if own.query else {})


class Tap(tweepy.asynchronous.AsyncStreamingClient):  # type: ignore[misc]  # tweepy ships no types, and wants to be inherited from
    """One connection. `end` says why it is over."""

    def __init__(self, shift: Shift, session: aiohttp.ClientSession) -> None:
        super().__init__(shift.settings.bearer_token, return_type=aiohttp.ClientResponse, max_retries=0)
        self.session = session
        self.end: Exception | None = None
        self._shift = shift

    async def agree(self, wanted: dict[str, str]) -> None:
        """Make X's rules with our tags those that are wanted."""
        try:
            there = list(rows(parse((await (await self.get_rules()).text()).encode()).get("data")))
        except ValueError as error:
            raise Unavailable("bad_answer") from error
        ours = [rule for rule in there if words(rule.get("tag")).startswith(TAG)]
        kept = {words(rule.get("tag")) for rule in ours if wanted.get(words(rule.get("tag"))) == rule.get("value")}
        if stale := [identity(rule.get("id")) for rule in ours if words(rule.get("tag")) not in kept]:
            await self.delete_rules([rule for rule in stale if rule])
        if missing := [tweepy.StreamRule(value, tag) for tag, value in wanted.items() if tag not in kept]:
            await self.add_rules(missing)

    async def leave(self) -> None:
        """Whatever happens to us, the connection is closed."""
        if self.task is not None and not self.task.done():
            self.task.cancel()
            await asyncio.wait((self.task,))

    async def on_connect(self) -> None:
        """X has let us in."""
        self._shift.board.well("stream")
        self._shift.board.counts["stream_connected"] += 1

    async def on_data(self, raw_data: bytes) -> None:
        """A line: a post with the rules that it met, or X's word that it will close. Committed before the next is read."""
        try:
            line = parse(raw_data)
            matched = {words(rule.get("tag")) for rule in rows(line.get("matching_rules"))}
            page = read_page(raw_data, self._shift.account, "stream")
        except ValueError:
            self._shift.board.counts["stream_unreadable"] += 1  # the polling will bring it
            return
        if line.get("errors") and not table(line.get("data")):
            raise Unavailable("stream_closed")
        if not any(tag.startswith(TAG) for tag in matched):
            return
        self._shift.guard.read(datetime.now(UTC), self._shift.settings.price_read, page.ids)
        await self._shift.keep([each for each in page.found if each.post_id], {})
        if not _may(self._shift):
            raise Unavailable("saving")

    async def on_closed(self, resp: Any) -> None:
        """X closed politely; the pause is ours."""
        raise Unavailable("stream_closed")

    async def on_connection_error(self) -> None:
        """The connection broke, or was silent too long."""
        raise Unavailable("no_connection")

    async def on_request_error(self, status_code: int) -> None:
        """X did not let us in; what that means was judged before, in the session."""
        raise Unavailable("server_error")

    async def on_exception(self, exception: Exception) -> None:
        """Anything else; the task ends after it."""
        self.end = exception

    async def on_disconnect(self) -> None:
        """Nothing to log."""
