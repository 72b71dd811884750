"""What every ledger promises, whatever stands behind it. A new ledger joins `SUBJECTS`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from channels.base import Refused
from forwarder.ledger import Ledger, Registration, tellable
from tests.forwarder.records import AT, complaint, reference
from tests.promises.ledgers import SUBJECTS, Clock, How

KEYED = sorted(name for name, subject in SUBJECTS.items() if subject.keyed)
#: all that give numbers themselves, and at once
NUMBERING = sorted(name for name, subject in SUBJECTS.items() if not subject.later and name != "worklist")


@asynccontextmanager
async def _opened(name: str, folder: Path) -> AsyncIterator[Ledger]:
    how = How(folder=folder, clock=Clock())
    async with SUBJECTS[name].other(how) as other:
        ledger = SUBJECTS[name].ledger(other, how)
        yield ledger
        await ledger.close()


@pytest.fixture(params=NUMBERING)
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    async with _opened(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture(params=KEYED)
async def keyed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    async with _opened(request.param, tmp_path) as opened:
        yield opened


async def _registered(ledger: Ledger, *numbers: int) -> list[Registration]:
    answers = await ledger.register([complaint(number) for number in numbers])
    assert all(isinstance(answer, Registration) for answer in answers), answers
    return [answer for answer in answers if isinstance(answer, Registration)]


async def test_a_registration_has_a_number_that_can_be_told_and_an_aware_time(ledger: Ledger) -> None:
    (registration,) = await _registered(ledger, 7)
    assert tellable(registration.tracking_id)
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
