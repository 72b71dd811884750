"""From the spool's files into the store, in the order in which things came.

In: files that nobody writes any more. Out: their records in the store, and then no file; or a file in quarantine, when something in it
could not be read or the store would not have it. It never takes a file away of which the store has not everything.

How far a file has been brought is a note in the store that moves with the records (`Store.advance`), so a kill at any moment costs
nothing and repeats nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec

from channels.base import Accepted, Part, Receipt, Unavailable
from gateway import sheaf
from gateway.journal import Journal, Word
from gateway.numbering import Numbering
from gateway.sheaf import FRAME_SIZE, Record
from gateway.spool.detour import DOUBTFUL
from gateway.spool.file import Left
from gateway.spool.record import Message, Notice, Piece, Spooled, read
from gateway.store.base import Store
from gateway.store.record import Move, Numbers
from gateway.work import Bug, once_awaited
from normalizer.reference import write

R = TypeVar("R")

#: where the spool's own notes are; no channel can have this name
OWN: Final = " spool"
#: records, and octets of them, that go into the store in one commit
MOST, MOST_OCTETS = 500, 4 * 2**20


class Item(NamedTuple):
    """A record on its way home. `what` is None when nobody can make sense of it."""

    until: int
    what: Spooled | None


class Draining:
    """Brings files home, one after another."""

    def __init__(self, store: Store, numbering: Numbering, quarantine: Path, thread: ThreadPoolExecutor, journal: Journal) -> None:
        """`thread` is the one that blocks."""
        self._store, self._numbering, self._quarantine, self._thread, self._journal = store, numbering, quarantine, thread, journal
        #: by channel, what waits in the files that are known here
        self.waiting: Counter[str] = Counter()
        #: records that somebody must look at: the store would not have them, or has them under another reference than was told
        self._odd = 0
        #: those that the store is being told
        self._notices: list[Receipt] = []

    def carries(self, job: object) -> bool:
        """See `detour.Waiting`."""
        return any(job is notice for notice in self._notices)

    def came(self, channel: str) -> None:
        """Something new waits, in a file of ours."""
        self.waiting[channel] += 1

    async def bring(self, left: Left) -> None:
        """All of a file; then it is gone. Raises Unavailable, and then the rest can be brought later; or OSError."""
        done, self._odd = map(int, (await self._store.recall(OWN, left.path.name) or "0 0").split())
        records = left.records()
        while items := await self._aside(lambda: _next(records)):
            self._count(left, [item for item in items if item.until <= done])
            if fresh := [item for item in items if item.until > done]:
                await self._carry(left, fresh)
        if left.torn or self._odd:
            await self._aside(lambda: left.move(self._quarantine))
            self.tell(left)
        else:
            if not left.ended:
                self._journal.trouble("spool_unfinished", file=left.path.name)
            await self._aside(left.remove)
        await self._store.advance(Move(channel=OWN, notes={left.path.name: None}))

    def tell(self, left: Left) -> None:
        """Shout about a file in quarantine, of which all was read."""
        self._journal.alarm("spool_quarantined", file=left.path.name, unreadable_octets=left.unreadable, missing_records=left.missing)

    async def trouble(self) -> str:
        """What the store says to a note of ours, since a look alone says nothing of the disk behind it; empty when it takes it."""
        asked = await once_awaited(self._store.advance(Move(channel=OWN, notes={"asked": datetime.now(UTC).isoformat()})))
        if not isinstance(asked, Bug):
            return ""
        return asked.error.code if isinstance(asked.error, Unavailable) else DOUBTFUL

    async def _carry(self, left: Left, items: Sequence[Item]) -> None:
        """These, in one commit; when the store will not have them together, one by one."""
        written = await once_awaited(self._written(left.path.name, items))
        if not isinstance(written, Bug):
            self._count(left, items)
        elif isinstance(written.error, Unavailable) and written.error.code != DOUBTFUL:
            raise written.error
        elif len(items) > 1:
            for item in items:
                await self._carry(left, [item])
        elif not await self.trouble():
            # It takes others, but not this: this one must not hold them up.
            await self._refused(left, items[0])
        else:
            raise Unavailable(DOUBTFUL)

    async def _written(self, name: str, items: Sequence[Item]) -> None:
        """Raises whatever the store does."""
        arrivals = [item.what for item in items if isinstance(item.what, Message)]
        pieces = [item.what for item in items if isinstance(item.what, Piece)]
        self._notices = [item.what.what for item in items if isinstance(item.what, Notice)]
        await asyncio.gather(*map(self._store.note, self._notices))
        self._odd += sum(item.what is None for item in items)
        now = datetime.now(UTC)
        move = Move(
            channel=OWN, notes=self._note(name, items[-1]),
            arrivals=[(each.what, self._numbers(each)) for each in arrivals],
            parts=[(_patient(each.what, now), self._numbers(each)) for each in pieces],
        )  # fmt: skip
        accepted = await self._store.advance(move)
        both: list[Message | Piece] = [*arrivals, *pieces]
        for each, one in zip(both, accepted, strict=True):
            self._told(each, one)
        self._notices = []

    def _note(self, name: str, last: Item) -> dict[str, str]:
        """How far a file has been brought, and in how many records of it something is odd."""
        return {name: f"{last.until} {self._odd}"}

    def _numbers(self, each: Message | Piece) -> Numbers:
        """What was told comes first, also when it came from another key than ours of today."""
        ours, told = self._numbering.of(each.what), each.told
        return lambda salt: ours(salt) if salt else told

    def _told(self, each: Message | Piece, accepted: Accepted) -> None:
        channel = each.what.channel
        word: Word = "held" if isinstance(each, Piece) else "accepted"
        self._journal.say("duplicate" if accepted.duplicate else word, accepted.case_id, channel)
        # What is known by its bytes alone and came twice was told two numbers; the first case has both, and people hear of that one.
        fingerprint = isinstance(each, Piece) or (accepted.duplicate and each.what.same_since is not None)
        if accepted.reference != write(each.told) and not fingerprint:
            self._odd += 1
            self._journal.alarm("told_another_reference", case=accepted.case_id, channel=channel)

    async def _refused(self, left: Left, item: Item) -> None:
        self._odd += 1
        channel = item.what.what.channel if item.what else ""
        self._journal.alarm("spool_refused", channel=channel, file=left.path.name, until=item.until)
        await self._store.advance(Move(channel=OWN, notes=self._note(left.path.name, item)))
        self._count(left, [item])

    def _count(self, left: Left, items: Sequence[Item]) -> None:
        """These are home; a file that is brought in several tries is read from its beginning each time."""
        self.waiting.subtract(item.what.what.channel for item in items if item.what and item.until > left.home)
        left.home = max([left.home, *(item.until for item in items)])

    async def _aside(self, blocking: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._thread, blocking)


def counted(paths: Sequence[Path]) -> Counter[str]:
    """How much is in files, by channel. Blocks. Raises OSError."""
    return Counter(spooled.what.channel for path in paths for spooled in lying(path))


def lying(path: Path) -> Iterator[Spooled]:
    """What is in a file. Blocks. Raises OSError."""
    records = (found for found in sheaf.read(_octets(path)) if isinstance(found, Record))
    return (spooled for record in records if (spooled := read(record.body)))


def _octets(path: Path) -> bytes:
    """None of a file that has just gone home."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _next(records: Iterator[Record]) -> list[Item]:
    items: list[Item] = []
    octets = 0
    for record in records:
        items.append(_item(record))
        octets += len(record.body)
        if len(items) == MOST or octets > MOST_OCTETS:
            break
    return items


def _item(record: Record) -> Item:
    return Item(record.at + FRAME_SIZE + len(record.body), read(record.body))


def _patient(part: Part, now: datetime) -> Part:
    """The other parts may lie behind this one in the file: it waits for them as long as it would have, from now on."""
    return msgspec.structs.replace(part, wait_until=max(part.wait_until, now + (part.wait_until - part.received_at)))
