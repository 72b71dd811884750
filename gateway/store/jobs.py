"""What a transaction of a store is to do, and who waits for work.

In: nothing, this file only defines. Out: records that the writer gathers and an engine works off: `batch` or `redis_batch`. It touches
no disk.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, NamedTuple

from channels.base import Receipt, Unavailable
from gateway.store.arrivals import New
from gateway.store.fencing import Fence
from gateway.store.kinship import Search
from gateway.store.parts import NewPart
from gateway.store.record import LetterSettlement, Settlement

Counts = Counter[tuple[str, str]]


class NewMove(NamedTuple):
    """A step of a channel that polls, on its way in."""

    channel: str
    notes: Mapping[str, str | None]
    news: Sequence[New]
    parts: Sequence[NewPart]
    fence: Fence | None = None


#: somebody who may answer what came in the store's stead: True, and the future is his
Astray = Callable[[New | NewPart | Receipt, "asyncio.Future[Any]", Unavailable], bool]


class Queue(NamedTuple):
    """Where things wait: the cases of a ledger, or the letters of a channel."""

    kind: Literal["cases", "letters"]
    #: the ledger's or the channel's
    name: str


class Want(NamedTuple):
    """Somebody waits for work: for cases of these ledgers, or for the letters of a channel."""

    queues: tuple[Queue, ...]
    limit: int
    lease_s: float
    #: only to find out which ledger the cases belong to
    sorting: bool = False
    #: the lease under which letters are sent
    fence: Fence | None = None


#: where what comes waits first
NEW: Final = Queue("cases", "")


@dataclass(slots=True, kw_only=True)
class Jobs:
    """What a transaction is to do, by kind."""

    puts: list[New] = field(default_factory=list)
    parts: list[NewPart] = field(default_factory=list)
    moves: list[NewMove] = field(default_factory=list)
    settled: list[Settlement] = field(default_factory=list)
    sent: list[LetterSettlement] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    kin: list[Sequence[Search]] = field(default_factory=list)
    #: anything rare, as the engine understands it
    acts: list[Any] = field(default_factory=list)
    #: at most one for the same queues
    wants: list[Want] = field(default_factory=list)

    def singly(self) -> Iterator[tuple[str, Jobs]]:
        """Each job alone, with its kind, in the order of kinds."""
        for kind in KINDS:
            for job in getattr(self, kind):
                yield kind, Jobs(**{kind: [job]})


#: those of single things that doors bring
CAME: Final = frozenset({"puts", "parts", "receipts"})
KINDS = tuple(each.name for each in fields(Jobs))

#: by kind: a result or an exception for each job, in order
Results = dict[str, list[Any]]
