"""The channel "social.x": an account at X that citizens mention, and the hashtags under which they complain.

In: posts, read by polling (and by a stream, where the settings want it) and committed with the cursor that covers them; letters, which
go out as replies. Out: arrivals, parts that amend them, purged messages, ids of answers. It never logs, and never answers anybody whom
X's rules keep from being answered.

    Shift (one listening) ─► poll mentions, hashtags ─┐
                          ─► stream (optional) ───────┼─► x_page ─► Shift.keep ─► inbox.advance (posts, notes, cursor: one commit)
                          ─► threads ─────────────────┘
                          ─► watch: what was deleted ─► inbox.forget
    decode ─► x_reading (pure)        gather ─► x_media        send ─► x_answer ─► x_policy (pure)

What is passed over, and what a citizen's quote of one of our posts is, stands in `x_page`; what is noted, in `x_shift`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import aiohttp

from channels.base import Arrival, Gathered, InboundMessage, Inbox, Letter, Part, Refused, Taken, Unavailable
from channels.social import x_answer, x_errors, x_media, x_poll, x_reading, x_stream, x_watch
from channels.social.x_api import Api
from channels.social.x_guard import Guard
from channels.social.x_page import Account
from channels.social.x_settings import Settings
from channels.social.x_shift import Shift
from channels.social.x_state import Board, LinkState, Task

__all__ = ["Settings", "X", "channel"]


def channel(name: str, settings: Settings) -> X:
    """The channel of one account."""
    return X(name, settings)


class X:
    """One account. `counts`: opted_out, deleted, watch_ended, gap, seen, unreadable, own_post, retweet, level_*, and codes of failures."""

    single: Final = "poll"
    #: X is paid for each answer
    probe_every_s: Final = 3600.0

    def __init__(self, name: str, settings: Settings) -> None:
        self._name, self._settings = name, settings
        self._rules = x_reading.Rules(opt_out_words=settings.opt_out_words)
        self._api = Api(settings)
        self._guard = Guard(settings.daily_cap)
        self._board = Board(self._guard)
        self._shift: Shift | None = None
        #: a letter met keys that X refuses
        self._doubt = asyncio.Event()
        #: files are cleaned one at a time
        self._cleaning = asyncio.Lock()

    @property
    def name(self) -> str:
        return self._name

    @property
    def up(self) -> bool:
        """True while an answer could be posted: we listen, X takes the keys, and not all is spent."""
        ours = self._shift is not None and self._shift.inbox.left_s > 0
        return ours and self._board.keys_work and self._guard.level(datetime.now(UTC)) != "stopped"

    @property
    def links(self) -> tuple[LinkState, ...]:
        """One for each thing that is done at X."""
        return self._board.states()

    @property
    def counts(self) -> Counter[str]:
        return self._board.counts

    def decode(self, arrival: Arrival, parts: Sequence[Part]) -> InboundMessage:
        return x_reading.decode(arrival, parts, self._rules)

    def lacks(self, message: InboundMessage) -> bool:
        """Pictures and films."""
        return "media" in message.extras

    async def gather(self, arrival: Arrival, message: InboundMessage) -> Gathered:
        return await x_media.gather(self._api, message, self._cleaning)

    def complete(self, message: InboundMessage, facts: Mapping[str, str]) -> InboundMessage:
        return x_media.complete(message, dict(facts))

    async def probe(self) -> str:
        """Whose keys are these? Raises Unavailable."""
        async with self._api.session() as session:
            try:
                account = self._ours(await self._api.me(session))
            except Refused as refused:
                raise Unavailable(f"{self._settings.api_url} refuses: {refused.code}") from refused
        return f"{self._settings.api_url} knows @{account.username}; nothing was read or posted"

    async def listen(self, inbox: Inbox) -> None:
        """Work until cancelled. Keys that X refuses are tried again every few minutes, for ever."""
        tasks: dict[Task, bool] = {"mentions": True, "hashtags": bool(self._settings.query), "stream": self._settings.stream, "watch": True}
        self._board.begin(["account", *(task for task, wanted in tasks.items() if wanted)])
        async with self._api.session() as session:
            shift = await self._opened(inbox, session)
            self._shift = shift
            try:
                await self._work(shift)
            finally:
                self._shift = None

    async def send(self, letter: Letter) -> Taken:
        """Reply. Raises Refused or Unavailable."""
        if self._shift is None:
            raise Unavailable("not_listening")
        try:
            return await x_answer.answer(self._shift, letter)
        except Unavailable as trouble:
            if trouble.code in {"keys_refused", "no_credits"}:
                self._board.failed("account", trouble.code)
                self._doubt.set()
            raise

    async def _opened(self, inbox: Inbox, session: aiohttp.ClientSession) -> Shift:
        """With everything that was noted, and the account that the keys are of."""
        failures = 0
        while True:
            try:
                await self._remember(inbox)
                account = self._ours(await self._api.me(session))
            except (Unavailable, Refused) as failure:
                failures += 1
                self._board.failed("account", failure.code)
                await asyncio.sleep(x_errors.pause(failure, self._settings.poll_s, failures))
                continue
            self._board.well("account")
            return Shift(
                name=self._name,
                settings=self._settings,
                api=self._api,
                session=session,
                inbox=inbox,
                account=account,
                guard=self._guard,
                board=self._board,
            )

    async def _work(self, shift: Shift) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._accepted(shift))
            group.create_task(x_poll.poll(shift, "mentions"))
            group.create_task(x_watch.watch(shift))
            if self._settings.query:
                group.create_task(x_poll.poll(shift, "hashtags"))
            if self._settings.stream:
                group.create_task(x_stream.stream(shift))

    async def _accepted(self, shift: Shift) -> None:
        """When a letter met refused keys, find out when they are good again."""
        while True:
            await self._doubt.wait()
            await asyncio.sleep(self._settings.poll_s * x_errors.PATIENCE)
            try:
                self._ours(await self._api.me(shift.session))
            except (Unavailable, Refused) as failure:
                self._board.failed("account", failure.code)
                continue
            self._doubt.clear()
            self._board.well("account")

    async def _remember(self, inbox: Inbox) -> None:
        """Where the polling stands, what was spent today, and gaps that an operator may not have seen yet."""
        await x_poll.begin(inbox, self._name, ("mentions", "hashtags") if self._settings.query else ("mentions",))
        now = datetime.now(UTC)
        self._guard.remember(now, await inbox.recall(self._name, Guard.note(now)))
        for task in ("mentions", "hashtags"):
            at, _, why = (await inbox.recall(self._name, f"gap:{task}") or "").partition(" ")
            if at:
                self._board.gap("mentions" if task == "mentions" else "hashtags", datetime.fromisoformat(at), why)

    def _ours(self, account: Account) -> Account:
        """Raises Unavailable when the keys are another account's: we would answer in its name."""
        if account.username.casefold() != self._settings.account.casefold():
            raise Unavailable("other_account")
        return account
