"""The calls of the fixture files, written by hand in the forms that Kannel, Jasmin, Twilio and others publish; and channels for them.

In: names. Out: `Request`s as the public address makes them, and `Push` channels that could take them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from channels.base import Arrival, InboundMessage, Part, Request
from channels.sms import push

FOLDER = Path(__file__).parent / "pushes"
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
KEY = "kunci-agregator"
#: what each profile needs beside itself; all are called from 192.0.2.7
TABLES: dict[str, dict[str, Any]] = {
    "generic": {"path": "/sms/agregator", "secret": KEY},
    "kannel": {"path": "/sms/kannel", "allow_from": ["192.0.2.0/24"]},
    "jasmin": {"path": "/sms/jasmin", "allow_from": ["192.0.2.7"]},
    "twilio": {"path": "/sms/twilio", "allow_from": ["192.0.2.7"]},
}


def called(name: str, **changes: Any) -> Request:
    """The call of a fixture file, with some of it changed."""
    head, _, body = (FOLDER / f"{name}.http").read_bytes().partition(b"\n\n")
    first, *lines = head.decode().splitlines()
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    request = Request(
        method=method,
        path=path,
        query=dict(reversed(pairs)),
        headers=dict(line.split(": ", 1) for line in lines),
        body=body.removesuffix(b"\n"),
        received_at=NOW,
        client="192.0.2.7",
    )
    return msgspec.structs.replace(request, **changes)


def door(profile: str = "generic", **table: Any) -> push.Push:
    """A channel of that profile."""
    whole = {"profile": profile, "send_url": "http://127.0.0.1:9/send"} | TABLES[profile] | table
    return push.channel("agregator", msgspec.convert(whole, push.Settings))


def asked(text: str | None = "jalan rusak", sender: str = "+628120000001", **fields: Any) -> Request:
    """A push of the generic aggregator; None takes a field away."""
    content = {"id": "m-1", "from": sender, "to": "1708", "text": text, "secret": KEY} | fields
    body = msgspec.json.encode({name: value for name, value in content.items() if value is not None})
    return called("generic_json", body=body)


def kept(channel: push.Push, request: Request) -> Arrival | Part:
    """What is to be put on disk."""
    delivery = channel.read(request)
    whats: list[Arrival | Part] = [*delivery.arrivals, *delivery.parts]
    assert len(whats) == 1
    return whats[0]


def said(channel: push.Push, *requests: Request) -> InboundMessage:
    """What the calls say together."""
    whats = [kept(channel, request) for request in requests]
    parts = [what for what in whats if isinstance(what, Part)]
    raw = b"" if parts else whats[0].raw
    return channel.decode(Arrival(channel="agregator", source_id="f", raw=raw, received_at=NOW), parts)
