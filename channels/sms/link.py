"""One bind with an operator, kept up: dialled, bound, and dialled again when it is lost, until it is asked to leave.

In: an operator, a role, and a way to open an intake. Out: a bound `Wire` as much of the time as the other side allows, and a state for
operators' eyes. It never looks at PDUs.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Literal

import msgspec

from channels.base import Unavailable
from channels.sms import statuses
from channels.sms.events import BindRefused, End, Unbound
from channels.sms.pace import BackOff, Pace
from channels.sms.session import Role
from channels.sms.wire import Intake, Operator, Wire

CONNECT_S = 10.0
#: for what is under way when we leave: letters that wait for their answer, messages that wait for the disk
SETTLE_S = 5.0
UNBIND_S = 2.0

Word = Literal["closed", "connecting", "binding", "bound", "lost", "refused", "leaving"]


class LinkState(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may know of a link. `why` says what ended the last bind, empty while all is well."""

    number: int
    role: Role
    word: Word
    since: datetime
    why: str = ""
    #: messages and receipts that it brought since the process began
    came: int = 0


class Link:
    """Bind `number` of an operator."""

    def __init__(self, operator: Operator, number: int, role: Role, trust: ssl.SSLContext | None) -> None:
        self._operator, self._number, self._role, self._trust = operator, number, role, trust
        self._back_off = BackOff()
        self.pace = Pace(operator.settings.rate_per_s)
        self._wire: Wire | None = None
        self._came = 0
        self._become("closed")

    @property
    def seen(self) -> LinkState:
        """What an operator sees of it now."""
        return msgspec.structs.replace(self.state, came=self._came + (self._wire.came if self._wire else 0))

    async def keep(self, open_intake: Callable[[], Awaitable[Intake]]) -> None:
        """Work until cancelled, then leave politely. `open_intake` is asked before each bind, and may raise Unavailable."""
        try:
            while True:
                await asyncio.sleep(await self._live(open_intake))
                self._operator.counts["reconnect"] += 1
        finally:
            self._become("closed")

    async def echo(self) -> float:
        """See `Wire.echo`. Raises Unavailable when there is no bind, or no answer in time."""
        if self._wire is None:
            raise Unavailable("not_bound")
        try:
            async with asyncio.timeout(self._operator.settings.response_timeout_s):
                return await self._wire.echo()
        except TimeoutError:
            raise Unavailable("no_answer") from None

    async def _live(self, open_intake: Callable[[], Awaitable[Intake]]) -> float:
        """One connection from dial to end; returns the seconds to wait before the next."""
        self._become("connecting", self.state.why)
        try:
            async with asyncio.timeout(CONNECT_S):
                wire = await self._dial(await open_intake())
        except Unavailable as problem:
            return self._lost(f"store: {problem.code}")
        except (OSError, UnicodeError) as problem:  # TimeoutError and SSLError are OSErrors; a host that is no name is a UnicodeError
            return self._lost(type(problem).__name__)
        try:
            return await self._run(wire)
        except asyncio.CancelledError:
            await self._leave(wire)
            raise
        finally:
            self._wire = None
            self._came += wire.came
            wire.close()

    async def _dial(self, intake: Intake) -> Wire:
        settings = self._operator.settings
        _, wire = await asyncio.get_running_loop().create_connection(
            lambda: Wire(self._operator, self._role, intake, self.pace),
            settings.host,
            settings.port,
            ssl=self._trust,
            server_hostname=settings.host if self._trust else None,
        )
        return wire

    async def _run(self, wire: Wire) -> float:
        """See a connection through bind and end."""
        self._become("binding", self.state.why)
        await asyncio.wait((wire.bound, wire.gone), return_when=asyncio.FIRST_COMPLETED)
        began = asyncio.get_running_loop().time()
        if wire.bound.done():
            self._wire = wire
            self._become("bound")
        # A cancelled wait cancels what it waits for, and others still ask this future.
        end = await asyncio.shield(wire.gone)
        held = asyncio.get_running_loop().time() - began if wire.bound.done() else 0.0
        return self._ended(end, held)

    async def _leave(self, wire: Wire) -> None:
        """Finish what was begun, say goodbye, and wait for the answer; each for a bounded time, and no longer than the link is ours."""
        self._become("leaving")
        left_s = self._operator.outbox.left_s
        with contextlib.suppress(TimeoutError):
            # not asyncio.timeout: before Python 3.11.3 its end cannot be told from the cancellation that brought us here
            await asyncio.wait_for(wire.settle(), min(SETTLE_S, left_s()))
        wire.unbind()
        await asyncio.wait((wire.gone,), timeout=max(min(UNBIND_S, left_s()), 0))

    def _ended(self, end: End, held: float) -> float:
        match end:
            case BindRefused(status):
                self._operator.counts["bind_refused"] += 1
                self._become("refused", statuses.words(status))
                return self._back_off.after(0.0) if status in statuses.BIND_AGAIN else self._back_off.after_refusal()
            case Unbound():
                return self._lost("unbound by the operator", held)
            case _:
                return self._lost(end.why, held)

    def _lost(self, why: str, held: float = 0.0) -> float:
        self._become("lost", why)
        return self._back_off.after(held)

    def _become(self, word: Word, why: str = "") -> None:
        self.state = LinkState(number=self._number, role=self._role, word=word, since=datetime.now(UTC), why=why)
