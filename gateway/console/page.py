"""A page of the console: where it is, who may see it, what answers; and the visit of an officer to it.

In: a request whose officer is known. Out: a response. It decides nothing about who may: `guard.py` has done so by the page's role.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.console.frame import Frame
from gateway.console.roles import Role
from gateway.console.words import Language, say

if TYPE_CHECKING:
    from multidict import MultiDictProxy


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in. `name` stands in the audit and in the acts of cases."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`role`: who may at least; "anyone" is for what must be there before one is signed in."""

    method: Literal["GET", "POST"]
    path: str
    role: Role | Literal["anyone"]
    answer: Callable[[Visit], Awaitable[web.StreamResponse]]


class Visit:
    """One request of one officer."""

    def __init__(
        self, request: web.Request, frame: Frame, operator: Operator | None, *, language: Language, told: str = "",
        tell: Callable[[str], Awaitable[None]] | None = None, still: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:  # fmt: skip
        """`told`: the sentence about the act before this page; `tell` keeps one for the next. `still`: whether he may go on seeing it."""
        self.request, self._frame, self._operator, self.language = request, frame, operator, language
        self._told, self._tell, self._still = told, tell, still

    @property
    def operator(self) -> Operator:
        """Who it is; only on pages that have a role."""
        assert self._operator is not None  # noqa: S101  # the guard lets nobody else in
        return self._operator

    @property
    def words(self) -> Any:
        """`words.<file>.<key>`, in the officer's language."""
        return self._frame.words[self.language]

    async def still(self) -> bool:
        """Whether the officer is signed in now; for what goes on after it has begun."""
        return self._still is None or await self._still()

    async def form(self) -> Mapping[str, str]:
        """The fields that were sent; files are not among them. What is no form is answered with 400."""
        return {key: value for key, value in (await self._sent()).items() if isinstance(value, str)}

    async def ticked(self, name: str) -> list[str]:
        """All that was sent under one name."""
        return [value for value in (await self._sent()).getall(name, []) if isinstance(value, str)]

    async def _sent(self) -> MultiDictProxy[str | bytes | bytearray | web.FileField]:
        try:
            sent = await self.request.post()
            # a half of a surrogate pair, which some charsets can name: neither a store nor a page takes it
            for value in sent.values():
                if isinstance(value, str):
                    value.encode()
            return sent
        except (ValueError, LookupError, HttpProcessingError) as error:  # octets that are no text, a charset or a boundary that is none
            raise web.HTTPBadRequest(text=self.words.frame.no_form) from error

    def shown(self, template: str, status: int = 200, **values: Any) -> web.Response:
        """A whole page."""
        text = self._frame.rendered(template, self.language, visit=self, operator=self._operator, told=self._told, **values)
        response = web.Response(text=text, status=status, content_type="text/html")
        response.enable_compression()
        return response

    def piece(self, template: str, **values: Any) -> str:
        """The inside of a live part."""
        return self._frame.rendered(template, self.language, visit=self, operator=self._operator, **values)

    async def long_piece(self, template: str, **values: Any) -> str:
        """The same, where there is much of it."""
        return await self._frame.unhurried(template, self.language, visit=self, operator=self._operator, **values)

    async def done(self, path: str, sentence: str, **values: object) -> web.Response:
        """On to another page, which says what was done. `sentence` is one of `words`."""
        if self._tell is not None:
            await self._tell(say(sentence, **values))
        return web.Response(status=303, headers={"Location": path})
