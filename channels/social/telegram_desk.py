"""What a bot does in the same way whether it asks Telegram for news or is called: it keeps a line, sends letters, fetches files.

In: letters, messages with files to fetch, and the work of a session on an open line. Out: Telegram's ids of what was sent, files, and a
state for operators' eyes. It never takes a message in, and never logs.
"""

from __future__ import annotations

import asyncio
import math
import random
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Literal

import httpx
import msgspec

from channels.base import Arrival, Gathered, InboundMessage, Inbox, Letter, Refused, Taken, Unavailable
from channels.social import telegram_gathering
from channels.social.telegram_line import Line
from channels.social.telegram_media import named_in
from channels.social.telegram_pace import OVERALL, Pace
from channels.social.telegram_settings import Settings
from channels.social.telegram_update import User

#: after a failure: the first pause is drawn between these, then about doubling, and at most so many seconds
FIRST_PAUSE_S, LONGEST_PAUSE_S = (0.1, 1.0), 30.0
#: a token that was refused, or is another bot's, will be so again until a person acts
REFUSED_PAUSE_S = 300.0
#: a letter that has to wait longer for its turn goes back to the store
PATIENCE_S = 10.0
#: for letters under way when we leave
SETTLE_S = 5.0

#: the note with the number of the bot whose messages are kept under this name
BOT = "bot"

Word = Literal["closed", "connecting", "polling", "called", "lost", "conflict", "store", "refused", "other_bot", "leaving"]
#: troubles in which Telegram itself is well and letters can go out
_SENDING = {"polling", "called", "conflict", "store"}


class LinkState(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may know of the line. `conflict`: somebody else asks with our token. `store`: it is we who cannot take more.
    `other_bot`: what is kept under this name is another bot's."""

    word: Word
    since: datetime
    why: str = ""


class Desk:
    """One bot. `counts`: unreadable, group, live_location, other_kind, reconnect, conflict, throttled, left_out …"""

    def __init__(self, name: str, settings: Settings) -> None:
        self.name, self.settings = name, settings
        self.counts: Counter[str] = Counter()
        #: our user name; empty until Telegram has said it
        self.bot = ""
        self._trust: ssl.SSLContext = httpx.create_ssl_context()
        self._line: Line | None = None
        #: for how long we may send, see `Inbox.left_s`
        self.left_s: Callable[[], float] = lambda: math.inf
        self._pace, self._cleaning = Pace(), asyncio.Lock()
        self._pause_s = 0.0
        self._under_way = 0
        self._settled = asyncio.Event()
        self._ours = False
        self._become("closed")

    @property
    def up(self) -> bool:
        return self._line is not None and self.state.word in _SENDING and self.left_s() > 0

    #: see `channels.base.Paced`: Telegram allows no more
    rates = (0.1, OVERALL)

    def pace(self, per_s: float | None) -> None:
        """See `channels.base.Paced`."""
        least, most = self.rates
        self._pace.overall = OVERALL if per_s is None else min(max(per_s, least), most)

    @property
    def links(self) -> tuple[LinkState, ...]:
        return (self.state,)

    async def keep(self, session: Callable[[Line], Awaitable[None]]) -> None:
        """Run session after session until cancelled, then leave politely. One that ends well is begun again at once."""
        async with Line(self.settings, self._trust) as line:
            self._line = line
            try:
                while True:
                    pause_s = await self._live(line, session)
                    await asyncio.sleep(pause_s)
            finally:
                await self._leave()

    async def _live(self, line: Line, session: Callable[[Line], Awaitable[None]]) -> float:
        """One session; returns the seconds to wait before the next."""
        if self.state.word == "closed":
            self._become("connecting")
        try:
            self.bot = (await _me(line)).username
            await session(line)
        except (Unavailable, Refused) as trouble:
            return self._lost(trouble)
        return 0.0

    async def own(self, inbox: Inbox) -> None:
        """A name is one bot's for ever: with another, updates and messages are numbered anew, so that the old offset would confirm what
        nobody has read, and a new message with an old number would be taken for the old one. Raises Unavailable."""
        if self._ours:
            return
        number = self.settings.token.partition(":")[0]
        known = await stored(inbox.recall(self.name, BOT))
        if known is None:
            await stored(inbox.advance(self.name, {BOT: number}))
        elif known != number:
            raise Unavailable("other_bot")
        self._ours = True

    def begun(self, word: Word) -> None:
        """Telegram knows us, so letters can go out; whether it has news is not known yet, and a trouble of before not over."""
        if self.state.word not in _SENDING:
            self._become(word)

    def well(self, word: Word) -> None:
        """The session got what it asked for."""
        self._pause_s = 0.0
        if self.state.word != word:
            self._become(word)

    def _lost(self, trouble: Unavailable | Refused) -> float:
        word: Word = "lost"
        match trouble.code:
            case "token_refused":
                word = "refused"
            case "conflict" | "other_bot" as said:
                word = said
            case code if code.startswith("store: "):
                word = "store"
        self._become(word, trouble.code)
        self.counts["reconnect" if word == "lost" else word] += 1
        if word in {"refused", "other_bot"}:
            return REFUSED_PAUSE_S
        drawn = min(self._pause_s * random.uniform(1.5, 2.5), LONGEST_PAUSE_S) if self._pause_s else random.uniform(*FIRST_PAUSE_S)
        self._pause_s = drawn
        return max(drawn, trouble.retry_after or 0.0) if isinstance(trouble, Unavailable) else drawn

    async def _leave(self) -> None:
        """Finish what was begun, for a bounded time."""
        self._become("leaving")
        if self._under_way:
            self._settled.clear()
            with suppress(TimeoutError):
                # not asyncio.timeout: before Python 3.11.3 its end cannot be told from the cancellation that brought us here
                await asyncio.wait_for(self._settled.wait(), min(SETTLE_S, self.left_s()))
        self._line = None
        self._become("closed")

    def _become(self, word: Word, why: str = "") -> None:
        self.state = LinkState(word=word, since=datetime.now(UTC), why=why)

    async def send(self, letter: Letter) -> Taken:
        """Raises Refused or Unavailable."""
        line = self._line
        if line is None or not self.up:
            raise Unavailable("not_connected")
        chat = letter.reply_to.get("chat", "")
        if not chat:
            raise Refused("no_way_back")
        loop = asyncio.get_running_loop()
        self._under_way += 1
        try:
            wait_s = self._pace.turn(chat, loop.time(), PATIENCE_S)
            if wait_s > PATIENCE_S:
                raise Unavailable("busy", retry_after=wait_s)  # by our own count: nobody else need wait for it
            await asyncio.sleep(wait_s)
            self.sure()
            sent = await line.call("sendMessage", **_parcel(chat, letter))
        except Unavailable as trouble:
            if trouble.code == "throttled" and trouble.retry_after:
                self.counts["throttled"] += 1
                self._pace.hold(trouble.retry_after, loop.time())
            elif trouble.code == "token_refused":
                self._become("refused", trouble.code)
            raise
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._settled.set()
        message_id = sent.get("message_id") if isinstance(sent, dict) else None
        # messages are numbered within their chat; the rest of the answer repeats the letter, and whose it is
        said = "HTTP 200" if message_id is None else f'HTTP 200\n{{"message_id": {message_id}}}'
        return Taken(() if message_id is None else (f"{chat}/{message_id}",), said)

    def sure(self) -> None:
        """Nobody else does what we are about to do. Raises Unavailable."""
        if self.left_s() <= 0:
            raise Unavailable("lease_lost")

    def lacks(self, message: InboundMessage) -> bool:
        return bool(named_in(message))

    async def gather(self, arrival: Arrival, message: InboundMessage) -> Gathered:
        """On a line of its own: the process that works cases off need not be the one that listens. Raises Unavailable."""
        async with Line(self.settings, self._trust) as line:
            gathered = await telegram_gathering.gather(line, message, self.settings.max_bytes, self._cleaning)
        self.counts["left_out"] += len(named_in(message)) - len(gathered.files)
        return gathered

    async def probe(self) -> str:
        """Does Telegram know the token? Raises Unavailable."""
        async with Line(self.settings, self._trust) as line:
            try:
                return f"@{(await _me(line)).username} is known to {self.settings.api_url}"
            except Refused as refused:
                raise Unavailable(refused.code) from None


async def stored(asked: Awaitable[Any]) -> Any:
    """What the store says; its trouble is told apart from Telegram's. Raises Unavailable."""
    try:
        return await asked
    except Unavailable as trouble:
        raise Unavailable(f"store: {trouble.code}") from trouble


async def _me(line: Line) -> User:
    """Raises Refused or Unavailable."""
    result = await line.call("getMe")
    try:
        return msgspec.convert(result, User)
    except ValueError:
        raise Unavailable("bad_answer") from None


def _parcel(chat: str, letter: Letter) -> dict[str, object]:
    """§sendMessage: plain text, under the message that it answers where that still exists."""
    parcel: dict[str, object] = {"chat_id": chat, "text": letter.text, "link_preview_options": {"is_disabled": True}}
    if message := letter.reply_to.get("message"):
        parcel["reply_parameters"] = {"message_id": int(message), "allow_sending_without_reply": True}
    return parcel
