"""An Open311 server as a ledger, over real loopback servers: told once, searched before it is told again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from channels.base import Refused, Unavailable
from forwarder import open311_ledger
from forwarder.forward import Submission, forward
from forwarder.ledger import Answer, Registration
from forwarder.open311_answers import Created, created
from forwarder.open311_form import LONGEST, form
from forwarder.open311_ledger import Open311Ledger, Settings
from forwarder.outcome import Done, Park, Retry
from forwarder.reply import Reply
from normalizer.complaint import Inferred, Location, Privacy, Reporter
from tests.fakes.open311 import KEY, FakeOpen311
from tests.forwarder.records import AT, complaint, reference

LAMP = {"KODE": "{reference}", "JENIS": "mati"}


class Clock:
    """Time that tests move."""

    def __init__(self) -> None:
        self.moved = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(AT.tzinfo) + self.moved


@pytest.fixture(params=["json", "xml"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeOpen311]:
    async with FakeOpen311(request.param) as running:
        yield running


@asynccontextmanager
async def opened(fake: FakeOpen311, now: Callable[[], datetime] | None = None, **keys: Any) -> AsyncIterator[Open311Ledger]:
    given: dict[str, Any] = {
        "discovery": fake.discovery,
        "api_key": KEY,
        "service": "jalan",
        "timeout_s": 2.0,
        "listed_after_s": 300.0,
    } | keys
    ledger = open311_ledger.ledger("kota", Settings(**given), Path("unused"), now or Clock())
    yield ledger
    await ledger.close()


def _kind(answer: Answer) -> tuple[str, bool] | str:
    if isinstance(answer, Registration):
        return "registered"
    return answer.code if isinstance(answer, Refused) else (answer.code, answer.unsure)


async def test_a_complaint_is_one_request_with_our_code_in_its_words(fake: FakeOpen311) -> None:
    async with opened(fake, jurisdiction_id="kota.example", account_id="gerbang") as ledger:
        (answer,) = await ledger.register([complaint(1)])
    assert isinstance(answer, Registration)
    assert answer.tracking_id == "638345"
    ((sent, _),) = fake.requests
    assert sent["description"].startswith("jalan rusak di depan pasar\n")
    assert sent["description"].endswith(f"Kode laporan: {reference(1)}")
    assert (sent["jurisdiction_id"], sent["account_id"], sent["service_code"]) == ("kota.example", "gerbang", "jalan")
    assert (sent["phone"], sent["address_string"]) == ("+6281200000001", "tidak disebutkan")


async def test_what_a_service_wants_to_know_is_asked_once_and_given(fake: FakeOpen311) -> None:
    lamp = msgspec.structs.replace(complaint(2), category=Inferred(value="PERHUBUNGAN"))
    async with opened(fake, services={"PERHUBUNGAN": "lampu"}, attributes=LAMP) as ledger:
        await ledger.register([lamp])
        await ledger.register([msgspec.structs.replace(lamp, reference=reference(3))])
    assert [sent["attribute[KODE]"] for sent, _ in fake.requests] == [reference(2), reference(3)]
    assert fake.calls.count("GET definition") == 1


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"service": "lampu"}, "attribute_missing"),
        ({"service": "lampu", "attributes": {"KODE": "x", "JENIS": "terang"}}, "attribute_missing"),
        ({"service": "sungai"}, "no_such_service"),
    ],
)
async def test_settings_that_do_not_fit_the_server_hold_complaints_up_and_park_none(
    fake: FakeOpen311, keys: dict[str, Any], code: str
) -> None:
    async with opened(fake, **keys) as ledger:
        (answer,) = await ledger.register([complaint(1)])
        with pytest.raises(Unavailable, match=code):
            await ledger.probe()
    assert _kind(answer) == (code, False)
    assert not fake.requests


async def test_a_token_is_asked_after_until_it_stands_for_an_id(fake: FakeOpen311) -> None:
    fake.answers = "token"
    async with opened(fake, timeout_s=5.0) as ledger:
        (answer,) = await ledger.register([complaint(1)])
    assert isinstance(answer, Registration)
    assert answer.tracking_id == "638345"


async def test_a_token_that_stands_for_nothing_yet_is_asked_after_again_and_nothing_is_told_twice(fake: FakeOpen311) -> None:
    fake.answers, fake.patience = "token", -1
    async with opened(fake) as ledger:
        (first,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=1)], lambda: 0.5)
        assert isinstance(first, Retry)
        assert (first.code, first.unsure) == ("token_pending", True)
        fake.patience = 0
        (second,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=2, unsure=True)], lambda: 0.5)
    assert isinstance(second, Done)
    assert len(fake.requests) == 1


@pytest.mark.parametrize("fault", ["commit_then_drop", "commit_then_500", "commit_then_html", "commit_then_hold"])
async def test_what_was_taken_unheard_is_found_in_the_list(fake: FakeOpen311, fault: str) -> None:
    async with opened(fake) as ledger:
        await ledger.register([complaint(n) for n in range(5, 8)])
        fake.next(fault)
        (first,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=1)], lambda: 0.5)
        assert isinstance(first, Retry)
        assert first.unsure
        (second,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=2, unsure=True)], lambda: 0.5)
    assert isinstance(second, Done)
    assert second.registration.tracking_id == "638348"
    assert len(fake.requests) == 4


async def test_what_may_not_be_listed_yet_is_not_told_again(fake: FakeOpen311) -> None:
    clock = Clock()
    async with opened(fake, clock) as ledger:
        fake.next("commit_then_drop")
        await ledger.register([complaint(1)])
        fake.hidden = 1
        with pytest.raises(Unavailable, match="not_listed_yet") as waiting:
            await ledger.find(reference(1), clock())
        assert waiting.value.unsure
        assert 290 < (waiting.value.retry_after or 0) <= 300
        fake.hidden = 0
        assert await ledger.find(reference(1), clock()) is not None


async def test_what_was_not_taken_is_told_again_once_it_would_be_listed(fake: FakeOpen311) -> None:
    clock = Clock()
    async with opened(fake, clock) as ledger:
        fake.next("drop")
        await ledger.register([complaint(1)])
        clock.moved = timedelta(minutes=6)
        (outcome,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=2, unsure=True)], lambda: 0.5)
    assert isinstance(outcome, Done)
    assert len(fake.requests) == 1


async def test_after_a_restart_nothing_is_taken_for_missing_too_soon(fake: FakeOpen311) -> None:
    async with opened(fake) as ledger:
        (outcome,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=2, unsure=True)], lambda: 0.5)
    assert isinstance(outcome, Retry)
    assert (outcome.code, outcome.unsure) == ("not_listed_yet", True)
    assert not fake.requests


async def test_an_answer_that_names_nothing_is_looked_up(fake: FakeOpen311) -> None:
    fake.answers = "nothing"
    async with opened(fake) as ledger:
        (first,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=1)], lambda: 0.5)
        assert isinstance(first, Retry)
        assert first.code == "no_id"
        (second,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=2, unsure=True)], lambda: 0.5)
    assert isinstance(second, Done)
    assert len(fake.requests) == 1


async def test_a_list_that_is_cut_is_searched_in_smaller_windows(fake: FakeOpen311) -> None:
    fake.listed_most = 5
    clock = Clock()
    async with opened(fake, clock, list_limit=5) as ledger:
        await ledger.register([complaint(n) for n in range(20)])
        for nth, (sent, _) in enumerate(fake.requests):
            fake.requests[nth] = (sent, clock() - timedelta(minutes=10 * nth))
        oldest = next(n for n in range(20) if reference(n) in fake.requests[-1][0]["description"])
        found = await ledger.find(reference(oldest), clock() - timedelta(days=1))
    assert found is not None


async def test_a_list_without_descriptions_tells_nothing_and_a_person_looks(fake: FakeOpen311) -> None:
    fake.tells_description = False
    async with opened(fake) as ledger:
        fake.next("commit_then_drop")
        await ledger.register([complaint(1)])
        (outcome,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=2, unsure=True)], lambda: 0.5)
    assert isinstance(outcome, Park)
    assert outcome.code == "cannot_look_up"


async def test_a_refusal_is_told_in_the_servers_own_words(fake: FakeOpen311) -> None:
    async with opened(fake) as ledger:
        fake.closed.add("jalan")
        (answer,) = await ledger.register([complaint(1)])
    assert isinstance(answer, Refused)
    assert (answer.code, answer.words) == ("http_400", "service_code was not found")


async def test_a_wrong_key_is_ours_to_mend(fake: FakeOpen311) -> None:
    async with opened(fake, api_key="lain") as ledger:
        (answer,) = await ledger.register([complaint(1)])
    assert _kind(answer) == ("unauthorized", False)


async def test_a_request_cannot_be_changed(fake: FakeOpen311) -> None:
    async with opened(fake) as ledger:
        with pytest.raises(Refused, match="amend_unsupported"):
            await ledger.amend(complaint(1))


async def test_an_endpoint_may_be_named_outright() -> None:
    async with FakeOpen311() as fake, opened(fake, discovery="", url=fake.url) as ledger:
        (answer,) = await ledger.register([complaint(1)])
        assert isinstance(answer, Registration)
        assert "GET discovery" not in fake.calls


# --- the form ---


def _form(privacy: Privacy, *, anonymous: bool = False, **keys: Any) -> Mapping[str, str | list[str]]:
    reporter = Reporter(kind="mail", address="sari@warga.example", name="Sari Wulandari")
    record = msgspec.structs.replace(
        complaint(1), reporter=reporter, privacy=privacy, anonymous=anonymous, location=Inferred(value=Location(text="RT 2\nRW 3"))
    )
    return form(record, Settings(url="https://open311.example/v2", service="jalan", **keys))


def test_who_asked_not_to_be_named_is_not_named() -> None:
    assert _form("terbuka").items() >= {"first_name": "Sari", "last_name": "Wulandari", "email": "sari@warga.example"}.items()
    for unnamed in (_form("anonim"), _form("rahasia", anonymous=True, confidential=True)):
        assert not unnamed.keys() & {"first_name", "last_name", "email", "phone"}
    assert _form("terbuka")["address_string"] == "RT 2 RW 3"


def test_a_confidential_complaint_goes_to_no_server_that_publishes() -> None:
    with pytest.raises(Refused, match="confidential"):
        _form("rahasia")
    assert _form("rahasia", confidential=True)["description"]


def test_a_long_text_is_cut_and_our_code_is_not() -> None:
    settings = Settings(url="https://open311.example/v2", service="jalan", attributes={"tanggal": "{incident_date}"})
    long = msgspec.structs.replace(complaint(1, "rusak " * 2000), incident_date=Inferred(value=date(2026, 10, 31)))
    fields = form(long, settings)
    words = str(fields["description"])
    assert len(words) <= LONGEST
    assert "(dipotong" in words
    assert words.endswith(reference(1))
    assert fields["attribute[tanggal]"] == "2026-10-31"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "url or discovery"),
        ({"url": "https://a.example", "discovery": "https://a.example/d"}, "url or discovery"),
        ({"url": "https://a.example?key=1"}, "url must look like"),
        ({"url": "https://a.example", "attributes": {"a": "{text}"}}, "a names {text}"),
    ],
)
def test_settings_that_cannot_work_are_refused(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Settings(service="jalan", **keys)


# --- answers ---


@pytest.mark.parametrize(
    ("media_type", "body", "expected"),
    [
        # as the specification shows them
        ("application/json", b'[{"service_request_id":293944,"service_notice":"","account_id":null}]', Created("293944")),
        ("application/json", b'[{"token":"12345"}]', Created("", "12345")),
        ("application/json", b"[]", Created()),
        ("text/xml", b"<?xml version='1.0'?><service_requests><request><service_request_id>293944</service_request_id>"
                     b"<service_notice/><account_id/></request></service_requests>", Created("293944")),
        ("text/xml", b"<service_requests><request><token>12345</token></request></service_requests>", Created("", "12345")),
        # as some servers have it
        ("application/json", b'{"service_request_id":"SR-12-3"}', Created("SR-12-3")),
    ],
)  # fmt: skip
def test_an_answer_to_a_request_is_read(media_type: str, body: bytes, expected: Created) -> None:
    assert created(Reply(201, media_type, "", body), AT) == expected


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("text/html", b"<h1>ok</h1>"),
        ("application/json", b"[" * 100_000),
        ("application/json", b'"ok"'),
        ("application/json", b'[{"service_request_id":"a b"}]'),
        ("application/json", b'[{"service_request_id":"%s"}]' % (b"9" * 100)),
        ("text/xml", b"<service_requests><request>"),
        ("text/xml", b'<!DOCTYPE s [<!ENTITY n "1">]><service_requests><request><token>&n;</token></request></service_requests>'),
        ("text/xml", b"<html/>"),
    ],
)
def test_an_answer_that_cannot_be_believed_says_nothing(media_type: str, body: bytes) -> None:
    with pytest.raises(Unavailable, match="bad_answer") as failed:
        created(Reply(200, media_type, "", body), AT)
    assert failed.value.unsure


async def test_a_token_that_cannot_be_asked_after_leaves_no_doubt_that_it_was_taken(fake: FakeOpen311) -> None:
    fake.answers = "token"
    async with opened(fake) as ledger:
        fake.token_status = 404
        (first,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=1)], lambda: 0.5)
        assert isinstance(first, Retry)
        assert (first.code, first.unsure) == ("token_pending", True)
        (second,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=2, unsure=True)], lambda: 0.5)
    assert isinstance(second, Done)
    assert len(fake.requests) == 1


async def test_an_id_that_cannot_be_told_is_found_in_the_list_and_left_to_a_person(fake: FakeOpen311) -> None:
    fake.number = "9" * 80
    async with opened(fake) as ledger:
        (first,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=1)], lambda: 0.5)
        assert isinstance(first, Retry)
        (second,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=2, unsure=True)], lambda: 0.5)
    assert isinstance(second, Park)
    assert second.code == "strange_id"
    assert len(fake.requests) == 1


async def test_several_values_of_one_attribute_go_as_several(fake: FakeOpen311) -> None:
    several: dict[str, Any] = {"service": "taman", "attributes": {"JENIS": ["pohon", "bangku"]}}
    async with opened(fake, **several) as ledger:
        (answer,) = await ledger.register([complaint(1)])
    assert isinstance(answer, Registration)
    ((sent, _),) = fake.requests
    assert sent["attribute[JENIS][]"] == "bangku"
    async with opened(fake, **(several | {"attributes": {"JENIS": "pohon"}})) as ledger:
        (answer,) = await ledger.register([complaint(2)])
    assert _kind(answer) == ("attribute_missing", False)
