"""What a `Session` makes of the bytes it is given, for its owner to act upon.

In: nothing, this file only defines. Out: one record for each thing that can happen. None of them reads what a message says.
"""

from __future__ import annotations

import msgspec


class Bound(msgspec.Struct, frozen=True):
    """The SMSC took our bind."""


class BindRefused(msgspec.Struct, frozen=True):
    """The SMSC will not have us."""

    status: int


class Delivered(msgspec.Struct, frozen=True, gc=False):
    """A deliver_sm or data_sm; it stays unanswered until `answer` is called."""

    command: int
    sequence: int
    raw: bytes


class Unreadable(msgspec.Struct, frozen=True):
    """A PDU, or a stretch of the stream, that has no meaning to us. It was nacked with `status`; its bytes should be kept."""

    raw: bytes
    status: int
    sequence: int


class Answered(msgspec.Struct, frozen=True, gc=False):
    """The answer to a submit_sm. `message_id` is empty unless the status is ESME_ROK, and may be even then."""

    sequence: int
    status: int
    message_id: str


class Echoed(msgspec.Struct, frozen=True):
    """The answer to an enquire_link of ours."""

    sequence: int


class Unanswered(msgspec.Struct, frozen=True):
    """A submit_sm that the SMSC left unanswered for response_timeout_s, while it was heard otherwise."""

    sequence: int


class Unbound(msgspec.Struct, frozen=True):
    """The session ended politely; `asked` when the SMSC wished it."""

    asked: bool


class Lost(msgspec.Struct, frozen=True):
    """The session is over without an unbind: silent, bind_unanswered or framing; closed or unread, where the wire says so."""

    why: str


Event = Bound | BindRefused | Delivered | Unreadable | Answered | Echoed | Unanswered | Unbound | Lost

#: what ends a session
End = Unbound | Lost | BindRefused
