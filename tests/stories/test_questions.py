"""A citizen leaves out the place, by SMS: one question, one answer, and what the ledger has in the end, whenever the gateway is killed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.smsc import short_sms
from tests.stories.town import MARK, SHORT_CODE, Town, town

CITIZEN, OTHER = "6281200000001", "6281200000002"
DARK = f"{MARK} lampu jalan mati sudah seminggu"
PLACE = "di Jalan Mawar RT 3 Kecamatan Ponorogo"
QUESTION, REGISTERED = "di mana tepatnya kejadiannya?", "sudah terdaftar"


async def until(what: Callable[[], object], place: Town) -> None:
    try:
        async with asyncio.timeout(60):
            while not what():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"{place.smsc.counts} {place.ledger.calls[-5:]}\n{place.gateway.said[-2000:]}") from None


def says(place: Town, text: str, number: str = CITIZEN) -> None:
    place.deliver(short_sms(text, number, SHORT_CODE))


def heard(place: Town, words: str, number: str = CITIZEN) -> int:
    return sum(words in answer for answer in place.answers(number))


def text_of(place: Town) -> list[str]:
    return sorted(record["text"] for record in place.ledger.records.values())


async def conserved(place: Town, **steps: int) -> None:
    tally = (await place.gateway.command("status", "--json")).json["tally"]
    assert {step: n for step, n in tally["cases"]["operator"].items() if n} == steps
    assert tally["received"]["operator"] == sum(steps.values())


async def test_the_place_that_was_asked_for_goes_to_the_ledger_with_the_complaint(tmp_path: Path) -> None:
    async with town(tmp_path, ask_wait_s=600) as place:
        await place.gateway.start()
        says(place, DARK)
        await until(lambda: heard(place, QUESTION), place)
        says(place, f"{MARK} air PDAM mati di Jalan Kenanga")
        await until(lambda: heard(place, REGISTERED), place)
        assert text_of(place) == [f"{MARK} air PDAM mati di Jalan Kenanga"]
        says(place, "kapan?", OTHER)
        says(place, PLACE)
        await until(lambda: heard(place, REGISTERED) == 2, place)
        assert f"{DARK}\n[jawaban] {PLACE}" in text_of(place)
        (code,) = [reference for reference, record in place.ledger.records.items() if record["text"].startswith(DARK)]
        says(place, f"TAMBAH {code} tiangnya juga miring")
        await until(lambda: heard(place, f"Tambahan untuk laporan {code}"), place)
        await until(lambda: any("tiangnya juga miring" in text for text in text_of(place)), place)
        assert len(place.ledger.records) == 2
        assert heard(place, QUESTION) == 1
        await conserved(place, done=2, declined=2, asked=1)


async def test_who_does_not_answer_is_registered_all_the_same(tmp_path: Path) -> None:
    async with town(tmp_path, ask_wait_s=1) as place:
        await place.gateway.start()
        says(place, DARK)
        await until(lambda: heard(place, QUESTION), place)
        await until(lambda: heard(place, REGISTERED), place)
        assert text_of(place) == [DARK]
        assert heard(place, QUESTION) == 1
        await conserved(place, done=1)


@pytest.mark.parametrize("seed", range(3))
async def test_killed_between_any_two_steps_it_is_asked_once_and_answered_once(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)

    async def killed() -> None:
        await asyncio.sleep(chance.uniform(0, 0.05))
        place.gateway.kill()
        await place.gateway.start()

    async with town(tmp_path, ask_wait_s=600) as place:
        await place.gateway.start()
        says(place, DARK)
        await killed()
        await until(lambda: heard(place, QUESTION), place)
        await killed()
        says(place, PLACE)
        await killed()
        await until(lambda: heard(place, REGISTERED), place)
        await killed()
        assert text_of(place) == [f"{DARK}\n[jawaban] {PLACE}"]
        # SMS cannot tell a repetition from a second letter: after a kill the same may be heard twice, and never a third time
        assert heard(place, QUESTION) <= 2
        assert heard(place, REGISTERED) <= 2
        await conserved(place, done=1, declined=1)
