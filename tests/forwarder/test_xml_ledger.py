"""LAPOR!'s push interface of 2018, over a real loopback server: what is sent, and what each answer is judged to mean."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Refused, Unavailable
from forwarder import xml_ledger
from forwarder.forward import Submission, forward
from forwarder.ledger import Answer, Registration
from forwarder.outcome import Park, Retry
from forwarder.reply import Reply
from forwarder.xml_ledger import Settings, XmlLedger, document, read
from normalizer.complaint import Privacy, Reporter
from tests.fakes.addstream import TOKEN, FakeAddstream
from tests.forwarder.records import AT, complaint, reference


@pytest.fixture
async def fake() -> AsyncIterator[FakeAddstream]:
    async with FakeAddstream() as running:
        yield running


@pytest.fixture
async def ledger(fake: FakeAddstream) -> AsyncIterator[XmlLedger]:
    opened = xml_ledger.ledger("lapor", Settings(url=fake.url, token=TOKEN, timeout_s=1), Path("unused"), lambda: AT)
    yield opened
    await opened.close()


def _kind(answer: Answer) -> tuple[str, bool] | str:
    if isinstance(answer, Registration):
        return "registered"
    return answer.code if isinstance(answer, Refused) else (answer.code, answer.unsure)


async def test_each_complaint_is_one_call_and_gets_its_number(fake: FakeAddstream, ledger: XmlLedger) -> None:
    answers = await ledger.register([complaint(n) for n in range(6)])
    assert sorted(a.tracking_id for a in answers if isinstance(a, Registration)) == [str(7_000_000 + 5 * n) for n in range(1, 7)]
    for number, answer in enumerate(answers):
        assert isinstance(answer, Registration)
        (sent,) = [d for d in fake.documents if reference(number).encode() in d]
        assert str(7_000_000 + 5 * (1 + fake.documents.index(sent))) == answer.tracking_id


async def test_a_reference_twice_in_one_batch_is_told_once(fake: FakeAddstream, ledger: XmlLedger) -> None:
    twin, other, again = await ledger.register([complaint(4), complaint(5), complaint(4)])
    assert twin == again != other
    assert fake.calls == 2


@pytest.mark.parametrize(
    ("fault", "meaning", "outcome"),
    [
        ("400", "http_400", Park),
        ("401", ("unauthorized", False), Retry),
        ("404", ("http_404", False), Retry),
        ("429", ("http_429", False), Retry),
        ("503_seconds", ("http_503", False), Retry),
        ("500", ("http_500", True), Park),
        ("commit_then_500", ("http_500", True), Park),
        ("commit_then_html", ("bad_answer", True), Park),
        ("html", ("bad_answer", True), Park),
        ("drop", ("no_answer", True), Park),
        ("commit_then_drop", ("no_answer", True), Park),
        ("hold", ("no_answer", True), Park),
        ("redirect", ("http_307", True), Park),
        ("not_json", ("bad_answer", True), Park),
        ("deep", ("bad_answer", True), Park),
        ("huge", ("bad_answer", True), Park),
    ],
)
async def test_what_may_have_been_taken_waits_for_a_person_and_is_never_sent_again(
    fake: FakeAddstream, ledger: XmlLedger, fault: str, meaning: object, outcome: type
) -> None:
    fake.next(fault)
    (answer,) = await ledger.register([complaint(1)])
    assert _kind(answer) == meaning
    fake.next(fault)
    (judged,) = await forward(ledger, [Submission(complaint=complaint(2), attempts=1)], lambda: 0.5)
    assert isinstance(judged, outcome)
    if outcome is Park and meaning != "http_400":
        assert isinstance(judged, Park)
        assert judged.code == "unknown"
        before = fake.calls
        (again,) = await forward(ledger, [Submission(complaint=complaint(2), attempts=2, unsure=True)], lambda: 0.5)
        assert isinstance(again, Park)
        assert fake.calls == before


async def test_a_token_that_is_not_known_is_ours_to_mend_and_parks_nobody(fake: FakeAddstream) -> None:
    ledger = xml_ledger.ledger("lapor", Settings(url=fake.url, token="lain"), Path("unused"), lambda: AT)
    (judged,) = await forward(ledger, [Submission(complaint=complaint(), attempts=1)], lambda: 0.5)
    await ledger.close()
    assert isinstance(judged, Retry)
    assert not fake.documents


async def test_nothing_can_be_looked_up_or_changed(fake: FakeAddstream, ledger: XmlLedger) -> None:
    with pytest.raises(Refused, match="no_look_up"):
        await ledger.find(reference(1), AT)
    with pytest.raises(Refused, match="amend_unsupported"):
        await ledger.amend(complaint(1))


async def test_the_probe_sends_no_complaint(fake: FakeAddstream, ledger: XmlLedger) -> None:
    await ledger.probe()
    assert fake.calls == 0
    gone = xml_ledger.ledger("lapor", Settings(url="http://127.0.0.1:1/x", token=TOKEN), Path("unused"), lambda: AT)
    with pytest.raises(Unavailable, match="unreachable"):
        await gone.probe()
    await gone.close()


@pytest.mark.parametrize(
    ("privacy", "anonymous", "rahasia", "anonim"),
    [("terbuka", False, "0", "0"), ("anonim", False, "0", "1"), ("rahasia", False, "1", "0"), ("rahasia", True, "1", "1")],
)
def test_who_asked_not_to_be_named_is_not_named(privacy: Privacy, anonymous: bool, rahasia: str, anonim: str) -> None:
    reporter = Reporter(kind="mail", address="sari@warga.example", name="Sari  Wulandari Putri")
    record = msgspec.structs.replace(complaint(1), reporter=reporter, privacy=privacy, anonymous=anonymous)
    root = ElementTree.fromstring(document(record, TOKEN))
    report = root.find("laporan")
    assert report is not None
    assert (report.get("rahasia"), report.get("anonim")) == (rahasia, anonim)
    expected = ["sari@warga.example", None, "Sari", "Wulandari Putri"] if anonim == "0" else [None] * 4
    assert [root.find(f"pelapor/{name}").text for name in ("email", "telpon", "namadepan", "namabelakang")] == expected  # type: ignore[union-attr]  # a missing one fails the test


@given(st.text(), st.text())
def test_any_words_make_a_document_that_can_be_read(text: str, name: str) -> None:
    reporter = Reporter(kind="phone", address="+6281200000001", name=name)
    root = ElementTree.fromstring(document(msgspec.structs.replace(complaint(1, text), reporter=reporter), TOKEN))
    assert root.get("token") == TOKEN
    assert (root.findtext("laporan/isi") or "").endswith(reference(1))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<lapor/>",
        b"<lapor><trackingid></trackingid></lapor>",
        b"<lapor><trackingid>12</trackingid></lapor>",
        b"<lapor><trackingid>9165816; DROP</trackingid></lapor>",
        b'<!DOCTYPE l [<!ENTITY n "9165816">]><lapor><trackingid>&n;</trackingid></lapor>',
        b"<lapor><trackingid>9165816</trackingid>",
        b"\xff\xfe\x00",
        b"<a>" * 100_000,
    ],
)
def test_an_answer_without_a_number_says_nothing(body: bytes) -> None:
    answer = read(Reply(200, "text/xml", "", body), AT)
    assert _kind(answer) == ("bad_answer", True)


def test_a_number_is_read_where_it_stands_with_or_without_its_sign() -> None:
    for body in (b"<trackingid>9165816</trackingid>", b"<?xml version='1.0'?><r><d><trackingid> #9165816 </trackingid></d></r>"):
        assert read(Reply(200, "text/xml", "", body), AT) == Registration(tracking_id="9165816", registered_at=AT)


def test_no_token_shows() -> None:
    assert TOKEN not in repr(Settings(url="https://lapor.example/api/stream/addstream", token=TOKEN))
    with pytest.raises(ValueError, match="token is empty"):
        Settings(url="https://lapor.example/api/stream/addstream", token=" ")


def test_times_are_told_as_in_jakarta() -> None:
    late = msgspec.structs.replace(complaint(1), received_at=datetime(2026, 11, 1, 23, 30, tzinfo=UTC))
    assert "Diterima: 02-11-2026 06:30" in document(late, TOKEN).decode()
