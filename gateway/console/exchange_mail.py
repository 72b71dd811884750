"""A mail as it was said at the wire: the envelope, the fields above it, what others proved of it, its parts with their sizes.

In: octets, a veil. Out: rows; no body is among them. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from channels.email import fields, journey
from channels.email.structure import Node, read_structure
from gateway.console.exchange_fields import Row, Veil

#: shown as they are; a person is in none of them
_PLAIN: Final = frozenset({
    "content-type", "content-transfer-encoding", "mime-version", "date", "auto-submitted", "precedence", "x-auto-response-suppress",
    "importance", "x-priority", "authentication-results", "arc-authentication-results", "received-spf",
})  # fmt: skip
_SHOWN_NAME: Final = 80


def mail(raw: bytes, veil: Veil) -> Iterator[Row]:
    """From the envelope to the last part."""
    try:
        trace, start = journey.read(raw)
    except ValueError:
        start = 0
    else:
        yield Row("MAIL FROM", veil.value(trace.mail_from) or "<>")
        for recipient in trace.recipients:
            yield Row("RCPT TO", Veil(masked=False).text(recipient))
        yield Row("client", f"{veil.value(trace.ip)} {veil.value(trace.helo)}")
        yield Row("TLS", "yes" if trace.tls else "no")
    root = read_structure(raw, start)
    for name, values in root.fields.items():
        for value in values:
            yield Row(name[:_SHOWN_NAME], _field(name, fields.text(value), veil))
    for number, leaf in enumerate(root.leaves(), 1):
        yield Row(f"part {number}", leaf.kind, f"{leaf.start:04x}", _part(leaf))
    for defect in root.defects():
        yield Row("defect", defect)


def _field(name: str, said: str, veil: Veil) -> str:
    if name == "subject":
        return veil.text(said)
    # of a type the words may be a file's name
    shown = said.partition(";")[0] if name == "content-type" and veil.masked else said
    return veil.text(shown) if name in _PLAIN else veil.value(said)


def _part(leaf: Node) -> str:
    words = [f"{leaf.end - leaf.start} octets", leaf.encoding, leaf.parameters.get("charset", ""), leaf.disposition]
    return ", ".join(filter(None, words))
