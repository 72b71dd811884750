"""The silence alarm: what it learns, and what it thinks of a silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.rhythm import Year, most_in_a_week
from bench.traffic import KINDS
from gateway.console import holidays
from gateway.console.rhythm import Hour, Rhythm, judge, learn

JAKARTA = ZoneInfo("Asia/Jakarta")
#: a Monday, at midnight in Jakarta; no holiday for nine weeks
MONDAY = datetime(2026, 6, 22, tzinfo=JAKARTA).astimezone(UTC)
CALENDAR = holidays.load()


def hours(weeks: float, count: Callable[[datetime], int]) -> list[Hour]:
    starts = [MONDAY + timedelta(hours=n) for n in range(round(weeks * 168))]
    return [Hour(at, count(at.astimezone(JAKARTA))) for at in starts]


def office(at: datetime) -> int:
    """120 an hour in office hours, a tenth of it at night, half of both at the weekend."""
    return (120 if 8 <= at.hour < 16 else 12) // (2 if at.weekday() >= 5 else 1)


def learned(weeks: float = 8, count: Callable[[datetime], int] = office) -> Rhythm:
    rhythm = learn(hours(weeks, count), CALENDAR, JAKARTA)
    assert rhythm is not None
    return rhythm


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAKARTA).astimezone(UTC)


def alarm(rhythm: Rhythm, since: str, until: str, before: list[Hour] | None = None) -> bool:
    usual = [Hour(hour, round(rhythm.rate(hour))) for hour in (at(since) - timedelta(hours=n) for n in range(6, 0, -1))]
    return judge(rhythm, usual if before is None else before, at(since), at(until)).alarm


def test_a_new_channel_has_no_rhythm() -> None:
    assert learn([], CALENDAR, JAKARTA) is None
    assert learn(hours(1.9, office), CALENDAR, JAKARTA) is None
    assert learn(hours(2.1, office), CALENDAR, JAKARTA) is not None


def test_the_hour_of_the_week_is_that_of_the_office() -> None:
    rhythm = learned()
    assert rhythm.rate(at("2026-08-10 10:30")) == pytest.approx(120, rel=0.1)
    assert rhythm.rate(at("2026-08-10 23:30")) == pytest.approx(12, rel=0.1)
    assert rhythm.rate(at("2026-08-15 10:30")) == pytest.approx(60, rel=0.1)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-08-12 10:00", "2026-08-12 10:04", False),
        ("2026-08-12 10:00", "2026-08-12 10:20", True),
        ("2026-08-12 01:00", "2026-08-12 01:20", False),
        ("2026-08-12 01:00", "2026-08-12 04:00", True),
        ("2026-08-15 10:00", "2026-08-15 10:12", False),
    ],
)
def test_a_silence_is_judged_by_its_hour(since: str, until: str, expected: bool) -> None:
    assert alarm(learned(), since, until) is expected


def test_a_holiday_is_quieter() -> None:
    rhythm = learned()
    assert CALENDAR.holidays[date(2026, 8, 17)] == "holiday"
    assert rhythm.rate(at("2026-08-17 10:30")) < rhythm.rate(at("2026-08-16 10:30"))


def test_the_breaking_of_the_fast_is_still() -> None:
    rhythm = learned()
    assert rhythm.rate(at("2027-02-16 18:30")) < 0.5 * rhythm.rate(at("2027-02-16 20:30"))


def test_a_quiet_day_that_nobody_foretold_makes_it_more_patient() -> None:
    rhythm, eight = learned(), [Hour(at("2026-08-12 08:00") + timedelta(hours=n), 24) for n in range(4)]
    assert alarm(rhythm, "2026-08-12 12:00", "2026-08-12 12:20")
    assert not alarm(rhythm, "2026-08-12 12:00", "2026-08-12 12:20", eight)


def test_a_campaign_makes_it_no_less_patient() -> None:
    rhythm = learned()
    hours_ = [at("2026-08-12 08:00") + timedelta(hours=n) for n in range(4)]
    usual = judge(rhythm, [Hour(hour, 120) for hour in hours_], at("2026-08-12 12:00"), at("2026-08-12 12:10"))
    campaign = judge(rhythm, [Hour(hour, 1200) for hour in hours_], at("2026-08-12 12:00"), at("2026-08-12 12:10"))
    assert campaign.chance == usual.chance


def test_a_week_of_campaign_is_not_learned() -> None:
    rhythm = learned(count=lambda at: office(at) * (8 if date(2026, 7, 20) <= at.date() < date(2026, 7, 27) else 1))
    assert rhythm.rate(at("2026-08-12 10:30")) < 120 * 1.3


def test_a_channel_that_never_says_anything_raises_no_alarm() -> None:
    assert not alarm(learned(count=lambda _: 0), "2026-07-01 10:00", "2026-08-12 10:20")


@given(first=st.integers(1, 10_000), more=st.integers(0, 10_000))
def test_a_longer_silence_is_never_more_probable(first: int, more: int) -> None:
    since = at("2026-08-10 06:00")
    silences = [judge(RHYTHM, (), since, since + timedelta(minutes=n)) for n in (first, first + more)]
    assert silences[0].chance >= silences[1].chance
    assert silences[0].alarm <= silences[1].alarm


RHYTHM = learned()


def test_the_leave_of_idul_fitri_is_known_and_its_weekend() -> None:
    assert CALENDAR.holidays[date(2026, 3, 21)] == CALENDAR.holidays[date(2025, 4, 6)] == "lebaran"
    assert CALENDAR.holidays[date(2026, 3, 19)] == "nyepi"
    assert date(2026, 3, 25) not in CALENDAR.holidays


def test_in_three_weeks_of_a_busy_line_it_is_never_wrong_and_soon_right() -> None:
    """The short form of `python -m bench.rhythm`. The minutes are those of the simulated world."""
    outcome = Year(KINDS[0], seed=7, days=21, first=date(2025, 5, 1)).outcome(every=5)
    assert most_in_a_week([outcome]) <= 1
    assert outcome.unnoticed == 0
    assert sorted(outcome.noticed)[len(outcome.noticed) * 9 // 10] <= 10
