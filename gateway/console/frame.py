"""Templates, and the files that pages need, at addresses that name their content.

In: a template's name, a language, values. Out: HTML, in which every value is escaped and no word is missing. It fetches nothing from
anybody else.
"""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from importlib import resources
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_environment

from gateway.console import words
from gateway.console.roles import Role, may
from gateway.console.words import Language

_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "png": "image/png"}
#: for so long, in seconds, a page may have the loop for itself
MOMENT_S: Final = 0.005
#: what everybody opens first is got ready so many seconds after the start, when that has no need of the processor any more
_CALM_S: Final = 3.0
_FIRST: Final = ("frame.html", "overview.html", "overview_live.html", "figures.html")
_YEAR: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the menu: `key` is one of the words of `frame`. `more`: it stands behind "more" where the menu is one line."""

    path: str
    key: str
    role: Role
    more: bool = False


class Frame:
    """What every page is put into."""

    def __init__(self, menu: Sequence[Entry], *, name: str, zone: ZoneInfo) -> None:
        """`name` of the office, `zone` in which it tells times. Raises OSError or ValueError when the installation is not whole."""
        self.words = words.load()
        own = resources.files("gateway.console") / "static"
        found = [file for folder in (own, own / "vendor") for file in folder.iterdir() if file.is_file()]
        self._files = {file.name: _File.of(file.read_bytes()) for file in found}
        self._templates = Environment(
            loader=PackageLoader("gateway.console"), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
        )
        self._templates.globals.update(menu=menu, office=name, say=words.say, may=may, file=self._address)
        self._templates.filters["attr"] = _word
        self._templates.filters["clock"] = lambda at: _clock(datetime.fromtimestamp(_seconds(at), zone), datetime.now(zone))
        self._templates.filters["when"] = lambda at: datetime.fromtimestamp(_seconds(at), zone).strftime("%d-%m-%Y %H.%M.%S")

    def rendered(self, template: str, language: Language, **values: Any) -> str:
        """Raises jinja2's UndefinedError for a word or value that is not there."""
        return self._templates.get_template(template).render(w=self.words[language], language=language, **values)

    async def unhurried(self, template: str, language: Language, **values: Any) -> str:
        """The same of a long one, a little at a time, so that messages that come meanwhile wait no longer than a moment."""
        parts, until = list[str](), time.perf_counter() + MOMENT_S
        for part in self._templates.get_template(template).generate(w=self.words[language], language=language, **values):
            parts.append(part)
            if time.perf_counter() > until:
                await asyncio.sleep(0)
                until = time.perf_counter() + MOMENT_S
        return "".join(parts)

    async def readied(self) -> None:
        """To make code of these templates takes longer than to fill them: whoever opens the overview first need not wait for it."""
        await asyncio.sleep(_CALM_S)
        for name in _FIRST:
            await asyncio.to_thread(self._templates.get_template, name)

    async def serve(self, request: web.Request) -> web.Response:
        """A file; it may be kept for a year, because what changes gets another address."""
        name = request.match_info["name"]
        file = self._files.get(name)
        if file is None:
            raise web.HTTPNotFound
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        headers = {"Cache-Control": _YEAR, "Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if packed else {})
        kind = _TYPES.get(name.rpartition(".")[2], "application/octet-stream")
        return web.Response(body=file.packed if packed else file.content, content_type=kind, headers=headers)

    def _address(self, name: str) -> str:
        return f"/static/{self._files[name].digest}/{name}"


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    packed: bytes
    digest: str

    @classmethod
    def of(cls, content: bytes) -> _File:
        return cls(content, gzip.compress(content, 9, mtime=0), blake2b(content, digest_size=6).hexdigest())


@pass_environment
def _word(environment: Environment, words: object, key: str) -> Any:
    """Jinja's own looks for the traps of templates that strangers wrote, which is a fifth of what the overview takes."""
    try:
        return getattr(words, key)
    except AttributeError:
        return environment.undefined(obj=words, name=key)


def _clock(at: datetime, now: datetime) -> str:
    """As short as can be understood: the minute of today, else the day too."""
    return f"{at:%H.%M}" if at.date() == now.date() else f"{at:%d-%m %H.%M}"


def _seconds(at: datetime | float) -> float:
    return at.timestamp() if isinstance(at, datetime) else at
