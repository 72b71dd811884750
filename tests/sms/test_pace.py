"""How fast a bind sends, and when it is dialled again: with a clock made of numbers."""

from __future__ import annotations

from itertools import pairwise

import pytest

from channels.sms.pace import BURST_S, CAP_S, FLOOR, HELD_S, BackOff, Pace


def sent(pace: Pace, start: float, seconds: float) -> int:
    """How many go out in so many seconds when there is always one more."""
    count, now = 0, start
    while now < start + seconds and pace.rate:
        wait = pace.wait(now)
        if wait > 0:
            now += max(wait, 1e-9)
        else:
            pace.spend(now)
            count += 1
    return count


def test_without_a_limit_nobody_waits() -> None:
    pace = Pace()
    for _ in range(10_000):
        assert pace.wait(5.0) <= 0
        pace.spend(5.0)


@pytest.mark.parametrize("rate", [1.0, 10.0, 400.0, 7_000.0])
def test_the_agreed_rate_is_kept(rate: float) -> None:
    pace = Pace(rate)
    sent(pace, 100.0, 1.0)
    assert sent(pace, 101.0, 10.0) == pytest.approx(rate * 10, rel=0.02, abs=1)


def test_a_pause_saves_up_a_burst_and_no_more() -> None:
    pace = Pace(1000.0)
    sent(pace, 100.0, 1.0)
    assert sent(pace, 200.0, 1e-9) == pytest.approx(1000 * BURST_S, abs=1)


def test_a_window_full_of_complaints_halves_the_rate_once() -> None:
    pace = Pace(800.0)
    for _ in range(100):
        pace.complain(50.0)
    assert pace.rate == 400.0
    pace.complain(50.9)
    assert pace.rate == 400.0
    pace.complain(51.0)
    assert pace.rate == 200.0


def test_the_rate_comes_back_to_the_agreed_one_and_not_above() -> None:
    pace = Pace(100.0)
    pace.complain(10.0)
    sent(pace, 10.0, 5.0)
    assert 60 < pace.rate < 90
    sent(pace, 15.0, 10.0)
    assert pace.rate == 100.0


def test_there_is_a_floor() -> None:
    pace = Pace(100.0)
    for second in range(60):
        pace.complain(float(second))
    assert pace.rate == FLOOR


def test_without_an_agreed_rate_the_observed_one_is_halved_and_in_the_end_the_restraint_goes() -> None:
    pace = Pace()
    for n in range(3_000):
        pace.spend(100.0 + n / 1000)
    pace.complain(103.0)
    assert pace.rate == pytest.approx(500, rel=0.1)
    sent(pace, 103.0, 10.0)
    assert 1000 < pace.rate < 1600
    sent(pace, 113.0, 10.0)
    assert pace.rate == 0.0


def test_a_night_without_traffic_ends_the_restraint() -> None:
    pace = Pace(100.0)
    pace.complain(10.0)
    pace.spend(40_000.0)
    assert pace.rate == 100.0


def test_a_lost_link_is_dialled_later_and_later_up_to_the_cap() -> None:
    back_off = BackOff()
    delays = [back_off.after(0.0) for _ in range(20)]
    assert 0.1 <= delays[0] <= 1.0
    assert all(1.5 <= b / a <= 2.5 or b == CAP_S for a, b in pairwise(delays))
    assert delays[-1] == CAP_S


def test_a_bind_that_held_starts_anew() -> None:
    back_off = BackOff()
    for _ in range(20):
        back_off.after(1.0)
    assert back_off.after(HELD_S) <= 1.0


def test_a_refusal_goes_to_the_cap_at_once() -> None:
    back_off = BackOff()
    assert CAP_S / 2 <= back_off.after_refusal() <= CAP_S
    assert back_off.after(0.0) == CAP_S
