"""The records of what happens to cases: what ledgers say became of them, what is made of that, and what persons do.

In: nothing. Out: types. What a store promises of them is in `base`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from channels.base import Letter
from forwarder.ledger import Happening, Registration
from forwarder.states import LedgerState

#: kept: it is on disk now. known: it was before. unknown: no case has this reference and this tracking id.
Heard = Literal["kept", "known", "unknown"]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a ledger has told us."""

    ledger: str
    happening: Happening
    #: what its word means
    state: LedgerState
    heard_at: datetime


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """The same, as the store has it of a case."""

    event_id: int
    ledger: str
    tracking_id: str
    at: datetime
    heard_at: datetime
    by: str
    #: the ledger's own word
    status: str
    state: LedgerState
    note: str
    #: the number of the letter that tells the citizen of it; 0: none does; None: nobody has decided
    letter: int | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What is made of events of one case."""

    case_id: str
    #: events about which nobody had decided
    events: tuple[int, ...]
    #: the number of the letter that tells of them; 0 for none
    number: int = 0
    letters: tuple[Letter, ...] = ()
    #: one that takes the place of a letter that still waits, or nothing is changed
    instead: Letter | None = None
    #: they prove that the ledger has the case, of which we were not sure
    registration: Registration | None = None
    record: bytes | None = None


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person did to a case."""

    at: datetime
    by: str
    act: str
    words: str
