"""`python -m bench.rhythm`: how often the silence alarm is wrong in a year, and how soon it is right.

In: invented years (`bench.traffic`). Out: a table as Markdown: false alarms, the most in one week, and how long after its death a bind was
noticed. The first ten weeks are only learned from. It measures no speed.
"""

from __future__ import annotations

import argparse
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import NamedTuple

from bench.traffic import JAKARTA, KINDS, Kind, messages
from gateway.console import holidays
from gateway.console.rhythm import BEFORE_D, SHORTEST, Hour, Rhythm, judge, learn

FIRST, YEAR, LEARN_D = date(2025, 1, 1), 365, 70
#: the hours at which binds are let die; by the office's clock
DAYTIME = range(8, 16)
HOUR = timedelta(hours=1)
#: how long an alarm is waited for
PATIENCE_D = 14


class Outcome(NamedTuple):
    """What became of one year."""

    weeks: float
    #: when there was a false alarm
    false: Sequence[datetime]
    #: minutes until each death at daytime was noticed
    noticed: Sequence[float]
    unnoticed: int


class Year:
    """A channel's year, and what was known of it on each day."""

    def __init__(self, kind: Kind, seed: int, days: int = YEAR, first: date = FIRST) -> None:
        """`days`: after those that are only learned from, which begin with `first`."""
        self.calendar = holidays.load()
        self.came = list(messages(kind, self.calendar, first, LEARN_D + days, seed))
        self.counts = Counter(at.replace(minute=0, second=0, microsecond=0) for at in self.came)
        self.first = first
        self.start = datetime(first.year, first.month, first.day, tzinfo=JAKARTA).astimezone(UTC)
        self.days = range(LEARN_D, LEARN_D + days)
        self._known: dict[int, Rhythm | None] = {}

    def known(self, at: datetime) -> Rhythm | None:
        """What was learned by the beginning of a day."""
        day = (at - self.start).days
        if day not in self._known:
            self._known[day] = learn([self._hour(n) for n in range(max(day - LEARN_D, 0) * 24, day * 24)], self.calendar, JAKARTA)
        return self._known[day]

    def _hour(self, n: int) -> Hour:
        starts = self.start + n * HOUR
        return Hour(starts, self.counts[starts])

    def alarmed(self, since: datetime, now: datetime) -> bool:
        """Does a silence from `since` to `now` raise an alarm?"""
        rhythm = self.known(now)
        return rhythm is not None and judge(rhythm, self._before(since), since, now).alarm

    def _before(self, since: datetime) -> list[Hour]:
        whole = since.replace(minute=0, second=0, microsecond=0)
        hours = [Hour(whole - n * HOUR, self.counts[whole - n * HOUR]) for n in range(BEFORE_D * 24, 0, -1)]
        return [*hours, Hour(whole, bisect_left(self.came, since) - bisect_left(self.came, whole))]

    def false(self) -> list[datetime]:
        """Silences that raised an alarm though nothing was wrong. One that is none at its end was none before."""
        first = self.start + timedelta(days=LEARN_D)
        pairs = zip(self.came, self.came[1:], strict=False)
        return [until for since, until in pairs if since >= first and until - since >= SHORTEST and self.alarmed(since, until)]

    def noticed(self, day: int, hour: int) -> float | None:
        """Minutes from a bind's death to the alarm; None: not within `PATIENCE_D`. What it brought last is the silence's beginning. An
        alarm stays one, so halving finds when it began."""
        died = self.start + timedelta(days=day, hours=hour)
        since = self.came[bisect_left(self.came, died) - 1]
        quarters = range(PATIENCE_D * 24 * 60 * 4)
        first = bisect_left(quarters, True, key=lambda n: self.alarmed(since, died + n * timedelta(seconds=15)))
        return first / 4 if first < len(quarters) else None

    def outcome(self, every: int) -> Outcome:
        """Both, with a death in each daytime hour of every so many weekdays that are no holidays."""
        workdays = [day for day in self.days if (at := self.first + timedelta(day)).weekday() < 5 and at not in self.calendar.holidays][
            ::every
        ]
        found = [self.noticed(day, hour) for day in workdays for hour in DAYTIME]
        return Outcome(len(self.days) / 7, self.false(), [each for each in found if each is not None], found.count(None))


def table(outcomes: Mapping[Kind, Sequence[Outcome]]) -> str:
    """As Markdown."""
    head = "| traffic | messages a weekday | weeks | false alarms | most in one week | a death by day noticed after (p50, p95, worst) |"
    return "\n".join([head, "|---|---|---|---|---|---|", *(_row(kind, several) for kind, several in outcomes.items())])


def _row(kind: Kind, several: Sequence[Outcome]) -> str:
    weeks = sum(each.weeks for each in several)
    false = sum(len(each.false) for each in several)
    noticed = sorted(minutes for each in several for minutes in each.noticed)
    missed = sum(each.unnoticed for each in several)
    said = ", ".join(map(_words, (median(noticed), noticed[int(len(noticed) * 0.95)], noticed[-1]))) if noticed else "-"
    said += f"; {missed} not within {PATIENCE_D} days" if missed else ""
    return f"| {kind.name} | {kind.per_day:g} | {weeks:.0f} | {false} | {most_in_a_week(several)} | {said} |"


def most_in_a_week(several: Sequence[Outcome]) -> int:
    """False alarms in any seven days."""
    worst = 0
    for each in several:
        worst = max([worst, *(sum(timedelta(0) <= other - at < timedelta(days=7) for other in each.false) for at in each.false)])
    return worst


def _words(minutes: float) -> str:
    return f"{minutes:.1f} min" if minutes < 100 else f"{minutes / 60:.1f} h"


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench.rhythm", description="The silence alarm, on simulated years.")
    parser.add_argument("--seeds", type=int, default=3, help="years of each kind (default: 3)")
    parser.add_argument("--every", type=int, default=8, help="let a bind die on every so many weekdays (default: 8)")
    parser.add_argument("--only", default="", help="kinds whose name has these words")
    asked = parser.parse_args()
    outcomes: defaultdict[Kind, list[Outcome]] = defaultdict(list)
    for kind in (kind for kind in KINDS if asked.only in kind.name):
        for seed in range(asked.seeds):
            outcomes[kind].append(Year(kind, seed).outcome(asked.every))
    print(table(outcomes))


if __name__ == "__main__":
    main()
