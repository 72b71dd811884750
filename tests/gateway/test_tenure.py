"""A door that one process at a time may keep: open while the right is ours, closed when it is another's, silent when nobody can say."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from channels.base import Inbox, Unavailable
from gateway.intake import Intake, Room
from gateway.journal import Journal, Lines
from gateway.keep import keep
from gateway.metrics import Metrics
from gateway.numbering import Numbering
from gateway.spool.home import Spool
from gateway.store.fencing import Fence, LeaseLost
from gateway.store.sqlite import SqliteStore, opened
from gateway.tenure import Tenure, Times, holder
from tests.gateway.tiny import Tiny
from tests.promises.stores import arrival, part, receipt

QUICK = Times(lease=1.0, renew=0.1, ask=0.02)
KEY = b"key of the tenure's tests"


class Door(Tiny):
    """Remembers for whom it was opened. One that `falls` does so as soon as it is opened."""

    def __init__(self, single: Literal["bind", "poll"]) -> None:
        super().__init__()
        self.single = single
        self.inboxes: list[Inbox] = []
        self.open = self.falls = False

    async def listen(self, inbox: Inbox) -> None:
        self.inboxes.append(inbox)
        if self.falls:
            raise ValueError("a fault of ours")
        self.open = True
        try:
            await super().listen(inbox)
        finally:
            self.open = False


class Line:
    """The way to a store, which may be cut."""

    def __init__(self, store: SqliteStore) -> None:
        self._store, self.cut = store, False

    async def lease(self, name: str, who: str, for_s: float) -> int | None:
        if self.cut:
            raise Unavailable("store_unreachable")
        return await self._store.lease(name, who, for_s)

    async def unlease(self, fence: Fence) -> None:
        if self.cut:
            raise Unavailable("store_unreachable")
        await self._store.unlease(fence)


class Keeper(msgspec.Struct):
    """One process's part: its door, its line, its right."""

    door: Door
    line: Line
    tenure: Tenure
    out: io.BytesIO
    journal: Journal
    task: asyncio.Task[None]

    @property
    def words(self) -> list[str]:
        self.journal.lines.flush()
        return [msgspec.json.decode(line)["event"] for line in self.out.getvalue().splitlines()]

    async def leave(self) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


class House(msgspec.Struct):
    """A store, and those who want to keep the same door."""

    store: SqliteStore
    folder: Path
    keepers: list[Keeper] = []

    def keeper(self, single: Literal["bind", "poll"] = "poll", *, cut: bool = False) -> Keeper:
        out = io.BytesIO()
        journal, door, line = Journal(Lines(out)), Door(single), Line(self.store)
        line.cut = cut
        numbering, room = Numbering(KEY), Room(self.folder)
        detour = Spool(self.store, self.folder, room=room, numbering=numbering, journal=journal).detour
        intake = Intake(self.store, room, detour=detour, numbering=numbering, metrics=Metrics(), journal=journal)
        tenure = Tenure(line, intake, "tiny", holder(), times=QUICK)
        task = asyncio.create_task(keep(door, door, intake, journal, tenure=tenure))
        self.keepers.append(Keeper(door, line, tenure, out, journal, task))
        return self.keepers[-1]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with built(tmp_path) as here:
        yield here


@asynccontextmanager
async def built(folder: Path) -> AsyncIterator[House]:
    async with opened(folder / "gateway.db", most_letters=5) as store:
        here = House(store, folder)
        try:
            yield here
        finally:
            for each in here.keepers:
                await each.leave()


async def until(claim: Callable[[], Any]) -> None:
    async with asyncio.timeout(60):
        while not claim():
            await asyncio.sleep(0.005)


async def test_of_two_one_keeps_the_door_and_when_it_leaves_the_other_does(house: House) -> None:
    first = house.keeper()
    await until(lambda: first.door.open)
    second = house.keeper()
    await until(lambda: "lease_waits" in second.words)
    await asyncio.sleep(2 * QUICK.lease)
    # on a machine that stalls for a second the lease runs out, and is renewed
    await until(lambda: first.tenure.left_s > 0)
    assert (first.door.open, second.door.open) == (True, False)
    assert second.tenure.left_s <= 0
    await first.leave()
    await until(lambda: second.door.open)
    assert second.words == ["lease_waits", "lease_taken"]


@pytest.mark.parametrize("single", ["bind", "poll"])
async def test_who_hears_that_another_has_it_closes_the_door_and_can_move_nothing_more(
    house: House, single: Literal["bind", "poll"]
) -> None:
    first = house.keeper(single)
    await until(lambda: first.door.open)
    first.line.cut = True
    second = house.keeper(single)
    await until(lambda: second.door.open)
    old, new = first.door.inboxes[0], second.door.inboxes[0]
    assert old.left_s <= 0 < new.left_s
    await new.advance("tiny", {"offset": "7"})
    with pytest.raises(LeaseLost):
        await old.advance("tiny", {"offset": "3"})
    assert await house.store.recall("tiny", "offset") == "7"
    first.line.cut = False
    await until(lambda: "lease_lost" in first.words)
    assert (first.door.open, second.door.open) == (False, True)


async def test_a_door_that_fell_over_is_another_ones_while_this_one_rests(house: House) -> None:
    first = house.keeper()
    first.door.falls = True
    second = house.keeper()
    await until(lambda: second.door.open)
    assert first.words[:2] == ["lease_taken", "door_fell"]


async def test_while_the_store_is_away_a_door_that_polls_is_closed(house: House) -> None:
    only = house.keeper("poll")
    await until(lambda: only.door.open)
    only.line.cut = True
    await until(lambda: not only.door.open)
    only.line.cut = False
    await until(lambda: only.door.open)
    assert only.words == ["lease_taken", "lease_lost", "lease_waits", "lease_taken"]


async def test_while_the_store_is_away_a_bind_stays_and_may_not_send_until_it_is_back(house: House) -> None:
    only = house.keeper("bind")
    await until(lambda: only.door.open)
    inbox = only.door.inboxes[0]
    only.line.cut = True
    await until(lambda: inbox.left_s <= 0)
    await asyncio.sleep(2 * QUICK.lease)
    assert only.door.open
    only.line.cut = False
    await until(lambda: inbox.left_s > 0)
    assert (only.words, len(only.door.inboxes)) == (["lease_taken"], 1)


async def test_a_lease_that_another_had_meanwhile_is_not_the_one_that_was_lost(house: House) -> None:
    first = house.keeper("bind")
    await until(lambda: first.door.open)
    old = first.door.inboxes[0]
    first.line.cut = True
    second = house.keeper("bind")
    await until(lambda: second.door.open)
    await second.leave()
    first.line.cut = False
    await until(lambda: len(first.door.inboxes) == 2)
    assert old.left_s <= 0 < first.door.inboxes[1].left_s
    with pytest.raises(LeaseLost):
        await old.advance("tiny", {"offset": "3"})


async def test_what_comes_in_is_kept_whoever_has_the_lease(house: House) -> None:
    first = house.keeper("bind")
    await until(lambda: first.door.open)
    first.line.cut = True
    second = house.keeper("bind")
    await until(lambda: second.door.open)
    old, new = first.door.inboxes[0], second.door.inboxes[0]
    kept = await old.accept(arrival("a", channel="tiny"))
    assert (await new.accept(arrival("a", channel="tiny"))).reference == kept.reference
    assert not (await old.hold(part(1, 2))).duplicate
    assert not await old.note(receipt("nobody's"))
    assert await old.forget("tiny", "id-a", "deleted")


def test_no_two_processes_are_called_the_same() -> None:
    assert len({holder() for _ in range(100)}) == 100


async def test_a_bind_that_is_opened_while_nobody_can_say_whose_it_is_sends_nothing_and_is_opened_again_under_its_lease(
    house: House,
) -> None:
    only = house.keeper("bind", cut=True)
    await until(lambda: only.door.open)
    assert only.words == ["lease_unknown"]
    assert only.door.inboxes[0].left_s == 0
    only.line.cut = False
    await until(lambda: "lease_taken" in only.words and only.door.open)
    assert only.words == ["lease_unknown", "lease_taken"]
    assert only.door.inboxes[1].left_s > 0 == only.door.inboxes[0].left_s


async def test_one_that_hears_later_that_another_has_it_closes_what_it_opened_and_a_door_that_polls_stays_closed(house: House) -> None:
    first = house.keeper("bind")
    await until(lambda: first.door.open)
    second = house.keeper("bind", cut=True)
    await until(lambda: second.door.open)
    second.line.cut = False
    await until(lambda: "lease_waits" in second.words)
    assert (first.door.open, second.door.open) == (True, False)
    await first.leave()
    polling = house.keeper("poll", cut=True)
    await until(lambda: "lease_waits" in polling.words)
    assert not polling.door.open
