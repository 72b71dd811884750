"""The days that a report is about.

In: a choice, or two days, and what day it is. Out: a period, and the stretches into which it is cut. Pure: what day it is, is an argument.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from gateway.reports.figures import Grain

Choice = Literal["this_month", "last_month", "this_quarter", "last_quarter", "this_year", "last_year", "own"]
CHOICES: Final[tuple[Choice, ...]] = get_args(Choice)
#: of days: up to which they are told one by one, and up to which by week
DAILY, WEEKLY = 45, 200
#: ten years; whoever asks for more has mistyped a year
LONGEST: Final = timedelta(days=3660)


class Period(NamedTuple):
    """From the first day to the last, both whole."""

    first: date
    last: date

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When it begins, and when it is over."""
        return datetime.combine(self.first, time(), zone), datetime.combine(self.last + timedelta(days=1), time(), zone)

    @property
    def grain(self) -> Grain:
        """How finely it is told."""
        days = (self.last - self.first).days + 1
        return "day" if days <= DAILY else "week" if days <= WEEKLY else "month"

    def starts(self) -> list[date]:
        """The first day of each stretch; the first one may begin before the period."""
        found, day = [], start(self.first, self.grain)
        while day <= self.last:
            found.append(day)
            day = _next(day, self.grain)
        return found


def chosen(choice: Choice, today: date) -> Period:
    """A period by its name; it ends today where it would end later. `own` is this month."""
    year, month = today.year, today.month
    quarter = month - (month - 1) % 3
    if choice == "last_month":
        return _months(year, month - 1, 1)
    if choice == "this_quarter":
        return Period(date(year, quarter, 1), today)
    if choice == "last_quarter":
        return _months(year, quarter - 3, 3)
    if choice == "this_year":
        return Period(date(year, 1, 1), today)
    if choice == "last_year":
        return _months(year - 1, 1, 12)
    return Period(date(year, month, 1), today)


def own(first: str, last: str) -> Period:
    """As they were written, 2026-11-30. Raises ValueError for what is no day, and for an end before the beginning or far from it."""
    try:
        period = Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        raise ValueError("expected two days like 2026-11-30") from None
    if not timedelta() <= period.last - period.first <= LONGEST or period.first.year < 1990 or period.last.year > 2990:
        raise ValueError("the last day lies before the first one, or more than ten years behind it")
    return period


def start(day: date, grain: Grain) -> date:
    """Of the stretch in which it lies; weeks begin on Monday."""
    return day if grain == "day" else day - timedelta(days=day.weekday()) if grain == "week" else day.replace(day=1)


def _next(day: date, grain: Grain) -> date:
    if grain == "month":
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day + timedelta(days=1 if grain == "day" else 7)


def _months(year: int, month: int, count: int) -> Period:
    """Whole months, of which the first may be named as 0 or less: in the year before."""
    year, month = (year, month) if month > 0 else (year - 1, month + 12)
    first = date(year, month, 1)
    after = first
    for _ in range(count):
        after = _next(after, "month")
    return Period(first, after - timedelta(days=1))
