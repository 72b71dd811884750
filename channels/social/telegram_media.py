"""The files that a message names and does not contain.

In: messages, and what was fetched. Out: which files to fetch, and the message told of those that could not be had. Pure; the fetching
is in telegram_gathering.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from channels.base import Enclosure, InboundMessage
from channels.social.telegram_update import File, Message

#: the key of `InboundMessage.extras` under which `lacks` and `gather` find what to fetch; `complete` takes it away
MEDIA = "media"
#: the key of `Gathered.facts` with the `unique` of each that is to be had now, in words
FETCHED = "fetched"
#: a photo is always sent as JPEG, a voice message as Ogg with Opus; where Telegram names a type, that counts
_KINDS: Mapping[str, tuple[str, str]] = {
    "photo": ("image/jpeg", ".jpg"),
    "document": ("application/octet-stream", ""),
    "voice": ("audio/ogg", ".ogg"),
    "audio": ("audio/mpeg", ".mp3"),
    "video": ("video/mp4", ".mp4"),
    "video_note": ("video/mp4", ".mp4"),
    "animation": ("video/mp4", ".mp4"),
}


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A file at Telegram."""

    #: for getFile
    file_id: str
    #: the same over time
    unique: str
    name: str
    media_type: str
    #: bytes, as the message says; 0 when it does not
    size: int


_write = msgspec.json.Encoder().encode
_read = msgspec.json.Decoder(tuple[Named, ...]).decode


def found(messages: Iterable[Message]) -> tuple[Named, ...]:
    """Every file, in the order of the messages; a photo in its largest size."""
    return tuple(named for message in messages for named in _of(message))


def _of(message: Message) -> Iterable[Named]:
    if message.photo:
        yield _named("photo", max(message.photo, key=lambda size: (size.width * size.height, size.file_size)), message)
    # an animation comes as a document too, for old programs
    for kind, file in (
        ("document", message.document),
        ("voice", message.voice),
        ("audio", message.audio),
        ("video", message.video),
        ("video_note", message.video_note),
        ("animation", None if message.document else message.animation),
    ):
        if file is not None:
            yield _named(kind, file, message)


def _named(kind: str, file: File, message: Message) -> Named:
    media_type, ending = _KINDS[kind]
    return Named(
        file_id=file.file_id,
        unique=file.file_unique_id,
        name=file.file_name or f"{kind}-{message.message_id}{ending}",
        media_type=file.mime_type or media_type,
        size=file.file_size,
    )


def named(files: Sequence[Named]) -> dict[str, str]:
    """As it is kept in the extras."""
    return {MEDIA: _write(files).decode()}


def named_in(message: InboundMessage) -> tuple[Named, ...]:
    """What is to be fetched for a message."""
    return _read(message.extras[MEDIA]) if MEDIA in message.extras else ()


def complete(message: InboundMessage, facts: Mapping[str, str]) -> InboundMessage:
    """Told of what could not be had, with a size of 0; the gateway adds what was fetched."""
    fetched = facts.get(FETCHED, "").split()
    missing = tuple(
        Enclosure(name=file.name, media_type=file.media_type, size=0) for file in named_in(message) if file.unique not in fetched
    )
    extras = {name: words for name, words in message.extras.items() if name != MEDIA}
    return msgspec.structs.replace(message, attachments=message.attachments + missing, extras=extras)
