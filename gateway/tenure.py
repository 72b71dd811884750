"""The right of this process to keep a door that one process at a time may keep (`channels.base.Single`): taken, had for longer, lost.

In: a store that has leases. Out: for how long the right is surely ours, and the fence under which the store does something for us. It
opens no door; `keep` does.

The store decides whose a lease is. We ask in time to have it for longer, and reckon from the moment before we asked, so by our own clock
it ends before it does by the store's. That clock goes on while the process, or the machine, is stopped.

What carries the fence, and what does not:
* A cursor that moves (`advance`) and a letter that is claimed are refused by the store, in its transaction, when another has the lease:
  a process that was stopped would set the cursor back, or take letters that the new holder is to send.
* A letter that was claimed before is the channel's to hold back: it looks at `left_s` before each thing that it sends or asks, for no
  store stands between it and its other side. What was on the wire when the process was stopped is out, and may be sent again by the
  next holder: twice rather than never.
* What is brought to us and has an identity (an SMS, a part, a receipt) is kept without a look at the lease. Its bytes are here, the
  same ones from another process are known as the same, and to refuse them would help nobody. So is a message that its author took
  back: that is true whoever saw it.

While the store answers nobody, a lease can be neither renewed nor taken. A door that polls stops then: its cursor is in the store. A bind
stays up and goes on taking in, for hours if need be, and that of a process which starts in this time is opened all the same; it sends
nothing, and has nothing to send, since letters are in the store. When it is only we who are cut off from the store, another process takes
the lease and the letters; it binds too if the operator lets it. What reaches us by then is kept once, wherever it comes in again. The door
is closed as soon as the store tells us who has the lease.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol

from channels.base import Accepted, Arrival, Part, Unavailable
from gateway.intake import Intake
from gateway.store.fencing import Fence


class Times(NamedTuple):
    """In seconds. A door whose holder is gone shall be open elsewhere within ten: one lease, one question, and the way to the provider."""

    lease: float = 7.0
    #: how often we ask to have it for longer
    renew: float = 2.0
    #: how often we ask for one that another has
    ask: float = 1.0


USUAL = Times()


class Leasing(Protocol):
    """A store, as far as it is needed here."""

    async def lease(self, name: str, holder: str, for_s: float) -> int | None: ...

    async def unlease(self, fence: Fence) -> None: ...


def holder() -> str:
    """Who this process is, for operators; and unlike any other, also one that had the same number on a host of the same name."""
    return f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"


class Tenure:
    """The right to keep one door."""

    def __init__(self, store: Leasing, intake: Intake, name: str, who: str, *, times: Times = USUAL) -> None:
        """`name` of the channel; `who` as in `holder`."""
        self.name, self._store, self._intake, self._who, self._times = name, store, intake, who, times
        self.fence: Fence | None = None
        #: the store has said once whose it is
        self.told = False
        self._ends = 0.0

    @property
    def left_s(self) -> float:
        """For how long it is surely ours."""
        return self._ends - _clock() if self.fence else 0.0

    async def ask(self) -> Fence | None:
        """Ask once. When the store does not answer, all is as before."""
        asked = _clock()
        with suppress(Unavailable):
            token = await self._store.lease(self.name, self._who, self._times.lease)
            self.told = True
            self.fence, self._ends = (None, 0.0) if token is None else (Fence(self.name, token), asked + self._times.lease)
        return self.fence if self.left_s > 0 else None

    def inbox(self, fence: Fence | None) -> Fenced:
        """For a door that is opened under the lease as it is now; when it is lost and taken again, the door is opened again."""
        return Fenced(self._intake, self, fence)

    async def taken(self) -> Fence:
        """Wait until it is ours."""
        while (fence := await self.ask()) is None:  # noqa: ASYNC110 - a lease that ends tells nobody
            await asyncio.sleep(self._times.ask)
        return fence

    async def lost(self, fence: Fence | None) -> None:
        """Have it for longer, until another has it; or had it, in which case it is not the same any more. None: until the store says whose
        it is."""
        while self.fence == fence and (fence or not self.told):
            await asyncio.sleep(self._times.renew)
            await self.ask()

    async def doubtful(self) -> None:
        """Wait until it may be another's."""
        while (left_s := self.left_s) > 0:  # noqa: ASYNC110 - time tells nobody that it has gone by
            await asyncio.sleep(left_s)

    async def give_back(self) -> None:
        """So that nobody need wait until it ends."""
        if self.fence:
            fence, self.fence = self.fence, None
            with suppress(Unavailable):
                await self._store.unlease(fence)


class Fenced:
    """The inbox of a door that is kept under a lease. See `channels.base.Inbox`."""

    def __init__(self, intake: Intake, tenure: Tenure, fence: Fence | None) -> None:
        self._intake, self._tenure, self._fence = intake, tenure, fence
        self.accept, self.hold, self.note = intake.accept, intake.hold, intake.note
        self.latest, self.recall, self.recalled, self.forget = intake.latest, intake.recall, intake.recalled, intake.forget

    @property
    def left_s(self) -> float:
        return self._tenure.left_s if self._tenure.fence == self._fence else 0.0

    def advance(
        self, channel: str, notes: Mapping[str, str | None], arrivals: Sequence[Arrival] = (), parts: Sequence[Part] = ()
    ) -> asyncio.Future[Sequence[Accepted]]:
        return self._intake.advance(channel, notes, arrivals, parts, fence=self._fence)


def _clock() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
