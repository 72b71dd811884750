"""The SQL on leases. Runs in the store's thread, inside its transaction.

In: names, holders, tokens. Out: tokens. It never waits for a lease and knows nothing of what it is for.

Their clock is that of the machine since its start, which nobody can set and which goes on while processes are stopped. A holder whose
process died need not be waited for: `presence` knows, and its leases end with its other ones. Where nobody knows it any more (a copy of the
file on another machine), a lease is not believed that would end later than one can.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import apsw

from gateway.store.fencing import Fence, Held
from gateway.store.tables import rows

#: of a row, when it is now: it has not ended, nor would end more than a second later than it can
LASTS = "until>? AND until<=?+for_s+1"


class Wish(NamedTuple):
    """Who wants a lease, in words for operators and as the owner of everything that its process holds; and for how long."""

    name: str
    holder: str
    owner: int
    for_s: float


def take(db: apsw.Connection, wish: Wish) -> int | None:
    """The token of a lease that was free, or that this holder has; None when another has it."""
    now = _now()
    sql = f"SELECT holder, token, {LASTS} FROM leases WHERE name=?"
    holder, token, lasts = next(iter(rows(db, sql, (now, now, wish.name))), ("", 0, False))
    if lasts and holder != wish.holder:
        return None
    token += holder != wish.holder
    row = (wish.name, wish.holder, token, now + wish.for_s, wish.for_s, wish.owner)
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
    now = _now()
    sql = f"SELECT name, holder, token, until FROM leases WHERE {LASTS} ORDER BY name"
    return [Held(name=row[0], holder=row[1], token=row[2], left_s=row[3] - now) for row in rows(db, sql, (now, now))]


def _now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
