"""The receipt of a complaint, and where it stands.

In: a code, as it was sent on or as somebody typed it. Out: a page with the code, or with a timeline: no text, no identity. A code that is
mistyped is told from one that nobody has; the ledger's number is as good.
"""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from channels.base import Progress, Unavailable
from channels.web import wording
from channels.web.allowance import TooMany
from channels.web.desk import Desk
from channels.web.rendering import OPEN, PRIVATE, Renderer

#: seconds until somebody may ask again, when the store did not say
PATIENCE_S: Final = 10.0
#: a code with its dashes, in more that somebody copied from a letter: "Kode Anda: 7K3Q-9FXM-2CH4."
_WITHIN: Final = re.compile(r"(?<![0-9A-Za-z-])(?:[0-9A-Za-z]{4}-){2}[0-9A-Za-z]{4}(?![0-9A-Za-z-])")
#: how a code is written in an address of ours
_CODE: Final = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}")


class Unknown(Exception):
    """There is no status for this code; `words` say why."""

    def __init__(self, words: wording.Words, status: int) -> None:
        super().__init__(status)
        self.words, self.status = words, status


class Tracking:
    """One for the process."""

    def __init__(self, desk: Desk, renderer: Renderer) -> None:
        self._desk, self._renderer = desk, renderer

    async def receipt(self, request: web.Request) -> web.Response:
        """The code, large. It was kept before anybody was sent here, so trouble of ours does not hide it."""
        reference, received_at = request.match_info["reference"], None
        try:
            found = await self._found(request, reference)
            reference, received_at = found.reference, found.timeline[0][1]
        except Unknown as unknown:
            return self._renderer.trouble(unknown.words, status=404)
        except (Unavailable, TooMany):
            pass  # nothing is looked up and nothing told: the page repeats what the address says, and does not say that we have it
        if not _CODE.fullmatch(reference):
            return self._renderer.trouble(wording.NOT_FOUND, status=404)
        title = "Laporan diterima" if received_at else "Kode laporan"
        return self._renderer.page("receipt.html", keep=PRIVATE, title=title, here="", reference=reference, received_at=received_at)

    async def track(self, request: web.Request) -> web.Response:
        """The form for a code, and what is found under it."""
        asked = "reference" in request.match_info or "kode" in request.query
        code = request.match_info.get("reference", request.query.get("kode", "")).strip()
        if not asked:
            return self._page("")
        if (within := _WITHIN.search(code)) is not None:
            code = within[0]
        try:
            return self._page(code, progress=await self._found(request, code))
        except Unknown as unknown:
            return self._page(code, fault=unknown.words, status=unknown.status)
        except TooMany as much:
            words = wording.Words("Tunggu sebentar", wording.TOO_MANY.format(soon=wording.soon(much.retry_after)))
            return self._page(code, fault=words, status=429, retry_after=much.retry_after)
        except Unavailable as trouble:
            return self._page(code, fault=wording.AWAY, status=503, retry_after=trouble.retry_after or PATIENCE_S)

    async def _found(self, request: web.Request, code: str) -> Progress:
        """Raises Unknown, TooMany or Unavailable."""
        if not code:
            raise Unknown(wording.NO_CODE, 422)
        await self._desk.limiter.spend("lookup", request.remote or "")
        try:
            found = await self._desk.host.progress(code)
        except ValueError:
            raise Unknown(wording.MISTYPED, 422) from None
        if found is None:
            raise Unknown(wording.UNKNOWN, 404)
        return found

    def _page(
        self,
        code: str,
        *,
        status: int = 200,
        progress: Progress | None = None,
        fault: wording.Words | None = None,
        retry_after: float | None = None,
    ) -> web.Response:
        return self._renderer.page(
            "track.html",
            status=status,
            keep=PRIVATE if code or fault else OPEN,
            retry_after=retry_after,
            title="Lacak laporan",
            here="track",
            code=code,
            progress=progress,
            fault=fault,
            words=wording.STATES,
        )
