"""A store and a process of which a console needs little, and which may go away; for the tests of what looks at them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from channels.base import Unavailable
from channels.sms.link import LinkState
from gateway import controls
from gateway.console.pulse import BOARD
from gateway.health import ChannelState, LedgerState, State
from gateway.spool.home import SpoolState
from gateway.store.board import Pinned
from gateway.store.record import Tally
from tests.console.seen import NOW

TALLY = Tally(
    received={"web": 9, "sms": 4}, cases={"web": {"done": 5, "submit": 2, "worklist": 1, "parked": 1}, "sms": {"done": 4}},
    oldest={"submit": NOW - timedelta(seconds=90), "parked": NOW - timedelta(days=3)}, letters={"web": {"sent": 5, "send": 1}},
    waiting={"web": NOW - timedelta(seconds=90)},
)  # fmt: skip


class Wall:
    """A store of which a console needs little, and which may go away."""

    def __init__(self) -> None:
        self.pins: dict[str, Pinned] = {}
        self.wishes: dict[str, Pinned] = {}
        self.away, self.tallies = False, 0

    async def pin(self, board: str, name: str, value: bytes, lasts_s: float | None) -> None:
        self._there()
        assert (board, lasts_s) == (BOARD, 86_400)
        self.pins[name] = Pinned(value, datetime.now(UTC))

    async def unpin(self, board: str, name: str) -> None:
        self._there()
        self.pins.pop(name, None)

    async def pinned(self, board: str) -> Mapping[str, Pinned]:
        self._there()
        return {BOARD: self.pins, controls.BOARD: self.wishes}.get(board, {})

    async def latest(self, channel: str) -> datetime | None:
        self._there()
        return NOW if channel == "web" else None

    async def tally(self) -> Tally:
        self._there()
        self.tallies += 1
        return TALLY

    def _there(self) -> None:
        if self.away:
            raise Unavailable("store_unreachable")


class Body:
    """What a process knows of itself."""

    def __init__(self) -> None:
        self.up, self.why, self.link = True, "", LinkState(number=1, role="transceiver", word="bound", since=NOW)

    def here(self) -> State:
        channels = {"sms": ChannelState(up=self.up, links=(self.link,))}
        return State(
            ready=True, why=self.why, channels=channels, ledgers={"http": LedgerState(up=self.up)}, tally=None,
            spool=SpoolState(waiting={}, torn=0),
        )  # fmt: skip
