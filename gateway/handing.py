"""Files for ledgers that fetch them: what stands at an address that `gateway.links` made.

In: GET of such an address. Out: the file, as something to be saved and never to be shown, or 404 whatever is wrong with the address.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from aiohttp import web

from channels.base import Unavailable
from gateway.archived import present
from gateway.enclosures import Enclosures
from gateway.http import Answering
from gateway.links import PATH, Links
from gateway.store.base import Store
from normalizer.complaint import decode

ROUTE = PATH + r"/{reference}/{number:[1-9]\d{0,3}}/{until:\d{1,12}}/{seal}"
RETRY_S = 10


def handing(store: Store, links: Links, enclosures: Enclosures) -> Answering:
    """The answer at `ROUTE`."""

    async def answer(request: web.Request) -> web.Response:
        asked = request.match_info
        which = (asked["reference"], int(asked["number"]), int(asked["until"]))
        if not links.opens(which, asked["seal"], datetime.now(UTC)):
            raise web.HTTPNotFound
        try:
            life = await store.life(which[0])
            if life is not None and (life := await present(store, life)).case.archived:
                raise Unavailable("archived")
            if life is None or life.record is None:
                raise web.HTTPNotFound
            found = await enclosures.get(life.case, decode(life.record), which[1])
        except Unavailable as trouble:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": str(RETRY_S)}) from trouble
        if isinstance(found, str):
            raise web.HTTPNotFound
        headers = {
            "Content-Type": found.media_type or "application/octet-stream",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "private, no-store",
        }
        return web.Response(body=found.content, headers=headers)

    return answer
