"""What the messages of a Telegram chat say.

In: an arrival and its parts, as `telegram_intake` kept them. Out: an `InboundMessage`. Pure: it reads the bytes and nothing else, and
raises nothing but ValueError.

    in a private chat    words, files, or both: a complaint. /start, /help, /bantuan, /status and /lapor alone: a question.
                         /lapor and words: a complaint without the command. Any other command with words: a complaint, as written.
                         A place, a sticker, a contact without a word: a person decides (triage), since most belong to a message
                         before them, and a thumb up after our answer is no complaint; who sent it is told how to write one.
    in a group           whoever called us is told to write privately (declined, and the help text for groups as the answer)
    from a robot         declined, and never answered

The last edit of a message counts. The messages of an album are one; of each of them its last edit counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from channels.base import Arrival, InboundMessage, Part, Question
from channels.social import telegram_media as media
from channels.social.telegram_update import Command, Message, Origin, Update, command, read

#: what follows /status is a code, in whatever spelling, when it is no longer than this
_CODE = 32
#: commands about news; any other asks for help without more words, /start too, which comes from everybody who opens the chat
_NEWS: Mapping[str, Literal["stop", "start"]] = {"berhenti": "stop", "stop": "stop", "mulai": "start"}


def decode(arrival: Arrival, parts: Sequence[Part]) -> InboundMessage:
    """What counts of all that was sent under one identity. Raises ValueError."""
    raws = [arrival.raw] if arrival.raw else []
    raws += [part.raw for part in sorted(parts, key=lambda part: part.index)]
    messages = _last([read(raw) for raw in raws])
    first = messages[0]
    body = msgspec.structs.replace(_body(messages), channel=arrival.channel, source_id=arrival.source_id, received_at=arrival.received_at)
    if first.chat.type != "private":
        return msgspec.structs.replace(body, goes_to="declined", why="group", question=Question(kind="private"))
    if first.sender is not None and first.sender.is_bot:
        return msgspec.structs.replace(body, goes_to="declined", why="robot", reply_to={})
    return _purpose(messages, body)


def _last(updates: Sequence[Update]) -> list[Message]:
    """Each message as it was edited last, in the order in which they were sent. Raises ValueError when there is none."""
    last: dict[int, Message] = {}
    for update in updates:
        message = update.message or update.edited_message
        if message is None:
            raise ValueError("an update of another kind")
        before = last.get(message.message_id)
        if before is None or message.edit_date >= before.edit_date:
            last[message.message_id] = message
    if not last:
        raise ValueError("no message")
    return [last[message_id] for message_id in sorted(last)]


def _body(messages: Sequence[Message]) -> InboundMessage:
    """Who, when, and what was said; not yet what for, and under no identity."""
    first = messages[0]
    return InboundMessage(
        channel="",
        source_id="",
        sender=_sender(first),
        text="\n".join(filter(None, map(_text, messages))),
        received_at=_at(0),
        sent_at=_at(first.date) if first.date else None,
        reply_to={"chat": str(first.chat.id), "message": str(first.message_id)},
        fields=_fields(messages),
        extras=_extras(messages),
        answers=(f"{first.chat.id}/{first.reply_to_message.message_id}",) if first.reply_to_message is not None else (),
    )


def _purpose(messages: Sequence[Message], body: InboundMessage) -> InboundMessage:
    """What it is for. Raises ValueError when there is nothing in it that we know."""
    files = media.found(messages)
    said = command(body.text)
    if said and not files:
        question = _question(said)
        if question is not None:
            return msgspec.structs.replace(body, question=question)
    if said and said.name == "lapor":
        body = msgspec.structs.replace(body, text=said.rest)
    if files:
        return msgspec.structs.replace(body, extras=body.extras | media.named(files))
    if any(message.words for message in messages):
        return body
    if body.text or body.fields or "contact" in body.extras:
        # a place may answer our question where, and then stands behind the complaint in words
        new = {"new_text": place} if (place := body.fields.get("location")) else {}
        return msgspec.structs.replace(body, goes_to="triage", why="no_words", question=Question(kind="help"), extras=body.extras | new)
    if any(message.is_notice for message in messages):
        return msgspec.structs.replace(body, goes_to="declined", why="notice", reply_to={})
    raise ValueError("a message of a kind that is not known here")


def _question(said: Command) -> Question | None:
    """What a command asks; None when it brings a complaint."""
    words = said.rest.strip()
    if said.name == "status" and words and len(words) <= _CODE:
        return Question(kind="status", code=words)
    if not words:
        return Question(kind=_NEWS.get(said.name, "help"))
    # t.me/<bot>?start=… comes as "/start …", one word that the citizen did not write
    return Question(kind="help") if said.name == "start" and len(words.split()) == 1 else None


def _text(message: Message) -> str:
    """Verbatim; of what is no text, the sign that stands for it."""
    if message.poll is not None:
        return "\n".join([message.poll.question, *(f"- {option.text}" for option in message.poll.options)])
    sign = message.sticker or message.dice
    return message.words or (sign.emoji if sign else "")


def _sender(message: Message) -> str:
    """The name by which people know them, or their number when they chose none."""
    if message.sender is None:
        return f"tg:{message.chat.id}"
    return f"@{message.sender.username}" if message.sender.username else f"tg:{message.sender.id}"


def _fields(messages: Sequence[Message]) -> dict[str, str]:
    """The place that was sent, as latitude and longitude in degrees; of a venue its name and address too."""
    for message in messages:
        place = message.location or (message.venue.location if message.venue else None)
        if place is not None:
            known = ", ".join(filter(None, (message.venue.title, message.venue.address))) if message.venue else ""
            return {"location": f"{place.latitude}, {place.longitude}" + (f" ({known})" if known else "")}
    return {}


def _extras(messages: Sequence[Message]) -> dict[str, str]:
    """What is kept beside the message, where there is such a thing: times in ISO 8601, several of a kind in lines."""
    first = messages[0]
    extras = {
        "edited_at": max((_at(message.edit_date).isoformat() for message in messages if message.edit_date), default=""),
        "links": "\n".join(e.url for message in messages for e in (*message.entities, *message.caption_entities) if e.url),
    }
    if first.sender is not None:
        extras |= {"user_id": str(first.sender.id), "name": first.sender.name, "language": first.sender.language_code}
    if first.contact is not None:
        contact = first.contact
        extras["contact"] = f"{contact.first_name} {contact.last_name}".strip() + f" {contact.phone_number}"
    if first.forward_origin is not None:
        extras |= _origin(first.forward_origin)
    if first.reply_to_message is not None:
        replied = first.reply_to_message
        extras |= {"reply_to": f"{first.chat.id}/{replied.message_id}", "reply_to_text": replied.text or replied.caption}
    return {name: words for name, words in extras.items() if words}


def _origin(origin: Origin) -> dict[str, str]:
    """Whose words a forwarded message are, as far as they let it be known."""
    user, chat = origin.sender_user, origin.sender_chat or origin.chat
    who = origin.sender_user_name or (user.username or user.name if user else "") or (chat.title if chat else "")
    return {"forwarded_from": who or origin.type, "forwarded_at": _at(origin.date).isoformat() if origin.date else ""}


def _at(unix: int) -> datetime:
    """Raises ValueError for a year that no calendar has."""
    try:
        return datetime.fromtimestamp(unix, UTC)
    except (OverflowError, OSError):
        raise ValueError("a time in it is out of range") from None
