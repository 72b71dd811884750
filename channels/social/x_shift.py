"""One time of listening: who listens, where it asks, and where it puts what it finds; and how found posts are kept.

In: found posts. Out: arrivals, parts and notes, in one commit. It says nothing to X.

The channel's notes, all in the inbox:
    cursor:<task>                      how far the polling is (`x_poll.Cursor`)
    gap:<task>                         the last time that posts may have been missed
    spent:<UTC day>                    see `x_guard`
    seen:<post>                        source_id of the case that has it
    conv:<conversation>:<author>       source_id of the first case that came of it
    unread:<post>                      a thread whose other pieces are still to be read
    watch:<due>:<post>                 when it is next asked whether the post still stands
    answered:<post>                    see `x_answer`
    opted_out:<author>                 since when the author is not answered any more
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import aiohttp
import msgspec

from channels.base import Arrival, Inbox, Part
from channels.social import x_policy
from channels.social.x_api import Api
from channels.social.x_guard import Guard
from channels.social.x_page import Account, Found
from channels.social.x_settings import Settings
from channels.social.x_state import Board

Notes = dict[str, str | None]

#: a part amends a message whenever that came
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DUE: Final = "%Y%m%dT%H%M%S.%f"


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """What a `watch:` note says."""

    group: str
    conversation: str
    until: datetime
    #: when it was found to be gone, as long as its case is in somebody's hands and cannot be purged
    gone: datetime | None = None


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """What an `unread:` note says."""

    group: str
    conversation: str
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Everything that the tasks of one listening share."""

    name: str
    settings: Settings
    api: Api
    session: aiohttp.ClientSession
    inbox: Inbox
    account: Account
    guard: Guard
    board: Board

    async def keep(self, found: Sequence[Found], notes: Mapping[str, str | None], *, group: str = "") -> int:
        """Commit what is new, the notes, and what was spent, or nothing of it; returns how many were new. Raises Unavailable.

        `group`: the posts are pieces of the thread that began with this one.
        """
        now = datetime.now(UTC)
        sheet = _Sheet(self, now)
        for each in sorted(found, key=lambda each: int(each.post_id or 0)):
            await sheet.add(each, group)
        self.board.level(now)
        await self.inbox.advance(self.name, {**sheet.notes, **notes, **self.guard.notes(now)}, sheet.arrivals, sheet.parts)
        return len(sheet.arrivals) + len(sheet.parts)


def watch_note(due: datetime, post_id: str) -> str:
    """Names are in the order in which they are due."""
    return f"watch:{due:{_DUE}}:{post_id}"


def watched(name: str) -> tuple[datetime, str]:
    """When it is due, and which post, from a note's name. Raises ValueError."""
    _, due, post_id = name.split(":")
    return datetime.strptime(due, _DUE).replace(tzinfo=UTC), post_id


class _Sheet:
    """What one commit will hold."""

    def __init__(self, shift: Shift, now: datetime) -> None:
        self._shift, self._now = shift, now
        self.notes: Notes = {}
        self.arrivals: list[Arrival] = []
        self.parts: list[Part] = []

    async def add(self, each: Found, group: str) -> None:
        """A post that stands here already, from the stream or from a page that was cut short, is passed over."""
        if not each.post_id:
            self._shift.board.counts["unreadable"] += 1
            self._arrive(each, f"unreadable:{each.fingerprint}")
            return
        if await self._recall(f"seen:{each.post_id}"):
            self._shift.board.counts["seen"] += 1
            return
        opted_out = self._opts_out(each)
        conversation = f"conv:{each.conversation_id}:{each.author_id}" if each.conversation_id and each.author_id else ""
        known = group or (await self._recall(conversation) if conversation and not opted_out else None)
        if known and (group or each.continues or each.first_id == known):
            self._amend(each, known)
        else:
            known = each.first_id
            self._arrive(each, known)
            if conversation and not opted_out:
                self.notes[conversation] = known
        self._watch(each, known, conversation, reading=bool(group))

    async def _recall(self, name: str) -> str | None:
        return self.notes.get(name) or await self._shift.inbox.recall(self._shift.name, name)

    def _opts_out(self, each: Found) -> bool:
        """Who asks not to be answered is noted by id: a handle changes."""
        if not (each.addressed and each.author_id and x_policy.opts_out(each.text, self._shift.settings.opt_out_words)):
            return False
        self._shift.board.counts["opted_out"] += 1
        self.notes[f"opted_out:{each.author_id}"] = self._now.isoformat()
        return True

    def _arrive(self, each: Found, source_id: str) -> None:
        self.arrivals.append(Arrival(channel=self._shift.name, source_id=source_id, raw=each.raw, received_at=self._now))

    def _amend(self, each: Found, group: str) -> None:
        part = Part(
            channel=self._shift.name,
            group=group,
            index=int(each.post_id),
            count=0,
            raw=each.raw,
            fingerprint=each.post_id,
            received_at=self._now,
            wait_until=self._now,
            same_since=_EVER,
        )
        self.parts.append(part)

    def _watch(self, each: Found, group: str, conversation: str, *, reading: bool) -> None:
        """`reading`: its thread is being read, and need not be read once more for this piece."""
        own = self._shift.settings
        self.notes[f"seen:{each.post_id}"] = group
        due, until = self._now + timedelta(hours=own.watch_hours), self._now + timedelta(days=own.watch_days)
        self.notes[watch_note(due, each.post_id)] = encode(Watched(group=group, conversation=conversation, until=until))
        if each.threaded and not reading:
            thread = Thread(group=group, conversation=each.conversation_id, author=each.author_id)
            self.notes[f"unread:{each.post_id}"] = encode(thread)


def encode(note: msgspec.Struct) -> str:
    """A note's value."""
    return msgspec.json.encode(note).decode()
