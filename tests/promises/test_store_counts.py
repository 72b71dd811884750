"""Whatever is done to a store, in whatever order and across restarts: nothing is lost, nothing is there twice, and the counts are right.

Hypothesis makes up the order; a plain model beside the store says what must stand where.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from gateway.store.record import Claim, LetterSettlement, LetterStep, Settlement, Step
from tests.promises.stores import (
    LONG_S,
    STORES,
    Subject,
    arrival,
    counted,
    letter,
    now,
    numbers,
    part,
    registered,
)

CHANNELS = st.sampled_from(["telkomsel", "indosat"])
FEW = 3


class Gateway(RuleBasedStateMachine):
    """One store, what is done to it, and where everything must stand."""

    subject: ClassVar[Subject]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        #: by case id
        self.steps: dict[str, tuple[str, Step]] = {}
        self.letters: dict[str, tuple[str, LetterStep]] = {}
        self.claims: list[Claim] = []
        self.parts: dict[str, set[int]] = {}
        self.references: set[str] = set()
        self._open()

    def _open(self) -> None:
        self.open = AsyncExitStack()
        self.store = self.runner.run(self.open.enter_async_context(self.subject.opened(Path(self.folder.name), 10_000)))

    def _new(self, case_id: str, reference: str, stand: tuple[str, Step]) -> None:
        assert case_id not in self.steps
        assert reference not in self.references
        self.references.add(reference)
        self.steps[case_id] = stand

    @rule(channel=CHANNELS, name=st.integers(0, 12), number=st.integers(0, 12))
    def put(self, channel: str, name: int, number: int) -> None:
        async def twice() -> None:
            both = [self.store.put(arrival(name, channel=channel), lambda salt: 100 * number + salt) for _ in range(2)]
            first, second = await asyncio.gather(*both)
            assert second.duplicate
            assert (first.case_id, first.reference) == (second.case_id, second.reference)
            if not first.duplicate:
                self._new(first.case_id, first.reference, (channel, "submit"))

        self.runner.run(twice())

    @rule(group=st.sampled_from("ab"), index=st.integers(1, FEW))
    def hold(self, group: str, index: int) -> None:
        async def held() -> None:
            accepted = await self.store.hold(part(index, FEW, group=group), numbers((group, index)))
            have = self.parts.setdefault(accepted.case_id, set())
            assert accepted.duplicate == (index in have)
            if not have:
                self._new(accepted.case_id, accepted.reference, ("telkomsel", "held"))
            have.add(index)

        self.runner.run(held())

    @rule(limit=st.integers(1, 4))
    def claim(self, limit: int) -> None:
        due = [case for case, (_, step) in self.steps.items() if step == "submit" and case not in self._in_hand()]
        due += [case for case, have in self.parts.items() if len(have) == FEW and self.steps[case][1] == "held"]

        async def claimed() -> list[Claim]:
            waiting = self.store.claim(limit, LONG_S)
            await asyncio.wait((waiting,), timeout=60 if due else 0.01)
            return [] if waiting.cancel() else list(waiting.result())

        claims = self.runner.run(claimed())
        assert len(claims) == min(limit, len(due))
        assert {claim.case.case_id for claim in claims} <= set(due)
        for claim in claims:
            self.steps[claim.case.case_id] = (claim.case.arrival.channel, "submit")
        self.claims += claims

    def _in_hand(self) -> set[str]:
        return {claim.case.case_id for claim in self.claims}

    @precondition(lambda self: self.claims)
    @rule(step=st.sampled_from(["done", "parked", "triage", "submit"]), which=st.integers(0, 3), write=st.booleans())
    def settle(self, step: Step, which: int, write: bool) -> None:
        claim = self.claims.pop(which % len(self.claims))
        case_id, channel = claim.case.case_id, claim.case.arrival.channel
        letters = (letter(f"{case_id}:k", case_id, channel=channel),) if write else ()
        settlement = Settlement(
            claim=claim,
            step=step,
            due=now() if step == "submit" else None,
            letters=letters,
            registration=registered(claim) if step == "done" else None,
        )

        async def settled() -> tuple[bool, bool]:
            return await self.store.settle(settlement), await self.store.settle(settlement)

        assert self.runner.run(settled()) == (True, False)
        self.steps[case_id] = (channel, step)
        for each in letters:
            self.letters.setdefault(each.key, (channel, "send"))

    @rule(channel=CHANNELS, step=st.sampled_from(["sent", "parked"]))
    def send(self, channel: str, step: LetterStep) -> None:
        waits = [key for key, stand in self.letters.items() if stand == (channel, "send")]

        async def sent() -> list[str]:
            waiting = self.store.claim_letters(channel, 2, LONG_S)
            await asyncio.wait((waiting,), timeout=60 if waits else 0.01)
            claims = [] if waiting.cancel() else waiting.result()
            for claim in claims:
                assert await self.store.settle_letter(LetterSettlement(claim=claim, step=step))
                assert not await self.store.settle_letter(LetterSettlement(claim=claim, step=step))
            return [claim.letter.key for claim in claims]

        keys = self.runner.run(sent())
        assert len(keys) == min(2, len(waits))
        assert set(keys) <= set(waits)
        self.letters.update(dict.fromkeys(keys, (channel, step)))

    @rule(which=st.integers(0, 20), retry=st.booleans())
    def mend(self, which: int, retry: bool) -> None:
        if not self.steps:
            return
        case_id = sorted(self.steps)[which % len(self.steps)]
        channel, step = self.steps[case_id]
        done = self.runner.run(self.store.retry(case_id, "rini", "") if retry else self.store.drop(case_id, "rini", "why"))
        assert done == (step in ({"parked", "triage", "declined"} if retry else {"parked", "triage"}))
        if done:
            self.steps[case_id] = (channel, "submit" if retry else "declined")

    @rule()
    def restart(self) -> None:
        self.runner.run(self.open.aclose())
        self._open()

    @invariant()
    def the_counts_are_right(self) -> None:
        tally = self.runner.run(self.store.tally())
        assert self.runner.run(self.store.recount()) == []
        for found, expected in ((tally.cases, self.steps), (tally.letters, self.letters)):
            told = {(channel, step): n for channel, steps in counted(found).items() for step, n in steps.items()}
            assert told == Counter(expected.values())
        assert tally.received == Counter(channel for channel, _ in self.steps.values())

    def teardown(self) -> None:
        self.runner.run(self.open.aclose())
        self.runner.close()
        self.folder.cleanup()


@pytest.mark.parametrize("name", sorted(STORES))
def test_the_counts_are_right_after_anything(name: str) -> None:
    class On(Gateway):
        subject = STORES[name]

    run_state_machine_as_test(
        On,
        settings=settings(max_examples=8, stateful_step_count=25, suppress_health_check=list(HealthCheck)),
    )
