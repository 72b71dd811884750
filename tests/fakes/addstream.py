"""LAPOR!'s push interface of 2018 on loopback, with the faults of `tests.fakes.ledger` by name.

In: documents. Out: a number for each, kept in memory. It has no idea of a repeat: the same document again is another complaint.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Self
from xml.etree import ElementTree

from aiohttp import web

from tests.fakes.ledger import FAULTS, Fault

TOKEN = "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}"


class FakeAddstream:
    """`async with FakeAddstream() as fake: fake.url`."""

    def __init__(self) -> None:
        self.port = 0
        #: as they came; the number of the first is 5 in the last place, and each has the next of a stride of 5
        self.documents: list[bytes] = []
        self.calls = 0
        self.script: deque[Fault] = deque()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/stream/addstream"

    def next(self, *names: str) -> None:
        """What becomes of the next calls."""
        self.script.extend(FAULTS[name] for name in names)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/api/stream/addstream", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = site.port
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.calls += 1
        fault = self.script.popleft() if self.script else Fault()
        await asyncio.sleep(fault.delay_s)
        plain = not (fault.status or fault.drops or fault.holds)
        response = self._take(body) if fault.commits or plain else web.Response()
        if fault.drops and request.transport is not None:
            request.transport.abort()
        if fault.holds:
            await asyncio.Event().wait()
        if fault.status:
            return web.Response(status=fault.status, body=fault.body, content_type=fault.media_type, headers=fault.headers)
        return response

    def _take(self, body: bytes) -> web.Response:
        if ElementTree.fromstring(body).get("token") != TOKEN:
            return web.Response(status=403, text="<lapor><pesan>token</pesan></lapor>", content_type="text/xml")
        self.documents.append(body)
        number = 7_000_000 + 5 * len(self.documents)
        answer = f"<lapor><trackingid>{number}</trackingid><transaksiid>{len(self.documents)}</transaksiid></lapor>"
        return web.Response(text=answer, content_type="text/xml")
