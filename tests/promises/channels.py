"""The channels that `test_channels.py` holds to their promises, and what a subject must bring. A new kind joins `SUBJECTS`.

In: nothing. Out: subjects by name; every kind of channel that there is below channels/; an inbox that says no to everything once.
"""

from __future__ import annotations

import asyncio
import importlib
import math
import pkgutil
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from types import ModuleType
from typing import Any, Literal

import channels
from channels.base import Accepted, Arrival, Channel, Letter, Part, Receipt, Request, Unavailable
from tests.fakes.inbox import Shelf

#: what becomes of a letter. broken: 5xx and its like. garbled: an answer in no language of the protocol. silent: none in time.
#: dropped: taken, and the connection lost before the answer. gone: nobody is there. refused: a 4xx other than "later".
Fate = Literal["taken", "throttled", "broken", "garbled", "silent", "dropped", "gone", "refused"]
FATES: tuple[Fate, ...] = ("taken", "throttled", "broken", "garbled", "silent", "dropped", "gone", "refused")
#: words of a citizen and of a letter, to be searched for where they must not be
WORDS = "lampu jalan mati rahasiaku"
ANSWER = "Laporan Anda diterima. Kode: 7K3Q-9FXM-2CH4 rahasiaku."


class Reluctant:
    """Satisfies channels.base.Inbox: says no to each message once, and yes when it comes again. `asked`: all that was handed in."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.left_s = math.inf
        self.asked: list[Arrival | Part] = []
        self._refused: set[Hashable] = set()

    def _refuses(self, handed: Sequence[Arrival | Part]) -> bool:
        self.asked += handed
        new = set(map(identity, handed)) - self._refused
        self._refused |= new
        return bool(new)

    def accept(self, arrival: Arrival) -> asyncio.Future[Accepted]:
        return _no() if self._refuses([arrival]) else self.shelf.accept(arrival)

    def hold(self, part: Part) -> asyncio.Future[Accepted]:
        return _no() if self._refuses([part]) else self.shelf.hold(part)

    def advance(
        self, channel: str, notes: Mapping[str, str | None], arrivals: Sequence[Arrival] = (), parts: Sequence[Part] = ()
    ) -> asyncio.Future[Sequence[Accepted]]:
        return _no() if self._refuses([*arrivals, *parts]) else self.shelf.advance(channel, notes, arrivals, parts)

    def note(self, receipt: Receipt) -> asyncio.Future[bool]:
        return self.shelf.note(receipt)

    async def latest(self, channel: str) -> datetime | None:
        return None

    async def recall(self, channel: str, name: str) -> str | None:
        return await self.shelf.recall(channel, name)

    async def recalled(self, channel: str, prefix: str, limit: int) -> Mapping[str, str]:
        return await self.shelf.recalled(channel, prefix, limit)

    def forget(self, channel: str, source_id: str, why: str, *, waiting: bool = False) -> asyncio.Future[bool]:
        return self.shelf.forget(channel, source_id, why)


def identity(each: Arrival | Part) -> Hashable:
    """What the store recognises it by."""
    return each.source_id if isinstance(each, Arrival) else (each.group, each.index, each.fingerprint)


def _no() -> asyncio.Future[Any]:
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.set_exception(Unavailable("store_busy"))
    return future


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the store would hand out to be read."""

    arrival: Arrival
    parts: tuple[Part, ...] = ()


def kept_as(what: Arrival | Part) -> Kept:
    """As a case that has nothing else."""
    if isinstance(what, Arrival):
        return Kept(arrival=what)
    return Kept(arrival=Arrival(channel=what.channel, source_id=what.group, raw=b"", received_at=what.received_at), parts=(what,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A channel under test."""

    kind: str
    #: settings as a table, with every secret that there can be
    table: Mapping[str, Any]
    secrets: tuple[str, ...]
    #: beside WORDS: senders and addressees
    private: tuple[str, ...]
    #: what came and was kept, one of each sort; read, and mutated
    examples: Sequence[Kept]
    #: while it lasts, one message comes through the open door into the inbox until it is taken; None where `calls` are all
    coming: Callable[[Reluctant], AbstractAsyncContextManager[Channel]] | None = None
    #: its citizens can be answered
    way_back: bool = True
    #: calls that a webhook takes, and calls that prove nothing
    calls: Sequence[Request] = ()
    forged: Sequence[Request] = ()
    #: a channel, and a letter that meets this fault (a name in `fates`)
    sending: Callable[[str], AbstractAsyncContextManager[tuple[Channel, Letter]]]
    #: the faults by which a letter has this fate; "" is none
    fates: Mapping[Fate, tuple[str, ...]]
    #: why a fate is not to be had
    never: Mapping[Fate, str] = field(default_factory=dict)
    #: faults that take longer than `make test` has time for
    slow: frozenset[str] = frozenset()

    @property
    def module(self) -> ModuleType:
        return importlib.import_module(f"channels.{self.kind}")


def kinds() -> set[str]:
    """Every module below channels/ that could stand as `kind` in a table."""
    found = set()
    for module in pkgutil.walk_packages(channels.__path__, "channels."):
        if not module.ispkg:
            offered = vars(importlib.import_module(module.name))
            if "Settings" in offered and callable(offered.get("channel")):
                found.add(module.name.removeprefix("channels."))
    return found
