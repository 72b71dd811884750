"""The desk of what lies beside the store on this machine: what waits for it, and the files that somebody must look at.

In: the data directory, acts on its quarantine. Out: pages; acts by way of `gateway.mending`, each audited. A file may hold what is for few
eyes, so what is in it, and putting it away, are a supervisor's.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

from aiohttp import web

from gateway.console.access.unmask import SHORTEST, unmask
from gateway.console.audit import Audit
from gateway.console.page import Page, Visit
from gateway.mending import Mending
from gateway.spool import quarantine
from gateway.spool.file import QUARANTINE
from gateway.spool.home import survey
from gateway.spool.quarantine import NotThere
from gateway.spool.torn import torn

#: characters of a file's name, of those that forms bring
_LONGEST: Final = 80


def pages(data_dir: Path, book: Audit) -> list[Page]:
    """Of the machine on which the console runs."""
    desk = _Spooled(data_dir, book)
    return [
        Page(method="GET", path="/spool", role="viewer", answer=desk.shown),
        Page(method="POST", path="/spool/again", role="operator", answer=desk.again),
        Page(method="POST", path="/spool/drop", role="supervisor", answer=desk.drop),
        Page(method="POST", path="/spool/recover", role="supervisor", answer=desk.recover),
        Page(method="POST", path="/spool/save", role="supervisor", answer=desk.save),
    ]


class _Spooled:
    def __init__(self, data_dir: Path, book: Audit) -> None:
        self._data_dir, self._book, self._mending = data_dir, book, Mending(data_dir, book)

    async def shown(self, visit: Visit, missing: str = "") -> web.Response:
        """`missing`: the file for which no reason was given."""
        here = self._data_dir
        try:
            state, files, away = await asyncio.to_thread(lambda: (survey(here), torn(here), quarantine.dropped(here)))
        except OSError:
            return visit.shown("refused.html", 500, why=visit.words.spool.cannot_look)
        return visit.shown(
            "spool.html", 422 if missing else 200, waiting=sorted(state.waiting.items()), torn=state.torn, files=files, away=away,
            folder=here / QUARANTINE, host=socket.gethostname(), missing=missing, days=quarantine.KEPT.days,
        )  # fmt: skip

    async def again(self, visit: Visit) -> web.Response:
        """Bring home what can be read of it."""
        return await self._done(visit, await _name(visit), self._mending.again, visit.words.spool.did_again)

    async def drop(self, visit: Visit) -> web.Response:
        """It was seen to."""
        name, reason = await _name(visit), (await visit.form()).get("reason", "").strip()
        if len(reason) < SHORTEST:
            return await self.shown(visit, missing=name or "?")
        return await self._done(visit, name, partial(self._mending.drop, reason=reason), visit.words.spool.did_drop)

    async def recover(self, visit: Visit) -> web.Response:
        """A wrong press."""
        return await self._done(visit, await _name(visit), self._mending.recover, visit.words.spool.did_recover)

    async def _done(self, visit: Visit, name: str, act: Callable[[str, str], Awaitable[None]], told: str) -> web.Response:
        """Do it, in this officer's name, and say so."""
        try:
            await act(name, visit.operator.name)
        except (NotThere, OSError) as fault:
            return await _not_done(visit, name, fault)
        return await visit.done("/spool", told, name=name, days=quarantine.KEPT.days)

    async def save(self, visit: Visit) -> web.Response:
        """The file, for one who says why."""
        name = await _name(visit)
        try:
            found = await self._mending.content(name)
        except (NotThere, OSError) as fault:
            return await _not_done(visit, name, fault)
        if await unmask(visit, name, (await visit.form()).get("reason", ""), audit=self._book, restricted=True):
            return await self.shown(visit, missing=name)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(body=found, content_type="application/octet-stream", headers=headers)


async def _name(visit: Visit) -> str:
    return (await visit.form()).get("name", "")[:_LONGEST]


async def _not_done(visit: Visit, name: str, fault: Exception) -> web.Response:
    said = visit.words.spool
    return await visit.done("/spool", said.not_there if isinstance(fault, NotThere) else said.not_moved, name=name)
