"""What every store promises about tries: the last ones of each case are there, with its letters', in the order in which they ended."""

from __future__ import annotations

import msgspec

from gateway.store.record import Claim, FileSettlement, LetterSettlement
from gateway.store.trying import FILE, LEDGER, MOST, Try
from tests.promises.stores import Counted, again, claimed, done, letter, letters, life_of, now, one, put, sent


def tried(nth: int, *, of: str = LEDGER, step: str = "submit", code: str = "http_503") -> Try:
    return Try(of=of, nth=nth, at=now(), took_s=0.125, step=step, code=code)


async def failed(store: Counted, claim: Claim, nth: int) -> Try:
    one_try = tried(nth)
    assert await store.settle(msgspec.structs.replace(again(claim, now(-1)), tried=one_try))
    return one_try


async def test_tries_at_the_ledger_and_of_letters_are_kept_in_the_order_in_which_they_ended(store: Counted) -> None:
    (code,) = await put(store, 1)
    first = await failed(store, await one(store), 1)
    second = tried(2, step="done", code="")
    claim = await one(store)
    key = f"{claim.case.case_id}:registered"
    assert await store.settle(msgspec.structs.replace(done(claim, letter(key, claim.case.case_id)), tried=second))
    (written,) = await letters(store)
    third = tried(1, of=key, step="send", code="throttled")
    assert await store.settle_letter(LetterSettlement(claim=written, step="send", due=now(-1), code="throttled", tried=third))
    (written,) = await letters(store)
    fourth = tried(2, of=key, step="sent", code="")
    assert await store.settle_letter(msgspec.structs.replace(sent(written, "p1"), tried=fourth))
    assert (await life_of(store, code)).tries == (first, second, third, fourth)


async def test_a_success_that_brings_no_try_leaves_none(store: Counted) -> None:
    (code,) = await put(store, 1)
    assert await store.settle(done(await one(store)))
    assert (await life_of(store, code)).tries == ()


async def test_of_each_case_the_last_tries_are_kept(store: Counted) -> None:
    (other,) = await put(store, "other")
    kept = [await failed(store, await one(store), 1)]
    assert await store.settle(done(await one(store)))
    (code,) = await put(store, 1)
    ended = [await failed(store, await one(store), nth) for nth in range(1, MOST + 4)]
    assert (await life_of(store, code)).tries == tuple(ended[-MOST:])
    assert (await life_of(store, other)).tries == tuple(kept)


async def test_a_try_whose_claim_is_stale_is_not_kept(store: Counted) -> None:
    (code,) = await put(store, 1)
    (claim,) = await claimed(store)
    assert await store.settle(again(claim, now(600)))
    assert not await store.settle(msgspec.structs.replace(again(claim, now(-1)), tried=tried(1)))
    assert (await life_of(store, code)).tries == ()


async def test_what_the_other_side_answered_is_kept_with_a_try_and_with_its_letter(store: Counted) -> None:
    (code,) = await put(store, 1)
    first = msgspec.structs.replace(tried(1), said="POST /complaints\nHTTP 503\nSedang dirawat")
    assert await store.settle(msgspec.structs.replace(again(await one(store), now(-1)), tried=first))
    claim = await one(store)
    key = f"{claim.case.case_id}:registered"
    assert await store.settle(done(claim, letter(key, claim.case.case_id)))
    (written,) = await letters(store)
    refused = LetterSettlement(claim=written, step="send", due=now(-1), code="relay_said_451", said="451 4.7.1 nanti", answered_at=now(-5))
    assert await store.settle_letter(refused)
    life = await life_of(store, code)
    assert [each.said for each in life.tries] == [first.said]
    assert [(each.said, each.answered_at) for each in life.letters] == [(refused.said, refused.answered_at)]
    (written,) = await letters(store)
    taken = msgspec.structs.replace(sent(written, "p1"), said="")
    assert await store.settle_letter(taken)
    assert [(each.said, each.answered_at) for each in (await life_of(store, code)).letters] == [("", taken.answered_at)]


async def test_a_try_of_a_file_is_kept_unless_its_claim_is_stale(store: Counted) -> None:
    (code,) = await put(store, 1)
    assert await store.settle(msgspec.structs.replace(done(await one(store)), files=(1,)))
    (claim,) = await store.claim_files(10, 60.0)
    one_try = tried(1, of=f"{FILE}1", step="parked", code="http_413")
    settled = FileSettlement(claim=claim, step="parked", code="http_413", tried=one_try)
    assert await store.settle_file(settled)
    assert not await store.settle_file(msgspec.structs.replace(settled, claim=msgspec.structs.replace(claim, token=claim.token + 1)))
    assert (await life_of(store, code)).tries == (one_try,)


async def test_what_was_answered_goes_with_what_its_author_takes_back(store: Counted) -> None:
    (code,) = await put(store, 1)
    await failed(store, await one(store), 1)
    claim = await one(store)
    assert await store.settle(done(claim, letter("k", claim.case.case_id)))
    (written,) = await letters(store)
    assert await store.settle_letter(sent(written, "p1"))
    assert await store.forget("telkomsel", "id-1", "deleted", waiting=True)
    life = await life_of(store, code)
    assert (life.tries, [each.said for each in life.letters]) == ((), [""])
