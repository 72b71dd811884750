"""What every store promises, whatever stands behind it. A new store joins `stores.STORES`."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from datetime import timedelta
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec
import pytest

from channels.base import Accepted, Arrival, Unavailable
from gateway.store.record import LetterSettlement, Move, Numbers, Settlement, Step
from normalizer.reference import read, write
from tests.promises.stores import (
    LONG_S,
    REGISTERED,
    STORES,
    Counted,
    Subject,
    again,
    arrival,
    claimed,
    counted,
    done,
    letter,
    letters,
    life_of,
    no_letter,
    nothing,
    now,
    numbers,
    one,
    parked,
    part,
    put,
    receipt,
    sent,
    waits,
)

# --- put ---


async def test_what_was_put_is_on_disk_when_its_future_is_done(subject: Subject, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    async with subject.opened(tmp_path / "a", 5) as store:
        came = arrival("first")
        accepted = await store.put(came, numbers("first"))
        subject.leave(tmp_path / "a", tmp_path / "cut")
    async with subject.opened(tmp_path / "cut", 5) as left:
        life = await life_of(left, accepted.reference)
        assert (life.case.case_id, life.case.step, life.case.attempts) == (accepted.case_id, "submit", 0)
        assert life.case.arrival == came
        assert (await one(left)).case.arrival == came


async def test_what_was_put_before_is_a_duplicate_with_the_same_reference(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path, 5) as store:
        first, twin = await asyncio.gather(store.put(arrival("a"), numbers(1)), store.put(arrival("a"), numbers(2)))
        assert (first.duplicate, twin) == (False, Accepted(case_id=first.case_id, reference=first.reference, duplicate=True))
        assert await store.put(arrival("a", at=now(9_000)), numbers(3)) == twin
        await store.settle(done(await one(store)))
    async with subject.opened(tmp_path, 5) as store:
        assert await store.put(arrival("a"), numbers(4)) == twin
        assert await nothing(store)
        assert (await store.tally()).received == {"telkomsel": 1}


async def test_equal_ids_of_two_channels_are_two_cases(store: Counted) -> None:
    here = await store.put(arrival("a"), numbers(1))
    there = await store.put(arrival("a", channel="indosat"), numbers(2))
    assert not there.duplicate
    assert here.reference != there.reference
    assert (await store.tally()).received == {"indosat": 1, "telkomsel": 1}


async def test_a_fingerprint_is_the_same_case_within_the_window_and_a_new_one_after_it(store: Counted) -> None:
    first = await store.put(arrival("print", at=now(-1000), window_s=600), numbers(1))
    again_ = await store.put(arrival("print", at=now(-500), window_s=600), numbers(2))
    assert again_ == Accepted(case_id=first.case_id, reference=first.reference, duplicate=True)
    later = await store.put(arrival("print", at=now(), window_s=600), numbers(3))
    assert not later.duplicate
    assert {later.case_id, later.reference}.isdisjoint({first.case_id, first.reference})
    redelivered = await store.put(arrival("print", at=now(), window_s=600), numbers(4))
    assert redelivered == Accepted(case_id=later.case_id, reference=later.reference, duplicate=True)
    assert len(await claimed(store)) == 2


async def test_a_reference_that_another_case_has_is_passed_over_for_the_next(store: Counted) -> None:
    taken, also, free = 7, 8, 9
    first, second = await asyncio.gather(
        store.put(arrival("a"), lambda salt: (taken, also)[salt]), store.put(arrival("b"), lambda salt: (taken, also)[salt])
    )
    held = await store.hold(part(1, 2), lambda salt: (taken, also, free)[salt])
    assert len({first.reference, second.reference, held.reference}) == 3
    for accepted in (first, second, held):
        life = await life_of(store, accepted.reference)
        assert life.case.case_id == accepted.case_id


async def test_a_reference_that_is_always_taken_is_trouble_and_nothing_is_kept(store: Counted) -> None:
    await store.put(arrival("a"), lambda _: 7)
    with pytest.raises(Unavailable):
        await store.put(arrival("b"), lambda _: 7)
    assert (await store.tally()).received == {"telkomsel": 1}


async def test_a_reference_that_another_case_has_does_not_stop_a_cursor(store: Counted) -> None:
    await store.put(arrival("a"), lambda _: 7)
    (accepted,) = await store.advance(moved("11", (arrival("b"), lambda salt: 7 + salt)))
    assert not accepted.duplicate


async def test_what_was_put_before_the_end_is_kept_and_what_is_put_after_it_is_not(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path, 5) as store:
        begun = [store.put(arrival(n), numbers(n)) for n in range(20)]
    assert len({accepted.result().reference for accepted in begun}) == 20
    for late in (store.put(arrival("z"), numbers("z")), store.claim(1, 1), store.claim_letters("telkomsel", 1, 1)):
        with pytest.raises(Unavailable):
            await late
    async with subject.opened(tmp_path, 5) as store:
        assert len(await claimed(store, 50)) == 20


async def test_whoever_waits_for_work_when_the_store_closes_is_told(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path, 5) as store:
        waiting = store.claim(1, 1)
        await asyncio.sleep(0.02)
    with pytest.raises(Unavailable):
        await asyncio.wait_for(waiting, 0.2)


# --- claim ---


async def test_a_claim_counts_the_attempt_and_sets_the_lease_before_anybody_tries(subject: Subject, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    async with subject.opened(tmp_path / "a", 5) as store:
        (reference,) = await put(store, "a")
        before = now(LONG_S)
        claim = await one(store)
        assert (claim.case.attempts, claim.case.unsure) == (1, False)
        subject.leave(tmp_path / "a", tmp_path / "cut")
    async with subject.opened(tmp_path / "cut", 5) as left:
        life = await life_of(left, reference)
        assert life.case.due is not None
        assert (life.case.attempts, life.case.unsure) == (1, True)
        assert before <= life.case.due <= now(LONG_S)
        assert await nothing(left)


async def test_a_case_is_in_one_pair_of_hands(store: Counted) -> None:
    await put(store, *range(5))
    first, rest = await claimed(store, 3), await claimed(store)
    assert (len(first), len(rest)) == (3, 2)
    assert len({claim.case.case_id for claim in (*first, *rest)}) == 5
    assert await nothing(store)


async def test_a_lease_that_ends_is_claimed_again_and_the_next_attempt_asks_first(store: Counted) -> None:
    await put(store, "a")
    first = await one(store, lease_s=0.03)
    second = await one(store)
    assert second.case.case_id == first.case.case_id
    assert second.token != first.token
    assert (second.case.attempts, second.case.unsure) == (2, True)


async def test_what_is_due_first_is_claimed_first(store: Counted) -> None:
    for name, age in (("b", 20), ("c", 10), ("a", 30)):
        await store.put(arrival(name, at=now(-age)), numbers(name))
    assert [claim.case.arrival.source_id for claim in await claimed(store, 2)] == ["id-a", "id-b"]
    (third,) = await claimed(store)
    await store.settle(again(third, now(-60)))
    await store.put(arrival("d", at=now(-50)), numbers("d"))
    assert [claim.case.arrival.source_id for claim in await claimed(store)] == ["id-c", "id-d"]


async def test_a_new_arrival_does_not_overtake_what_is_due(store: Counted) -> None:
    await put(store, *range(3))
    waiting = store.claim(2, LONG_S)
    await store.put(arrival("new"), numbers("new"))
    assert [claim.case.arrival.source_id for claim in await asyncio.wait_for(waiting, 60)] == ["id-0", "id-1"]
    assert [claim.case.arrival.source_id for claim in await claimed(store)] == ["id-2", "id-new"]


async def test_whoever_waits_gets_what_comes(store: Counted) -> None:
    waiting = store.claim(10, LONG_S)
    await asyncio.sleep(0.02)
    assert not waiting.done()
    accepted = await store.put(arrival("a"), numbers("a"))
    (claim,) = await asyncio.wait_for(waiting, 60)
    assert (claim.case.case_id, claim.case.reference, claim.case.attempts) == (accepted.case_id, accepted.reference, 1)
    waiting = store.claim(10, LONG_S)
    await store.settle(again(claim, now(0.05), unsure=True))
    (later,) = await asyncio.wait_for(waiting, 60)
    assert (later.case.case_id, later.case.attempts, later.case.unsure) == (accepted.case_id, 2, True)


async def test_of_more_than_one_waits_for_the_rest_stays(store: Counted) -> None:
    waiting = store.claim(2, LONG_S)
    await asyncio.sleep(0.02)
    await asyncio.gather(*(store.put(arrival(n), numbers(n)) for n in range(5)))
    assert len(await asyncio.wait_for(waiting, 60)) == 2
    assert len(await claimed(store)) == 3


@pytest.mark.parametrize("turns", range(6))
async def test_a_claim_that_was_cancelled_is_given_back(store: Counted, turns: int) -> None:
    """At whatever moment: before the transaction, in it, or just after it."""
    (first,) = await put(store, "a")
    accepted = await life_of(store, first)
    await store.comfort([], [letter("k", accepted.case.case_id)])
    cases, answers = store.claim(1, LONG_S), store.claim_letters("telkomsel", 1, LONG_S)
    for _ in range(turns):
        await asyncio.sleep(0.001)
    given = cases.cancel(), answers.cancel()
    if given[0]:
        assert (await one(store)).case.attempts == 1
    if given[1]:
        assert (await letters(store))[0].attempts == 1


async def test_a_claim_that_was_cancelled_while_its_case_came_in_is_given_back(store: Counted) -> None:
    waiting = store.claim(1, LONG_S)
    await asyncio.sleep(0.02)
    coming = store.put(arrival("a"), numbers("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    await coming
    assert (await one(store)).case.attempts == 1


async def test_a_claim_that_was_cancelled_at_the_end_is_given_back(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path, 5) as store:
        waiting = store.claim(1, LONG_S)
        await asyncio.sleep(0.02)
        coming = store.put(arrival("a"), numbers("a"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
    await coming
    async with subject.opened(tmp_path, 5) as store:
        assert (await one(store)).case.attempts == 1


# --- settle ---


async def test_settling_with_a_stale_token_changes_nothing_and_sends_nothing(store: Counted) -> None:
    (reference,) = await put(store, "a")
    stale = await one(store, lease_s=0.02)
    ours = await one(store)
    before = await store.life(reference)
    assert await store.settle(done(stale, letter("stale", stale.case.case_id))) is False
    assert await store.life(reference) == before
    assert await no_letter(store)
    assert await store.settle(done(ours)) is True
    assert await store.settle(Settlement(claim=ours, step="parked", letters=(letter("late", ours.case.case_id),))) is False
    after = await life_of(store, reference)
    assert (after.case.step, after.case.registration, after.letters) == ("done", REGISTERED, ())


async def test_a_case_and_its_letters_are_settled_in_one_transaction(subject: Subject, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    async with subject.opened(tmp_path / "a", 5) as store:
        (reference,) = await put(store, "a")
        claim = await one(store)
        settled = store.settle(done(claim, letter("k", claim.case.case_id)))
        subject.leave(tmp_path / "a", tmp_path / "before")
        assert await settled
        subject.leave(tmp_path / "a", tmp_path / "after")
    for folder in ("before", "after"):
        async with subject.opened(tmp_path / folder, 5) as left:
            life = await life_of(left, reference)
            assert (life.case.step, len(life.letters)) in {("submit", 0), ("done", 1)}
            if folder == "after":
                assert (life.case.step, life.record, life.case.registration) == ("done", b"{}", REGISTERED)
                assert life.letters[0].letter == letter("k", claim.case.case_id)


async def test_delays_leases_and_attempts_survive_a_restart(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path, 5) as store:
        delayed, leased = await put(store, "delayed", "leased")
        due = now(0.8)
        first, _ = await claimed(store)
        await store.settle(again(first, due, unsure=True))
        before = await store.life(leased)
    async with subject.opened(tmp_path, 5) as store:
        assert await store.life(leased) == before
        claim = await one(store)
        assert now() >= due - timedelta(milliseconds=1)
        assert (claim.case.reference, claim.case.attempts, claim.case.unsure) == (delayed, 2, True)
        assert claim.case.code == "ledger_503"


KILLED = """
import asyncio, os, pathlib, sys
from tests.promises.stores import STORES, letter, letters, one, put
async def main():
    async with STORES[sys.argv[1]].opened(pathlib.Path(sys.argv[2]), 5) as store:
        await put(store, "a")
        claim = await one(store)
        await store.comfort([], [letter("k", claim.case.case_id)])
        await letters(store)
        os.kill(os.getpid(), 9)
asyncio.run(main())
"""


async def test_the_leases_of_a_process_that_was_killed_are_ended_at_once(subject: Subject, tmp_path: Path) -> None:
    (name,) = [name for name, each in STORES.items() if each is subject]
    killed = subprocess.run([sys.executable, "-c", KILLED, name, str(tmp_path)], cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -signal.SIGKILL
    async with asyncio.timeout(60), subject.opened(tmp_path, 5) as store:
        claim = await one(store)
        assert (claim.case.attempts, claim.case.unsure) == (2, True)
        assert [claim.attempts for claim in await letters(store)] == [2]
    async with asyncio.timeout(60), subject.opened(tmp_path, 5) as store:
        assert await nothing(store)


async def test_a_job_that_cannot_be_done_fails_alone(store: Counted) -> None:
    await put(store, "good", "bad")
    good, bad = await claimed(store)
    unspeakable: Any = object()

    def no_number(_salt: int) -> int:
        raise ValueError("no number")

    answers = await asyncio.gather(
        store.put(arrival("kept"), numbers("kept")),
        store.put(arrival("unkept"), no_number),
        store.settle(done(good, letter("k", good.case.case_id))),
        store.settle(msgspec.structs.replace(done(bad, letter("l", bad.case.case_id)), code=unspeakable)),
        store.hold(part(1, 2), numbers("part")),
        store.note(receipt("12")),
        return_exceptions=True,
    )
    assert [isinstance(answer, Exception) for answer in answers] == [False, True, False, True, False, False]
    assert answers[2] is True
    (fresh,) = await claimed(store)
    assert fresh.case.arrival.source_id == "id-kept"
    assert [claim.letter.key for claim in await letters(store)] == ["k"]
    assert await store.settle(done(bad)) is True


# --- people ---


@pytest.mark.parametrize("step", ["parked", "triage"])
async def test_what_waits_for_a_person_is_listed_the_oldest_first(store: Counted, step: Step) -> None:
    ids = await parked(store, *range(4), step=step)
    assert [case.case_id for case in await store.listing(step, 10)] == ids
    assert [case.case_id for case in await store.listing(step, 2)] == ids[:2]
    assert [(case.code, case.words, case.due) for case in await store.listing(step, 1)] == [("unreadable", "why", None)]
    assert await nothing(store)


@pytest.mark.parametrize("step", ["parked", "triage"])
async def test_whatever_a_person_does_is_written_down(subject: Subject, tmp_path: Path, step: Step) -> None:
    async with subject.opened(tmp_path, 5) as store:
        retried, dropped = await parked(store, "r", "d", step=step)
        references = [case.reference for case in await store.listing(step, 2)]
        waiting = store.claim(1, LONG_S)
        await asyncio.sleep(0.02)
        assert await store.edit(retried, "rini", None)
        assert await store.edit(retried, "rini", "jalan rusak")
        assert await store.retry(retried, "rini", "read it")
        assert await store.drop(dropped, "budi", "empty")
        (claim,) = await asyncio.wait_for(waiting, 60)
        assert (claim.case.case_id, claim.case.edited, claim.case.attempts) == (retried, "jalan rusak", 1)
        assert claim.case.arrival.raw == b"raw r"
    async with subject.opened(tmp_path, 5) as store:
        first, second = [await life_of(store, reference) for reference in references]
        assert [(act.by, act.act, act.words) for act in first.acts] == [*[("rini", "edit", "")] * 2, ("rini", "retry", "read it")]
        assert [(act.by, act.act, act.words) for act in second.acts] == [("budi", "drop", "empty")]
        assert second.case.step == "declined"
        assert abs(second.acts[0].at - now()) < timedelta(minutes=1)
        assert await store.listing(step, 10) == []


async def test_nobody_mends_what_is_on_its_way_or_at_its_end(store: Counted) -> None:
    waiting, finished = await put(store, "waiting", "finished")
    first, second = await claimed(store)
    await store.settle(done(second))
    for claim in (first, second):
        assert not await store.retry(claim.case.case_id, "rini", "")
        assert not await store.drop(claim.case.case_id, "rini", "")
        assert not await store.edit(claim.case.case_id, "rini", "x")
    assert not await store.drop("999", "rini", "")
    for reference in (waiting, finished):
        life = await life_of(store, reference)
        assert (life.acts, life.case.edited) == ((), None)


async def test_a_person_who_has_looked_ends_the_doubt_but_not_other_doubts(store: Counted) -> None:
    await put(store, "unknown", "bug")
    for claim, code in zip(await claimed(store), ("unknown", "bug"), strict=True):
        await store.settle(Settlement(claim=claim, step="parked", code=code, unsure=True))
        await store.retry(claim.case.case_id, "rini", "")
    assert [claim.case.unsure for claim in await claimed(store)] == [False, True]


async def test_a_case_is_found_by_any_code_that_its_sender_may_hold(store: Counted) -> None:
    (reference,) = await put(store, "a")
    claim = await one(store)
    await store.settle(done(claim))
    for code in (reference, reference.lower().replace("-", " "), "1234567", "#1234567", " 1234567 "):
        life = await life_of(store, code)
        assert life.case.case_id == claim.case.case_id
    other = "0" if reference[0] != "0" else "1"
    for code in ("", "#", "7654321", "²", other + reference[1:], "9" * 5000):
        assert await store.life(code) is None
    assert read(reference) == reference


# --- notes ---


def moved(since: str, *arrivals: tuple[Arrival, Numbers]) -> Move:
    return Move(channel="x", notes={"since": since}, arrivals=arrivals)


async def test_a_cursor_moves_with_the_messages_that_it_covers(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path, 5) as store:
        assert await store.recall("x", "since") is None
        first, twin = await store.advance(moved("10", (arrival("a"), numbers("a")), (arrival("a"), numbers("a"))))
        assert (first.duplicate, twin.duplicate) == (False, True)
        assert await store.advance(moved("11")) == []
    async with subject.opened(tmp_path, 5) as store:
        assert await store.recall("x", "since") == "11"
        assert await store.recall("telegram", "since") is None
        again_, new = await store.advance(moved("12", (arrival("a"), numbers("a")), (arrival("b"), numbers("b"))))
        assert (again_.reference, again_.duplicate, new.duplicate) == (first.reference, True, False)
        assert len(await claimed(store)) == 2


async def test_a_cursor_does_not_move_without_the_messages_that_it_covers(store: Counted) -> None:
    def no_number(_salt: int) -> int:
        raise ValueError("no number")

    await store.advance(moved("10"))
    with pytest.raises(ValueError, match="no number"):
        await store.advance(moved("11", (arrival("a"), numbers("a")), (arrival("b"), no_number)))
    assert await store.recall("x", "since") == "10"
    assert await nothing(store)


async def test_one_commit_may_bring_what_came_through_several_doors(store: Counted) -> None:
    """What waited elsewhere while the store was away comes home so; and what was told first is the reference."""
    arrivals = [(arrival(name, channel=name), numbers(name)) for name in ("email", "web")]
    move = Move(channel=" spool", notes={"file": "7"}, arrivals=arrivals, parts=[(part(1, 2), numbers("long"))])
    accepted = await store.advance(move)
    assert [each.reference for each in accepted] == [write(numbers(name)(0)) for name in ("email", "web", "long")]
    assert (await store.tally()).received == {"email": 1, "web": 1, "telkomsel": 1}
    assert await store.recall(" spool", "file") == "7"
    assert all(each.duplicate for each in await store.advance(move))
    assert await store.recount() == []


async def test_the_newest_arrival_of_a_channel_is_known(store: Counted) -> None:
    assert await store.latest("telkomsel") is None
    at = now(-5)
    await store.put(arrival("a", at=at), numbers("a"))
    await store.put(arrival("b", channel="indosat"), numbers("b"))
    latest = await store.latest("telkomsel")
    assert latest is not None
    assert abs(latest - at) < timedelta(milliseconds=1)


# --- parts ---


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
async def test_parts_come_in_any_order_and_twice_and_are_one_case(store: Counted, order: tuple[int, ...]) -> None:
    waiting = store.claim(1, LONG_S)
    taken = []
    for index in order:
        assert not waiting.done()
        taken.append(await store.hold(part(index, 3), numbers(("g", index))))
        if index != order[-1]:
            taken.append(await store.hold(part(index, 3), numbers(("g", index))))
            await asyncio.sleep(0.005)
    assert len({(accepted.case_id, accepted.reference) for accepted in taken}) == 1
    assert [accepted.duplicate for accepted in taken] == [False, True, False, True, False]
    (claim,) = await asyncio.wait_for(waiting, 60)
    assert [(each.index, each.count, each.raw) for each in claim.case.parts] == [(1, 3, b"g1"), (2, 3, b"g2"), (3, 3, b"g3")]
    assert (claim.case.step, claim.case.attempts, claim.case.arrival.raw) == ("submit", 1, b"")


async def test_two_senders_with_the_same_reference_are_two_messages_across_a_restart(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path, 5) as store:
        for group in ("ani", "budi"):
            await store.hold(part(2, 2, group=group), numbers(group))
        assert counted((await store.tally()).cases) == {"telkomsel": {"held": 2}}
        assert await nothing(store)
    async with subject.opened(tmp_path, 5) as store:
        for group in ("budi", "ani"):
            assert not (await store.hold(part(1, 2, group=group), numbers(group))).duplicate
        claims = await claimed(store)
        assert sorted(tuple(each.raw for each in claim.case.parts) for claim in claims) == [(b"ani1", b"ani2"), (b"budi1", b"budi2")]


async def test_a_phone_that_repeats_its_reference_begins_another_message(store: Counted) -> None:
    first = [await store.hold(part(n, 2, body=f"one {n}"), numbers(1)) for n in (1, 2)]
    second = [await store.hold(part(n, 2, body=f"two {n}"), numbers(2)) for n in (2, 1)]
    assert len({accepted.case_id for accepted in first}) == len({accepted.case_id for accepted in second}) == 1
    assert first[0].reference != second[0].reference
    assert sorted(tuple(each.raw for each in claim.case.parts) for claim in await claimed(store)) == [
        (b"one 1", b"one 2"),
        (b"two 1", b"two 2"),
    ]


async def test_parts_of_long_ago_belong_to_another_message(store: Counted) -> None:
    old = await store.hold(part(1, 2), numbers(1))
    new = await store.hold(part(2, 2, begun_s=-1), numbers(2))
    assert old.reference != new.reference


async def test_a_message_whose_part_never_comes_goes_on_when_its_time_is_up(store: Counted) -> None:
    began = now()
    await store.hold(part(1, 3, wait_s=0.1), numbers(1))
    await store.hold(part(3, 3, wait_s=LONG_S), numbers(1))
    claim = await one(store)
    assert now() - began >= timedelta(seconds=0.099)
    assert [each.index for each in claim.case.parts] == [1, 3]
    assert counted((await store.tally()).cases) == {"telkomsel": {"submit": 1}}


async def test_a_late_part_sends_its_message_round_again_and_the_registration_stays(store: Counted) -> None:
    reference = (await store.hold(part(2, 2, wait_s=0.02), numbers(1))).reference
    await store.settle(done(await one(store)))
    late = await store.hold(part(1, 2), numbers(2))
    assert (late.reference, late.duplicate) == (reference, False)
    claim = await one(store)
    assert [each.index for each in claim.case.parts] == [1, 2]
    assert (claim.case.registration, claim.case.attempts, claim.case.unsure) == (REGISTERED, 1, False)
    await store.settle(done(claim))
    assert (await store.hold(part(1, 2), numbers(3))).duplicate
    assert await nothing(store)
    assert (await store.tally()).received == {"telkomsel": 1}


async def test_a_part_that_comes_during_an_attempt_sends_its_message_round_again(store: Counted) -> None:
    await store.hold(part(1, 2, wait_s=0.02), numbers(1))
    claim = await one(store)
    await store.hold(part(2, 2), numbers(1))
    assert await store.settle(done(claim, letter("k", claim.case.case_id)))
    whole = await one(store)
    assert ([each.index for each in whole.case.parts], whole.case.registration) == ([1, 2], REGISTERED)
    assert await store.settle(done(whole, letter("k", claim.case.case_id)))
    assert await nothing(store)
    assert len(await letters(store)) == 1


# --- letters ---


async def test_a_letter_whose_key_is_known_is_left_alone(store: Counted) -> None:
    await put(store, "a")
    claim = await one(store)
    await store.settle(done(claim, letter("k"), letter("k"), letter("l")))
    await store.comfort([], [letter("k"), letter("m"), letter("m")])
    assert [each.letter.key for each in await letters(store)] == ["k", "l", "m"]
    assert counted((await store.tally()).letters) == {"telkomsel": {"send": 3}}


async def test_a_sender_who_has_had_enough_letters_in_this_hour_gets_no_more(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path, 2) as store:
        (reference,) = await put(store, "a")
        claim = await one(store)
        await store.settle(done(claim, *(letter(f"k{n}") for n in range(3))))
        await store.comfort([], [letter("k3"), letter("other", to="6281200000002"), letter("there", channel="indosat")])
        assert [each.letter.key for each in await letters(store)] == ["k0", "k1", "other"]
        assert [each.letter.key for each in await letters(store, channel="indosat")] == ["there"]
    async with subject.opened(tmp_path, 2) as store:
        await store.comfort([], [letter("k4")])
        assert await no_letter(store)
        life = await life_of(store, reference)
        assert [state.letter.key for state in life.letters if state.step == "muted"] == ["k2", "k3", "k4"]
        assert counted((await store.tally()).letters) == {"telkomsel": {"send": 3, "muted": 3}, "indosat": {"send": 1}}


async def test_letters_are_claimed_tried_and_settled_like_cases(store: Counted) -> None:
    (reference,) = await put(store, "a")
    claim = await one(store)
    waiting = store.claim_letters("telkomsel", 10, 0.05)
    elsewhere = store.claim_letters("indosat", 10, 0.05)
    await store.settle(done(claim, letter("k", claim.case.case_id)))
    (first,) = await asyncio.wait_for(waiting, 60)
    assert first.attempts == 1
    (second,) = await letters(store)
    assert (second.letter, second.attempts) == (first.letter, 2)
    assert await store.settle_letter(sent(first)) is False
    assert await store.settle_letter(LetterSettlement(claim=second, step="send", due=now(0.05), code="throttled")) is True
    (third,) = await letters(store)
    assert third.attempts == 3
    assert await store.settle_letter(LetterSettlement(claim=third, step="parked", code="invalid_number", words="no such number")) is True
    assert await store.settle_letter(sent(third)) is False
    assert await no_letter(store)
    assert await waits(elsewhere)
    life = await life_of(store, reference)
    (state,) = life.letters
    assert (state.step, state.attempts, state.code, state.words) == ("parked", 3, "invalid_number", "no such number")


async def test_letters_and_their_leases_survive_a_restart(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path, 5) as store:
        await store.comfort([], [letter("k"), letter("l")])
        (first,) = await letters(store, 1)
        assert first.letter == letter("k")
    async with subject.opened(tmp_path, 5) as store:
        assert [claim.letter for claim in await letters(store)] == [letter("l")]


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("ours", ["255", "00ff"])
async def test_a_receipt_meets_its_letter_early_or_late_however_its_id_is_spelled(
    subject: Subject, tmp_path: Path, ours: str, early: bool
) -> None:
    async with subject.opened(tmp_path, 5) as store:
        (reference,) = await put(store, "a")
        await store.comfort([], [letter("k")])
        (claim,) = await letters(store)
        if early:
            assert await store.note(receipt("00ff", "255")) is False
        else:
            await store.settle_letter(sent(claim, ours))
    async with subject.opened(tmp_path, 5) as store:
        if early:
            await store.settle_letter(sent(claim, ours))
        else:
            assert await store.note(receipt("00ff", "255")) is True
        life = await life_of(store, reference)
        assert (life.letters[0].step, life.letters[0].receipt) == ("sent", "delivered")


async def test_a_final_receipt_stands(store: Counted) -> None:
    (reference,) = await put(store, "a")
    await store.comfort([], [letter("k")])
    (claim,) = await letters(store)
    await store.settle_letter(sent(claim, "7", "8"))
    assert await store.note(receipt("8", state="pending"))
    assert await store.note(receipt("7", state="failed"))
    assert await store.note(receipt("8", state="pending"))
    assert not await store.note(receipt("9"))
    life = await life_of(store, reference)
    assert life.letters[0].receipt == "failed"


@pytest.mark.parametrize("early", [False, True])
async def test_a_letter_that_did_not_arrive_is_failed_whoever_said_yes_to_it(store: Counted, early: bool) -> None:
    (reference,) = await put(store, "a")
    await store.comfort([], [letter("k"), letter("l")])
    first, second = await letters(store)
    if early:
        await store.note(receipt("7", state="failed"))
    await store.settle_letter(sent(first, "7"))
    await store.settle_letter(sent(second, "8", "9"))
    if not early:
        await store.note(receipt("7", state="failed"))
    # of two parts the one arrived
    await store.note(receipt("8"))
    await store.note(receipt("9", state="failed"))
    life = await life_of(store, reference)
    assert [(state.step, state.code, state.receipt) for state in life.letters] == [
        ("failed", "undelivered", "failed"), ("sent", "", "delivered")
    ]  # fmt: skip
    assert counted((await store.tally()).letters) == {"telkomsel": {"failed": 1, "sent": 1}}


async def test_early_receipts_of_one_instant_each_meet_their_letter(store: Counted) -> None:
    (reference,) = await put(store, "a")
    await store.comfort([], [letter("k"), letter("l")])
    instant = now()
    for provider_id in ("7", "8"):
        await store.note(receipt(provider_id, at=instant))
    for claim, provider_id in zip(await letters(store), ("7", "8"), strict=True):
        await store.settle_letter(sent(claim, provider_id))
    life = await life_of(store, reference)
    assert [state.receipt for state in life.letters] == ["delivered", "delivered"]


async def test_those_who_wait_for_a_word_are_found_in_the_order_in_which_they_came(store: Counted) -> None:
    await put(store, *range(4))
    finished = await one(store)
    await store.settle(done(finished))
    await store.hold(part(1, 2), numbers("g"))
    waiting = await store.unanswered(now(1), 10)
    assert [case.arrival.source_id for case in waiting] == ["id-1", "id-2", "id-3"]
    assert await store.unanswered(waiting[0].arrival.received_at - timedelta(seconds=1), 10) == []
    await store.comfort(waiting[:1], [])
    assert await store.unanswered(now(1), 1) == waiting[1:2]


# --- trouble ---


async def test_trouble_is_told_to_those_whose_word_is_at_stake_and_ends_by_itself(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path, 5) as store:
        await put(store, "before")
        claim = await one(store)
        waiting = store.claim(1, LONG_S)
        await asyncio.sleep(0.02)
        with subject.trouble(tmp_path):
            for refused in (store.put(arrival("a"), numbers("a")), store.hold(part(1, 1), numbers("p")), store.settle(done(claim))):
                with pytest.raises(Unavailable):
                    await refused
            assert not waiting.done()
        accepted = await store.put(arrival("a"), numbers("a"))
        assert not accepted.duplicate
        assert await store.settle(done(claim))
        (found,) = await asyncio.wait_for(waiting, 60)
        assert found.case.reference == accepted.reference
        assert await store.recount() == []
        assert (await store.tally()).received == {"telkomsel": 2}


async def test_claims_given_back_while_nothing_can_be_written_are_free_when_it_can(subject: Subject, tmp_path: Path) -> None:
    async with subject.opened(tmp_path, 5) as store:
        await put(store, "a")
        claim = await one(store)
        with subject.trouble(tmp_path):
            store.release([claim])
            with pytest.raises(Unavailable):
                await store.put(arrival("b"), numbers("b"))
        (found,) = await asyncio.wait_for(store.claim(1, LONG_S), 60)
        assert (found.case.case_id, found.case.attempts) == (claim.case.case_id, 1)
        assert not await store.settle(done(claim))


async def test_a_store_that_a_fault_of_ours_ends_says_so_and_leaves_nobody_waiting(subject: Subject, tmp_path: Path) -> None:
    def fall(*_: object) -> bool:
        raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError, match="a fault of ours"):
        async with subject.opened(tmp_path, 5) as store:
            store.otherwise(fall)
            waiting, ended = store.claim(1, LONG_S), asyncio.ensure_future(store.ended())
            with subject.trouble(tmp_path):
                under_way = store.put(arrival("a"), numbers("a"))
                await asyncio.wait((ended,), timeout=60)
            late = store.put(arrival("b"), numbers("b"))
            for left in (waiting, under_way, late):
                with pytest.raises(Unavailable, match="store_closed"):
                    await asyncio.wait_for(left, 60)
            with pytest.raises(RuntimeError, match="a fault of ours"):
                await ended


async def test_a_long_backlog_is_worked_off_in_order_and_counted(store: Counted) -> None:
    at = now(-100)
    names = [f"{n:04}" for n in range(1200)]
    await asyncio.gather(*(store.put(arrival(name, at=at + timedelta(milliseconds=int(name))), numbers(name)) for name in names))
    seen: list[str] = []
    while len(seen) < len(names):
        claims = await claimed(store, 500)
        seen += [claim.case.arrival.source_id.removeprefix("id-") for claim in claims]
        assert all(await asyncio.gather(*map(store.settle, map(partial(done), claims))))
    assert seen == names
    assert counted((await store.tally()).cases) == {"telkomsel": {"done": 1200}}
