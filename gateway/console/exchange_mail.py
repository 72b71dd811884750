"""A mail as it was said at the wire: the dialogue by which it came, and in it the fields above it, and its parts with their sizes.

In: octets, the code that it got, a veil. Out: rows, C for the client's lines and S for ours; no body is among them. Of the dialogue there
is what led to this mail, as far as the lines that our server writes above it tell: no recipient that it refused, no other mail. Pure.
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


def mail(raw: bytes, reference: str, veil: Veil) -> Iterator[Row]:
    """From the greeting to the yes."""
    try:
        trace, start = journey.read(raw)
    except ValueError:
        yield from _content(raw, 0, veil)
        return
    yield Row("client", veil.value(trace.ip))
    yield from _opening(trace, veil)
    yield Row("C", "DATA")
    yield Row("S", "354")
    yield from _content(raw, start, veil)
    yield Row("C", ".")
    yield Row("S", f"250 2.0.0 queued as {reference}")


def _opening(trace: journey.Trace, veil: Veil) -> Iterator[Row]:
    """Up to the recipients; of what we answered the codes."""
    yield Row("S", "220")
    if trace.tls:
        yield Row("C", "STARTTLS")
        yield Row("S", "220")
    said = (
        f"EHLO/HELO {veil.value(trace.helo)}",
        f"MAIL FROM:<{veil.value(trace.mail_from)}>{' SMTPUTF8' * trace.smtputf8}",
        *(f"RCPT TO:<{Veil(masked=False).text(recipient)}>" for recipient in trace.recipients),
    )
    for line in said:
        yield Row("C", line)
        yield Row("S", "250")


def _content(raw: bytes, start: int, veil: Veil) -> Iterator[Row]:
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
