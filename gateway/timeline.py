"""What may be told of a ledger's events, and in which order.

In: events as the store has them. Out: those that mean something to a citizen, oldest first. It shows no word of the ledger's. Pure.

A ledger's clock is its own. An event lies when the ledger says it was, but not before the registration and not after we heard of it; and
one whose time cannot be true takes no state back: after "closed" nobody is told "verified" because a clock was wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from channels.base import State
from gateway.store.happenings import Event

#: clocks differ by less than this
SKEW: Final = timedelta(minutes=5)
#: how far on a complaint is
_RANKS: Final[dict[State, int]] = {
    "registered": 0, "verified": 1, "forwarded": 2, "moved": 2, "in_progress": 3, "needs_reply": 4, "answered": 5,
    "rejected": 6, "closed": 6,
}  # fmt: skip


class Turn(NamedTuple):
    """A change that may be told."""

    state: State
    at: datetime
    event: Event


def turns(events: Sequence[Event], tracking_id: str, registered_at: datetime) -> list[Turn]:
    """The changes since the registration under this number; the last one is where the complaint stands."""
    found: list[Turn] = []
    # what was said before we had a number may have been said of another one: that is another complaint's course
    ours = (event for event in events if event.tracking_id == tracking_id)
    for event in sorted(ours, key=lambda event: (_at(event, registered_at), event.at, event.event_id)):
        if event.state == "other":
            continue
        last = found[-1].state if found else "registered"
        # subtracted: beyond a time that is at the end of the calendar there is none
        strange = event.at - event.heard_at > SKEW or registered_at - event.at > SKEW
        back = _RANKS[event.state] < _RANKS[last]
        # that it is registered is news only of one that is open again
        if (strange and back) or (event.state == "registered" and not back):
            continue
        found.append(Turn(event.state, _at(event, registered_at), event))
    return found


def _at(event: Event, registered_at: datetime) -> datetime:
    return max(min(event.at, event.heard_at), registered_at)
