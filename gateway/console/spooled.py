"""What lies beside the store on this machine: what waits for it, and the files that somebody must look at.

In: the data directory. Out: a page. It changes nothing: what is in quarantine is mended with a backup, not with a button.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web

from gateway.console.page import Page, Visit
from gateway.spool.home import QUARANTINE, survey
from gateway.spool.torn import torn


def pages(data_dir: Path) -> list[Page]:
    """Of the machine on which the console runs."""

    async def spool(visit: Visit) -> web.Response:
        try:
            state, files = await asyncio.to_thread(lambda: (survey(data_dir), torn(data_dir)))
        except OSError:
            return visit.shown("refused.html", 500, why=visit.words.spool.cannot_look)
        return visit.shown("spool.html", waiting=sorted(state.waiting.items()), torn=state.torn, files=files, folder=data_dir / QUARANTINE)

    return [Page(method="GET", path="/spool", role="viewer", answer=spool)]
