"""A story for each kind of door: in, to the ledger, and the answer out through the same door; and it stops when it is asked to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.all_doors import DOORS
from tests.stories.door_row import Row
from tests.stories.doors import street


@pytest.mark.parametrize("which", sorted(DOORS))
async def test_what_comes_in_is_registered_and_its_answer_goes_out_through_the_same_door(which: str, tmp_path: Path) -> None:
    async with street(tmp_path, DOORS[which]()) as place:
        await place.start()
        for _ in range(5):
            place.say()
        verdict = await place.settled()
        assert verdict.again == 0
        await place.conserved()
        assert await place.gateway.stop() == 0
        assert '"event":"stopped"' in place.gateway.said
        assert place.gateway.rows("SELECT id FROM cases WHERE owner<>0") == []
        assert place.ledger.repeats == 0


async def test_all_kinds_of_doors_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    names = ["email", "form", "push", "telegram", "telegram_webhook", "x"]
    async with street(tmp_path, Row({name: DOORS[name]() for name in names})) as place:
        await place.start()
        for _ in range(4 * len(names)):
            place.say()
        verdict = await place.settled()
        assert verdict.again == 0
        await place.conserved(*names)
        by_channel = dict(place.gateway.rows("SELECT channel, count(*) FROM cases GROUP BY channel"))
        assert by_channel == dict.fromkeys(names, 4)
        assert await place.gateway.stop() == 0
