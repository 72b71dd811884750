"""Errands: what a message named and did not contain is fetched, aside from the cases that need nothing.

In: a claim, and the channel that knows where to fetch. Out: a settlement that keeps what was found and sends the case round again. The
text of a complaint never waits for its picture longer than some ten minutes, and is never lost with it.
"""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

from channels.base import Gathered, Unavailable
from forwarder.outcome import Retry, judge
from gateway.clerk import Lacking
from gateway.journal import Journal
from gateway.store.base import Store
from gateway.store.record import GATHERING, Claim, Settlement
from gateway.work import Bug, once_awaited

#: errands of one channel under way at once, each of which may hold some 60 MB
MOST = 8
#: seconds; who finds no place comes again after one, then after two … and at last after so many, which makes ten minutes of these turns
LONGEST_TURN_S, MOST_TURNS = 30, 35
#: how long one may take, in seconds; and how long before the end of the lease it must be over
LONGEST_S, SPARE_S = 60.0, 5.0
#: seconds after a message came until it goes on without, and tries that it has had by then at least: it may have lain here while we
#: were away, and a kill counts as a try
GIVE_UP_S, LEAST_TRIES = 600.0, 4


class Errands:
    """Those of one process."""

    def __init__(self, store: Store, journal: Journal) -> None:
        """None is under way."""
        self._store, self._journal = store, journal
        self._under_way: dict[asyncio.Task[None], Claim] = {}

    def start(self, claim: Claim, lacking: Lacking) -> None:
        """Go; the claim is settled when it is over."""
        channel = claim.case.arrival.channel
        if sum(other.case.arrival.channel == channel for other in self._under_way.values()) >= MOST:
            self._store.settle(self._put_off(claim))
            return
        errand = asyncio.create_task(self._run(claim, lacking))
        self._under_way[errand] = claim
        errand.add_done_callback(lambda errand: self._under_way.pop(errand, None))

    async def cancel(self) -> None:
        """Give back what is under way."""
        under_way = dict(self._under_way)
        for errand in under_way:
            errand.cancel()
        if under_way:
            await asyncio.wait(under_way)
            # one that was settled in that moment is not given back by this: the store knows
            self._store.release([claim for errand, claim in under_way.items() if errand.cancelled()])

    def _put_off(self, claim: Claim) -> Settlement:
        """No place is free. A thousand mails whose senders' DNS is dead would have the next ones wait for hours: ten minutes are enough."""
        case, now = claim.case, datetime.now(UTC)
        if case.attempts < MOST_TURNS or (now - case.arrival.received_at).total_seconds() < GIVE_UP_S:
            return _again(claim, now + timedelta(seconds=min(case.attempts, LONGEST_TURN_S)))
        self._journal.trouble("not_gathered", case=case.case_id, channel=case.arrival.channel, why="busy")
        return _found(claim, Gathered())

    async def _run(self, claim: Claim, lacking: Lacking) -> None:
        settlement = await self._fetched(claim, lacking)
        written = await once_awaited(self._store.settle(settlement))
        if isinstance(written, Bug):
            # it is claimed again when its lease ends, and fetched again
            self._journal.trouble(
                "unsettled", case=claim.case.case_id, channel=claim.case.arrival.channel, why=_why(written, written.error)
            )
        elif settlement.gathered is not None:
            self._journal.say("gathered", claim.case.case_id, claim.case.arrival.channel, files=len(settlement.gathered.files))

    async def _fetched(self, claim: Claim, lacking: Lacking) -> Settlement:
        case = claim.case
        left_s = (case.due - datetime.now(UTC)).total_seconds() - SPARE_S if case.due else LONGEST_S
        found = await once_awaited(
            asyncio.wait_for(lacking.channel.gather(case.arrival, lacking.message), max(min(left_s, LONGEST_S), 1.0))
        )
        if not isinstance(found, Bug):
            return _found(claim, found)
        trouble = Unavailable("timeout") if isinstance(found.error, TimeoutError) else found.error
        age_s = (datetime.now(UTC) - case.arrival.received_at).total_seconds()
        if isinstance(trouble, Unavailable) and (age_s < GIVE_UP_S or case.attempts < LEAST_TRIES):
            outcome = judge(trouble, attempts=case.attempts, jitter=random.random())
            if isinstance(outcome, Retry):
                return _again(claim, datetime.now(UTC) + timedelta(seconds=outcome.delay_s))
        self._journal.trouble("not_gathered", case=case.case_id, channel=case.arrival.channel, why=_why(found, trouble))
        return _found(claim, Gathered())


def _found(claim: Claim, gathered: Gathered) -> Settlement:
    """Round again at once, with what was found."""
    return Settlement(claim=claim, step="submit", due=datetime.now(UTC), unsure=claim.case.unsure, gathered=gathered)


def _why(bug: Bug, trouble: Exception) -> str:
    """The words of an exception of ours may be a citizen's."""
    return trouble.code if isinstance(trouble, Unavailable) else bug.words


def _again(claim: Claim, due: datetime) -> Settlement:
    return Settlement(claim=claim, step="submit", due=due, unsure=claim.case.unsure, code=GATHERING)
