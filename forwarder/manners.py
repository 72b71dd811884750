"""When a citizen is told of a change, and of which.

In: what the settings want, when something was heard, what was told before. Out: an instant. Pure: it reads no clock. Answers to a question,
receipts and registrations are none of its business: those are never held back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo
from typing import Final, NamedTuple

from forwarder.states import LedgerState

DAY: Final = timedelta(days=1)
_HOURS: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


class Quiet(NamedTuple):
    """Hours of the clock in which nobody is disturbed; they may go over midnight."""

    begins: time
    ends: time

    def over(self, at: datetime, zone: tzinfo) -> datetime:
        """`at`, or the end of the quiet hours in which it falls there."""
        there = at.astimezone(zone)
        clock, across = there.time(), self.ends < self.begins
        if not (clock >= self.begins or clock < self.ends if across else self.begins <= clock < self.ends):
            return at
        end = there.replace(hour=self.ends.hour, minute=self.ends.minute, second=0, microsecond=0)
        return (end + DAY if across and clock >= self.begins else end).astimezone(at.tzinfo)

    def next(self, at: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
        """From when until when it is quiet there next, after an instant at which it is not."""
        begins = at.astimezone(zone).replace(hour=self.begins.hour, minute=self.begins.minute, second=0, microsecond=0)
        if begins <= at:
            begins += DAY
        return begins.astimezone(at.tzinfo), self.over(begins, zone).astimezone(at.tzinfo)


def hushed(hours: tuple[datetime, datetime], now: datetime) -> datetime | None:
    """The end of the quiet hours in which it is now, on that day or a later one; None while it is not quiet."""
    begins, ends = hours
    since = (now - begins) % DAY
    return now + (ends - begins - since) if since < ends - begins else None


def quiet(text: str) -> Quiet | None:
    """`21:00-07:00`; None for "". Raises ValueError."""
    found = _HOURS.fullmatch(text)
    if not text:
        return None
    if found is None or found.groups()[:2] == found.groups()[2:]:
        raise ValueError('expected hours like "21:00-07:00", or "" for none')
    hours = [int(number) for number in found.groups()]
    return Quiet(time(hours[0], hours[1]), time(hours[2], hours[3]))


class Manners(NamedTuple):
    """Of one gateway."""

    #: the states that a citizen is told of without asking
    tell: frozenset[LedgerState]
    #: seconds in which several changes become one letter
    settle_s: float
    #: letters about one complaint in 24 hours
    per_day: int
    quiet: Quiet | None
    #: where it is not known in which zone a complaint's place lies
    zone: tzinfo

    def when(self, heard: datetime, before: Sequence[datetime], zone: tzinfo | None) -> datetime:
        """When a change that was first heard of then may be told; `before`: when earlier ones about the same complaint were or will be."""
        at = heard + timedelta(seconds=self.settle_s)
        if len(before) >= self.per_day:
            at = max(at, sorted(before)[-self.per_day] + DAY)
        return self.quiet.over(at, zone or self.zone) if self.quiet else at

    def hours(self, at: datetime, zone: tzinfo | None) -> tuple[datetime, datetime] | None:
        """When it is quiet next for whoever may be told from `at` on: what is held up until then waits for the morning."""
        return self.quiet.next(at, zone or self.zone) if self.quiet else None
