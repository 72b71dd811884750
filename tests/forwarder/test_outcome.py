"""What follows from an attempt: tables and properties of the one judge."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from channels.base import Refused, Unavailable
from forwarder.ledger import Registration
from forwarder.outcome import LETTER_LIFETIME, Done, Park, Retry, judge, judge_letter
from tests.forwarder.records import AT

jitters = st.floats(0, 1, exclude_max=True)


def test_a_registration_is_done() -> None:
    registration = Registration(tracking_id="9165816", registered_at=AT)
    assert judge(registration, attempts=1, jitter=0) == Done(registration=registration)


def test_a_refusal_parks_with_the_ledgers_words() -> None:
    assert judge(Refused("http_422", "no such place"), attempts=1, jitter=0) == Park(code="http_422", words="no such place")
    assert judge_letter(Refused("invalid_address", "0x0B"), attempts=1, age_s=0, jitter=0) == Park(code="invalid_address", words="0x0B")


def test_a_ledger_that_is_away_is_tried_for_ever() -> None:
    assert judge(Unavailable("unreachable"), attempts=10_000, jitter=0) == Retry(delay_s=300, code="unreachable")


def test_doubt_is_kept_for_the_next_attempt() -> None:
    assert judge(Unavailable("no_answer", unsure=True), attempts=1, jitter=0) == Retry(delay_s=1, code="no_answer", unsure=True)


def test_doubt_waits_for_a_person_where_the_ledger_cannot_be_asked() -> None:
    outcome = judge(Unavailable("no_answer", unsure=True), attempts=1, jitter=0, repeatable=False)
    assert isinstance(outcome, Park)
    assert outcome.code == "unknown"
    assert judge(Unavailable("unreachable"), attempts=1, jitter=0, repeatable=False) == Retry(delay_s=1, code="unreachable")


@given(attempts=st.integers(-1, 10**9), jitter=jitters)
def test_a_delay_lies_between_one_second_and_ten_minutes(attempts: int, jitter: float) -> None:
    outcome = judge(Unavailable("http_500"), attempts=attempts, jitter=jitter)
    assert isinstance(outcome, Retry)
    assert 1 <= outcome.delay_s <= 600


@given(attempts=st.integers(1, 8), jitter=jitters)
def test_a_later_attempt_waits_no_shorter(attempts: int, jitter: float) -> None:
    first = judge(Unavailable("http_500"), attempts=attempts, jitter=jitter)
    second = judge(Unavailable("http_500"), attempts=attempts + 1, jitter=jitter)
    assert isinstance(first, Retry)
    assert isinstance(second, Retry)
    assert second.delay_s > first.delay_s


@given(named=st.floats(-(10**6), 10**12), attempts=st.integers(1, 50), jitter=jitters)
def test_a_named_delay_is_kept_within_an_hour(named: float, attempts: int, jitter: float) -> None:
    outcome = judge(Unavailable("http_503", retry_after=named), attempts=attempts, jitter=jitter)
    assert isinstance(outcome, Retry)
    assert min(max(named, 1), 3600) <= outcome.delay_s <= 3601


def test_a_letter_that_could_not_be_sent_for_three_days_is_parked() -> None:
    trouble = Unavailable("throttled", unsure=True)
    assert judge_letter(trouble, attempts=50, age_s=LETTER_LIFETIME, jitter=0) == Retry(delay_s=300, code="throttled", unsure=True)
    expired = judge_letter(trouble, attempts=50, age_s=LETTER_LIFETIME + 1, jitter=0)
    assert isinstance(expired, Park)
    assert expired.code == "expired"
