"""Submits of one operator on their way to a bind that has room for them.

In: encoded submit_sm PDUs. Out: for each a future of what became of it: the SMSC's answer, or why there is none. It never encodes,
never judges an answer, and makes no task or timer per message.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import Protocol

import msgspec

from channels.base import Unavailable
from channels.sms.events import Answered
from channels.sms.pace import Pace

#: the failure is a value, not raised: a future whose exception nobody fetches complains when it is collected
Fate = Answered | Unavailable


class Sender(Protocol):
    """A bound connection that may carry submit_sm."""

    @property
    def asking(self) -> int:
        """Submits without an answer."""
        ...

    @property
    def pace(self) -> Pace: ...

    def submit(self, raw: bytes, fate: asyncio.Future[Fate], now: float) -> None: ...


class Errand(msgspec.Struct, frozen=True):
    """A submit_sm that waits for a bind; `since` on the loop's clock."""

    raw: bytes
    fate: asyncio.Future[Fate]
    since: float


class Outbox:
    """First come, first sent, by the least busy bind. `window` per bind; nobody waits longer than `patience_s` for room.

    `left_s`: for how long we may send, see `Inbox.left_s`. It is asked for each segment, because a process that was stopped goes on in
    the middle of whatever it did.
    """

    def __init__(self, *, window: int, patience_s: float) -> None:
        self.left_s: Callable[[], float] = lambda: math.inf
        self._window, self._patience_s = window, patience_s
        self._senders: list[Sender] = []
        self._queue: deque[Errand] = deque()
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def open(self) -> bool:
        """True while a bind could send."""
        return bool(self._senders) and self.left_s() > 0

    def add(self, sender: Sender) -> None:
        """A bind came up."""
        self._senders.append(sender)
        self.dispatch()

    def remove(self, sender: Sender) -> None:
        """A bind went, or is about to; what waits for room has not been sent, so with no bind left it can be said to be so."""
        if sender not in self._senders:
            return
        self._senders.remove(sender)
        if not self._senders:
            self._fail_all("not_bound")

    def put(self, raw: bytes) -> asyncio.Future[Fate]:
        """Send when there is room. Cancelling the future before it was sent keeps it from being sent."""
        loop = asyncio.get_running_loop()
        fate: asyncio.Future[Fate] = loop.create_future()
        if not self.open:
            fate.set_result(Unavailable("lease_lost" if self._senders else "not_bound"))
            return fate
        now = loop.time()
        sender = None if self._queue else self._free(now)
        if sender is not None:
            sender.submit(raw, fate, now)
        else:
            self._queue.append(Errand(raw, fate, now))
        return fate

    def dispatch(self) -> None:
        """Send what there is room for."""
        if not self._queue:
            return
        if not self.open:
            self._fail_all("lease_lost")
        now = asyncio.get_running_loop().time()
        while self._queue:
            errand = self._queue[0]
            if not errand.fate.done():
                sender = self._free(now)
                if sender is None:
                    return
                sender.submit(errand.raw, errand.fate, now)
            self._queue.popleft()

    def sweep(self, now: float) -> None:
        """Let go what has waited too long: its worker holds a lease that must not run out."""
        while self._queue and (self._queue[0].fate.done() or now - self._queue[0].since >= self._patience_s):
            _fail(self._queue.popleft(), "busy")

    def _free(self, now: float) -> Sender | None:
        """The least busy bind that may send now. When only the pace holds us back, be woken when it does no more."""
        best, soonest = None, None
        for sender in self._senders:
            asking = sender.asking
            if asking >= self._window:
                continue
            wait = sender.pace.wait(now)
            if wait > 0:
                soonest = wait if soonest is None else min(soonest, wait)
            elif best is None or asking < best.asking:
                best = sender
        if best is None and soonest is not None and self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(soonest, self._wake)
        return best

    def _wake(self) -> None:
        self._alarm = None
        self.dispatch()

    def _fail_all(self, code: str) -> None:
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        while self._queue:
            _fail(self._queue.popleft(), code)


def _fail(errand: Errand, code: str) -> None:
    if not errand.fate.done():
        errand.fate.set_result(Unavailable(code))
