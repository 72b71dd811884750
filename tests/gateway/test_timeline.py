"""What citizens are told of a ledger's events: in their order, whatever order they come in, and never back because of a wrong clock."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder.states import LEDGER_STATES, LedgerState
from gateway.store.happenings import Event
from gateway.timeline import turns

NUMBER = "1234567"
BORN = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def event(state: LedgerState, hours: float, *, heard: float | None = None, number: str = NUMBER) -> Event:
    """So many hours after the registration."""
    return Event(
        event_id=next(_numbers), ledger="national", tracking_id=number, at=BORN + timedelta(hours=hours), by="Dinas PU", status="x",
        heard_at=BORN + timedelta(hours=max(hours, 0) if heard is None else heard), state=state, note="",
    )  # fmt: skip


def states(*events: Event) -> list[str]:
    return [turn.state for turn in turns(events, NUMBER, BORN)]


def test_what_comes_late_stands_where_it_belongs() -> None:
    assert states(event("closed", 9), event("forwarded", 2, heard=10), event("answered", 5, heard=11)) == [
        "forwarded",
        "answered",
        "closed",
    ]


def test_a_word_that_nobody_explained_is_not_told() -> None:
    assert states(event("forwarded", 1), event("other", 2)) == ["forwarded"]


def test_what_is_open_again_is_open_again() -> None:
    assert states(event("registered", 1), event("closed", 2), event("registered", 3)) == ["closed", "registered"]
    assert states(event("closed", 2), event("in_progress", 3)) == ["closed", "in_progress"]


def test_a_time_that_cannot_be_true_takes_nothing_back() -> None:
    future = event("verified", 48, heard=3)
    assert states(event("closed", 2), future) == ["closed"]
    assert states(event("closed", 2), event("verified", -5, heard=3)) == ["verified", "closed"]


def test_a_clock_that_is_ahead_does_not_hide_what_comes_after() -> None:
    ahead = event("forwarded", 48, heard=1)
    found = turns([ahead, event("closed", 2)], NUMBER, BORN)
    assert [(turn.state, turn.at - BORN) for turn in found] == [("forwarded", timedelta(hours=1)), ("closed", timedelta(hours=2))]


def test_nothing_happened_before_the_registration() -> None:
    (turn,) = turns([event("forwarded", -1, heard=0)], NUMBER, BORN)
    assert turn.at == BORN


@pytest.mark.parametrize("at", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)])
def test_a_registration_at_the_end_of_the_calendar_hides_nothing(at: datetime) -> None:
    assert [turn.state for turn in turns([event("forwarded", 1), event("closed", 2)], NUMBER, at)] == ["forwarded", "closed"]


def test_what_was_said_of_another_number_is_another_complaints_course() -> None:
    assert states(event("forwarded", 1), event("rejected", 2, number="7654321")) == ["forwarded"]


EVENTS = st.lists(
    st.builds(event, st.sampled_from(LEDGER_STATES), st.floats(-48, 48), heard=st.floats(0, 48)),
    max_size=8,
)


@given(EVENTS, st.randoms())
def test_the_order_of_arrival_changes_nothing(events: list[Event], random: object) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert turns(shuffled, NUMBER, BORN) == turns(events, NUMBER, BORN)
    times = [turn.at for turn in turns(events, NUMBER, BORN)]
    assert times == sorted(times)
    assert all(at >= BORN for at in times)


@pytest.mark.parametrize("state", [state for state in LEDGER_STATES if state != "other"])
def test_every_state_can_be_told(state: LedgerState) -> None:
    assert states(event("closed", 1), event(state, 2))[-1] in {state, "closed"}
