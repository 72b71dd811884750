"""Pages out of templates.

In: the name of a template and its values. Out: a response in UTF-8, packed when the browser takes it. It never lets a cache keep a page
that says something about a complaint, and every value is escaped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from channels.web import wording
from channels.web.assets import Assets

#: a page without anything personal: kept, and asked about before it is shown again. `no-store` would also throw away what a citizen typed
#: when he leaves the form and comes back
OPEN: Final = "no-cache"
#: a page about one complaint
PRIVATE: Final = "no-store"


class Renderer:
    """The templates, compiled as they are needed."""

    def __init__(self, assets: Assets, notice: Callable[[], tuple[str, str]] = lambda: ("", "")) -> None:
        """`assets` gives the templates the addresses of their files; `notice` as `Host.notice`."""
        self._templates = Environment(
            loader=PackageLoader("channels.web"), autoescape=True, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False
        )
        self._templates.globals["assets"] = assets
        self._templates.globals["notice"] = notice
        self._templates.filters["when"] = wording.when

    def page(self, template: str, *, status: int = 200, keep: str = OPEN, retry_after: float | None = None, **values: Any) -> web.Response:
        """`keep` is a Cache-Control; `retry_after` in seconds."""
        text = self._templates.get_template(template).render(values)
        headers = {"Cache-Control": keep, "Vary": "Accept-Encoding"}
        if retry_after is not None:
            headers["Retry-After"] = str(max(1, round(retry_after)))
        response = web.Response(text=text, status=status, content_type="text/html", headers=headers)
        response.enable_compression()
        return response

    def piece(self, template: str, **values: Any) -> Markup:
        """What is the same on every page and is put into it as it is."""
        return Markup(self._templates.get_template(template).render(values))  # noqa: S704 - a template of ours, which escaped its values

    def trouble(self, words: wording.Words, *, status: int, retry_after: float | None = None) -> web.Response:
        """A page that says what went wrong, and where to go on."""
        return self.page(
            "trouble.html", status=status, keep=PRIVATE, retry_after=retry_after, title=words.title, words=words.words, here=""
        )
