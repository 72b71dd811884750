"""One connection to an SMSC, from the bind to its end.

In: bytes from the socket, and submits from the outbox. Out: bytes to the socket, and messages to the intake, each answered when the
intake's future is done, in whatever order they are done. It never reads a message and never dials again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol, cast

import msgspec
from smpplib import consts

from channels.base import Unavailable
from channels.sms import statuses
from channels.sms.controls import Credentials
from channels.sms.events import Answered, Bound, Delivered, Echoed, End, Event, Lost, Unanswered, Unreadable
from channels.sms.outbox import Fate, Outbox
from channels.sms.pace import Pace
from channels.sms.session import Role, Session
from channels.sms.settings import Settings

#: how often the timers are looked at within the shorter of them; at least once a second
TICKS, LONGEST_TICK_S = 8, 1.0
LINGER_S = 2.0
#: octets of ours that the other side may leave unread, before we read no more of what it says: sixty thousand answers, where one that
#: keeps to a window waits for a hundred
UNREAD = 2**20
#: codes of Unavailable by which the store says that there is no room
FULL = frozenset(("disk_full", "disk_nearly_full"))


class Intake(Protocol):
    """Where the bytes of one connection are kept. Each future is done when they are on disk, and fails when they are not."""

    def take(self, raw: bytes, now: datetime) -> asyncio.Future[Any]:
        """A deliver_sm or data_sm, readable or not."""
        ...

    def keep(self, raw: bytes, now: datetime) -> asyncio.Future[Any]:
        """Bytes that have no meaning."""
        ...


class Operator(msgspec.Struct, frozen=True):
    """What the binds of one operator share."""

    settings: Settings
    outbox: Outbox
    counts: Counter[str]


class Wire(asyncio.Protocol):
    """The socket side of a `Session`. `bound` is done at the bind; `gone` at the end, with its reason."""

    def __init__(self, operator: Operator, role: Role, intake: Intake, pace: Pace) -> None:
        """`pace` outlives the connection: an operator who was pressed too hard does not forget it at the next bind."""
        settings = operator.settings
        self.pace = pace
        self._operator, self._intake = operator, intake
        self._session = Session(role, enquire_link_s=settings.enquire_link_s, response_timeout_s=settings.response_timeout_s)
        self._tick_s = min(settings.enquire_link_s / TICKS, settings.response_timeout_s / TICKS, LONGEST_TICK_S)
        self._loop = asyncio.get_running_loop()
        self.bound: asyncio.Future[None] = self._loop.create_future()
        self.gone: asyncio.Future[End] = self._loop.create_future()
        #: messages and receipts that it brought
        self.came = 0
        self._submitted: dict[int, asyncio.Future[Fate]] = {}
        self._echoes: dict[int, asyncio.Future[None]] = {}
        self._transport: asyncio.Transport | None = None
        self._clock: asyncio.TimerHandle | None = None
        self._changed: asyncio.Future[None] | None = None
        self._flushes = self._paused = self._leaving = False
        #: since when UNREAD has been reached
        self._unread_since: float | None = None

    @property
    def asking(self) -> int:
        """Submits that wait for their answer."""
        return self._session.asking

    def submit(self, raw: bytes, fate: asyncio.Future[Fate], now: float) -> None:
        """Send a submit_sm; `fate` gets the answer, or an Unavailable that is unsure."""
        self._submitted[self._session.submit(raw, now)] = fate
        self.pace.spend(now)
        self._flush_soon()

    async def echo(self) -> float:
        """How long the SMSC takes to answer a question that says nothing, in seconds. Waits while it does not; raises Unavailable when
        the connection ends."""
        asked = self._loop.time()
        sequence, echoed = self._session.enquire(asked), self._loop.create_future()
        self._echoes[sequence] = echoed
        self._flush_soon()
        try:
            await echoed
        finally:
            del self._echoes[sequence]
        return self._loop.time() - asked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # create_connection makes no other; uvloop's are of no common class
        self._transport.set_write_buffer_limits(UNREAD)
        settings = self._operator.settings
        who = Credentials(system_id=settings.system_id, password=settings.password, system_type=settings.system_type)
        self._session.bind(who, self._loop.time())
        self._flush()
        self._clock = self._loop.call_later(self._tick_s, self._tick)

    def data_received(self, data: bytes) -> None:
        events = self._session.receive(data, self._loop.time())
        if events:
            self._obey(events, datetime.now(UTC))
        if self._session.strays:
            self._operator.counts["stray_answer"] += self._session.strays
            self._session.strays = 0
        self._operator.outbox.dispatch()
        self._flush_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        self._session.drop()
        if self._clock:
            self._clock.cancel()
        self._end(Lost("closed"))
        self._flush()

    def pause_writing(self) -> None:
        """Nobody reads what we say: whoever goes on asking all the same would fill our memory with answers."""
        self._unread_since = self._loop.time()
        self._pause()

    def resume_writing(self) -> None:
        self._unread_since = None
        self._flush_soon()

    async def settle(self) -> None:
        """Take no more letters, wait until those under way are answered, stop reading, wait until all that was taken in is answered."""
        self._operator.outbox.remove(self)
        while self._submitted and not self.gone.done():
            await self._change()
        self._leaving = True
        self._pause()
        while self._session.unanswered and not self.gone.done():
            await self._change()

    def unbind(self) -> None:
        """Ask the SMSC to part. What it delivered meanwhile stays unanswered: an error status would make it wait before the next try."""
        if self._session.state == "bound":
            self._session.unbind(self._loop.time())
        self._flush()
        self._unpause()

    def close(self) -> None:
        """Close the connection after what was written has gone out, or after LINGER_S: a dead peer would keep it open for ever."""
        self._operator.outbox.remove(self)
        if self._transport and not self._transport.is_closing():
            self._transport.close()
            self._loop.call_later(LINGER_S, self._transport.abort)

    async def _change(self) -> None:
        """Wait until something was answered on either side, or the connection has ended."""
        self._changed = self._changed or self._loop.create_future()
        await asyncio.shield(self._changed)

    def _obey(self, events: list[Event], stamp: datetime) -> None:
        for event in events:
            match event:
                case Delivered():
                    self.came += 1
                    taken = self._intake.take(event.raw, stamp)
                    taken.add_done_callback(partial(self._answer, event.command, event.sequence))
                case Answered():
                    self._answered(event)
                case Echoed():
                    if (echoed := self._echoes.get(event.sequence)) and not echoed.done():
                        echoed.set_result(None)
                case Unanswered():
                    _settle(self._submitted.pop(event.sequence), Unavailable("no_answer", unsure=True))
                case Unreadable():
                    self._intake.keep(event.raw, stamp).add_done_callback(self._kept)
                case Bound():
                    self.bound.set_result(None)
                    if self._session.sends:
                        self._operator.outbox.add(self)
                case _:
                    self._end(event)
        if self._session.state != "bound":
            self._operator.outbox.remove(self)
        if self._session.unanswered > 2 * self._operator.settings.window:
            self._pause()

    def _answer(self, command: int, sequence: int, taken: asyncio.Future[Any]) -> None:
        """The store has spoken about a delivery: tell the SMSC."""
        self._session.answer(command, sequence, _status(taken))
        self._flush_soon()

    def _answered(self, event: Answered) -> None:
        if event.status in statuses.SLOWER:
            self._operator.counts["throttled"] += 1
            self.pace.complain(self._loop.time())
        _settle(self._submitted.pop(event.sequence), event)

    def _kept(self, kept: asyncio.Future[Any]) -> None:
        """Nobody asks for an answer here, but bytes that could not even be kept must show somewhere."""
        if _status(kept) != consts.SMPP_ESME_ROK:
            self._operator.counts["unreadable_lost"] += 1

    def _tick(self) -> None:
        now = self._loop.time()
        if self._unread_since is not None and now - self._unread_since >= self._operator.settings.response_timeout_s:
            self._session.drop()
            self._end(Lost("unread"))
        # While we do not read, the silence is ours.
        elif not self._paused:
            self._obey(self._session.tick(now), datetime.now(UTC))
        self._operator.outbox.sweep(now)
        self._flush()
        self._clock = self._loop.call_later(self._tick_s, self._tick)

    def _end(self, end: End) -> None:
        """Nothing more will be answered on this connection; what was asked may have been done or not."""
        self._operator.outbox.remove(self)
        for echoed in self._echoes.values():
            if not echoed.done():
                echoed.set_exception(Unavailable("link_lost"))
        for fate in self._submitted.values():
            _settle(fate, Unavailable("link_lost", unsure=True))
        self._submitted.clear()
        if not self.gone.done():
            self.gone.set_result(end)

    def _flush_soon(self) -> None:
        """One write for all that happens in this turn of the loop: a commit answers a hundred deliveries at once."""
        if not self._flushes:
            self._flushes = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushes = False
        for event in self._session.part(self._loop.time()):
            self._obey([event], datetime.now(UTC))
        if out := self._session.take():
            self._write(out)
        if self._session.state == "closed":
            self.close()
        if self._paused and not self._leaving and self._session.unanswered <= self._operator.settings.window:
            self._unpause()
        if self._changed:
            self._changed.set_result(None)
            self._changed = None

    def _write(self, out: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(out)

    def _pause(self) -> None:
        if not self._paused and self._transport:
            self._paused = True
            self._transport.pause_reading()

    def _unpause(self) -> None:
        if self._paused and self._unread_since is None and self._transport:
            self._paused = False
            self._session.resume(self._loop.time())
            if not self._transport.is_closing():
                self._transport.resume_reading()


def _settle(fate: asyncio.Future[Fate], what: Fate) -> None:
    """Tell who waits, unless they have gone away."""
    if not fate.done():
        fate.set_result(what)


def _status(taken: asyncio.Future[Any]) -> int:
    """The command_status for a message whose commit has ended: yes only when it is on disk."""
    if taken.cancelled():
        return int(consts.SMPP_ESME_RX_T_APPN)
    problem = taken.exception()
    if problem is None:
        return int(consts.SMPP_ESME_ROK)
    full = isinstance(problem, Unavailable) and problem.code in FULL
    return int(consts.SMPP_ESME_RMSGQFUL if full else consts.SMPP_ESME_RX_T_APPN)
