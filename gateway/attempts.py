"""What a try is: of a case at the ledger, and of a letter at its channel.

In: claims. Out: one settlement for each. It decides nothing that `forwarder.outcome` can decide, and never waits for a next try.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from channels.base import Channel, InboundMessage, Letter, LetterKind, Refused, Unavailable
from forwarder.forward import Submission, forward
from forwarder.ledger import Ledger
from forwarder.letters import letter, may_answer
from forwarder.outcome import Done, Outcome, Park, Retry, judge_letter
from forwarder.wording import Wordings
from gateway.journal import Journal, Word
from gateway.metrics import Metrics
from gateway.store.base import Case, Claim, LetterClaim, LetterSettlement, Settlement, Store
from gateway.work import Bug, insisted, once, once_awaited
from normalizer.complaint import Complaint
from normalizer.normalize import normalize
from normalizer.rules import Rules

_encode = msgspec.json.Encoder().encode

#: cases that are read before the doors get another turn; a case takes some 50 µs
SHEAF = 20

Reading = tuple[InboundMessage, Complaint]


class Clerk:
    """Reads a case: what its channel makes of the bytes, and the normalizer of that."""

    def __init__(self, channels: Mapping[str, Channel], rules: Rules, wordings: Wordings) -> None:
        """`channels` by name."""
        self._channels, self._rules, self._wordings = channels, rules, wordings

    def read(self, case: Case) -> Reading | Park:
        """The message and its record, or why a person must look."""
        message = self._message(case)
        if isinstance(message, Park):
            return message
        complaint = once(lambda: normalize(message, case_id=case.case_id, reference=case.reference, rules=self._rules))
        return Park(code="bug", words=complaint.words) if isinstance(complaint, Bug) else (message, complaint)

    def _message(self, case: Case) -> InboundMessage | Park:
        channel = self._channels.get(case.arrival.channel)
        if channel is None:
            return Park(code="no_channel", words=f"[channels.{case.arrival.channel}] is not in the settings any more")
        message = once(lambda: channel.decode(case.arrival, case.parts))
        if not isinstance(message, Bug):
            return message if case.edited is None else msgspec.structs.replace(message, text=case.edited)
        if not isinstance(message.error, ValueError):
            return Park(code="bug", words=message.words)
        if case.edited is None:
            return Park(code="unreadable", words=str(message.error))
        arrival = case.arrival
        return InboundMessage(
            channel=arrival.channel, source_id=arrival.source_id, sender="", text=case.edited, received_at=arrival.received_at
        )

    def letter(self, kind: LetterKind, message: InboundMessage, complaint: Complaint, **values: str) -> tuple[Letter, ...]:
        """The answer, if there may be one."""
        if not may_answer(message):
            return ()
        text = self._wordings.fill(kind, complaint.language.value, reference=complaint.reference, **values)
        return (letter(complaint.case_id, kind, text, message=message),)

    def receipt(self, case: Case) -> tuple[Letter, ...]:
        """What tells its sender that a case waits; nothing when it cannot be read, or has been registered before (an amendment)."""
        reading = self.read(case)
        return () if isinstance(reading, Park) or case.registration else self.letter("receipt", *reading)


class Submitting:
    """Tries of cases at the ledger."""

    def __init__(self, store: Store, ledger: Ledger, clerk: Clerk, *, metrics: Metrics, journal: Journal) -> None:
        """One for the process."""
        self._store, self._ledger, self._clerk, self._metrics, self._journal = store, ledger, clerk, metrics, journal

    async def attempt(self, claims: Sequence[Claim]) -> None:
        """Read, submit and settle each."""
        # One that waited for its turn until its lease ended is somebody else's by now.
        mine = [claim for claim in claims if claim.case.due is None or claim.case.due > datetime.now(UTC)]
        if len(mine) < len(claims):
            self._metrics.forwarded[self._ledger.name, "stale"] += len(claims) - len(mine)
            claims = mine
        readings = []
        for start in range(0, len(claims), SHEAF):
            readings += [(claim, self._clerk.read(claim.case)) for claim in claims[start : start + SHEAF]]
            await asyncio.sleep(0)  # a door may have something to say
        legible = [(claim, reading) for claim, reading in readings if not isinstance(reading, Park)]
        for claim, _ in legible:
            self._journal.say("submitted", claim.case.case_id, claim.case.arrival.channel, attempts=claim.case.attempts)
        outcomes = await self._submit([_submission(claim.case, reading) for claim, reading in legible])
        now = datetime.now(UTC)
        settled: list[tuple[Claim, Settlement, Outcome, asyncio.Future[bool]]] = []
        parked = [(claim, _parked(claim, reading), reading) for claim, reading in readings if isinstance(reading, Park)]
        decided = [
            (claim, self._settlement(claim, reading, outcome, now), outcome)
            for (claim, reading), outcome in zip(legible, outcomes, strict=True)
        ]
        for claim, settlement, outcome in [*parked, *decided]:
            settled.append((claim, settlement, outcome, self._store.settle(settlement)))
        for claim, settlement, outcome, done in settled:
            await self._settled(claim, settlement, outcome, done)

    async def _settled(self, claim: Claim, settlement: Settlement, outcome: Outcome, done: asyncio.Future[bool]) -> None:
        written = await once_awaited(done)
        if isinstance(written, Bug):
            written = await insisted(lambda: self._store.settle(settlement), written, claim.case.due)
        if isinstance(written, Bug) and not isinstance(written.error, Unavailable):
            # what cannot be written is parked for that reason
            outcome = Park(code="bug", words=written.words)
            written = await once_awaited(self._store.settle(_parked(claim, outcome)))
        if isinstance(written, Bug):
            # it is claimed again when its lease ends, and the ledger is asked before it is told again
            self._journal.trouble("unsettled", case=claim.case.case_id, channel=claim.case.arrival.channel, why=str(written.error))
        self._tell(claim.case, outcome, written is True)

    async def _submit(self, submissions: Sequence[Submission]) -> Sequence[Outcome]:
        if not submissions:
            return ()
        outcomes = await once_awaited(forward(self._ledger, submissions, random.random))
        if not isinstance(outcomes, Bug):
            return outcomes
        if len(submissions) == 1:
            return [Park(code="bug", words=outcomes.words)]
        # One of them is our bug, and the others may be registered by now: each alone, asking first.
        return [(await self._submit([msgspec.structs.replace(submission, unsure=True)]))[0] for submission in submissions]

    def _settlement(self, claim: Claim, reading: Reading, outcome: Outcome, now: datetime) -> Settlement:
        if isinstance(outcome, Park):
            return _parked(claim, outcome)
        if isinstance(outcome, Retry):
            due = now + timedelta(seconds=outcome.delay_s)
            return Settlement(claim=claim, step="submit", due=due, unsure=outcome.unsure, code=outcome.code)
        letters: tuple[Letter, ...] = ()
        if claim.case.registration is None:
            letters = self._clerk.letter("registered", *reading, tracking_id=outcome.registration.tracking_id)
        return Settlement(claim=claim, step="done", registration=outcome.registration, record=_encode(reading[1]), letters=letters)

    def _tell(self, case: Case, outcome: Outcome, ours: bool) -> None:
        word, result = _WORDS[type(outcome)] if ours else ("retried", "stale")
        self._metrics.forwarded[self._ledger.name, result] += 1
        facts: dict[str, str | int | float] = {}
        if not isinstance(outcome, Done):
            facts = {"code": outcome.code, "attempts": case.attempts}
        if ours:
            self._journal.say(word, case.case_id, case.arrival.channel, **facts)


_WORDS: Mapping[type, tuple[Word, str]] = {Done: ("registered", "registered"), Retry: ("retried", "retried"), Park: ("parked", "parked")}


def _parked(claim: Claim, park: Park) -> Settlement:
    # unknown, and a fault of ours in the middle of a call: the ledger may have it
    return Settlement(claim=claim, step="parked", code=park.code, words=park.words, unsure=park.code in {"unknown", "bug"})


def _submission(case: Case, reading: Reading) -> Submission:
    return Submission(complaint=reading[1], attempts=case.attempts, unsure=case.unsure, registration=case.registration)


class Sending:
    """Tries of the letters of one channel."""

    def __init__(self, store: Store, channel: Channel, *, metrics: Metrics, journal: Journal) -> None:
        """One for each channel."""
        self.channel = channel
        self._store, self._metrics, self._journal = store, metrics, journal

    async def attempt(self, claims: Sequence[LetterClaim]) -> None:
        """Send and settle each."""
        rest = _Countdown(len(claims))
        for claim in claims:
            self._begin(claim, rest)
        await rest.over
        for claim, settlement, done in rest.settled:
            # What the store will not take is claimed again when its lease ends; the citizen may then hear twice.
            written = await once_awaited(done)
            if isinstance(written, Bug):
                written = await insisted(partial(self._store.settle_letter, settlement), written, None)
            if written is True:
                self._tell(claim, settlement)

    def _begin(self, claim: LetterClaim, rest: _Countdown) -> None:
        """Callbacks and no task for each letter: most are answered by the operator in the same breath as a hundred others."""
        sending = once(lambda: asyncio.ensure_future(self.channel.send(claim.letter)))
        if isinstance(sending, Bug):
            self._settle(claim, sending, rest)
        else:
            sending.add_done_callback(lambda sent: self._settle(claim, sent, rest))

    def _settle(self, claim: LetterClaim, sent: asyncio.Future[tuple[str, ...]] | Bug, rest: _Countdown) -> None:
        """At once, not with the rest of the batch: a letter that is sent and not settled is sent again after a kill."""
        settlement = self._settlement(claim, sent)
        rest.down((claim, settlement, self._store.settle_letter(settlement)))

    def _settlement(self, claim: LetterClaim, sent: asyncio.Future[tuple[str, ...]] | Bug) -> LetterSettlement:
        if isinstance(sent, asyncio.Future) and sent.cancelled():
            return LetterSettlement(claim=claim, step="send", due=datetime.now(UTC), code="cancelled")
        result = sent if isinstance(sent, Bug) else once(sent.result)
        if not isinstance(result, Bug):
            return LetterSettlement(claim=claim, step="sent", provider_ids=result)
        if not isinstance(result.error, Refused | Unavailable):
            return LetterSettlement(claim=claim, step="parked", code="bug", words=result.words)
        now = datetime.now(UTC)
        age_s = (now - claim.created_at).total_seconds()
        outcome = judge_letter(result.error, attempts=claim.attempts, age_s=age_s, jitter=random.random())
        if isinstance(outcome, Retry):
            return LetterSettlement(claim=claim, step="send", due=now + timedelta(seconds=outcome.delay_s), code=outcome.code)
        return LetterSettlement(claim=claim, step="parked", code=outcome.code, words=outcome.words)

    def _tell(self, claim: LetterClaim, settlement: LetterSettlement) -> None:
        word, result = _LETTER_WORDS[settlement.step]
        letter_ = claim.letter
        self._metrics.letters[letter_.channel, letter_.kind, result] += 1
        facts = {"code": settlement.code} if settlement.code else {}
        self._journal.say(word, letter_.case_id, letter_.channel, letter=letter_.kind, **facts)


class _Countdown:
    """Over when every letter of a batch is on its way to be settled."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.settled: list[tuple[LetterClaim, LetterSettlement, asyncio.Future[bool]]] = []

    def down(self, settled: tuple[LetterClaim, LetterSettlement, asyncio.Future[bool]]) -> None:
        self.settled.append(settled)
        self._count -= 1
        if not self._count and not self.over.done():
            self.over.set_result(None)


_LETTER_WORDS: Mapping[str, tuple[Word, str]] = {"sent": ("told", "sent"), "send": ("retried", "retried"), "parked": ("refused", "parked")}
