"""What every store promises to those who copy complaints into a ledger by hand."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from forwarder.ledger import Registration
from gateway.store.base import Store
from gateway.store.record import Claim, Copied, Copying, Life, Settlement
from tests.promises.stores import (
    LONG_S,
    REGISTERED,
    STORES,
    Counted,
    claimed,
    counted,
    done,
    letter,
    letters,
    life_of,
    no_letter,
    nothing,
    numbers,
    one,
    part,
    put,
)


def handed(claim: Claim, record: bytes = b"{}") -> Settlement:
    return Settlement(claim=claim, step="worklist", record=record)


async def waiting(store: Store, *names: object) -> list[str]:
    """Cases of the worklist; their ids."""
    await put(store, *names)
    claims = await claimed(store, len(names))
    for claim in claims:
        assert await store.settle(handed(claim))
    return [claim.case.case_id for claim in claims]


async def taken(store: Store, by: str = "rini", lease_s: float = LONG_S) -> str | None:
    """The id of what an officer gets."""
    life = await store.take(by, lease_s)
    return life.case.case_id if life else None


def copied(case_id: str, number: str = "", *keys: str, by: str = "rini") -> Copied:
    registration = msgspec.structs.replace(REGISTERED, tracking_id=number) if number else None
    return Copied(case_id=case_id, by=by, registration=registration, letters=tuple(letter(key, case_id) for key in keys))


async def gave(store: Store, case_id: str, number: str = "", *keys: str, by: str = "rini") -> Copying:
    return await store.register(copied(case_id, number, *keys, by=by))


async def test_an_officer_gets_none_of_those_that_he_may_not_read(store: Store) -> None:
    first, second = await waiting(store, "a", "b")
    life = await store.take("rini", LONG_S, besides=[first])
    assert life is not None
    assert life.case.case_id == second
    assert await store.take("budi", LONG_S, besides=[first]) is None
    assert await taken(store, "budi") == first
    assert await store.take("budi", LONG_S, besides=[first, second]) is None


async def by_id(store: Store, case_id: str) -> Life:
    """The life of a case, whatever it is called."""
    waits, gone = await store.listing("worklist", 99), await store.listing("declined", 99)
    (reference,) = [case.reference for case in [*waits, *gone] if case.case_id == case_id]
    return await life_of(store, reference)


def acts(life: Life) -> list[tuple[str, str, str]]:
    return [(act.by, act.act, act.words) for act in life.acts]


async def test_what_was_handed_over_waits_and_is_claimed_by_nobody(store: Counted) -> None:
    (reference,) = await put(store, "a")
    claim = await one(store)
    await store.settle(msgspec.structs.replace(handed(claim), letters=(letter("k"),)))
    life = await life_of(store, reference)
    assert (life.case.step, life.case.due, life.case.unsure, life.record) == ("worklist", None, False, b"{}")
    assert [state.letter.key for state in life.letters] == ["k"]
    assert await nothing(store)
    tally = await store.tally()
    assert counted(tally.cases) == {"telkomsel": {"worklist": 1}}
    assert "worklist" in tally.oldest
    assert await store.recount() == []


async def test_the_oldest_is_taken_first_and_two_officers_never_have_the_same(store: Counted) -> None:
    first, second = await waiting(store, "a", "b")
    assert [await taken(store), await taken(store, "budi"), await taken(store, "sari")] == [first, second, None]
    assert [(hand.case.case_id, hand.by) for hand in await store.hands(9)] == [(first, "rini"), (second, "budi")]
    assert acts(await by_id(store, first)) == [("rini", "next", "")]


async def test_who_asks_again_has_the_same_in_hand_and_it_is_one_act(store: Counted) -> None:
    first, _ = await waiting(store, "a", "b")
    assert [await taken(store) for _ in range(3)] == [first] * 3
    assert acts(await by_id(store, first)) == [("rini", "next", "")]


async def test_what_an_officer_left_lying_goes_to_the_next_one(store: Counted) -> None:
    first, second = await waiting(store, "a", "b")
    assert await taken(store, lease_s=0) == first
    assert [hand.by for hand in await store.hands(9)] == ["", ""]
    assert await taken(store, "budi") == first
    assert await taken(store) == second


async def test_what_an_officer_left_lying_is_still_his_when_nobody_else_took_it(store: Counted) -> None:
    first, _ = await waiting(store, "a", "b")
    assert [await taken(store, lease_s=0), await taken(store)] == [first, first]


async def test_what_is_put_back_is_free(store: Counted) -> None:
    (first,) = await waiting(store, "a")
    assert not await store.put_back(first, "rini")
    await taken(store)
    assert await store.put_back(first, "budi")
    assert await taken(store, "sari") == first
    assert acts(await by_id(store, first)) == [("rini", "next", ""), ("budi", "put back", ""), ("sari", "next", "")]


async def test_what_is_set_aside_waits_among_the_parked_with_the_reason(store: Counted) -> None:
    first, second = await waiting(store, "a", "b")
    await taken(store)
    assert await store.set_aside(first, "rini", "ganda")
    assert not await store.set_aside(first, "rini", "ganda")
    (listed,) = await store.listing("parked", 9)
    assert (listed.case_id, listed.code, listed.words) == (first, "set_aside", "ganda")
    assert acts(await life_of(store, listed.reference))[-1] == ("rini", "set aside", "ganda")
    assert await taken(store) == second
    assert await store.retry(first, "budi", "")
    await store.settle(handed(await one(store)))
    assert await taken(store, "budi") == first
    assert await store.recount() == []


async def test_a_number_settles_the_case_with_its_letter(store: Counted) -> None:
    (reference,) = await put(store, "a")
    claim = await one(store)
    await store.settle(handed(claim))
    await taken(store)
    assert await gave(store, claim.case.case_id, "8112829", "k") == "done"
    life = await life_of(store, "8112829")
    assert (life.case.reference, life.case.step) == (reference, "done")
    assert life.case.registration == msgspec.structs.replace(REGISTERED, tracking_id="8112829")
    assert acts(life) == [("rini", "next", ""), ("rini", "done", "#8112829")]
    assert [each.letter.key for each in await letters(store)] == ["k"]
    assert counted((await store.tally()).cases) == {"telkomsel": {"done": 1}}
    assert await store.recount() == []
    assert await taken(store) is None


async def test_the_same_number_again_changes_nothing(store: Counted) -> None:
    (case_id,) = await waiting(store, "a")
    assert [await gave(store, case_id, "8112829", "k"), await gave(store, case_id, "8112829", "l")] == ["done", "again"]
    assert [each.letter.key for each in await letters(store)] == ["k"]
    assert acts(await life_of(store, "8112829")) == [("rini", "done", "#8112829")]


async def test_a_number_is_corrected_by_who_gave_it_and_both_stand_there(store: Counted) -> None:
    (case_id,) = await waiting(store, "a")
    await gave(store, case_id, "8112829", "k")
    assert await gave(store, case_id, "8112899", "l", by="budi") == "theirs"
    assert await gave(store, case_id, "8112899", "m") == "done"
    assert await gave(store, case_id, "8112890", "n") == "done"
    assert await store.life("8112829") is None
    life = await life_of(store, "8112890")
    assert [act[1:] for act in acts(life)] == [
        ("done", "#8112829"),
        ("correct", "#8112829 -> #8112899"),
        ("correct", "#8112899 -> #8112890"),
    ]
    assert [each.letter.key for each in await letters(store)] == ["k", "m", "n"]


async def test_a_number_belongs_to_one_case(store: Counted) -> None:
    first, second = await waiting(store, "a", "b")
    await gave(store, first, "8112829")
    assert await gave(store, second, "8112829", "k") == "taken"
    assert await no_letter(store)
    await gave(store, first, "8112899")
    assert await gave(store, second, "8112829") == "done"


async def test_only_what_is_copied_by_hand_gets_a_number_by_hand(store: Counted) -> None:
    await put(store, "a")
    claim = await one(store)
    assert await gave(store, claim.case.case_id, "8112829") == "elsewhere"
    assert await gave(store, claim.case.case_id) == "numberless"
    await store.settle(done(claim))
    assert await gave(store, claim.case.case_id, "8112829") == "elsewhere"
    assert not await store.undo(claim.case.case_id, "rini")
    assert (await life_of(store, "1234567")).case.registration == REGISTERED
    assert acts(await life_of(store, "1234567")) == []


async def test_undo_brings_it_back_without_its_number(store: Counted) -> None:
    (case_id,) = await waiting(store, "a")
    assert not await store.undo(case_id, "rini")
    await gave(store, case_id, "8112829", "k")
    assert await store.undo(case_id, "budi")
    assert not await store.undo(case_id, "budi")
    life = await by_id(store, case_id)
    assert (life.case.step, life.case.registration) == ("worklist", None)
    assert acts(life) == [("rini", "done", "#8112829"), ("budi", "undo", "#8112829")]
    assert await store.recount() == []
    assert await taken(store, "sari") == case_id
    assert await gave(store, case_id, "8112899", "l", by="sari") == "done"
    assert [each.letter.key for each in await letters(store)] == ["k", "l"]


async def amended(store: Store, record: bytes = b"{}") -> str:
    """A message that edits may follow, registered by hand, and amended since; its id."""
    accepted = await store.hold(part(1, 0, wait_s=0), numbers("g"))
    await store.settle(handed(await one(store)))
    assert await gave(store, accepted.case_id, "8112829") == "done"
    await store.hold(part(2, 0, wait_s=0), numbers("g"))
    await store.settle(handed(await one(store), record))
    return accepted.case_id


async def test_a_supplement_keeps_the_number_and_is_confirmed_without_one(store: Counted) -> None:
    case_id = await amended(store)
    life = await life_of(store, "8112829")
    assert life.case.step == "worklist"
    assert await taken(store) == case_id
    assert await gave(store, case_id) == "done"
    assert acts(await life_of(store, "8112829"))[-1] == ("rini", "confirm", "")
    assert await gave(store, case_id) == "again"
    assert await store.recount() == []


async def test_undo_of_a_supplement_brings_back_the_supplement_then_the_number(store: Counted) -> None:
    case_id = await amended(store)
    await gave(store, case_id)
    assert await store.undo(case_id, "rini")
    assert (await life_of(store, "8112829")).case.step == "worklist"
    assert await store.undo(case_id, "rini")
    assert (await by_id(store, case_id)).case.registration is None
    assert not await store.undo(case_id, "rini")


async def test_what_another_ledger_registered_can_be_supplemented_and_keeps_its_number(store: Counted) -> None:
    accepted = await store.hold(part(1, 0, wait_s=0), numbers("g"))
    await store.settle(done(await one(store)))
    await store.hold(part(2, 0, wait_s=0), numbers("g"))
    await store.settle(handed(await one(store)))
    assert await gave(store, accepted.case_id, "8112829") == "theirs"
    assert await gave(store, accepted.case_id) == "done"
    assert await store.undo(accepted.case_id, "rini")
    assert not await store.undo(accepted.case_id, "rini")
    assert (await life_of(store, "1234567")).case.step == "worklist"


async def test_what_came_while_it_was_copied_is_copied_too(store: Counted) -> None:
    accepted = await store.hold(part(1, 0, wait_s=0), numbers("g"))
    await store.settle(handed(await one(store)))
    await taken(store)
    await store.hold(part(2, 0, wait_s=0), numbers("g"))
    await store.settle(handed(await one(store), b'{"more": 1}'))
    assert await gave(store, accepted.case_id, "8112829", "k") == "more"
    life = await life_of(store, "8112829")
    assert (life.case.step, life.record) == ("worklist", b'{"more": 1}')
    assert [each.letter.key for each in await letters(store)] == ["k"]
    await taken(store)
    assert await gave(store, accepted.case_id) == "done"
    assert [act[1] for act in acts(await life_of(store, "8112829"))] == ["next", "done", "next", "confirm"]
    assert await store.recount() == []


async def test_a_supplement_that_grew_since_it_was_shown_is_not_confirmed(store: Counted) -> None:
    case_id = await amended(store)
    await taken(store)
    await store.hold(part(3, 0, wait_s=0), numbers("g"))
    await store.settle(handed(await one(store), b'{"more": 1}'))
    assert await gave(store, case_id) == "more"
    assert await taken(store) == case_id
    assert await gave(store, case_id) == "done"


async def test_a_part_that_comes_in_the_moment_of_handing_over_is_read(store: Counted) -> None:
    await store.hold(part(1, 0, wait_s=0), numbers("g"))
    claim = await one(store)
    await store.hold(part(2, 0, wait_s=0), numbers("g"))
    await store.settle(handed(claim))
    assert len((await one(store)).case.parts) == 2


async def test_what_nobody_has_in_hand_is_withdrawn_and_what_an_officer_has_waits_for_him(store: Counted) -> None:
    first, second = await waiting(store, "a", "b")
    await taken(store)
    assert [await store.withdraw(first), await store.withdraw(second)] == ["busy", "withdrawn"]
    assert acts(await by_id(store, first)) == [("rini", "next", "")]
    assert await gave(store, second, "8112829") == "elsewhere"
    await store.put_back(first, "rini")
    assert await store.withdraw(first) == "withdrawn"
    assert await taken(store) is None
    assert await store.recount() == []
    assert counted((await store.tally()).cases) == {"telkomsel": {"declined": 2}}


async def test_what_got_its_number_is_not_withdrawn(store: Counted) -> None:
    (case_id,) = await waiting(store, "a")
    await taken(store)
    await gave(store, case_id, "8112829")
    assert await store.withdraw(case_id) == "too_late"


async def test_what_its_author_took_back_is_purged_when_no_officer_has_it(store: Counted) -> None:
    (case_id,) = await waiting(store, "a")
    await taken(store)
    assert not await store.forget("telkomsel", "id-a", "deleted", waiting=True)
    await store.put_back(case_id, "rini")
    assert await store.forget("telkomsel", "id-a", "deleted", waiting=True)
    assert await taken(store) is None
    assert (await by_id(store, case_id)).case.step == "declined"


async def test_the_wait_for_a_number_is_measured(store: Counted) -> None:
    assert (await store.tally()).copied_s is None
    for case_id, number in zip(await waiting(store, "a", "b", "c"), ("8112821", "8112822", "8112823"), strict=True):
        await gave(store, case_id, number)
    measured = (await store.tally()).copied_s
    assert measured is not None
    assert 0 <= measured < LONG_S


async def test_each_ledger_has_a_worklist_and_numbers_of_its_own(store: Counted) -> None:
    await put(store, "a", "b")
    for claim, ledger in zip(await claimed(store, 2), ("", "kota"), strict=True):
        await store.settle(msgspec.structs.replace(handed(claim), ledger=ledger))
    theirs = await store.take("rini", LONG_S, ledgers=["kota"])
    assert theirs is not None
    ours = await store.take("rini", LONG_S)
    assert ours is not None
    assert (ours.case.ledger, theirs.case.ledger) == ("", "kota")
    assert [hand.case.case_id for hand in await store.hands(9, ledgers=["kota"])] == [theirs.case.case_id]
    assert await gave(store, ours.case.case_id, "8112829") == "done"
    assert await gave(store, theirs.case.case_id, "8112829") == "done"


async def test_two_officers_who_give_one_case_two_numbers_at_once_leave_one(store: Counted) -> None:
    (case_id,) = await waiting(store, "a")
    first, second = await asyncio.gather(gave(store, case_id, "8112829", "k"), gave(store, case_id, "8112899", "l", by="budi"))
    assert (first, second) == ("done", "theirs")
    assert [each.letter.key for each in await letters(store)] == ["k"]


async def test_hands_and_numbers_survive_a_restart(tmp_path: Path) -> None:
    subject = STORES["sqlite"]
    async with subject.opened(tmp_path, 5) as store:
        first, second = await waiting(store, "a", "b")
        await taken(store)
        await gave(store, second, "8112829", "k")
        subject.leave(tmp_path, tmp_path / "after")
    async with subject.opened(tmp_path / "after", 5) as store:
        assert [hand.by for hand in await store.hands(9)] == ["rini"]
        assert await taken(store, "budi") is None
        assert await taken(store) == first
        assert (await life_of(store, "8112829")).case.registration == Registration(
            tracking_id="8112829", registered_at=REGISTERED.registered_at, url=REGISTERED.url
        )
        assert [each.letter.key for each in await letters(store)] == ["k"]
