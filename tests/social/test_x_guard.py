"""The purse: what is counted, what follows, and what a restart and a new day change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from channels.social.x_guard import Guard

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("posts", "level"),
    [(0, "ok"), (49, "ok"), (50, "slow"), (79, "slow"), (80, "mentions_only"), (99, "mentions_only"), (100, "stopped"), (500, "stopped")],
)
def test_the_levels(posts: int, level: str) -> None:
    guard = Guard(0.5)
    guard.read(NOON, 0.005, map(str, range(posts)))
    assert guard.level(NOON) == level


def test_without_a_cap_all_is_well_and_counted() -> None:
    guard = Guard(0)
    guard.read(NOON, 0.005, map(str, range(1000)))
    assert (guard.level(NOON), guard.spent(NOON)) == ("ok", 5.0)


def test_a_post_is_paid_for_once_a_day() -> None:
    guard = Guard(0)
    for hours in (0, 1, 11.9, 12, 13):
        guard.read(NOON + timedelta(hours=hours), 0.005, ["1", "2"])
    assert guard.spent(NOON + timedelta(hours=13)) == 0.01


def test_a_thousandth_of_a_dollar_is_not_lost_in_rounding() -> None:
    guard = Guard(1)
    for _ in range(999):
        guard.posted(NOON, 0.001)
    assert guard.level(NOON) == "mentions_only"
    guard.posted(NOON, 0.001)
    assert guard.level(NOON) == "stopped"


def test_a_restart_goes_on_from_what_was_kept_and_the_next_utc_day_from_nothing() -> None:
    guard = Guard(1)
    guard.posted(NOON, 0.75)
    kept = guard.notes(NOON)
    assert kept == {"spent:2026-11-22": "750000", "spent:2026-11-21": None}
    again = Guard(1)
    again.remember(NOON, kept["spent:2026-11-22"])
    assert again.level(NOON) == "slow"
    assert again.level(NOON + timedelta(hours=12)) == "ok"
    assert Guard.rest_of_day(NOON) == 12 * 3600
    for odd in (None, "", "-1", "viel"):
        again.remember(NOON, odd)
        assert again.spent(NOON) == 0
