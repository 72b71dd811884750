"""A ledger that fails is left alone and asked again by one; one that is busy is asked by fewer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forwarder.breaker import FIRST_PAUSE, IN_A_ROW, LONGEST_PAUSE, Breaker, Ending, ending, keeps_its_place
from forwarder.ledger import Registration
from forwarder.outcome import Done, Park, Retry
from tests.forwarder.records import AT

DONE = Done(registration=Registration(tracking_id="9000001", registered_at=AT))
GONE = Retry(delay_s=1, code="unreachable")
UNKNOWN = Park(code="unknown", unanswered=True)
BUSY = Retry(delay_s=1, code="http_429")


def _call(breaker: Breaker, how: Ending, now: float) -> None:
    assert breaker.room(now) > 0
    breaker.began()
    breaker.ended(how, now)


def test_failures_in_a_row_leave_the_ledger_alone_and_one_asks_whether_it_is_back() -> None:
    breaker = Breaker(8)
    for _ in range(IN_A_ROW):
        _call(breaker, "failed", 100)
    assert (breaker.room(100), breaker.away(100)) == (0, FIRST_PAUSE)
    assert breaker.room(100 + FIRST_PAUSE) == 1
    assert breaker.trial
    breaker.began()
    assert breaker.room(200) == 0
    breaker.ended("answered", 200)
    assert (breaker.room(200), breaker.trial) == (1, False)


def test_an_answer_in_between_forgets_the_failures() -> None:
    breaker = Breaker(4)
    for _ in range(10):
        for _ in range(IN_A_ROW - 1):
            _call(breaker, "failed", 1)
        _call(breaker, "answered", 1)
    assert breaker.room(1) > 0


def test_the_pauses_grow_and_end_with_the_first_answer() -> None:
    breaker, now, pauses = Breaker(2), 0.0, []
    for _ in range(IN_A_ROW):
        _call(breaker, "failed", now)
    for _ in range(9):
        pauses.append(breaker.away(now))
        now += pauses[-1]
        _call(breaker, "failed", now)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert breaker.away(now) == LONGEST_PAUSE
    now += LONGEST_PAUSE
    _call(breaker, "answered", now)
    for _ in range(IN_A_ROW):
        _call(breaker, "failed", now)
    assert breaker.away(now) == FIRST_PAUSE


def test_a_busy_ledger_is_asked_by_half_as_many_and_by_one_more_after_each_answer() -> None:
    breaker = Breaker(16)
    _call(breaker, "busy", 0)
    assert breaker.room(0) == 8
    for _ in range(5):
        _call(breaker, "busy", 0)
    assert breaker.room(0) == 1
    for width in range(2, 17):
        _call(breaker, "answered", 0)
        assert breaker.room(0) == width
    _call(breaker, "answered", 0)
    assert breaker.room(0) == 16


def test_a_ledger_that_says_not_now_to_a_single_call_again_and_again_is_away() -> None:
    breaker, calls = Breaker(16), 0
    while not breaker.trial:
        _call(breaker, "busy", 0)
        calls += 1
    assert calls == 4 + IN_A_ROW
    assert breaker.away(0) == FIRST_PAUSE
    _call(breaker, "answered", 1)
    assert breaker.room(1) == 1


def test_five_days_of_outage_are_some_thousand_calls() -> None:
    breaker, now, calls = Breaker(16), 0.0, 0
    while now < 5 * 86_400:
        _call(breaker, "busy", now)
        calls += 1
        now += breaker.away(now)
    assert calls <= 16 + 5 * 86_400 / LONGEST_PAUSE


def test_one_answer_shows_that_the_ledger_is_there() -> None:
    assert ending([GONE, DONE]) == "answered"
    assert ending([GONE, Park(code="http_422")]) == "answered"
    assert ending([]) == "unasked"
    assert ending([GONE, BUSY]) == "failed"
    assert ending([BUSY, BUSY]) == "busy"
    assert ending([UNKNOWN, UNKNOWN]) == "failed"
    assert ending([UNKNOWN, DONE]) == "answered"


def test_a_trial_that_asked_nothing_leaves_all_as_it_was() -> None:
    breaker = Breaker(4)
    for _ in range(IN_A_ROW):
        _call(breaker, "failed", 0)
    _call(breaker, "unasked", 5)
    assert (breaker.room(5), breaker.trial, breaker.away(5)) == (1, True, 0)


@given(st.lists(st.tuples(st.sampled_from(["answered", "busy", "failed", "unasked"]), st.floats(0, 100)), max_size=80), st.integers(1, 20))
def test_however_calls_end_there_is_room_again_within_a_pause(steps: list[tuple[Ending, float]], most: int) -> None:
    breaker, now = Breaker(most), 0.0
    for how, wait in steps:
        now += wait
        if breaker.room(now):
            breaker.began()
            breaker.ended(how, now)
        assert 0 <= breaker.room(now) <= most
    assert breaker.room(now + LONGEST_PAUSE) >= 1


def test_before_its_first_answer_a_ledger_is_asked_with_one_complaint_at_a_time() -> None:
    breaker, asked = Breaker(4), []
    for how in ("busy", "answered", "failed", "failed", "failed", "failed", "failed"):
        asked.append((breaker.asking, breaker.trial))
        _call(breaker, how, 0)
    assert asked == [(True, False)] * 2 + [(False, False)] * 5
    assert (breaker.asking, breaker.trial) == (True, True)


def test_who_only_asked_keeps_his_place_unless_he_may_be_the_reason() -> None:
    assert all(keeps_its_place(Retry(delay_s=9, code=code), 20) for code in ("unreachable", "http_503", "http_429", "certificate"))
    assert not keeps_its_place(Retry(delay_s=9, code="http_503"), 21)
    assert not any(keeps_its_place(Retry(delay_s=9, code=code), 1) for code in ("http_500", "no_answer", "bad_answer"))
