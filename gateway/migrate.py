"""`gateway migrate`: everything from one store into another, so that a gateway goes on there as if nothing had happened.

In: two stores on which nobody works. Out: what was moved, when both have the same by count and checksum. It changes nothing in the store
that is left but one mark, at the end: that it was left, and for which other one, so that no gateway starts on it again and tells a
ledger twice.

It may be killed at any moment and run again. The store that is filled carries a mark from the first moment to the last: no gateway
starts on half of a store, and whoever goes on knows from where the cases came. Cases go in the order of their ids, each as a whole, so
the newest one says how far it was. Then both stores are read, case by case; what differs, because somebody worked on the old store
between two runs, is moved again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from gateway.faults import CannotStart
from gateway.store.bundle import Bundle, Mark, Movable, Rows, digest, pack

#: cases that are read and written at once
STEP = 200


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What the new store has; `checksum` is over every row of it."""

    source: str
    target: str
    #: by table
    rows: dict[str, int]
    checksum: str


class Far(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is: cases of all."""

    #: moving, then comparing
    doing: str
    cases: int
    of: int


async def migrate(source: Movable, target: Movable, tell: Callable[[Far], None]) -> Moved:
    """Raises CannotStart with a sentence for the operator."""
    await _begin(source, target)
    total = await source.count()
    done = await target.count()
    async for step in _steps(source, await target.newest()):
        await target.take_in(step)
        done += len(step)
        tell(Far(doing="moving", cases=done, of=total))
    await target.take_rest(await source.rest(), await source.waits())
    moved = await _compared(source, target, tell)
    await source.set_mark(Mark("to", target.name))
    await target.set_mark(None)
    return moved


async def _begin(source: Movable, target: Movable) -> None:
    """Nothing is begun that cannot be right."""
    if source.name == target.name:
        raise CannotStart(f"{source.name}: cannot be moved into itself")
    left, filling = await source.mark(), await target.mark()
    ours = Mark("from", source.name)
    if left is not None and left.way == "from":
        raise CannotStart(f"{source.name}: has only a part of what is in {left.other}; finish that move first")
    if left is not None and (left.other != target.name or filling != ours):
        raise CannotStart(f"{source.name}: was moved to {left.other} already")
    if filling == ours:
        return
    if filling is not None:
        raise CannotStart(f"{target.name}: {filling.words}")
    rest = await target.rest()
    if await target.count() or any(rest[name] for name in rest if name != "cursors"):
        raise CannotStart(f"{target.name}: is not empty; move into a store that has nothing")
    await target.set_mark(ours)


async def _steps(store: Movable, after: int) -> AsyncIterator[Sequence[Bundle]]:
    while step := await store.bundles(after, STEP):
        yield step
        after = step[-1].case_id


async def _cases(store: Movable) -> AsyncIterator[Bundle]:
    async for step in _steps(store, 0):
        for each in step:
            yield each


async def _compared(source: Movable, target: Movable, tell: Callable[[Far], None]) -> Moved:
    """Both are read, and what differs is moved again. Raises CannotStart when they differ even so."""
    total = await source.count()
    rows: Counter[str] = Counter()
    sum_ = hashlib.blake2b(digest_size=16)
    there = _cases(target)
    n = 0
    async for here in _cases(source):
        other = await anext(there, None)
        if other is None or other.case_id != here.case_id:
            raise CannotStart(f"{target.name}: has not the same cases as {source.name}; empty it, and begin again")
        if other.digest() != here.digest():
            await target.take_in([here])
            await _same(here, target)
        sum_.update(here.digest())
        rows.update({name: len(found) for name, found in here.rows.items()})
        n += 1
        if n % STEP == 0 or n == total:
            tell(Far(doing="comparing", cases=n, of=total))
    if await anext(there, None) is not None:
        raise CannotStart(f"{target.name}: has cases that {source.name} has not; empty it, and begin again")
    rest = await target.rest()
    if rest != await source.rest():
        raise CannotStart(f"{target.name}: differs from {source.name} in what belongs to no case; run it again")
    sum_.update(_checksum(rest))
    rows.update({name: len(found) for name, found in rest.items()})
    return Moved(source=source.name, target=target.name, rows=dict(rows), checksum=sum_.hexdigest())


async def _same(here: Bundle, target: Movable) -> None:
    (other,) = await target.bundles(here.case_id - 1, 1)
    if other.digest() != here.digest():
        raise CannotStart(f"{target.name}: case {here.case_id} is not what was moved into it; empty it, and begin again")


def _checksum(rest: Rows) -> bytes:
    return digest(pack(rest))
