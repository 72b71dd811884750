"""When citizens are told: not at night where the place lies, not several times for one thing, and not too often a day."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder.manners import DAY, Manners, Quiet, hushed, quiet
from normalizer.zones import WIB, WIT, WITA, ZONES, zone

NIGHT = Quiet(time(21), time(7))
JAKARTA, MAKASSAR, JAYAPURA = ZoneInfo(WIB), ZoneInfo(WITA), ZoneInfo(WIT)
NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("place", "at", "told"),
    [
        (JAKARTA, utc(22, 13, 59), utc(22, 13, 59)),  # 20:59
        (JAKARTA, utc(22, 14), utc(23, 0)),  # 21:00
        (JAKARTA, utc(22, 17), utc(23, 0)),  # midnight
        (JAKARTA, utc(22, 23, 59), utc(23, 0)),  # 06:59
        (JAKARTA, utc(23, 0), utc(23, 0)),  # 07:00
        (MAKASSAR, utc(22, 13), utc(22, 23)),  # 21:00 there, 20:00 in Jakarta
        (MAKASSAR, utc(22, 23), utc(22, 23)),
        (JAYAPURA, utc(22, 12), utc(22, 22)),
        (JAYAPURA, utc(22, 11, 59), utc(22, 11, 59)),
    ],
)
def test_nobody_is_woken_where_the_place_lies(place: ZoneInfo, at: datetime, told: datetime) -> None:
    assert NIGHT.over(at, place) == told


def test_hours_within_a_day_are_quiet_too() -> None:
    siesta = Quiet(time(12), time(13, 30))
    assert siesta.over(NOON, JAKARTA) == NOON + timedelta(minutes=90)
    assert siesta.over(NOON + timedelta(minutes=90), JAKARTA) == NOON + timedelta(minutes=90)


@given(st.integers(0, 10**8), st.sampled_from([JAKARTA, MAKASSAR, JAYAPURA]))
def test_a_letter_waits_for_a_night_at_most_and_never_goes_in_it(seconds: int, place: ZoneInfo) -> None:
    at = NOON + timedelta(seconds=seconds)
    told = NIGHT.over(at, place)
    assert timedelta(0) <= told - at <= timedelta(hours=10)
    assert time(7) <= told.astimezone(place).time() < time(21)


@pytest.mark.parametrize("text", ["21-7", "21:00", "25:00-07:00", "21:00-21:00", "21:00 - 07:00", "21:60-07:00"])
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'expected hours like "21:00-07:00"'):
        quiet(text)


def test_hours_are_read_and_may_be_none() -> None:
    assert quiet("21:00-07:00") == NIGHT
    assert quiet("") is None


def manners(*, per_day: int = 3, night: Quiet | None = None) -> Manners:
    return Manners(frozenset({"closed"}), 600, per_day, night, JAKARTA)


def test_changes_that_come_together_are_told_together() -> None:
    assert manners().when(NOON, (), None) == NOON + timedelta(minutes=10)


def test_a_citizen_hears_so_often_a_day_and_no_more() -> None:
    before = [NOON - timedelta(hours=hours) for hours in (30, 20, 10, 1)]
    assert manners(per_day=3).when(NOON, before, None) == before[1] + DAY
    assert manners(per_day=5).when(NOON, before, None) == NOON + timedelta(minutes=10)
    assert manners(per_day=1).when(NOON, before, None) == before[3] + DAY


def test_a_letter_that_may_go_at_night_goes_in_the_morning() -> None:
    evening = utc(22, 13, 55)
    assert manners(night=NIGHT).when(evening, (), None) == utc(23, 0)
    assert manners(night=NIGHT).when(evening - timedelta(hours=1), (), MAKASSAR) == utc(22, 23)


def test_every_province_lies_in_one_zone() -> None:
    assert len(ZONES) == 38
    assert [sum(each == name for each in ZONES.values()) for name in (WIB, WITA, WIT)] == [18, 12, 8]
    assert [zone(code) for code in ("35.02.17", "73.71", "91", "65", None, "", "99")] == [WIB, WITA, WIT, WITA, None, None, None]


@given(
    st.timedeltas(timedelta(), timedelta(days=365)), st.timedeltas(timedelta(hours=-1), timedelta(days=4)),
    st.sampled_from([NIGHT, Quiet(time(12), time(13, 30))]), st.sampled_from([JAKARTA, MAKASSAR, JAYAPURA]),
)  # fmt: skip
def test_what_is_held_up_is_told_when_it_is_not_quiet(after: timedelta, later: timedelta, hours: Quiet, place: ZoneInfo) -> None:
    told = hours.over(NOON + after, place)
    now = told + later
    then = hushed(hours.next(told, place), now)
    assert (then or now) == hours.over(now, place)
