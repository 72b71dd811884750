"""kill -9 at a random instant under load, again and again: what was acknowledged is in the ledger once, and its sender was told.

`make test` runs a few rounds, `make soak` hundreds (SOAK_ROUNDS) with a ledger and an operator that go wrong besides.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from gateway.rehearse.parts import UCS2
from tests.fakes.faulty import FAULTS
from tests.stories.town import Town, Verdict, town

#: unacknowledged messages at the start of a round: more than a window, so that the kill meets all stages at once
WAITING = 150
#: a round ends within so many seconds of the bind; a whole load takes about as long
LONGEST_S = 0.25
#: what goes wrong with a call of the ledger in a soak; the plain thing happens most of the time
LEDGER_FAULTS = ["503", "commit_then_drop", "commit_then_500", "drop", "html", "commit_then_html"]
#: what the operator does wrong in a soak
OPERATOR_FAULTS = ["", "redelivers", "parts_shuffled", "drop_before_resp=1/40", "receipts_early", "duplicate_parts", "drops_after=150"]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a run has shown."""

    rounds: int
    verdict: Verdict
    #: yes was said to so many messages and parts before the kill, in all rounds
    acknowledged_before_a_kill: int
    #: calls in which the ledger was told what it had already
    repeats: int
    #: letters beyond the first
    heard_again: int

    def table(self) -> str:
        facts = {"rounds": self.rounds, **msgspec.structs.asdict(self.verdict)}
        facts |= {"PDUs acknowledged before a kill": self.acknowledged_before_a_kill, "ledger repeats": self.repeats}
        facts |= {"letters heard again": self.heard_again}
        return "\n".join(f"{name:<34}{value:>8}" for name, value in facts.items())


async def test_killed_at_random_under_load_nothing_acknowledged_is_lost_doubled_or_left_unanswered(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        told = await killed(place, rounds=10, wrong=False)
        print(told.table())
        assert told.verdict.clean, told.table()
        assert told.verdict.registered == told.verdict.sent, told.table()
        assert told.acknowledged_before_a_kill > 0, "every kill came too early to show anything"


@pytest.mark.soak
async def test_soak_of_kills_under_load_with_a_ledger_and_an_operator_that_go_wrong(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        told = await killed(place, rounds=int(os.environ.get("SOAK_ROUNDS", "200")), wrong=True)
        print(f"\n{told.table()}")
        assert told.verdict.clean, told.table()
        assert told.verdict.registered == told.verdict.sent, told.table()


async def killed(place: Town, *, rounds: int, wrong: bool) -> Told:
    """So many rounds of load and kill, then one process that is left to finish."""
    seed = int(os.environ.get("STORY_SEED", time.time_ns() % 1_000_000))
    print(f"STORY_SEED={seed}")
    luck = random.Random(seed)
    acknowledged = 0
    for _ in range(rounds):
        load(place, luck)
        if wrong:
            place.smsc.misbehave(*filter(None, [luck.choice(OPERATOR_FAULTS)]))
            place.ledger.script.coming.extend(FAULTS[luck.choice(LEDGER_FAULTS)] for _ in range(luck.randrange(4)))
        before = len(place.smsc.spool.acked)
        await one_life(place, luck, at_start=wrong)
        acknowledged += sum(not ack.status for ack in place.smsc.spool.acked[before:])
    place.smsc.misbehave()
    place.ledger.script.coming.clear()
    await place.gateway.start()
    with suppress(AssertionError):  # the verdict says it all, and more briefly
        await place.settled(within_s=90 if wrong else 30)
    verdict = place.verdict()
    await conserved(place)
    assert await place.gateway.stop() == 0
    heard = len({(answer.destination, answer.body) for answer in place.smsc.answers})
    return Told(
        rounds=rounds, verdict=verdict, acknowledged_before_a_kill=acknowledged, repeats=place.ledger.repeats,
        heard_again=len(place.smsc.answers) - heard,
    )  # fmt: skip


def load(place: Town, luck: random.Random) -> None:
    """Short and long messages, in several alphabets, up to WAITING of them."""
    waiting = sum(not sent.acknowledged for sent in place.sent[-3 * WAITING :])
    for _ in range(WAITING - waiting):
        kind = luck.random()
        if kind < 0.8:
            place.say()
        else:
            place.say_at_length(reference=luck.randrange(4), coding=UCS2 if kind > 0.95 else 0)


async def one_life(place: Town, luck: random.Random, *, at_start: bool) -> None:
    """Start, and kill a little after the bind; `at_start`: now and then even before."""
    place.gateway.spawn()
    binds = place.smsc.counts["binds"]
    early = luck.uniform(0.2, 1.0) if at_start and luck.random() < 0.1 else 30.0
    try:
        await place.smsc.until(lambda: place.smsc.counts["binds"] > binds, within_s=early)
        await asyncio.sleep(luck.uniform(0, LONGEST_S))
    except TimeoutError:
        assert early < 30.0, place.gateway.said[-2000:]
    place.gateway.kill()


async def conserved(place: Town) -> None:
    """The gateway's own count agrees: received = forwarded + waiting + triage + parked + declined."""
    assert await place.gateway.metric('lapor_conservation_difference{channel="operator"}') == 0
    # the ledger may have one whose answer was lost, and whose next try is due in minutes: its sender has had a receipt meanwhile
    standing = [await place.gateway.metric(f'lapor_cases{{step="{step}"}}') for step in ("done", "submit")]
    assert sum(standing) == len(place.sent)
