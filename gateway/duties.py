"""What is worked off for as long as the gateway runs: the cases, the letters of each channel, and those who wait for a word.

In: a store, attempts. Out: coroutines for the wiring to run. Each works until it is cancelled, then finishes what it began.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from channels.base import Letter, Unavailable
from forwarder.breaker import Ending, ending
from gateway.attempts import Submitting
from gateway.clerk import Clerk
from gateway.gate import Gate
from gateway.journal import Journal
from gateway.latch import Latch
from gateway.sending import Sending
from gateway.stint import Stint
from gateway.store.base import Store
from gateway.store.record import ALONE, Case, Claim, LetterClaim
from gateway.tenure import Tenure
from gateway.work import taken, work

#: how often a closed door is asked whether it is open, in seconds
ASK_S = 0.2
#: how often those who wait for a word are looked for, in seconds; and how many are told at once: to find and to tell them takes the store
#: some 5 ms each
ROUND_S, ROUND = 1.0, 100
#: Claims are made for several batches at once: as long as somebody waits for more than comes, what comes is handed over as it is kept,
#: and need not be claimed from the disk (see `store.batch`).
AHEAD = 4
#: While there is a crowd at the doors, a claim is put off by so many rounds of so many seconds at most; while it pours, for as long as a
#: burst may last (`gateway.pressure`). Answers come late then, but they come.
HOLD_ROUNDS, HOLD_S = 50, 0.01
#: new cases that are sorted in one batch, batches in flight, and the lease: to read takes a moment, to fetch a picture a minute
SORTED, SORTED_BATCHES, SORT_LEASE_S = 100, 2, 120.0
#: how often cases are looked for whose ledger is gone, in seconds
STRAY_S = 60.0
#: letters of a channel in one batch, and batches in flight; the channel's own window decides how many are on the wire
LETTERS, LETTER_BATCHES = 100, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a ledger wants to be asked, and for how long a case is claimed for it."""

    batch: int
    concurrency: int
    lease_s: float


class Doors(Protocol):
    """What the workers ask of those who let messages in."""

    @property
    def crowded(self) -> bool: ...

    @property
    def pouring(self) -> bool: ...


async def submit(store: Store, submitting: Submitting, doors: Doors, *, pace: Pace, way: Gate, ledgers: Sequence[str] = ALONE) -> None:
    """Work off the cases of a ledger, as the `way` to it allows; `ledgers` is what its queues are called."""

    async def claim() -> Sequence[Claim]:
        await _let_in(doors)
        return await taken(store.claim(pace.batch * AHEAD, pace.lease_s, ledgers=ledgers), store.release)

    async def attempt(claims: Sequence[Claim]) -> None:
        how: Ending = "unasked"
        try:
            how = ending(await submitting.attempt(claims, asking=way.asking))
        finally:
            way.left(how)

    try:
        await work(claim, attempt, store.release, batch=pace.batch, in_flight=pace.concurrency, way=way)
    finally:
        await submitting.left()


async def sort(store: Store, sorting: Submitting, doors: Doors, *, needed: Callable[[], bool]) -> None:
    """Find out which ledger each new case belongs to, and do at once what needs none: answer what is asked, put aside what is no
    complaint. Where there is one ledger only, this is `needed` while that is away."""

    async def claim() -> Sequence[Claim]:
        while not needed():  # noqa: ASYNC110  # a ledger that goes away says so to nobody
            await asyncio.sleep(ASK_S)
        await _let_in(doors)
        return await taken(store.claim(SORTED * AHEAD, SORT_LEASE_S, ledgers=("",), sorting=True), store.release)

    try:
        await work(claim, sorting.attempt, store.release, batch=SORTED, in_flight=SORTED_BATCHES)
    finally:
        await sorting.left()


async def _let_in(doors: Doors) -> None:
    """The doors go first: what is on disk can wait, what is not may be lost by others."""
    patience = HOLD_ROUNDS
    while doors.pouring or (patience > 0 and doors.crowded):
        patience -= 1
        await asyncio.sleep(HOLD_S)


async def stray(store: Store, ledgers: Sequence[str], journal: Journal) -> None:
    """What waits for a ledger that is not in the settings any more would wait for ever: a person must look."""
    while True:
        try:
            parked = await store.stray(ledgers, ROUND)
        except Unavailable:
            parked = {}
        for ledger, cases in parked.items():
            journal.trouble("no_ledger", ledger=ledger, cases=cases)
        if not any(cases == ROUND for cases in parked.values()):
            await asyncio.sleep(STRAY_S)


async def answer(store: Store, sending: Sending, *, lease_s: float, tenure: Tenure | None = None, latch: Latch | None = None) -> None:
    """Work off the letters of one channel, while it is up: a letter claimed for a closed door would use up an attempt for nothing.

    `tenure`: under which it is kept, if one process at a time keeps it. `latch`: what an officer wants of it.
    """

    channel, latch = sending.channel, latch or Latch()

    async def claim() -> Sequence[LetterClaim]:
        while True:
            while not channel.up:  # noqa: ASYNC110  # a channel says whether it is up; it has no event to wait for
                await asyncio.sleep(ASK_S)
            fence = tenure.fence if tenure else None
            claims = await taken(store.claim_letters(channel.name, LETTERS * AHEAD, lease_s, fence=fence), store.release)
            if not latch.shut:
                return claims
            # it was paused while we waited for them
            store.release(claims)
            await latch.entered(LETTERS)

    await work(claim, sending.attempt, store.release, batch=LETTERS, in_flight=LETTER_BATCHES, way=latch)


async def comfort(store: Store, clerk: Clerk, stint: Stint, after_s: float) -> None:
    """A receipt for everybody whose case the ledger has not registered `after_s` seconds after it came."""
    while True:
        try:
            waiting = await store.unanswered(datetime.now(UTC) - timedelta(seconds=after_s), ROUND)
            receipts: list[tuple[Case, Sequence[Letter]]] = []
            async with stint:
                for case in waiting:
                    letters = await asyncio.to_thread(clerk.receipt, case)
                    await stint.pause()
                    # None: whether they may be answered is still to be found out
                    receipts += [] if letters is None else [(case, letters)]
            if receipts:
                await store.comfort([case for case, _ in receipts], [letter for _, letters in receipts for letter in letters])
            waiting = [case for case, _ in receipts]
        except Unavailable:
            waiting = ()
        if len(waiting) < ROUND:
            await asyncio.sleep(ROUND_S)
