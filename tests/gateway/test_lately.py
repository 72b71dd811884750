"""What was read in a case is had again, once, as long as the case says the same; and a case that was sorted is not read twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from channels.base import Arrival, Enclosure, Part
from forwarder.ledger import Registration
from gateway import lately
from gateway.attempts import Submitting
from gateway.clerk import Clerk, Read
from gateway.lately import Lately
from gateway.relations import Relations
from gateway.sorter import Sorter
from gateway.store.record import DEFAULT, Addition, Case
from normalizer.complaint import decode
from tests.gateway.tiny import CITIZEN, Desk, desk, stint
from tests.promises.stores import KEY

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ARRIVAL = Arrival(channel="tiny", source_id="a", raw=b"+6281200000001|jalan rusak", received_at=NOW)
CASE = Case(case_id="1", reference="7K3Q-9FXM-2CH4", step="submit", arrival=ARRIVAL)
PART = Part(channel="tiny", group="a", index=2, count=2, raw=b"x", fingerprint="f", received_at=NOW, wait_until=NOW, same_since=NOW)
SAYS: list[dict[str, Any]] = [
    {"arrival": msgspec.structs.replace(ARRIVAL, raw=b"")},
    {"parts": (PART,)},
    {"additions": (Addition(kind="answer", reference="7K3Q-9FXM-2CH4", at=NOW, text="di Cihampelas"),)},
    {"edited": "jalan berlubang"},
    {"facts": {"file": "1"}},
    {"files": (Enclosure(name="a.jpg", media_type="image/jpeg", size=1),)},
    {"admitted": True},
    {"registration": Registration(tracking_id="8112829", registered_at=NOW)},
]


@pytest.fixture
def read(clerk: Clerk) -> Read:
    reading = clerk.read(CASE)
    assert isinstance(reading, Read)
    return reading


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as opened:
        yield opened


@pytest.fixture
def clerk(here: Desk) -> Clerk:
    return here.clerk


def test_what_was_read_is_had_again_once(read: Read) -> None:
    kept = Lately()
    kept.keep(CASE, read)
    claimed = msgspec.structs.replace(CASE, attempts=1, due=NOW, ledger=DEFAULT, code="http_503")
    assert kept.again(claimed) is read
    assert kept.again(claimed) is None


@pytest.mark.parametrize("says", SAYS, ids=lambda says: next(iter(says)))
def test_a_case_that_says_more_by_now_is_read_anew(read: Read, says: dict[str, Any]) -> None:
    kept = Lately()
    kept.keep(CASE, read)
    assert kept.again(msgspec.structs.replace(CASE, **says)) is None


def test_the_last_ones_are_kept(read: Read) -> None:
    kept = Lately()
    cases = [msgspec.structs.replace(CASE, case_id=str(nth)) for nth in range(lately.MOST + 1)]
    for case in cases:
        kept.keep(case, read)
    assert [kept.again(cases[0]), kept.again(cases[1]), kept.again(cases[-1])] == [None, read, read]


async def test_a_case_that_was_sorted_is_not_read_again_for_its_ledger(here: Desk) -> None:
    kept, accepted = Lately(), await here.put(f"{CITIZEN}|jalan rusak di depan pasar")
    relations = Relations(here.store, key=KEY, journal=here.journal)
    sorting, telling = (
        Submitting(here.store, who, here.clerk, relations=relations, stint=stint(), metrics=here.metrics, journal=here.journal, lately=kept)
        for who in (Sorter("embedded", {}), here.ledger)
    )
    await sorting.attempt(await asyncio.wait_for(here.store.claim(1, 60, ledgers=("",), sorting=True), 60))
    here.channel.bug = KeyError("nobody reads it")
    await telling.attempt(await asyncio.wait_for(here.store.claim(1, 60, ledgers=(DEFAULT,)), 60))
    life = await here.life(accepted.reference)
    assert life.record is not None
    assert (life.case.step, decode(life.record).text) == ("done", "jalan rusak di depan pasar")
