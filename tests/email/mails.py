"""The mails of the fixture files, and what our server would have put on disk of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from channels.base import Arrival, InboundMessage
from channels.email import journey, mime
from channels.email.mime import Own

FOLDER = Path(__file__).parent / "mails"
NAMES = sorted(path.stem for path in FOLDER.glob("*.eml"))
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OWN = Own(addresses=frozenset({"lapor@lapor.example"}), id_domains=frozenset({"lapor.example"}))
CITIZEN = "budi@warga.example"


def captured(name: str) -> bytes:
    """The octets of a fixture."""
    return (FOLDER / f"{name}.eml").read_bytes()


def kept(data: bytes, sender: str = CITIZEN) -> bytes:
    """The raw of an arrival: our block above what was sent."""
    trace = journey.Trace(
        mail_from=sender, recipients=("lapor@lapor.example",), ip="192.0.2.7", helo="mx.warga.example", tls=True, smtputf8=False
    )
    return journey.written(trace, "mail.lapor.example", NOW) + data


def said(data: bytes, sender: str = CITIZEN, own: Own = OWN) -> InboundMessage:
    """What the gateway is told of it."""
    return mime.message(Arrival(channel="surel", source_id="s1", raw=kept(data, sender), received_at=NOW), own)


def heard(name: str, sender: str = CITIZEN) -> InboundMessage:
    """What the gateway is told of a fixture."""
    return said(captured(name), sender)


def letter(*lines: str, body: str | bytes = "Jalan rusak.\r\n") -> bytes:
    """A mail with these lines in its header, and a sender when they name none."""
    head = [*lines] if any(line.lower().startswith("from") for line in lines) else [f"From: {CITIZEN}", *lines]
    return "\r\n".join([*head, "", ""]).encode("utf-8", "surrogateescape") + (body if isinstance(body, bytes) else body.encode())
