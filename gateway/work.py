"""The one loop: claim, try, settle.

In: claims of the store. Out: settlements. Everything that waits in the store is worked off by `work`, whatever it is; what a try does
is in `attempts`. A fault of ours in a try parks what it met, with the traceback; it never loses it and never loops over it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, Protocol, TypeVar

from channels.base import Unavailable
from gateway.journal import whereabouts

C = TypeVar("C")
R = TypeVar("R")

#: how long to leave a store that fails alone, in seconds
REST_S = 1.0
#: how long a store that fails is asked to take what became of a letter, in seconds
INSIST_S = 60.0


class Way(Protocol):
    """To whom the tries go: it says when another may begin, and of how many."""

    @property
    def shut(self) -> bool: ...

    async def entered(self, batch: int) -> int: ...

    def left(self, how: Literal["unasked"]) -> None: ...


class Bug(NamedTuple):
    """What a step of ours raised, and its traceback for the operator."""

    error: Exception
    words: str


async def work(
    claim: Callable[[], Awaitable[Sequence[C]]],
    attempt: Callable[[Sequence[C]], Awaitable[object]],
    release: Callable[[Sequence[C]], None],
    *,
    batch: int,
    in_flight: int,
    way: Way | None = None,
) -> None:
    """Claim, and try in batches, up to `in_flight` at once, until cancelled; then finish what was begun and give back the rest.

    `way`: nothing is claimed while it is shut, and what was claimed before is given back; each try has to leave it.
    """
    free = asyncio.Semaphore(in_flight)
    tries: set[asyncio.Task[None]] = set()
    claims: Sequence[C] = ()
    try:
        while True:
            await free.acquire()
            size = batch
            if way is not None:
                if claims and way.shut:
                    release(claims)
                    claims = ()
                size = await way.entered(batch)
            try:
                claims = claims or await _claimed(claim)
            except asyncio.CancelledError:
                if way is not None:
                    way.left("unasked")
                raise
            trying = asyncio.create_task(_try(attempt, claims[:size], release))
            claims = claims[size:]
            tries.add(trying)
            trying.add_done_callback(tries.discard)
            trying.add_done_callback(lambda _: free.release())
    finally:
        if claims:
            release(claims)
        if tries:
            await asyncio.wait(tries)


async def _claimed(claim: Callable[[], Awaitable[Sequence[C]]]) -> Sequence[C]:
    while True:
        try:
            return await claim()
        except Unavailable:
            await asyncio.sleep(REST_S)


async def _try(attempt: Callable[[Sequence[C]], Awaitable[object]], claims: Sequence[C], release: Callable[[Sequence[C]], None]) -> None:
    """An attempt that the store fails before anything was done gives its claims back: nobody should wait for the lease to end."""
    try:
        await attempt(claims)
    except Unavailable:
        await asyncio.sleep(REST_S)
        release(claims)


async def taken(claiming: asyncio.Future[Sequence[C]], release: Callable[[Sequence[C]], None]) -> Sequence[C]:
    """What a claim brings. Who is cancelled in the very moment in which it comes gives it back: nobody else knows of it."""
    try:
        return await claiming
    except asyncio.CancelledError:
        if not claiming.cancelled() and claiming.exception() is None:
            release(claiming.result())
        raise


def once(step: Callable[[], R]) -> R | Bug:
    """One step of our own code on one message, under the guard: what it raises is a value."""
    try:
        return step()
    except Exception as error:  # the guard of design §2: our bug parks this message and no other
        return Bug(error, whereabouts())


async def once_awaited(step: Awaitable[R]) -> R | Bug:
    """The same for a step that waits."""
    try:
        return await step
    except Exception as error:  # the guard of design §2, as above
        return Bug(error, whereabouts())


async def insisted(again: Callable[[], Awaitable[R]], written: R | Bug, until: datetime | None) -> R | Bug:
    """What became of a settlement; while the store cannot take it (a full disk), it is offered again, as long as the lease holds.

    What was done cannot be undone, so it had better be written down: the other way to learn of it is to ask the ledger again, or to
    tell the citizen twice. `until` is when the lease ends; None is a minute from now.
    """
    ends = until or datetime.now(UTC) + timedelta(seconds=INSIST_S)
    while isinstance(written, Bug) and isinstance(written.error, Unavailable) and written.error.code != "store_closed":
        await asyncio.sleep(REST_S)
        if datetime.now(UTC) >= ends:
            break
        written = await once_awaited(again())
    return written
