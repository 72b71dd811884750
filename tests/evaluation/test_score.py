"""The counting: by hand-made labels and records. In: what was said and what should have been. Out: shares that can be done by heart."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from evaluation import scenarios, table
from evaluation.__main__ import arguments, main
from evaluation.messages import Label, Labelled
from evaluation.scenarios import Scenario, Step
from evaluation.score import Sheet, scored
from evaluation.tally import Tally
from normalizer.complaint import Complaint, Inferred, Location, Related, Reporter, Span
from normalizer.rules import Rules

LABEL = Label(classification=("pengaduan",), oversight=("tidak_berkadar",), category=(), language=("id",), privacy=("terbuka",))
RECORD = Complaint(
    reference="7K3Q-9FXM-2CH4",
    case_id="1",
    channel="sms",
    source_id="1",
    received_at=datetime(2026, 11, 20, tzinfo=UTC),
    reporter=Reporter(kind="phone", address="+6281200000001"),
    text="",
    title=Inferred(),
    classification=Inferred(),
    oversight=Inferred(),
    incident_date=Inferred(),
    location=Inferred(),
    agency=Inferred(),
    category=Inferred(),
    language=Inferred(),
)


def sheet(label: Label, record: Complaint, text: str = "") -> Sheet:
    return scored([(Labelled(id="a", channel="sms", text=text, label=label), msgspec.structs.replace(record, text=text))])


def at(code: str | None) -> Complaint:
    return msgspec.structs.replace(RECORD, location=Inferred(value=Location(code=code)))


@pytest.mark.parametrize(
    ("accepted", "seen", "counts"),
    [
        (("a",), "a", Tally(said=1, right=1, wanted=1, found=1)),
        (("a",), "b", Tally(said=1, right=0, wanted=1, found=0)),
        (("a",), None, Tally(wanted=1)),
        (("a", "b"), "b", Tally(said=1, right=1, wanted=1, found=1)),
        ((None,), None, Tally()),
        ((None,), "a", Tally(said=1)),
        (("a", None), "a", Tally(said=1, right=1)),
        (("a", None), None, Tally()),
        (("a", None), "b", Tally(said=1)),
    ],
)
def test_an_answer_counts(accepted: tuple[str | None, ...], seen: str | None, counts: Tally) -> None:
    tally = Tally()
    tally.count(accepted, seen)
    assert tally == counts


def test_nothing_said_has_no_precision_and_nothing_wanted_no_recall() -> None:
    assert (Tally(wanted=3).precision, Tally(said=3).recall) == (None, None)
    assert (Tally(said=4, right=3).precision, Tally(wanted=4, found=1).recall) == (0.75, 0.25)


@pytest.mark.parametrize(
    ("wanted", "enough", "seen", "counts"),
    [
        ("32.77.01.1005", True, "32.77.01.1005", Tally(said=1, right=1, wanted=1, found=1)),
        ("32.77.01.1005", True, "32.77.01", Tally(said=1, right=1, wanted=1, found=0)),
        ("32.77.01.1005", True, "32.77.02", Tally(said=1, right=0, wanted=1, found=0)),
        ("32.77.01", True, "32.77.01.1005", Tally(said=1, right=0, wanted=1, found=0)),
        ("32.77", False, None, Tally()),
        ("32.77", False, "32.77", Tally(said=1, right=1)),
        ("32.77.01", False, "32.77", Tally(said=1, right=1)),
        (None, False, "32.77", Tally(said=1)),
    ],
)
def test_a_region_above_the_right_one_is_no_mistake_and_not_found(
    wanted: str | None, enough: bool, seen: str | None, counts: Tally
) -> None:
    label = msgspec.structs.replace(LABEL, place=wanted, enough=enough)
    assert sheet(label, at(seen)).fields["place", ""] == counts


def test_what_a_form_gave_is_not_counted() -> None:
    given = msgspec.structs.replace(RECORD, classification=Inferred(value="aspirasi", provenance="given"))
    assert ("classification", "aspirasi") not in sheet(LABEL, given).fields


def test_what_is_no_complaint_has_no_class() -> None:
    said = msgspec.structs.replace(RECORD, classification=Inferred(value="aspirasi"), category=Inferred(value="KESEHATAN"))
    thanks = sheet(msgspec.structs.replace(LABEL, classification=()), said)
    assert not {"classification", "category"} & {name for name, _ in thanks.fields}


def test_a_category_may_be_one_of_several() -> None:
    label = msgspec.structs.replace(LABEL, category=("PERHUBUNGAN", "PEKERJAAN UMUM DAN PENATAAN RUANG"))
    said = msgspec.structs.replace(RECORD, category=Inferred(value="PEKERJAAN UMUM\xa0DAN PENATAAN RUANG"))
    assert sheet(label, said).fields["category", ""] == Tally(said=1, right=1, wanted=1, found=1)


def test_a_flag_on_which_clerks_differ_counts_only_when_raised() -> None:
    label = msgspec.structs.replace(LABEL, maybe=("emergency",))
    assert sheet(label, RECORD).fields["flag", "emergency"] == Tally()
    raised = msgspec.structs.replace(RECORD, flags=("emergency",))
    assert sheet(label, raised).fields["flag", "emergency"] == Tally(said=1, right=1)
    assert sheet(LABEL, raised).fields["flag", "emergency"] == Tally(said=1)


def test_personal_data_is_found_when_it_is_covered_whole() -> None:
    text = "hub 0812-0000-1234 nama Budi"
    label = msgspec.structs.replace(LABEL, pii=(("phone", "0812-0000-1234"),), pii_maybe=(("name", "Budi"),))
    half = msgspec.structs.replace(RECORD, pii=(Span(start=4, end=10, kind="phone"),))
    assert sheet(label, half, text).fields["pii", "all"] == Tally(said=1, right=1, wanted=1, found=0)
    whole = msgspec.structs.replace(RECORD, pii=(Span(start=4, end=18, kind="account"), Span(start=24, end=28, kind="name")))
    assert sheet(label, whole, text).fields["pii", "all"] == Tally(said=1, right=1, wanted=1, found=1)
    wrong = msgspec.structs.replace(RECORD, pii=(Span(start=0, end=3, kind="name"),))
    assert sheet(label, wrong, text).fields["pii", "all"] == Tally(said=1, right=0, wanted=1, found=0)


def test_the_ids_that_a_message_quotes_are_counted_one_by_one() -> None:
    label = msgspec.structs.replace(LABEL, quoted=("8112829", "8588371"))
    links = tuple(Related(id=each, kind="follow_up", evidence="quoted") for each in ("8112829", "1500000"))
    said = msgspec.structs.replace(RECORD, related=links)
    assert sheet(label, said).fields["related", "follow_up"] == Tally(said=2, right=1, wanted=2, found=1)


def test_a_miss_is_told_with_what_was_wanted() -> None:
    label = msgspec.structs.replace(LABEL, place="32.77.01", enough=True)
    assert [(miss.wanted, miss.seen) for miss in sheet(label, at("32.73")).misses if miss.field == "place"] == [("32.77.01", "32.73")]


def test_the_same_words_of_the_same_sender_within_minutes_are_a_resend() -> None:
    words = "lampu jalan mati di dusun krajan sejak minggu lalu"
    steps = (
        Step(sender="A", minute=0, text=words),
        Step(sender="A", minute=4, text=words, links=((0, "resend"),)),
        Step(sender="B", minute=5, text="air sungai keruh"),
    )
    tallies, misses = scenarios.scored([Scenario(id="related-001", about="", steps=steps)], Rules())
    assert (tallies["resend"], misses) == (Tally(said=1, right=1, wanted=1, found=1), [])


def test_a_promise_about_nothing_is_not_kept() -> None:
    assert not any(target.kept for target in table.targets(Sheet(), {}))


def test_the_misses_of_the_unseen_half_stay_unseen() -> None:
    with pytest.raises(SystemExit):
        arguments(["--half", "test", "--show"])
    with pytest.raises(SystemExit):
        arguments(["--show"])
    assert arguments(["--half", "tune", "--show"]).show


def test_the_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--half", "tune"])
    printed = capsys.readouterr().out
    assert printed.startswith("## tune: ")
    assert "| place, precision | ≥ 0.98 |" in printed
