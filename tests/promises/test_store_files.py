"""What every store promises of files on their way to a ledger."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from gateway.store.record import FileClaim, FileSettlement, Settlement
from tests.promises.stores import LONG_S, STORES, Counted, done, life_of, now, numbers, one, part, put


async def registered(store: Counted, name: str, *files: int) -> str:
    """A case with these files; its reference."""
    (reference,) = await put(store, name)
    assert await store.settle(msgspec.structs.replace(done(await one(store)), files=files))
    return reference


async def claimed(store: Counted, limit: int = 10, lease_s: float = LONG_S) -> list[FileClaim]:
    return list(await store.claim_files(limit, lease_s))


async def test_files_wait_from_the_moment_in_which_their_case_is_registered(store: Counted) -> None:
    assert await claimed(store) == []
    reference = await registered(store, "a", 1, 3)
    claims = await claimed(store)
    assert [(claim.case.reference, claim.number, claim.attempts, claim.record) for claim in claims] == [
        (reference, 1, 1, b"{}"),
        (reference, 3, 1, b"{}"),
    ]
    assert await claimed(store) == []


async def test_those_due_first_go_first_and_no_more_than_asked_for(store: Counted) -> None:
    first, second = await registered(store, "a", 1, 2), await registered(store, "b", 1)
    assert [claim.case.reference for claim in await claimed(store, 2)] == [first, first]
    assert [claim.case.reference for claim in await claimed(store, 2)] == [second]


async def test_what_became_of_it_is_on_file(store: Counted) -> None:
    reference = await registered(store, "a", 1, 2, 3)
    sent, later, parked = await claimed(store)
    assert await store.settle_file(FileSettlement(claim=sent, step="sent"))
    assert await store.settle_file(FileSettlement(claim=later, step="send", due=now(-1), code="http_503"))
    assert await store.settle_file(FileSettlement(claim=parked, step="parked", code="http_413", words="too large"))
    files = (await life_of(store, reference)).files
    assert [(file.number, file.step, file.attempts, file.code, file.words) for file in files] == [
        (1, "sent", 1, "", ""), (2, "send", 1, "http_503", ""), (3, "parked", 1, "http_413", "too large"),
    ]  # fmt: skip
    assert [(claim.number, claim.attempts) for claim in await claimed(store)] == [(2, 2)]


async def test_a_lease_that_ended_gives_the_file_to_another_and_the_first_one_says_nothing_more(store: Counted) -> None:
    await registered(store, "a", 1)
    (slow,) = await claimed(store, lease_s=0.0)
    (quick,) = await claimed(store)
    assert not await store.settle_file(FileSettlement(claim=slow, step="parked", code="late"))
    assert await store.settle_file(FileSettlement(claim=quick, step="sent"))


async def test_a_case_that_is_registered_again_brings_only_what_is_new(store: Counted) -> None:
    held = await store.hold(part(1, 2, wait_s=0.0), numbers("g"))
    assert await store.settle(msgspec.structs.replace(done(await one(store)), files=(1,)))
    (claim,) = await claimed(store)
    await store.settle_file(FileSettlement(claim=claim, step="sent"))
    await store.hold(part(2, 2), numbers("g"))
    assert await store.settle(msgspec.structs.replace(done(await one(store)), files=(1, 2)))
    assert [(claim.case.reference, claim.number) for claim in await claimed(store)] == [(held.reference, 2)]


@pytest.mark.parametrize("kind", sorted(STORES))
async def test_they_outlive_a_restart(kind: str, tmp_path: Path) -> None:
    async with STORES[kind].opened(tmp_path, 5) as store:
        reference = await registered(store, "a", 1, 2)
        await claimed(store, 1, 0.0)
    async with STORES[kind].opened(tmp_path, 5) as store:
        assert sorted((claim.case.reference, claim.number, claim.attempts) for claim in await claimed(store)) == [
            (reference, 1, 2), (reference, 2, 1),
        ]  # fmt: skip


async def test_what_its_author_took_back_is_brought_nowhere(store: Counted) -> None:
    reference = await registered(store, "a", 1)
    case = (await life_of(store, reference)).case
    assert await store.forget(case.arrival.channel, case.arrival.source_id, "deleted", waiting=True)
    assert await claimed(store) == []
    assert (await life_of(store, reference)).files == ()


async def test_each_ledger_gets_the_files_of_its_own_cases(store: Counted) -> None:
    await put(store, "a")
    (new,) = list(await store.claim(1, LONG_S, ledgers=("",), sorting=True))
    await store.settle(Settlement(claim=new, step="submit", due=now(), ledger="bandung"))
    (claim,) = list(await store.claim(1, LONG_S, ledgers=("bandung",)))
    await store.settle(msgspec.structs.replace(done(claim), files=(1,)))
    elsewhere = await registered(store, "b", 1)
    assert [each.case.reference for each in await claimed(store)] == [elsewhere]
    assert [each.case.reference for each in await store.claim_files(9, LONG_S, ledgers=("bandung",))] == [claim.case.reference]
