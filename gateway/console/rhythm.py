"""The rhythm of a channel or a bind: how much comes at which hour, and whether a silence is like it.

In: how many messages came in each hour, the holidays, the office's time zone. Out: what is to be expected at an instant, and how probable
a silence is. It reads no clock and no disk, and judges nothing but silence: too much is nobody's alarm.

What is expected is the hour of the week, as it was in the last ten weeks: the newer ones count more, a day on which much more came than
usual (a campaign) counts no more than a busy one; holidays stand apart, and so does the hour at which the fast is broken. The numbers of
one hour of the week are few, so each is drawn towards what its weekday and its hour of the day say together.

Messages do not come like the clicks of a Geiger counter: a rainy day is busier as a whole. So the rate itself is uncertain, and a count is
negative binomial: P(none) = (1 + mu/shape) ** -shape. What came in the hours before the silence makes it more certain, and lower when the
day is a quiet one (a local holiday, a feast, Ramadan); never higher, for a campaign may end at any moment.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from statistics import median
from typing import Final, NamedTuple

from gateway.console.holidays import Calendar, Kind

#: a week, in hours
WEEK: Final = 168
#: how far back is learned from, and after how long something counts half
MEMORY_D: Final = 70
HALF_D: Final = 28.0
#: with less than this there is no rhythm
LEAST_D: Final = 14
#: a day on which so many times the usual came counts as one on which this came
BUSY: Final = 1.5
#: how many weeks what weekday and hour say together weighs against what the hour of the week itself says
DRAWN: Final = 2.0
#: what to expect of a holiday, as a share of a Sunday, before one was seen; and how many messages this guess weighs
GUESS: Final[Mapping[Kind, float]] = {"holiday": 0.7, "lebaran": 0.35, "nyepi": 0.5}
GUESS_WEIGHS: Final = 50.0
#: the hours about the breaking of the fast, and the share of the usual that is then to be expected
DUSK: Final = frozenset({17, 18, 19})
DUSK_SHARE: Final = 0.3
#: bounds of the shape: however even the hours were, and however wild
WILD: Final = 2.0
EVEN: Final = 40.0
#: how far before a silence is looked: so many hours, or until so many messages were to be expected, but no farther than days
BEFORE_H: Final = 4
ENOUGH: Final = 30.0
BEFORE_D: Final = 14
#: with how many messages before it the rate is as certain as it gets
CERTAIN: Final = 200.0
#: a silence is an alarm when it is as improbable as this, lasted this long, and this many messages should have come
IMPROBABLE: Final = 3e-8
SHORTEST: Final = timedelta(minutes=5)
LEAST: Final = 15.0


class Hour(NamedTuple):
    """How many messages came in an hour; `starts` is aware, and the hour of the clock."""

    starts: datetime
    came: int


class Rhythm(NamedTuple):
    """What was learned."""

    zone: tzinfo
    calendar: Calendar
    #: messages in each hour of the week, from Monday's first
    week: Sequence[float]
    #: a holiday's share of a Sunday
    shares: Mapping[Kind, float]
    #: how even the hours are: the greater, the nearer to what chance alone does
    shape: float

    def rate(self, at: datetime) -> float:
        """Messages an hour that are to be expected at an instant."""
        local = at.astimezone(self.zone)
        kind = self.calendar.holidays.get(local.date())
        if kind is not None:
            return self.week[6 * 24 + local.hour] * self.shares[kind]
        usual = self.week[local.weekday() * 24 + local.hour]
        return usual * DUSK_SHARE if local.hour in DUSK and local.date() in self.calendar.fasting else usual

    def band(self, at: datetime) -> tuple[float, float]:
        """Between what an hour's count is, nineteen times out of twenty."""
        rate = self.rate(at)
        reach = 2 * math.sqrt(rate + rate * rate / self.shape)
        return max(rate - reach, 0.0), rate + reach

    def mass(self, since: datetime, until: datetime) -> float:
        """Messages that are to be expected between two instants."""
        mass = 0.0
        while since < until:
            step = min(_next_hour(since), until)
            mass += self.rate(since) * (step - since).total_seconds() / 3600
            since = step
        return mass


class Silence(NamedTuple):
    """A silence, judged."""

    #: how many messages should have come
    missed: float
    #: how probable it is that none did although all is well
    chance: float
    alarm: bool


def judge(rhythm: Rhythm, before: Sequence[Hour], since: datetime, now: datetime) -> Silence:
    """Is it as it should be that nothing came between `since` and `now`? `before`: the hours up to the silence, the last one broken off
    by it; the last `BEFORE_D` days are enough."""
    missed = rhythm.mass(since, now)
    came, should = _before(rhythm, before, since)
    if should > CERTAIN:
        came, should = came * CERTAIN / should, CERTAIN
    shape = rhythm.shape + min(came, should)
    chance = math.exp(-shape * math.log1p(missed / (rhythm.shape + should)))
    return Silence(missed, chance, chance <= IMPROBABLE and missed >= LEAST and now - since >= SHORTEST)


def _before(rhythm: Rhythm, before: Sequence[Hour], since: datetime) -> tuple[float, float]:
    """What came before a silence, and what was to be expected."""
    came = should = 0.0
    for hour in reversed(before):
        age = since - hour.starts
        if age > timedelta(days=BEFORE_D) or (age > timedelta(hours=BEFORE_H + 1) and should >= ENOUGH):
            break
        came += hour.came
        should += rhythm.mass(hour.starts, min(_next_hour(hour.starts), since))
    return came, should


def learn(hours: Sequence[Hour], calendar: Calendar, zone: tzinfo) -> Rhythm | None:
    """`hours`: every full hour since counting began, the oldest first, those in which nothing came too. None: too few to know."""
    if not hours or hours[-1].starts - hours[0].starts < timedelta(days=LEAST_D):
        return None
    newest = hours[-1].starts
    seen = [_seen(hour, newest, zone) for hour in hours if newest - hour.starts <= timedelta(days=MEMORY_D)]
    special = [each for each in seen if each.day in calendar.holidays]
    usual = [each for each in seen if each.day not in calendar.holidays and not (each.slot % 24 in DUSK and each.day in calendar.fasting)]
    if len(usual) < LEAST_D * 12:
        return None
    usual = list(_evened(usual))
    week = _week(usual)
    return Rhythm(zone, calendar, week, _shares(special, calendar, week), _shape(usual, week))


class _Seen(NamedTuple):
    """An hour as it counts."""

    day: date
    slot: int
    came: float
    weight: float


def _seen(hour: Hour, newest: datetime, zone: tzinfo) -> _Seen:
    local = hour.starts.astimezone(zone)
    weight = 0.5 ** ((newest - hour.starts) / timedelta(days=HALF_D))
    return _Seen(local.date(), local.weekday() * 24 + local.hour, hour.came, weight)


def _evened(usual: Sequence[_Seen]) -> Iterator[_Seen]:
    """With busy days made no busier than usual, against the days of the same weekday and against all."""
    days: defaultdict[date, float] = defaultdict(float)
    for each in usual:
        days[each.day] += each.came
    alike: defaultdict[bool, list[float]] = defaultdict(list)
    for day, total in days.items():
        alike[day.weekday() >= 5].append(total)
    most = {weekend: BUSY * median(totals) + 3 for weekend, totals in alike.items()}
    for each in usual:
        total = days[each.day]
        yield each._replace(came=each.came * min(1.0, most[each.day.weekday() >= 5] / total)) if total else each


def _week(usual: Sequence[_Seen]) -> list[float]:
    """What is to be expected in each hour of the week."""
    counts, weights = [0.0] * WEEK, [0.0] * WEEK
    for each in usual:
        counts[each.slot] += each.came * each.weight
        weights[each.slot] += each.weight
    total = sum(counts) / sum(weights)
    if not total:
        return [0.0] * WEEK
    by_day = [_mean(counts[day * 24 : day * 24 + 24], weights[day * 24 : day * 24 + 24], total) for day in range(7)]
    by_hour = [_mean(counts[hour::24], weights[hour::24], total) for hour in range(24)]
    together = [by_day[slot // 24] * by_hour[slot % 24] / total for slot in range(WEEK)]
    return [(counts[slot] + DRAWN * together[slot]) / (weights[slot] + DRAWN) for slot in range(WEEK)]


def _mean(counts: Sequence[float], weights: Sequence[float], otherwise: float) -> float:
    return sum(counts) / sum(weights) if sum(weights) else otherwise


def _shares(special: Sequence[_Seen], calendar: Calendar, week: Sequence[float]) -> dict[Kind, float]:
    """What came on holidays, of what a Sunday would have brought; at most all of it."""
    shares: dict[Kind, float] = {}
    for kind, guess in GUESS.items():
        of_kind = [each for each in special if calendar.holidays[each.day] == kind]
        came = sum(each.came for each in of_kind)
        should = sum(week[6 * 24 + each.slot % 24] for each in of_kind)
        shares[kind] = min(1.0, (came + guess * GUESS_WEIGHS) / (should + GUESS_WEIGHS))
    return shares


def _shape(usual: Sequence[_Seen], week: Sequence[float]) -> float:
    """From how far the counts lie from what was expected, beyond what chance does."""
    squares = sum(week[each.slot] ** 2 for each in usual)
    beyond = sum((each.came - week[each.slot]) ** 2 - week[each.slot] for each in usual)
    return min(max(squares / beyond, WILD), EVEN) if beyond > 0 else EVEN


def _next_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
