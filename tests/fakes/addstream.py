"""LAPOR!'s push interface of 2018 on loopback, with the faults of `tests.fakes.faulty` by name.

In: documents. Out: a number for each, kept in memory. It has no idea of a repeat: the same document again is another complaint.
"""

from __future__ import annotations

from typing import Self
from xml.etree import ElementTree

from aiohttp import web

from tests.fakes.faulty import Script, Server

TOKEN = "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}"


class FakeAddstream:
    """`async with FakeAddstream() as fake: fake.url`."""

    def __init__(self) -> None:
        self.script = Script()
        self.server = Server(web.post("/api/stream/addstream", self._answer))
        #: the code in each document, and its number
        self.told: list[tuple[str, str]] = []
        #: as they came; the number of the first is 5 in the last place, and each has the next of a stride of 5
        self.documents: list[bytes] = []
        self.calls = 0
        #: the same for every document, when it is given
        self.number = ""

    @property
    def url(self) -> str:
        return f"{self.server.url}/api/stream/addstream"

    def next(self, *names: str) -> None:
        """What becomes of the next calls."""
        self.script.next(*names)

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.server.stop()

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.calls += 1
        return await self.server.act(request, self.script.take("POST"), lambda: self._take(body))

    def _take(self, body: bytes) -> web.Response:
        if ElementTree.fromstring(body).get("token") != TOKEN:
            return web.Response(status=403, text="<lapor><pesan>token</pesan></lapor>", content_type="text/xml")
        self.documents.append(body)
        number = self.number or str(7_000_000 + 5 * len(self.documents))
        words = ElementTree.fromstring(body).findtext("laporan/isi") or ""
        self.told.append((words.rpartition(": ")[2], number))
        answer = f"<lapor><trackingid>{number}</trackingid><transaksiid>{len(self.documents)}</transaksiid></lapor>"
        return web.Response(text=answer, content_type="text/xml")
