"""The SQL on leases. Runs in the store's thread, inside its transaction.

In: names, holders, tokens. Out: tokens. It never waits for a lease and knows nothing of what it is for.

Their clock is that of the machine since its start, which nobody can set and which goes on while processes are stopped; behind a start
of the machine, its holders being gone, they count for nothing. A holder whose process died need not be waited for at all: `presence`
knows, and its leases end with its other ones.
"""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import NamedTuple

import apsw

from gateway.store.fencing import Fence, Held
from gateway.store.tables import rows


class Wish(NamedTuple):
    """Who wants a lease, in words for operators and as the owner of everything that its process holds; and for how long."""

    name: str
    holder: str
    owner: int
    for_s: float


def take(db: apsw.Connection, wish: Wish) -> int | None:
    """The token of a lease that was free, or that this holder has; None when another has it."""
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    sql = "SELECT holder, token, until>? AND boot=? FROM leases WHERE name=?"
    holder, token, lasts = next(iter(rows(db, sql, (now, _boot(), wish.name))), ("", 0, False))
    if lasts and holder != wish.holder:
        return None
    token += holder != wish.holder
    row = (wish.name, wish.holder, token, now + wish.for_s, _boot(), wish.owner)
    db.execute("INSERT OR REPLACE INTO leases VALUES (?,?,?,?,?,?)", row)
    return int(token)


def give_back(db: apsw.Connection, fence: Fence) -> None:
    """Free at once; nothing happens when it is another's."""
    db.execute("UPDATE leases SET until=0, holder='' WHERE name=? AND token=?", fence)


def end(db: apsw.Connection, owner: int) -> None:
    """Those of a process that died."""
    db.execute("UPDATE leases SET until=0 WHERE owner=?", (owner,))


def stale(db: apsw.Connection, fence: Fence | None) -> bool:
    """True when whoever shows this has lost the lease. One that ended and that nobody took since is not lost."""
    return fence is not None and db.execute("SELECT token FROM leases WHERE name=?", (fence.name,)).get != fence.token


def held(db: apsw.Connection) -> list[Held]:
    """Those that somebody has now, by name."""
    now = time.clock_gettime(time.CLOCK_BOOTTIME)
    sql = "SELECT name, holder, token, until FROM leases WHERE until>? AND boot=? ORDER BY name"
    return [Held(name=row[0], holder=row[1], token=row[2], left_s=row[3] - now) for row in rows(db, sql, (now, _boot()))]


@cache
def _boot() -> str:
    """Which start of the machine this is."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
