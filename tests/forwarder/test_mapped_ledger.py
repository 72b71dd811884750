"""An agency with a JSON of its own, over a real loopback server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from channels.base import Refused, Unavailable
from forwarder import http_ledger
from forwarder.forward import Submission, forward
from forwarder.http_ledger import Settings
from forwarder.ledger import Answer, Ledger, Registration
from forwarder.mapped_ledger import Mapping, shaped
from forwarder.outcome import Done, Park, Retry
from normalizer.complaint import Inferred, Location
from tests.fakes.agency import FIND, MAPPING, FakeAgency
from tests.forwarder.records import AT, complaint, reference

FOUND = MAPPING | {"find": FIND, "listed_after_s": 0.0}


@pytest.fixture
async def agency() -> AsyncIterator[FakeAgency]:
    async with FakeAgency() as running:
        yield running


@pytest.fixture(params=["blind", "found"])
async def ledger(agency: FakeAgency, request: pytest.FixtureRequest) -> AsyncIterator[Ledger]:
    mapping = Mapping(**(FOUND if request.param == "found" else MAPPING))
    settings = Settings(url=agency.url, mapping=mapping, timeout_s=2)
    opened: Ledger = http_ledger.ledger("dinas", settings, Path(), lambda: AT)
    yield opened
    await opened.close()


async def test_a_complaint_is_told_in_the_agencys_words(agency: FakeAgency, ledger: Ledger) -> None:
    (answer,) = await ledger.register([complaint(1)])
    at = datetime(2026, 11, 1, 2, tzinfo=UTC)
    assert answer == Registration(tracking_id="ADU-2026-0001", registered_at=at, url="https://agency.example/1")
    ((key, sent),) = agency.taken
    assert key == reference(1)
    assert sent == {
        "nomor_ref": reference(1),
        "isi": "jalan rusak di depan pasar",
        "judul": "jalan rusak",
        "pelapor": {"telp": "+6281200000001", "sumber": "SP4N"},
    }


@pytest.mark.parametrize("never", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00"])
async def test_a_time_that_nobody_set_is_the_time_of_the_answer(agency: FakeAgency, ledger: Ledger, never: str) -> None:
    agency.instead.append(web.json_response({"data": {"nomor": "ADU-2026-0002", "dibuat": never}}))
    assert list(await ledger.register([complaint(1)])) == [Registration(tracking_id="ADU-2026-0002", registered_at=AT)]


def test_an_inferred_field_is_its_value() -> None:
    placed = msgspec.structs.replace(complaint(1), location=Inferred(value=Location(code="35.02.17")))
    assert shaped(placed, Mapping(**MAPPING))["lokasi"] == {"kode": "35.02.17"}


async def test_what_may_have_been_taken_is_looked_up_or_waits_for_a_person(agency: FakeAgency, ledger: Ledger) -> None:
    agency.instead.append(web.Response(status=500))
    await ledger.register([complaint(1)])
    (outcome,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=2, unsure=True)], lambda: 0.5)
    if ledger.finds:
        assert isinstance(outcome, Done)
        assert outcome.registration.tracking_id == "ADU-2026-0001"
    else:
        assert isinstance(outcome, Park)
        assert outcome.code == "unknown"
    assert len(agency.taken) == 1


async def test_a_promise_that_a_repeat_is_harmless_is_believed(agency: FakeAgency) -> None:
    settings = Settings(url=agency.url, mapping=Mapping(**MAPPING, idempotent=True))
    ledger: Ledger = http_ledger.ledger("dinas", settings, Path(), lambda: AT)
    (outcome,) = await forward(ledger, [Submission(complaint=complaint(1), attempts=2, unsure=True)], lambda: 0.5)
    await ledger.close()
    assert isinstance(outcome, Done)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"body": b'{"data": {"nomor": null}}'}, "bad_answer"),
        ({"body": b'{"data": {"nomor": true}}'}, "bad_answer"),
        ({"body": b'{"data": {"nomor": "a b"}}'}, "bad_answer"),
        ({"body": b'{"sukses": true}'}, "bad_answer"),
        ({"body": b"<h1>ok</h1>", "content_type": "text/html"}, "bad_answer"),
        ({"body": b"[" * 100_000}, "bad_answer"),
        ({"status": 422, "body": b'{"title": "lokasi wajib diisi"}'}, "http_422"),
        ({"status": 503, "headers": {"Retry-After": "7"}}, "http_503"),
        ({"status": 401}, "unauthorized"),
    ],
)
async def test_each_answer_has_one_meaning(agency: FakeAgency, ledger: Ledger, answer: dict[str, Any], code: str) -> None:
    agency.instead.append(web.Response(**({"content_type": "application/json"} | answer)))
    (given,) = await ledger.register([complaint(1)])
    assert isinstance(given, Refused | Unavailable)
    assert given.code == code


def _number(answer: Answer | None) -> str:
    assert isinstance(answer, Registration)
    return answer.tracking_id


async def test_a_look_up_finds_says_that_there_is_none_or_fails(agency: FakeAgency, ledger: Ledger) -> None:
    if not ledger.finds:
        with pytest.raises(Refused, match="no_look_up"):
            await ledger.find(reference(1), AT)
        return
    assert await ledger.find(reference(1), AT) is None
    await ledger.register([complaint(1)])
    assert _number(await ledger.find(reference(1), AT)) == "ADU-2026-0001"
    agency.instead.append(web.json_response({"pesan": "tidak ada"}, status=404))
    assert await ledger.find(reference(1), AT) is None
    for strange in (web.Response(text="ok"), web.json_response({}), web.json_response({"data": {}}), web.Response(status=503)):
        agency.instead.append(strange)
        with pytest.raises(Unavailable):
            await ledger.find(reference(1), AT)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"fields": {"isi": "text"}}, '"reference"'),
        ({"fields": {"ref": "reference", "x": "nama"}}, "no nama"),
        ({"fields": {"ref": "reference", "ref.a": "text"}}, "given twice"),
        ({"fixed": {"isi": "a"}}, "given twice"),
        ({"create": "pengaduan"}, "slash"),
        ({"find": "/pengaduan"}, "{reference}"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Mapping(**(MAPPING | keys))


async def test_what_the_agency_may_still_be_working_on_is_not_told_again(agency: FakeAgency) -> None:
    clock = [AT]
    mapping = Mapping(**(FOUND | {"listed_after_s": 300.0}))
    settings = Settings(url=agency.url, mapping=mapping)
    ledger: Ledger = http_ledger.ledger("dinas", settings, Path(), lambda: clock[0])
    agency.instead.append(web.Response(status=500))
    await ledger.register([complaint(1)])
    agency.taken.clear()
    unsure = Submission(complaint=complaint(1), attempts=2, unsure=True)
    (waiting,) = await forward(ledger, [unsure], lambda: 0.5)
    assert isinstance(waiting, Retry)
    assert (waiting.code, waiting.unsure, waiting.delay_s, agency.taken) == ("not_listed_yet", True, 300.5, [])
    clock[0] += timedelta(minutes=6)
    (told,) = await forward(ledger, [unsure], lambda: 0.5)
    await ledger.close()
    assert isinstance(told, Done)
    assert len(agency.taken) == 1
