"""A ledger that costs next to nothing, so that what is measured is the gateway. Run as a process of its own.

`POST /away` has it answer 503 to everything else until `POST /back`; `GET /order` lists the messages' serial numbers as they came.

In: the ledger API of `forwarder/ledger-api.yaml` (one complaint, a batch, find by reference), and a plain GET for peers that know no
JSON. Out: registrations, counted: `GET /counts` tells how many calls came, how many references were registered and how often one
came again, and how many different messages were seen. It keeps everything in memory and forgets it at its end.

    python -m bench.ledger --port 9090 [--delay-ms 5]
"""

from __future__ import annotations

import argparse
import asyncio
import re
from typing import Any, cast

import msgspec
import uvloop

#: each message of `bench.smsc` carries its serial number
SERIAL = re.compile(r"no(\d{8})")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
REFERENCE = re.compile(rb"[?&]reference=([0-9A-Za-z-]+)")
JSON, PLAIN = b"application/json", b"text/plain"


class Record(msgspec.Struct):
    """What a ledger that only counts needs of a complaint."""

    reference: str
    text: str = ""


class Batch(msgspec.Struct):
    """The body of `POST /complaints:batch`."""

    complaints: list[Record]


class Counts(msgspec.Struct):
    """The body of `GET /counts`."""

    calls: int = 0
    registered: int = 0
    repeats: int = 0
    messages: int = 0


class Ledger:
    """Registrations by reference, in memory."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._numbers: dict[str, str] = {}
        #: in the order in which they came
        self._serials: dict[str, None] = {}
        self._away = False

    def answer(self, head: bytes, body: bytes) -> tuple[int, bytes, bytes]:
        """Status, media type and body for one call."""
        if head.startswith(b"GET /counts"):
            return 200, JSON, msgspec.json.encode(self.counts)
        if head.startswith(b"GET /order"):
            return 200, JSON, msgspec.json.encode(list(map(int, self._serials)))
        if head.startswith((b"POST /away", b"POST /back")):
            self._away = head.startswith(b"POST /away")
            return 200, JSON, b"{}"
        self.counts.calls += 1
        if self._away:
            return 503, JSON, b'{"title": "maintenance"}'
        line = head.split(b"\r\n", 1)[0]
        if line.startswith(b"POST /complaints:batch"):
            results = [self._register(record) for record in msgspec.json.decode(body, type=Batch).complaints]
            return 200, JSON, msgspec.json.encode({"results": results})
        if line.startswith(b"POST /complaints"):
            return 201, JSON, msgspec.json.encode(self._register(msgspec.json.decode(body, type=Record)))
        if line.startswith(b"GET /complaints?"):
            return self._find(line)
        if line.startswith(b"GET /plain?"):
            self._saw(line.decode("latin-1"))
            return 200, PLAIN, b"Laporan Anda kami terima."
        return 404, JSON, b"{}"

    def _find(self, line: bytes) -> tuple[int, bytes, bytes]:
        found = REFERENCE.search(line)
        reference = found[1].decode() if found else ""
        if reference not in self._numbers:
            return 404, JSON, b"{}"
        return 200, JSON, msgspec.json.encode(self._registration(reference))

    def _register(self, record: Record) -> dict[str, Any]:
        if record.reference in self._numbers:
            self.counts.repeats += 1
        else:
            self._numbers[record.reference] = str(20_000_000 + len(self._numbers))
            self.counts.registered += 1
            self._saw(record.text)
        return self._registration(record.reference) | {"status": 201}

    def _registration(self, reference: str) -> dict[str, Any]:
        number = self._numbers[reference]
        url = f"http://127.0.0.1/laporan/{number}"
        return {"reference": reference, "tracking_id": number, "registered_at": "2026-01-01T00:00:00Z", "url": url}

    def _saw(self, text: str) -> None:
        found = SERIAL.search(text)
        if found:
            self._serials[found[1]] = None
            self.counts.messages = len(self._serials)


class Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, as far as a client that is known needs it."""

    def __init__(self, ledger: Ledger, delay_s: float) -> None:
        self._ledger, self._delay_s, self._buffer = ledger, delay_s, b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer each call that is complete."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(self._buffer, 0, end)
            size = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < size:
                return
            head, body, self._buffer = self._buffer[:end], self._buffer[end + 4 : size], self._buffer[size:]
            if self._delay_s:
                asyncio.get_running_loop().call_later(self._delay_s, self._answer, head, body)
            else:
                self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        try:
            status, kind, text = self._ledger.answer(head, body)
        except msgspec.DecodeError:
            status, kind, text = 422, JSON, b'{"title": "unreadable"}'
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"HTTP/1.1 %d OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (status, kind, len(text), text))


async def serve(port: int, delay_s: float) -> None:
    """Until the process ends."""
    ledger = Ledger()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(ledger, delay_s), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.ledger", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay-ms", type=float, default=0.0, help="each call waits so long for its answer")
    given = parser.parse_args()
    uvloop.run(serve(given.port, given.delay_ms / 1000))
