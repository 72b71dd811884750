"""Who is signed in.

In: requests with a cookie. Out: sessions. The cookie is a number nobody can guess; what is kept is its hash, so that whoever reads the file
cannot sign in with it.
"""

from __future__ import annotations

import secrets
import time
from hashlib import sha256
from typing import Final

import apsw
import msgspec
from aiohttp import web

from gateway.console.cabinet import Cabinet
from gateway.console.page import Operator

TABLES = (
    """CREATE TABLE IF NOT EXISTS sessions(
    token BLOB PRIMARY KEY,             -- hash of the cookie
    operator TEXT NOT NULL, since REAL NOT NULL, seen REAL NOT NULL, told TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID""",
)
COOKIE: Final = "lapor_session"
_SEEN: Final = (
    "SELECT s.operator, o.role, s.told FROM sessions s JOIN operators o ON o.name=s.operator WHERE s.token=? AND s.seen>? AND s.since>?"
)
#: how long one may do nothing, and how long a session lasts at most, in seconds
IDLE_S, LONGEST_S = 15 * 60, 12 * 3600


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """`told`: what the officer is to hear about the act that brought him here."""

    token: bytes
    operator: Operator
    told: str


class Sessions:
    """Those of one console."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet

    async def of(self, request: web.Request) -> Session | None:
        """Whose request it is; seen now. What he is to hear is given to the page that he asks for, once."""
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            return None
        token, reading, now = _hash(cookie), request.method == "GET", time.time()

        def look(db: apsw.Connection) -> Session | None:
            row = db.execute(_SEEN, (token, now - IDLE_S, now - LONGEST_S)).fetchone()
            if row is None:
                return None
            db.execute("UPDATE sessions SET seen=?, told=CASE WHEN ? THEN '' ELSE told END WHERE token=?", (now, reading, token))
            return Session(token=token, operator=Operator(name=row[0], role=row[1]), told=row[2] if reading else "")

        return await self._cabinet.run(look)

    async def begin(self, operator: Operator, response: web.Response, *, secure: bool) -> None:
        """A new one, whose cookie goes with this answer."""
        cookie, now = secrets.token_urlsafe(32), time.time()

        def write(db: apsw.Connection) -> None:
            db.execute("DELETE FROM sessions WHERE seen<? OR since<?", (now - IDLE_S, now - LONGEST_S))
            db.execute("INSERT INTO sessions(token, operator, since, seen) VALUES(?,?,?,?)", (_hash(cookie), operator.name, now, now))

        await self._cabinet.run(write)
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="Lax", secure=secure, path="/")

    async def end(self, request: web.Request) -> None:
        """It is over, also for whoever has a copy of the cookie."""
        token = _hash(request.cookies.get(COOKIE, ""))
        await self._cabinet.run(lambda db: db.execute("DELETE FROM sessions WHERE token=?", (token,)))

    async def tell(self, session: Session, sentence: str) -> None:
        """For the next page."""
        await self._cabinet.run(lambda db: db.execute("UPDATE sessions SET told=? WHERE token=?", (sentence, session.token)))


def _hash(cookie: str) -> bytes:
    return sha256(cookie.encode()).digest()
