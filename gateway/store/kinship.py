"""What is asked and answered about the kin of cases, and under which keys they are found, in every store.

In: likenesses. Out: two records of `Store.kin`; the keys of a likeness, and for how long each kind is looked for. It never reads a clock, a
socket or a disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from normalizer.kin import NEARBY, RESEND, SAME_TEXT
from normalizer.likeness import Kin, Likeness


class Kind(NamedTuple):
    """How long a kind of key is looked for, and what time lies together, in seconds."""

    window_s: int
    bucket_s: int


#: of the sender and all they said; of the text; of a place and a word
KINDS: Final = (
    Kind(RESEND // timedelta(seconds=1), 3600),
    Kind(SAME_TEXT // timedelta(seconds=1), 30 * 86_400),
    Kind(NEARBY // timedelta(seconds=1), 14 * 86_400),
)
#: cases that are looked at under one key, the newest: a text that comes a hundred thousand times costs no more than one that comes so often
NEWEST: Final = 10


def by_kind(likeness: Likeness) -> tuple[tuple[int, ...], ...]:
    """The keys of each kind under which a likeness is found."""
    return (likeness.same,) if likeness.same else (), (likeness.text,) if likeness.text else (), likeness.near


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """A case that looks for those with which it has something in common."""

    case_id: str
    channel: str
    received_at: datetime
    likeness: Likeness
    #: the provider's ids of the letters that its message answers
    answers: tuple[str, ...] = ()
    #: the ledger's ids that its message quotes
    quotes: tuple[str, ...] = ()
    #: who sent it, if a question of ours may be open to him
    sender: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Whom it met."""

    #: cases that share a part of its likeness
    kin: tuple[Kin, ...] = ()
    #: by the id that was answered or quoted: the reference of its case
    references: Mapping[str, str] = {}
    #: the reference of the case about which its sender was asked, while that may be answered
    asked: str = ""
