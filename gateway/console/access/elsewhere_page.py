"""Signing in at another house: out to it, and back.

In: a browser. Out: a session for whom the other house says it is, with the role that its words mean here. What comes back is taken only
from the browser that left, once, within ten minutes.
"""

from __future__ import annotations

import re
import time
from hashlib import sha256
from typing import Final

import apsw
from aiohttp import web

from gateway.console import audit
from gateway.console.access import id_token, leaves
from gateway.console.access.accounts import NAME
from gateway.console.access.id_token import BadToken, Told
from gateway.console.access.oidc import Issuer, NoAnswer
from gateway.console.access.seal import Seal
from gateway.console.access.sessions import Sessions
from gateway.console.access.signing import inside
from gateway.console.access.terms import OtherHouse
from gateway.console.audit import Act, Audit
from gateway.console.cabinet import Cabinet
from gateway.console.guard import SIGN_IN
from gateway.console.page import Page, Visit
from gateway.console.roles import Role

OUT: Final = f"{SIGN_IN}/elsewhere"
BACK: Final = f"{SIGN_IN}/back"
_COOKIE: Final = "lapor_leave"


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
        await cabinet.run(lambda db: leaves.left(db, leave.state, (leave.nonce, leave.verifier, to), seal=seal))
        response = web.Response(status=303, headers={"Location": leave.url})
        response.set_cookie(
            _COOKIE, leave.state, max_age=leaves.AWAY_S, httponly=True, samesite="Lax", secure=sessions.terms.secure, path=SIGN_IN
        )
        return response

    async def back(visit: Visit) -> web.StreamResponse:
        query = visit.request.query
        state, ours = query.get("state", ""), visit.request.cookies.get(_COOKIE, "")
        left = await cabinet.run(lambda db: leaves.taken(db, state, seal)) if leaves.same(state, ours) else None
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
