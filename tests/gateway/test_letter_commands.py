"""`gateway letters …` with a real store: what an operator sees of letters that did not arrive, and what becomes of them."""

from __future__ import annotations

import asyncio
import getpass
from pathlib import Path

import msgspec
import pytest

from gateway.store.record import LetterSettlement, Life
from gateway.store.sqlite import opened
from gateway.undelivered import Undelivered
from gateway.worklist import NotDone
from tests.gateway import tiny
from tests.gateway.test_cli import ran, told
from tests.gateway.tiny import CITIZEN
from tests.gateway.whole import written
from tests.promises.stores import claimed, done, letter, letters, life_of, put


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A store with two letters that nobody would have, and one that is on its way."""

    async def fill() -> None:
        async with opened(tmp_path / "gateway.db", most_letters=9) as store:
            await put(store, 1, 2, 3)
            for claim in await claimed(store, 3):
                await store.settle(done(claim, letter(f"{claim.case.case_id}:registered", claim.case.case_id)))
            for sending in (await letters(store, 3))[:2]:
                await store.settle_letter(LetterSettlement(claim=sending, step="parked", code="0000000B", words=f"no {CITIZEN}"))

    asyncio.run(fill())
    return written(tmp_path)


def first(config: Path) -> Life:
    """The life of the first case."""

    async def look() -> Life:
        async with opened(config.parent / "gateway.db", most_letters=9) as store:
            return await life_of(store, "1234567")

    return asyncio.run(look())


def test_the_list_says_why_and_shows_neither_text_nor_number(config: Path) -> None:
    found = told("letters", "list", "--config", config)
    assert [(each["id"], each["kind"], each["code"], each["step"]) for each in found] == [
        ("1", "registered", "0000000B", "parked"), ("2", "registered", "0000000B", "parked"),
    ]  # fmt: skip
    status, out, _ = ran("letters", "list", "--config", config)
    assert (status, "0000000B" in out, CITIZEN in out, CITIZEN in str(found)) == (0, True, False, False)
    assert told("letters", "list", "--channel", "nobody", "--config", config) == []


def test_several_are_sent_again_and_one_that_is_gone_holds_up_none(config: Path) -> None:
    status, out, err = ran("letters", "retry", "1", "9", "2", "--reason", "pulsa terisi", "--config", config)
    assert (status, out.count("is sent again"), "letter 9 is not among" in err) == (1, 2, True)
    life = first(config)
    assert [(state.step, state.code) for state in life.letters] == [("send", "")]
    assert [(act.by, act.act, act.words) for act in life.acts] == [(getpass.getuser(), "letter retry", "registered: pulsa terisi")]
    assert told("letters", "list", "--config", config) == []


def test_one_is_dropped_with_a_reason_and_not_without(config: Path) -> None:
    assert ran("letters", "drop", "1", "--reason", " ", "--config", config)[0] == 1
    status, out, err = ran("letters", "drop", "1", "--reason", "sudah ditelepon", "--config", config)
    assert (status, "is not sent" in out, err) == (0, True, "")
    assert [each["id"] for each in told("letters", "list", "--config", config)] == ["2"]
    assert [(state.step, state.code) for state in first(config).letters] == [("muted", "discarded")]


async def test_a_question_is_not_asked_again_when_nobody_waits_for_the_answer(tmp_path: Path) -> None:
    async with tiny.desk(tmp_path) as here:
        await put(here.store, 1)
        (claim,) = await claimed(here.store, 1)
        question = letter(f"{claim.case.case_id}:ask", claim.case.case_id)
        await here.store.settle(done(claim, msgspec.structs.replace(question, kind="ask")))
        (sending,) = await letters(here.store)
        await here.store.settle_letter(LetterSettlement(claim=sending, step="parked", code="no_such_number"))
        desk = Undelivered(here.store)
        (lost,) = (await desk.page(9)).letters
        with pytest.raises(NotDone, match="waits for no answer"):
            await desk.retry(lost.letter_id, "rini", "")
        with pytest.raises(NotDone, match="not among"):
            await desk.undo("x'", "rini")
        assert (await desk.drop(lost.letter_id, "rini", "sudah lewat")).reference == lost.reference
        assert await desk.undo(lost.letter_id, "rini") == lost
