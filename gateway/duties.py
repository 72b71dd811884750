"""What is worked off for as long as the gateway runs: the cases, the letters of each channel, and those who wait for a word.

In: a store, attempts. Out: coroutines for the wiring to run. Each works until it is cancelled, then finishes what it began.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from channels.base import Channel, Letter, Unavailable
from forwarder.outcome import Park
from gateway.attempts import Clerk, Sending, Submitting
from gateway.store.base import LetterClaim, Store
from gateway.work import work

#: how often a closed door is asked whether it is open, in seconds
ASK_S = 0.2
#: how often those who wait for a word are looked for, in seconds; and how many are told at once
ROUND_S, ROUND = 1.0, 500
#: how many letters of a channel are claimed at once; the channel's own window decides how many are on the wire
LETTERS = 100


async def submit(store: Store, submitting: Submitting, *, batch: int, in_flight: int, lease_s: float) -> None:
    """Work off the cases."""
    await work(lambda: store.claim(batch, lease_s), submitting.attempt, in_flight)


async def answer(store: Store, channel: Channel, sending: Sending, *, lease_s: float) -> None:
    """Work off the letters of one channel, while it is up: a letter claimed for a closed door would use up an attempt for nothing."""

    async def claim() -> Sequence[LetterClaim]:
        while not channel.up:  # noqa: ASYNC110  # a channel says whether it is up; it has no event to wait for
            await asyncio.sleep(ASK_S)
        return await store.claim_letters(channel.name, LETTERS, lease_s)

    await work(claim, sending.attempt, in_flight=4)


async def comfort(store: Store, clerk: Clerk, after_s: float) -> None:
    """A receipt for everybody whose case the ledger has not registered `after_s` seconds after it came.

    Cases are looked at once each, in the order in which they came. A receipt has its own key, so that one who is looked at twice,
    because we were killed in between, is told once.
    """
    seen = ""
    while True:
        try:
            told = await _comforted(store, clerk, seen, datetime.now(UTC) - timedelta(seconds=after_s))
        except Unavailable:
            told = None
        if told is None:
            await asyncio.sleep(ROUND_S)
        else:
            seen = told


async def _comforted(store: Store, clerk: Clerk, after: str, before: datetime) -> str | None:
    """The id of the last case that was looked at; None when there was none."""
    waiting = await store.unanswered(after, before, ROUND)
    letters: list[Letter] = []
    for case in waiting:
        reading = clerk.read(case)
        if not isinstance(reading, Park) and case.registration is None:
            letters += clerk.letter("receipt", *reading)
    if letters:
        await store.write(letters)
    return waiting[-1].case_id if waiting else None
