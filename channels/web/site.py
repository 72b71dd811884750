"""The channel "web.site": the public form, its tracking pages, the JSON API and Open311, at the gateway's public address.

In: a host that opens the door, and requests. Out: arrivals, pages and JSON. It sends no letters: whoever came by the web got the answer
with the receipt, and asks for the rest with the code.
"""

from __future__ import annotations

import asyncio
import warnings
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import BadContentDispositionHeader, BadContentDispositionParam, web

from channels.base import Arrival, Host, InboundMessage, Letter, Part, Refused, Taken
from channels.web import api, categories, entering, guard, open311, pages, reading, regions, wording
from channels.web.allowance import Limiter
from channels.web.assets import Assets
from channels.web.desk import Desk
from channels.web.rendering import Renderer
from channels.web.room import Room
from channels.web.settings import Settings
from channels.web.uploads import Limits

__all__ = ["Settings", "Site", "channel"]


def channel(name: str, settings: Settings) -> Site:
    """The channel of one site."""
    return Site(name, settings)


class Site:
    """The public pages and interfaces."""

    #: it waits for nobody: while the process lives, the door is open
    up = True

    def __init__(self, name: str, settings: Settings) -> None:
        for about in (BadContentDispositionHeader, BadContentDispositionParam):
            warnings.simplefilter("ignore", about)  # it would print what a citizen called a file
        self.name, self._settings = name, settings
        self.counts: Counter[str] = Counter()
        self.room = Room()

    def decode(self, arrival: Arrival, parts: Sequence[Part]) -> InboundMessage:
        """Raises ValueError (msgspec's are) for bytes that are no submission."""
        return reading.decode(arrival, parts)

    async def send(self, letter: Letter) -> Taken:
        """There is no way back but the pages."""
        raise Refused("no_way_back")

    async def enter(self, words: str, public: str) -> str:
        """See `channels.base.Enterable`: by the API. Raises Refused or Unavailable."""
        return await entering.enter(words, public, next(iter(self._settings.api_keys), ""))

    def routes(self, host: Host) -> Sequence[web.AbstractRouteDef]:
        """Everything behind the door, each behind its guard. The machines' addresses come first: they take whole branches."""
        desk = self.desk(host)
        renderer = Renderer(Assets())

        def foreign() -> web.Response:
            return renderer.trouble(wording.FOREIGN, status=403)

        machines = [guard.guarded(route, desk) for route in (*api.routes(desk), *open311.routes(desk))]
        return [*machines, *(guard.guarded(route, desk, foreign) for route in pages.routes(desk))]

    def desk(self, host: Host) -> Desk:
        """What everything behind this door works with."""
        given = self._settings
        return Desk(
            name=self.name,
            host=host,
            settings=given,
            limiter=Limiter(submissions_per_hour=given.submissions_per_hour, lookups_per_minute=given.lookups_per_minute),
            uploads=Limits(
                file_bytes=given.max_file_bytes,
                files=given.max_files,
                body_bytes=given.max_body_bytes,
                grace_s=given.body_grace_s,
                turn=asyncio.Semaphore(1),
                room=self.room,
            ),
            regions=regions.load(),
            categories=categories.load(),
            clock=lambda: datetime.now(UTC),
            counts=self.counts,
        )
