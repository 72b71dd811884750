"""The life of an alert, from its sign to its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.console.alerts import book
from gateway.console.alerts.book import AGAIN_S, CALM_S, GIVEN_UP_S, Plan, Turn, errand, open_alerts, past, turn
from gateway.console.alerts.signs import Kind, Sign

T0 = 1_795_000_000.0
PLAN = Plan(["piket", "kepala"], 900)
DOWN = Sign(kind="channel_down", on="sms", since=datetime.fromtimestamp(T0 - 5, UTC))
BIND = Sign(kind="bind_down", on="sms transceiver 2", since=datetime.fromtimestamp(T0, UTC))


@pytest.fixture
def db() -> Iterator[apsw.Connection]:
    yield opened()


def opened() -> apsw.Connection:
    db = apsw.Connection(":memory:")
    for table in book.TABLES:
        db.execute(table)
    return db


def at(db: apsw.Connection, after_s: float, *signs: Sign, unknown: tuple[Kind, ...] = (), plan: Plan = PLAN) -> Turn:
    return turn(db, signs, T0 + after_s, plan, unknown=unknown)


def told(db: apsw.Connection, after_s: float, *recipients: str) -> dict[str, list[str]]:
    """What each hears now; he has it then."""
    heard: dict[str, list[str]] = {}
    for recipient in recipients or PLAN.recipients:
        if found := errand(db, recipient, T0 + after_s):
            heard[recipient] = [f"{news} {alert.key}" for news, alert in found.news]
            book.told(db, found.letters)
    return heard


def test_a_sign_that_does_not_last_is_nothing(db: apsw.Connection) -> None:
    assert at(db, 0, DOWN) == at(db, 15) == at(db, 70) == Turn([], [])
    assert open_alerts(db) == past(db, 9) == []


def test_one_that_lasts_is_told_once_and_over_when_it_has_been_gone_for_a_while(db: apsw.Connection) -> None:
    at(db, 0, DOWN)
    assert at(db, 60, DOWN).opened == ["channel_down:sms"]
    assert told(db, 61) == {"piket": ["opened channel_down:sms"]}
    assert at(db, 75, DOWN) == Turn([], [])
    assert told(db, 76) == {}
    assert at(db, 90) == at(db, 90 + CALM_S - 1) == Turn([], [])
    assert len(open_alerts(db)) == 1
    assert at(db, 90 + CALM_S).closed == ["channel_down:sms"]
    assert told(db, 91 + CALM_S) == {"piket": ["closed channel_down:sms"]}
    assert (open_alerts(db), [alert.key for alert in past(db, 9)]) == ([], ["channel_down:sms"])


def test_nobody_took_it_on_so_the_next_one_hears_of_it_and_everybody_of_its_end(db: apsw.Connection) -> None:
    at(db, 0, DOWN)
    at(db, 60, DOWN)
    told(db, 60)
    at(db, 959, DOWN)
    assert told(db, 959) == {}
    at(db, 960, DOWN)
    assert told(db, 960) == {"kepala": ["opened channel_down:sms"]}
    at(db, 9000, DOWN)
    assert told(db, 9000) == {}
    at(db, 9001)
    at(db, 9001 + CALM_S)
    assert told(db, 9200) == {"piket": ["closed channel_down:sms"], "kepala": ["closed channel_down:sms"]}


def test_what_is_not_urgent_goes_no_further(db: apsw.Connection) -> None:
    for after_s in (0, 120, 2000):
        at(db, after_s, BIND)
    assert told(db, 2000) == {"piket": ["opened bind_down:sms transceiver 2"]}


def test_whoever_takes_it_on_ends_the_escalation(db: apsw.Connection) -> None:
    at(db, 0, DOWN)
    at(db, 60, DOWN)
    told(db, 60)
    (alert,) = open_alerts(db)
    taken = book.take(db, alert.id, "siti", T0 + 100)
    assert taken is not None
    assert (taken.by, taken.taken) == ("siti", T0 + 100)
    at(db, 5000, DOWN)
    assert told(db, 5000) == {}
    second = book.take(db, alert.id, "budi", T0 + 200)
    assert second is not None
    assert second.by == "siti"
    assert book.take(db, 999, "budi", T0) is None


def test_muted_it_is_shown_and_not_told_until_then(db: apsw.Connection) -> None:
    at(db, 0, DOWN)
    at(db, 60, DOWN)
    (alert,) = open_alerts(db)
    assert book.mute(db, alert.id, T0, 3600, by="siti", words="pekerjaan di operator")
    assert told(db, 61) == {}
    at(db, 3000, DOWN)
    assert told(db, 3000) == {}
    assert [each.muted for each in open_alerts(db)] == [T0 + 3600]
    at(db, 3601 + 900, DOWN)
    assert "kepala" in told(db, 4600)
    assert book.unmute(db, alert.id, "siti", T0) is not None
    assert book.mute(db, 999, T0, 60, by="siti", words="") is book.unmute(db, 999, "siti", T0) is None


def test_what_flickers_is_one_alert_that_needs_longer_to_be_over(db: apsw.Connection) -> None:
    at(db, 0, DOWN)
    at(db, 60, DOWN)
    at(db, 100)
    assert at(db, 100 + CALM_S).closed
    told(db, 230)
    assert at(db, 300, DOWN) == Turn([], [])
    assert told(db, 300) == {"piket": ["opened channel_down:sms"]}
    assert len(open_alerts(db)) == 1
    at(db, 400)
    assert at(db, 400 + CALM_S) == Turn([], [])
    assert at(db, 1100).closed
    assert at(db, 1100 + AGAIN_S + 1, DOWN) == Turn([], [])
    assert open_alerts(db) == []


def test_what_cannot_be_judged_stays_as_it_is(db: apsw.Connection) -> None:
    at(db, 0, DOWN)
    at(db, 60, DOWN)
    for after_s in (100, 1000, 5000):
        assert at(db, after_s, unknown=("channel_down",)) == Turn([], [])
    assert len(open_alerts(db)) == 1


def test_what_could_not_be_said_is_said_later_and_given_up_after_a_day(db: apsw.Connection) -> None:
    at(db, 0, DOWN)
    at(db, 60, DOWN)
    tries, after_s = 0, 60.0
    while after_s < 2 * GIVEN_UP_S:
        if found := errand(db, "piket", T0 + after_s):
            tries += 1
            assert errand(db, "piket", T0 + after_s) is None
            book.again(db, found.letters, "unreachable", T0 + after_s)
        after_s += 5
    assert 100 < tries < 200
    assert [each.failed for each in open_alerts(db)] == [{"piket": "unreachable"}]


def test_a_no_is_not_asked_again(db: apsw.Connection) -> None:
    at(db, 0, DOWN)
    at(db, 60, DOWN)
    found = errand(db, "piket", T0 + 60)
    assert found
    book.again(db, found.letters, "http_403", T0 + 60, never=True)
    assert told(db, 90_000) == {}


def test_several_at_once_are_one_errand(db: apsw.Connection) -> None:
    at(db, 0, DOWN, BIND)
    at(db, 120, DOWN, BIND)
    assert told(db, 121) == {"piket": ["opened channel_down:sms", "opened bind_down:sms transceiver 2"]}


def test_nobody_to_tell_is_no_fault(db: apsw.Connection) -> None:
    at(db, 0, DOWN, plan=Plan([], 900))
    assert at(db, 60, DOWN, plan=Plan([], 900)).opened == ["channel_down:sms"]


def test_old_ones_are_forgotten(db: apsw.Connection) -> None:
    at(db, 0, DOWN)
    at(db, 60, DOWN)
    at(db, 100)
    at(db, 100 + CALM_S)
    at(db, 100 + CALM_S + book.KEPT_S + 1)
    assert past(db, 9) == []
    assert list(db.execute("SELECT * FROM alert_letters")) == []


steps = st.lists(st.tuples(st.integers(1, 900), st.sets(st.sampled_from([DOWN.key, BIND.key])), st.integers(0, 2)), max_size=40)


@settings(max_examples=40)
@given(steps)
def test_whatever_happens_one_thing_is_at_most_one_open_alert(story: list[tuple[int, set[str], int]]) -> None:
    db, now = opened(), 0.0
    signs = {sign.key: sign for sign in (DOWN, BIND)}
    heard: dict[tuple[str, str], list[str]] = {}
    for wait_s, wrong, act in story:
        now += wait_s
        at(db, now, *(signs[key] for key in sorted(wrong)))
        for alert in open_alerts(db):
            if act == 0:
                book.take(db, alert.id, "siti", T0 + now)
        for recipient, news in told(db, now).items():
            for each in news:
                heard.setdefault((recipient, each.split(maxsplit=1)[1]), []).append(each.split()[0])
        open_keys = [alert.key for alert in open_alerts(db)]
        assert len(open_keys) == len(set(open_keys))
    for news in heard.values():
        assert news[0] == "opened"
        assert all(a != b for a, b in pairwise(news))
