"""How durations spread."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.spread import ACCEPT, Spread, quantile


def test_what_was_never_counted_has_no_middle() -> None:
    assert quantile(ACCEPT, Spread(ACCEPT).counts, 0.5) is None


def test_what_is_beyond_the_last_bound_counts_as_that() -> None:
    spread = Spread(ACCEPT)
    spread.add(99)
    assert quantile(ACCEPT, spread.counts, 0.95) == 10.0


@given(st.lists(st.floats(0, 9.9), min_size=1, max_size=200), st.floats(0.01, 1))
def test_the_quantile_lies_in_the_bucket_of_the_true_one(seconds: list[float], share: float) -> None:
    spread = Spread(ACCEPT)
    for each in seconds:
        spread.add(each)
    found = quantile(ACCEPT, spread.counts, share)
    assert found is not None
    bound = next(bound for bound in ACCEPT if bound >= found)
    assert sum(each <= bound for each in seconds) >= share * len(seconds) - 1e-6
