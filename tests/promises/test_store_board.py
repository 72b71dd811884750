"""What every store promises of its boards: what is pinned there is seen by all, until it ends or is taken off."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gateway import controls
from gateway.store.base import Store
from tests.promises.stores import LONG_S, Counted, Subject, now

#: so long a note that is to end counts
SHORT_S = 0.05


async def values(store: Store, board: str = "pulse") -> dict[str, bytes]:
    return {name: note.value for name, note in (await store.pinned(board)).items()}


async def test_what_is_pinned_is_there_by_name_with_its_time(store: Counted) -> None:
    began = now()
    for name, value in (("b", b"two"), ("a", b"\x00 any bytes, \xff also spaces "), ("c", b"")):
        await store.pin("pulse", name, value, LONG_S if name == "a" else None)
    found = await store.pinned("pulse")
    assert [(name, note.value) for name, note in found.items()] == [("a", b"\x00 any bytes, \xff also spaces "), ("b", b"two"), ("c", b"")]
    assert all(began.timestamp() - 0.01 <= note.at.timestamp() <= now(0.01).timestamp() for note in found.values())


async def test_a_note_takes_the_place_of_the_one_of_its_name(store: Counted) -> None:
    await store.pin("pulse", "a", b"1", SHORT_S)
    await store.pin("pulse", "a", b"2", None)
    await asyncio.sleep(SHORT_S * 2)
    assert await values(store) == {"a": b"2"}


async def test_a_note_that_has_ended_is_not_there_any_more(store: Counted) -> None:
    await store.pin("pulse", "a", b"1", SHORT_S)
    await asyncio.sleep(SHORT_S * 2)
    assert await values(store) == {}
    await store.pin("pulse", "b", b"2", LONG_S)
    assert await values(store) == {"b": b"2"}


async def test_a_note_is_taken_off_and_the_other_boards_have_theirs(store: Counted) -> None:
    await store.pin("pulse", "a", b"1", None)
    await store.pin("controls", "a", b"2", None)
    await store.unpin("pulse", "a")
    await store.unpin("pulse", "never there")
    assert (await values(store), await values(store, "controls")) == ({}, {"a": b"2"})


async def test_what_two_officers_want_of_a_channel_at_once_is_both_done(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path / "one", 5) as first, subject.opened(tmp_path / "one", 5) as second:
        for rate in (1.0, 2.0, 3.0):
            await controls.want(first, "telkomsel", "resume", by="siti")
            pause = controls.want(first, "telkomsel", "pause", by="siti")
            await asyncio.gather(pause, controls.want(second, "telkomsel", "rate", by="rini", rate=rate))
            wish = (await controls.wanted(second)).of("telkomsel")
            assert (wish.mode, wish.rate) == ("paused", rate)
        assert await first.leases() == []


async def test_what_is_wanted_of_a_channel_waits_for_one_who_fell_over_it(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path / "one", 5) as store:
        assert await store.lease(controls.LEASE, "who fell", SHORT_S) is not None
        assert (await controls.want(store, "telkomsel", "pause", by="siti")).mode == "paused"


async def test_a_note_outlives_the_power_and_another_process_sees_it(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path / "one", 5) as first:
        await first.pin("controls", "telkomsel", b"paused", None)
        async with subject.opened(tmp_path / "one", 5) as second:
            assert await values(second, "controls") == {"telkomsel": b"paused"}
        subject.leave(tmp_path / "one", tmp_path / "left")
    async with subject.opened(tmp_path / "left", 5) as after:
        assert await values(after, "controls") == {"telkomsel": b"paused"}
