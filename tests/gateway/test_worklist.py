"""The desk at which officers copy: what they see, what they may give back, and what the citizen hears of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.base import Part
from gateway.worklist import LEASE_S, NotDone, Worklist
from tests.gateway.copying import Copying, copying
from tests.gateway.tiny import CITIZEN
from tests.promises.stores import now, numbers


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Copying]:
    async with copying(tmp_path) as opened:
        yield opened


async def test_what_is_handed_over_waits_with_its_record_and_its_sender_hears_a_receipt(at: Copying) -> None:
    accepted = await at.put()
    life = await at.here.life(accepted.reference)
    assert (life.case.step, life.case.due, life.case.unsure) == ("worklist", None, False)
    assert life.record is not None
    ((kind, text),) = await at.told()
    assert (kind, accepted.reference in text) == ("receipt", True)
    assert [line["event"] for line in at.here.said()] == ["submitted", "handed", "told"]
    assert at.here.metrics.forwarded == {("lapor", "handed"): 1}


async def test_an_officer_gets_the_sheet_unmasked_and_it_is_written_down(at: Copying) -> None:
    accepted = await at.put()
    await at.put("lampu mati")
    work = await at.worklist.next("Rini")
    assert work is not None
    assert (work.code, work.channel, work.sheet.sender) == (accepted.reference, "tiny", CITIZEN)
    assert work.sheet.block.startswith("jalan rusak di depan pasar\n\n")
    assert work.sheet.block.endswith(f"Kode laporan: {accepted.reference}")
    assert abs(work.until - datetime.now(UTC) - timedelta(seconds=LEASE_S)) < timedelta(minutes=1)
    life = await at.here.life(accepted.reference)
    assert [(act.by, act.act) for act in life.acts] == [("Rini", "next")]


async def test_the_list_says_who_has_what_and_nothing_else(at: Copying) -> None:
    first, second = await at.put(), await at.put("lampu mati")
    await at.worklist.next("Rini")
    lines = await at.worklist.waiting(9)
    assert [(line.code, line.by) for line in lines] == [(first.reference, "Rini"), (second.reference, "")]
    assert "jalan rusak" not in str(lines)
    assert CITIZEN not in str(lines)
    assert await at.worklist.waiting(1) == lines[:1]


async def test_nothing_waits(at: Copying) -> None:
    assert await at.worklist.next("Rini") is None
    assert await at.worklist.waiting(9) == []


async def test_the_citizen_hears_the_number_once(at: Copying) -> None:
    accepted = await at.put()
    await at.told()
    for _ in range(2):
        standing = await at.worklist.done(accepted.reference.lower(), "Rini", " #8112829 ")
        assert (standing.code, standing.step, standing.tracking_id) == (accepted.reference, "done", "8112829")
    told = await at.told()
    assert [kind for kind, _ in told] == ["receipt", "registered"]
    assert "8112829" in told[-1][1]
    assert accepted.reference in told[-1][1]


async def test_a_corrected_number_is_told_as_such_each_time(at: Copying) -> None:
    accepted = await at.put()
    await at.told()
    for number in ("8112829", "8112899", "8112829"):
        await at.worklist.done(accepted.reference, "Rini", number)
    told = await at.told()
    assert [kind for kind, _ in told] == ["receipt", "registered", "corrected", "corrected"]
    assert ["8112829" in text for _, text in told] == [False, True, False, True]


async def test_after_undo_the_citizen_hears_nothing_until_there_is_another_number(at: Copying) -> None:
    accepted = await at.put()
    await at.worklist.done(accepted.reference, "Rini", "8112829")
    before = await at.told()
    standing = await at.worklist.undo(accepted.reference, "Budi")
    assert (standing.step, standing.tracking_id) == ("worklist", "")
    work = await at.worklist.next("Budi")
    assert work is not None
    assert work.sheet.supplement_to == ""
    await at.worklist.done(accepted.reference, "Budi", "8112899")
    told = await at.told()
    assert told[: len(before)] == before
    ((kind, text),) = told[len(before) :]
    assert (kind, "8112899" in text) == ("corrected", True)


async def test_a_number_that_was_taken_back_by_mistake_is_not_told_again(at: Copying) -> None:
    accepted = await at.put()
    await at.worklist.done(accepted.reference, "Rini", "8112829")
    before = await at.told()
    await at.worklist.undo(accepted.reference, "Rini")
    await at.worklist.done(accepted.reference, "Rini", "8112829")
    life = await at.here.life(accepted.reference)
    assert life.case.step == "done"
    assert len(life.letters) == len(before)


async def edited(at: Copying, index: int, text: str) -> str:
    """A message that edits may follow, tried once more; its reference."""
    piece = Part(
        channel="tiny", group="g", index=index, count=0, raw=text.encode(), fingerprint=f"f{index}", received_at=now(), wait_until=now(),
        same_since=now(-60),
    )  # fmt: skip
    accepted = await at.here.store.hold(piece, numbers("g"))
    await at.submit()
    return accepted.reference


async def test_a_supplement_names_the_number_and_is_confirmed_without_one(at: Copying) -> None:
    reference = await edited(at, 1, f"{CITIZEN}|jalan ")
    await at.worklist.done(reference, "Rini", "8112829")
    await at.told()
    await edited(at, 2, "rusak")
    work = await at.worklist.next("Rini")
    assert work is not None
    assert work.sheet.supplement_to == "8112829"
    assert work.sheet.block.startswith("Tambahan untuk laporan #8112829\n\njalan rusak\n")
    standing = await at.worklist.done(reference, "Rini")
    assert (standing.step, standing.tracking_id) == ("done", "8112829")
    life = await at.here.life(reference)
    assert [state.letter.kind for state in life.letters] == ["receipt", "registered"]
    assert (await at.worklist.undo(reference, "Rini")).tracking_id == "8112829"


async def test_what_its_sender_adds_comes_back_as_a_supplement(at: Copying) -> None:
    accepted = await at.put()
    await at.worklist.done(accepted.reference, "Rini", "8112829")
    await at.put(f"TAMBAH {accepted.reference} juga di depan masjid")
    await at.submit()
    work = await at.worklist.next("Rini")
    assert work is not None
    assert (work.code, work.sheet.supplement_to) == (accepted.reference, "8112829")
    assert f"jalan rusak di depan pasar\n[tambahan] TAMBAH {accepted.reference} juga di depan masjid\n" in work.sheet.block
    assert (await at.worklist.done(accepted.reference, "Rini")).step == "done"
    assert await at.worklist.next("Rini") is None


async def test_what_came_while_it_was_copied_comes_back_as_a_supplement(at: Copying) -> None:
    reference = await edited(at, 1, f"{CITIZEN}|jalan ")
    await at.worklist.next("Rini")
    await edited(at, 2, "rusak")
    standing = await at.worklist.done(reference, "Rini", "8112829")
    assert (standing.step, standing.tracking_id) == ("worklist", "8112829")
    assert [kind for kind, _ in await at.told()] == ["receipt", "registered"]
    await at.worklist.next("Rini")
    assert (await at.worklist.done(reference, "Rini")).step == "done"


async def test_a_supplement_that_grew_is_shown_again_before_it_is_confirmed(at: Copying) -> None:
    reference = await edited(at, 1, f"{CITIZEN}|jalan ")
    await at.worklist.done(reference, "Rini", "8112829")
    await edited(at, 2, "rusak")
    await at.worklist.next("Rini")
    await edited(at, 3, " parah")
    with pytest.raises(NotDone, match="more has come"):
        await at.worklist.done(reference, "Rini")
    assert (await at.worklist.waiting(9))[0].tracking_id == "8112829"


async def refusal(at: Copying, code: str, number: str = "", by: str = "Rini") -> tuple[str, str]:
    with pytest.raises(NotDone) as refused:
        await at.worklist.done(code, by, number)
    return refused.value.why, refused.value.words


async def test_what_does_not_fit_is_refused_in_one_sentence(at: Copying) -> None:
    first, second = await at.put(), await at.put("lampu mati")
    await at.worklist.done(first.reference, "Rini", "8112829")
    one, two = first.reference, second.reference
    assert await refusal(at, two, "8112") == ("invalid", "a tracking id has 5 to 12 digits, with or without # before them")
    assert await refusal(at, two, "8112829") == ("conflict", f"{two}: #8112829 is the number of {one}; correct that one first")
    assert await refusal(at, two) == ("conflict", f"{two} has no number yet: give the one that the ledger shows")
    assert await refusal(at, one, "8112899", by="Budi") == (
        "conflict",
        f"{one} has #8112829 from Rini, who may correct it; or undo that first",
    )
    assert await refusal(at, "8112829", "8112899") == ("unknown", "8112829 is no code of ours")
    assert (await refusal(at, f"{two[:-1]}{'7' if two[-1] != '7' else '8'}", "8112899"))[1].endswith("so a symbol is mistyped")
    for name in ("", "  ", "x" * 41, "ri\x00ni"):
        assert (await refusal(at, two, "8112899", by=name))[0] == "invalid"
    assert (await at.worklist.waiting(9))[0].code == two


async def test_what_is_elsewhere_or_nowhere_is_not_copied(at: Copying) -> None:
    unread = await at.here.put(b"no sender")
    await at.submit()
    assert await refusal(at, unread.reference, "8112899") == ("conflict", f"{unread.reference} is not in the worklist (parked)")
    assert await refusal(at, "0000-0000-0000", "8112899") == ("unknown", "no case here has the code 0000-0000-0000")
    for act in (at.worklist.undo, at.worklist.put_back):
        with pytest.raises(NotDone):
            await act(unread.reference, "Rini")


async def test_whoever_copies_into_one_ledger_neither_sees_nor_numbers_what_is_another_s(at: Copying) -> None:
    accepted = await at.put()
    city = Worklist(at.here.store, at.here.clerk, ["kota"])
    assert await city.waiting(9) == []
    assert await city.next("Budi") is None
    for act in (city.done(accepted.reference, "Budi", "8112829"), city.undo(accepted.reference, "Budi")):
        with pytest.raises(NotDone) as refused:
            await act
        assert refused.value.why == "unknown"
    work = await at.worklist.next("Rini")
    assert work is not None
    assert work.ledger == "ledger"


async def test_what_is_put_back_goes_to_the_next_officer(at: Copying) -> None:
    accepted = await at.put()
    await at.worklist.next("Rini")
    assert await at.worklist.next("Budi") is None
    await at.worklist.put_back(accepted.reference, "Rini")
    work = await at.worklist.next("Budi")
    assert work is not None
    assert work.code == accepted.reference


async def test_batal_withdraws_what_nobody_has_in_hand_and_waits_for_who_has(at: Copying) -> None:
    first, second = await at.put(), await at.put("lampu mati")
    await at.worklist.next("Rini")
    for each in (first, second):
        await at.here.put(f"{CITIZEN}|BATAL {each.reference}")
    await at.submit()
    steps = {each: (await at.here.life(each.reference)).case.step for each in (first, second)}
    assert steps == {first: "worklist", second: "declined"}
    await at.worklist.done(first.reference, "Rini", "8112829")
    assert [line.code for line in await at.worklist.waiting(9)] == []
