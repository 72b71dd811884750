"""An agency with a JSON of its own on loopback, with the faults of `tests.fakes.faulty` by name.

In: complaints in its own words. Out: numbers, kept in memory. It has no idea of a repeat: the same complaint again is another one.
"""

from __future__ import annotations

from typing import Any, Final, Self

from aiohttp import web

from tests.fakes.faulty import Script, Server

#: how its words are ours, for [ledger.mapping]; without a way to find a complaint
MAPPING: Final[dict[str, Any]] = {
    "create": "/pengaduan",
    "fields": {
        "nomor_ref": "reference",
        "isi": "text",
        "judul": "title",
        "lokasi.kode": "location.code",
        "pelapor.telp": "reporter.address",
    },
    "fixed": {"pelapor.sumber": "SP4N"},
    "tracking_id": "data.nomor",
    "registered_at": "data.dibuat",
    "link": "data.tautan",
}
FIND: Final = "/pengaduan?ref={reference}"


class FakeAgency:
    """`async with FakeAgency() as fake: fake.url`."""

    def __init__(self) -> None:
        self.script = Script()
        self.server = Server(web.post("/api/pengaduan", self._post), web.get("/api/pengaduan", self._get))
        #: the key and the document of each complaint, in order; and the number that it got
        self.taken: list[tuple[str, dict[str, Any]]] = []
        #: the same for every complaint, when it is given
        self.number = ""
        #: said to the next calls in the place of what is true
        self.instead: list[web.Response] = []

    @property
    def url(self) -> str:
        return f"{self.server.url}/api"

    @property
    def told(self) -> list[tuple[str, str]]:
        """Reference and number of each complaint."""
        return [(sent["nomor_ref"], self._number(nth)) for nth, (_, sent) in enumerate(self.taken)]

    def next(self, *names: str) -> None:
        """What becomes of the next calls."""
        self.script.next(*names)

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.server.stop()

    def _number(self, nth: int) -> str:
        return self.number or f"ADU-2026-{nth + 1:04}"

    async def _post(self, request: web.Request) -> web.Response:
        key, sent = request.headers["Idempotency-Key"], await request.json()
        return await self.server.act(request, self.script.take("POST"), lambda: self._take(key, sent))

    def _take(self, key: str, sent: dict[str, Any]) -> web.Response:
        self.taken.append((key, sent))
        if self.instead:
            return self.instead.pop(0)
        number = self._number(len(self.taken) - 1)
        data = {"nomor": number, "dibuat": "2026-11-01T09:00:00+07:00", "tautan": "https://agency.example/1"}
        return web.json_response({"sukses": True, "data": data}, status=201)

    async def _get(self, request: web.Request) -> web.Response:
        return await self.server.act(request, self.script.take("GET"), lambda: self._found(request))

    def _found(self, request: web.Request) -> web.Response:
        if self.instead:
            return self.instead.pop(0)
        found = [{"nomor": number} for reference, number in self.told if reference == request.query.get("ref")]
        return web.json_response({"data": found})
