"""An app at the JSON API: hands complaints in with an Idempotency-Key, and asks in the end what became of them.

In: messages, references. Out: HTTP/1.1 calls, each on a connection of its own; what they were told.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, NamedTuple

from chaos.book import Book
from chaos.message import Message
from chaos.senders import Address, Told

COMPLAINTS = "/api/v1/complaints"


class Answer(NamedTuple):
    """Of one call; the body is None when it is no JSON."""

    status: int
    body: Any


async def hand_in(door: Address, message: Message) -> Told:
    """One try. Raises OSError, EOFError or ValueError when no whole answer came."""
    body = json.dumps({"text": message.text, "title": "Laporan warga", "name": "Warga"}).encode()
    answer = await call(door, "POST", COMPLAINTS, body, {"Idempotency-Key": f"kunci-{message.serial}"})
    if answer.status == 201:
        return Told(str(answer.body["reference"]))
    return Told("", str(answer.status))


async def look_up(book: Book, door: Address, reference: str, address: str) -> bool:
    """Whether the public tracking says that it is registered; what it says is what its sender hears."""
    answer = await call(door, "GET", f"{COMPLAINTS}/{reference}")
    if answer.status != 200 or answer.body.get("status") != "registered":
        return False
    book.heard("web", address, str(answer.body["reference"]), str(answer.body.get("tracking_id", "")))
    return True


async def call(door: Address, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
    """Raises OSError, EOFError or ValueError."""
    reader, writer = await asyncio.open_connection(*door)
    try:
        told = {"Host": f"{door.host}:{door.port}", "Connection": "close", "Content-Length": str(len(body)), **(headers or {})}
        if body:
            told["Content-Type"] = "application/json"
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
        writer.write("\r\n".join(lines).encode("ascii") + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        said = await reader.readexactly(int(fields.get("content-length", "0")))
        return Answer(int(head[0].split(" ")[1]), json.loads(said) if "json" in fields.get("content-type", "") else None)
    finally:
        writer.close()
