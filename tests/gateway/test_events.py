"""The door for ledgers: what is signed and on disk is said yes to, and nothing else; the server and the store are real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from forwarder.signature import signed
from forwarder.states import States
from gateway import public
from gateway.events import Events, Sender
from gateway.store.record import DEFAULT
from tests.gateway.test_public import Nowhere
from tests.gateway.tiny import CITIZEN, Desk, desk
from tests.gateway.told import SHARED, said, told
from tests.promises.stores import no_letter

CITY = "rahasia kota untuk uji"


class Door:
    """One complaint that the ledger has, and where ledgers call."""

    def __init__(self, here: Desk, port: int, reference: str, number: str) -> None:
        self.here, self.port, self.reference, self.number = here, port, reference, number

    def event(self, status: str = "Diteruskan", **more: Any) -> dict[str, Any]:
        return said(self.reference, self.number, status, **more)

    async def kept(self) -> list[str]:
        return [event.status for event in (await self.here.life(self.reference)).events]


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Door]:
    async with desk(folder) as here:
        accepted = await here.put(f"{CITIZEN}|jalan rusak di depan pasar")
        await here.submit()
        registration = (await here.life(accepted.reference)).case.registration
        assert registration is not None
        senders = [Sender("city", "city", CITY, States({})), Sender(DEFAULT, "embedded", SHARED, States({}))]
        routes = Events(here.store, senders, here.metrics, here.journal).routes()
        async with public.opened(("127.0.0.1", 0), {}, Nowhere(), proxies=(), journal=here.journal, routes=routes) as port:
            assert port is not None
            yield Door(here, port, accepted.reference, registration.tracking_id)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with opened(tmp_path) as one:
        yield one


async def test_a_signed_event_is_kept_and_said_yes_to(door: Door) -> None:
    event = door.event("Terdisposisi ke Dinas PU", note="Segera.")
    assert await told(door.port, event) == (200, {"kept": 1, "known": 0})
    (kept,) = (await door.here.life(door.reference)).events
    assert (kept.status, kept.state, kept.by, kept.note, kept.ledger) == (
        "Terdisposisi ke Dinas PU",
        "forwarded",
        "Dinas PU",
        "Segera.",
        DEFAULT,
    )
    assert kept.at == datetime.fromisoformat(event["at"])
    assert {"event": "ledger_told", "kept": 1}.items() <= door.here.said()[-1].items()
    assert door.reference not in str(door.here.said())


async def test_a_call_that_comes_again_changes_nothing(door: Door) -> None:
    event = door.event()
    assert [await told(door.port, event) for _ in range(3)] == [(200, {"kept": 1, "known": 0})] + [(200, {"kept": 0, "known": 1})] * 2
    assert await door.kept() == ["Diteruskan"]


async def test_a_list_is_kept_in_any_order_and_what_is_not_ours_is_named(door: Door) -> None:
    stranger = said("7K3Q-9FXM-2CH4", door.number, "Selesai")
    another = said(door.reference, "999999", "Selesai")
    events = [door.event("Selesai", hours=2), stranger, door.event("Diteruskan", hours=1), another]
    status, answer = await told(door.port, events)
    assert (status, answer["kept"], answer["unknown"]) == (404, 2, [1, 3])
    assert await door.kept() == ["Selesai", "Diteruskan"]
    assert await told(door.port, []) == (200, {"kept": 0, "known": 0})


async def test_each_ledger_speaks_for_its_own_complaints(door: Door) -> None:
    status, _ = await told(door.port, door.event(), secret=CITY)
    assert (status, await door.kept()) == (404, [])
    assert door.here.metrics.events == {("city", "unknown"): 1}


@pytest.mark.parametrize(
    "forged",
    [
        {"secret": "another secret, guessed"},
        {"age_s": 301},
        {"age_s": -310},
        {"header": ""},
        {"header": f"t=1,v1={'a' * 64}"},
        {"header": f"sha256={'a' * 64}"},
    ],
)
async def test_what_is_not_signed_or_was_recorded_long_ago_is_refused(door: Door, forged: dict[str, Any]) -> None:
    status, answer = await told(door.port, door.event(), **forged)
    assert (status, answer["status"], await door.kept()) == (401, 401, [])
    assert door.here.metrics.events == {("", "forged"): 1}


async def test_a_signature_is_good_for_its_own_body_alone(door: Door) -> None:
    header = signed(SHARED, int(datetime.now(UTC).timestamp()), b"{}")
    status, _ = await told(door.port, door.event(), header=header)
    assert (status, await door.kept()) == (401, [])


@pytest.mark.parametrize(
    ("bend", "field"),
    [
        ({"at": None}, "at"),
        ({"at": "2026-11-22T03:00:00"}, "at"),
        ({"at": "0001-01-01T00:00:00Z"}, "at"),
        ({"at": "9999-12-31T23:59:59Z"}, "at"),
        ({"status": ""}, "status"),
        ({"status": 7}, "status"),
        ({"status": "x" * 201}, "status"),
        ({"reference": None}, "reference"),
        ({"tracking_id": "7 7"}, "tracking_id"),
        ({"tracking_id": "7" * 41}, "tracking_id"),
        ({"note": "x" * 5001}, "note"),
        ({"by": None}, "by"),
    ],
)
async def test_what_cannot_be_an_event_is_refused_with_its_field(door: Door, bend: dict[str, Any], field: str) -> None:
    status, answer = await told(door.port, [door.event(), door.event() | bend])
    assert (status, await door.kept()) == (400, [])
    assert f"$[1].{field}" in answer["title"]


@pytest.mark.parametrize("body", [b"", b"{", b"3", b"[3]", b"null", b"[" * 100_000, b'"\xff"', b"[" + b"3," * 1001 + b"3]"])
async def test_what_is_no_json_of_ours_is_refused(door: Door, body: bytes) -> None:
    status, answer = await told(door.port, body)
    assert (status, answer["status"]) == (400, 400)


async def test_a_field_that_we_do_not_know_does_no_harm(door: Door) -> None:
    assert await told(door.port, door.event(instansi="Dinas PU")) == (200, {"kept": 1, "known": 0})


async def test_a_body_without_end_is_cut(door: Door) -> None:
    status, _ = await told(door.port, b" " * (2**20 + 1))
    assert status == 413


async def test_only_a_post_is_heard(door: Door) -> None:
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{door.port}/ledger/events") as answer:
        assert answer.status == 405


async def test_a_flood_is_kept_whole(door: Door) -> None:
    lists = [[door.event(f"langkah {page} {place}", note="x" * 200) for place in range(250)] for page in range(8)]
    answers = await asyncio.gather(*(told(door.port, events) for events in [*lists, *lists]))
    assert {status for status, _ in answers} == {200}
    assert sum(answer["kept"] for _, answer in answers) == sum(answer["known"] for _, answer in answers) == 2000
    assert len(await door.kept()) == 2000
    assert await no_letter(door.here.store)


async def test_a_store_in_trouble_is_not_said_yes_to(tmp_path: Path) -> None:
    async with opened(tmp_path) as door:
        await door.here.store.close()
        status, answer = await told(door.port, door.event())
        assert (status, answer["title"]) == (503, "not now")


async def test_without_a_secret_there_is_no_door(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        assert Events(here.store, (), here.metrics, here.journal).routes() == []
