"""What is counted, as what, and what is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reports import discretion
from gateway.reports.figures import FEWEST, Split
from gateway.reports.gist import gist
from gateway.reports.period import Period
from gateway.store.chronicle import Entry, Sent
from gateway.store.record import STEPS
from normalizer.complaint import encode
from tests.forwarder.records import complaint
from tests.reports.ponorogo import counted, entry, event, record, said, year

CAME = datetime(2022, 3, 1, 3, 0, tzinfo=UTC)


def unregistered(**changes: Any) -> Entry:
    return entry(**{"tracking_id": "", "registered_at": None, **changes})


def test_a_year_of_a_regency() -> None:
    report = counted(year())
    assert (report.received, report.channels) == (52, {"web": 46, "android": 5, "sms": 1})
    assert report.dispositions["forwarded"] == 52
    assert report.states == {"closed": 50, "archived": 2}
    assert report.oversights["berkadar"].total == 3
    assert report.districts["35.02.17"].total == 21
    assert report.districts[""].unknown == 5
    assert sum(split.total for split in report.topics.values()) == 52
    assert [len(report.moments), report.moments[0].received, report.moments[0].start] == [12, 5, date(2022, 1, 1)]


@pytest.mark.parametrize(
    ("found", "became"),
    [
        (entry(), "forwarded"),
        (entry(step="submit"), "forwarded"),
        (entry(acts=("forget",)), "forwarded"),
        (unregistered(step="submit"), "waiting"),
        (unregistered(step="held", record=None), "waiting"),
        (unregistered(step="asked"), "waiting"),
        (unregistered(step="worklist"), "worklist"),
        (unregistered(step="triage", code="hashtag_only"), "triage"),
        (unregistered(step="parked"), "parked"),
        (unregistered(step="declined", code="spam_suspect", acts=("drop",)), "declined"),
        (unregistered(step="declined", code="withdrawn", acts=("withdraw",)), "withdrawn"),
        (unregistered(step="declined", code="deleted", acts=("forget",), record=None), "taken_back"),
    ],
)
def test_each_report_has_one_disposition(found: Entry, became: str) -> None:
    report = counted([found])
    assert {name: n for name, n in report.dispositions.items() if n} == {became: 1}


@pytest.mark.parametrize("code", ["question", "withdrawal", "own_words", "answer", "follow_up", "auto_reply"])
def test_what_a_rule_declined_is_no_report(code: str) -> None:
    report = counted([unregistered(step="declined", code=code, record=None)])
    assert (report.received, report.others, report.channels) == (0, 1, {})


def test_a_test_counts_nowhere() -> None:
    report = counted([entry(record=record(flags=["test"]))])
    assert (report.received, report.tests, report.channels, report.letters["delivered"]) == (0, 1, {}, 0)


def test_a_report_of_a_region_has_those_that_are_known_to_lie_in_it() -> None:
    places = ["35.02.17.1001", "35.02.17", "35.02", "35.021", "35.03.01", None]
    entries = [entry(record=record(location=said({"code": code} if code else None))) for code in places]
    report = counted([*entries, unregistered(step="declined", code="question")], region="35.02")
    assert (report.received, report.placeless, report.others) == (3, 1, 0)
    assert {code: split.total for code, split in report.districts.items()} == {"35.02.17": 2, "": 1}


def test_who_said_it_is_counted_apart() -> None:
    bodies = [record(classification=said("aspirasi", who)) for who in ("given", "derived", "assumed")]
    report = counted([*(entry(record=body) for body in bodies), entry(record=record(classification=said(None))), entry(record=None)])
    assert report.classifications == {"aspirasi": Split(given=1, derived=2), "": Split(unknown=2)}
    assert report.unread == 1


def test_a_topic_that_is_in_no_list_is_not_repeated() -> None:
    assert list(counted([entry(record=record(category=said("Pak Budi, 0812-0000-0001", "given")))] * 3).topics) == ["+"]


def test_a_record_that_cannot_be_read_counts_as_unknown() -> None:
    assert [counted([entry(record=body)]).unread for body in (b"", b"[]", b'{"flags": 3}', b'{"privacy": "x"}', b"{}")] == [1, 1, 1, 1, 0]


def test_waits_are_those_of_the_nearest_rank() -> None:
    entries = [entry(n, registered_at=CAME + timedelta(seconds=n)) for n in range(1, 101)]
    wait = counted(entries).waits[""]
    assert (wait.count, wait.p50, wait.p90, wait.p95) == (100, 50, 90, 95)
    assert counted([entry(registered_at=CAME - timedelta(seconds=3))]).waits["web"].p95 == 0


def test_days_are_those_of_the_office() -> None:
    late = [entry(received_at=datetime(2022, 2, 28, 16, 59, tzinfo=UTC)), entry(received_at=datetime(2022, 2, 28, 17, 0, tzinfo=UTC))]
    report = counted(late, Period(date(2022, 2, 27), date(2022, 3, 2)))
    assert [moment.received for moment in report.moments] == [0, 1, 1, 0]


def test_what_is_answered_is_by_the_last_word_of_the_ledger() -> None:
    words = ("Terdisposisi ke Dinas PU", "Ditindaklanjuti")
    told = tuple(event(word, CAME + timedelta(days=n), n) for n, word in enumerate(words, 1))
    report = counted([entry(events=told), entry(events=told[:1])], Period(date(2022, 3, 1), date(2022, 3, 1)))
    assert report.states == {"forwarded": 1, "answered": 1}
    assert (report.moments[0].forwarded, report.moments[0].answered) == (2, 1)


def test_letters_are_counted_by_what_became_of_them() -> None:
    letters = (Sent("sent", ""), Sent("sent", "failed"), Sent("failed", "failed"), Sent("send", ""), Sent("muted", ""), Sent("parked", ""))
    report = counted([entry(letters=letters)])
    assert report.letters == {"delivered": 0, "sent": 2, "failed": 1, "unsent": 1, "muted": 1, "waiting": 1}


def test_a_record_as_the_normalizer_writes_it_is_read() -> None:
    written = complaint()
    found = gist(encode(written))
    assert found is not None
    assert (found.privacy, found.flags, found.category.value) == (written.privacy, written.flags, written.category.value)


def test_one_or_two_who_want_to_stay_unknown_are_not_told_of_alone() -> None:
    secret, open_ = entry(record=record(privacy="rahasia")), entry()
    assert counted([secret] * 2 + [open_] * 5).privacy == {"rahasia+terbuka": 7}
    assert counted([secret] * 2 + [entry(record=record(privacy="anonim"))] + [open_] * 5).privacy == {"rahasia+anonim": 3, "terbuka": 5}
    assert counted([secret] * 3 + [open_]).privacy == {"terbuka": 1, "rahasia": 3}


def test_one_or_two_tales_of_an_abuse_of_office_are_not_told_of_alone() -> None:
    tale, whistle = entry(record=record(oversight=said("berkadar"))), entry(record=record(flags=["whistleblowing", "emergency"]))
    assert list(counted([tale, entry(), entry()]).oversights) == ["berkadar+tidak_berkadar"]
    assert counted([whistle, entry(), entry()]).flags["whistleblowing"] is None
    assert counted([whistle, entry(), entry()]).flags["emergency"] == 1
    assert counted([whistle] * 3).flags["whistleblowing"] == 3


def test_of_one_or_two_reports_it_is_not_told_what_they_are_about() -> None:
    report = counted([entry(), entry()])
    assert (report.received, report.channels, report.dispositions["forwarded"]) == (2, {"web": 2}, 2)
    assert not any(
        (report.topics, report.districts, report.regencies, report.classifications, report.oversights, report.privacy, report.flags)
    )
    assert counted([entry()] * 3).topics


counts = st.dictionaries(st.sampled_from(["terbuka", "anonim", "rahasia", ""]), st.integers(1, 9))


@given(counts)
def test_no_count_that_betrays_can_be_had_by_subtraction(found: dict[str, int]) -> None:
    shown = discretion.privacy(found)
    assert sum(shown.values()) == sum(found.values())
    secret = found.get("rahasia", 0)
    if 0 < secret < FEWEST:
        joined = next(name for name in shown if "rahasia" in name.split("+"))
        assert shown[joined] >= FEWEST or len(shown) == 1


steps = st.builds(
    lambda step, code, acts, done: (entry if done else unregistered)(step=step, code=code, acts=tuple(acts)),
    st.sampled_from(STEPS), st.sampled_from(["", "question", "withdrawn", "bug"]), st.lists(st.sampled_from(["drop", "forget", "edit"])),
    st.booleans(),
)  # fmt: skip


@settings(max_examples=30)
@given(st.lists(steps, max_size=12))
def test_whatever_comes_is_counted_once(entries: list[Entry]) -> None:
    report = counted(entries)
    assert report.received + report.others + report.tests == len(entries)
    assert sum(report.dispositions.values()) == report.received == sum(report.channels.values())
    assert sum(moment.received for moment in report.moments) == report.received
    assert report.few or sum(report.privacy.values()) == report.received
    for splits in () if report.few else (report.classifications, report.oversights, report.topics, report.districts, report.regencies):
        assert sum(split.total for split in splits.values()) == report.received
