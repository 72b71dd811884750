"""What every store promises about the kin of cases: who was written down before and shares a key is met, again and again the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import Unavailable
from gateway.store.base import Store
from gateway.store.kinship import Found, Search
from normalizer.likeness import Likeness
from tests.promises.stores import STORES, Counted, Subject, claimed, done, letter, letters, now, one, put, sent

NOTHING = Likeness()
#: no store looks at more cases than these under one key
FEW = 20


def search(case_id: object, likeness: Likeness, at: datetime | None = None, channel: str = "telkomsel", **named: Any) -> Search:
    return Search(case_id=str(case_id), channel=channel, received_at=at or now(), likeness=likeness, **named)


async def met(store: Store, *searches: Search) -> list[list[str]]:
    """The references that each meets, in one question."""
    return [[kin.reference for kin in found.kin] for found in await store.kin(searches)]


async def one_meets(store: Store, each: Search) -> list[str]:
    return (await met(store, each))[0]


@pytest.mark.parametrize("alike", [Likeness(same=7), Likeness(text=7), Likeness(near=(5, 7, 9))])
async def test_who_is_written_down_later_meets_who_was_before_and_asked_again_the_same(store: Counted, alike: Likeness) -> None:
    first, second, _ = await put(store, "a", "b", "c")
    assert await one_meets(store, search(2, alike)) == []
    assert await one_meets(store, search(1, alike)) == [second]
    assert await one_meets(store, search(3, alike)) == [first, second]
    assert [await one_meets(store, search(n, alike)) for n in (2, 1, 3)] == [[], [second], [first, second]]
    found = (await store.kin([search(1, alike)]))[0].kin[0]
    assert (found.likeness, found.reference) == (alike, second)
    assert abs(found.received_at - now()) < timedelta(minutes=1)


async def test_one_key_in_common_is_enough_and_one_of_another_kind_is_none(store: Counted) -> None:
    references = await put(store, *range(5))
    likenesses = [
        Likeness(same=1, text=2, near=(3, 4)),
        Likeness(near=(4, 5, 6)),
        Likeness(text=2),
        Likeness(same=1),
        Likeness(same=2, near=(1,)),
    ]
    assert await met(store, *(search(n, each) for n, each in enumerate(likenesses, 1))) == [
        [], [references[0]], [references[0]], [references[0]], [],
    ]  # fmt: skip


async def test_without_a_key_nobody_is_met(store: Counted) -> None:
    await put(store, "a", "b")
    assert await met(store, search(1, NOTHING), search(2, NOTHING)) == [[], []]
    assert await store.kin([]) == []


async def test_each_gets_its_own_answer_however_many_ask_at_once(store: Counted) -> None:
    references = await put(store, *range(300))
    halves = [[search(n, Likeness(text=1 + n % 100, near=(10**9 + n,))) for n in share] for share in (range(1, 151), range(151, 301))]
    answers = [found for share in await asyncio.gather(*map(store.kin, halves)) for found in share]
    for n, found in enumerate(answers, 1):
        assert [kin.reference for kin in found.kin] == [references[other - 1] for other in (n - 100, n - 200) if other > 0]


async def test_a_text_that_comes_again_and_again_meets_the_newest_few(store: Counted) -> None:
    references = await put(store, *range(200))
    for start in (0, 100):
        answers = await met(store, *(search(n + 1, Likeness(text=7)) for n in range(start, start + 100)))
    last = answers[-1]
    assert 10 <= len(last) <= FEW
    assert last == references[198 : 198 - len(last) : -1]


async def test_who_is_asked_about_again_meets_the_same_however_many_came_since(store: Counted) -> None:
    await put(store, *range(60))
    first = await met(store, *(search(n, Likeness(text=7, near=(5,))) for n in range(1, 31)))
    await met(store, *(search(n, Likeness(text=7, near=(5,))) for n in range(31, 61)))
    for n in (2, 12, 30):
        assert await one_meets(store, search(n, Likeness(text=7, near=(5,)))) == first[n - 1]


async def test_a_likeness_that_changed_takes_the_place_of_the_old_one(store: Counted) -> None:
    first, _, third = await put(store, "a", "b", "c")
    await store.kin([search(1, Likeness(text=7)), search(3, Likeness(text=8))])
    assert await one_meets(store, search(1, Likeness(text=8))) == [], "what was written down behind it is still behind it"
    assert await one_meets(store, search(2, Likeness(text=7))) == []
    assert await one_meets(store, search(2, Likeness(text=8))) == [third, first]


async def test_what_was_taken_back_is_met_no_more(store: Counted) -> None:
    await put(store, "a", "b")
    alike = Likeness(same=1, text=2, near=(3, 4, 5))
    await store.kin([search(1, alike)])
    for claim in await claimed(store):
        await store.settle(done(claim))
    assert await store.forget("telkomsel", "id-a", "deleted", waiting=True)
    assert await one_meets(store, search(2, alike)) == []


async def test_kin_are_met_across_processes_and_restarts(subject: Subject, tmp_path: Path) -> None:
    alike = Likeness(text=7)
    async with subject.opened(tmp_path, 5) as one_, subject.opened(tmp_path, 5) as other:
        first, second, third = await put(one_, "a", "b", "c")
        await one_.kin([search(1, alike)])
        assert await one_meets(other, search(2, alike)) == [first]
        pair = await asyncio.gather(*(one_meets(store, search(3, alike)) for store in (one_, other)))
        assert pair == [[second, first]] * 2
    async with subject.opened(tmp_path, 5) as again:
        assert await one_meets(again, search(3, alike)) == [second, first]
        await put(again, "d")
        assert await one_meets(again, search(4, alike)) == [third, second, first]


async def test_the_letter_that_is_answered_and_the_number_that_is_quoted_name_their_case(store: Counted) -> None:
    reference, _ = await put(store, "a", "b")
    claim = await one(store)
    await store.settle(done(claim, letter("k", claim.case.case_id)))
    (written,) = await letters(store)
    await store.settle_letter(sent(written, "42", "0042"))
    asked = search(2, NOTHING, answers=("0042", "43"), quotes=("1234567", "7654321"))
    assert await store.kin([asked]) == [Found(references={"0042": reference, "1234567": reference})]
    assert await store.kin([search(2, NOTHING, channel="indosat", answers=("0042",))]) == [Found()]


async def test_a_store_in_trouble_says_so_and_has_written_nothing(subject: Subject, store: Counted, tmp_path: Path) -> None:
    first, _ = await put(store, "a", "b")
    await store.kin([search(1, Likeness(text=7))])
    with subject.trouble(tmp_path), pytest.raises(Unavailable):
        await store.kin([search(2, Likeness(text=7))])
    assert await one_meets(store, search(1, Likeness(text=7))) == []
    assert await one_meets(store, search(2, Likeness(text=7))) == [first]


def expected(before: Iterable[Search], each: Search) -> set[str]:
    """Whom it must meet: written down before, with a key in common."""

    def keys(likeness: Likeness) -> set[tuple[str, int]]:
        return {("near", key) for key in likeness.near} | {("same", likeness.same), ("text", likeness.text)} - {("same", 0), ("text", 0)}

    return {other.case_id for other in before if keys(other.likeness) & keys(each.likeness)}


_LIKENESS = st.builds(
    Likeness, same=st.integers(0, 2), text=st.integers(0, 2), near=st.lists(st.integers(1, 4), max_size=2, unique=True).map(tuple)
)


@pytest.mark.parametrize("name", sorted(STORES))
@settings(max_examples=20)
@given(batches=st.lists(st.lists(_LIKENESS, min_size=1, max_size=3), max_size=3))
async def test_nobody_is_missed_and_nobody_is_met_by_mistake(name: str, batches: list[list[Likeness]]) -> None:
    with TemporaryDirectory() as folder:
        async with STORES[name].opened(Path(folder), 5) as store:
            references = await put(store, *range(sum(map(len, batches))))
            by_reference = {reference: str(n) for n, reference in enumerate(references, 1)}
            before: list[Search] = []
            for batch in batches:
                asked = [search(len(before) + n, likeness) for n, likeness in enumerate(batch, 1)]
                for each, answer in zip(asked, await met(store, *asked), strict=True):
                    assert sorted(answer) == sorted(set(answer))
                    assert {by_reference[reference] for reference in answer} == expected(before, each)
                    before.append(each)
