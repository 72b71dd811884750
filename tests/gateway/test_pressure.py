"""When the workers wait for the doors, and that they do not wait for ever."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.pressure import A_MOMENT_S, BURST_S, CROWD, DRY_S, LARGE, POURED_S, POURING, Pressure

SMS, MAIL = LARGE, LARGE + 1


@pytest.fixture
def pressure() -> Pressure:
    return Pressure()


def rain(pressure: Pressure, start: float, end: float, *, size: int = MAIL, per_s: int = 100) -> Iterator[float]:
    """Messages in a steady stream; the times at which others were to hear of them."""
    for n in range(int((end - start) * per_s)):
        if pressure.came(size, 1, start + n / per_s):
            yield start + n / per_s


def test_a_crowd_is_remembered_for_a_moment(pressure: Pressure) -> None:
    pressure.came(SMS, CROWD, 5.0)
    assert not pressure.crowded(5.0)
    pressure.came(SMS, CROWD + 1, 5.0)
    assert pressure.crowded(5.0)
    assert pressure.crowded(5.0 + A_MOMENT_S / 2)
    assert not pressure.crowded(5.0 + A_MOMENT_S)


def test_large_messages_that_come_fast_are_a_downpour_for_others_too(pressure: Pressure) -> None:
    told = list(rain(pressure, 1.0, 3.0))
    assert pressure.pouring(3.0)
    assert not pressure.pouring(3.0 + POURED_S)
    assert 10 <= len(told) <= 20
    assert max(later - told[place] for place, later in enumerate(told[1:])) < POURED_S


def test_a_stream_of_sms_is_none_however_fast(pressure: Pressure) -> None:
    assert not list(rain(pressure, 1.0, 2.0, size=SMS, per_s=10_000))
    assert not pressure.pouring(2.0)


def test_large_messages_that_come_slowly_are_none(pressure: Pressure) -> None:
    assert not list(rain(pressure, 1.0, 5.0, per_s=POURING // 2))
    assert not pressure.pouring(5.0)


def test_a_downpour_that_lasts_stops_nobody_any_more(pressure: Pressure) -> None:
    told = list(rain(pressure, 0.0, 4 * BURST_S))
    assert max(told) < BURST_S + 1
    assert not pressure.pouring(4 * BURST_S)


def test_after_a_pause_the_next_burst_counts(pressure: Pressure) -> None:
    end = 2 * BURST_S
    list(rain(pressure, 0.0, end))
    list(rain(pressure, end + DRY_S / 2, end + DRY_S / 2 + 1))
    assert not pressure.pouring(end + DRY_S / 2 + 1)
    list(rain(pressure, end + 3 * DRY_S, end + 3 * DRY_S + 1))
    assert pressure.pouring(end + 3 * DRY_S + 1)
