"""My account: the password, the second proof, where I am signed in.

In: an officer's visits. Out: his own account, changed. What must not be done from a desk that somebody left asks for the password again.
"""

from __future__ import annotations

import time
from base64 import b32decode, b32encode
from binascii import Error as NotBase32

from aiohttp import web

from gateway.console.access import second, totp
from gateway.console.access.accounts import Accounts, NotDone
from gateway.console.access.entering import Entrance
from gateway.console.access.passwords import SHORTEST, Busy
from gateway.console.access.seal import Seal
from gateway.console.access.sessions import Session, Sessions
from gateway.console.audit import Act, Audit
from gateway.console.cabinet import Cabinet
from gateway.console.guard import ACCOUNT
from gateway.console.page import Page, Visit
from gateway.console.roles import ROLES


class Mine:
    """The pages of one console."""

    def __init__(
        self, cabinet: Cabinet, accounts: Accounts, entrance: Entrance, sessions: Sessions, *, office: str, seal: Seal
    ) -> None:  # fmt: skip
        """`office`: what a telephone shows beside the digits; `seal`: under which its key is kept."""
        self._cabinet, self._accounts, self._entrance, self._sessions = cabinet, accounts, entrance, sessions
        self._audit, self._office, self._seal = Audit(cabinet), office, seal

    def pages(self) -> list[Page]:
        """For whoever is signed in."""
        acts = {"password": self.password, "second": self.second, "recovery": self.recovery, "sessions": self.sessions}
        return [
            Page(method="GET", path=ACCOUNT, role="viewer", answer=self.seen),
            *(Page(method="POST", path=f"{ACCOUNT}/{name}", role="viewer", answer=act) for name, act in acts.items()),
        ]

    async def seen(self, visit: Visit) -> web.StreamResponse:
        """As it is."""
        return await self._shown(visit)

    async def password(self, visit: Visit) -> web.StreamResponse:
        """Another one."""
        form, session = await visit.form(), await self._session(visit)
        if not await self._still(visit, session, form.get("current", "")):
            return await self._shown(visit, fault="current", at="password")
        if form.get("password") != form.get("again"):
            return await self._shown(visit, fault="differ", at="password")
        try:
            await self._accounts.new_password(visit.operator.name, form.get("password", ""), keep=session.token)
        except NotDone as no:
            return await self._shown(visit, fault=no.why, at="password")
        except Busy:
            return await self._shown(visit, fault="busy", at="password")
        return await visit.done(ACCOUNT, visit.words.access.password_changed)

    async def second(self, visit: Visit) -> web.StreamResponse:
        """A telephone, by the digits that it shows."""
        form, session, name = await visit.form(), await self._session(visit), visit.operator.name
        key = _key(form.get("key", ""))
        if key is None or not await self._still(visit, session, form.get("current", "")):
            return await self._shown(visit, fault="current", at="second", key=key)
        step = totp.step_of(key, form.get("code", ""), time.time(), after=0)
        if step is None:
            return await self._shown(visit, fault="digits", at="second", key=key)
        codes = await self._cabinet.run(lambda db: second.set_up(db, name, key, step, seal=self._seal))
        return visit.shown("recovery.html", codes=codes)

    async def recovery(self, visit: Visit) -> web.StreamResponse:
        """New codes for who loses the telephone."""
        form, session, name = await visit.form(), await self._session(visit), visit.operator.name
        if session.lacking or not await self._still(visit, session, form.get("current", "")):
            return await self._shown(visit, fault="current", at="recovery")
        return visit.shown("recovery.html", codes=await self._cabinet.run(lambda db: second.renewed(db, name)))

    async def sessions(self, visit: Visit) -> web.StreamResponse:
        """Out everywhere else, or at one other place."""
        over = await self._sessions.end_others(await self._session(visit), (await visit.form()).get("key", ""))
        await self._audit.write(Act(by=visit.operator.name, act="session.end", words=str(over)))
        return await visit.done(ACCOUNT, visit.words.access.sessions_ended, n=over)

    async def _session(self, visit: Visit) -> Session:
        session = await self._sessions.of(visit.request)
        if session is None:  # it ended between the guard's look and ours
            raise web.HTTPSeeOther(ACCOUNT)
        return session

    async def _still(self, visit: Visit, session: Session, password: str) -> bool:
        """Who came from another house has no password here, and no account that could be changed here."""
        try:
            return session.own and await self._entrance.knows(visit.operator.name, password, visit.request.remote or "")
        except Busy:
            return False

    async def _shown(self, visit: Visit, *, fault: str = "", at: str = "", key: bytes | None = None) -> web.Response:
        name, session = visit.operator.name, await self._session(visit)
        account = next(each for each in await self._accounts.all() if each.name == name)
        key = key or totp.fresh_key()
        return visit.shown(
            "account.html", status=422 if fault else 200, account=account, roles=ROLES, lacking=session.lacking, fault=fault, at=at,
            shortest=SHORTEST, places=await self._sessions.places(session), left=await self._cabinet.run(lambda db: second.left(db, name)),
            key=b32encode(key).decode(), written=totp.written(key), picture=totp.picture(key, issuer=self._office, account=name),
        )  # fmt: skip


def _key(written: str) -> bytes | None:
    """What this page gave out; one that is shorter would be easier to guess."""
    try:
        key = b32decode(written)
    except (NotBase32, ValueError):
        return None
    return key if len(key) == totp.KEY else None
