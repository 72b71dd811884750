"""The form: shown empty, shown again with everything that was typed, and what is sent with it.

In: requests of browsers. Out: a page, or the way to the receipt once the complaint is on disk. Whatever goes wrong, the words of a citizen
are on the page that says so.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from aiohttp import web
from markupsafe import Markup

from channels.base import Accepted, Unavailable
from channels.web import uploads, wording
from channels.web.allowance import TooMany
from channels.web.desk import Desk
from channels.web.faults import Invalid, NoRoom
from channels.web.rendering import OPEN, PRIVATE, Renderer
from channels.web.room import Share
from channels.web.submission import check, from_fields, receive

#: seconds until somebody may send again, when the store did not say
PATIENCE_S: Final = 30.0


class Form:
    """One for the process."""

    def __init__(self, desk: Desk, renderer: Renderer) -> None:
        self._desk, self._renderer = desk, renderer
        settings = desk.settings
        self._regions = renderer.piece("regions.html", regions=desk.regions.provinces)
        #: what is the same whenever the form is shown
        self._still = {
            "title": "Sampaikan laporan",
            "here": "form",
            "classifications": wording.CLASSIFICATIONS,
            "missing": wording.MISSING,
            "categories": [(one.code, one.title) for one in desk.categories],
            "accept": wording.ACCEPT,
            "file_kinds": wording.FILE_KINDS,
            "max_files": settings.max_files,
            "max_file_bytes": settings.max_file_bytes,
            "max_file": wording.size(settings),
            "future": wording.IN_FUTURE,
        } | {name: wording.fault(code, "files", settings) for name, code in (("too_many", "too_many_files"), ("too_big", "file_size"))}

    async def show(self, request: web.Request) -> web.Response:
        """Empty; each with a key of its own, so that what is sent twice from one page is one complaint."""
        return self._page({"key": secrets.token_urlsafe(16)})

    async def send(self, request: web.Request) -> web.Response:
        """Keep it, and lead on to the receipt."""
        with Share(self._desk.uploads.room) as share:
            return await self._answered(request, share)

    async def _answered(self, request: web.Request, share: Share) -> web.Response:
        fields: Mapping[str, str] = {}
        had_files = False
        try:
            await self._desk.limiter.spend("submission", request.remote or "")
            fields, files = await uploads.read_form(request, self._desk.uploads, share)
            had_files = bool(files)
            return _kept(request, await receive(self._desk, from_fields(fields, files, via="form")))
        except Invalid as invalid:
            # of a body with a fault in its files, the words; of a submission that was read whole, they are here
            return self._again(fields or invalid.fields, self._every(invalid), had_files or "files" in invalid.faults)
        except NoRoom as full:
            self._desk.counts["no_room"] += 1
            return self._not_kept(full.fields, PATIENCE_S, why=wording.NO_ROOM, had_files=True)
        except Unavailable as trouble:
            return self._not_kept(fields, trouble.retry_after or PATIENCE_S, had_files=had_files)
        except TooMany as much:
            return await self._too_many(request, share, much.retry_after)
        except uploads.TooLarge:
            return self._renderer.trouble(wording.HUGE, status=413)
        except uploads.Stalled:
            return self._renderer.trouble(wording.SLOW, status=408)
        except ValueError:
            return self._renderer.trouble(wording.GARBLED, status=400)

    async def _too_many(self, request: web.Request, share: Share, wait_s: float) -> web.Response:
        """The words are read all the same, to be given back; what is in the files is not looked at."""
        try:
            none = replace(self._desk.uploads, files=0, file_bytes=0)
            fields, had_files = (await uploads.read_form(request, none, share))[0], False
        except Invalid as invalid:
            fields, had_files = invalid.fields, "files" in invalid.faults
        except NoRoom as full:
            fields, had_files = full.fields, False
        except (uploads.TooLarge, uploads.Stalled, ValueError):
            fields, had_files = {}, False
        words = wording.TOO_MANY.format(soon=wording.soon(wait_s))
        return self._page(fields, status=429, retry_after=wait_s, trouble=words, had_files=had_files)

    def _every(self, invalid: Invalid) -> Mapping[str, str]:
        """A fault in the files hides none in the words: without a script each further round is to choose the files again."""
        if not invalid.fields:
            return invalid.faults
        try:
            check(from_fields(invalid.fields, via="form"), self._desk.today(), self._desk)
        except Invalid as more:
            return more.faults | invalid.faults
        return invalid.faults

    def _again(self, fields: Mapping[str, str], codes: Mapping[str, str], had_files: bool) -> web.Response:
        faults = wording.faults(codes, self._desk.settings)
        return self._page(fields, status=422, faults=faults, had_files=had_files)

    def _not_kept(self, fields: Mapping[str, str], wait_s: float, *, had_files: bool, why: str = wording.NOT_KEPT) -> web.Response:
        words = why.format(soon=wording.soon(wait_s))
        return self._page(fields, status=503, retry_after=wait_s, trouble=words, had_files=had_files)

    def _page(
        self,
        fields: Mapping[str, str],
        *,
        status: int = 200,
        retry_after: float | None = None,
        faults: Mapping[str, str] | None = None,
        trouble: str = "",
        had_files: bool = False,
    ) -> web.Response:
        """With what was typed. The key stays: the same words, sent once more, are the same complaint."""
        return self._renderer.page(
            "form.html",
            status=status,
            keep=PRIVATE if status != 200 else OPEN,
            retry_after=retry_after,
            key=fields.get("key") or secrets.token_urlsafe(16),
            values=fields,
            fresh=status == 200,
            faults=faults or {},
            trouble=trouble,
            had_files=had_files,
            region_options=self._chosen(fields.get("region", "")),
            today=self._desk.today().isoformat(),
            **self._still,
        )

    def _chosen(self, region: str) -> Markup:
        """The options, one of them selected."""
        if not self._desk.regions.known(region):
            return self._regions
        plain = f'value="{region}"'
        return Markup(str(self._regions).replace(plain, f"{plain} selected"))  # noqa: S704 - a known code is digits and a dot


def _kept(request: web.Request, accepted: Accepted) -> web.Response:
    """303 for a browser. A script asks for the code itself: it cannot see where a redirect leads without following it."""
    place = f"/terima/{accepted.reference}"
    if request.headers.get("X-Requested-With") == "lapor":
        return web.json_response({"reference": accepted.reference}, status=201, headers={"Location": place, "Cache-Control": PRIVATE})
    return web.Response(status=303, headers={"Location": place, "Cache-Control": PRIVATE})
