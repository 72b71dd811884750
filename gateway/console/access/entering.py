"""Coming in with a name, a password and, where the account has one, the digits of a telephone.

In: what was typed, and from where. Out: whose it is, or how long to wait. It says the same whatever was wrong, and takes as long.
"""

from __future__ import annotations

import time
from typing import Final, NamedTuple

import apsw
import msgspec

from gateway.console import audit
from gateway.console.access import passwords, second, tries
from gateway.console.access.passwords import Passwords
from gateway.console.access.seal import Seal
from gateway.console.access.tries import Who
from gateway.console.audit import Act
from gateway.console.cabinet import Cabinet

#: characters of a name that are looked at
_LONGEST: Final = 64


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody typed. It is never shown."""

    name: str
    password: str
    code: str

    def __repr__(self) -> str:
        """Nothing of it."""
        return "Typed()"


class Refused(NamedTuple):
    """Not now, or not with these; `wait_s` is 0 when the next try may come at once."""

    wait_s: float


class Try(NamedTuple):
    """One try: whose, how long it must wait, and the hash that the password must fit; "" where there is none."""

    name: str
    whose: Who
    wait_s: float
    kept: str


class Entrance:
    """The way in."""

    def __init__(self, cabinet: Cabinet, hasher: Passwords, seal: Seal) -> None:
        """`seal`: under which keys of telephones are kept."""
        self._cabinet, self._hasher, self._seal = cabinet, hasher, seal

    async def enter(self, typed: Typed, address: str) -> str | Refused:
        """The name of the account, or no. Raises Busy."""
        name = typed.name.strip().casefold()[:_LONGEST]
        this = await self._cabinet.run(lambda db: _counted(db, name, address))
        if this.wait_s:
            return Refused(this.wait_s)
        fits = await self._hasher.fits(typed.password, this.kept)
        fresh = await self._hasher.hashed(typed.password) if fits and passwords.worn(this.kept) else this.kept
        if await self._cabinet.run(lambda db: fits and _settled(db, this, typed.code, fresh, seal=self._seal)):
            return name
        return Refused(await self._cabinet.run(lambda db: _noted(db, this, address)))

    async def knows(self, name: str, password: str, address: str) -> bool:
        """Whether who is in already is still who he was: before what must not be done from a desk that somebody left. Raises Busy."""
        this = await self._cabinet.run(lambda db: _counted(db, name, address))
        if this.wait_s or not await self._hasher.fits(password, this.kept):
            return False
        await self._cabinet.run(lambda db: tries.succeeded(db, this.whose, time.time()))
        return True


def _counted(db: apsw.Connection, name: str, address: str) -> Try:
    """A try counts before it is looked at: of many at the same time none comes for nothing."""
    now, whose = time.time(), tries.who(db, name, address)
    wait_s = tries.must_wait_s(db, whose, now)
    if not wait_s:
        tries.failed(db, whose, now)
    row = db.execute("SELECT password FROM operators WHERE name=? AND off IS NULL", (name,)).fetchone()
    return Try(name, whose, wait_s, str(row[0]) if row else "")


def _settled(db: apsw.Connection, this: Try, code: str, fresh: str, *, seal: Seal) -> bool:
    """The second proof as well; a password that was changed meanwhile fits no more."""
    row = db.execute("SELECT 1 FROM operators WHERE name=? AND off IS NULL AND password=?", (this.name, this.kept)).fetchone()
    if row is None or not second.shown(db, this.name, code, time.time(), seal=seal):
        return False
    tries.succeeded(db, this.whose, time.time())
    db.execute("UPDATE operators SET seen=?, password=? WHERE name=?", (time.time(), fresh, this.name))
    audit.add(db, Act(by=this.name, act="session.begin"))
    return True


def _noted(db: apsw.Connection, this: Try, address: str) -> float:
    """The audit hears of failures at accounts that there are: what was typed as another name may be a password."""
    if db.execute("SELECT 1 FROM operators WHERE name=?", (this.name,)).fetchone() is not None:
        audit.add(db, Act(by="-", act="session.refused", on=this.name, words=address))
    return tries.must_wait_s(db, this.whose, time.time())
