"""The pulse of a process: what it knows of its doors, its ledgers and its spool, for the consoles of all.

In: what `Health` knows without asking anybody, and the counts. Out: a `Pulse`, pinned on the store's board every few seconds as long as
the process lives; one that ends as it was asked to takes it off. A pulse holds no word, number or name of a citizen.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import msgspec

from channels.base import Unavailable
from gateway.health import ChannelState, State
from gateway.metrics import Metrics
from gateway.spread import Spread
from gateway.store.board import Board

BOARD: Final = "pulse"
#: how often it beats, and after how long the last beat of a process that fell is forgotten, in seconds
BEAT_S, KEPT_S = 5.0, 86_400.0
#: words of the channels for a link that works, and for one that is on its way
_WORKING: Final = frozenset({"bound", "polling", "called", "ok", "slow", "mentions_only"})
_ON_THE_WAY: Final = frozenset({"closed", "connecting", "binding", "starting"})


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A bind, or whatever else a channel keeps open."""

    #: within its channel, and the same after a restart
    name: str
    up: bool
    #: how its channel calls its state; of one that is tried again and again, what became of the last try
    word: str
    since: datetime
    why: str = ""
    #: of one that counts: what it brought since the process began, and when it was last seen to
    came: int = 0
    last: datetime | None = None


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """A channel, as one process keeps it."""

    up: bool
    since: datetime
    #: of one that a single process at a time keeps: whether this one does
    held: bool | None = None
    links: Sequence[Link] = ()
    #: when this process last saw a message come that was not its own
    last: datetime | None = None
    #: since the process began, by `spread.ACCEPT`
    accepting: Sequence[int] = ()
    #: our own tries of it since the process began: by outcome; by `spread.ACCEPT` until the yes or the answer, by `spread.REGISTER` until
    #: the record
    probes: Mapping[str, int] = {}
    answering: Sequence[int] = ()
    recording: Sequence[int] = ()


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger, as one process finds it."""

    up: bool
    since: datetime
    #: since when every try has been put off; None while some are answered, or none is made
    failing: datetime | None = None
    #: since the process began, by outcome
    outcomes: Mapping[str, int] = {}


class Pulse(msgspec.Struct, frozen=True, kw_only=True):
    """See above."""

    host: str
    pid: int
    #: all, doors or workers
    role: str
    began: datetime
    at: datetime
    #: what keeps messages out of the store; empty when nothing does
    why: str = ""
    #: it can keep a message, in the store or in the spool
    ready: bool = True
    doors: Mapping[str, Door] = {}
    ledgers: Mapping[str, Way] = {}
    #: since the process began, by channel, then ledger: by `spread.REGISTER`
    registering: Mapping[str, Mapping[str, Sequence[int]]] = {}
    #: in the spool, by channel; and its files in quarantine
    spooled: Mapping[str, int] = {}
    torn: int = 0


class Known(Protocol):
    """Whoever knows how the process is."""

    def here(self) -> State: ...


class Heart:
    """One for a process."""

    def __init__(self, board: Board, health: Known, metrics: Metrics, role: str) -> None:
        """`role`: all, doors or workers."""
        self._board, self._health, self._metrics, self._role = board, health, metrics, role
        self._began, self._host = datetime.now(UTC), socket.gethostname()
        self._seen: dict[object, tuple[Any, datetime]] = {}
        #: of each link that does not work: the last word that said something
        self._words: dict[object, str] = {}
        #: of each ledger: tries that it answered, those that were put off, and since when all were
        self._tries: dict[str, tuple[int, int, datetime | None]] = {}
        #: of this process among all that ever lived
        self.name = f"{self._host}/{role}/{os.getpid()}/{secrets.token_hex(4)}"

    async def beat(self) -> None:
        """Until cancelled; then nobody need miss us. While the store is away, others see our last beat, and our own console sees us."""
        try:
            while True:
                with suppress(Unavailable):
                    await self._board.pin(BOARD, self.name, msgspec.json.encode(self.pulse()), KEPT_S)
                await asyncio.sleep(BEAT_S)
        finally:
            with suppress(Unavailable):
                await asyncio.shield(self._board.unpin(BOARD, self.name))

    def pulse(self) -> Pulse:
        """As it is now."""
        state, now = self._health.here(), datetime.now(UTC)
        registering: dict[str, dict[str, Sequence[int]]] = {}
        for (channel, ledger), spread in self._metrics.registering.items():
            registering.setdefault(channel, {})[ledger] = list(spread.counts)
        return Pulse(
            host=self._host, pid=os.getpid(), role=self._role, began=self._began, at=now, why=state.why, ready=state.ready,
            doors={name: self._door(name, channel, now) for name, channel in state.channels.items()},
            ledgers={name: self._way(name, up=ledger.up, now=now) for name, ledger in state.ledgers.items()},
            registering=registering, spooled=dict(state.spool.waiting), torn=state.spool.torn,
        )  # fmt: skip

    def _door(self, name: str, state: ChannelState, now: datetime) -> Door:
        counts = self._metrics
        before = self._seen.get(("came", name), (0, now))[0]
        # our own tries say nothing of whether citizens come through; one under way is taken off before it comes
        came = max(counts.received[name] - counts.entered[name], before)
        links = [self._link(name, each, now) for each in state.links]
        return Door(
            up=state.up, since=self._since(("door", name), state.up, now), held=state.held, links=links,
            last=self._since(("came", name), came, now) if came else None, accepting=_spread(counts.accepting, name),
            probes={outcome: n for (channel, outcome), n in counts.probes.items() if channel == name},
            answering=_spread(counts.answering, name), recording=_spread(counts.recording, name),
        )  # fmt: skip

    def _way(self, name: str, *, up: bool, now: datetime) -> Way:
        outcomes = {outcome: n for (ledger, outcome), n in self._metrics.forwarded.items() if ledger == name}
        return Way(up=up, since=self._since(("ledger", name), up, now), outcomes=outcomes, failing=self._failing_since(name, outcomes, now))

    def _failing_since(self, name: str, outcomes: Mapping[str, int], now: datetime) -> datetime | None:
        put_off = outcomes.get("retried", 0) + outcomes.get("stale", 0)
        answered = sum(outcomes.values()) - put_off
        before = self._tries.get(name, (0, 0, None))
        since = None if answered > before[0] else before[2] or (now if put_off > before[1] else None)
        self._tries[name] = (answered, put_off, since)
        return since

    def _link(self, channel: str, state: object, now: datetime) -> Link:
        """Channels tell of their links each in its own words; these are the ones that all have."""
        told: dict[str, Any] = msgspec.to_builtins(state, builtin_types=(datetime,))
        name = " ".join(str(told[part]) for part in ("role", "number", "task") if part in told)
        word = str(told.get("word") or told.get("state"))
        up, key = word in _WORKING, ("link", channel, name)
        self._seen.setdefault(key, (up, told["since"]))
        since = self._since(key, up, now)
        word = self._words.get(key, word) if word in _ON_THE_WAY else word
        if up:
            self._words.pop(key, None)
        else:
            self._words[key] = word
        came = int(told.get("came", 0))
        last = self._since(("link came", channel, name), came, now) if came else None
        return Link(name=name, up=up, word=word, since=since, why=str(told.get("why", "")), came=came, last=last)

    def _since(self, what: object, value: object, now: datetime) -> datetime:
        """Since when it is what it is, as far as we have looked."""
        before = self._seen.get(what)
        if before is None or before[0] != value:
            self._seen[what] = before = (value, now)
        return before[1]


def _spread(spreads: Mapping[str, Spread], name: str) -> Sequence[int]:
    return list(spreads[name].counts) if name in spreads else ()


def read(value: bytes) -> Pulse | None:
    """One that was pinned; None when another version of the gateway pinned it and we cannot read it."""
    try:
        return msgspec.json.decode(value, type=Pulse)
    except msgspec.DecodeError:
        return None
