"""Which channels and binds are silent as they never are.

In: the history of the console, since when each brings nothing. Out: a `Sign` for each odd silence, and the rhythm of each
for the page. What was learned is learned again every hour.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Final

import apsw

from gateway.console import history
from gateway.console.alerts.signs import Sign
from gateway.console.cabinet import Cabinet
from gateway.console.holidays import Calendar
from gateway.console.rhythm import BEFORE_D, SHORTEST, Hour, Rhythm, judge, learn
from gateway.console.slices import Slice

LEARN_EVERY: Final = timedelta(hours=1)


class Silences:
    """What a console knows of the rhythm of its channels."""

    def __init__(self, cabinet: Cabinet, calendar: Calendar, zone: tzinfo) -> None:
        self._cabinet, self._calendar, self._zone = cabinet, calendar, zone
        self._known: dict[str, tuple[datetime, Rhythm | None]] = {}

    async def signs(self, silent: Mapping[str, datetime], now: datetime) -> list[Sign]:
        """`silent`: by channel or bind that could bring messages, as the history calls it, since when it brings none. Of a silent channel,
        its binds are not told of one by one."""
        found = []
        for subject, since in silent.items():
            rhythm = await self.rhythm(subject, now)
            if rhythm is None or now - since < SHORTEST:
                continue
            before = await self._cabinet.run(partial(_hours, subject=subject, now=now, last=BEFORE_D * 24))
            silence = judge(rhythm, [hour for hour in before if hour.starts < since], since, now)
            if silence.alarm:
                sort, _, name = subject.partition(":")
                found.append(Sign(kind="bind_silent" if sort == "bind" else "silent", on=name, since=since, figure=round(silence.missed)))
        channels = {sign.on for sign in found if sign.kind == "silent"}
        return [sign for sign in found if sign.kind == "silent" or sign.on.partition(" ")[0] not in channels]

    async def rhythm(self, subject: str, now: datetime) -> Rhythm | None:
        """None: it has none yet."""
        learned = self._known.get(subject)
        if learned is None or now - learned[0] >= LEARN_EVERY:
            hours = await self._cabinet.run(partial(_hours, subject=subject, now=now, last=history.HOUR.rows))
            # some tens of milliseconds, for which nobody at the doors shall wait
            learned = self._known[subject] = (now, await asyncio.to_thread(learn, hours[:-1], self._calendar, self._zone))
        return learned[1]


def _hours(db: apsw.Connection, subject: str, now: datetime, last: int) -> list[Hour]:
    """The last so many hours, the present one at the end. Those in which it was down for a while, or shut, or nobody looked, say nothing of
    its rhythm; nor do those in which the channel of a bind was."""
    starts: Sequence[datetime] = history.began(history.HOUR, now, last)
    sort, _, name = subject.partition(":")
    channel = f"channel:{name.partition(' ')[0]}" if sort == "bind" else subject
    tries = f"probe:{name}"
    found = history.all_told(db, {subject, channel, tries}, history.HOUR, now, last)
    four = zip(starts, found[subject], found[channel], found[tries], strict=True)
    return [
        Hour(at, max(mine.came - _ours(tried), 0))
        for at, mine, whole, tried in four
        if mine is not None and _ordinary(mine) and _ordinary(whole or mine)
    ]


def _ours(tried: Slice | None) -> int:
    """Of what came through a door: what we sent ourselves, to try it."""
    return sum(tried.registering) if tried else 0


def _ordinary(slice_: Slice) -> bool:
    return slice_.down_s + slice_.closed_s < history.HOUR.every_s / 10
