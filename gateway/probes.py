"""Tries every door, as far as it can be tried from our own side, and says how it was.

In: the channels that this process keeps, an address, the marks. Out: a `Finding` for each, on the store's board, and counted. What is sent
is marked: the workers know it, tell no ledger of it and answer nobody (`clerk`).

    web, API, push, mail    a message through the door itself: how long until yes, how long until it is on record as a test; and whether
                            somebody is there to take our answers
    a bind                  an enquire_link on each, there and back: nobody can send us an SMS but the operator
    a bot, an account       a question that only a valid token is answered: nobody can write to us but a citizen
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol, runtime_checkable

import msgspec

from channels.base import Channel, Echoing, Enterable, Refused, Unavailable
from gateway.clerk import PROBE
from gateway.findings import BOARD, Finding, How
from gateway.journal import Journal
from gateway.marks import Marks
from gateway.metrics import Metrics
from gateway.steering import Steering
from gateway.store.base import Store
from gateway.tenure import holder
from gateway.work import Bug, once_awaited

#: what is tried; the lease of whoever tries the doors that many may keep
_WORDS: Final = "Uji saluran otomatis, bukan laporan warga."
_LEASE: Final = "probes"
#: how often it is looked whether a record is written, in seconds
LOOK_S: Final = 0.25
#: among so many it is looked for where its door named no code
LAST: Final = 50
#: the first round comes so long after the doors were opened, in seconds
FIRST_S: Final = 5.0


@runtime_checkable
class Probed(Protocol):
    """A channel that can say whether its other side is there."""

    async def probe(self) -> str:
        """Words for the operator. Raises Refused or Unavailable."""
        ...


@runtime_checkable
class Sparing(Protocol):
    """A channel whose other side wants to be asked rarely, or is paid for it."""

    @property
    def probe_every_s(self) -> float: ...


class Lasting(Protocol):
    """A right that ends."""

    @property
    def left_s(self) -> float: ...


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How often, how long, and where."""

    every_s: float
    within_s: float
    #: the public address on this machine; empty when there is none
    public: str


class Prober:
    """One for a process that keeps doors."""

    def __init__(
        self, store: Store, channels: Mapping[str, Channel], tenures: Mapping[str, Lasting], *, marks: Marks, steering: Steering,
        journal: Journal, metrics: Metrics, terms: Terms,
    ) -> None:  # fmt: skip
        """`tenures`: of the doors that one process at a time keeps."""
        self._store, self._channels, self._tenures = store, channels, tenures
        self._marks, self._steering, self._journal, self._metrics, self._terms = marks, steering, journal, metrics, terms
        self._who = holder()
        #: the last of each
        self.findings: dict[str, Finding] = {}

    async def run(self) -> None:
        """Round after round, for as long as the doors are kept."""
        await asyncio.sleep(FIRST_S)
        while True:
            await self.round()
            await asyncio.sleep(self._terms.every_s)

    async def round(self) -> None:
        """Every door that is ours to try, side by side; one that an officer has shut is no fault, and is left alone."""
        ours = await self._ours()
        tried = [name for name in ours if not self._steering.shut(name) and self._due(name)]
        await asyncio.gather(*map(self._try, tried))
        for name in self.findings.keys() - set(ours):
            del self.findings[name]

    async def _try(self, name: str) -> None:
        finding = await once_awaited(self._tried(name))
        if isinstance(finding, Bug):
            # a fault of ours in a try must not close the doors that it tries
            finding = Finding(channel=name, how=_how(self._channels[name]) or "asked", at=datetime.now(UTC), why="bug")
        if finding is not None:
            await self._told(finding)

    async def _tried(self, name: str) -> Finding | None:
        """How a door is; None for one that cannot be tried at all."""
        channel = self._channels[name]
        how, took_s, why = _how(channel), dict[str, float](), ""
        if how is None:
            return None
        try:
            async with asyncio.timeout(2 * self._terms.within_s):
                if isinstance(channel, Enterable):
                    await self._entered(channel, took_s)
                if isinstance(channel, Echoing):
                    took_s.update(await channel.echo())
                elif isinstance(channel, Probed):
                    await _asked(channel, took_s)
        except (Refused, Unavailable) as trouble:
            why = trouble.code
        except TimeoutError:
            why = "too_slow"
        return Finding(channel=name, how=how, at=datetime.now(UTC), why=why, took_s=took_s)

    async def _entered(self, channel: Channel, took_s: dict[str, float]) -> None:
        """Through the door, and on to its record. Raises Refused, Unavailable or TimeoutError."""
        assert isinstance(channel, Enterable)  # noqa: S101  # the caller has asked
        began = time.perf_counter()
        mark = self._marks.made(channel.name, datetime.now(UTC))
        # before it comes, so that nobody takes it for a citizen's meanwhile
        self._metrics.entered[channel.name] += 1
        try:
            async with asyncio.timeout(self._terms.within_s):
                reference = await channel.enter(f"{_WORDS} {mark}", self._terms.public)
        except BaseException:
            self._metrics.entered[channel.name] -= 1
            raise
        took_s["yes"] = time.perf_counter() - began
        while not await self._recorded(reference, mark.encode()):  # noqa: ASYNC110 - a worker, elsewhere perhaps, tells us nothing
            await asyncio.sleep(LOOK_S)
        took_s["record"] = time.perf_counter() - began

    async def _recorded(self, reference: str, mark: bytes) -> bool:
        """By its code; where the door named none, among the last that went to no ledger."""
        if not reference:
            return any(case.code == PROBE and mark in case.arrival.raw for case in await self._store.listing("declined", LAST))
        life = await self._store.life(reference)
        return life is not None and (life.case.step, life.case.code) == ("declined", PROBE)

    async def _ours(self) -> Sequence[str]:
        """Those that this process keeps alone; and, in one process of all, those that several keep."""
        alone = [name for name, tenure in self._tenures.items() if tenure.left_s > 0]
        try:
            lease = await self._store.lease(_LEASE, self._who, 2 * self._terms.every_s + self._terms.within_s)
        except Unavailable:
            lease = None
        return alone if lease is None else [*alone, *(name for name in self._channels if name not in self._tenures)]

    def _due(self, name: str) -> bool:
        last, channel = self.findings.get(name), self._channels[name]
        rest = timedelta(seconds=channel.probe_every_s if isinstance(channel, Sparing) else 0.0)
        return last is None or datetime.now(UTC) - last.at >= rest

    async def _told(self, finding: Finding) -> None:
        before = self.findings.get(finding.channel)
        self.findings[finding.channel] = finding
        self._metrics.probed(finding)
        if finding.why and (before is None or before.why != finding.why):
            self._journal.trouble("probe_failed", channel=finding.channel, why=finding.why, how=finding.how)
        elif not finding.why and before is not None and before.why:
            self._journal.state("probe_well", channel=finding.channel, how=finding.how)
        channel = self._channels[finding.channel]
        lasts_s = 3 * max(self._terms.every_s, channel.probe_every_s if isinstance(channel, Sparing) else 0.0) + 2 * self._terms.within_s
        try:
            await self._store.pin(BOARD, finding.channel, msgspec.json.encode(finding), lasts_s)
        except Unavailable:
            return


async def _asked(channel: Probed, took_s: dict[str, float]) -> None:
    """The other side, where answers go. Raises Unavailable."""
    began = time.perf_counter()
    try:
        await channel.probe()
    except (Refused, Unavailable) as trouble:
        # its words name addresses, and are for a terminal
        raise Unavailable("no_way_back") from trouble
    took_s["answer"] = time.perf_counter() - began


def _how(channel: Channel) -> How | None:
    if isinstance(channel, Enterable):
        return "entered"
    if isinstance(channel, Echoing):
        return "echoed"
    return "asked" if isinstance(channel, Probed) else None
