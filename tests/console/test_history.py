"""The history that the gateway keeps of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.console import history
from gateway.console.history import HOUR, MINUTE, QUARTER_DAY, SPANS, STORE, TABLES, TEN_MINUTES, Moment
from gateway.console.slices import Counted, Slice
from gateway.spread import ACCEPT

NOON = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)
WEB = "channel:web"


@pytest.fixture
def db() -> apsw.Connection:
    found = apsw.Connection(":memory:")
    for table in TABLES:
        found.execute(table)
    return found


def came(n: int, at: datetime, who: str = STORE) -> Moment:
    return Moment(at=at, counted={who: Counted(came={WEB: n})}, standing={})


def counts(db: apsw.Connection, span: history.Span, now: datetime, last: int) -> list[int | None]:
    return [None if each is None else each.came for each in history.told(db, WEB, span, now, last)]


def test_what_came_between_two_minutes_is_kept_in_every_span(db: apsw.Connection) -> None:
    later = NOON + timedelta(minutes=1)
    assert history.keep(db, came(1000, NOON))
    assert history.keep(db, came(1007, later))
    assert counts(db, MINUTE, later, 3) == [None, None, 7]
    assert [counts(db, span, later, 1) for span in SPANS] == [[7]] * 4


def test_of_two_processes_that_look_in_the_same_minute_one_writes(db: apsw.Connection) -> None:
    later = NOON + timedelta(minutes=1)
    history.keep(db, came(0, NOON))
    assert history.keep(db, came(5, later))
    assert not history.keep(db, came(6, later + timedelta(seconds=2)))
    assert history.keep(db, came(8, later + timedelta(minutes=1)))
    assert counts(db, TEN_MINUTES, later, 1) == [8]


def test_what_a_new_process_counted_is_news_and_what_it_began_again_is_not_negative(db: apsw.Connection) -> None:
    history.keep(db, came(100, NOON, "old"))
    history.keep(
        db, Moment(at=NOON + timedelta(minutes=1), counted={"old": Counted(came={WEB: 103}), "new": Counted(came={WEB: 4})}, standing={})
    )
    history.keep(
        db, Moment(at=NOON + timedelta(minutes=2), counted={"old": Counted(came={WEB: 2}), "new": Counted(came={WEB: 4})}, standing={})
    )
    assert counts(db, HOUR, NOON, 1) == [3 + 4 + 2]


def test_what_a_store_counted_before_anybody_looked_is_not_news_and_what_came_while_it_was_away_is(db: apsw.Connection) -> None:
    history.keep(db, Moment(at=NOON, counted={"process": Counted()}, standing={}))
    history.keep(db, Moment(at=NOON + timedelta(minutes=1), counted={"process": Counted(), STORE: Counted(came={WEB: 10**6})}, standing={}))
    history.keep(db, Moment(at=NOON + timedelta(minutes=2), counted={"process": Counted()}, standing={}))
    history.keep(
        db, Moment(at=NOON + timedelta(minutes=3), counted={"process": Counted(), STORE: Counted(came={WEB: 10**6 + 5})}, standing={})
    )
    assert counts(db, HOUR, NOON, 1) == [5]


def test_what_nobody_looked_at_is_told_apart_from_a_time_in_which_nothing_came(db: apsw.Connection) -> None:
    def closed(span: history.Span, now: datetime, last: int) -> list[float | None]:
        return [None if each is None else each.closed_s for each in history.told(db, WEB, span, now, last)]

    history.keep(db, came(0, NOON))
    history.keep(db, came(5, NOON + timedelta(minutes=1)))
    assert closed(HOUR, NOON, 1) == [0]
    # from two past noon until half past two
    later = NOON + timedelta(hours=2, minutes=30)
    history.keep(db, came(9, later))
    assert closed(HOUR, later, 3) == [58 * 60, None, 30 * 60]
    assert closed(TEN_MINUTES, later, 2) == [None, 0]
    assert closed(QUARTER_DAY, later, 1) == [148 * 60]
    assert counts(db, HOUR, later, 3) == [5, None, 4]


def test_of_what_stands_the_worst_is_kept(db: apsw.Connection) -> None:
    for minute, waiting in enumerate((3, 9, 4)):
        history.keep(db, Moment(at=NOON + timedelta(minutes=minute), counted={}, standing={WEB: Slice(waiting=waiting, down_s=10)}))
    found = history.told(db, WEB, TEN_MINUTES, NOON, 1)[0]
    assert found is not None
    assert (found.waiting, found.down_s) == (9, 30)


def test_the_time_to_a_yes_adds_up(db: apsw.Connection) -> None:
    fast, slow = [10, *[0] * len(ACCEPT)], [10, *[0] * (len(ACCEPT) - 1), 10]
    for minute, spread in enumerate(([], fast, slow)):
        history.keep(db, Moment(at=NOON + timedelta(minutes=minute), counted={"p": Counted(accepting={WEB: spread})}, standing={}))
    found = history.told(db, WEB, QUARTER_DAY, NOON, 1)[0]
    assert found is not None
    assert found.accepting == slow
    assert found.accept_s(0.5) == 0.001
    assert found.accept_s(0.95) == 10.0


def test_a_row_is_used_again_when_its_span_is_over(db: apsw.Connection) -> None:
    day = timedelta(seconds=MINUTE.every_s * MINUTE.rows)
    history.keep(db, came(0, NOON))
    history.keep(db, came(3, NOON + timedelta(minutes=1)))
    history.keep(db, came(8, NOON + timedelta(minutes=1) + day))
    assert db.execute("SELECT count(*) FROM history WHERE every_s=60").get == 1
    assert counts(db, MINUTE, NOON + timedelta(minutes=1) + day, 1) == [5]
    assert counts(db, MINUTE, NOON + timedelta(minutes=1) + day, 9999).count(None) == MINUTE.rows - 1
    assert counts(db, TEN_MINUTES, NOON + timedelta(minutes=1) + day, 1000).count(3) == 1


def test_the_file_is_bounded_after_years(db: apsw.Connection) -> None:
    # as if a minute were as coarse as the coarsest span, so that four years are few steps
    for nth in range(QUARTER_DAY.rows * 2 + 7):
        history.keep(db, came(nth, NOON + timedelta(seconds=QUARTER_DAY.every_s * nth)))
    rows = [db.execute("SELECT count(*) FROM history WHERE every_s=?", (span.every_s,)).get for span in SPANS]
    assert all(found <= span.rows for found, span in zip(rows, SPANS, strict=True))
    assert rows[-1] == QUARTER_DAY.rows
    assert sum(rows) == db.execute("SELECT count(*) FROM history").get


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_a_coarse_span_says_what_its_fine_ones_say_together(each: list[int]) -> None:
    db = apsw.Connection(":memory:")
    for table in TABLES:
        db.execute(table)
    total, at = 0, NOON.replace(second=0)
    history.keep(db, came(0, at))
    for n in each:
        total, at = total + n, at + timedelta(minutes=1)
        history.keep(db, came(total, at))
    assert sum(n or 0 for n in counts(db, MINUTE, at, 60)) == sum(n or 0 for n in counts(db, TEN_MINUTES, at, 6)) == total
    assert len(history.began(MINUTE, at, 60)) == len(history.told(db, WEB, MINUTE, at, 60)) == 60
