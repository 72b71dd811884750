"""What every store promises to the doors that poll, carry files, are amended, or take back what they said."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from channels.base import Attachment, Enclosure, Gathered, Part
from gateway.store.record import GATHERING, Move, Settlement
from tests.promises.stores import (
    LONG_S,
    REGISTERED,
    Counted,
    Subject,
    again,
    arrival,
    claimed,
    done,
    letter,
    life_of,
    now,
    numbers,
    one,
    part,
    put,
)  # fmt: skip

# --- notes ---


async def test_notes_are_set_taken_away_and_listed_by_channel(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path, 5) as store:
        await store.advance(Move(channel="x", notes={"post 2": "b", "post 1": "a", "since": "9", "gone": "x"}))
        await store.advance(Move(channel="x", notes={"gone": None, "post 1": "c", "never": None}))
        assert await store.recall("x", "gone") is None
        assert list((await store.recalled("x", "post ", 10)).items()) == [("post 1", "c"), ("post 2", "b")]
        assert list(await store.recalled("x", "post ", 1)) == ["post 1"]
        assert await store.recalled("x", "%", 10) == {}
        assert await store.recalled("telegram", "", 10) == {}
    async with subject.opened(tmp_path, 5) as store:
        assert await store.recall("x", "since") == "9"


# --- files, facts, amendments ---


PHOTO = Attachment(name="foto \ud800.jpg", media_type="image/jpeg", content=b"\xff\xd8 no picture")
SHOWN = Enclosure(name="foto ?.jpg", media_type="image/jpeg", size=13)


async def test_files_are_kept_with_their_arrival_and_told_of_in_its_claim(subject: Subject, tmp_path: Path) -> None:
    with_files = msgspec.structs.replace(arrival("a"), files=(PHOTO, PHOTO))
    async with subject.opened(tmp_path, 5) as store:
        accepted = await store.put(with_files, numbers("a"))
        again_ = await store.put(with_files, numbers("a"))
        assert again_ == msgspec.structs.replace(accepted, duplicate=True)
    async with subject.opened(tmp_path, 5) as store:
        claim = await one(store)
        assert claim.case.files == (SHOWN, SHOWN)
        assert claim.case.arrival.files == ()
        assert [each.content for each in await store.files(claim.case.case_id)] == [PHOTO.content] * 2


async def test_files_are_told_of_when_a_case_is_handed_over_as_it_comes(store: Counted) -> None:
    waiting = store.claim(1, LONG_S)
    await put(store, "first")
    await waiting
    waiting = store.claim(1, LONG_S)
    await asyncio.sleep(0.05)
    await store.put(msgspec.structs.replace(arrival("a"), files=(PHOTO,)), numbers("a"))
    (claim,) = await waiting
    assert [each.size for each in claim.case.files] == [13]


async def test_what_was_gathered_comes_with_the_next_claim(store: Counted) -> None:
    await put(store, "a")
    first = await one(store)
    assert first.case.facts is None
    gathered = Gathered(files=(PHOTO,), facts={"spf": "pass"})
    assert await store.settle(Settlement(claim=first, step="submit", due=now(), gathered=gathered))
    second = await one(store)
    assert (second.case.facts, second.case.files) == ({"spf": "pass"}, (SHOWN,))
    assert await store.settle(Settlement(claim=second, step="submit", due=now(), gathered=Gathered()))
    third = await one(store)
    assert (third.case.facts, third.case.files) == ({}, (SHOWN,))


async def test_an_amendment_has_its_files_fetched_and_nothing_is_thrown_away_for_nothing(store: Counted) -> None:
    await put(store, "a")
    await store.settle(Settlement(claim=await one(store), step="submit", due=now(), gathered=Gathered(files=(PHOTO,), facts={"a": "b"})))
    assert await store.settle(done(await one(store)))
    await store.hold(edit("a", 100), numbers("e"))
    claim = await one(store)
    assert (claim.case.facts, claim.case.files) == (None, (SHOWN,))
    await store.settle(Settlement(claim=claim, step="submit", due=now(), gathered=Gathered()))
    claim = await one(store)
    assert (claim.case.facts, claim.case.files) == ({}, (SHOWN,))
    other = msgspec.structs.replace(PHOTO, name="lain.jpg", content=b"12")
    await store.settle(Settlement(claim=claim, step="submit", due=now(), gathered=Gathered(files=(other, PHOTO))))
    assert [each.size for each in (await one(store)).case.files] == [2, 13]


async def test_what_is_amended_while_it_is_gathered_is_gathered_again(store: Counted) -> None:
    await put(store, "a")
    claim = await one(store)
    await store.hold(edit("a", 100), numbers("e"))
    await store.settle(Settlement(claim=claim, step="submit", due=now(), gathered=Gathered(files=(PHOTO,))))
    claim = await one(store)
    assert (claim.case.facts, claim.case.files, len(claim.case.parts)) == (None, (), 1)


async def test_a_stale_claim_leaves_no_files(store: Counted) -> None:
    await put(store, "a")
    first = await one(store, lease_s=0)
    second = await one(store)
    assert not await store.settle(Settlement(claim=first, step="submit", due=now(), gathered=Gathered(files=(PHOTO,))))
    assert await store.files(second.case.case_id) == []


def edit(name: str, index: int) -> Part:
    """A second thought about the arrival of this name."""
    return msgspec.structs.replace(part(index, 0, group=f"id-{name}", wait_s=0), same_since=now(-1e6))


async def test_an_amendment_sends_a_finished_case_round_again_and_one_that_waits_takes_it_along(store: Counted) -> None:
    (reference,) = await put(store, "a")
    accepted = await store.hold(edit("a", 100), numbers("e"))
    assert accepted.reference == reference
    claim = await one(store)
    assert [each.index for each in claim.case.parts] == [100]
    assert claim.case.arrival.raw == b"raw a"
    # One that comes while the case is in hand is not overlooked.
    await store.advance(Move(channel="telkomsel", notes={"offset": "7"}, parts=[(edit("a", 200), numbers("f"))]))
    assert await store.settle(done(claim))
    claim = await one(store)
    assert [each.index for each in claim.case.parts] == [100, 200]
    assert await store.settle(done(claim))
    assert (await store.hold(edit("a", 200), numbers("f"))).duplicate
    await store.hold(edit("a", 300), numbers("g"))
    claim = await one(store)
    assert [each.index for each in claim.case.parts] == [100, 200, 300]
    assert claim.case.registration == REGISTERED
    assert (await store.tally()).received == {"telkomsel": 1}


async def test_an_amendment_of_what_never_came_is_a_case_of_its_own(store: Counted) -> None:
    await store.hold(edit("a", 100), numbers("e"))
    claim = await one(store)
    assert (claim.case.arrival.raw, [each.index for each in claim.case.parts]) == (b"", [100])


# --- large ones ---


async def test_a_large_message_comes_back_octet_for_octet_among_small_ones(subject: Subject, tmp_path: Path) -> None:
    raws = {name: bytes(range(256)) * times for name, times in (("a", 8), ("b", 9), ("c", 400))}
    async with subject.opened(tmp_path, 5) as store:
        for name, raw in raws.items():
            await store.put(msgspec.structs.replace(arrival(name), raw=raw), numbers(name))
    async with subject.opened(tmp_path, 5) as store:
        claims = await claimed(store)
        assert {claim.case.arrival.source_id.removeprefix("id-"): claim.case.arrival.raw for claim in claims} == raws
        for claim in claims:
            assert await store.settle(done(claim))
        assert (await life_of(store, claims[2].case.reference)).case.arrival.raw == raws["c"]
        assert await store.forget("telkomsel", "id-c", "deleted", waiting=True)
        assert (await life_of(store, claims[2].case.reference)).case.arrival.raw == b""


# --- what an author takes back ---


async def test_what_an_author_takes_back_is_gone_and_that_it_came_is_not(store: Counted) -> None:
    await store.put(msgspec.structs.replace(arrival("a"), files=(PHOTO,)), numbers("a"))
    await put(store, "b", "c")
    claims = await claimed(store)
    assert not await store.forget("telkomsel", "id-a", "deleted", waiting=True), "it is in somebody's hands"
    assert await store.settle(done(claims[0], letter("k")))
    store.release(claims[1:])
    assert await store.forget("telkomsel", "id-a", "deleted", waiting=True)
    assert await store.forget("telkomsel", "id-b", "deleted", waiting=True)
    assert not await store.forget("telkomsel", "id-z", "deleted", waiting=True)
    assert not await store.forget("x", "id-c", "deleted", waiting=True)
    kept, gone = await life_of(store, claims[0].case.reference), await life_of(store, claims[1].case.reference)
    assert (kept.case.step, kept.case.arrival.raw, kept.record, kept.case.files) == ("done", b"", None, ())
    assert kept.case.registration == REGISTERED
    assert await store.files(kept.case.case_id) == []
    assert [(act.by, act.act, act.words) for act in kept.acts] == [("channel", "forget", "deleted")]
    assert (gone.case.step, gone.case.code, gone.case.arrival.raw) == ("declined", "deleted", b"")
    assert [each.case.arrival.source_id for each in await claimed(store)] == ["id-c"]


async def test_what_still_waits_for_somebody_keeps_its_words_when_it_must(store: Counted) -> None:
    await put(store, "a", "b", "c")
    parked_, done_, open_ = await claimed(store)
    await store.settle(Settlement(claim=parked_, step="parked", code="unreadable"))
    await store.settle(done(done_))
    store.release([open_])
    assert [await store.forget("telkomsel", f"id-{name}", "watch_ended", waiting=False) for name in "abc"] == [False, True, False]
    assert (await life_of(store, parked_.case.reference)).case.arrival.raw == b"raw a"


# --- what goes to no ledger ---


async def test_the_declined_are_listed_the_newest_first(store: Counted) -> None:
    await put(store, "a", "b")
    for claim in await claimed(store):
        await store.settle(Settlement(claim=claim, step="declined", code="auto_reply"))
    assert [case.arrival.source_id for case in await store.listing("declined", 10)] == ["id-b", "id-a"]
    assert len(await store.listing("declined", 1)) == 1


async def test_a_person_admits_what_was_put_aside(store: Counted) -> None:
    await put(store, "a")
    claim = await one(store)
    assert not claim.case.admitted
    await store.settle(Settlement(claim=claim, step="triage", code="hashtag_only"))
    assert await store.retry(claim.case.case_id, "rini", "it is one")
    assert (await one(store)).case.admitted


async def test_nobody_is_comforted_while_something_is_gathered(store: Counted) -> None:
    await put(store, "a", "b")
    first, second = await claimed(store)
    await store.settle(Settlement(claim=first, step="submit", due=now(600), code=GATHERING))
    await store.settle(again(second, now(600)))
    assert [case.case_id for case in await store.unanswered(now(1), 10)] == [second.case.case_id]
