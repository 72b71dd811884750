"""Who is signed in.

In: requests with a cookie. Out: sessions. The cookie is a number nobody can guess; what is kept is its hash, so that whoever reads the file
cannot sign in with it. A new one is made at every sign-in, so nobody can have put it there before.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

import apsw
import msgspec
from aiohttp import web

from gateway.console.access.terms import Terms
from gateway.console.cabinet import Cabinet
from gateway.console.page import Operator
from gateway.console.roles import may

TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS sessions(
    token BLOB PRIMARY KEY,             -- hash of the cookie
    operator TEXT NOT NULL, since REAL NOT NULL, seen REAL NOT NULL, told TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '', browser TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID""",
)
#: over TLS with a prefix that no other host and no unsafe page can set (RFC 6265bis §4.1.3.2)
COOKIE: Final = "lapor_session"
_SECURE: Final = f"__Host-{COOKIE}"
#: what the live parts of pages ask for: nobody has done anything
LIVE: Final = "/live/"
#: `seen` is not written more often than this, in seconds
_AGAIN_S: Final = 15.0
_SEEN: Final = """SELECT s.operator, o.role, s.told, s.seen, o.totp IS NULL AND o.subject IS NULL, o.subject IS NULL
FROM sessions s JOIN operators o ON o.name=s.operator WHERE s.token=? AND s.seen>? AND s.since>? AND o.off IS NULL"""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """`told`: what the officer is to hear about the act that brought him here. `lacking`: he must set up a second proof first."""

    token: bytes
    operator: Operator
    told: str
    lacking: bool
    #: whether the account is of this house, and has a password here
    own: bool


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an officer is signed in. `key` names it, and opens nothing."""

    key: str
    since: float
    seen: float
    address: str
    browser: str
    here: bool


class Sessions:
    """Those of one console."""

    def __init__(self, cabinet: Cabinet, terms: Terms | None = None) -> None:
        """Nobody is asked anything yet."""
        self._cabinet, self.terms = cabinet, terms or Terms()

    async def of(self, request: web.Request) -> Session | None:
        """Whose request it is. What he is to hear is given to the page that he asks for, once."""
        cookie = request.cookies.get(self._name(request))
        if not cookie:
            return None
        token, live, now = _hash(cookie), request.path.startswith(LIVE), time.time()
        reading = request.method == "GET" and not live

        def look(db: apsw.Connection) -> Session | None:
            row = db.execute(_SEEN, (token, now - self.terms.idle_s, now - self.terms.longest_s)).fetchone()
            if row is None:
                return None
            name, role, told, seen, single, own = row
            # an open page is no sign of an officer, but on the wall, where who looks may do nothing else
            if (told and reading) or (now - seen > _AGAIN_S and (not live or role == "viewer")):
                db.execute("UPDATE sessions SET seen=?, told=? WHERE token=?", (now, "" if reading else told, token))
            must = self.terms.second_proof is not None and may(role, self.terms.second_proof)
            return Session(
                token=token, operator=Operator(name=name, role=role), told=told if reading else "", lacking=bool(single) and must,
                own=bool(own),
            )  # fmt: skip

        return await self._cabinet.run(look)

    async def begin(self, name: str, request: web.Request, response: web.Response) -> None:
        """A new one, whose cookie goes with this answer; the one that this browser had is over."""
        cookie, now, before = secrets.token_urlsafe(32), time.time(), _hash(request.cookies.get(self._name(request), ""))
        browser = _browser(request.headers.get("User-Agent", ""))

        def write(db: apsw.Connection) -> None:
            late = (before, now - self.terms.idle_s, now - self.terms.longest_s)
            db.execute("DELETE FROM sessions WHERE token=? OR seen<? OR since<?", late)
            row = (_hash(cookie), name, now, now, request.remote or "", browser)
            db.execute("INSERT INTO sessions(token, operator, since, seen, address, browser) VALUES(?,?,?,?,?,?)", row)

        await self._cabinet.run(write)
        named = self._name(request)
        response.set_cookie(named, cookie, httponly=True, samesite="Lax", secure=named == _SECURE, path="/")

    async def end(self, request: web.Request, response: web.Response) -> None:
        """It is over, also for whoever has a copy of the cookie."""
        named = self._name(request)
        token = _hash(request.cookies.get(named, ""))
        await self._cabinet.run(lambda db: db.execute("DELETE FROM sessions WHERE token=?", (token,)))
        response.del_cookie(named, path="/", secure=named == _SECURE, httponly=True, samesite="Lax")

    async def places(self, session: Session) -> Sequence[Place]:
        """Where else he is signed in, and here; the last one first."""
        now = time.time()
        sql = "SELECT token, since, seen, address, browser FROM sessions WHERE operator=? AND seen>? AND since>? ORDER BY seen DESC"
        since = (session.operator.name, now - self.terms.idle_s, now - self.terms.longest_s)
        rows = await self._cabinet.run(lambda db: list(db.execute(sql, since)))
        return [
            Place(key=_key(token), since=began, seen=seen, address=address, browser=browser, here=token == session.token)
            for token, began, seen, address, browser in rows
        ]

    async def end_others(self, session: Session, key: str = "") -> int:
        """All others of this officer, or the one with this `key`; gives how many are over."""

        def work(db: apsw.Connection) -> int:
            tokens = [bytes(row[0]) for row in db.execute("SELECT token FROM sessions WHERE operator=?", (session.operator.name,))]
            over = [token for token in tokens if token != session.token and (not key or _key(token) == key)]
            db.executemany("DELETE FROM sessions WHERE token=?", [(token,) for token in over])
            return len(over)

        return await self._cabinet.run(work)

    async def tell(self, session: Session, sentence: str) -> None:
        """For the next page."""
        await self._cabinet.run(lambda db: db.execute("UPDATE sessions SET told=? WHERE token=?", (sentence, session.token)))

    def _name(self, request: web.Request) -> str:
        return _SECURE if self.terms.secure or request.secure else COOKIE


def _browser(told: str) -> str:
    """What an officer knows again: "Firefox, Android". The order is that in which they pretend to be each other."""
    programs, systems = ("Edg", "OPR", "Firefox", "Chrome", "Safari"), ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
    return ", ".join(next((word for word in words if word in told), "?") for words in (programs, systems))


def _hash(cookie: str) -> bytes:
    return sha256(cookie.encode("utf-8", "surrogatepass")).digest()


def _key(token: bytes) -> str:
    return sha256(token).hexdigest()[:16]
