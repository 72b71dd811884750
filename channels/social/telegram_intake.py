"""What an update is to the store: an arrival, a part of a message that is known already, or nothing that concerns us.

In: the exact bytes of one update, and an instant that the caller took. Out: an identity. It never reads more of a message than who it
is from, and raises nothing: what has no meaning is kept for a person.

    a message                 Arrival "<chat>/<message>"
    an edit of it             Part of that, ordered and told apart by its update_id (two edits may come within one second)
    a member of an album      Part of "<chat>/album/<media_group_id>", which waits a moment for the others; so is an edit of a member
    unreadable                Arrival "update/<update_id>", or "update/<fingerprint>" where not even that is to be had

Telegram sends the members of an album as messages of their own, within a second, and none of them says how many there are.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import msgspec

from channels.base import Arrival, Part
from channels.social.telegram_update import Message, Update, command, number, read

#: what the first of an album waits for the others
ALBUM_S = 5
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """One update. `what` is None for one that is passed over, and then `why` is the word it is counted under."""

    #: None for one that has none; the offset moves behind those that have
    update_id: int | None
    what: Arrival | Part | None
    why: str = ""


def take(channel: str, raw: bytes, now: datetime, bot: str) -> Taken:
    """`bot`: our user name, empty while nobody has told us."""
    try:
        update = read(raw)
    except ValueError:
        return _unreadable(channel, raw, now)
    edited = update.message is None
    message = update.message or update.edited_message
    why = "other_kind" if message is None else _passed_over(message, edited, bot)
    if message is None or why:
        return Taken(update_id=update.update_id, what=None, why=why)
    return Taken(update_id=update.update_id, what=_kept(update, message, channel=channel, raw=raw, now=now))


def _unreadable(channel: str, raw: bytes, now: datetime) -> Taken:
    update_id = number(raw)
    name = blake2b(raw, digest_size=16).hexdigest() if update_id is None else str(update_id)
    return Taken(update_id=update_id, what=Arrival(channel=channel, source_id=f"update/{name}", raw=raw, received_at=now), why="unreadable")


def _passed_over(message: Message, edited: bool, bot: str) -> str:
    """Why nobody needs to keep it, if so."""
    if message.chat.type != "private" and (edited or not _asks_us(message, bot)):
        return "group"
    if edited and message.location is not None:
        return "live_location"  # one that is being shared sends its place every few seconds for hours; the first stands
    return ""


def _asks_us(message: Message, bot: str) -> bool:
    """In a group: a command to this bot, a /lapor to whom it may concern, or our name. A robot's words are nobody's."""
    if message.sender is not None and message.sender.is_bot:
        return False
    words, ours = message.words, bot.lower()
    if said := command(words):
        return said.bot == ours if said.bot else said.name == "lapor"
    return bool(ours) and re.search(rf"@{re.escape(ours)}(?![a-z0-9_])", words.lower()) is not None


def _kept(update: Update, message: Message, *, channel: str, raw: bytes, now: datetime) -> Arrival | Part:
    group, wait = f"{message.chat.id}/{message.message_id}", timedelta()
    if message.media_group_id:
        group, wait = f"{message.chat.id}/album/{message.media_group_id}", timedelta(seconds=ALBUM_S)
    elif update.message is not None:
        return Arrival(channel=channel, source_id=group, raw=raw, received_at=now)
    return Part(
        channel=channel,
        group=group,
        index=update.update_id,
        count=0,
        raw=raw,
        fingerprint=str(update.update_id),
        received_at=now,
        wait_until=now + wait,
        same_since=_EVER,
    )
