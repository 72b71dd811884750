"""The human side of the web door: which page is at which address.

In: the desk. Out: routes. No page says what was reported or who did, but the form itself, to whoever is filling it in; none needs a script,
and none fetches anything from anybody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from channels.web import wording
from channels.web.assets import Assets
from channels.web.desk import Desk
from channels.web.form import Form
from channels.web.rendering import OPEN, Renderer
from channels.web.tracking import Tracking

#: pages that say the same to everybody: address, template, title, place in the menu
_STILL: Final = (("/privasi", "privacy.html", "Apa yang kami simpan", "privacy"), ("/luring", "offline.html", "Tidak ada jaringan", ""))


def routes(desk: Desk) -> Sequence[web.AbstractRouteDef]:
    """All pages, and the files that they need; the last answers what nobody else does."""
    assets = Assets()
    renderer = Renderer(assets, desk.host.notice)
    form, tracking = Form(desk, renderer), Tracking(desk, renderer)

    async def nowhere(_request: web.Request) -> web.Response:
        return renderer.trouble(wording.NOT_FOUND, status=404)

    return [
        web.get("/", form.show),
        web.post("/", form.send),
        web.get("/terima/{reference}", tracking.receipt),
        web.get("/lacak", tracking.track),
        web.get("/lacak/{reference}", tracking.track),
        *(_still(renderer, page) for page in _STILL),
        web.get("/statis/{digest}/{name}", assets.serve),
        web.get("/manifest.webmanifest", assets.manifest),
        web.get("/sw.js", assets.worker),
        # aiohttp asks it last wherever it stands: it looks for the longest beginning of a path first
        web.get("/{rest:.*}", nowhere),
    ]


def _still(renderer: Renderer, page: tuple[str, str, str, str]) -> web.RouteDef:
    address, template, title, here = page

    async def show(_request: web.Request) -> web.Response:
        return renderer.page(template, keep=OPEN, title=title, here=here)

    return web.get(address, show)
