"""Which citizens may be answered, and what an answer looks like on its way.

In: what a channel read, and a text. Out: a `Letter`. Pure; it never counts how many answers someone had already: the store does.
"""

from __future__ import annotations

from typing import Final

from channels.base import InboundMessage, Letter, LetterKind
from normalizer.complaint import Complaint
from normalizer.privacy import restricted

#: characters of an agency's answer that a letter quotes
LONGEST_NOTE: Final = 1000


def may_answer(message: InboundMessage) -> bool:
    """True when there is a way back. A channel leaves `reply_to` empty for short codes, alphanumeric senders and our own number."""
    return bool(message.reply_to)


def may_tell(message: InboundMessage, complaint: Complaint) -> bool:
    """True when its sender may be answered about it: where everybody reads along, nothing is said of a complaint for few eyes."""
    return may_answer(message) and not (message.public and restricted(complaint))


def may_quote(message: InboundMessage, complaint: Complaint, kind: str) -> bool:
    """True where the agency's own words may stand in a letter: only its sender reads it, it has room for them, and neither the complaint
    nor its sender must stay out of sight. `kind` is that of the channel."""
    return kind in {"email.mailbox", "social.telegram"} and not message.public and not restricted(complaint)


def quoted(by: str, note: str) -> str:
    """The agency's own words below a text; a long answer is cut."""
    words = " ".join(note.split())
    if len(words) > LONGEST_NOTE:
        words = words[:LONGEST_NOTE].rstrip() + " …"
    return f'\n\n{" ".join(by.split()) or "Instansi"}: "{words}"'


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
