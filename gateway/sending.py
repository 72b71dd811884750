"""What a try of a letter is, at the channel through which its complaint came.

In: claims of letters. Out: one settlement for each, at once when its fate is known. It decides nothing that `forwarder.outcome` can
decide, and never waits for a next try.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from channels.base import Channel, Refused, Taken, Unavailable
from forwarder.manners import hushed
from forwarder.outcome import Retry, judge_letter
from gateway.journal import Journal, Word
from gateway.metrics import Metrics
from gateway.store.base import Store
from gateway.store.record import LetterClaim, LetterSettlement
from gateway.store.trying import Try
from gateway.work import Bug, insisted, once, once_awaited


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
            until = hushed(claim.letter.quiet, datetime.now(UTC)) if claim.letter.quiet else None
            if until is None:
                self._begin(claim, rest)
            else:  # something held it up until into the night
                held = LetterSettlement(claim=claim, step="send", due=until, code="quiet")
                rest.down((claim, held, self._store.settle_letter(held)))
        await rest.over
        unwritten = []
        for claim, settlement, done in rest.settled:
            written = await once_awaited(done)
            if isinstance(written, Bug):
                unwritten.append(self._insisted(claim, settlement, written))
            elif written:
                self._tell(claim, settlement)
        # side by side: one after the other, a hundred would outlast their leases
        await asyncio.gather(*unwritten)

    async def _insisted(self, claim: LetterClaim, settlement: LetterSettlement, failed: Bug) -> None:
        """What the store will not take is claimed again when its lease ends; the citizen may then hear twice."""
        if await insisted(partial(self._store.settle_letter, settlement), failed, None) is True:
            self._tell(claim, settlement)

    def _begin(self, claim: LetterClaim, rest: _Countdown) -> None:
        """Callbacks and no task for each letter: most are answered by the operator in the same breath as a hundred others."""
        sending = once(lambda: asyncio.ensure_future(self.channel.send(claim.letter)))
        if isinstance(sending, Bug):
            self._settle(claim, sending, rest, time.time())
        else:
            began = time.time()
            sending.add_done_callback(lambda sent: self._settle(claim, sent, rest, began))

    def _settle(self, claim: LetterClaim, sent: asyncio.Future[Taken] | Bug, rest: _Countdown, began: float) -> None:
        """At once, not with the rest of the batch: a letter that is sent and not settled is sent again after a kill."""
        settlement = _tried(self._settlement(claim, sent), began)
        rest.down((claim, settlement, self._store.settle_letter(settlement)))

    def _settlement(self, claim: LetterClaim, sent: asyncio.Future[Taken] | Bug) -> LetterSettlement:
        if isinstance(sent, asyncio.Future) and sent.cancelled():
            return LetterSettlement(claim=claim, step="send", due=datetime.now(UTC), code="cancelled")
        result = sent if isinstance(sent, Bug) else once(sent.result)
        if not isinstance(result, Bug):
            return LetterSettlement(claim=claim, step="sent", provider_ids=result.ids, said=result.said, answered_at=datetime.now(UTC))
        if not isinstance(result.error, Refused | Unavailable):
            return LetterSettlement(claim=claim, step="parked", code="bug", words=result.words)
        now = datetime.now(UTC)
        age_s = (now - claim.created_at).total_seconds()
        outcome = judge_letter(result.error, attempts=claim.attempts, age_s=age_s, jitter=random.random())
        said, at = outcome.said, now if outcome.said else None
        if isinstance(outcome, Retry):
            due = now + timedelta(seconds=outcome.delay_s)
            return LetterSettlement(claim=claim, step="send", due=due, code=outcome.code, said=said, answered_at=at)
        return LetterSettlement(claim=claim, step="parked", code=outcome.code, words=outcome.words, said=said, answered_at=at)

    def _tell(self, claim: LetterClaim, settlement: LetterSettlement) -> None:
        word, result = _LETTER_WORDS[settlement.step]
        letter_ = claim.letter
        self._metrics.letters[letter_.channel, letter_.kind, result] += 1
        facts = {"code": settlement.code} if settlement.code else {}
        self._journal.say(word, letter_.case_id, letter_.channel, letter=letter_.kind, **facts)


def _tried(settlement: LetterSettlement, began: float) -> LetterSettlement:
    """With a record of the try, unless it went well at the first go: when the letter was written stands with it."""
    claim = settlement.claim
    if claim.attempts <= 1 and settlement.step == "sent":
        return settlement
    at, took_s = datetime.fromtimestamp(began, UTC), time.time() - began
    # a yes stands with the letter
    said = "" if settlement.step == "sent" else settlement.said
    tried = Try(of=claim.letter.key, nth=claim.attempts, at=at, took_s=took_s, step=settlement.step, code=settlement.code, said=said)
    return msgspec.structs.replace(settlement, tried=tried)


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
