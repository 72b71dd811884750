"""The web doors of the stories: an app at the JSON API, a browser without scripts at the form, a civic client at Open311.

In: complaints. Out: what each caller was told, and what the public tracking says of the code that it got. Each sends again with the key
that it sent before, as the interface has it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Literal

import aiohttp

from tests.stories.doors import NAME
from tests.stories.senders import PICTURE, Callers, Said

_KEY = re.compile(r'name="key" value="([^"]+)"')
_ANSWERED_AT = re.compile(r"/terima/([0-9A-Z-]{14})")

Call = Callable[["Web", Said], Awaitable[bool]]


class Web:
    """One of the three ways in; `call` sends a complaint once."""

    kind = "web.site"
    full = {"503"}  # noqa: RUF012 - a constant of the protocol
    letters: Literal["none"] = "none"
    comes = False
    secrets = ("kunci-",)

    def __init__(self, call: Call) -> None:
        self._call, self._url = call, ""
        #: by complaint: the key that the form gave for it
        self.keys: dict[int, str] = {}
        #: pages that said no and had all that was typed
        self.kept_words = 0

    def table(self) -> str:
        return f'[channels.{NAME}]\nkind = "web.site"\nsubmissions_per_hour = 0\nlookups_per_minute = 0\n'

    async def open(self, stack: AsyncExitStack, public: int) -> None:
        self._url = f"http://127.0.0.1:{public}"
        timeout = aiohttp.ClientTimeout(total=20)
        self.session = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        self._callers = Callers(lambda said: self._call(self, said), gone=(aiohttp.ClientError,))
        stack.push_async_callback(self._callers.aclose)

    def say(self, said: Said) -> None:
        self._callers.say(said)

    def taken(self, said: Said) -> bool:
        return said.taken

    def reached(self) -> int:
        return self._callers.reached

    async def heard(self, said: Said) -> list[str]:
        """The tracking of the code that the receipt gave, when it says that the complaint is registered."""
        if not said.reference:
            return []
        try:
            async with self.session.get(f"{self._url}/api/v1/complaints/{said.reference}") as answer:
                status = await answer.json()
        except (aiohttp.ClientError, TimeoutError):
            return []
        return [f"{status['reference']} {status.get('tracking_id', '')}"] if status.get("status") == "registered" else []

    async def post(self, path: str, **request: Any) -> tuple[int, dict[str, str], str]:
        """Status, headers, body."""
        async with self.session.post(self._url + path, allow_redirects=False, **request) as answer:
            return answer.status, dict(answer.headers), await answer.text()

    async def page(self, path: str) -> str:
        async with self.session.get(self._url + path) as answer:
            return await answer.text()


async def by_api(web: Web, said: Said) -> bool:
    """POST /api/v1/complaints with an Idempotency-Key."""
    body = {"text": said.text, "title": "Lampu mati", "name": said.sender}
    status, headers, answer = await web.post("/api/v1/complaints", json=body, headers={"Idempotency-Key": f"kunci-{said.nth}"})
    return _told(said, status, headers, re.search(r'"reference":"([^"]+)"', answer))


async def by_form(web: Web, said: Said) -> bool:
    """The form's page first, for its key; then what a browser sends of it; after a 503, what the page of the 503 holds, once more."""
    key = web.keys.get(said.nth) or _found(_KEY, await web.page("/"))
    web.keys[said.nth] = key
    form = aiohttp.FormData(default_to_multipart=True)
    fields = {
        "key": key, "classification": "pengaduan", "title": "Lampu mati", "text": said.text, "incident_date": "2026-01-02",
        "location": "Pasar Lama", "name": said.sender,
    }  # fmt: skip
    for name, value in fields.items():
        form.add_field(name, value)
    said.files = 1
    form.add_field("files", PICTURE, filename="lampu.png", content_type="image/png")
    status, headers, answer = await web.post("/", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    if status == 503:
        assert said.text in answer
        assert _found(_KEY, answer) == key
        web.kept_words += 1
    return _told(said, status, headers, _ANSWERED_AT.search(headers.get("Location", "")), yes=303)


async def by_open311(web: Web, said: Said) -> bool:
    """POST /open311/v2/requests.json. GeoReport has no key, so an answer that was lost may make a second request of it."""
    body = {"description": said.text, "address_string": "Pasar Lama", "first_name": said.sender, "service_code": "agama"}
    status, headers, answer = await web.post("/open311/v2/requests.json", data=body)
    return _told(said, status, headers, re.search(r'"service_request_id": ?"([^"]+)"', answer), yes=201)


def _told(said: Said, status: int, headers: dict[str, str], found: re.Match[str] | None, yes: int = 201) -> bool:
    said.told.append(str(status))
    if status == 503:
        assert int(headers["Retry-After"]) >= 1
    if status != yes:
        return False
    assert found, "a yes without a reference"
    # whoever sends again gets the first reference again
    assert said.reference in {"", found[1]}
    said.reference = found[1]
    return True


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    if found is None:
        raise aiohttp.ClientPayloadError("the page has no form")
    return found[1]
