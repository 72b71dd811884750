"""The accounts of officers.

In: a name and a password. Out: an operator, or nobody, which takes as long. Passwords are kept as argon2id hashes, and nothing here can
show one.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Final

import apsw
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.console import audit
from gateway.console.audit import Act
from gateway.console.cabinet import Cabinet
from gateway.console.page import Operator
from gateway.console.roles import ROLES, Role

TABLES = (
    """CREATE TABLE IF NOT EXISTS operators(
    name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, since REAL NOT NULL
) WITHOUT ROWID""",
)
NAME: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")
LEAST: Final = 12


class NotAnAccount(ValueError):
    """What was given makes no account; the words say why."""


class Accounts:
    """Those of one console."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet, self._hasher = cabinet, PasswordHasher()
        #: to verify costs 64 MiB and a tenth of a second of a processor: two at a time, and nobody can use them all up
        self._turn = asyncio.Semaphore(2)
        self._nobody = self._hasher.hash("nobody has this password")

    async def add(self, name: str, role: Role, password: str, *, by: str) -> None:
        """A new one. Raises NotAnAccount."""
        if not NAME.fullmatch(name):
            raise NotAnAccount("NAME: 2 to 32 small letters, digits, dots, dashes or underscores, a letter first")
        if role not in ROLES:
            raise NotAnAccount(f"--role: one of {', '.join(ROLES)}")
        if len(password) < LEAST:
            raise NotAnAccount(f"the password: {LEAST} characters or more")
        hashed = await asyncio.to_thread(self._hasher.hash, password)
        sql = "INSERT INTO operators VALUES(?,?,?,?) ON CONFLICT DO NOTHING RETURNING 1"

        def write(db: apsw.Connection) -> bool:
            made = db.execute(sql, (name, role, hashed, time.time())).fetchone() is not None
            if made:
                audit.add(db, Act(by=by, act="operators.add", on=name, words=role))
            return made

        if not await self._cabinet.run(write):
            raise NotAnAccount(f"NAME: there is an account {name} already")

    async def known(self, name: str, password: str) -> Operator | None:
        """Whose they are."""
        sql = "SELECT role, password FROM operators WHERE name=?"
        row = await self._cabinet.run(lambda db: db.execute(sql, (name,)).fetchone())
        async with self._turn:
            fits = await asyncio.to_thread(self._fits, row[1] if row else self._nobody, password)
        return Operator(name=name, role=row[0]) if row and fits else None

    def _fits(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
