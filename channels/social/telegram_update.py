"""What the Bot API says, as far as we listen: https://core.telegram.org/bots/api#update and the objects in it.

In: the JSON of one update. Out: records. What is not named here is passed over; what is named and has another form makes the whole
update unreadable (ValueError), so that a person sees it. It never invents what was not said: empty means that it was not there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec


class User(msgspec.Struct, frozen=True, kw_only=True):
    """§User."""

    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language_code: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Chat(msgspec.Struct, frozen=True, kw_only=True):
    """§Chat. `type`: private, group, supergroup or channel."""

    id: int
    type: str
    title: str = ""


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """§MessageEntity; `url` of a text_link, whose address does not stand in the text."""

    type: str
    url: str = ""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """What §Document, §Voice, §Audio, §Video, §VideoNote, §Animation and §PhotoSize have in common."""

    file_id: str
    #: the same over time, unlike file_id
    file_unique_id: str
    file_size: int = 0
    file_name: str = ""
    mime_type: str = ""
    width: int = 0
    height: int = 0


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """§Location, in degrees."""

    latitude: float
    longitude: float


class Venue(msgspec.Struct, frozen=True, kw_only=True):
    """§Venue."""

    location: Location
    title: str = ""
    address: str = ""


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """§Contact: somebody's telephone number, not always the sender's."""

    phone_number: str
    first_name: str = ""
    last_name: str = ""


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """§Sticker or §Dice, of which we keep the sign."""

    emoji: str = ""


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """§PollOption."""

    text: str


class Poll(msgspec.Struct, frozen=True, kw_only=True):
    """§Poll."""

    question: str
    options: tuple[Option, ...] = ()


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """§MessageOrigin: of a forwarded message, who wrote it and when (Unix time)."""

    type: str
    date: int = 0
    sender_user: User | None = None
    sender_user_name: str = ""
    sender_chat: Chat | None = None
    chat: Chat | None = None


class Replied(msgspec.Struct, frozen=True, kw_only=True):
    """§Message: the one that this is a reply to."""

    message_id: int
    text: str = ""
    caption: str = ""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """§Message. Times are Unix times; edit_date is 0 for one that was never edited."""

    message_id: int
    chat: Chat
    date: int = 0
    edit_date: int = 0
    #: nobody, for what an anonymous administrator of a group says
    sender: User | None = msgspec.field(name="from", default=None)
    #: what belongs to one album has one of these
    media_group_id: str = ""
    text: str = ""
    caption: str = ""
    entities: tuple[Entity, ...] = ()
    caption_entities: tuple[Entity, ...] = ()
    #: the same picture in several sizes
    photo: tuple[File, ...] = ()
    document: File | None = None
    voice: File | None = None
    audio: File | None = None
    video: File | None = None
    video_note: File | None = None
    animation: File | None = None
    location: Location | None = None
    venue: Venue | None = None
    contact: Contact | None = None
    sticker: Picture | None = None
    dice: Picture | None = None
    poll: Poll | None = None
    forward_origin: Origin | None = None
    reply_to_message: Replied | None = None
    #: what Telegram says about the chat, and nobody wrote (§Message lists some forty; these come in private chats)
    pinned_message: msgspec.Raw = msgspec.Raw()
    message_auto_delete_timer_changed: msgspec.Raw = msgspec.Raw()
    write_access_allowed: msgspec.Raw = msgspec.Raw()
    connected_website: msgspec.Raw = msgspec.Raw()
    chat_background_set: msgspec.Raw = msgspec.Raw()

    @property
    def words(self) -> str:
        return self.text or self.caption

    @property
    def is_notice(self) -> bool:
        """True for what Telegram says about the chat."""
        notices: Sequence[msgspec.Raw] = (
            self.pinned_message, self.message_auto_delete_timer_changed, self.write_access_allowed, self.connected_website,
            self.chat_background_set,
        )  # fmt: skip
        return any(bytes(notice) for notice in notices)


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """§Update, of the two kinds that we ask for."""

    update_id: int
    message: Message | None = None
    edited_message: Message | None = None


class Numbered(msgspec.Struct, frozen=True, kw_only=True):
    """An update of which nothing but its number can be read."""

    update_id: int


class Command(NamedTuple):
    """`/status@lapor_bot 7K3Q`: status, lapor_bot, and what follows. Name and bot in lower case."""

    name: str
    bot: str
    rest: str


_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+|\Z)")


def command(words: str) -> Command | None:
    """The command with which a text begins, if it does."""
    found = _COMMAND.match(words)
    return Command(found[1].lower(), (found[2] or "").lower(), words[found.end() :]) if found else None


_read = msgspec.json.Decoder(Update).decode
_number = msgspec.json.Decoder(Numbered).decode
#: beyond this no counter of Telegram's goes, and no store of ours either
_MOST = 2**53


def read(raw: bytes) -> Update:
    """Raises ValueError, without a word of the content, for what is no update."""
    try:
        update = _read(raw)
    except UnicodeDecodeError:
        raise ValueError("not in UTF-8") from None  # its own words would quote the bytes
    except RecursionError:
        raise ValueError("nested too deeply") from None
    message = update.message or update.edited_message
    numbers = (update.update_id, 0 if message is None else message.message_id, 0 if message is None else abs(message.chat.id))
    if not all(0 <= number < _MOST for number in numbers):
        raise ValueError("a number in it is out of range")
    return update


def number(raw: bytes) -> int | None:
    """The update_id, when at least that can be read."""
    try:
        found = _number(raw).update_id
    except (ValueError, RecursionError):
        return None
    return found if 0 <= found < _MOST else None
