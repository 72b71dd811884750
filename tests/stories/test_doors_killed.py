"""SIGTERM, and then kill -9 at random moments, while complaints come in through a door: what was acknowledged is in the ledger once,
and its sender was told.

Three rounds for each door here; `make soak` has DOOR_ROUNDS (50), with a ledger that goes wrong besides.
"""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from tests.fakes.faulty import FAULTS
from tests.stories.all_doors import DOORS, SURE
from tests.stories.doors import Street, Verdict, street

#: complaints under way when a round begins
WAITING = 20
#: a round ends within so many seconds of the door's first answer; meanwhile somebody else complains every so often
LONGEST_S, EVERY_S = 0.3, 0.01
LEDGER_FAULTS = ["503", "commit_then_drop", "commit_then_500", "drop", "html", "commit_then_html"]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the rounds of one door have shown."""

    rounds: int
    verdict: Verdict
    #: senders had heard yes so often when a kill came, in all rounds
    acknowledged_before_a_kill: int
    #: calls in which the ledger was told what it had already
    repeats: int

    def table(self) -> str:
        facts = {"rounds": self.rounds, **msgspec.structs.asdict(self.verdict)}
        facts |= {"acknowledged before a kill": self.acknowledged_before_a_kill, "ledger repeats": self.repeats}
        return "  ".join(f"{name} {value}" for name, value in facts.items())


@pytest.mark.parametrize("which", sorted(SURE))
async def test_killed_at_random_nothing_acknowledged_is_lost_doubled_or_left_unanswered(which: str, tmp_path: Path) -> None:
    async with street(tmp_path, DOORS[which]()) as place:
        told = await killed(place, rounds=3, wrong=False)
        assert told.acknowledged_before_a_kill > 0, "every kill came too early to show anything"


@pytest.mark.soak
@pytest.mark.parametrize("which", sorted(SURE))
async def test_soak_of_kills_behind_each_door_with_a_ledger_that_goes_wrong(which: str, tmp_path: Path) -> None:
    async with street(tmp_path, DOORS[which]()) as place:
        told = await killed(place, rounds=int(os.environ.get("DOOR_ROUNDS", "50")), wrong=True)
        print(f"\n{which}: {told.table()}")


async def killed(place: Street, *, rounds: int, wrong: bool) -> Told:
    """So many rounds, then one process that is left to finish; all is as it should be in the end."""
    luck, acknowledged = seeded(), 0
    # first of all, because a door that reads begins to read when it is opened for the first time
    await asked_to_stop(place)
    for nth in range(3 * rounds):
        if nth >= rounds and acknowledged:  # on a busy machine every kill may come too early to show anything
            break
        waiting = len(place.left())
        for _ in range(WAITING - waiting):
            place.say()
        if wrong:
            place.ledger.script.coming.extend(FAULTS[luck.choice(LEDGER_FAULTS)] for _ in range(luck.randrange(4)))
        before = len(place.sent) - len(place.left())
        await one_life(place, luck)
        acknowledged += len(place.sent) - len(place.left()) - before
    place.ledger.script.coming.clear()
    # each kill has counted as a try, so that the next one may be due in ten minutes
    place.gateway.hurry()
    await place.start()
    verdict = await place.settled(within_s=240 if wrong else 90)
    assert place.door.letters != "one" or verdict.again == 0, "somebody who may be answered once was answered twice"
    await place.conserved()
    assert await place.gateway.stop() == 0
    return Told(rounds=rounds, verdict=verdict, acknowledged_before_a_kill=acknowledged, repeats=place.ledger.repeats)


async def asked_to_stop(place: Street) -> None:
    """While complaints come in: what was begun is finished, and nothing is left in anybody's hands."""
    await place.start()
    for _ in range(WAITING):
        place.say()
        await asyncio.sleep(EVERY_S)
    assert await place.gateway.stop() == 0
    assert place.gateway.rows("SELECT id FROM cases WHERE owner<>0 UNION SELECT id FROM letters WHERE owner<>0") == []


async def one_life(place: Street, luck: random.Random) -> None:
    """Start, and kill a little after the door is open; now and then even before."""
    before = place.door.reached()
    early = luck.uniform(0.2, 1.0) if luck.random() < 0.1 else 30.0
    place.gateway.spawn()
    with suppress(AssertionError):
        await place.until(lambda: place.door.reached() > before, within_s=early)
        for _ in range(int(luck.uniform(0, LONGEST_S) / EVERY_S)):
            place.say()
            await asyncio.sleep(EVERY_S)
    assert place.gateway.alive, place.gateway.said[-3000:]
    place.gateway.kill()


def seeded() -> random.Random:
    """Luck that can be had again: STORY_SEED."""
    seed = int(os.environ.get("STORY_SEED", str(random.SystemRandom().randrange(1_000_000))))
    print(f"STORY_SEED={seed}")
    return random.Random(seed)
