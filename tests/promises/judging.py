"""How the promises of channels are judged: what a message must be, and what may be seen of a channel.

In: what a channel made of something. Out: nothing, or an AssertionError.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from channels.base import Arrival, Channel, Delivery, InboundMessage, Part
from normalizer.normalize import normalize
from normalizer.rules import Rules
from tests.promises.channels import ANSWER, WORDS, Kept, Subject


def aware(at: datetime | None) -> bool:
    return at is not None and at.utcoffset() == timedelta(0)


def outcome(channel: Channel, kept: Kept) -> InboundMessage | str:
    """The message, or the words of the ValueError; nothing else comes of reading."""
    try:
        return channel.decode(kept.arrival, kept.parts)
    except ValueError as unreadable:
        return str(unreadable)


def whole(message: InboundMessage, kept: Kept, subject: Subject) -> None:
    """It can be kept, normalised and told to a ledger."""
    msgspec.json.encode(message)
    assert (message.channel, message.source_id) == (kept.arrival.channel, kept.arrival.source_id)
    assert aware(message.received_at)
    assert message.sent_at is None or aware(message.sent_at)
    assert subject.way_back or not message.reply_to
    if message.goes_to == "submit" and message.question is None:
        rules = Rules(keywords={}, channels={message.channel: subject.kind}, timezone=ZoneInfo("Asia/Jakarta"))
        msgspec.json.encode(normalize(message, case_id="1", reference="7K3Q-9FXM-2CH4", rules=rules))


def handed(delivery: Delivery) -> tuple[Arrival | Part, ...]:
    return (*delivery.arrivals, *delivery.parts)


def told(subject: Subject, channel: Channel) -> None:
    """What an operator sees of it."""
    clean(subject, repr(channel), repr(getattr(channel, "links", "")), repr(getattr(channel, "counts", "")))


def clean(subject: Subject, *texts: str, words: bool = True) -> None:
    """No secret, and (but where a citizen's words are kept) no word, address or text."""
    never = [*subject.secrets, *([*subject.private, WORDS, ANSWER, "rahasiaku"] if words else [])]
    for text in texts:
        assert [each for each in never if each in text] == []
