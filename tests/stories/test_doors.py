"""A story for each kind of door: in, to the ledger, and the answer out through the same door; and it stops when it is asked to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.all_doors import DOORS
from tests.stories.deaf import deaf
from tests.stories.door_mail import Mail
from tests.stories.door_row import Row
from tests.stories.doors import NAME, street

#: one way into each kind of door
NAMES = ["email", "form", "push", "telegram", "telegram_webhook", "x"]


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


@pytest.mark.parametrize("which", ["api", "email", "form", "push"])
async def test_whoever_did_not_hear_the_yes_and_sends_again_is_the_same_case_and_gets_the_same_reference(
    which: str, tmp_path: Path
) -> None:
    door = DOORS[which]()
    async with deaf(most=4) as wire, street(tmp_path, door, wire=wire) as place:
        if isinstance(door, Mail):
            wire.target, door.called_at = door.port, wire.port
        await place.start()
        for _ in range(4):
            place.say()
        # senders of mail and apps compare the reference of the second yes with the store's first
        verdict = await place.settled()
        assert wire.lost == 4
        assert verdict.again == 0
        await place.conserved()
        assert await place.gateway.metric(f'lapor_messages_accepted_total{{channel="{NAME}"}}') == 8


async def test_doors_and_workers_apart_answer_through_every_door(tmp_path: Path) -> None:
    """What is decoded and fetched by the workers was taken in, and is answered, by the doors."""
    async with street(tmp_path, Row({name: DOORS[name]() for name in NAMES})) as place:
        workers = place.gateway.beside("--only", "workers")
        place.gateway.words = ("--only", "doors")
        await place.start()
        workers.spawn()
        try:
            for _ in range(4 * len(NAMES)):
                place.say()
            verdict = await place.settled()
            assert verdict.again == 0
            await place.conserved(*NAMES)
        finally:
            assert await workers.stop() == 0
        assert await place.gateway.stop() == 0


async def test_all_kinds_of_doors_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    async with street(tmp_path, Row({name: DOORS[name]() for name in NAMES})) as place:
        await place.start()
        for _ in range(4 * len(NAMES)):
            place.say()
        verdict = await place.settled()
        assert verdict.again == 0
        await place.conserved(*NAMES)
        by_channel = dict(place.gateway.rows("SELECT channel, count(*) FROM cases GROUP BY channel"))
        assert by_channel == dict.fromkeys(NAMES, 4)
        assert await place.gateway.stop() == 0
