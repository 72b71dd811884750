"""How a door was when it was last tried, for whoever shows it or calls somebody.

In: nothing, this file only defines. Out: the record, and the board of the store on which the last of each channel is pinned, by its name.
Who tries, and how, is in `probes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

BOARD: Final = "probes"

#: entered: a message of ours went through the door; echoed: each link was asked whether somebody is there; asked: a question that only a
#: valid token is answered
How = Literal["entered", "echoed", "asked"]


#: the code of a door that lets in certain addresses only, of which ours is none: that says nothing of the door
NOT_FROM_HERE: Final = "not_allowed_from_here"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Of one channel. `why` is a code, empty when all was well."""

    channel: str
    how: How
    at: datetime
    why: str = ""
    #: seconds, by what was waited for: yes, record, answer, or the name of a link
    took_s: Mapping[str, float] = {}

    @property
    def up(self) -> bool:
        """All was well."""
        return not self.why

    @property
    def answered_s(self) -> float | None:
        """Until the yes of a door, or the answer of what was asked; of several links, of the slowest. None: there was none."""
        return self.took_s.get("yes", max(self.took_s.values(), default=None))

    @property
    def recorded_s(self) -> float | None:
        """Until what went through the door was on record; None: nothing was."""
        return self.took_s.get("record")


def read(value: bytes) -> Finding | None:
    """One that was pinned; None when another version of the gateway pinned it and we cannot read it."""
    try:
        return msgspec.json.decode(value, type=Finding)
    except msgspec.DecodeError:
        return None
