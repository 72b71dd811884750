"""A page that says so when the store does not answer.

In: a page's answer. Out: the same, with a sentence in the place of a fault while the store is away.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from channels.base import Unavailable
from gateway.console.page import Visit


def steady(answer: Callable[[Visit], Awaitable[web.StreamResponse]]) -> Callable[[Visit], Awaitable[web.StreamResponse]]:
    """What was asked for was not done, and the officer is told to try again."""

    async def answered(visit: Visit) -> web.StreamResponse:
        try:
            return await answer(visit)
        except Unavailable as trouble:
            why = visit.words.desks.away.format(code=trouble.code)
            return visit.shown("refused.html", status=503, why=why)

    return answered
