"""What a try of a case is, at the ledger.

In: claims. Out: one settlement for each. It decides nothing that `forwarder.outcome` can decide, and never waits for a next try.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from channels.base import Letter, Unavailable
from forwarder.breaker import keeps_its_place
from forwarder.forward import Submission, forward
from forwarder.ledger import Filing, Handed, Ledger
from forwarder.outcome import Done, Outcome, Park, Retry
from gateway.clerk import PROBE, Aside, Clerk, Lacking, Read, Reading
from gateway.errands import Errands
from gateway.follow_ups import FollowUps
from gateway.inquiries import Inquiries
from gateway.journal import Journal, Word
from gateway.lately import Lately
from gateway.metrics import Metrics
from gateway.parking import or_parked, parked, untold, unwritten
from gateway.relations import Relations
from gateway.sorter import Sorter
from gateway.stint import Stint
from gateway.store.base import Store
from gateway.store.record import Case, Claim, NumberTaken, Settlement, Step
from gateway.store.trying import LEDGER, Try
from gateway.work import Bug, insisted, once_awaited
from normalizer.complaint import Complaint

_encode = msgspec.json.Encoder().encode

#: a message of more bytes is read in a thread: a long mail takes ten milliseconds, one with photos may take a second
LARGE = 2**14
#: seconds until a question is asked again about a case that is being tried; after a few times more, an officer may have it in hand
BUSY_S, LONGEST_BUSY_S = 2.0, 30.0


class Sorted(NamedTuple):
    """A case waits for its ledger from now on."""

    ledger: str


class Submitting:
    """Tries of cases at the ledger."""

    def __init__(
        self, store: Store, ledger: Ledger | Sorter, clerk: Clerk, *, relations: Relations, stint: Stint, metrics: Metrics,
        journal: Journal, lately: Lately | None = None, ask_wait_s: float = 0.0,
    ) -> None:  # fmt: skip
        """One for each ledger; and one that tells none, but has a sorter say which. `ask_wait_s`: how long an answer to a question of ours
        is waited for; 0 asks nothing."""
        self._relations, self._stint, self._lately = relations, stint, lately or Lately()
        self._store, self._ledger, self._clerk, self._metrics, self._journal = store, ledger, clerk, metrics, journal
        self._files = isinstance(ledger, Filing) and ledger.largest_file > 0
        self._errands, self._inquiries = Errands(store, journal), Inquiries(store, clerk)
        self._follow_ups = FollowUps(store, clerk, ask_wait_s)

    async def attempt(self, claims: Sequence[Claim], *, asking: bool = False) -> Sequence[Outcome]:
        """Read, submit and settle each; returns what the ledger made of those that it was told. `asking`: only to see whether it
        answers. Raises Unavailable before anything is begun, when the store cannot be asked; never after that."""
        # One that waited for its turn until its lease ended is somebody else's by now.
        mine = [claim for claim in claims if claim.case.due is None or claim.case.due > datetime.now(UTC)]
        if len(mine) < len(claims):
            self._metrics.forwarded[self._ledger.name, "stale"] += len(claims) - len(mine)
            claims = mine
        legible: list[tuple[Claim, Read]] = []
        aside: list[tuple[Claim, Settlement, Outcome | Aside | Sorted]] = []
        lacking: list[tuple[Claim, Lacking]] = []
        for claim, reading in await self._readings(claims):
            if isinstance(reading, Read) and reading.probe:
                aside.append((claim, *_probe(claim, reading)))
            elif isinstance(reading, Read):
                legible.append((claim, reading))
            elif isinstance(reading, Lacking):
                lacking.append((claim, reading))
            else:
                aside.append((claim, *or_parked(claim, await once_awaited(self._aside(claim, reading)))))
        legible = await self._without_talk(await self._relations.linked(legible), aside)
        for claim, errand in lacking:
            self._errands.start(claim, errand)
        if isinstance(self._ledger, Sorter):
            aside += [(claim, *_sorted(claim, self._ledger.chosen(claim.case, reading.complaint))) for claim, reading in legible]
            legible = []
        for claim, _ in legible:
            self._journal.say("submitted", claim.case.case_id, claim.case.arrival.channel, attempts=claim.case.attempts)
        began = datetime.now(UTC)
        outcomes = await self._submit([_submission(claim.case, reading) for claim, reading in legible])
        took_s = (datetime.now(UTC) - began).total_seconds()
        decided = [
            (claim, _tried(self._settlement(claim, reading, outcome, _due(claim, outcome, asking)), outcome, began, took_s), outcome)
            for (claim, reading), outcome in zip(legible, outcomes, strict=True)
        ]
        settled = [(claim, settlement, outcome, self._store.settle(settlement)) for claim, settlement, outcome in [*aside, *decided]]
        insisting = []
        for claim, settlement, outcome, done in settled:
            written = await once_awaited(done)
            if isinstance(written, Bug):
                insisting.append(self._insisted(claim, settlement, outcome, written))
            else:
                self._tell(claim.case, outcome, written)
        # side by side: one after the other, a hundred would outlast their leases
        await asyncio.gather(*insisting)
        return outcomes

    async def left(self) -> None:
        """Nothing more will be attempted: what was being fetched is fetched by whoever comes next."""
        await self._errands.cancel()

    async def _readings(self, claims: Sequence[Claim]) -> list[tuple[Claim, Reading]]:
        readings: list[tuple[Claim, Reading]] = []
        async with self._stint:
            for claim in claims:
                case = claim.case
                size = len(case.arrival.raw) + sum(len(part.raw) for part in case.parts)
                reading: Reading | None = self._lately.again(case)
                if reading is None:
                    reading = await asyncio.to_thread(self._clerk.read, case) if size > LARGE else self._clerk.read(case)
                    if isinstance(self._ledger, Sorter) and isinstance(reading, Read) and size <= LARGE:
                        self._lately.keep(case, reading)
                readings.append((claim, reading))
                await self._stint.pause()
        return readings

    async def _without_talk(
        self, legible: Sequence[tuple[Claim, Read]], aside: list[tuple[Claim, Settlement, Outcome | Aside | Sorted]]
    ) -> list[tuple[Claim, Read]]:
        """Those that go to the ledger now; who is asked, and what only adds to another case, goes aside."""
        rest: list[tuple[Claim, Read]] = []
        for claim, reading in legible:
            found = None
            if self._follow_ups.concerns(claim, reading):
                found = or_parked(claim, await once_awaited(self._follow_ups.apart(claim, reading)))
            if found is not None:
                aside.append((claim, *found))
            elif reading.otherwise is not None:
                aside.append((claim, *or_parked(claim, await once_awaited(self._aside(claim, reading.otherwise)))))
            else:
                rest.append((claim, reading))
        return rest

    async def _aside(self, claim: Claim, reading: Aside | Park) -> tuple[Settlement, Park | Retry | Aside]:
        """What becomes of a message that goes to no ledger; what it says of our letters is noted, and what it asks is answered."""
        if isinstance(reading, Park):
            return untold(claim, reading), reading
        message, case = reading.message, claim.case
        for receipt in message.receipts:
            self._metrics.receipts[receipt.channel, receipt.state] += 1
            await self._store.note(receipt)
        answer = await self._inquiries.answer(case, message)
        if answer.busy:
            again = Retry(delay_s=min(BUSY_S * case.attempts, LONGEST_BUSY_S), code="busy")
            return Settlement(claim=claim, step="submit", due=datetime.now(UTC) + timedelta(seconds=again.delay_s), code=again.code), again
        letters = answer.letters
        # Where one answer is all that is allowed, it tells what the person decided.
        if reading.step == "triage" and message.question is None and not message.one_answer:
            letters = self._receipt(case, await self._clerk.said(case))
        # An edit may make a question of what the ledger has: it stays there.
        step: Step = "done" if case.registration else reading.step
        return Settlement(claim=claim, step=step, code=reading.code, words=answer.words, letters=letters), reading

    def _receipt(self, case: Case, reading: Read | None) -> tuple[Letter, ...]:
        """For the sender of what waits for a person from now on, who may take days: it is safe, and has a code to ask by."""
        return self._clerk.letter("receipt", reading) if reading and not case.registration else ()

    async def _insisted(self, claim: Claim, settlement: Settlement, outcome: Outcome | Aside | Sorted, failed: Bug) -> None:
        written = await insisted(lambda: self._store.settle(settlement), failed, claim.case.due)
        if isinstance(written, Bug) and not isinstance(written.error, Unavailable):
            # what cannot be written is parked for that reason
            outcome = unwritten(written)
            taken = isinstance(written.error, NumberTaken)
            letters = self._receipt(claim.case, await self._clerk.said(claim.case)) if taken else ()
            written = await once_awaited(self._store.settle(parked(claim, outcome, letters)))
        if isinstance(written, Bug):
            # it is claimed again when its lease ends, and the ledger is asked before it is told again
            self._journal.trouble("unsettled", case=claim.case.case_id, channel=claim.case.arrival.channel, why=_why(written))
        self._tell(claim.case, outcome, written is True)

    async def _submit(self, submissions: Sequence[Submission]) -> Sequence[Outcome]:
        if not submissions or isinstance(self._ledger, Sorter):
            return ()
        outcomes = await once_awaited(forward(self._ledger, submissions, random.random))
        if not isinstance(outcomes, Bug):
            return outcomes
        if len(submissions) == 1:
            return [Park(code="bug", words=outcomes.words)]
        # One of them is our bug, and the others may be registered by now: each alone, asking first.
        return [(await self._submit([msgspec.structs.replace(submission, unsure=True)]))[0] for submission in submissions]

    def _settlement(self, claim: Claim, reading: Read, outcome: Outcome, due: datetime | None) -> Settlement:
        if isinstance(outcome, Park):
            return parked(claim, outcome, self._receipt(claim.case, reading))
        if isinstance(outcome, Retry):
            return Settlement(claim=claim, step="submit", due=due, unsure=outcome.unsure, code=outcome.code)
        record = _encode(reading.complaint)
        if isinstance(outcome, Handed):
            return Settlement(claim=claim, step="worklist", record=record, letters=self._receipt(claim.case, reading))
        letters: tuple[Letter, ...] = ()
        if claim.case.registration is None:
            letters = self._clerk.letter("registered", reading, tracking_id=outcome.registration.tracking_id)
        files = _enclosed(reading.complaint) if self._files else ()
        return Settlement(claim=claim, step="done", registration=outcome.registration, record=record, letters=letters, files=files)

    def _tell(self, case: Case, outcome: Outcome | Aside | Sorted, ours: bool) -> None:
        if isinstance(outcome, Sorted):
            return
        word, result = _word(outcome) if ours else ("retried", "stale")
        self._metrics.forwarded[self._ledger.name, result] += 1
        if not ours:
            return
        channel = case.arrival.channel
        if isinstance(outcome, Done | Handed):
            if isinstance(outcome, Done) and case.registration is None:
                self._metrics.registered(channel, self._ledger.name, time.time() - case.arrival.received_at.timestamp())
            self._journal.say(word, case.case_id, channel)
            return
        if isinstance(outcome, Aside):
            self._metrics.aside[channel, outcome.step, outcome.code] += 1
        self._journal.say(word, case.case_id, channel, code=outcome.code, attempts=case.attempts)


def _due(claim: Claim, outcome: Outcome, asking: bool) -> datetime | None:
    """When to try again."""
    if not isinstance(outcome, Retry):
        return None
    if asking and keeps_its_place(outcome, claim.case.attempts):
        return claim.case.arrival.received_at
    return datetime.now(UTC) + timedelta(seconds=outcome.delay_s)


def _tried(settlement: Settlement, outcome: Outcome, began: datetime, took_s: float) -> Settlement:
    """With a record of the try, unless it went well at the first go: the registration tells of that."""
    nth = settlement.claim.case.attempts
    if nth <= 1 and not settlement.code:
        return settlement
    said = outcome.said if isinstance(outcome, Retry | Park) else ""
    tried = Try(of=LEDGER, nth=nth, at=began, took_s=took_s, step=settlement.step, code=settlement.code, said=said)
    return msgspec.structs.replace(settlement, tried=tried)


def _enclosed(complaint: Complaint) -> tuple[int, ...]:
    """Those that could be had."""
    return tuple(number for number, note in enumerate(complaint.attachments, 1) if note.size)


def _why(bug: Bug) -> str:
    """A code, or where it was raised; never the words of an exception."""
    return bug.error.code if isinstance(bug.error, Unavailable) else bug.words


def _word(outcome: Outcome | Aside) -> tuple[Word, str]:
    """For the journal, and for the metrics."""
    if isinstance(outcome, Aside):
        return _ASIDE[outcome.step]
    return _WORDS[type(outcome)]


_ASIDE: Mapping[str, tuple[Word, str]] = {
    "triage": ("triaged", "triage"), "asked": ("asked", "asked"), "declined": ("declined", "declined"),
}  # fmt: skip
_WORDS: Mapping[type, tuple[Word, str]] = {
    Done: ("registered", "registered"), Handed: ("handed", "handed"), Retry: ("retried", "retried"), Park: ("parked", "parked"),
}  # fmt: skip


def _sorted(claim: Claim, ledger: str) -> tuple[Settlement, Sorted]:
    """Where it has waited since it came."""
    case = claim.case
    due = case.arrival.received_at
    return Settlement(claim=claim, step="submit", due=due, unsure=case.unsure, code=case.code, ledger=ledger), Sorted(ledger)


def _probe(claim: Claim, reading: Read) -> tuple[Settlement, Aside]:
    """A message of ours has come as far as it goes, whoever wants it to go on."""
    settlement = Settlement(claim=claim, step="declined", code=PROBE, record=_encode(reading.complaint))
    return settlement, Aside(message=reading.message, step="declined", code=PROBE)


def _submission(case: Case, reading: Read) -> Submission:
    return Submission(complaint=reading.complaint, attempts=case.attempts, unsure=case.unsure, registration=case.registration)
