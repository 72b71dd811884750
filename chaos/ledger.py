"""The ledger: registers complaints as `forwarder/ledger-api.yaml` says, and goes wrong as it is told.

In: HTTP/1.1 calls. Out: registrations, by reference, in a database of its own and in the book; a record is compared with the words that
were sent. Registering a reference again gives the first registration, as the API demands: what would be a fault is one message under
two references.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import parse_qs, unquote, urlsplit

from chaos.book import Book
from chaos.message import message, serial_of

#: what goes wrong with every call while it lasts. `lost` and `half` happen after the registration is on disk, the others before
Trouble = Literal["", "503", "500", "hang", "slow", "reset", "lost", "lost_500", "half", "html"]
TROUBLES: tuple[Trouble, ...] = ("503", "500", "hang", "slow", "reset", "lost", "lost_500", "half", "html")
#: seconds
SLOW_S = 1.5
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_AFTER: tuple[Trouble, ...] = ("lost", "lost_500", "half", "html")

Reply = tuple[int, Mapping[str, Any]]


class Ledger:
    """`trouble` is what goes wrong now."""

    def __init__(self, path: Path, book: Book, seed: int) -> None:
        self._book, self._seed = book, seed
        self.trouble: Trouble = ""
        self.connections: set[Connection] = set()
        self._db = sqlite3.connect(path, isolation_level=None)
        # it lives as long as the run: the process that is never killed is this one
        self._db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
        self._db.execute("CREATE TABLE entries (number INTEGER PRIMARY KEY, reference TEXT UNIQUE NOT NULL) STRICT")
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> None:
        """Until `close`."""
        self._server = await asyncio.get_running_loop().create_server(lambda: Connection(self), host, port, backlog=1024)

    def hang_up(self) -> None:
        """All connections at once."""
        for connection in list(self.connections):
            connection.reset()

    def close(self) -> None:
        """For good."""
        self.hang_up()
        if self._server is not None:
            self._server.close()
        self._db.close()

    def reply(self, method: str, target: str, body: bytes) -> Reply:
        """Status and body for one call; what it registers is on disk then."""
        path = urlsplit(target)
        if method == "POST" and path.path == "/complaints":
            return 201, self._register(json.loads(body))
        if method == "POST" and path.path == "/complaints:batch":
            return 200, {"results": [self._register(record) | {"status": 201} for record in json.loads(body)["complaints"]]}
        if method == "GET" and path.path == "/complaints":
            return self._found(parse_qs(path.query).get("reference", [""])[0])
        if method == "PUT" and path.path.startswith("/complaints/"):
            return self._amend(unquote(path.path.removeprefix("/complaints/")), json.loads(body))
        return 404, {"title": "no such path"}

    def _register(self, record: dict[str, Any]) -> dict[str, Any]:
        reference = str(record["reference"])
        number = self._number(reference)
        if number is not None:
            self._book.write("again", number)
            return _registration(reference, number)
        state, serial = self._judged(record)
        if serial is None:
            self._book.write("strange", "record_that_nobody_sent")
            return _registration(reference, 10_000_000)
        number = self._book.entry(serial, reference, state)
        self._db.execute("INSERT INTO entries VALUES (?, ?)", (number, reference))
        return _registration(reference, number)

    def _amend(self, reference: str, record: dict[str, Any]) -> Reply:
        number = self._number(reference)
        if number is None:
            return 404, {"title": "unknown reference"}
        state, serial = self._judged(record)
        self._book.write("amend", number, serial, reference, state)
        return 200, _registration(reference, number)

    def _found(self, reference: str) -> Reply:
        number = self._number(reference)
        if number is None:
            return 404, {"title": "unknown reference"}
        self._book.write("found", number)
        return 200, _registration(reference, number)

    def _number(self, reference: str) -> int | None:
        row = self._db.execute("SELECT number FROM entries WHERE reference = ?", (reference,)).fetchone()
        return None if row is None else int(row[0])

    def _judged(self, record: dict[str, Any]) -> tuple[str, int | None]:
        """Whether a record says what was sent, and which message it is."""
        serial = serial_of(self._seed, record["text"])
        if serial is None or serial >= self._book.count:
            return "strange", None
        sent = message(self._seed, serial)
        address = (record.get("reporter") or {}).get("address") or ""
        if sent.kind != "web" and address.removeprefix("+") != sent.sender:
            return "of_somebody_else", serial
        return ("whole" if record["text"].strip() == sent.text else "not_as_sent"), serial


def _registration(reference: str, number: int) -> dict[str, Any]:
    return {
        "reference": reference, "tracking_id": str(number), "registered_at": "2026-01-01T00:00:00Z",
        "url": f"http://ledger.example/laporan/{number}",
    }  # fmt: skip


class Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, as far as the gateway's calls need it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._buffer = ledger, b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ledger.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ledger.connections.discard(self)
        self._transport = None

    def reset(self) -> None:
        """Hang up without a word."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Answer each call that is complete."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._buffer, 0, end)
            size = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < size:
                return
            head, body, self._buffer = self._buffer[:end], self._buffer[end + 4 : size], self._buffer[size:]
            method, target, _ = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
            self._called(self._ledger.trouble, method, target, body)

    def _called(self, trouble: Trouble, method: str, target: str, body: bytes) -> None:
        if trouble in {"", "slow", *_AFTER}:
            reply = self._ledger.reply(method, target, body)
        match trouble:
            case "":
                self._say(*reply)
            case "slow":
                asyncio.get_running_loop().call_later(SLOW_S, self._say, *reply)
            case "503" | "500":
                self._say(int(trouble), {"title": "maintenance"})
            case "lost_500":
                self._say(500, {"title": "committed, and fallen over"})
            case "half":
                self._say(*reply, cut=True)
            case "html":
                self._say(200, None)
            case "reset" | "lost":
                self.reset()
            case "hang":
                pass

    def _say(self, status: int, body: Mapping[str, Any] | None, *, cut: bool = False) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        text, kind = (b"<html>Selamat datang</html>", "text/html") if body is None else (json.dumps(body).encode(), "application/json")
        head = f"HTTP/1.1 {status} As said\r\nContent-Type: {kind}\r\nContent-Length: {len(text)}\r\n\r\n".encode()
        if cut:
            self._transport.write(head + text[: len(text) // 2])
            self._transport.close()
            return
        self._transport.write(head + text)
