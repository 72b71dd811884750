"""The days of a report: by name, as written, and how they are cut."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reports.period import CHOICES, Choice, Period, chosen, own, start

days = st.dates(date(1995, 1, 1), date(2900, 1, 1))


@pytest.mark.parametrize(
    ("choice", "first", "last"),
    [
        ("this_month", "2026-02-01", "2026-02-10"), ("last_month", "2026-01-01", "2026-01-31"),
        ("this_quarter", "2026-01-01", "2026-02-10"), ("last_quarter", "2025-10-01", "2025-12-31"),
        ("this_year", "2026-01-01", "2026-02-10"), ("last_year", "2025-01-01", "2025-12-31"), ("own", "2026-02-01", "2026-02-10"),
    ],
)  # fmt: skip
def test_a_period_has_a_name(choice: Choice, first: str, last: str) -> None:
    assert chosen(choice, date(2026, 2, 10)) == own(first, last)


def test_last_month_of_january_is_december() -> None:
    assert chosen("last_month", date(2026, 1, 1)) == own("2025-12-01", "2025-12-31")


@pytest.mark.parametrize(
    ("first", "last"), [("2026-02-02", "2026-02-01"), ("", ""), ("01/02/2026", "2026-02-01"), ("0001-01-01", "9999-12-31")]
)
def test_what_is_no_period_is_said_to_be_none(first: str, last: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        own(first, last)


def test_a_day_lasts_as_long_as_it_does_there() -> None:
    since, until = Period(date(2026, 11, 1), date(2026, 11, 1)).instants(ZoneInfo("Asia/Jayapura"))
    assert (until - since, since.utcoffset()) == (timedelta(days=1), timedelta(hours=9))


@given(days, st.sampled_from(CHOICES))
def test_every_named_period_is_one(today: date, choice: Choice) -> None:
    period = chosen(choice, today)
    assert own(period.first.isoformat(), period.last.isoformat()) == period
    assert period.last <= today


@given(days, st.integers(0, 800))
def test_each_day_lies_in_one_stretch(first: date, length: int) -> None:
    period = Period(first, first + timedelta(days=length))
    starts = period.starts()
    assert starts == sorted(set(starts))
    for day in (period.first, period.last, first + timedelta(days=length // 2)):
        assert starts.count(start(day, period.grain)) == 1
