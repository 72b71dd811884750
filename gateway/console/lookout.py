"""One look at the whole gateway: the pulses of all processes, the counts of the store, and whether it answers.

In: the store, the heart of our own process. Out: a `Sight`. However many ask, it looks once in a while and gives all of them the same, so
that viewers cost the gateway nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

from channels.base import Unavailable
from gateway import controls, findings
from gateway.console import pulse, slices
from gateway.console.history import STORE, Moment
from gateway.console.pulse import BOARD, Heart, Pulse
from gateway.console.slices import ALL, Counted, Slice
from gateway.controls import NOTHING, Wanted
from gateway.findings import Finding
from gateway.store.board import Board
from gateway.store.record import Tally

#: a sight is good for so long, good enough for a page that is opened, and a process not heard for so long is silent; in seconds
GOOD_S, FRESH_S, SILENT_S = 2.0, 8.0, 16.0
#: a store that does not answer within so many seconds is not waited for
PATIENCE_S = 3.0


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A process, and whether it is still heard of. `silent`: since when it is not."""

    pulse: Pulse
    silent: datetime | None = None


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen at one moment."""

    at: datetime
    processes: Mapping[str, Heard]
    #: the last counts that the store gave, and when; None before it ever did
    tally: Tally | None
    tallied: datetime | None
    #: why the store does not answer; empty when it does
    why: str = ""
    #: since when it is so
    since: datetime
    #: by channel: when its newest message came, as the store knew when we began to look
    latest: Mapping[str, datetime] = {}
    #: what officers want of channels
    wanted: Wanted = NOTHING
    #: by channel: how it was when its door was last tried
    findings: Mapping[str, Finding] = {}

    @property
    def alive(self) -> list[Pulse]:
        """Of the processes that are heard."""
        return [heard.pulse for heard in self.processes.values() if heard.silent is None]


class Counting(Board, Protocol):
    """What is asked of a store."""

    async def tally(self) -> Tally: ...

    async def latest(self, channel: str) -> datetime | None: ...


class Lookout:
    """One for a console."""

    def __init__(self, store: Counting, heart: Heart, channels: Iterable[str] = ()) -> None:
        """Looks when it is asked. `channels`: of the settings."""
        self._store, self._heart, self._channels = store, heart, channels
        self._last: Sight | None = None
        self._looking: asyncio.Task[Sight] | None = None

    async def look(self) -> Sight:
        """At most GOOD_S old."""
        if self._last is None or datetime.now(UTC) - self._last.at > timedelta(seconds=GOOD_S):
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            self._last = await asyncio.shield(self._looking)
        return self._last

    async def glance(self) -> Sight:
        """For who opens a page and should not wait for a store that has much to do: a few seconds old at most, while the diary runs."""
        if self._last is not None and datetime.now(UTC) - self._last.at < timedelta(seconds=FRESH_S):
            return self._last
        return await self.look()

    async def _look(self) -> Sight:
        last, now, why = self._last, datetime.now(UTC), ""
        own = self._heart.pulse()
        tally, tallied = (last.tally, last.tallied) if last else (None, None)
        processes, latest = (dict(last.processes), last.latest) if last else ({}, {})
        wanted, tried = (last.wanted, last.findings) if last else (NOTHING, {})
        try:
            if own.why and own.why != "disk_nearly_full":
                raise Unavailable(own.why)  # our doors know already that the store is away
            async with asyncio.timeout(PATIENCE_S):
                counts, pins, probes, wanted = await asyncio.gather(
                    self._store.tally(), self._store.pinned(BOARD), self._store.pinned(findings.BOARD), controls.wanted(self._store)
                )
                latest = latest or {name: at for name in self._channels if (at := await self._store.latest(name))}
                tally, tallied = counts, now
                tried = {name: found for name, pin in probes.items() if (found := findings.read(pin.value))}
                processes = heard({name: (pin.value, pin.at) for name, pin in pins.items()})
        except (Unavailable, TimeoutError) as trouble:
            why = trouble.code if isinstance(trouble, Unavailable) else "store_slow"
        processes[self._heart.name] = Heard(pulse=own)
        since = last.since if last and last.why == why else now
        return Sight(
            at=now, processes=processes, tally=tally, tallied=tallied, why=why, since=since, latest=latest, wanted=wanted, findings=tried
        )


def heard(pinned: Mapping[str, tuple[bytes, datetime]]) -> dict[str, Heard]:
    """The processes of a board. What time it is there is told by the newest pin: our own is never old, and clocks differ."""
    now = max((at for _, at in pinned.values()), default=datetime.now(UTC))
    found = {}
    for name, (value, at) in pinned.items():
        read = pulse.read(value)
        if read is not None:
            found[name] = Heard(pulse=read, silent=at if now - at > timedelta(seconds=SILENT_S) else None)
    return _without_successors(found)


def _without_successors(found: Mapping[str, Heard]) -> dict[str, Heard]:
    """Those that fell and were started again are not missed: each process that began after another fell, on the same machine for the same
    work, stands for it."""
    heirs = [each for each in found.values() if each.silent is None]
    kept = {name: each for name, each in found.items() if each.silent is None}
    for name, each in sorted(found.items(), key=lambda item: item[1].silent or datetime.max.replace(tzinfo=UTC), reverse=True):
        if each.silent is None:
            continue
        heir = next((heir for heir in heirs if _follows(heir.pulse, each)), None)
        if heir is None:
            kept[name] = each
        else:
            heirs.remove(heir)
    return kept


def _follows(heir: Pulse, fallen: Heard) -> bool:
    ours = (heir.host, heir.role) == (fallen.pulse.host, fallen.pulse.role)
    return ours and fallen.silent is not None and heir.began >= fallen.silent - timedelta(seconds=SILENT_S)


def moment(sight: Sight, stood: Mapping[str, Slice]) -> Moment:
    """What the history is to keep of it. `stood`: of the last minute, how each subject stood that was not up."""
    counted = {name: _counted(each.pulse) for name, each in sight.processes.items()}
    standing = dict(stood)
    if sight.tally is not None and not sight.why:
        counted[STORE] = slices.of_store(sight.tally)
        aged = {f"channel:{name}": max((sight.at - at).total_seconds(), 0.0) for name, at in sight.tally.waiting.items()}
        aged[ALL] = max(aged.values(), default=0.0)
        for subject, n in slices.waiting(sight.tally).items():
            standing[subject] = standing.get(subject, Slice()).then(Slice(waiting=n, oldest_s=aged.get(subject, 0.0)))
    return Moment(at=sight.at, counted=counted, standing=standing)


def _counted(of: Pulse) -> Counted:
    """What a process counted: the yes by channel, the numbers by channel and by ledger, the tries by ledger and of each door, what each
    bind brought."""
    accepting = {f"channel:{name}": door.accepting for name, door in of.doors.items() if door.accepting}
    registering: dict[str, list[int]] = {}
    for channel, ledgers in of.registering.items():
        for ledger, counts in ledgers.items():
            for subject in (f"channel:{channel}", f"ledger:{ledger}", ALL):
                registering[subject] = slices.added((registering.get(subject, ()), counts))
    binds = {f"bind:{name} {link.name}": link.came for name, door in of.doors.items() for link in door.links if link.came}
    probes = {f"probe:{name}": door for name, door in of.doors.items() if door.probes}
    tries = {f"ledger:{name}": sum(way.outcomes.values()) for name, way in of.ledgers.items()}
    numbers = {f"ledger:{name}": way.outcomes.get("registered", 0) for name, way in of.ledgers.items()}
    return Counted(
        came=tries | binds | {subject: sum(door.probes.values()) for subject, door in probes.items()},
        went=numbers | {subject: door.probes.get("well", 0) for subject, door in probes.items()},
        accepting=accepting | {ALL: slices.added(accepting.values())} | {subject: door.answering for subject, door in probes.items()},
        registering=registering | {subject: door.recording for subject, door in probes.items()},
    )
