"""The accounts of officers.

In: names, roles, hashes of passwords. Out: accounts, each change of one written into the audit in the same transaction. An account without
a password is entered by an invitation, which is good once and for a day. Nobody takes the last admin away.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final, Literal, TypeVar

import apsw
import msgspec

from gateway.console import audit
from gateway.console.access import passwords
from gateway.console.access.passwords import Passwords
from gateway.console.audit import Act
from gateway.console.cabinet import Cabinet
from gateway.console.roles import Role

TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS operators(
    name TEXT PRIMARY KEY, role TEXT NOT NULL,
    password TEXT NOT NULL,             -- argon2id; '' of one that has none yet, or comes from another house
    since REAL NOT NULL, seen REAL,     -- when it last signed in
    off REAL,                           -- since when it may not
    totp BLOB, step INTEGER NOT NULL DEFAULT 0, -- the key of its telephone, and the last half minute that was taken
    subject TEXT UNIQUE                 -- who it is at another house
) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS invitations(
    token BLOB PRIMARY KEY,             -- a hash
    operator TEXT NOT NULL, until REAL NOT NULL
) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS recovery(operator TEXT NOT NULL, salt BLOB NOT NULL, hash BLOB NOT NULL)",
)
NAME: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")
#: seconds for which an invitation is good
INVITED_S: Final = 24 * 3600.0
_ACCOUNTS: Final = """SELECT name, role, since, seen, off, password!='' AS password, totp IS NOT NULL AS second, subject
FROM operators WHERE coalesce(name=?, 1) ORDER BY name"""

R = TypeVar("R")
Why = Literal[
    "name", "taken", "unknown", "last_admin", "short", "long", "holds_name", "plain", "elsewhere", "no_invitation", "role", "oneself"
]  # fmt: skip


class NotDone(ValueError):
    """It was not done; `why` is a word that the pages and the terminal have a sentence for."""

    def __init__(self, why: Why) -> None:
        """Nothing of what was given is in it."""
        super().__init__(why)
        self.why = why


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """As its admin sees it. Times in seconds since 1970."""

    name: str
    role: Role
    since: float
    seen: float | None
    off: float | None
    #: whether it has one
    password: bool
    second: bool
    subject: str | None


class Accounts:
    """Those of one console."""

    def __init__(self, cabinet: Cabinet, hasher: Passwords | None = None) -> None:
        """`hasher`: whom others take turns with."""
        self._cabinet, self._hasher = cabinet, hasher or Passwords()

    async def all(self) -> Sequence[Account]:
        """By name."""
        return await self._cabinet.run(lambda db: [_account(row) for row in db.execute(_ACCOUNTS, (None,))])

    async def add(self, name: str, role: Role, password: str, *, by: str) -> None:
        """A new one, with a password. Raises NotDone and Busy."""
        hashed = await self._judged(password, name)
        await self._changed(lambda db: _new(db, name, role, hashed), by, "operators.add", name, role)

    async def invite(self, name: str, role: Role, *, by: str) -> str:
        """A new one that chooses its password by itself; gives the invitation. Raises NotDone."""

        def work(db: apsw.Connection) -> str:
            _new(db, name, role, "")
            return _invitation(db, name)

        return await self._changed(work, by, "operators.add", name, role)

    async def reset(self, name: str, *, by: str) -> str:
        """Password and second proof are gone, and who was signed in is out; gives an invitation. Raises NotDone."""

        def work(db: apsw.Connection) -> str:
            if _known(db, name).subject is not None:
                raise NotDone("elsewhere")
            db.execute("UPDATE operators SET password='', totp=NULL, step=0 WHERE name=?", (name,))
            db.execute("DELETE FROM recovery WHERE operator=?", (name,))
            _out(db, name)
            return _invitation(db, name)

        return await self._changed(work, by, "operators.reset", name)

    async def set_role(self, name: str, role: Role, *, by: str) -> None:
        """Who is signed in with another role is out. Raises NotDone."""

        def work(db: apsw.Connection) -> None:
            if _known(db, name).role == "admin" and role != "admin":
                _not_the_last(db, name)
            db.execute("UPDATE operators SET role=? WHERE name=?", (role, name))
            _out(db, name)

        await self._changed(work, by, "operators.role", name, role)

    async def switch(self, name: str, *, on: bool, by: str) -> None:
        """Whether it may come in; off, it is out at once. Raises NotDone."""

        def work(db: apsw.Connection) -> None:
            if _known(db, name).role == "admin" and not on:
                _not_the_last(db, name)
            db.execute("UPDATE operators SET off=? WHERE name=?", (None if on else time.time(), name))
            db.execute("DELETE FROM invitations WHERE operator=?", (name,))
            if not on:
                _out(db, name)

        await self._changed(work, by, "operators.enable" if on else "operators.disable", name)

    async def invited(self, token: str) -> str | None:
        """Whose invitation it is, if it is still good."""
        sql = "SELECT operator FROM invitations JOIN operators ON name=operator WHERE token=? AND until>? AND off IS NULL"
        row = await self._cabinet.run(lambda db: db.execute(sql, (_hash(token), time.time())).fetchone())
        return None if row is None else str(row[0])

    async def accept(self, token: str, password: str) -> str:
        """Take an invitation with a password; gives whose it was. Raises NotDone and Busy."""
        name = await self.invited(token)
        if name is None:
            raise NotDone("no_invitation")
        hashed = await self._judged(password, name)

        def work(db: apsw.Connection) -> None:
            taken = db.execute("DELETE FROM invitations WHERE token=? AND until>? RETURNING 1", (_hash(token), time.time())).fetchone()
            if taken is None:
                raise NotDone("no_invitation")
            db.execute("UPDATE operators SET password=? WHERE name=?", (hashed, name))

        await self._changed(work, name, "operators.invited", name)
        return name

    async def new_password(self, name: str, password: str, *, keep: bytes) -> None:
        """Chosen by its owner; every session of it but `keep` is over. Raises NotDone and Busy."""
        hashed = await self._judged(password, name)

        def work(db: apsw.Connection) -> None:
            db.execute("UPDATE operators SET password=? WHERE name=? AND subject IS NULL", (hashed, name))
            db.execute("DELETE FROM sessions WHERE operator=? AND token!=?", (name, keep))

        await self._changed(work, name, "operators.password", name)

    async def _judged(self, password: str, name: str) -> str:
        fault = passwords.fault(password, name)
        if fault:
            raise NotDone("holds_name" if fault == "name" else fault)
        return await self._hasher.hashed(password)

    async def _changed(self, work: Callable[[apsw.Connection], R], by: str, act: str, on: str, words: str = "") -> R:
        def together(db: apsw.Connection) -> R:
            result = work(db)
            audit.add(db, Act(by=by, act=act, on=on, words=words))
            return result

        return await self._cabinet.run(together)


def _new(db: apsw.Connection, name: str, role: Role, hashed: str) -> None:
    if not NAME.fullmatch(name):
        raise NotDone("name")
    sql = "INSERT INTO operators(name, role, password, since) VALUES(?,?,?,?) ON CONFLICT DO NOTHING RETURNING 1"
    if db.execute(sql, (name, role, hashed, time.time())).fetchone() is None:
        raise NotDone("taken")


def _known(db: apsw.Connection, name: str) -> Account:
    row = db.execute(_ACCOUNTS, (name,)).fetchone()
    if row is None:
        raise NotDone("unknown")
    return _account(row)


def _account(row: Sequence[object]) -> Account:
    return msgspec.convert(dict(zip(Account.__struct_fields__, row, strict=True)), Account, strict=False)


def _not_the_last(db: apsw.Connection, name: str) -> None:
    """A console that nobody may open again is locked for good."""
    sql = "SELECT 1 FROM operators WHERE role='admin' AND off IS NULL AND name!=? AND (password!='' OR subject IS NOT NULL)"
    if db.execute(sql, (name,)).fetchone() is None:
        raise NotDone("last_admin")


def _invitation(db: apsw.Connection, name: str) -> str:
    token = secrets.token_urlsafe(32)
    db.execute("DELETE FROM invitations WHERE operator=? OR until<?", (name, time.time()))
    db.execute("INSERT INTO invitations VALUES(?,?,?)", (_hash(token), name, time.time() + INVITED_S))
    return token


def _out(db: apsw.Connection, name: str) -> None:
    db.execute("DELETE FROM sessions WHERE operator=?", (name,))


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
