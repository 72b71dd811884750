"""One attempt, against the HTTP ledger over a real loopback server and its faults, and against ledgers that cannot be asked."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from channels.base import Refused, Unavailable
from forwarder import http_ledger
from forwarder.forward import ALONE_FROM, Submission, forward
from forwarder.ledger import Answer, Ledger, Registration
from forwarder.outcome import Done, Outcome, Park, Retry
from normalizer.complaint import Complaint
from tests.fakes.ledger import FAULTS, FakeLedger
from tests.forwarder.records import AT, complaint, reference


@pytest.fixture
async def fake() -> AsyncIterator[FakeLedger]:
    async with FakeLedger() as running:
        yield running


@pytest.fixture
async def ledger(fake: FakeLedger) -> AsyncIterator[Ledger]:
    opened = http_ledger.ledger("national", http_ledger.Settings(url=fake.url), Path("unused"), lambda: AT)
    yield opened
    await opened.close()


def _said(method: str, path: str, status: int) -> str:
    """What is kept of an answer of the fake."""
    return f'{method} /api/complaints{path}\nHTTP {status}\n{{"title": "as the script says"}}'


class Deaf:
    """A ledger that can neither be asked nor told twice, such as a printer."""

    name = "deaf"

    def __init__(self, *, idempotent: bool, answer: Answer) -> None:
        self.finds, self.idempotent, self.answer = False, idempotent, answer
        self.told: list[str] = []

    async def register(self, complaints: Sequence[Complaint]) -> Sequence[Answer]:
        self.told += [complaint.reference for complaint in complaints]
        return [self.answer] * len(complaints)

    async def find(self, reference: str, since: datetime) -> Registration | None:
        raise AssertionError("it said that it cannot find")

    async def amend(self, complaint: Complaint) -> None:
        raise Refused("amend_unsupported")

    async def probe(self) -> None: ...

    async def close(self) -> None: ...


def _half() -> float:
    return 0.5


async def _forward(ledger: Ledger, *submissions: Submission) -> list[Outcome]:
    return await forward(ledger, submissions, _half)


def _fresh(number: int) -> Submission:
    return Submission(complaint=complaint(number), attempts=1)


def _doubtful(number: int, attempts: int = 2) -> Submission:
    return Submission(complaint=complaint(number), attempts=attempts, unsure=True)


async def test_fresh_complaints_go_in_one_call(fake: FakeLedger, ledger: Ledger) -> None:
    outcomes = await _forward(ledger, *map(_fresh, range(5)))
    assert [type(outcome) for outcome in outcomes] == [Done] * 5
    assert fake.calls == ["POST /complaints:batch"]


async def test_a_doubtful_one_is_looked_up_and_not_sent_again(fake: FakeLedger, ledger: Ledger) -> None:
    fake.next("commit_then_drop")
    (first,) = await _forward(ledger, _fresh(1))
    assert first == Retry(delay_s=1.5, code="no_answer", unsure=True)
    (second,) = await _forward(ledger, _doubtful(1))
    assert isinstance(second, Done)
    assert second.registration.tracking_id == fake.registrations[reference(1)]["tracking_id"]
    assert (fake.calls, fake.repeats) == (["POST /complaints", "GET /complaints"], 0)


async def test_a_doubtful_one_that_the_ledger_does_not_have_goes_with_the_others(fake: FakeLedger, ledger: Ledger) -> None:
    await _forward(ledger, _fresh(2))
    outcomes = await _forward(ledger, _doubtful(1), _fresh(0), _doubtful(2), _fresh(3))
    assert [type(outcome) for outcome in outcomes] == [Done] * 4
    for number, outcome in zip((1, 0, 2, 3), outcomes, strict=True):
        assert isinstance(outcome, Done)
        assert outcome.registration.tracking_id == fake.registrations[reference(number)]["tracking_id"]
    assert fake.calls == ["POST /complaints", "GET /complaints", "GET /complaints", "POST /complaints:batch"]


async def test_one_that_was_in_doubt_again_and_again_goes_alone(fake: FakeLedger, ledger: Ledger) -> None:
    await _forward(ledger, _doubtful(1, ALONE_FROM), _fresh(2), _fresh(3))
    assert sorted(fake.calls) == ["GET /complaints", "POST /complaints", "POST /complaints:batch"]


async def test_a_look_up_that_fails_leaves_the_doubt(fake: FakeLedger, ledger: Ledger) -> None:
    fake.next("down_for_look_up")
    (outcome,) = await _forward(ledger, _doubtful(1))
    assert outcome == Retry(delay_s=3, code="http_503", unsure=True, said=_said("GET", "", 503))
    assert fake.calls == ["GET /complaints"]
    fake.next("look_up_refused")
    assert await _forward(ledger, _doubtful(1)) == [Park(code="http_400", words="as the script says", said=_said("GET", "", 400))]
    assert fake.registrations == {}


async def test_one_that_is_registered_is_amended(fake: FakeLedger, ledger: Ledger) -> None:
    (done,) = await _forward(ledger, _fresh(1))
    assert isinstance(done, Done)
    longer = msgspec.structs.replace(complaint(1), text="lebih panjang")
    amendment = Submission(complaint=longer, attempts=1, registration=done.registration)
    outcomes = await _forward(ledger, _fresh(2), amendment)
    assert outcomes[1] == done
    assert fake.records[reference(1)]["text"] == "lebih panjang"
    fake.next("amend_missing", "amend_500")
    own = f"/{reference(1)}"
    assert await _forward(ledger, amendment) == [Park(code="amend_unsupported", said=_said("PUT", own, 405))]
    assert await _forward(ledger, amendment) == [Retry(delay_s=1.5, code="http_500", unsure=True, said=_said("PUT", own, 500))]


async def test_who_asks_for_no_name_is_nobody_to_a_ledger(fake: FakeLedger, ledger: Ledger) -> None:
    named = complaint(1)
    (done, _) = await _forward(ledger, Submission(complaint=msgspec.structs.replace(named, privacy="anonim"), attempts=1), _fresh(2))
    assert isinstance(done, Done)
    assert fake.records[reference(1)]["reporter"] == {"kind": "none", "address": "", "name": "", "verified": ""}
    # a provider's id is the sender's, too: Telegram's begins with his number there
    assert fake.records[reference(1)]["source_id"] == reference(1)
    assert fake.records[reference(2)]["reporter"]["address"] == complaint(2).reporter.address
    assert fake.records[reference(2)]["source_id"] == complaint(2).source_id
    await _forward(ledger, Submission(complaint=named, attempts=1, registration=done.registration))
    assert fake.records[reference(1)]["reporter"]["address"] == named.reporter.address
    later = msgspec.structs.replace(named, privacy="anonim", text="tanpa nama")
    await _forward(ledger, Submission(complaint=later, attempts=1, registration=done.registration))
    assert fake.records[reference(1)]["reporter"]["kind"] == "none"
    assert fake.records[reference(1)]["source_id"] == reference(1)


async def test_who_asks_for_secrecy_and_for_no_name_is_nobody_to_a_ledger_too(fake: FakeLedger, ledger: Ledger) -> None:
    both = msgspec.structs.replace(complaint(1), privacy="rahasia", anonymous=True)
    await _forward(ledger, Submission(complaint=both, attempts=1))
    told = fake.records[reference(1)]
    assert (told["privacy"], told["reporter"]["kind"], told["source_id"]) == ("rahasia", "none", reference(1))


async def test_a_refused_one_is_parked_and_its_neighbours_are_done(fake: FakeLedger, ledger: Ledger) -> None:
    fake.next("second_is_refused")
    outcomes = await _forward(ledger, *map(_fresh, range(3)))
    assert isinstance(outcomes[0], Done)
    said = 'POST /api/complaints:batch\nHTTP 200\n{"status":422,"title":"no such place"}'
    assert outcomes[1] == Park(code="http_422", words="no such place", said=said)
    assert isinstance(outcomes[2], Done)


async def test_everything_arrives_once_whatever_went_wrong_before(fake: FakeLedger, ledger: Ledger) -> None:
    unused = itertools.count()
    waiting = {number: _fresh(number) for number in itertools.islice(unused, 6)}
    refusals = ("400", "413", "415", "422", "second_is_refused", "look_up_refused")
    faults = sorted(name for name, fault in FAULTS.items() if not fault.delay_s and not fault.holds and name not in refusals)
    for fault in faults:
        fake.next(fault)
        numbers = sorted(waiting)
        for number, outcome in zip(numbers, await _forward(ledger, *waiting.values()), strict=True):
            if isinstance(outcome, Done):
                assert outcome.registration.tracking_id == fake.registrations[reference(number)]["tracking_id"]
                # its place is taken by another, so that there is something to go wrong at every fault
                del waiting[number]
                fresh = next(unused)
                waiting[fresh] = _fresh(fresh)
            elif isinstance(outcome, Retry):
                was = waiting.pop(number)
                waiting[number] = msgspec.structs.replace(was, attempts=was.attempts + 1, unsure=outcome.unsure)
        waiting = dict(sorted(waiting.items()))
        fake.script.coming.clear()
    assert all(isinstance(outcome, Done) for outcome in await _forward(ledger, *waiting.values()))
    assert len({registration["tracking_id"] for registration in fake.registrations.values()}) == len(fake.registrations)


async def test_doubt_about_a_ledger_that_cannot_be_asked_waits_for_a_person() -> None:
    deaf = Deaf(idempotent=False, answer=Unavailable("no_answer", unsure=True))
    (outcome,) = await _forward(deaf, _fresh(1))
    assert isinstance(outcome, Park)
    assert outcome.code == "unknown"
    # we were killed in the attempt, so nobody noted how it ended
    (outcome,) = await _forward(deaf, _doubtful(2))
    assert isinstance(outcome, Park)
    assert deaf.told == [reference(1)]


async def test_a_ledger_that_cannot_be_asked_but_knows_repeats_is_told_again() -> None:
    registration = Registration(tracking_id="9165816", registered_at=AT)
    deaf = Deaf(idempotent=True, answer=registration)
    assert await _forward(deaf, _doubtful(1)) == [Done(registration=registration)]
    assert deaf.told == [reference(1)]


async def test_nothing_to_forward_is_nothing_done(fake: FakeLedger, ledger: Ledger) -> None:
    assert await _forward(ledger) == []
    assert fake.calls == []
