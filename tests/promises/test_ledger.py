"""What every ledger promises, whatever stands behind it. A new ledger joins `LEDGERS`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from channels.base import Refused
from forwarder import embedded, http_ledger, open311_ledger, xml_ledger
from forwarder.ledger import Ledger, Registration
from tests.fakes.addstream import TOKEN, FakeAddstream
from tests.fakes.ledger import FakeLedger
from tests.fakes.open311 import KEY, FakeOpen311
from tests.forwarder.records import AT, complaint, reference

Opening = Callable[[Path], AbstractAsyncContextManager[Ledger]]


@asynccontextmanager
async def _embedded(folder: Path) -> AsyncIterator[Ledger]:
    ledger = embedded.ledger("office", embedded.Settings(), folder, lambda: AT)
    yield ledger
    await ledger.close()


@asynccontextmanager
async def _http(folder: Path) -> AsyncIterator[Ledger]:
    async with FakeLedger(token="secret") as fake:
        ledger = http_ledger.ledger("national", http_ledger.Settings(url=fake.url, token="secret", batch=3), folder, lambda: AT)
        yield ledger
        await ledger.close()


@asynccontextmanager
async def _http_one_by_one(folder: Path) -> AsyncIterator[Ledger]:
    async with FakeLedger() as fake:
        ledger = http_ledger.ledger("national", http_ledger.Settings(url=fake.url, batch=1, concurrency=2), folder, lambda: AT)
        yield ledger
        await ledger.close()


@asynccontextmanager
async def _xml(folder: Path) -> AsyncIterator[Ledger]:
    async with FakeAddstream() as fake:
        ledger = xml_ledger.ledger("lapor", xml_ledger.Settings(url=fake.url, token=TOKEN), folder, lambda: AT)
        yield ledger
        await ledger.close()


@asynccontextmanager
async def _open311(folder: Path) -> AsyncIterator[Ledger]:
    async with FakeOpen311("xml") as fake:
        settings = open311_ledger.Settings(discovery=fake.discovery, api_key=KEY, service="jalan", listed_after_s=0)
        ledger = open311_ledger.ledger("city", settings, folder, lambda: datetime.now(UTC))
        yield ledger
        await ledger.close()


LEDGERS: dict[str, Opening] = {
    "embedded": _embedded,
    "http": _http,
    "http_one_by_one": _http_one_by_one,
    "open311": _open311,
    "xml": _xml,
}
#: those that can be asked, and to which a reference may be told twice
KEYED = ["embedded", "http", "http_one_by_one"]


@pytest.fixture(params=sorted(LEDGERS))
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    async with LEDGERS[request.param](tmp_path) as opened:
        yield opened


@pytest.fixture(params=KEYED)
async def keyed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    async with LEDGERS[request.param](tmp_path) as opened:
        yield opened


async def _registered(ledger: Ledger, *numbers: int) -> list[Registration]:
    answers = await ledger.register([complaint(number) for number in numbers])
    assert all(isinstance(answer, Registration) for answer in answers), answers
    return [answer for answer in answers if isinstance(answer, Registration)]


async def test_a_registration_has_digits_of_its_own_and_an_aware_time(ledger: Ledger) -> None:
    (registration,) = await _registered(ledger, 7)
    assert registration.tracking_id.isascii()
    assert registration.tracking_id.isdigit()
    assert 5 <= len(registration.tracking_id) <= 12
    assert registration.tracking_id not in reference(7)
    assert registration.registered_at.utcoffset() == timedelta(0)


async def test_find_tells_what_was_registered_and_nothing_else(keyed: Ledger) -> None:
    assert keyed.finds
    assert await keyed.find(reference(1), AT) is None
    (registration,) = await _registered(keyed, 1)
    assert await keyed.find(reference(1), AT) == registration
    assert await keyed.find(reference(2), AT) is None


async def test_a_reference_registered_again_gets_its_first_registration(keyed: Ledger) -> None:
    assert keyed.idempotent
    first = await _registered(keyed, 1)
    changed = await keyed.register([complaint(1, text="lain lagi")])
    assert changed == first
    assert await _registered(keyed, 1) == first


async def test_a_batch_is_answered_in_order_each_with_its_own_number(keyed: Ledger) -> None:
    answers = await _registered(keyed, *range(10))
    assert len({answer.tracking_id for answer in answers}) == 10
    for number, answer in enumerate(answers):
        assert await keyed.find(reference(number), AT) == answer


async def test_a_batch_of_known_and_new_references_registers_the_new_ones(keyed: Ledger) -> None:
    known = await _registered(keyed, 2, 0)
    mixed = await _registered(keyed, 0, 1, 2, 3)
    assert [mixed[2], mixed[0]] == known
    assert await _registered(keyed, 3, 2, 1, 0) == mixed[::-1]


async def test_a_reference_twice_in_one_batch_is_one_registration(ledger: Ledger) -> None:
    twin, other, again = await _registered(ledger, 4, 5, 4)
    assert twin == again
    assert twin.tracking_id != other.tracking_id


async def test_no_complaints_are_no_answers(ledger: Ledger) -> None:
    assert list(await ledger.register([])) == []


async def test_batches_beside_each_other_do_not_mix(keyed: Ledger) -> None:
    rounds = await asyncio.gather(*(_registered(keyed, *range(start, start + 6)) for start in range(0, 30, 3)))
    numbers: dict[int, str] = {}
    for start, answers in zip(range(0, 30, 3), rounds, strict=True):
        for number, answer in enumerate(answers, start):
            assert numbers.setdefault(number, answer.tracking_id) == answer.tracking_id
    assert len(set(numbers.values())) == 33


async def test_an_amendment_keeps_the_registration(keyed: Ledger) -> None:
    (registration,) = await _registered(keyed, 1)
    longer = msgspec.structs.replace(complaint(1), text="jalan rusak di depan pasar, sudah tiga bulan")
    await keyed.amend(longer)
    await keyed.amend(longer)
    assert await keyed.find(reference(1), AT) == registration


async def test_an_amendment_of_an_unknown_reference_is_refused(keyed: Ledger) -> None:
    with pytest.raises(Refused):
        await keyed.amend(complaint(9))


async def test_a_ledger_that_works_passes_its_probe_and_keeps_nothing_of_it(ledger: Ledger) -> None:
    await ledger.probe()
    await ledger.probe()


async def test_words_of_any_alphabet_and_any_length_are_taken(ledger: Ledger) -> None:
    texts = ["", '\0\x1b"\\', "ꦗꦭꦤ꧀ 😡\ud7ff\U0010ffff", "a" * 400_000]
    answers = await ledger.register([complaint(number, text) for number, text in enumerate(texts)])
    assert all(isinstance(answer, Registration) for answer in answers), answers
