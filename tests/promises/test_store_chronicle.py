"""What every store promises to those who count what has come."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from channels.base import Unavailable
from gateway.store.chronicle import Entry, Sent, first_since
from gateway.store.record import Settlement
from tests.promises.lived import FULL, Lived
from tests.promises.stores import (
    REGISTERED,
    STORES,
    Counted,
    arrival,
    claimed,
    done,
    letter,
    letters,
    life_of,
    now,
    numbers,
    one,
    parked,
    put,
    receipt,
    sent,
)
from tests.promises.test_store_events import told

ALWAYS = (now(-86_400 * 3650), now(86_400))


async def all_of(store: Counted, since: datetime = ALWAYS[0], until: datetime = ALWAYS[1], *, limit: int = 3) -> list[Entry]:
    """Page by page."""
    found: list[Entry] = []
    after: int | None = 0
    while after is not None:
        page = await store.records(since, until, after, limit)
        found += page.entries
        after = page.after
    return found


async def test_an_empty_store_has_nothing_to_tell(store: Counted) -> None:
    assert await all_of(store) == []


async def test_a_registered_case_is_told_of_with_its_record_its_letters_and_its_events(store: Counted) -> None:
    (reference,) = await put(store, "a")
    claim = await one(store)
    await store.settle(done(claim, letter("k1"), letter("k2")))
    for each in await letters(store, 1):
        await store.settle_letter(sent(each, "p1"))
    await store.note(receipt("p1"))
    await store.tell([told(reference, "Terdisposisi ke Dinas PU", "forwarded"), told(reference)])
    (entry,) = await all_of(store)
    assert (entry.reference, entry.channel, entry.step, entry.tracking_id) == (reference, "telkomsel", "done", "1234567")
    assert entry.registered_at == REGISTERED.registered_at
    assert entry.received_at == claim.case.arrival.received_at
    assert entry.record == b"{}"
    assert sorted(entry.letters) == [Sent("send", ""), Sent("sent", "delivered")]
    assert [(event.state, event.status, event.note, event.by) for event in entry.events] == [
        ("forwarded", "Terdisposisi ke Dinas PU", "", ""),
        ("closed", "Selesai", "", ""),
    ]


async def test_what_was_done_to_a_case_is_told_in_order(store: Counted) -> None:
    (case_id,) = await parked(store, "a", step="triage")
    await store.edit(case_id, "ani", "text")
    await store.drop(case_id, "ani", "why")
    (entry,) = await all_of(store)
    assert (entry.step, entry.code, entry.acts, entry.record) == ("declined", "unreadable", ("edit", "drop"), None)


async def test_each_case_of_a_period_is_told_of_once_whatever_the_page(store: Counted) -> None:
    await put(store, *range(10))
    for limit in (1, 3, 10, 50):
        assert [entry.case_id for entry in await all_of(store, limit=limit)] == list(range(1, 11))


async def test_a_period_ends_before_its_end_and_begins_with_its_beginning(store: Counted) -> None:
    middle = now(-3600)
    for name, at in (("a", middle - timedelta(seconds=1)), ("b", middle), ("c", middle + timedelta(seconds=1))):
        await store.put(arrival(name, at=at), numbers(name))
    assert [entry.case_id for entry in await all_of(store, until=middle)] == [1]
    assert [entry.case_id for entry in await all_of(store, since=middle)] == [2, 3]


async def test_years_of_other_cases_are_passed_over(store: Counted) -> None:
    for day in range(200):
        await store.put(arrival(day, at=now(-86_400 * (200 - day))), numbers(day))
    page = await store.records(now(-86_400 * 50.5), now(-86_400 * 40.5), 0, 20)
    assert [entry.case_id for entry in page.entries] == list(range(151, 161))
    assert page.after is None


async def test_what_lay_in_a_spool_belongs_to_the_day_on_which_it_came(store: Counted) -> None:
    await store.put(arrival("a", at=now(-86_400 * 60)), numbers("a"))
    for name in range(20):
        await store.put(arrival(name, at=now(-86_400 * (60 - name))), numbers(name))
    await store.put(arrival("late", at=now(-86_400 * 59.5)), numbers("late"))
    found = await all_of(store, now(-86_400 * 59.9), now(-86_400 * 58.9))
    assert [entry.case_id for entry in found] == [3, 22]


async def test_what_its_author_took_back_says_nothing_more(store: Counted) -> None:
    await put(store, "a")
    await store.settle(done(await one(store)))
    await store.forget("telkomsel", "id-a", "deleted", waiting=True)
    (entry,) = await all_of(store)
    assert (entry.step, entry.code, entry.record, entry.acts) == ("done", "deleted", None, ("forget",))


async def test_it_tells_the_same_as_a_look_at_each_case(store: Counted) -> None:
    lived = Lived(store)
    await lived.live(FULL)
    entries = {entry.reference: entry for entry in await all_of(store)}
    assert set(lived.came) <= set(entries)
    for reference in lived.came:
        life, entry = await life_of(store, reference), entries[reference]
        assert (entry.step, entry.code, entry.record) == (life.case.step, life.case.code, life.record)
        assert sorted(entry.letters) == sorted((state.step, state.receipt) for state in life.letters)
        assert list(entry.acts) == [act.act for act in life.acts]
        assert [event.event_id for event in entry.events] == [event.event_id for event in life.events]


async def test_claims_and_yeses_go_on_between_two_pages(store: Counted) -> None:
    await put(store, *range(4))
    page = await store.records(*ALWAYS, 0, 2)
    for claim in await claimed(store):
        await store.settle(Settlement(claim=claim, step="parked", code="bug"))
    await put(store, "later")
    assert page.after == 2
    rest = await store.records(*ALWAYS, page.after, 10)
    assert [entry.step for entry in rest.entries] == ["parked", "parked", "submit"]


async def test_a_store_that_is_closed_has_nothing_to_tell(tmp_path: Path) -> None:
    for subject in STORES.values():
        async with subject.opened(tmp_path, 5) as store:
            await put(store, "a")
        with pytest.raises(Unavailable):
            await store.records(*ALWAYS, 0, 10)


def test_where_a_period_begins_is_found_among_gaps() -> None:
    came = {2: 10.0, 5: 20.0, 9: 30.0}

    def at(id_: int) -> float | None:
        return next((came[each] for each in sorted(came) if each >= id_), None)

    assert [first_since(when, 9, at) for when in (5.0, 10.0, 10.5, 20.0, 29.0, 31.0)] == [1, 1, 3, 3, 6, 10]
