"""Ledgers that do not call are asked: open311 and http behind real servers, and every answer is told once."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.base import Refused, Unavailable
from forwarder import http_ledger, open311_ledger
from forwarder.ledger import Ledger, Registration, Telling
from forwarder.states import States
from gateway.polling import Asked, Polling
from gateway.store.happenings import Event
from gateway.store.record import DEFAULT, Settlement
from tests.fakes.ledger import FakeLedger
from tests.fakes.open311 import KEY, FakeOpen311
from tests.forwarder.records import complaint
from tests.gateway.tiny import CITIZEN, Desk, desk
from tests.promises.stores import claimed, now


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as opened:
        yield opened


class Way:
    """To the ledger; the doors are quiet."""

    def __init__(self) -> None:
        self.shut = self.pouring = False


async def registered(here: Desk, ledger: Ledger) -> tuple[str, Registration]:
    """A case that this ledger has."""
    accepted = await here.put(f"{CITIZEN}|jalan rusak di depan pasar")
    (claim,) = await claimed(here.store)
    (answer,) = await ledger.register([complaint(1)])
    assert isinstance(answer, Registration)
    await here.store.settle(Settlement(claim=claim, step="done", registration=answer))
    return accepted.reference, answer


async def events(here: Desk, reference: str) -> tuple[Event, ...]:
    return (await here.life(reference)).events


async def round_(here: Desk, ledger: Telling, way: Way | None = None) -> int:
    """All who are enrolled are due."""
    asked = Asked(ledger, States({}), 3600, way or Way())
    await here.store.to_ask({DEFAULT: 3600}, 1e9, 1)
    await here.store.put_off(["1"], now(-1))
    return await Polling(here.store, {DEFAULT: asked}, Way()).round()


@asynccontextmanager
async def open311(form: str = "json") -> AsyncIterator[tuple[FakeOpen311, open311_ledger.Open311Ledger]]:
    async with FakeOpen311(form) as fake:  # type: ignore[arg-type]  # one of the two
        settings = open311_ledger.Settings(discovery=fake.discovery, api_key=KEY, service="jalan")
        ledger = open311_ledger.ledger("kota", settings, Path(), lambda: datetime.now(UTC))
        yield fake, ledger
        await ledger.close()


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_an_open311_server_is_asked_and_believed(here: Desk, form: str) -> None:
    async with open311(form) as (fake, ledger):
        reference, registration = await registered(here, ledger)
        assert await round_(here, ledger) == 1
        (first,) = await events(here, reference)
        assert (first.status, first.state) == ("open", "registered")
        fake.standing[registration.tracking_id] = {
            "status": "closed", "status_notes": "Sudah ditambal.", "agency_responsible": "Dinas PU",
            "updated_datetime": "2026-11-21T10:00:00+07:00",
        }  # fmt: skip
        await round_(here, ledger)
        (_, last) = await events(here, reference)
        assert (last.status, last.state, last.note, last.by) == ("closed", "closed", "Sudah ditambal.", "Dinas PU")
        assert last.at == datetime(2026, 11, 21, 3, tzinfo=UTC)


async def test_what_it_said_before_is_not_said_again(here: Desk) -> None:
    async with open311() as (fake, ledger):
        reference, _ = await registered(here, ledger)
        for _ in range(3):
            assert await round_(here, ledger) == 1
        assert len(await events(here, reference)) == 1
        assert fake.calls.count("GET request") == 3


async def test_an_http_ledger_that_says_a_status_is_believed_and_one_that_does_not_says_nothing(here: Desk) -> None:
    async with FakeLedger() as fake:
        ledger = http_ledger.ledger("national", http_ledger.Settings(url=fake.url), Path(), lambda: datetime.now(UTC))
        assert isinstance(ledger, http_ledger.HttpLedger)
        reference, registration = await registered(here, ledger)
        # the case has another reference than the record of the test
        fake.registrations[reference] = fake.registrations.pop(complaint(1).reference) | {"reference": reference}
        await round_(here, ledger)
        assert await events(here, reference) == ()
        fake.registrations[reference] |= {"status": "Diteruskan", "at": "2026-11-22T09:00:00+07:00", "by": "Dinas PU", "note": "Segera."}
        await round_(here, ledger)
        (event,) = await events(here, reference)
        assert (event.status, event.state, event.note, event.tracking_id) == (
            "Diteruskan",
            "forwarded",
            "Segera.",
            registration.tracking_id,
        )
        await ledger.close()


async def standing(ledger: http_ledger.HttpLedger | open311_ledger.Open311Ledger, answer: Registration) -> datetime:
    happening = await ledger.standing(complaint(1).reference, answer)
    assert happening is not None
    return happening.at


@pytest.mark.parametrize("never", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00"])
async def test_a_time_that_nobody_set_is_none(never: str) -> None:
    async with FakeLedger() as fake, open311() as (city, theirs):
        ours = http_ledger.ledger("national", http_ledger.Settings(url=fake.url), Path(), lambda: datetime.now(UTC))
        assert isinstance(ours, http_ledger.HttpLedger)
        ((here,), (there,)) = await ours.register([complaint(1)]), await theirs.register([complaint(1)])
        assert isinstance(here, Registration)
        assert isinstance(there, Registration)
        fake.registrations[complaint(1).reference] |= {"status": "Selesai", "at": never}
        city.standing[there.tracking_id] = {"status": "closed", "updated_datetime": never}
        for ledger, answer in ((ours, here), (theirs, there)):
            assert abs(await standing(ledger, answer) - now()) < timedelta(minutes=10)
        await ours.close()


async def test_what_is_too_long_is_cut_and_what_is_null_is_nothing() -> None:
    async with FakeLedger() as fake:
        ledger = http_ledger.ledger("national", http_ledger.Settings(url=fake.url), Path(), lambda: datetime.now(UTC))
        assert isinstance(ledger, http_ledger.HttpLedger)
        (registration,) = await ledger.register([complaint(1)])
        assert isinstance(registration, Registration)
        fake.registrations[complaint(1).reference] |= {"status": "Selesai", "at": None, "by": None, "note": "panjang " * 1000}
        happening = await ledger.standing(complaint(1).reference, registration)
        assert happening is not None
        assert (happening.status, happening.by, len(happening.note)) == ("Selesai", "", 5000)
        fake.registrations[complaint(1).reference] |= {"status": None}
        assert await ledger.standing(complaint(1).reference, registration) is None
        await ledger.close()


class Moody:
    """Raises what it is told to."""

    def __init__(self, mood: Exception) -> None:
        self.mood, self.asked = mood, 0

    async def standing(self, reference: str, registration: Registration) -> None:
        self.asked += 1
        raise self.mood


@pytest.mark.parametrize(("mood", "soon"), [(Unavailable("http_503"), True), (Refused("http_404"), False)])
async def test_who_could_not_answer_is_asked_again_soon_and_who_would_not_when_it_is_due(
    here: Desk, tmp_path: Path, mood: Exception, soon: bool
) -> None:
    await here.put(f"{CITIZEN}|jalan rusak di depan pasar")
    await here.submit()
    ledger = Moody(mood)
    assert await round_(here, ledger) == 1
    assert ledger.asked == 1
    assert list(await here.store.to_ask({DEFAULT: 3600}, 1e9, 9)) == []
    with closing(sqlite3.connect(tmp_path / "gateway.db")) as db:
        ((due,),) = db.execute("SELECT due FROM polls")
    # ten minutes from now, or an hour
    assert (due < now(601).timestamp()) is soon


async def test_a_ledger_that_is_away_is_left_alone(here: Desk) -> None:
    await here.put(f"{CITIZEN}|jalan rusak di depan pasar")
    await here.submit()
    ledger, way = Moody(Unavailable("never asked")), Way()
    way.shut = True
    await round_(here, ledger, way)
    assert ledger.asked == 0
