"""Which citizens may be answered, and what an answer looks like on its way.

In: what a channel read, and a text. Out: a `Letter`. Pure; it never counts how many answers someone had already: the store does.
"""

from __future__ import annotations

from channels.base import InboundMessage, Letter, LetterKind
from normalizer.complaint import Complaint
from normalizer.privacy import restricted


def may_answer(message: InboundMessage) -> bool:
    """True when there is a way back. A channel leaves `reply_to` empty for short codes, alphanumeric senders and our own number."""
    return bool(message.reply_to)


def may_tell(message: InboundMessage, complaint: Complaint) -> bool:
    """True when its sender may be answered about it: where everybody reads along, nothing is said of a complaint for few eyes."""
    return may_answer(message) and not (message.public and restricted(complaint))


def letter(case_id: str, kind: LetterKind, text: str, *, message: InboundMessage, person: str = "", nth: int = 0) -> Letter:
    """An answer to the sender of `message`. A case has one letter of each kind (and `nth`, where there may be several), or one at all where
    the channel allows no more: a second one with this key is the same letter."""
    own = f"{kind}:{nth}" if nth else kind
    return Letter(
        key=f"{case_id}:{'answer' if message.one_answer else own}",
        case_id=case_id,
        channel=message.channel,
        to=message.sender,
        kind=kind,
        text=text,
        reply_to=message.reply_to,
        person=person,
    )
