"""What is asked and answered about the kin of cases.

In: nothing, this file only defines. Out: two records of `Store.kin`. It never reads a clock, a socket or a disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from normalizer.likeness import Kin, Likeness


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
