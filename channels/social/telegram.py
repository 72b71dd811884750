"""The channel "social.telegram": a bot that takes complaints in private chats.

In: updates, asked for (long polling) or brought (webhook); letters. Out: arrivals and parts of the exact bytes of each update, and
messages to the citizen. An update is confirmed to Telegram only when it is on disk, and nothing here reads it closer than its identity
needs; it never logs.

    getUpdates ─► take ─► inbox.advance(updates + offset, one commit) ─► the next getUpdates says the offset
    webhook    ─► read ─► the gateway commits ─► 200
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from channels.base import Arrival, Delivery, Forged, InboundMessage, Inbox, Part, Request, Unavailable
from channels.social import telegram_media, telegram_reading
from channels.social.telegram_desk import BOT, Desk, LinkState, stored
from channels.social.telegram_intake import take
from channels.social.telegram_line import Line
from channels.social.telegram_settings import Settings, webhook_path

__all__ = ["BOT", "Called", "Polled", "Settings", "channel"]

#: what we ask to be told of; Telegram remembers it, and also what it was told by another program
KINDS = ["message", "edited_message"]
#: the note with the update_id that is asked for next
OFFSET = "offset"
#: Telegram numbers updates anew when a bot had none for a week; by then it has long forgotten what is before the offset
QUIET = timedelta(days=6)
#: how often a webhook is set again, lest somebody else has changed it, or the token is not valid any more
CHECK_S = 300.0
#: before the same batch is asked for again, of which nothing could be confirmed
STUCK_S = 1.0
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of a header, not what is in it


def channel(name: str, settings: Settings) -> Polled | Called:
    """The channel of one bot. Raises ValueError for a webhook that cannot work."""
    return Called(name, settings, webhook_path(settings)) if settings.webhook else Polled(name, settings)


def decode(arrival: Arrival, parts: Sequence[Part]) -> InboundMessage:
    """See `Channel.decode`."""
    return telegram_reading.decode(arrival, parts)


class Polled:
    """A bot that asks. Telegram answers one who asks and no two."""

    single: Final = "poll"

    def __init__(self, name: str, settings: Settings) -> None:
        self._desk = desk = Desk(name, settings)
        self.counts, self.send, self.probe, self.lacks, self.gather = desk.counts, desk.send, desk.probe, desk.lacks, desk.gather
        self.decode, self.complete = decode, telegram_media.complete
        self.rates, self.pace = desk.rates, desk.pace

    @property
    def name(self) -> str:
        return self._desk.name

    @property
    def up(self) -> bool:
        return self._desk.up

    @property
    def links(self) -> tuple[LinkState, ...]:
        return self._desk.links

    async def listen(self, inbox: Inbox) -> None:
        self._desk.left_s = lambda: inbox.left_s
        await self._desk.keep(lambda line: self._poll(line, inbox))

    async def _poll(self, line: Line, inbox: Inbox) -> None:
        """Ask until something fails. Raises Refused or Unavailable."""
        await self._desk.own(inbox)
        await line.call("deleteWebhook")  # Telegram answers nobody who asks while it has somebody to call
        self._desk.begun("polling")
        heard = await stored(inbox.latest(self.name))
        note = await stored(inbox.recall(self.name, OFFSET))
        offset = int(note) if note and heard else 0
        while True:
            self._desk.sure()
            raws = await line.updates(0 if heard is None or datetime.now(UTC) - heard > QUIET else offset, KINDS)
            self._desk.well("polling")
            if raws:
                heard = datetime.now(UTC)
                before, offset = offset, await self._keep(raws, heard, offset, inbox)
                if offset == before:
                    await asyncio.sleep(STUCK_S)

    async def _keep(self, raws: Sequence[bytes], now: datetime, offset: int, inbox: Inbox) -> int:
        """Commit a batch and the offset behind it, which is returned. Raises Unavailable."""
        taken = [take(self.name, raw, now, self._desk.bot) for raw in raws]
        self.counts.update(each.why for each in taken if each.why)
        numbers = [each.update_id for each in taken if each.update_id is not None]
        offset = max(numbers) + 1 if numbers else offset
        arrivals = [each.what for each in taken if isinstance(each.what, Arrival)]
        parts = [each.what for each in taken if isinstance(each.what, Part)]
        await stored(inbox.advance(self.name, {OFFSET: str(offset)}, arrivals, parts))
        return offset


class Called:
    """A bot that is called."""

    def __init__(self, name: str, settings: Settings, path: str) -> None:
        """`path`: where the calls arrive."""
        self._desk = desk = Desk(name, settings)
        self._path, self._settings = path, settings
        self.counts, self.send, self.probe, self.lacks, self.gather = desk.counts, desk.send, desk.probe, desk.lacks, desk.gather
        self.decode, self.complete = decode, telegram_media.complete
        self.rates, self.pace = desk.rates, desk.pace

    @property
    def name(self) -> str:
        return self._desk.name

    @property
    def up(self) -> bool:
        return self._desk.up

    @property
    def links(self) -> tuple[LinkState, ...]:
        return self._desk.links

    @property
    def path(self) -> str:
        return self._path

    async def listen(self, inbox: Inbox) -> None:
        """Tell Telegram where to call; what it brings goes through `read`."""
        await self._desk.keep(lambda line: self._stay(line, inbox))

    async def _stay(self, line: Line, inbox: Inbox) -> None:
        """Raises Refused or Unavailable."""
        try:
            await self._desk.own(inbox)
        except Unavailable as trouble:
            if trouble.code == "other_bot":
                raise
            # the store is away; what is brought meanwhile goes to the spool, and need not wait for this
        secret = self._settings.webhook_secret
        await line.call("setWebhook", url=self._settings.webhook_url, secret_token=secret, allowed_updates=KINDS)
        self._desk.well("called")
        await asyncio.sleep(CHECK_S)

    def read(self, request: Request) -> Delivery:
        """One update. 200 is what confirms it, so what cannot be read is kept as well: Telegram would bring it again for a day."""
        given = request.headers.get(SECRET_HEADER, "").encode(errors="replace")
        if not hmac.compare_digest(given, self._settings.webhook_secret.encode()):
            raise Forged
        if request.method != "POST" or not request.body:
            raise ValueError("an update comes as the body of a POST")
        taken = take(self.name, request.body, request.received_at, self._desk.bot)
        if taken.why:
            self.counts[taken.why] += 1
        arrivals = (taken.what,) if isinstance(taken.what, Arrival) else ()
        parts = (taken.what,) if isinstance(taken.what, Part) else ()
        return Delivery(arrivals=arrivals, parts=parts)
