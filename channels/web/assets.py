"""The files of the pages: style, scripts, pictures, the manifest and the service worker, each at an address that names its content.

In: the files in `static/`. Out: addresses for the templates, and answers. A browser may keep them for a year, because what changes gets
another address. Nothing here is ever fetched from anybody else.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib import resources
from typing import Final

import msgspec
from aiohttp import web

#: what is delivered under one name: on 2G a request costs more than what it brings
BUNDLES: Final[Mapping[str, Sequence[str]]] = {
    "style.css": ("style.css",),
    "app.js": ("store.js", "outbox.js", "draft.js", "shelf.js", "form.js", "page.js"),
    "mark.svg": ("mark.svg",),
    "icon-192.png": ("icon-192.png",),
    "icon-512.png": ("icon-512.png",),
    "icon-maskable.png": ("icon-maskable.png",),
}
_WORKER: Final = ("store.js", "outbox.js", "worker.js")
#: what the service worker keeps, so that the form opens without a network
_KEPT: Final = ("style.css", "app.js", "mark.svg")
_TYPES: Final = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webmanifest": "application/manifest+json",
}
_YEAR: Final = "public, max-age=31536000, immutable"
_ASK: Final = "no-cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """`packed` is empty where packing gains nothing."""

    content: bytes
    packed: bytes
    media_type: str
    digest: str


class Assets:
    """All of them, read once at start."""

    def __init__(self) -> None:
        """Raises OSError when the installation is not whole."""
        self._assets = {name: _asset(name, _joined(parts)) for name, parts in BUNDLES.items()}
        self._manifest = _asset("manifest.webmanifest", msgspec.json.encode(self._described()))
        kept = msgspec.json.encode([self.url(name) for name in _KEPT])
        self._worker = _asset("sw.js", b"const STATIC = " + kept + b";\n" + _joined(_WORKER))

    def url(self, name: str) -> str:
        """The address of a file of `BUNDLES`."""
        return f"/statis/{self._assets[name].digest}/{name}"

    async def serve(self, request: web.Request) -> web.Response:
        """A file; one that is asked for by an old address comes as it is now, and is not to be kept."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        return _answer(request, asset, _YEAR if request.match_info["digest"] == asset.digest else _ASK)

    async def manifest(self, request: web.Request) -> web.Response:
        """What an installed app is called and looks like (W3C Web Application Manifest)."""
        return _answer(request, self._manifest, _ASK)

    async def worker(self, request: web.Request) -> web.Response:
        """The service worker; at the top, because it may only speak for what lies below it."""
        return _answer(request, self._worker, _ASK)

    def _described(self) -> Mapping[str, object]:
        icons = (("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any"), ("icon-maskable.png", "512x512", "maskable"))
        return {
            "id": "/",
            "name": "LAPOR! – Layanan Aspirasi dan Pengaduan Online Rakyat",
            "short_name": "LAPOR!",
            "description": "Sampaikan laporan kepada pemerintah, juga saat tidak ada jaringan.",
            "lang": "id",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#f3f5f7",
            "theme_color": "#0b4a63",
            "icons": [{"src": self.url(name), "sizes": sizes, "type": "image/png", "purpose": purpose} for name, sizes, purpose in icons],
            "shortcuts": [{"name": "Lacak laporan", "url": "/lacak"}],
        }


def _joined(parts: Sequence[str]) -> bytes:
    folder = resources.files("channels.web") / "static"
    return b"\n".join((folder / part).read_bytes() for part in parts)


def _asset(name: str, content: bytes) -> Asset:
    packed = gzip.compress(content, 9, mtime=0)
    return Asset(
        content=content,
        packed=packed if len(packed) < len(content) * 0.9 else b"",
        media_type=_TYPES[name.rpartition(".")[2]],
        digest=blake2b(content, digest_size=6).hexdigest(),
    )


def _answer(request: web.Request, asset: Asset, keep: str) -> web.Response:
    headers = {"Cache-Control": keep, "ETag": f'"{asset.digest}"', "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return web.Response(status=304, headers=headers)
    charset = None if asset.media_type == "image/png" else "utf-8"
    packed = asset.packed and "gzip" in request.headers.get("Accept-Encoding", "")
    if packed:
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=asset.packed if packed else asset.content, headers=headers, content_type=asset.media_type, charset=charset)
