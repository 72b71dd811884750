"""A year of messages of an invented channel, by another model than the one that `gateway.console.rhythm` learns.

In: a kind of traffic, a seed. Out: the instant of each message. It knows what a year in Indonesia brings: office hours, weekends, holidays,
Ramadan with its quiet hour at dusk, campaigns that begin and end in a moment, two of a family who write at once, evenings on which
everybody watches football, a day off in one place only, slow growth.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gateway.console.holidays import Calendar

JAKARTA = ZoneInfo("Asia/Jakarta")
#: messages by hour of the day, of a hundred: most in the morning
HOURS = (1.2, 0.8, 0.6, 0.6, 1.0, 2.0, 3.5, 5.5, 7.8, 8.6, 8.4, 7.2, 5.6, 5.8, 5.8, 5.4, 4.8, 4.4, 4.4, 4.6, 4.4, 3.6, 2.4, 1.6)
#: Ramadan makes the meal before dawn livelier, noon slower, and the hour of the breaking of the fast still
FASTING = {3: 2.5, 4: 2.5, 11: 0.85, 12: 0.8, 13: 0.85, 17: 0.6, 18: 0.35, 19: 0.7, 21: 1.3}


class Kind(NamedTuple):
    """What sort of channel it is."""

    name: str
    per_day: float
    #: share of a weekday on Saturday and on Sunday
    weekend: tuple[float, float]
    #: how far days and hours lie from what is usual, as a standard deviation of their logarithm
    daily: float = 0.18
    hourly: float = 0.15
    growth: float = 0.3
    campaigns: int = 5
    #: of a hundred messages, how many bring a second one within two minutes
    twins: float = 8


KINDS = (
    Kind("national 1708", 2400, (0.7, 0.58)),
    Kind("1708 of one operator", 800, (0.7, 0.58)),
    Kind("provincial mail", 90, (0.35, 0.25), daily=0.3, hourly=0.25),
    Kind("rare web form", 5, (0.6, 0.5), daily=0.4, hourly=0.3, campaigns=2),
)


def messages(kind: Kind, calendar: Calendar, first: date, days: int, seed: int) -> Iterator[datetime]:
    """In order."""
    chance = random.Random(f"{kind.name} {seed}")
    campaigns = [(chance.randrange(days), chance.randint(1, 7), chance.uniform(1.5, 6)) for _ in range(kind.campaigns * days // 365)]
    mood, came = 0.0, list[datetime]()
    for n in range(days):
        day = first + timedelta(n)
        level = (
            kind.per_day / 100 * (1 + kind.growth * n / 365) * math.exp(chance.gauss(0, kind.daily)) * _share(kind, day, calendar, chance)
        )
        level *= math.prod(times for start, lasts, times in campaigns if start <= n < start + lasts)
        football = chance.random() < 6 / 365
        for hour in range(24):
            mood = 0.6 * mood + chance.gauss(0, kind.hourly * 0.8)
            rate = level * HOURS[hour] * math.exp(mood)
            if day in calendar.fasting:
                rate *= FASTING.get(hour, 1.0)
            if football and hour in {19, 20}:
                rate *= 0.4
            came += _within(datetime(day.year, day.month, day.day, hour, tzinfo=JAKARTA).astimezone(UTC), rate, kind.twins, chance)
    yield from sorted(came)


def _share(kind: Kind, day: date, calendar: Calendar, chance: random.Random) -> float:
    share = kind.weekend[day.weekday() - 5] if day.weekday() >= 5 else 1.0
    match calendar.holidays.get(day):
        case "lebaran":
            return share * chance.uniform(0.25, 0.5)
        case "nyepi":
            return share * chance.uniform(0.4, 0.8)
        case "holiday":
            return share * chance.uniform(0.45, 0.9)
    # a day off that is in no list
    return share * (chance.uniform(0.4, 0.7) if chance.random() < 5 / 365 else 1.0)


def _within(hour: datetime, rate: float, twins: float, chance: random.Random) -> Iterator[datetime]:
    at = chance.expovariate(rate) if rate > 0 else 1.0
    while at < 1:
        yield hour + timedelta(hours=at)
        if chance.random() < twins / 100:
            yield hour + timedelta(hours=at, seconds=chance.uniform(1, 120))
        at += chance.expovariate(rate)
