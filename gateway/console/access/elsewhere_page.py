"""Signing in at another house: out to it, and back.

In: a browser. Out: a session for whom the other house says it is, with the role that its words mean here. What comes back is taken only
from the browser that left, once, within ten minutes.
"""

from __future__ import annotations

import hmac
import re
import time
from hashlib import sha256
from typing import Final

import apsw
from aiohttp import web

from gateway.console import audit
from gateway.console.access import id_token
from gateway.console.access.accounts import NAME
from gateway.console.access.id_token import BadToken, Told
from gateway.console.access.oidc import Issuer, Leave, NoAnswer
from gateway.console.access.seal import Seal
from gateway.console.access.sessions import Sessions
from gateway.console.access.signing import inside
from gateway.console.access.terms import OtherHouse
from gateway.console.audit import Act, Audit
from gateway.console.cabinet import Cabinet
from gateway.console.guard import SIGN_IN
from gateway.console.page import Page, Visit
from gateway.console.roles import Role

TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS leaves(
    state BLOB PRIMARY KEY,             -- a hash
    nonce TEXT NOT NULL, verifier BLOB NOT NULL, -- this one sealed: with it, a code of the other house is good
    back TEXT NOT NULL, until REAL NOT NULL
) WITHOUT ROWID""",
)
OUT: Final = f"{SIGN_IN}/elsewhere"
BACK: Final = f"{SIGN_IN}/back"
_COOKIE: Final = "lapor_leave"
#: seconds that one may take at the other house
_AWAY_S: Final = 600
#: who is out there at once; a flood pushes out the oldest
_MOST: Final = 1000


def pages(cabinet: Cabinet, sessions: Sessions, seal: Seal) -> list[Page]:
    """None where there is no other house."""
    house = sessions.terms.elsewhere
    if house is None:
        return []
    issuer, book = Issuer(house, sessions.terms.url + BACK), Audit(cabinet)

    async def out(visit: Visit) -> web.StreamResponse:
        try:
            leave = await issuer.leave()
        except NoAnswer:
            return _failed()
        to = inside(visit.request.query.get("to", "/"))
        await cabinet.run(lambda db: _left(db, leave, to, seal))
        response = web.Response(status=303, headers={"Location": leave.url})
        response.set_cookie(
            _COOKIE, leave.state, max_age=_AWAY_S, httponly=True, samesite="Lax", secure=sessions.terms.secure, path=SIGN_IN
        )
        return response

    async def back(visit: Visit) -> web.StreamResponse:
        query = visit.request.query
        state, ours = query.get("state", ""), visit.request.cookies.get(_COOKIE, "")
        left = await cabinet.run(lambda db: _taken(db, state, seal)) if state and hmac.compare_digest(_hash(state), _hash(ours)) else None
        if left is None or "code" not in query or query.get("iss", house.issuer) != house.issuer:
            return _failed()
        nonce, verifier, to = left
        try:
            told = await issuer.told(query["code"], nonce, verifier)
        except (NoAnswer, BadToken) as no:
            await book.write(Act(by="-", act="session.elsewhere_refused", words=str(no)))
            return _failed()
        role = id_token.role(told.claims, house.claim, house.roles)
        name = await cabinet.run(lambda db: _entered(db, house, told, role))
        if name is None:
            return _failed()
        response = web.Response(status=303, headers={"Location": to})
        await sessions.begin(name, visit.request, response)
        response.del_cookie(_COOKIE, path=SIGN_IN)
        return response

    return [
        # a link: our policy lets no form lead to another house
        Page(method="GET", path=OUT, role="anyone", answer=out),
        Page(method="GET", path=BACK, role="anyone", answer=back),
    ]


def _failed() -> web.Response:
    """Whatever it was: the sign-in page says that it did not come about, the audit why."""
    return web.Response(status=303, headers={"Location": f"{SIGN_IN}?elsewhere=failed"})


def _left(db: apsw.Connection, leave: Leave, to: str, seal: Seal) -> None:
    now, verifier = time.time(), seal.close(leave.verifier.encode(), leave.state)
    db.execute("DELETE FROM leaves WHERE until<?", (now,))
    db.execute("DELETE FROM leaves WHERE state IN (SELECT state FROM leaves ORDER BY until DESC LIMIT -1 OFFSET ?)", (_MOST,))
    db.execute("INSERT INTO leaves VALUES(?,?,?,?,?)", (_hash(leave.state), leave.nonce, verifier, to, now + _AWAY_S))


def _taken(db: apsw.Connection, state: str, seal: Seal) -> tuple[str, str, str] | None:
    sql = "DELETE FROM leaves WHERE state=? AND until>? RETURNING nonce, verifier, back"
    row = db.execute(sql, (_hash(state), time.time())).fetchone()
    if row is None or not isinstance(row[1], bytes):  # an older gateway kept it in clear, for ten minutes
        return None
    verifier = seal.open(row[1], state)
    return None if verifier is None else (str(row[0]), verifier.decode(), str(row[2]))


def _entered(db: apsw.Connection, house: OtherHouse, told: Told, role: Role | None) -> str | None:
    """The account of who came, made when it comes for the first time, with the role that it has there now; None when it may not come in."""
    subject, now = f"{house.issuer} {told.subject}", time.time()
    row = db.execute("SELECT name, off FROM operators WHERE subject=?", (subject,)).fetchone()
    name = str(row[0]) if row else _called(told.name)
    taken = row is None and db.execute("SELECT 1 FROM operators WHERE name=?", (name,)).fetchone() is not None
    if role is None or taken or (row and row[1] is not None):
        why = "no role" if role is None else "the name is another's" if taken else "disabled"
        audit.add(db, Act(by="-", act="session.elsewhere_refused", on=name, words=why))
        return None
    db.execute("INSERT OR IGNORE INTO operators(name, role, password, since, subject) VALUES(?,?,'',?,?)", (name, role, now, subject))
    db.execute("UPDATE operators SET role=?, seen=? WHERE name=?", (role, now, name))
    audit.add(db, Act(by=name, act="session.begin", words=f"elsewhere, {role}"))
    return name


def _called(name: str) -> str:
    """A name of ours, of what the other house calls somebody: the part before an @, in small letters."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", name.partition("@")[0].casefold()).strip("-._")[:32]
    return plain if NAME.fullmatch(plain) else f"u-{sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _hash(state: str) -> bytes:
    return sha256(state.encode("utf-8", "surrogatepass")).digest()
